"""What people type: a day is written as a day, a name can be seen, a text reads as it is stored."""

from datetime import date
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from services.organization.schemas import AddTaskBody, Day, DocumentNumber, Line, Name, Reason
from tests.unit.services.organization.office import PLAN_TEXT, Office, activity

DAYS: TypeAdapter[date] = TypeAdapter(Day)


@pytest.mark.parametrize(
    "value",
    [
        0,
        -0.0,
        1.7e9,
        True,
        "0",
        "1700000000",
        "2026-11-20T00:00:00",
        "20261120",
        "2026-11-2",
        " 2026-11-20",
        "２０２６-11-20",
        "2026-02-30",
        "1900-01-01",
        date(2026, 11, 20),
    ],
)
def test_a_day_is_written_as_a_day_and_nothing_else(value: Any) -> None:
    with pytest.raises(ValidationError):
        DAYS.validate_python(value)


def test_a_day_that_is_written_as_one_is_taken() -> None:
    assert DAYS.validate_python("2026-11-20") == date(2026, 11, 20)


def test_a_day_that_is_none_is_refused_in_chinese_in_bodies_forms_and_queries(office: Office) -> None:
    asked = office.post("organiser", "/activities", activity(held_on=0), 422)
    assert asked["errors"] == [{"field": "held_on", "detail": "应是日期，例如 2026-11-23"}]
    plan = office.adopted_plan()
    form = {"document_number": "8号", "issued_on": "0", "reason": "补齐"}
    refused = office.upload("supervisor", f"/work-plans/{plan}/amendments", PLAN_TEXT, 422, **form)
    assert refused["errors"] == [{"field": "issued_on", "detail": "应是日期，例如 2026-11-23"}]
    assert office.ask("member", "GET", f"/work-plans/{plan}", params={"as_of": "-0.0"}).status_code == 422


UNREADABLE = [
    "",
    " ",
    "\u3000 ",
    "\u200b\ufeff",
    "\u3164",
    "\u0301",
    "名\x00",
    "名\x1b[2J",
    "名\u2028字",
    "名\u2029",
    "名\x85",
    "名\x0b",
    "名\x0c",
    "\u202e名",
    "\u2066名",
    "名\x7f",
    "名\ufffe",
]


@pytest.mark.parametrize("text", UNREADABLE)
@pytest.mark.parametrize("kind", [Name, Line, Reason, DocumentNumber])
def test_a_text_that_does_not_read_as_it_is_stored_is_refused(kind: Any, text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(text)


@pytest.mark.parametrize("text", ["名\n字", "名\t字", "名\r"])
def test_a_reason_may_have_several_lines_a_name_has_one(text: str) -> None:
    assert TypeAdapter(Reason).validate_python(text) == text
    for kind in (Name, Line, DocumentNumber):
        with pytest.raises(ValidationError):
            TypeAdapter(kind).validate_python(text)


@pytest.mark.parametrize(
    "text", ["罗岚", "迪丽热巴·买买提", "\U00031350", "清政研〔2026〕8号", "A\u200d名", " 两端有空格 "]
)
def test_names_of_every_script_are_taken_as_they_are(text: str) -> None:
    assert TypeAdapter(Name).validate_python(text) == text


@pytest.mark.parametrize("text", ["  ", "\u200b", "任务\u202e"])
def test_a_tasks_text_and_a_plans_title_are_legible(office: Office, text: str) -> None:
    with pytest.raises(ValidationError):
        AddTaskBody(measure=1, text=text, document_number="8号", issued_on="2026-11-20")
    refused = office.upload("supervisor", "/work-plans", PLAN_TEXT, 422, title=text)
    assert [e["field"] for e in refused["errors"]] == ["title"]
    assert office.runtime.store.head() == 6
