"""JSON at the edge, stricter than the parser: what could not be committed to is refused before it is read.

Duplicate keys, NaN, Infinity, huge numbers and lone surrogates have no one canonical form (RFC 8785).
"""

import json
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.http.problems import problem_response

MAX_DEPTH = 40
MAX_DIGITS = 400


class AmbiguousJson(ValueError):
    """The text is JSON to a lax parser, yet two readers may read it differently."""


def check(data: bytes) -> None:
    """Refuse JSON that two readers may read differently.

    Raises:
        ValueError: it is not JSON at all, or ambiguous (``AmbiguousJson``).
    """
    value = json.loads(data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant, parse_int=_bounded)
    _well_formed(value, MAX_DEPTH)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise AmbiguousJson("同一个名称出现了两次")
    return found


def _no_constant(name: str) -> Any:
    raise AmbiguousJson(f"不接受 {name}")


def _bounded(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise AmbiguousJson("数字太大")
    return int(digits)


def _well_formed(value: Any, depth: int) -> None:
    if depth == 0:
        raise AmbiguousJson("嵌套太深")
    if isinstance(value, str):
        if any("\ud800" <= c <= "\udfff" for c in value):
            raise AmbiguousJson("文字中有不完整的字符")
    elif isinstance(value, dict):
        for key, inner in value.items():
            _well_formed(key, depth - 1)
            _well_formed(inner, depth - 1)
    elif isinstance(value, list):
        for inner in value:
            _well_formed(inner, depth - 1)


class StrictJsonMiddleware:
    """Checks JSON bodies before any route sees them."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] != "http" or not _is_json(scope):
            await self.app(scope, receive, send)
            return
        body = await Request(scope, receive).body()
        if body:
            try:
                check(body)
            except (ValueError, RecursionError) as broken:
                sentence = str(broken) if isinstance(broken, AmbiguousJson) else "不是有效的 JSON"
                await problem_response(400, "bad-json", f"请求内容无法读取：{sentence}。")(scope, receive, send)
                return
        await self.app(scope, _replay(body, receive), send)


def _is_json(scope: Scope) -> bool:
    return any(name == b"content-type" and b"json" in value.lower() for name, value in scope["headers"])


def _replay(body: bytes, receive: Receive) -> Receive:
    pending = [True]

    async def again() -> Message:
        if pending:
            pending.clear()
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return again
