"""What several queries are asked with: a day (事实截至), a token to wait for, an id."""

from datetime import date
from typing import Annotated

from fastapi import Depends, Query

from shared.clock import day_in_china
from shared.http.requests import After, Day
from shared.service import Runtime

AfterToken = Annotated[After, Depends()]
AsOf = Annotated[Day | None, Query(description="事实截至；不填为今天")]
IdParameter = Annotated[str | None, Query(max_length=36, pattern=r"^[0-9a-f-]{36}$")]


def today(runtime: Runtime) -> date:
    """Return the calendar day in China."""
    return day_in_china(runtime.clock())
