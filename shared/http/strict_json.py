"""JSON at the edge, stricter than the parser: what could not be committed to is refused before it is read.

Duplicate keys, NaN, Infinity, whole numbers that not every reader holds exactly, and lone surrogates have no one
canonical form (RFC 8785).
"""

import json
import math
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.http.headers import is_json
from shared.http.problems import problem_response

MAX_DEPTH = 40
LARGEST = 2**53 - 1
"""The largest whole number that RFC 8785 can write."""


class AmbiguousJson(ValueError):
    """The text is JSON to a lax parser, yet two readers may read it differently."""


def check(data: bytes) -> None:
    """Refuse JSON that two readers may read differently.

    Raises:
        ValueError: it is not JSON at all, or ambiguous (``AmbiguousJson``).
    """
    value = json.loads(
        data.decode("utf-8"),
        object_pairs_hook=_unique,
        parse_constant=_no_constant,
        parse_int=_whole,
        parse_float=_finite,
    )
    _well_formed(value, MAX_DEPTH)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise AmbiguousJson("同一个名称出现了两次")
    return found


def _no_constant(name: str) -> Any:
    raise AmbiguousJson(f"不接受 {name}")


def _whole(digits: str) -> int:
    if len(digits) > 17 or abs(number := int(digits)) > LARGEST:
        raise AmbiguousJson("数字太大")
    return number


def _finite(digits: str) -> float:
    if not math.isfinite(number := float(digits)):
        raise AmbiguousJson("数字太大")
    return number


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
        if scope["type"] != "http" or not is_json(scope):
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


def _replay(body: bytes, receive: Receive) -> Receive:
    pending = [True]

    async def again() -> Message:
        if pending:
            pending.clear()
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return again
