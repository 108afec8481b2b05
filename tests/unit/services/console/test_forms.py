"""Forms: refusals find their field, what was typed is read as it was meant."""

import pytest
from starlette.datastructures import FormData

from services.console.activity_form import body
from services.console.division import Batch, asked_beyond, rows_to_divide
from services.console.forms import FIELD_OF_CODE, FRESH, KEY, Refusals, Returned, Typed, given
from services.console.session import Refused


def refusals(**problem):
    return Refusals.of(Refused(422, problem))


def test_an_invalid_field_is_told_beside_it():
    errors = [{"field": "tasks.0", "detail": "格式不对"}, {"field": "period.due", "detail": "应是日期"}]
    found = refusals(code="invalid-request", detail="有内容不符合要求。", errors=errors)
    assert dict(found.fields) == {"tasks": "格式不对", "due": "应是日期"}


@pytest.mark.parametrize("code", sorted(FIELD_OF_CODE))
def test_a_rules_sentence_stands_beside_the_field_it_is_about(code):
    found = refusals(code=code, detail="为什么不行。")
    assert dict(found.fields) == {FIELD_OF_CODE[code]: "为什么不行。"}
    assert not found.whole


def test_any_other_refusal_stands_above_the_form():
    found = refusals(code="changed-meanwhile", detail="刚刚被别人更新过。")
    assert (found.whole, dict(found.fields)) == ("刚刚被别人更新过。", {})


def test_no_refusal_is_nothing():
    assert not Refusals()


def test_line_ends_and_outer_spaces_are_one_way():
    typed = Typed(FormData([("minutes", " 一\r\n二 "), ("empty", "  ")]))
    assert typed.text("minutes") == "一\n二"
    assert typed.maybe("empty") is None
    assert typed.text("absent") == ""


def test_whoever_is_not_ticked_as_absent_was_present():
    typed = Typed(FormData([("title", "题"), ("absentees", "b"), ("tasks", "p/1-1")]))
    asked = body(typed, [{"id": "a"}, {"id": "b"}, {"id": "c"}])
    assert (asked["attendees"], asked["absentees"], asked["tasks"]) == (["a", "c"], ["b"], ["p/1-1"])


def test_a_refused_form_comes_back_with_its_status_its_words_and_its_key():
    typed = Typed(FormData([(KEY, "k" * 36 + "-ask"), ("reason", "换届")]))
    refused = Refused(409, {"detail": "刚刚被别人更新过。"})
    returned = Returned("ask", typed, refused)
    shown = returned.shown()
    assert returned.status == 409
    assert (shown["what"], shown["typed"]["reason"], shown["key"]) == ("ask", "换届", "k" * 36)
    assert shown["refused"].whole == "刚刚被别人更新过。"


def test_a_page_that_nothing_comes_back_to_shows_empty_forms_with_a_new_key():
    shown = FRESH.shown()
    assert (FRESH.status, shown["what"], shown["typed"], bool(shown["refused"])) == (200, "", {}, False)
    assert shown["key"] != FRESH.shown()["key"]


def test_what_was_left_empty_is_not_sent():
    assert given(a="", b=None, c="x", d=0) == {"c": "x", "d": 0}


TREE = {
    "agency": {"root_organisation_id": "root"},
    "organisations": [
        {"id": "root", "kind": "general-branch"},
        {"id": "b1", "kind": "branch"},
        {"id": "b2", "kind": "branch"},
    ],
}


@pytest.mark.parametrize(
    ("said", "bound"), [("all", ["b1", "b2"]), ("office", ["root"]), ("chosen", ["b2"]), ("b1", ["b1"])]
)
def test_a_row_binds_whom_it_says(said, bound):
    fields = [
        ("bound-3-2", said),
        ("due-3-2", "2026-12-31"),
        ("cadence-3-2", "once"),
        ("count-3-2", "6"),
        ("counted-3-2", "youth-group-study"),
        ("organisation", "b2"),
    ]
    batch = Batch.of(Typed(FormData([*fields, ("start", "2026-01-01"), ("evidence", "theme-day")])), TREE)
    asked = batch.assignment("3-2")
    assert asked["organisations"] == bound
    assert asked["evidence_kinds"] == ["theme-day", "youth-group-study"]
    assert asked["lead_organisation_id"] == "root"
    assert asked["period"] == {"start": "2026-01-01", "due": "2026-12-31", "cadence": "once", "count": "6"}
    assert "responsible_member_id" not in asked


def test_what_was_typed_is_proposed_again_after_a_refusal():
    row = {"clause": "1-1", "text": "各支部每月学习", "measure_title": "学习", "status": None, "superseded_on": None}
    ledger = {"plan": {"year": 2026}, "rows": [row]}
    typed = Typed(
        FormData([("bound-1-1", "b1"), ("cadence-1-1", "once"), ("count-1-1", "6"), ("due-1-1", "2026-05-31")])
    )
    (again,) = rows_to_divide(ledger, TREE, None, typed)
    assert (again.bound, again.cadence, again.count, again.due) == ("b1", "once", "6", "2026-05-31")
    assert not again.picked
    (first,) = rows_to_divide(ledger, TREE, None)
    assert (first.bound, first.cadence, first.count, first.picked) == ("all", "monthly", "1", True)


@pytest.mark.parametrize(
    ("cadence", "count", "beyond"),
    [("once", 1, "每两个月、两次"), ("once", 6, ""), ("bimonthly", 1, "")],
)
def test_a_task_divided_as_once_whose_words_ask_for_more_is_told(cadence, count, beyond):
    row = {"text": "青年小组每两个月举办两次读书会", "cadence": cadence, "count": count}
    assert asked_beyond(row) == beyond
    assert asked_beyond(row | {"text": "年底前组织一次评选"}) == ""


def test_an_undivided_task_asks_for_nothing_beyond_its_division():
    assert asked_beyond({"text": "全年举办讲坛六期", "cadence": None, "count": None}) == ""


def test_a_form_says_all_of_a_meeting():
    fields = [("topics", " 一项 \r\n\r\n二项"), ("first_agenda", "全会精神"), ("chair", "a"), ("fieldwork", "yes")]
    absent = [("absentees", "b"), ("reason-b", "住院"), ("reason-a", "没有缺席")]
    asked = body(Typed(FormData([*fields, *absent])), [{"id": "a"}, {"id": "b"}])
    assert (asked["topics"], asked["first_agenda"], asked["chair"]) == (["一项", "二项"], "全会精神", "a")
    assert (asked["recorder"], asked["fieldwork"], asked["absence_reasons"]) == (None, True, {"b": "住院"})


def test_whoever_else_came_is_present_too():
    typed = Typed(FormData([("absentees", "b"), ("also", "d")]))
    assert body(typed, [{"id": "a"}, {"id": "b"}])["attendees"] == ["a", "d"]
