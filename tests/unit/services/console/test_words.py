"""Words: codes, fields and values as people read them; every permission and event has its name."""

import pytest

import shared.contracts.organization as organization
import shared.contracts.research as research
from services.console import words
from services.console.names import Names
from shared.contracts.base import contracts
from shared.security.policy import Permission

PLAN = "33333333-3333-7333-8333-333333333333"
NAMES = Names({"a": "某机关"}, {"o": "第三支部"}, {"m": "周宁"})


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("clauses.3-2.nature", "条款 3-2 · 性质"),
        ("measures.4", "第 4 条"),
        ("held_on", "召开日期"),
        ("never-heard-of", "never-heard-of"),
        ("clauses", "条款 "),
        (f"grants.{PLAN}.role", "角色 · 角色"),
        ("clauses.{0}", "条款 {0}"),
    ],
)
def test_a_field_path_is_said_in_chinese(path, said):
    assert words.field(path) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "—"),
        ("", "—"),
        ([], "—"),
        (True, "是"),
        (False, "否"),
        ("o", "第三支部"),
        (["a", "m", "别的"], "某机关、周宁、别的"),
        (f"{PLAN}/3-2", "任务 3-2"),
        ("1/2", "1/2"),
        (0, "0"),
    ],
)
def test_a_value_is_shown_as_people_read_it(value, said):
    assert words.value("", value, NAMES) == said


def test_every_permission_has_a_name():
    assert {p.value for p in Permission} == set(words.PERMISSIONS)


@pytest.mark.parametrize("context", [organization, research])
def test_every_event_of_a_service_has_a_name(context):
    own = {code for code, kind in contracts().items() if kind.__module__ == context.__name__}
    assert own
    assert own <= set(words.EVENTS)


@pytest.mark.parametrize(("number", "said"), [(1, "一"), (2, "两"), (10, "十"), (11, " 11 ")])
def test_small_numbers_are_said_in_words(number, said):
    assert words.count(number) == said


@pytest.mark.parametrize(
    ("state", "title"), [({"title": "甲"}, "甲"), ({"name": "乙"}, "乙"), ({}, "组织生活"), (None, "组织生活")]
)
def test_a_record_is_called_by_its_own_title(state, title):
    assert words.record_title("organization:activity:x", state) == title


def test_names_tell_what_is_not_known_apart_from_what_belongs_to_the_agency():
    assert NAMES.organisation(None) == "机关本级"
    assert NAMES.organisation("agency:a") == "机关本级"
    assert NAMES.organisation("unknown") == "其他党组织"
    assert NAMES.agency("unknown") == "其他机关"
    assert NAMES.any("unknown") == "unknown"


def test_a_role_is_said_by_its_name_where_a_role_stands_and_nowhere_else():
    assert words.value(f"grants.{PLAN}.role", "member", NAMES) == "党员"
    assert words.value("title", "member", NAMES) == "member"


def test_what_a_token_may_do_is_said_as_the_table_of_permissions_says_it():
    assert words.value("scopes", ["record-activity"], NAMES) == words.PERMISSIONS["record-activity"]


@pytest.mark.parametrize(
    ("basis", "number"),
    [
        ("清督〔2026〕99号《关于补充督查的通知》", "清督〔2026〕99号"),
        ("《关于落实第3号文件的通知》（清工委〔2026〕7 号）", "清工委〔2026〕7 号"),
        ("工委主要负责同志批示", "工委主要负责同志批示"),
        ("清督(2026)3号", "清督(2026)3号"),
        ("清督[2026]第3号，开展督查", "清督[2026]第3号"),
        ("工委会议纪要第 5 号", "工委会议纪要第 5 号"),
        ("3月12号工委会议决定", "3月12号工委会议决定"),
        ("工委" * 20, "工委" * 14 + "工…"),
    ],
)
def test_a_mandate_is_called_by_the_number_of_what_it_rests_on(basis, number):
    assert words.document_number(basis) == number
