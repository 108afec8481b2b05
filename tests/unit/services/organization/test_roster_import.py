"""A workbook of 组织与名册: tried first, each row's error told; carried out, it says what is so and changes no more."""

from typing import Any

import pytest

from services.organization.domain.agency import AGENCY as TREE
from services.organization.ledgers.organisations import ORGANISATIONS
from services.organization.roster_import import carry_out as import_plan
from services.organization.roster_import import plan_of_import, read_sheets
from services.organization.roster_views import House
from shared.application.commands import Request
from shared.clock import day_in_china
from shared.documents import read_workbook
from shared.http.states import state_within
from shared.quarantine import Uploaded
from shared.security.extent import Unbounded
from tests.support.organisation_world import AGENCY, FIRST, GROUP, LIN, SECOND, ZHOU
from tests.support.workbooks import TREE_HEAD, roster_of, workbook_of
from tests.unit.services.organization.office import Office

AT = f"/agencies/{AGENCY}"
FULL = "正式党员"
EVERYTHING = Unbounded("a test")
FIRST_BRANCH, SECOND_BRANCH = "第一党支部", "第二党支部"


def preview(office: Office, data: bytes, status: int = 200, name: str = "名册.xlsx") -> Any:
    return office.upload("supervisor", f"{AT}/roster-preview", data, status, name=name)


def carry_out(office: Office, data: bytes, status: int = 200, **fields: Any) -> Any:
    return office.upload("supervisor", f"{AT}/roster-import", data, status, name="名册.xlsx", **fields)


