"""The console's cookies: kept, read and dropped under one name with the same flags, or browsers would not drop them."""

from dataclasses import dataclass

from fastapi import Request, Response

from shared.settings import Settings


@dataclass(frozen=True, slots=True)
class Cookie:
    """One cookie. Behind HTTPS its name has a prefix that binds it.

    ``__Host-``: browsers take it from this very host only, never from a sibling or over HTTP. ``__Secure-``, for one
    that is sent to a part of the site only: never over HTTP.
    """

    name: str
    path: str = "/"

    def read(self, request: Request) -> str | None:
        """Return the value as the browser brought it, or None."""
        return request.cookies.get(self._named(_settings(request)))

    def keep(self, request: Request, response: Response, value: str, seconds: int) -> None:
        """Have the browser keep the value for so long; no script and no other site's form ever has it."""
        settings = _settings(request)
        response.set_cookie(
            self._named(settings),
            value,
            max_age=seconds,
            path=self.path,
            secure=settings.secure_cookies,
            httponly=True,
            samesite="lax",
        )

    def drop(self, request: Request, response: Response) -> None:
        """Have the browser forget the value."""
        self.keep(request, response, "", 0)

    def _named(self, settings: Settings) -> str:
        prefix = "__Host-" if self.path == "/" else "__Secure-"
        return prefix + self.name if settings.secure_cookies else self.name


SESSION = Cookie("liuhen_session")


def session_of(request: Request) -> str | None:
    """Return the session's token as the browser brought it, or None."""
    return SESSION.read(request)


def keep_session(request: Request, response: Response, token: str) -> None:
    """Have the browser keep the token until the session's last possible hour."""
    SESSION.keep(request, response, token, longest_session(request))


def drop_session(request: Request, response: Response) -> None:
    """Have the browser forget the token."""
    SESSION.drop(request, response)


def longest_session(request: Request) -> int:
    """Return how many seconds a session may last at most."""
    return _settings(request).session_absolute_hours * 3600


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings
