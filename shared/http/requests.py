"""From headers to a command's ``Request`` and back: If-Match, Idempotency-Key, tokens, ``after=``."""

import re
import time
from dataclasses import replace
from datetime import date
from typing import Annotated, Any

from fastapi import Header, Query, Response
from fastapi import Request as HttpRequest
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from shared.application.commands import Outcome, Request, fingerprint
from shared.application.tokens import Token
from shared.http.auth import Caller
from shared.http.problems import Problem
from shared.security.principal import Principal
from shared.service import Reader

SYNCING = "X-Liuhen-Syncing"
LONGEST_WAIT = 2.0
"""Seconds."""
_VERSION = re.compile(r'(?:W/)?"([0-9]{1,9})"|([0-9]{1,9})')
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _written_day(value: Any) -> Any:
    """Refuse what a lax parser takes for a day: a number of seconds, a moment."""
    if not (isinstance(value, str) and _DAY.fullmatch(value)):
        raise ValueError("应是日期，例如 2026-11-23")
    return value


Day = Annotated[date, BeforeValidator(_written_day), Field(ge=date(1921, 1, 1), le=date(2100, 12, 31))]
"""A calendar day in China."""


class Body(BaseModel):
    """The base of every request body: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Accepted(BaseModel):
    """What a command answers: the thing's id, and the token that queries wait for (``after=``)."""

    id: str
    token: str


class CommandHeaders:
    """A dependency: the headers that make a command safe to repeat and to race."""

    def __init__(
        self,
        http: HttpRequest,
        if_match: Annotated[str | None, Header(description='版本，如 "3"；不符时答 412')] = None,
        idempotency_key: Annotated[str | None, Header(min_length=8, max_length=128)] = None,
    ) -> None:
        self._where = f"{http.method} {http.url.path}"
        self.expected_version = _version(if_match)
        self.idempotency_key = idempotency_key

    def request(self, caller: Caller, agency_id: str, asked: Any) -> Request:
        """Return the command's request; the idempotency key stands for ``asked`` at this address, ids and all."""
        body = asked.model_dump(mode="json") if isinstance(asked, BaseModel) else asked
        return replace(
            asked_by(caller.principal, agency_id),
            expected_version=self.expected_version,
            idempotency_key=self.idempotency_key,
            fingerprint=fingerprint([self._where, body]),
        )


def asked_by(principal: Principal, agency_id: str) -> Request:
    """Return a command's request in somebody's name; where a token for machines asks for them, it is the cause."""
    return Request(actor=principal.account_id, agency_id=agency_id, causation_id=principal.token_stream)


def accepted(outcome: Outcome) -> Accepted:
    """Return the answer to a command that was carried out, now or by its first try."""
    return Accepted(id=outcome.token.stream.id, token=str(outcome.token))


class After:
    """A dependency: ``after=TOKEN`` on a query."""

    def __init__(self, after: Annotated[str | None, Query(max_length=400)] = None) -> None:
        self.token = _token(after)
        self._until: float | None = None

    def wait(self, reader: Reader, ledger: str, response: Response) -> None:
        """Wait until the ledger has applied the token; else mark the answer 同步中.

        All waits of a request share two seconds.
        """
        if self.token is None:
            return
        began = time.monotonic()
        self._until = self._until or began + LONGEST_WAIT
        if not reader.wait_for(ledger, self.token, max(self._until - began, 0)):
            response.headers[SYNCING] = "1"


def etag(version: int) -> str:
    """Return the ETag of a record at a version."""
    return f'"{version}"'


def _version(if_match: str | None) -> int | None:
    if if_match is None or if_match == "*":
        return None
    said = _VERSION.fullmatch(if_match)
    if said is None:
        raise Problem(400, "bad-if-match", 'If-Match 应是一个版本号，例如 "3"。')
    return int(said[1] or said[2])


def _token(text: str | None) -> Token | None:
    if text is None or not text:
        return None
    try:
        return Token.parse(text)
    except ValueError:
        raise Problem(400, "bad-token", "after 不是本系统给出的令牌。") from None
