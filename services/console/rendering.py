"""Templates and the few words and formats that every page needs."""

from collections.abc import Iterable
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from starlette.templating import Jinja2Templates

from services.console import words
from services.console.menu import menu_for
from services.console.session import Visitor
from shared.clock import CHINA

HERE = Path(__file__).parent
STATIC = HERE / "static"
templates = Jinja2Templates(HERE / "templates")


def page(
    request: Request, name: str, visitor: Visitor | None = None, status: int = 200, /, **values: Any
) -> HTMLResponse:
    """Render a template; with a visitor it gets the frame: menu, search box, clock, who."""
    frame = {"visitor": visitor, "menu": menu_for(visitor, request.url.path) if visitor else []}
    return templates.TemplateResponse(request, name, frame | values, status_code=status)


def is_fragment(request: Request) -> bool:
    """Tell whether htmx asks for a part of a page only."""
    asked = request.headers
    return "hx-request" in asked and "hx-boosted" not in asked and "hx-history-restore-request" not in asked


def today() -> date:
    """Return the calendar day in China."""
    return datetime.now(CHINA).date()


def address(path: str, **parameters: str | int | None) -> str:
    """Return a path with the parameters that are given, so that a page's state stays in its address."""
    given = {k: v for k, v in parameters.items() if v not in (None, "")}
    return f"{path}?{urlencode(given)}" if given else path


def moment(value: str | datetime) -> str:
    """Return a moment as people here write it: ``11-23 16:40``, with the year when it is another."""
    when = (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(CHINA)
    this_year = when.year == today().year
    return when.strftime("%m-%d %H:%M" if this_year else "%Y-%m-%d %H:%M")


def day(value: str | date) -> str:
    """Return a day as ``11 月 23 日``, with the year when it is another."""
    when = date.fromisoformat(value[:10]) if isinstance(value, str) else value
    year = "" if when.year == today().year else f"{when.year} 年 "
    return f"{year}{when.month} 月 {when.day} 日"


def by_month(rows: Iterable[dict[str, Any]], field: str) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return rows that are ordered by a day, a month together under its name."""
    months = groupby(rows, lambda row: str(row[field])[:7])
    return [(f"{month[:4]} 年 {int(month[5:])} 月", list(held)) for month, held in months]


_WEEKDAYS = "一二三四五六日"


def weekday(value: str | date) -> str:
    """Return a day with its weekday."""
    when = date.fromisoformat(value) if isinstance(value, str) else value
    return f"{day(when)} 星期{_WEEKDAYS[when.weekday()]}"


templates.env.filters |= {"moment": moment, "day": day, "weekday": weekday}
templates.env.globals |= {"words": words, "today": today, "address": address}
templates.env.trim_blocks = True
templates.env.lstrip_blocks = True
