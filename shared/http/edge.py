"""The outermost layer: request id, log line, metrics, and the headers that browsers obey."""

import re
import time
from inspect import isawaitable
from urllib.parse import quote

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.http.headers import header
from shared.http.known import knowing
from shared.http.probes import Health
from shared.ids import new_id
from shared.observability.metrics import HTTP_SECONDS

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), magnetometer=(), "
        "microphone=(), midi=(), payment=(), serial=(), usb=()"
    ),
}
HTTPS_HEADERS = {"Strict-Transport-Security": "max-age=31536000"}
"""Only behind HTTPS, and for this name alone: an agency's other sites are not the platform's to decide on."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
log = structlog.get_logger("http")


class EdgeMiddleware:
    """Wraps every request of a process."""

    def __init__(self, app: ASGIApp, health: Health, *, https: bool = False) -> None:
        self.app, self._health = app, health
        self._obeyed = SECURITY_HEADERS | (HTTPS_HEADERS if https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _given_id(scope) or new_id()
        status = 0
        started = time.perf_counter()

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._add_headers(message, scope, request_id)
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id), knowing():
            try:
                await self.app(scope, receive, answer)
            except ClientDisconnect:
                log.info("client went away", path=quote(scope["path"]))
            except Exception as broken:
                if status:
                    raise
                await (await _unexpected(scope, receive, broken))(scope, receive, answer)
            finally:
                _note(scope, status, time.perf_counter() - started)

    def _add_headers(self, message: Message, scope: Scope, request_id: str) -> None:
        headers = MutableHeaders(scope=message)
        headers["X-Request-Id"] = request_id
        if self._health.draining:  # a connection kept open would keep its requests coming to a process that leaves
            headers["Connection"] = "close"
        for name, value in self._obeyed.items():
            headers.setdefault(name, value)
        if not scope["path"].startswith("/static/"):
            headers.setdefault("Cache-Control", "no-store")


async def _unexpected(scope: Scope, receive: Receive, broken: Exception) -> Response:
    """Ask the application's own handler here, inside: Starlette would ask it outside of this layer's headers and id."""
    answer = scope["app"].exception_handlers[Exception](Request(scope, receive), broken)
    response: Response = await answer if isawaitable(answer) else answer
    return response


def _note(scope: Scope, status: int, seconds: float) -> None:
    """Count and log; what the caller made up (a method, a path) never becomes a label, nor a line of its own."""
    method = scope["method"] if scope["method"] in _METHODS else "other"
    route = getattr(scope.get("route"), "path", "unmatched")
    HTTP_SECONDS.labels(method, route, str(status)).observe(seconds)
    log.info("request", method=method, path=quote(scope["path"]), status=status, ms=round(seconds * 1000, 1))


def _given_id(scope: Scope) -> str | None:
    text = (header(scope, b"x-request-id") or b"").decode("latin-1")
    return text if _REQUEST_ID.fullmatch(text) else None