def exported(office: Office, who: str = "supervisor", **asked: str) -> bytes:
    answer = office.ask(who, "GET", f"{AT}/roster.xlsx", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.content


def errors(office: Office, data: bytes) -> list[tuple[int, str, str]]:
    return [(e["row"], e["column"], e["code"]) for e in preview(office, data)["errors"]]


def head(office: Office) -> int:
    return office.runtime.store.head()


def test_a_dry_run_says_what_would_change_and_changes_nothing(office: Office) -> None:
    before = head(office)
    tree = [("第三党支部", "党支部", "机关党总支")]
    told = preview(office, roster_of(("陈一鸣", "第三党支部", "预备党员", "书记"), tree=tree))
    assert (told["enrolled"], told["tree_changes"], told["error_count"], told["absent"]) == (1, 1, 0, 2)
    assert told["people"][0] == {
        "row": 2,
        "name": "陈一鸣",
        "said": ["编入第三党支部（预备党员）", "任职：第三党支部书记"],
    }
    assert head(office) == before


def test_a_workbook_is_carried_out_once(office: Office) -> None:
    tree = [("第三党支部", "党支部", "机关党总支"), ("党建小组", "党小组", "第三党支部")]
    rows = (("陈一鸣", "第三党支部", FULL, "书记；机关党总支：委员"), ("高　洁", "党建小组", FULL, "组长"))
    data = roster_of(*rows, tree=tree)
    done = carry_out(office, data)
    assert (done["organisations"], done["members"], done["remaining"]) == (2, 2, 0)
    roster = office.get("member", "/roster", after=done["token"])["members"]
    assert [(m["name"], m["organisation_name"], [o["office_name"] for o in m["offices"]]) for m in roster[-2:]] == [
        ("陈一鸣", "第三党支部", ["书记", "委员"]),
        ("高洁", "党建小组", ["组长"]),
    ]
    before = head(office)
    assert carry_out(office, data) == {"organisations": 0, "members": 0, "remaining": 0, "token": None}
    assert head(office) == before


def test_rows_stand_in_any_order_superiors_too(office: Office) -> None:
    tree = [("党建小组", "党小组", "第三党支部"), ("第三党支部", "党支部", "机关党总支")]
    assert preview(office, roster_of(tree=tree))["tree_changes"] == 2


def test_what_is_exported_changes_nothing_when_it_comes_in(office: Office) -> None:
    body = {"organisation_id": FIRST, "office": "secretary", "reason": "选举"}
    office.post("supervisor", f"/members/{ZHOU}/offices", body)
    told = preview(office, exported(office))
    assert (told["error_count"], told["tree_changes"], told["people_changes"], told["absent"]) == (0, 0, 0, 0)
    assert (told["organisations"], told["rows"]) == (4, 2)


def test_a_number_moves_a_member_and_changes_offices(office: Office) -> None:
    body = {"organisation_id": FIRST, "office": "secretary", "reason": "选举"}
    office.post("supervisor", f"/members/{ZHOU}/offices", body)
    with_number = ("党员编号", "姓名", "所在党组织", "党员类别", "党内职务")
    data = roster_of(
        (ZHOU, "周宁", SECOND_BRANCH, FULL, "组织委员"), (LIN, "林舒", FIRST_BRANCH, FULL, "书记"), head=with_number
    )
    assert [s["said"] for s in preview(office, data)["people"]] == [
        ["由第一党支部调整到第二党支部", "离任：第一党支部书记", "任职：第二党支部组织委员"],
        ["任职：第一党支部书记"],
    ]
    carry_out(office, data)
    shown = office.get("member", f"/members/{ZHOU}")["member"]
    assert (shown["organisation_id"], [o["office"] for o in shown["offices"]]) == (SECOND, ["organisation"])


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        (("", FIRST_BRANCH, FULL), "姓名", "cell-needed"),
        (("陈一鸣", "第九党支部", FULL), "所在党组织", "place-unknown"),
        (("陈一鸣", FIRST_BRANCH, "群众"), "党员类别", "standing-unknown"),
        (("周宁", FIRST_BRANCH, "预备党员"), "党员类别", "standing-stays"),
        (("周宁", SECOND_BRANCH, FULL), "姓名", "same-name-elsewhere"),
        (("=cmd|'/c calc'!A1", FIRST_BRANCH, FULL), "姓名", "cell-formula"),
        (("陈" * 101, FIRST_BRANCH, FULL), "姓名", "cell-too-long"),
        (("陈一鸣", FIRST_BRANCH, FULL, "主任"), "党内职务", "office-unreadable"),
        (("陈一鸣", FIRST_BRANCH, FULL, "组长"), "党内职务", "office-kind"),
        (("陈一鸣", FIRST_BRANCH, FULL, "第二党支部：委员"), "党内职务", "office-outside"),
        (("陈一鸣", FIRST_BRANCH, FULL, "第九党支部：委员"), "党内职务", "office-place-unknown"),
        (("陈一鸣 110101199001011237", FIRST_BRANCH, FULL), "", "identity-number"),
    ],
)
def test_each_wrong_row_is_named_with_its_column_and_code(
    office: Office, row: tuple[str, ...], column: str, code: str
) -> None:
    data = roster_of(("高洁", FIRST_BRANCH, FULL), row)
    assert errors(office, data) == [(3, column, code)]
    before = head(office)
    assert carry_out(office, data, 422)["code"] == "import-has-errors"
    assert head(office) == before


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        (("第三党支部", "党委", "机关党总支"), "类型", "kind-unknown"),
        (("第三党支部", "党支部", "没有的"), "上级党组织", "superior-unknown"),
        (("第三党支部", "党支部", ""), "上级党组织", "superior-needed"),
        (("第三党支部", "党支部", "第一党支部"), "上级党组织", "superior-kind"),
        (("第一党支部", "党总支", "机关党总支"), "类型", "kind-stays"),
        (("第二党小组", "党小组", "第一党小组"), "上级党组织", "superior-kind"),
    ],
)
def test_the_trees_rules_refuse_a_row(office: Office, row: tuple[str, ...], column: str, code: str) -> None:
    assert errors(office, roster_of(tree=[row])) == [(2, column, code)]


def test_the_same_person_or_organisation_stands_in_one_row(office: Office) -> None:
    twice = ("陈一鸣", FIRST_BRANCH, FULL)
    assert errors(office, roster_of(twice, twice)) == [(3, "姓名", "row-repeated")]
    assert errors(office, roster_of(("周宁", FIRST_BRANCH, FULL), ("周　宁", FIRST_BRANCH, FULL))) == [
        (3, "姓名", "row-repeated")
    ]
    third = ("第三党支部", "党支部", "机关党总支")
    assert errors(office, roster_of(tree=[third, third])) == [(3, "组织名称", "row-repeated")]


def test_an_organisation_has_one_secretary_after_an_import(office: Office) -> None:
    data = roster_of(("周宁", FIRST_BRANCH, FULL, "书记"), ("林舒", FIRST_BRANCH, FULL, "书记"))
    assert errors(office, data) == [(3, "党内职务", "secretary-held-already")]


