"""我的账号: the roles one holds and who gave them, one's own sessions, tokens for machines."""

import httpx
import pytest
from playwright.sync_api import expect

from tests.support.browser import NARROW, WIDE, axe_findings, sign_in

pytestmark = pytest.mark.browser

NOBODY_ELSES = "督查组"
"""An account that no other test signs in with: here its sessions are ended."""


@pytest.fixture
def account(platform):
    return platform.accounts[NOBODY_ELSES]


@pytest.fixture
def at_home(person, account):
    """Somebody who has just signed in and opened their account from the head's menu."""
    someone = person()
    someone.open("/sign-in")
    sign_in(someone.page, account)
    someone.page.locator(".who summary").click()
    someone.page.get_by_role("link", name="我的账号").click()
    expect(someone.page.locator("h1")).to_have_text(account["name"])
    return someone


def test_one_sees_what_one_is_and_who_gave_it(at_home, account):
    roles = at_home.page.get_by_role("region", name="我的角色")
    expect(roles).to_contain_text(NOBODY_ELSES)
    expect(roles).to_contain_text("授予，长期有效")
    expect(at_home.page.locator("main")).to_contain_text(account["account"])


def test_one_ends_a_session_elsewhere_and_then_all_others(at_home, person, account):
    elsewhere = [person() for _ in range(3)]
    for someone in elsewhere:
        someone.open("/sign-in")
        sign_in(someone.page, account)
    at_home.open("/account")
    page = at_home.page
    before = page.get_by_role("button", name="的登录").count()
    assert before >= 3
    page.get_by_role("button", name="的登录").first.click()
    expect(page.get_by_role("status")).to_contain_text("已结束")
    expect(page.get_by_role("button", name="的登录")).to_have_count(before - 1)
    elsewhere[-1].open("/account")
    expect(elsewhere[-1].page.locator("#password")).to_be_visible()
    page.get_by_role("button", name="结束其他全部登录").click()
    expect(page.get_by_role("button", name="的登录")).to_have_count(0)
    for someone in elsewhere:
        someone.open("/account")
        expect(someone.page.locator("#account")).to_be_visible()


def test_a_token_is_made_shown_once_used_and_revoked(at_home, platform, account):
    page = at_home.page
    page.locator("summary", has_text="建立访问令牌").click()
    page.fill("#name", "机关统计报表")
    page.select_option("#days", label="一个月")
    page.fill("#password", "不是这个密码 2026")
    page.get_by_role("button", name="建立").click()
    expect(page.locator("#wrong-password")).to_contain_text("密码不对")
    expect(page.locator("#name")).to_have_value("机关统计报表")
    page.fill("#password", account["password"])
    page.get_by_role("button", name="建立").click()
    secret = page.locator(".secret").inner_text()
    for viewport in (NARROW, WIDE):
        page.set_viewport_size(viewport)
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
        assert axe_findings(page) == []
    page.get_by_role("link", name="已经保存好").click()
    tokens = page.get_by_role("region", name="访问令牌")
    expect(tokens).to_contain_text("还没有用过")
    assert secret not in page.content()

    machine = httpx.Client(base_url=platform.url, headers={"Authorization": f"Bearer {secret}"})
    assert machine.get("/api/access/me").json()["display_name"] == account["name"]
    assert machine.get("/api/access/account").json()["code"] == "person-needed"
    page.reload()
    expect(tokens).to_contain_text("用过")
    expect(tokens).not_to_contain_text("还没有用过")
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_role("status")).to_contain_text("令牌已撤销")
    expect(tokens).to_contain_text("没有有效的访问令牌")
    assert machine.get("/api/access/me").status_code == 401
    machine.close()
