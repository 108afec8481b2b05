"""账号与角色 in the browser: ended with a reason, refused beside the field, nothing offered that is not one's own."""

import pytest
from playwright.sync_api import expect

from tests.support.browser import ADMINISTRATOR, AUDITOR, MEMBER, SECURITY, axe_findings

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def member(platform):
    login = platform.accounts[MEMBER]["account"]
    return platform.get(ADMINISTRATOR, "/api/access/accounts", q=login)["items"][0]


def test_a_request_is_sent_back_with_a_reason_and_stays_in_the_trail(person, member):
    manager, guard, auditor = person(ADMINISTRATOR), person(SECURITY), person(AUDITOR)
    manager.open(f"/accounts/{member['id']}")
    manager.page.get_by_label("角色").select_option(label="党小组组长")
    manager.page.locator("#ask-why").fill("小组调整")
    manager.page.get_by_role("button", name="提交申请").click()
    expect(manager.page.get_by_role("status")).to_contain_text("已提交申请")
    guard.open(f"/accounts/{member['id']}")
    guard.page.get_by_text("退回", exact=False).first.click()
    guard.page.locator("#no-why-1").fill("小组尚未选举")
    guard.page.get_by_role("button", name="退回申请").click()
    expect(guard.page.get_by_role("status")).to_contain_text("已退回")
    auditor.open(f"/history?stream=access:account:{member['id']}")
    expect(auditor.page.get_by_text("退回角色申请").first).to_be_visible()


def test_a_refused_role_is_told_beside_the_field(person, member):
    manager = person(ADMINISTRATOR)
    manager.open(f"/accounts/{member['id']}")
    manager.page.get_by_label("角色").select_option(label="系统管理员")
    manager.page.locator("#ask-why").fill("轮岗")
    manager.page.get_by_role("button", name="提交申请").click()
    expect(manager.page.locator("#wrong-role")).to_contain_text("管理员账号只做管理")
    expect(manager.page.get_by_label("角色")).to_have_value("administrator")


def test_a_suspended_account_is_taken_back_into_use_with_a_reason(person):
    manager, auditor = person(ADMINISTRATOR), person(AUDITOR)
    manager.open("/accounts/new")
    manager.page.get_by_label("姓名").fill("方榆")
    manager.page.get_by_label("登录名").fill("fangyu-back")
    manager.page.get_by_role("button", name="开立").click()
    manager.page.locator("#suspend-why").fill("借调外地")
    manager.page.get_by_role("button", name="停用").click()
    expect(manager.page.get_by_role("status")).to_contain_text("已停用")
    manager.page.locator("#reinstate-why").fill("借调期满")
    manager.page.get_by_role("button", name="恢复使用").click()
    expect(manager.page.get_by_role("status")).to_contain_text("已恢复使用")
    assert axe_findings(manager.page) == []
    auditor.open(f"/history?stream=access:account:{manager.page.url.split('/')[-1].split('?')[0]}")
    expect(auditor.page.get_by_text("恢复使用账号").first).to_be_visible()


def test_the_security_administrator_revokes_a_token_with_a_reason(person, platform):
    with platform.api(AUDITOR) as client:
        asked = {"name": "夜间核对", "password": platform.accounts[AUDITOR]["password"]}
        made = client.post("/api/access/tokens", json=asked).json()
        account = client.get("/api/access/me").json()["account_id"]
    guard = person(SECURITY)
    guard.open(f"/accounts/{account}?after={made['token']}")
    guard.page.get_by_text("撤销夜间核对").click()
    guard.page.locator("#revoke-why-1").fill("程序已停用")
    guard.page.get_by_role("button", name="撤销这个令牌").click()
    expect(guard.page.get_by_role("status")).to_contain_text("令牌已撤销")
    expect(guard.page.get_by_text("夜间核对")).to_have_count(0)


def test_an_account_whose_role_was_refused_is_open_and_says_why(person):
    manager = person(ADMINISTRATOR)
    manager.open("/accounts/new")
    manager.page.get_by_label("姓名").fill("骆青")
    manager.page.get_by_label("登录名").fill("luoqing-new")
    manager.page.get_by_label("角色").select_option(label="党员")
    manager.page.get_by_label("到哪天为止").evaluate("field => { field.min = ''; field.value = '2020-01-01'; }")
    manager.page.get_by_role("button", name="开立").click()
    expect(manager.page.locator("h1")).to_contain_text("骆青")
    expect(manager.page.get_by_role("status")).to_contain_text("账号已开立")
    expect(manager.page.locator("#wrong-until")).to_contain_text("已经过去")
    expect(manager.page.get_by_label("角色")).to_have_value("member")
    manager.page.get_by_label("到哪天为止").fill("")
    manager.page.locator("#ask-why").fill("新入职党员")
    manager.page.get_by_role("button", name="提交申请").click()
    expect(manager.page.get_by_role("status")).to_contain_text("已提交申请")


def test_each_administrator_is_offered_what_is_theirs(person, member):
    offered = {}
    for role in (ADMINISTRATOR, SECURITY, AUDITOR):
        someone = person(role)
        someone.open(f"/accounts/{member['id']}")
        offered[role] = set(someone.page.locator("main form h2").all_inner_texts())
    assert offered == {ADMINISTRATOR: {"申请角色", "重设密码", "停用账号"}, SECURITY: set(), AUDITOR: set()}


def test_whoever_is_no_administrator_sees_no_accounts(person, member):
    someone = person(MEMBER)
    assert [someone.open(p) for p in ("/accounts", "/accounts/new", f"/accounts/{member['id']}", "/agencies")] == [
        403
    ] * 4