def test_a_sheet_that_asks_for_more_than_a_member_has_is_refused(office: Office) -> None:
    wide = ("姓名", "所在党组织", "党员类别", "身份证号码")
    assert errors(office, roster_of(("陈一鸣", FIRST_BRANCH, FULL, "-"), head=wide)) == [
        (1, "身份证号码", "column-not-wanted")
    ]
    assert errors(office, roster_of(("陈一鸣", FULL), head=("姓名", "党员类别"))) == [
        (1, "所在党组织", "column-missing")
    ]
    assert errors(office, workbook_of({"Sheet1": [("姓名",)]})) == [(0, "", "sheet-missing")]
    noted = roster_of(("陈一鸣", FIRST_BRANCH, FULL, "待核"), head=("姓名", "所在党组织", "党员类别", "备注"))
    assert preview(office, noted)["ignored"] == ["党员名册：备注"]


def test_an_import_goes_on_where_it_was_interrupted(office: Office) -> None:
    data = roster_of(*((f"党员{n:02}", FIRST_BRANCH, FULL) for n in range(7)))
    counted = []
    while (done := carry_out(office, data, limit=3))["members"]:
        counted.append((done["members"], done["remaining"]))
    assert counted == [(3, 4), (3, 1), (1, 0)]
    assert office.get("member", "/roster", organisation=FIRST)["total"] == 9


def test_a_sheet_that_came_twice_at_once_enrols_once_and_both_are_told_a_moment_to_wait_for(office: Office) -> None:
    uploaded = Uploaded("名册.xlsx", roster_of(("陈一鸣", FIRST_BRANCH, FULL)))
    request = Request(actor="supervisor", agency_id=AGENCY)
    day = day_in_china(office.runtime.clock())
    state = state_within(office.runtime, TREE, AGENCY, EVERYTHING, lambda agency: (agency.agency_id, None))
    with office.reader.read(ORGANISATIONS.name, EVERYTHING) as reading:
        house = House.read(reading, AGENCY, day)
    assert house
    sheets = read_sheets(office.runtime, request, uploaded)
    plans = [plan_of_import(state, house, sheets, day) for _ in range(2)]
    first, second = (import_plan(office.runtime, request, plan, uploaded, 10).token for plan in plans)
    assert first == second == office.runtime.commands.token(first.stream, first.version)
    assert office.get("member", "/roster", organisation=FIRST)["total"] == 3


def test_a_name_is_renamed_by_its_number_and_an_organisation_moved(office: Office) -> None:
    head_ = ("组织编号", *TREE_HEAD)
    rows = [(GROUP, "综合党小组", "党小组", SECOND_BRANCH), ("", "第二党支部", "党支部", "机关党总支")]
    data = workbook_of({"党组织": [head_, *rows]})
    assert [s["said"] for s in preview(office, data)["tree"]] == [
        ["更名：第一党小组 → 综合党小组"],
        ["调整隶属：综合党小组 → 第二党支部"],
    ]
    carry_out(office, data)
    shown = office.get("member", f"/organisations/{GROUP}")
    assert (shown["organisation"]["name"], shown["organisation"]["parent_id"]) == ("综合党小组", SECOND)


def test_only_who_keeps_the_rosters_imports_and_exports_them(office: Office) -> None:
    data = roster_of(("陈一鸣", FIRST_BRANCH, FULL))
    for what in ("roster-preview", "roster-import"):
        office.upload("organiser", f"{AT}/{what}", data, 403, name="名册.xlsx")
        office.upload("stranger", f"{AT}/{what}", data, 404, name="名册.xlsx")
    assert exported(office)
    for who in ("member", "organiser"):
        assert office.ask(who, "GET", f"{AT}/roster.xlsx").status_code == 403
    assert office.ask("stranger", "GET", f"{AT}/roster.xlsx").status_code == 404
    template = office.ask("supervisor", "GET", f"{AT}/roster-template.xlsx").content
    sheets = read_workbook("模板.xlsx", template)
    assert (len(sheets["党组织"]), len(sheets["党员名册"]), list(sheets)[-1]) == (5, 1, "填写说明")


def test_an_export_holds_what_the_roster_was_narrowed_to(office: Office) -> None:
    rows = read_workbook("名册.xlsx", exported(office, q="zn"))["党员名册"]
    assert [row[1] for row in rows[1:]] == ["周宁"]
