"""Who looks at a page: the session cookie, the sign-in redirect, and the guard against forged forms."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx
from fastapi import Request
from starlette.datastructures import URL

from services.console.cookie import session_of
from shared.http.auth import Guard
from shared.http.client import Services
from shared.http.hosts import Hosts
from shared.http.problems import Problem
from shared.security.policy import Permission, reach
from shared.security.principal import AT_PLATFORM, PLATFORM, ROLE_NAMES, Principal, Role

_KEY = re.compile(r"[A-Za-z0-9-]{8,128}")
_VERSION = re.compile(r"[0-9]{1,9}")


class SignInFirst(Exception):
    """Nobody is signed in: the page sends to the sign-in, and back afterwards."""

    def __init__(self, back_to: str) -> None:
        super().__init__(back_to)
        self.location = f"/sign-in?next={quote(back_to, safe='')}"


class ChangePasswordFirst(Exception):
    """The visitor's password was chosen by an administrator: every page leads to changing it."""


class Refused(Exception):
    """A service refused; ``problem`` is its document. The page that asked shows it beside what was typed."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(problem.get("detail", ""))
        self.status, self.problem = status, dict(problem)

    @property
    def sentence(self) -> str:
        """Return the Chinese sentence for people."""
        return str(self.problem.get("detail", "暂时无法完成，请稍后再试。"))


@dataclass(frozen=True, slots=True)
class Visitor:
    """The signed-in person of one page request, and their way to the services."""

    principal: Principal
    bearer: str
    services: Services
    answers: dict[tuple[str, ...], httpx.Response] = field(default_factory=dict, repr=False, compare=False)
    """What was asked for this page: its parts need the same tree, and one look at it is one record of reading."""

    def may(self, permission: str) -> bool:
        """Tell whether a menu entry or button of this permission is theirs."""
        return not reach(self.principal, Permission(permission)).nothing

    def may_at(self, permission: str, agency_id: str, organisation_id: str) -> bool:
        """Tell whether a permission carries to an organisation: a button on what is another's would mislead."""
        return reach(self.principal, Permission(permission)).covers(agency_id, organisation_id)

    @property
    def agencies(self) -> list[str]:
        """The agencies where a role is held, in the order of the roles; the platform itself is none."""
        return [a for a in dict.fromkeys(g.agency_id for g in self.principal.grants) if a != PLATFORM]

    def agencies_seen(self) -> list[str]:
        """Return those whose tree may be read: an inspector has roles in more of them than a mandate opens."""
        seen = reach(self.principal, Permission.SEE_ORGANISATION).agencies
        return [a for a in self.agencies if a in seen]

    @property
    def role_name(self) -> str:
        """Return the role of the first grant as people say it: 综合文稿支部组织委员, 中心机关党总支书记."""
        if not self.principal.grants:
            return "尚无角色"
        grant = self.principal.grants[0]
        organisation, role = grant.organisation_name, ROLE_NAMES[grant.role]
        if grant.role in AT_PLATFORM:
            return role
        office = role.removeprefix("支部").removeprefix("机关党总支")
        gap = "" if grant.role is Role.MEMBER or office != role else " "
        return f"{organisation}{gap}{office}"

    def require(self, permission: str) -> None:
        """Refuse a page whose permission is not theirs; the services decide again on what it asks of them.

        Raises:
            Refused: 403.
        """
        if not self.may(permission):
            raise Refused(403, {"detail": "您的角色没有这项权限；如确有需要，请联系本机关管理员。"})

    async def ask(self, context: str, method: str, path: str, **options: Any) -> httpx.Response:
        """Call a service in the visitor's name.

        Raises:
            Refused: the service answered with a problem document.
        """
        if method != "GET":
            self.answers.clear()
        answer = await self.services.request(context, method, path, self.bearer, **options)
        if answer.is_error:
            raise Refused(answer.status_code, problem_of(answer))
        return answer

    async def get(self, context: str, path: str, **params: Any) -> Any:
        """Return the JSON of a query, asked once a page; parameters that are None are left out."""
        given = {k: v for k, v in params.items() if v is not None}
        query = (context, path, repr(sorted(given.items())))
        if query not in self.answers:
            self.answers[query] = await self.ask(context, "GET", path, params=given)
        return self.answers[query].json()

    async def send(
        self, context: str, path: str, key: str | None = None, version: str | None = None, **options: Any
    ) -> dict[str, Any]:
        """Send a command and return its answer; ``key`` makes a form that is sent twice one command.

        ``version`` is the one that the person looked at: a change in between is told, not overwritten. Both come out of
        a form, where anybody may write anything: a key that is none is left out.

        Raises:
            Refused: the service refused; the form shows the sentence beside what was typed. 400 where the version is
                none.
        """
        headers = {"Idempotency-Key": key} if key and _KEY.fullmatch(key) else {}
        if version:
            if not _VERSION.fullmatch(version):
                raise Refused(400, {"detail": "表单里的版本号不对，请刷新页面后再提交。"})
            headers["If-Match"] = f'"{version}"'
        answer: dict[str, Any] = (await self.ask(context, "POST", path, headers=headers, **options)).json()
        return answer


