"""Under which names the platform is asked, and whether a changing request comes from a page of its own."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from shared.http.problems import problem_response
from shared.settings import Settings

THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "[::1]"})
ANY_ADDRESS = frozenset({"0.0.0.0", "::", ""})  # compared with, never listened on  # noqa: S104  # nosec B104
PROBED = frozenset({"/livez", "/readyz", "/metrics"})
"""Asked by orchestrators under whatever address a process has; they tell nothing of anyone, or ask for a token."""

UNKNOWN_HOST = (
    "这个网址不是本平台登记的地址，没有处理。请改用管理员告知的网址；新的网址由管理员写入 LIUHEN_ALLOWED_HOSTS。"
)
_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?")
_DEFAULT_PORT = {"http": ":80", "https": ":443"}


@dataclass(frozen=True, slots=True)
class Hosts:
    """The names that are known, and the ``origins`` (``name[:port]``) under which people's browsers know the pages.

    A name nobody wrote down is refused: a foreign site may point a name of its own at this machine, and the browser
    would take what it reads here for that site's.
    """

    names: frozenset[str]
    origins: frozenset[str]
    https_only: bool = False

    @classmethod
    def of(cls, settings: Settings) -> "Hosts":
        """Return what the settings name: the public names, the address listened on, the services' own."""
        public = {name.strip().lower() for name in settings.allowed_hosts.split(",") if name.strip()}
        origin = _origin(settings.public_url or "")
        urls = (settings.public_url or "", *settings.service_urls.values())
        inner = {settings.host, *(urlsplit(url).hostname or "" for url in urls)} - ANY_ADDRESS
        names = public | {_bracketed(name.lower()) for name in inner} | THIS_MACHINE
        return cls(frozenset(names), frozenset(public | {origin} if origin else public), settings.secure_cookies)

    def admit(self, host: str) -> bool:
        """Tell whether a request's Host, with or without a port, is one of the names."""
        said = _HOST.fullmatch(host.lower())
        return said is not None and said["name"] in self.names

    def sent_from_own_page(self, headers: Mapping[str, str]) -> bool:
        """Tell whether a browser's changing request was begun by a page of this platform (no forgery, CSRF).

        The browser says so by Sec-Fetch-Site; where it does not (plain HTTP, an old one), by an Origin that is the Host
        asked or a public one. A browser sends one of them with every form: what has neither is no form of ours.
        """
        site, said = headers.get("sec-fetch-site"), headers.get("origin", "")
        if site == "same-origin":
            return True
        origin = _origin(said)
        if site not in {None, "none"} or origin is None or (self.https_only and not said.startswith("https:")):
            return False
        return origin in self.origins or (origin == headers.get("host", "").lower() and self.admit(origin))


class HostMiddleware:
    """Refuses a request under a name that is not known, before anything reads it."""

    def __init__(self, app: ASGIApp, hosts: Hosts) -> None:
        self.app, self._hosts = app, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it with 400."""
        if scope["type"] == "http" and scope["path"] not in PROBED and not self._known(scope):
            await problem_response(400, "unknown-host", UNKNOWN_HOST)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _known(self, scope: Scope) -> bool:
        said = [value for name, value in scope["headers"] if name == b"host"]
        return len(said) == 1 and self._hosts.admit(said[0].decode("latin-1"))


def _bracketed(name: str) -> str:
    return f"[{name}]" if ":" in name else name


def _origin(url: str) -> str | None:
    """Return ``name[:port]`` of an origin, without the port that its scheme has anyway; None: it is none."""
    scheme, separator, rest = url.lower().partition("://")
    if not separator or scheme not in _DEFAULT_PORT:
        return None
    return rest.removesuffix("/").removesuffix(_DEFAULT_PORT[scheme])
