"""The year at a glance accuses nobody of the months before they began to record."""

from datetime import date

import pytest

from services.console.year import PAGES, activities_of_year, kinds_of_year

TODAY = date(2026, 11, 24)


def held(day, kind="theme-day"):
    return {"organisation_id": "o", "held_on": day, "kind": kind}


def missed(*activities):
    (months,) = [row for name, _, row in kinds_of_year(activities, "o", [], TODAY) if name == "主题党日"]
    return [m.number for m in months if m.missed]


def test_a_branch_without_any_record_has_missed_nothing():
    assert missed() == []


def test_a_month_is_missed_only_after_the_first_record_of_any_kind():
    assert missed(held("2026-08-03", "party-lecture"), held("2026-10-09")) == [8, 9]


def test_each_group_of_a_branch_has_a_row_of_its_meetings():
    meeting = held("2026-09-08", "group-meeting") | {"organisation_id": "g"}
    one, two = {"id": "g", "name": "文稿党小组"}, {"id": "h", "name": "青年党小组"}
    found = kinds_of_year([held("2026-08-03"), meeting], "o", [one], TODAY)
    assert [(name, monthly) for name, monthly, _ in found] == [("主题党日", True), ("党小组会", True)]
    assert [m.number for m in found[1][2] if m.activities] == [9]
    assert [m.number for m in found[1][2] if m.missed] == [10]
    assert [name for name, *_ in kinds_of_year([meeting], "o", [one, two], TODAY)] == [
        "主题党日",
        "党小组会 · 文稿党小组",
        "党小组会 · 青年党小组",
    ]
    assert kinds_of_year([meeting], "o", [], TODAY)[0][0] == "主题党日"
    assert len(kinds_of_year([meeting], "o", [], TODAY)) == 1


class Answering:
    """A visitor who is answered so many pages of one record each."""

    def __init__(self, pages):
        self.pages, self.asked = pages, []

    async def get(self, _, __, **asked):
        self.asked.append(asked["cursor"])
        last = len(self.asked) == self.pages
        return {"activities": [held("2026-01-05") | {"withdrawn": False}], "next": None if last else "more"}


@pytest.mark.parametrize(("pages", "read", "whole"), [(1, 1, True), (PAGES, PAGES, True), (PAGES + 1, PAGES, False)])
def test_a_year_says_whether_all_of_its_records_were_read(pages, read, whole):
    visitor = Answering(pages)
    with pytest.raises(StopIteration) as end:  # nothing is waited for: no loop is needed
        activities_of_year(visitor, 2026).send(None)
    found, said = end.value.value
    assert (len(found), said) == (read, whole)
    assert visitor.asked == [None, "more", "more", "more", "more"][:read]
