"""How much a request may send: more is refused before it is read to its end, whether or not it says its length."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.http.headers import header, is_json
from shared.http.problems import too_large_body

JSON_LIMIT = 1024 * 1024
"""Bytes of a JSON body: the longest entry that is accepted stays below a third of it."""

ENVELOPE = 1024 * 1024
"""Bytes that a form may add to the file it carries."""


class BodyTooLarge(HTTPException):
    """More arrived than is read."""

    def __init__(self) -> None:
        super().__init__(413)


class BodyLimitMiddleware:
    """Bounds the body: JSON to ``JSON_LIMIT`` bytes, any other to ``upload_limit`` bytes and the form around it."""

    def __init__(self, app: ASGIApp, upload_limit: int) -> None:
        self.app, self._others = app, upload_limit + ENVELOPE

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it with 413."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = JSON_LIMIT if is_json(scope) else self._others
        if _said(scope) > limit:
            await too_large_body()(scope, receive, send)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                raise BodyTooLarge
            return message

        try:
            await self.app(scope, counted, send)
        except BodyTooLarge:
            await too_large_body()(scope, receive, send)


def _said(scope: Scope) -> int:
    length = header(scope, b"content-length") or b""
    return int(length) if length.isdigit() and len(length) < 19 else 0
