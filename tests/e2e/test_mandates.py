"""检查授权 in the browser: asked for, approved by another, read under, ended, and then seen by the inspected."""

import pytest
from playwright.sync_api import expect

from tests.support.browser import AUDITOR, INSPECTOR, MEMBER, NARROW, SUPERVISOR, axe_findings

pytestmark = pytest.mark.browser
COMMITTEE, SUPERVISION = "市直机关工委", "督查组"
BASIS = "清督〔2026〕99号《关于补充督查的通知》"


def row(page, basis=BASIS):
    return page.locator("main li", has_text=basis)


def test_a_mandate_goes_from_request_to_clearance_and_the_inspected_see_afterwards_what_was_read(person):
    group, approver, inspected = person(SUPERVISION), person(COMMITTEE), person(SUPERVISOR)
    assert group.open("/plans") == 403
    group.open("/mandates/new")
    group.page.get_by_label("依据").fill(BASIS)
    group.page.get_by_label("调阅清单").fill("主题党日记录\n任务落实台账")
    group.page.get_by_role("button", name="提交").click()
    expect(group.page.get_by_role("status")).to_contain_text("等候批准")
    there = group.page.url.partition("?")[0].removeprefix(group.url)
    assert group.page.get_by_role("button", name="批准").count() == 0
    assert inspected.open(there) == 404

    approver.open("/mandates")
    row(approver.page).get_by_role("link").click()
    approver.page.get_by_role("button", name="批准", exact=True).click()
    expect(approver.page.get_by_role("status")).to_contain_text("已批准")

    assert group.open("/plans") == 200
    group.open("/search?q=主题党日")
    inspected.open(there)
    expect(inspected.page.get_by_text("封存中")).to_be_visible()

    group.open(there)
    group.page.get_by_text("提前结束").first.click()
    group.page.get_by_label("事由").fill("检查完毕")
    group.page.get_by_role("button", name="提前结束").click()
    expect(group.page.get_by_role("status")).to_contain_text("立即停止查阅")
    assert group.open("/plans") == 403

    inspected.open(there)
    expect(inspected.page.locator("main li", has_text="检索").first).to_contain_text("主题党日")
    for waits in (approver, group):
        waits.open("/")
        row(waits.page, "登记清退 · 清督〔2026〕99号").get_by_role("link", name="登记清退").click()
        expect(waits.page.get_by_label("退回、销毁了什么")).to_be_in_viewport()
    group.page.get_by_label("退回、销毁了什么").fill("复印件 2 份退回")
    group.page.get_by_role("button", name="登记清退").click()
    expect(group.page.locator("h1")).to_contain_text("已清退")
    group.open("/")
    expect(row(group.page, "登记清退")).to_have_count(0)

    auditor = person(AUDITOR)
    auditor.open("/history/looks")
    expect(auditor.page.get_by_role("link", name="检查授权 清督〔2026〕99号").first).to_be_visible()
    folded = auditor.page.locator("details.rest tbody tr").first
    expect(folded).to_be_hidden()
    auditor.page.get_by_text("页面所需的组织名称等").click()
    expect(folded).to_be_visible()
    assert axe_findings(auditor.page) == []


def test_a_refusal_stands_beside_its_field_and_what_was_typed_stays(person):
    someone = person(INSPECTOR)
    someone.open("/mandates/new")
    someone.page.get_by_label("依据").fill(BASIS)
    someone.page.get_by_label("从哪天起").fill("2099-01-02")
    someone.page.get_by_label("到哪天止").fill("2099-01-01")
    someone.page.get_by_label("全机关").first.check()
    someone.page.get_by_role("button", name="提交").click()
    expect(someone.page.locator("#wrong-last_day")).to_contain_text("不能早于")
    expect(someone.page.get_by_label("依据")).to_have_value(BASIS)
    expect(someone.page.get_by_label("全机关").first).to_be_checked()


def test_who_saw_and_who_may_see_is_read_on_a_phone_without_moving_sideways(person, platform):
    auditor, supervisor = person(AUDITOR, NARROW), person(SUPERVISOR)
    agency = platform.accounts[SUPERVISOR]["agency"]
    supervisor.page.request.get(f"{supervisor.url}/organisations/{agency}/roster.xlsx")
    stream = f"organization:agency:{agency}"
    for path in ("/history/looks", f"/history/looks?stream={stream}", f"/history/readers?stream={stream}"):
        assert auditor.open(path) == 200, path
        table = auditor.page.locator("main .scroll").first
        expect(table.locator("tbody th").first).to_be_visible()
        assert table.evaluate("e => e.scrollWidth <= e.clientWidth"), path
        assert axe_findings(auditor.page) == [], path


def test_a_mandate_called_off_before_its_first_day_says_so_and_speaks_of_no_end(person, platform):
    group, inspected = person(INSPECTOR), person(SUPERVISOR, NARROW)
    with platform.api(INSPECTOR) as client:
        options = client.get("/api/access/mandates/options").json()
        body, place = options["bodies"][0], next(p for p in options["places"] if p["whole_agency"])
        asked = {
            "body": body["code"],
            "basis": "清工委〔2099〕7号",
            "places": [{"agency": place["agency"], "organisation": place["organisation"]}],
            "classes": ["internal"],
            "first_day": "2099-03-01",
            "last_day": "2099-03-10",
            "people": [body["people"][0]["id"]],
        }
        mandate = client.post("/api/access/mandates", json=asked).json()["id"]
    with platform.api(COMMITTEE) as client:
        assert client.post(f"/api/access/mandates/{mandate}/approval").is_success
    group.open(f"/mandates/{mandate}")
    group.page.locator("summary", has_text="撤销").click()
    group.page.get_by_label("事由").fill("检查改期")
    group.page.get_by_role("button", name="撤销").click()
    expect(group.page.get_by_role("status")).to_contain_text("没有需要清退的")
    for someone in (group, inspected):
        someone.open(f"/mandates/{mandate}")
        expect(someone.page.locator("h1")).to_contain_text("已撤销，未开始")
        expect(someone.page.locator("main")).to_contain_text("没有查阅过")
        expect(someone.page.locator("main")).not_to_contain_text("到期自动停止")
        assert axe_findings(someone.page) == []


def test_whoever_neither_inspects_nor_answers_for_the_agency_sees_none(person):
    assert person(MEMBER).open("/mandates") == 403


@pytest.mark.parametrize("role", [INSPECTOR, COMMITTEE, SUPERVISOR])
def test_the_pages_fit_a_phone_and_are_accessible(person, role):
    someone = person(role, NARROW)
    paths = ["/mandates"]
    someone.open("/mandates")
    paths += [someone.page.locator("main li a").first.get_attribute("href")]
    paths += ["/mandates/new"] if role != SUPERVISOR else []
    for path in paths:
        assert someone.open(path) == 200
        wide = someone.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not wide, path
        assert axe_findings(someone.page) == [], path
