"""Who sees what on screen, and what happens when nobody is signed in any more."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.browser import ADMINISTRATOR, MEMBER, ORGANISER, OTHER_AGENCY, SUPERVISOR, sign_in

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def plan(platform):
    return platform.get(SUPERVISOR, "/api/organization/work-plans")["plans"][-1]


def test_a_member_is_offered_no_import_and_is_refused_it(person, plan):
    someone = person(MEMBER)
    someone.open("/plans")
    expect(someone.page.get_by_text(plan["title"])).to_be_visible()
    assert someone.page.get_by_role("link", name="导入工作要点").count() == 0
    assert someone.open("/plans/import") == 403
    expect(someone.page.locator("h1")).to_have_text("没有权限")


def test_another_agency_sees_neither_plan_nor_record_nor_hit(person, platform, plan):
    activity = platform.get(SUPERVISOR, "/api/organization/activities")["activities"][0]
    someone = person(OTHER_AGENCY)
    someone.open("/plans")
    assert someone.page.get_by_text(plan["title"]).count() == 0
    assert someone.open(f"/plans/{plan['id']}") == 404
    assert someone.open(f"/activities/{activity['id']}") == 404
    assert someone.open(f"/history?stream=organization:activity:{activity['id']}") == 404
    someone.open(f"/search?q=“{activity['title']}”")
    expect(someone.page.locator(".count b")).to_have_text("0")


def test_the_administrator_sees_the_system_and_no_business(person, plan):
    someone = person(ADMINISTRATOR)
    someone.open("/")
    assert someone.page.locator(".side a").all_inner_texts() == ["工作台", "机关与组织", "账号与角色", "系统"]
    assert someone.open(f"/plans/{plan['id']}") == 403
    assert someone.open("/system") == 200
    expect(someone.page.locator("h1")).to_have_text("一切正常")


def test_a_page_asked_for_before_signing_in_opens_after_it(person, platform, plan):
    someone = person()
    someone.open(f"/plans/{plan['id']}?status=overdue")
    sign_in(someone.page, platform.accounts[ORGANISER])
    expect(someone.page).to_have_url(re.compile(rf"/plans/{plan['id']}\?status=overdue"))


def test_a_wrong_password_is_told_and_the_account_stays_typed(person, platform):
    someone = person()
    someone.open("/sign-in")
    someone.page.fill("#account", platform.accounts[MEMBER]["account"])
    someone.page.fill("#password", "wrong")
    someone.page.press("#password", "Enter")
    expect(someone.page.get_by_role("alert")).to_contain_text("不正确")
    expect(someone.page.locator("#account")).to_have_value(platform.accounts[MEMBER]["account"])


def test_after_signing_out_the_back_button_shows_nothing(person, platform):
    someone = person()
    someone.open("/sign-in")
    sign_in(someone.page, platform.accounts[MEMBER])
    someone.open("/activities")
    someone.page.locator(".who summary").click()
    someone.page.get_by_role("button", name="退出登录").click()
    someone.page.wait_for_url(re.compile("/sign-in"))
    someone.page.go_back()
    someone.page.wait_for_url(re.compile("/sign-in"))
    expect(someone.page.locator("#account")).to_be_visible()


def test_what_was_typed_survives_a_session_that_ended(person, platform):
    someone = person()
    someone.open("/sign-in")
    sign_in(someone.page, platform.accounts[ORGANISER])
    someone.open("/activities/new")
    someone.page.fill("#title", "到期前写下的题目")
    someone.page.fill("#minutes", "写了很长时间的纪要")
    someone.page.locator("input[name=absentees]").first.check()
    someone.page.context.clear_cookies()
    someone.page.get_by_role("button", name="登记").click()
    someone.page.wait_for_url(re.compile("/sign-in"))
    sign_in(someone.page, platform.accounts[ORGANISER])
    expect(someone.page.locator("#minutes")).to_have_value("写了很长时间的纪要")
    expect(someone.page.locator("#title")).to_have_value("到期前写下的题目")
    expect(someone.page.locator("input[name=absentees]").first).to_be_checked()
    expect(someone.page.get_by_text("已恢复上次没有提交的内容")).to_be_visible()
    someone.page.get_by_role("button", name="不要了").click()
    expect(someone.page.locator("#minutes")).to_have_value("")
