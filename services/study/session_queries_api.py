"""Queries on study: the year by tier, and one record with what the rules say of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from services.study.coverage import Line, coverage
from services.study.domain.session import SESSION
from services.study.domain.verdicts import Held, reading_only, session_verdicts
from services.study.ledgers.sessions import (
    LISTED,
    SESSIONS,
    SessionDetail,
    SessionRow,
    session_detail,
    sessions_of_year,
)
from shared.adopted_plans import rules_as_told
from shared.decider import Unknown
from shared.http.auth import Caller, allow
from shared.http.fields import Year
from shared.http.parameters import AfterToken, IdParameter, today
from shared.http.problems import NOT_FOUND
from shared.ids import is_id
from shared.roster import ROSTER, organisations
from shared.rules.loader import shipped_rules
from shared.rules.model import RuleSet, Verdict
from shared.security.policy import Permission, Reach, agency_wide
from shared.service import Runtime

Reader = Annotated[Caller, Depends(allow(Permission.SEE_STUDY))]
YearParameter = Annotated[Year | None, Query(description="年度；不填为今年")]


@dataclass(frozen=True, slots=True)
class SessionView:
    """A record with what the rules of its day say of it; ``reading_only``: nothing but reading is on record."""

    detail: SessionDetail
    reading_only: bool
    verdicts: list[Verdict]


@dataclass(frozen=True, slots=True)
class Flagged:
    """A record in the year's list; ``flags`` are the codes of the rules that have something to say of it."""

    session: SessionRow
    flags: list[str]


@dataclass(frozen=True, slots=True)
class YearView:
    """A year's study: its lines by tier, its records the latest first.

    ``cut``: there are more records than are told, so there are no lines: they would show gaps that are none.
    """

    year: int
    cut: bool
    lines: list[Line]
    sessions: list[Flagged]


def routes(runtime: Runtime) -> APIRouter:
    """Return the queries on sessions."""
    router = APIRouter(prefix="/api/study/sessions", tags=["学习"])

    def plans(caller: Caller) -> Reach:
        return agency_wide(caller.principal, Permission.SEE_STUDY)

    @router.get("")
    def sessions(
        response: Response,
        after: AfterToken,
        caller: Reader,
        year: YearParameter = None,
        agency: IdParameter = None,
    ) -> YearView:
        """一年的学习：各层级日历和记录."""
        after.wait(runtime.reader, SESSIONS.name, response)
        day = today(runtime)
        asked = year or day.year
        with runtime.reader.read(SESSIONS.name, caller.reach) as reading:
            found = sessions_of_year(reading, asked, agency)
        with runtime.reader.read(ROSTER.name, caller.reach) as reading:
            tree = organisations(reading, agency)
        for row in found:
            caller.touches(row.agency, row.organisation_id)
        rules = rules_as_told(runtime, plans(caller), {r.agency for r in found} | {o.agency for o in tree})
        cut = len(found) == LISTED
        lines = [] if cut else coverage(found, tree, asked, day, rules)
        return YearView(asked, cut, lines, [Flagged(row, [v.rule for v in _verdicts(row, rules)]) for row in found])

    @router.get("/{session_id}")
    def session(session_id: str, response: Response, after: AfterToken, caller: Reader) -> SessionView:
        """一次学习的记录."""
        after.wait(runtime.reader, SESSIONS.name, response)
        with runtime.reader.read(SESSIONS.name, caller.reach) as reading:
            detail = session_detail(reading, session_id) if is_id(session_id) else None
        if detail is None:
            raise Unknown("not-found", NOT_FOUND)
        row = detail.session
        caller.touches(row.agency, row.organisation_id, record=SESSION.stream(session_id))
        only = row.held and reading_only(_held(row), shipped_rules())
        return SessionView(detail, only, _verdicts(row, rules_as_told(runtime, plans(caller), {row.agency})))

    return router


def _verdicts(row: SessionRow, rules: Mapping[str, RuleSet]) -> list[Verdict]:
    return session_verdicts(_held(row), rules[row.agency]) if row.held and row.withdrawn is None else []


def _held(row: SessionRow) -> Held:
    return Held(row.tier, row.activity_kind, row.day, row.first_agenda, row.statements)
