"""What waits for a yes or no, or for its 清退, is a thing to do on the desk of whoever may see to it."""

from datetime import date

import pytest

from services.console.approvals import (
    mandates_to_approve,
    mandates_to_clear,
    roles_left,
    roles_sent_back,
    roles_to_approve,
)
from services.console.desk_items import grouped, heading
from services.console.rendering import today
from shared.security.principal import Role
from tests.support.visitors import visitor

DAY = date(2026, 11, 24)
ASKED = {
    "organisation_name": "第三支部",
    "role_name": "支部书记",
    "asked_by": "b",
    "asked_by_name": "方祺",
    "reason": "换届后任职",
    "may": ["approve", "decline"],
}
BACK = ASKED | {"declined_by_name": "石安", "declined_on": "2026-11-20", "declined_for": "尚未公示", "id": "r"}
ACCOUNT = {"id": "c", "display_name": "周宁", "login": "zhouning", "suspended": None, "requests": [ASKED]}
MANDATE = {
    "id": "m",
    "body_name": "市委巡察组",
    "basis": "巡察通知",
    "first_day": "2026-12-01",
    "last_day": "2026-12-14",
    "may": ["approve", "decline"],
}


def test_a_role_that_waits_is_told_with_its_reason_and_leads_to_the_account():
    (group,) = grouped(roles_to_approve([ACCOUNT]), DAY, visitor(Role.SECURITY_ADMINISTRATOR))
    (todo,) = group.first
    assert (todo.title, todo.why) == ("请您批准 · 周宁：第三支部支部书记", "方祺申请：换届后任职")
    assert [(a.label, a.href) for a in todo.actions] == [("看过批准", "/accounts/c")]


def test_nobody_is_asked_to_approve_what_they_may_not():
    assert list(roles_to_approve([ACCOUNT | {"requests": [ASKED | {"may": ["decline"]}]}])) == []


def test_who_asked_for_a_role_is_told_that_it_came_back_by_whom_and_why():
    told = roles_sent_back([ACCOUNT | {"declined": [BACK]}], "b")
    (todo,) = grouped(told, DAY, visitor(Role.ADMINISTRATOR))[0].first
    assert todo.title == "申请被退回 · 周宁：第三支部支部书记"
    assert todo.why.endswith("石安退回：尚未公示")
    assert [(a.label, a.href) for a in todo.actions] == [("改后再申请", "/accounts/c?again=r#ask")]


def test_nobody_is_told_of_what_they_cannot_ask_for_again():
    account = ACCOUNT | {"declined": [BACK]}
    assert list(roles_sent_back([account], "x")) == [], "another asked for it"
    assert list(roles_sent_back([account | {"suspended": "调离"}], "b")) == []
    assert list(roles_sent_back([account | {"id": "b"}], "b")) == [], "nobody asks for their own account"


def test_a_mandate_that_waits_for_the_reader_is_counted_on_the_desk():
    groups = grouped(mandates_to_approve([MANDATE]), DAY, visitor(Role.WORK_COMMITTEE))
    assert heading(groups) == "待办一件"
    assert [(a.label, a.href) for a in groups[0].first[0].actions] == [("看过批准", "/mandates/m")]


def test_a_mandate_that_waits_for_another_is_not_the_readers_to_do():
    assert list(mandates_to_approve([MANDATE | {"may": ["end"]}])) == []


def test_a_mandate_that_is_over_waits_for_its_clearance_on_the_desk_with_its_number_and_since_when():
    over = MANDATE | {"basis": "清巡〔2026〕5号《巡察的通知》", "may": ["clear"], "ended_on": f"{today().year}-01-20"}
    (group,) = grouped(mandates_to_clear([over, MANDATE]), DAY, visitor(Role.PATROL_GROUP))
    (todo,) = group.first
    assert todo.title == "登记清退 · 清巡〔2026〕5号 市委巡察组"
    assert todo.why.startswith("1 月 20 日结束，待清退")
    assert [(a.label, a.href) for a in todo.actions] == [("登记清退", "/mandates/m#clear")]


def test_what_waits_longest_to_be_cleared_stands_first():
    late, early = ({"id": d, "may": ["clear"], "ended_on": d} for d in ("2026-02-01", "2025-12-31"))
    assert [i["record"] for i in mandates_to_clear([MANDATE | late, MANDATE | early])] == ["2025-12-31", "2026-02-01"]


class Guard:
    """A visitor who gives roles, before two accounts that wait."""

    def may(self, permission):
        return permission == "grant-roles"

    async def get(self, *_, **__):
        others = ACCOUNT | {"id": "d", "requests": [ASKED, ASKED, ASKED | {"may": ["decline"]}]}
        return {"items": [ACCOUNT | {"requests": [ASKED | {"may": []}]}, others]}


def test_what_else_waits_is_counted_by_request_and_without_what_one_may_not_approve():
    with pytest.raises(StopIteration) as counted:
        roles_left(Guard()).send(None)
    assert counted.value.value == 2
