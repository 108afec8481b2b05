"""组织与党员 in a browser: found in the tree, imported in three steps, every wrong row told, nothing done twice."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.support.browser import MEMBER, NARROW, ORGANISER, SUPERVISOR, axe_findings
from tests.support.workbooks import roster_of

pytestmark = pytest.mark.browser

FULL = "正式党员"


@pytest.fixture(scope="module")
def branch(platform):
    found = platform.get(SUPERVISOR, "/api/organization/organisations")["organisations"]
    return next(o for o in found if o["kind"] == "branch")


def test_a_workbook_is_chosen_looked_at_and_imported_in_three_steps(person, branch, tmp_path: Path):
    good = tmp_path / "名册.xlsx"
    good.write_bytes(roster_of(*((f"新编党员{n:03}", branch["name"], FULL) for n in range(3))))
    someone = person(SUPERVISOR)
    someone.open("/organisations/import")
    page = someone.page
    page.set_input_files("#file", good)
    page.get_by_role("button", name="试读").click()
    expect(page.locator(".changes-list tbody tr")).to_have_count(3)
    assert axe_findings(page) == []
    page.get_by_role("button", name="确认导入").click()
    expect(page.locator("#result .done")).to_contain_text("导入完成")
    page.get_by_role("button", name="试读").click()
    expect(page.locator("#result .done")).to_contain_text("完全一致")
    someone.open("/members?q=xbdy")
    expect(page.locator(".roster tbody tr")).to_have_count(3)


def test_a_wrong_row_is_told_with_row_column_and_sentence_and_nothing_is_written(person, branch, tmp_path: Path):
    bad = tmp_path / "名册.xlsx"
    bad.write_bytes(roster_of(("有错的人", branch["name"], FULL), ("", branch["name"], FULL)))
    someone = person(SUPERVISOR)
    someone.open("/organisations/import")
    page = someone.page
    page.set_input_files("#file", bad)
    page.get_by_role("button", name="试读").click()
    row = page.locator(".wrong-rows tbody tr")
    expect(row.locator("td")).to_have_text(["党员名册", "3", "姓名", "请填写姓名。", "cell-needed"])
    assert page.get_by_role("button", name="确认导入").count() == 0
    page.set_input_files("#file", {"name": "名册.csv", "mimeType": "text/csv", "buffer": "姓名".encode()})
    page.get_by_role("button", name="试读").click()
    expect(page.locator("#result .wrong")).to_contain_text("只接受 .xlsx 工作簿")
    someone.open("/members?q=有错的人")
    expect(page.locator("main")).to_contain_text("没有符合条件的党员")


def test_without_script_the_same_file_is_chosen_once_more(browser, platform, sessions, branch, tmp_path: Path):
    good = tmp_path / "名册.xlsx"
    good.write_bytes(roster_of(("无脚本党员", branch["name"], FULL)))
    context = browser.new_context(storage_state=sessions(SUPERVISOR), java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{platform.url}/organisations/import")
    for button in ("试读", "确认导入"):
        page.set_input_files("#file", good)
        page.get_by_role("button", name=button).click()
    expect(page.locator("#result .done")).to_contain_text("导入完成")
    context.close()


def test_a_roster_is_exported_by_who_keeps_it_and_a_member_sees_no_way_to_take_or_change_it(person, branch):
    keeper, someone = person(SUPERVISOR), person(MEMBER)
    keeper.open("/organisations")
    with keeper.page.expect_download() as download:
        keeper.page.get_by_role("link", name="导出 Excel").click()
    assert download.value.path().read_bytes()[:2] == b"PK"
    for path in ("/organisations", f"/members?organisation={branch['id']}"):
        someone.open(path)
        assert someone.page.get_by_role("link", name="导出 Excel").count() == 0
    someone.open(f"/organisations/{branch['id']}")
    assert someone.page.get_by_text("更名").count() == 0
    assert someone.open("/organisations/import") == 403


def test_a_secretary_finds_a_member_on_a_phone_by_initials(person, branch):
    someone = person(ORGANISER, NARROW)
    someone.open("/organisations")
    someone.page.fill("#named", "zn")
    someone.page.press("#named", "Enter")
    someone.page.locator(".roster tbody a").first.click()
    expect(someone.page.locator("h1")).to_have_text("周宁")


def test_an_office_is_recorded_and_left_with_its_reason_beside_the_field(person, platform, branch):
    member = platform.get(SUPERVISOR, "/api/organization/roster", organisation=branch["id"])["members"][-1]
    someone = person(SUPERVISOR)
    someone.open(f"/members/{member['id']}")
    page = someone.page
    page.locator("summary", has_text="登记任职").click()
    page.locator("#office").select_option("publicity")
    page.get_by_role("button", name="登记任职").click()
    expect(page.locator(".wrong")).to_contain_text("必须填写")
    page.fill("#take-office-why", "支部党员大会选举")
    page.get_by_role("button", name="登记任职").click()
    expect(page.locator(".kv")).to_contain_text("宣传委员")
    page.locator("summary", has_text="登记离任").first.click()
    page.locator(".act[open] input[name=reason]").fill("届满")
    page.get_by_role("button", name="登记离任").click()
    expect(page.locator(".done")).to_contain_text("已登记离任")
