"""What was read under a mandate, as people read it: what, by whom, how often, and where it leads."""

import pytest

from services.console.reading_words import OPERATIONS, apart, lines, look_lines
from shared.security.policy import UNDER_MANDATE
from tests.access.operations import ROWS

TELLS_NOTHING_ITSELF = {
    "GET /api/access/names",
    "GET /api/audit/history",
    "GET /api/audit/state",
    "GET /api/audit/diff",
    "GET /api/audit/correlated",
}
"""Names, and what another service answers and records: no reads of these are recorded."""

STREAM = "organization:activity:11111111-1111-7111-8111-111111111111"
HISTORY = f"/history?stream={STREAM.replace(':', '%3A')}"


def item(
    operation: str, path: str, asked: str = "", at: str = "2026-11-23T01:00:00+00:00", by: str = "a", of: str = "one"
):
    who = {"id": by, "name": "沈默"}
    return {"by": who, "at": at, "operation": operation, "path": path, "asked": asked, "agencies": of.split()}


def test_the_same_thing_read_again_on_the_same_day_is_one_line_that_says_how_often():
    same = [
        item("GET /api/search", "/api/search", "q=%E7%94%B5%E8%B4%B9", f"2026-11-23T0{h}:00:00+00:00") for h in (3, 1)
    ]
    other = item("GET /api/search", "/api/search", "q=%E5%86%B7%E5%BA%93")
    first, second = lines([*same, other])
    assert (first.what, first.detail, first.times) == ("检索", "电费", 2)
    assert (first.first[11:13], first.last[11:13]) == ("01", "03")
    assert second.detail == "冷库"


def test_a_plans_ledger_is_one_line_however_much_of_it_a_page_had_need_of():
    ledger = ("GET /api/organization/work-plans/{plan_id}/ledger", "/api/organization/work-plans/p/ledger")
    asked = ("", "records=false", "organisation=x&records=false")
    (line, before) = lines([*(item(*ledger, each) for each in asked), item(*ledger, "as_of=2026-06-30")])
    assert (line.times, before.detail) == (3, "2026-06-30")


def test_what_was_read_of_one_agency_stands_apart_from_what_was_read_of_two():
    activities = ("GET /api/organization/activities", "/api/organization/activities")
    items = [item(*activities, of="one other"), item(*activities, of="one"), item(*activities, of="one other")]
    assert [(line.agencies, line.times) for line in lines(items)] == [(["one", "other"], 2), (["one"], 1)]


@pytest.mark.parametrize(
    ("operation", "path", "asked", "href"),
    [
        ("GET /api/organization/activities/{activity_id}", "/api/organization/activities/x", "", "/activities/x"),
        ("GET /api/organization/work-plans/{plan_id}/ledger", "/api/organization/work-plans/p/ledger", "", "/plans/p"),
        (
            "GET /api/organization/replay/state",
            "/r",
            f"stream={STREAM}",
            HISTORY,
        ),
        ("GET /api/search", "/api/search", "q=x", None),
        ("GET /api/never/heard/of", "/x", "", None),
    ],
)
def test_a_line_leads_to_what_was_read(operation: str, path: str, asked: str, href: str | None):
    (line,) = lines([item(operation, path, asked)])
    assert line.href == href


def test_names_that_a_page_needs_stand_apart():
    tree, plan = lines([item("GET /api/organization/tree", "/t"), item("GET /api/organization/work-plans", "/p")])
    assert (tree.auxiliary, plan.auxiliary) == (True, False)


def test_words_whose_key_was_destroyed_are_not_invented():
    (line,) = lines([item("GET /api/search", "/api/search") | {"asked": None}])
    assert line.what == "检索"


def test_whatever_can_be_read_under_a_mandate_is_told_in_words_and_not_as_an_address():
    read = {f"{r.method} {r.path}" for r in ROWS if r.method == "GET" and r.needs in UNDER_MANDATE}
    assert read - TELLS_NOTHING_ITSELF - set(OPERATIONS) == set()


def look(operation: str, mandate: str | None = "m", **more: object):
    basis = "清督〔2026〕99号《关于补充督查的通知》" if mandate else None
    base = {"by": {"id": "a", "name": "沈默"}, "at": "2026-11-23T01:00:00+00:00", "operation": operation, "agency": "g"}
    nothing = dict.fromkeys(("restricted", "rows", "total")) | {"exported": False, "records": []}
    return base | nothing | {"mandate": mandate, "basis": basis} | more


def test_who_looked_folds_what_the_mandates_own_page_folds_and_calls_the_mandate_by_its_number():
    items = [look("GET /api/organization/tree"), look("GET /api/organization/work-plans")]
    shown = apart(look_lines(items))
    assert [each.what for each in shown["auxiliary"]] == ["组织树"]
    assert [(each.what, each.called) for each in shown["lines"]] == [("工作要点目录", "清督〔2026〕99号")]


def test_what_a_role_of_ones_own_opened_names_no_mandate():
    (line,) = look_lines([look("GET /api/organization/talks/{talk_id}", None, restricted="talks")])
    assert (line.mandate, line.called, line.auxiliary) == (None, "", False)


EXPORT = "GET /api/organization/agencies/{agency_id}/roster.xlsx"


def taken(**more: object):
    return look(EXPORT, None, **({"exported": True, "rows": 80, "total": 80} | more))


def test_a_large_export_stands_in_a_line_of_its_own_beside_a_small_one_of_the_same_day():
    shown = look_lines([taken(rows=1), taken(), taken()])
    assert [(each.counted, each.times) for each in shown] == [("80 行中的 1 行", 1), ("全部 80 行", 2)]


def test_what_was_taken_out_of_two_agencies_is_two_lines():
    assert [(each.agency, each.times) for each in look_lines([taken(), taken(agency="h")])] == [("g", 1), ("h", 1)]


def test_what_was_restricted_never_folds_into_what_was_not():
    shown = look_lines([taken(), taken(restricted="talks")])
    assert [each.restricted for each in shown] == [None, "谈心谈话"]


def test_an_evening_and_the_next_morning_in_china_are_two_days_and_one_night_of_utc_is_none():
    evening, morning = taken(at="2026-11-23T12:00:00+00:00"), taken(at="2026-11-23T23:30:00+00:00")
    assert [each.times for each in look_lines([morning, evening])] == [1, 1]
    midday = taken(at="2026-11-24T04:00:00+00:00")
    assert [each.times for each in look_lines([midday, morning])] == [2]
    late, early = (item("GET /api/search", "/api/search", "", at["at"]) for at in (morning, evening))
    assert [each.times for each in lines([late, early])] == [1, 1]