class SignedIn(Guard):
    """A dependency: the visitor, or the way to the sign-in page. Refuses forms that another site sent.

    Whoever must change the password gets through only ``with_any_password``.
    """

    def __init__(self, *, with_any_password: bool = False) -> None:
        self._with_any_password = with_any_password

    async def __call__(self, request: Request) -> Visitor:
        """Return the visitor."""
        refuse_forged(request)
        services: Services = request.app.state.services
        bearer = session_of(request)
        after = {"after": token} if (token := request.query_params.get("after")) else {}
        answer = await services.request("access", "GET", "/api/access/me", bearer, params=after) if bearer else None
        if bearer is None or answer is None or answer.status_code == 401:
            raise SignInFirst(_here(request))
        if answer.is_error:
            raise Refused(answer.status_code, problem_of(answer))
        visitor = Visitor(Principal.model_validate(answer.json()), bearer, services)
        if visitor.principal.must_change_password and not self._with_any_password:
            raise ChangePasswordFirst
        request.state.visitor = visitor
        return visitor


class Anyone(Guard):
    """A dependency: a page for people who are not signed in. Refuses forms that another site sent."""

    def __call__(self, request: Request) -> None:
        """Let everyone through whose form is ours."""
        refuse_forged(request)


def refuse_forged(request: Request) -> None:
    """Refuse a changing request that no page of ours began (CSRF); what does not say where it comes from is refused.

    Raises:
        Problem: 403.
    """
    hosts: Hosts = request.app.state.hosts
    if request.method not in {"GET", "HEAD"} and not hosts.sent_from_own_page(request.headers):
        raise Problem(403, "cross-site", "这个操作不是从本平台的页面发出的，没有执行；请打开页面重新提交。")


def forwarded(request: Request) -> dict[str, str]:
    """Return the headers that tell a service which browser asks: failed sign-ins are counted by its address.

    What the browser calls itself is shown to its owner in the list of sessions.
    """
    agent = request.headers.get("user-agent", "")
    said = {"User-Agent": agent} if agent.isascii() else {}
    return said | {"X-Forwarded-For": request.client.host} if request.client else said


def local_path(target: str | None) -> str:
    """Return where to go after signing in: a path of this site, else the desk.

    Browsers read a backslash as a slash and drop tabs and line ends: ``/<tab>/elsewhere`` would leave the site.
    """
    local = target is not None and target.startswith("/") and not target.startswith("//")
    if local and target is not None and target.isprintable() and "\\" not in target:
        return target
    return "/"


def problem_of(answer: httpx.Response) -> dict[str, Any]:
    """Return the problem document of a refusal, or an empty one where the answer is none."""
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _here(request: Request) -> str:
    """Return the page to come back to: this one, or the one whose form was being sent (its draft is kept there)."""
    if request.method == "GET" and "hx-request" not in request.headers:
        shown = request.url
    else:
        shown = URL(request.headers.get("hx-current-url") or request.headers.get("referer") or "/")
    try:
        return local_path(f"{shown.path}?{shown.query}" if shown.query else shown.path)
    except ValueError:  # no address at all, such as http://[x
        return "/"
