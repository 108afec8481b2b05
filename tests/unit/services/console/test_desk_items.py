"""The desk: grouped by when it is due, told in one breath, each with the button that does it."""

from datetime import date, timedelta

import pytest

from services.console.desk_items import SHOWN, grouped, heading
from shared.security.principal import Role
from tests.support.visitors import visitor

TUESDAY = date(2026, 11, 24)


def item(days, kind="task-due", **more):
    due = (TUESDAY + timedelta(days=days)).isoformat() if days is not None else None
    base = {"kind": kind, "title": "标题", "why": "为什么", "due": due, "days": days, "text": None, "verdict": None}
    return base | {"plan": "p", "clause": "3-2", "organisation": "o", "kinds": ["theme-day"]} | more


def groups_of(*items, role=Role.BRANCH_ORGANISER):
    return grouped(items, TUESDAY, visitor(role))


@pytest.mark.parametrize(
    ("days", "code"),
    [
        (-1, "overdue"),
        (0, "today"),
        (1, "soon"),
        (3, "soon"),
        (4, "week"),
        (5, "week"),
        (6, "later"),
        (None, "undated"),
    ],
)
def test_a_thing_stands_under_when_it_is_due(days, code):
    assert [g.code for g in groups_of(item(days))] == [code]


def test_the_heading_tells_everything_in_one_breath():
    groups = groups_of(item(-3), item(-2), item(0), item(2), item(3), item(20))
    assert heading(groups) == "两件超期，今天一件，三天内两件"


def test_on_a_sunday_what_is_due_tomorrow_is_counted_before_the_week_is_called_done():
    sunday = date(2026, 11, 29)
    groups = grouped([item(1), item(None), item(1)], sunday, visitor(Role.BRANCH_ORGANISER))
    assert heading(groups) == "三天内两件，待办一件"


def test_the_heading_of_nothing_says_so():
    assert heading([]) == "手头没有要办的事"


def test_what_is_only_later_is_still_told():
    assert heading(groups_of(item(20))) == "以后一件"


def test_a_wall_of_things_waits_behind_one_line():
    (group,) = groups_of(*(item(-n) for n in range(1, 13)))
    assert (len(group.first), len(group.rest), group.size) == (SHOWN, 12 - SHOWN, 12)


def test_the_button_leads_to_the_form_with_organisation_task_and_kind_chosen_and_no_date_for_what_is_late():
    (group,) = groups_of(item(-1, kinds=["research-report", "party-lecture"]))
    action = group.first[0].actions[0]
    assert (action.label, action.href) == (
        "补记",
        "/activities/new?organisation=o&task=p%2F3-2&kind=party-lecture&past=true",
    )


def test_somebody_who_may_not_record_is_offered_only_to_look():
    (group,) = groups_of(item(-1), role=Role.INSPECTOR)
    assert [a.label for a in group.first[0].actions] == ["看这一项"]


def test_a_plan_without_division_leads_to_the_division():
    (group,) = groups_of(item(None, kind="plan-division", clause=None, organisation=None), role=Role.GENERAL_BRANCH)
    assert [a.href for a in group.first[0].actions] == ["/plans/p/tasks"]


def test_a_rule_that_was_not_read_word_by_word_is_marked():
    (group,) = groups_of(item(2, verdict={"confidence": "secondary"}))
    assert group.first[0].unverified


def test_a_task_that_only_a_document_answers_leads_to_the_form_of_a_document() -> None:
    (group,) = groups_of(item(-1, kinds=["research-report", "opinion-brief"]))
    assert [(a.label, a.href.partition("?")[0]) for a in group.first[0].actions][:1] == [("登记文稿", "/documents/new")]


def test_what_another_does_is_told_below_without_a_button_and_not_counted():
    groups = groups_of(item(None, kind="awaited", clause=None), item(1), item(1, kind="awaited", clause=None))
    assert [(g.code, g.size) for g in groups] == [("soon", 1), ("awaited", 2)]
    assert [t.actions for t in groups[1].first] == [(), ()]
    assert heading(groups) == "三天内一件"
    assert heading(groups[1:]) == "手头没有要办的事"


def test_where_several_kinds_answer_a_task_none_is_chosen_for_the_person():
    (group,) = groups_of(item(-1, kinds=["general-meeting", "theme-day"]))
    assert "kind=" not in group.first[0].actions[0].href
