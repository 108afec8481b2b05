"""RFC 9457 problem documents: a stable ``code``, a Chinese sentence, and the rule's article where one spoke."""

import re
import sqlite3
from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException

from shared.application.commands import KeyReused
from shared.decider import RuleBroken, Unknown
from shared.documents import DocumentRefused
from shared.eventstore.port import ClaimTaken, EventTooLarge, VersionConflict
from shared.eventstore.sealing import Unstorable
from shared.projection.slots import LedgerNotReady
from shared.search.port import IndexUnavailable, SearchError
from shared.vault.port import KeysDestroyed

MEDIA_TYPE = "application/problem+json"
log = structlog.get_logger(__name__)


class FieldProblem(BaseModel):
    """One field that cannot be accepted: where it stands and what is asked of it."""

    field: str
    detail: str


class ProblemDocument(BaseModel):
    """What every refusal looks like (RFC 9457), as OpenAPI shows it."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    rule: str | None = None
    article: str | None = None
    errors: list[FieldProblem] | None = None


class Problem(Exception):
    """A refusal raised at the edge."""

    def __init__(self, status: int, code: str, sentence: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.status, self.code, self.sentence, self.headers = status, code, sentence, headers


_CHANGED = "这条记录刚刚被别人更新过，请刷新后核对再提交；您填的内容仍在。"
NOT_FOUND = "没有找到，或者不在您可以查看的范围内。"

_TITLES = {
    400: "请求有误",
    401: "需要登录",
    403: "没有权限",
    404: "没有找到",
    405: "不支持这个操作",
    409: "与现有记录冲突",
    412: "记录已被他人更新",
    413: "内容太大",
    415: "不支持的内容类型",
    422: "内容不符合要求",
    429: "请求太频繁",
    500: "系统出错",
    503: "暂时不可用",
}

_CLAIMS = {
    "login": ("login-taken", "这个登录名已经有人使用，请换一个。"),
    "agency-code": ("agency-taken", "这个机关已经登记过了。"),
}


def problem_response(
    status: int,
    code: str,
    sentence: str,
    *,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> JSONResponse:
    """Return the document as a response; ``more`` with a value None is left out."""
    body = {
        "type": f"urn:liuhen:problem:{code}",
        "title": _TITLES.get(status, "请求未能完成"),
        "status": status,
        "detail": sentence,
        "code": code,
    }
    body |= {k: v for k, v in more.items() if v is not None}
    return JSONResponse(jsonable_encoder(body), status, headers=headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Make the application answer every refusal, expected or not, with a problem document."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RuleBroken, _rule_broken)
    app.add_exception_handler(DocumentRefused, _document_refused)
    app.add_exception_handler(VersionConflict, _version_conflict)
    app.add_exception_handler(ClaimTaken, _claim_taken)
    app.add_exception_handler(KeyReused, _key_reused)
    app.add_exception_handler(EventTooLarge, _too_large)
    app.add_exception_handler(LedgerNotReady, _not_ready)
    app.add_exception_handler(SearchError, _search)
    app.add_exception_handler(Unstorable, _unstorable)
    app.add_exception_handler(KeysDestroyed, _erased)
    app.add_exception_handler(OperationalError, _store_away)
    app.add_exception_handler(sqlite3.OperationalError, _store_away)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def _problem(_: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, Problem)
    return problem_response(exc.status, exc.code, exc.sentence, headers=exc.headers)


def _rule_broken(_: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, RuleBroken)
    status = 404 if isinstance(exc, Unknown) else 422
    return problem_response(status, exc.code, exc.sentence, rule=exc.rule, article=exc.article)


def _document_refused(_: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, DocumentRefused)
    return problem_response(413 if exc.code == "document-too-large" else 422, exc.code, exc.sentence)


def _version_conflict(request: Request, _: Exception) -> JSONResponse:
    status = 412 if "if-match" in request.headers else 409
    return problem_response(status, "changed-meanwhile", _CHANGED)


def _claim_taken(_: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, ClaimTaken)
    code, sentence = _CLAIMS.get(exc.taken.claim.kind, ("already-taken", "已经有一条相同的记录，没有重复登记。"))
    return problem_response(409, code, sentence)


def _key_reused(_: Request, __: Exception) -> JSONResponse:
    return problem_response(422, "idempotency-key-reused", "这个幂等键已用于另一个请求，请换一个新的键。")


def _too_large(_: Request, __: Exception) -> JSONResponse:
    return problem_response(413, "event-too-large", "内容太长，一次最多登记约八万字；请作为附件上传或分开登记。")


def _not_ready(_: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, LedgerNotReady)
    return problem_response(503, exc.code, exc.sentence, headers={"Retry-After": "2"})


def _search(_: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, SearchError)
    return problem_response(503 if isinstance(exc, IndexUnavailable) else 422, exc.code, exc.message)


def _unstorable(_: Request, __: Exception) -> JSONResponse:
    return problem_response(422, "not-storable", "内容里有无法保存的字符或数字，请修改后再提交。")


def _erased(_: Request, __: Exception) -> JSONResponse:
    return problem_response(409, "already-erased", "相关资料已经按规定删除，不能再登记到它名下。")


def _store_away(_: Request, exc: Exception) -> JSONResponse:
    """Answer while a database is away or its disk full: whether a command was written is not known here."""
    log.error("store unavailable", cause=str(getattr(exc, "orig", None) or exc))
    sentence = "数据库暂时不可用，这次操作可能没有完成。请稍后重试：用同一个幂等键重复提交是安全的，不会重复登记。"
    return problem_response(503, "store-unavailable", sentence, headers={"Retry-After": "5"})


def too_large_body() -> JSONResponse:
    """Return the answer to a request that sends too much; the connection ends, since the rest is not read."""
    return problem_response(413, "body-too-large", "发来的内容太大，没有接收。", headers={"Connection": "close"})


def _invalid(_: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, RequestValidationError)
    errors = [
        {"field": ".".join(str(p) for p in e["loc"][1:]) or str(e["loc"][0]), "detail": _in_chinese(e)}
        for e in exc.errors()
    ]
    return problem_response(422, "invalid-request", "有内容不符合要求，请按提示修改后再提交。", errors=errors)


_SENTENCES = {
    "missing": "必须填写",
    "extra_forbidden": "不认识这一项",
    "string_too_long": "太长，最多 {max_length} 个字",
    "string_too_short": "太短，至少 {min_length} 个字",
    "string_type": "应是文字",
    "int_parsing": "应是整数",
    "int_type": "应是整数",
    "bool_parsing": "应是“是”或“否”",
    "date_from_datetime_parsing": "应是日期，例如 2026-11-23",
    "date_parsing": "应是日期，例如 2026-11-23",
    "datetime_from_date_parsing": "应是时间，例如 2026-11-23T09:00:00+08:00",
    "datetime_parsing": "应是时间，例如 2026-11-23T09:00:00+08:00",
    "timezone_aware": "时间要带时区，例如 +08:00",
    "enum": "只能是：{expected}",
    "literal_error": "只能是：{expected}",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "json_invalid": "不是有效的 JSON",
    "too_long": "最多 {max_length} 项",
    "too_short": "至少 {min_length} 项",
    "string_pattern_mismatch": "格式不对",
    "model_attributes_type": "应是一个对象",
    "tuple_type": "应是一个列表",
    "list_type": "应是一个列表",
}


def _in_chinese(error: dict[str, Any]) -> str:
    if error["type"] == "value_error":
        said = str(error.get("ctx", {}).get("error", ""))
        return said if _HAN.search(said) else "不符合要求"
    template = _SENTENCES.get(_kind(error), "不符合要求")
    return template.format_map(_Lenient(error.get("ctx", {})))


def _kind(error: dict[str, Any]) -> str:
    """Return the kind of error as people see it: a text bounded after its own check is said to be short of items."""
    kind: str = error["type"]
    if error.get("input") == "" and kind.endswith("too_short"):
        return "missing"
    return f"string_{kind}" if isinstance(error.get("input"), str) and kind in {"too_short", "too_long"} else kind


_HAN = re.compile(r"[㐀-鿿]")
"""A library's own English is not for the screen."""


class _Lenient(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


_HTTP_CODES = {
    404: ("not-found", NOT_FOUND),
    405: ("method-not-allowed", "这个地址不支持这种操作。"),
    400: ("bad-request", "请求的格式有误，没有处理。"),
}


def _http(_: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, HTTPException)
    if exc.status_code == 413:
        return too_large_body()
    code, sentence = _HTTP_CODES.get(exc.status_code, ("refused", "请求没有被接受。"))
    return problem_response(exc.status_code, code, sentence, headers=exc.headers)


def _unexpected(_: Request, exc: Exception) -> JSONResponse:
    log.error("unexpected", exc_info=exc)
    return problem_response(500, "internal", "系统出错，已经记录；您的操作可能没有完成，请稍后查看再试。")
