"""What several queries are asked with: a day (事实截至), a token to wait for, an id."""

from datetime import date
from typing import Annotated

from fastapi import Depends, Query

from shared.clock import day_in_china
from shared.http.problems import Problem
from shared.http.requests import After, Day
from shared.ids import is_id
from shared.rules.stretches import WRITTEN
from shared.service import Runtime

AfterToken = Annotated[After, Depends()]
AsOf = Annotated[Day | None, Query(description="事实截至；不填为今天")]
Period = Annotated[str | None, Query(pattern=WRITTEN, description="年、季度或月：2026、2026-Q4、2026-11；不填为今年")]
Since = Annotated[Day | None, Query(description="从这一天起")]
Until = Annotated[Day | None, Query(description="到这一天止")]
Cursor = Annotated[str | None, Query(max_length=60)]
IdParameter = Annotated[str | None, Query(max_length=36, pattern=r"^[0-9a-f-]{36}$")]


def today(runtime: Runtime) -> date:
    """Return the calendar day in China."""
    return day_in_china(runtime.clock())


def next_cursor(day: date, id_: str) -> str:
    """Return what continues a list that is ordered by day and id after this row."""
    return f"{day.isoformat()}~{id_}"


def after_cursor(text: str | None) -> tuple[date, str] | None:
    """Return the row a list goes on after, None for its beginning.

    Raises:
        Problem: 422 for what is no cursor of ours.
    """
    if not text:
        return None
    day, _, id_ = text.partition("~")
    try:
        if not is_id(id_):
            raise ValueError(id_)
        return date.fromisoformat(day), id_
    except ValueError:
        raise Problem(422, "bad-cursor", "翻页标记不是本系统给出的。") from None
