"""Two-step sign-in in the browser: switched on with a device, asked for at the door, switched off again."""

import re
import time

import pyotp
import pytest
from playwright.sync_api import expect

from tests.support.browser import ADMINISTRATOR, AUDITOR, MEMBER, NARROW, WIDE, axe_findings, sign_in

pytestmark = pytest.mark.browser

HERE = "/account/second-step"


@pytest.fixture
def account(platform):
    """An account that no other test signs in with meanwhile."""
    return platform.accounts[AUDITOR]


def fits(page) -> None:
    """Desk and phone, nothing too wide, nothing that axe-core finds."""
    for viewport in (NARROW, WIDE):
        page.set_viewport_size(viewport)
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
        assert axe_findings(page) == []


def at_the_second_screen(someone, account):
    """Type the password and come to the screen that asks for a code."""
    someone.open("/sign-in?next=/system")
    someone.page.fill("#account", account["account"])
    someone.page.fill("#password", account["password"])
    someone.page.press("#password", "Enter")
    expect(someone.page.locator("#code")).to_be_focused()
    return someone.page


def test_a_second_step_is_switched_on_asked_for_and_switched_off(person, account):
    someone = person()
    page = someone.page
    someone.open("/sign-in")
    sign_in(page, account)
    someone.open(HERE)
    fits(page)
    page.fill("#password", "不是这个密码 2026")
    page.press("#password", "Enter")
    expect(page.get_by_role("alert")).to_contain_text("密码不对")

    page.fill("#password", account["password"])
    page.press("#password", "Enter")
    expect(page.locator(".qr")).to_be_visible()
    secret = page.locator(".secret").inner_text()
    device = pyotp.TOTP(re.sub(r"\s", "", secret))
    fits(page)
    page.fill("#code", "12345")
    page.press("#code", "Enter")
    expect(page.get_by_role("alert")).to_contain_text("6 位数字")
    assert page.locator(".secret").inner_text() == secret, "the same secret is still there after a wrong code"
    page.fill("#code", device.now())
    page.press("#code", "Enter")
    expect(page.locator(".codes li")).to_have_count(10)
    recovery = page.locator(".codes li").all_inner_texts()
    fits(page)
    page.get_by_role("link", name="已经收好").click()
    expect(page.get_by_role("link", name=re.compile("管理.*两步验证"))).to_be_visible()
    someone.open(HERE)
    expect(page.locator("main")).to_contain_text("恢复码还剩 10 个")
    fits(page)
    page.fill("#renew-password", account["password"])
    page.fill("#renew-code", recovery[9])
    page.get_by_role("button", name="换新的恢复码").click()
    expect(page.locator("h1")).to_have_text("恢复码已更换")
    fits(page)
    renewed = page.locator(".codes li").all_inner_texts()
    assert not set(renewed) & set(recovery)
    recovery = renewed

    door = at_the_second_screen(person(), account)
    fits(door)
    door.fill("#code", device.at(time.time(), counter_offset=7))
    door.press("#code", "Enter")
    expect(door.get_by_role("alert")).to_contain_text("动态口令不对")
    door.fill("#code", device.at(time.time(), counter_offset=1))
    door.press("#code", "Enter")
    expect(door).to_have_url(re.compile("/system$"))

    door = at_the_second_screen(person(), account)
    door.locator("summary").click()
    door.fill("#recovery", recovery[0].lower())
    door.press("#recovery", "Enter")
    expect(door).to_have_url(re.compile("/system$"))

    someone.open(HERE)
    page.fill("#password", account["password"])
    page.fill("#code", recovery[1])
    page.get_by_role("button", name="关闭两步验证").click()
    expect(page.get_by_role("status")).to_contain_text("两步验证已关闭")
    someone = person()
    someone.open("/sign-in")
    sign_in(someone.page, account)


def test_who_lost_the_device_is_let_in_again_by_the_administrator_with_a_reason(person, platform):
    with platform.api(MEMBER) as client:
        secret = client.post(
            "/api/access/second-step/prepare", json={"password": platform.accounts[MEMBER]["password"]}
        ).json()["secret"]
        confirmed = client.post("/api/access/second-step/confirm", json={"code": pyotp.TOTP(secret).now()})
        assert confirmed.is_success, confirmed.text
        whose = client.get("/api/access/me").json()["account_id"]
    manager = person(ADMINISTRATOR)
    manager.open(f"/accounts/{whose}")
    card = manager.page.locator("#second-step")
    card.locator("summary").click()
    card.get_by_label("事由").fill("手机遗失，当面核实")
    fits(manager.page)
    card.get_by_role("button", name="关闭", exact=True).click()
    expect(manager.page.get_by_role("status")).to_contain_text("两步验证已关闭")
    expect(card).to_have_count(0)
    someone = person()
    someone.open("/sign-in")
    sign_in(someone.page, platform.accounts[MEMBER])
    expect(someone.page.locator("#code")).to_have_count(0)
