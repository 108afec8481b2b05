"""The session cookie: kept, read and dropped under one name with the same flags, or browsers would not drop it."""

from fastapi import Request, Response

from shared.settings import Settings

COOKIE = "liuhen_session"
HOST_ONLY = f"__Host-{COOKIE}"
"""Behind HTTPS: browsers take a cookie of this prefix from this very host only, never from a sibling or over HTTP."""


def session_of(request: Request) -> str | None:
    """Return the session's token as the browser brought it, or None."""
    return request.cookies.get(_name(_settings(request)))


def keep_session(request: Request, response: Response, token: str) -> None:
    """Have the browser keep the token until the session's last possible hour."""
    settings = _settings(request)
    _set(response, settings, token, settings.session_absolute_hours * 3600)


def drop_session(request: Request, response: Response) -> None:
    """Have the browser forget the token."""
    _set(response, _settings(request), "", 0)


def _set(response: Response, settings: Settings, value: str, seconds: int) -> None:
    response.set_cookie(
        _name(settings),
        value,
        max_age=seconds,
        path="/",
        secure=settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )


def _name(settings: Settings) -> str:
    return HOST_ONLY if settings.secure_cookies else COOKIE


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings
