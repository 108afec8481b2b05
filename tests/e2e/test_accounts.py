"""账号与角色 in the browser: ended with a reason, refused beside the field, nothing offered that is not one's own."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.browser import ADMINISTRATOR, AUDITOR, MEMBER, SECURITY, axe_findings

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def member(platform):
    login = platform.accounts[MEMBER]["account"]
    return platform.get(ADMINISTRATOR, "/api/access/accounts", q=login)["items"][0]


def asks(manager, member, role, why):
    manager.open(f"/accounts/{member['id']}")
    manager.page.locator("#ask-role").select_option(label=role)
    manager.page.locator("#ask-place").select_option(index=2)
    manager.page.locator("#ask-why").fill(why)
    manager.page.get_by_role("button", name="提交申请").click()
    expect(manager.page.get_by_role("status")).to_contain_text("已提交申请")


def test_a_request_is_sent_back_with_a_reason_and_stays_in_the_trail(person, member):
    manager, guard, auditor = person(ADMINISTRATOR), person(SECURITY), person(AUDITOR)
    asks(manager, member, "党小组组长", "小组调整")
    guard.open(f"/accounts/{member['id']}")
    guard.page.get_by_text("退回", exact=False).first.click()
    guard.page.locator("#no-why-1").fill("小组尚未选举")
    guard.page.get_by_role("button", name="退回申请").click()
    expect(guard.page.get_by_role("status")).to_contain_text("已退回")
    expect(guard.page.locator("#left").get_by_role("link")).to_be_visible()
    auditor.open(f"/history?stream=access:account:{member['id']}")
    expect(auditor.page.get_by_text("退回角色申请").first).to_be_visible()


def test_requests_are_given_and_sent_back_in_the_list_they_stand_in(person, platform, member):
    manager, guard = person(ADMINISTRATOR), person(SECURITY)
    for role, why in (("纪检委员", "委员分工"), ("支部组织委员", "增补委员")):
        asks(manager, member, role, why)
    manager.open("/accounts?waiting=true")
    expect(manager.page.get_by_text("委员分工")).to_be_visible()
    expect(manager.page.get_by_role("button", name="批准")).to_have_count(0)

    guard.open(f"/accounts?q={member['login']}&waiting=true")
    wanted = guard.page.locator("li", has_text="委员分工")
    wanted.get_by_role("button", name="批准").click()
    expect(guard.page.get_by_role("status")).to_contain_text("已批准")
    assert f"q={member['login']}" in guard.page.url
    expect(guard.page.get_by_text("委员分工")).to_have_count(0)

    unwanted = guard.page.locator("li", has_text="增补委员")
    unwanted.locator("summary").click()
    unwanted.get_by_label("事由").evaluate("field => field.removeAttribute('minlength')")
    unwanted.get_by_label("事由").fill("缓")
    unwanted.get_by_role("button", name="退回申请").click()
    expect(guard.page.locator("#wrong-reason")).to_be_visible()
    expect(unwanted.get_by_label("事由")).to_have_value("缓")
    assert axe_findings(guard.page) == []
    unwanted.get_by_label("事由").fill("名额已满")
    unwanted.get_by_role("button", name="退回申请").click()
    expect(guard.page.get_by_role("status")).to_contain_text("已退回")
    expect(guard.page.get_by_text("没有待批准的角色")).to_be_visible()
    held = platform.get(SECURITY, f"/api/access/accounts/{member['id']}")
    assert (held["requests"], {g["role"] for g in held["grants"]}) == ([], {"member", "discipline-officer"})


def test_the_list_is_narrowed_by_role_organisation_and_state(person):
    manager = person(ADMINISTRATOR)
    manager.open("/accounts")
    rows = manager.page.locator(".people > li")
    manager.page.get_by_label("角色", exact=True).select_option(label="支部书记")
    expect(manager.page).to_have_url(re.compile("role=branch-secretary"))
    expect(manager.page.get_by_role("heading", name="筛选出的账号")).to_be_visible()
    assert all("支部书记" in text for text in rows.all_inner_texts())
    manager.page.get_by_label("状态").select_option(label="只看停用")
    expect(manager.page).to_have_url(re.compile("state=suspended"))
    expect(manager.page.get_by_text("这样筛选没有账号")).to_be_visible()
    manager.page.get_by_role("link", name="看全部").click()
    expect(manager.page.get_by_role("heading", name="全部账号")).to_be_visible()


def test_a_refused_role_is_told_beside_the_field(person, member):
    manager = person(ADMINISTRATOR)
    manager.open(f"/accounts/{member['id']}")
    manager.page.get_by_label("角色").select_option(label="系统管理员")
    manager.page.get_by_label("在哪个党组织").select_option(index=1)
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


def test_a_role_needs_its_place_and_its_reason_and_a_refused_one_leaves_the_account_open(person, platform):
    manager = person(ADMINISTRATOR)
    manager.open("/accounts/new")
    manager.page.get_by_label("姓名").fill("骆青")
    manager.page.get_by_label("登录名").fill("luoqing-new")
    manager.page.get_by_label("角色").select_option(label="党员")
    manager.page.get_by_role("button", name="开立").click()
    expect(manager.page.locator("#wrong-organisation")).to_contain_text("请选定在哪个党组织")
    expect(manager.page.locator("#wrong-reason")).to_contain_text("批准的人要看")
    assert platform.get(ADMINISTRATOR, "/api/access/accounts", q="luoqing-new")["items"] == []
    manager.page.get_by_label("在哪个党组织").select_option(index=1)
    manager.page.get_by_label("事由").fill("新入职")
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


def test_an_account_opened_for_a_member_takes_the_name_from_the_roster_and_is_theirs(person, platform):
    manager = person(ADMINISTRATOR)
    manager.open("/accounts/new")
    choices = manager.page.get_by_label("对应党员").locator("option")
    one, other = choices.nth(1).inner_text(), choices.nth(2).inner_text()
    manager.page.get_by_label("对应党员").select_option(index=1)
    manager.page.get_by_label("登录名").fill("of-the-roster")
    manager.page.get_by_role("button", name="开立").click()
    expect(manager.page.locator("h1")).to_have_text(one.split(" · ")[0])
    expect(manager.page.locator(".head")).to_contain_text(f"对应党员 {one.split(' · ')[0]}")
    manager.page.get_by_label("名册上的党员").select_option(index=2)
    manager.page.locator("#member-why").fill("开立时选错了人")
    manager.page.get_by_role("button", name="保存").click()
    expect(manager.page.get_by_role("status")).to_contain_text("已保存")
    expect(manager.page.locator(".head")).to_contain_text(f"对应党员 {other.split(' · ')[0]}")
    assert axe_findings(manager.page) == []
    held = platform.get(ADMINISTRATOR, "/api/access/accounts", q="of-the-roster")["items"][0]["member"]
    assert held == manager.page.get_by_label("名册上的党员").input_value()


def test_a_first_password_is_shown_once_after_opening_and_no_other_beside_it(person):
    manager = person(ADMINISTRATOR)
    manager.open("/accounts/new")
    manager.page.get_by_label("姓名").fill("田禾")
    manager.page.get_by_label("登录名").fill("tianhe-new")
    password = manager.page.get_by_label("初始密码").input_value()
    manager.page.get_by_role("button", name="开立").click()
    handed = manager.page.locator("#handed")
    expect(handed).to_contain_text("tianhe-new")
    expect(handed).to_contain_text(password)
    assert password not in manager.page.url
    expect(manager.page.get_by_label("新密码")).to_be_hidden()
    manager.page.get_by_text("重设密码…").click()
    chosen = manager.page.get_by_label("新密码").input_value()
    manager.page.locator("#password-why").fill("本人没有记下")
    manager.page.get_by_role("button", name="重设").click()
    expect(handed).to_contain_text(chosen)
    manager.page.get_by_role("link", name="账号与角色").first.click()
    manager.page.get_by_role("link", name="田禾").first.click()
    expect(manager.page.locator("h1")).to_contain_text("田禾")
    expect(handed).to_have_count(0)


def test_each_administrator_is_offered_what_is_theirs(person, member):
    offered = {}
    for role in (ADMINISTRATOR, SECURITY, AUDITOR):
        someone = person(role)
        someone.open(f"/accounts/{member['id']}")
        offered[role] = set(someone.page.locator("main .columns h2").all_inner_texts())
    assert offered == {ADMINISTRATOR: {"申请角色", "对应党员", "重设密码", "停用账号"}, SECURITY: set(), AUDITOR: set()}


def test_whoever_is_no_administrator_sees_no_accounts(person, member):
    someone = person(MEMBER)
    assert [someone.open(p) for p in ("/accounts", "/accounts/new", f"/accounts/{member['id']}", "/agencies")] == [
        403
    ] * 4


def test_who_asked_for_a_role_hears_that_it_was_sent_back_and_asks_again_from_there(person, member):
    manager, guard = person(ADMINISTRATOR), person(SECURITY)
    asks(manager, member, "组织员", "临时协助")
    guard.open(f"/accounts?q={member['login']}&waiting=true")
    waits = guard.page.locator("li", has_text="临时协助")
    waits.locator("summary", has_text="退回").click()
    waits.get_by_label("事由").fill("请写明协助到哪天")
    waits.get_by_role("button", name="退回申请").click()
    expect(guard.page.get_by_role("status")).to_contain_text("已退回")

    manager.open("/")
    told = manager.page.locator("li", has_text="请写明协助到哪天")
    expect(told).to_contain_text("申请被退回")
    told.get_by_role("link", name="改后再申请").click()
    expect(manager.page.locator("#ask")).to_be_in_viewport()
    expect(manager.page.locator("#ask-role")).to_have_value("organisation-officer")
    expect(manager.page.locator("#ask-place")).not_to_have_value("")
    expect(manager.page.locator("#ask-why")).to_have_value("临时协助")
    assert axe_findings(manager.page) == []
    manager.page.locator("#ask-why").fill("临时协助到年底")
    manager.page.get_by_role("button", name="提交申请").click()
    expect(manager.page.get_by_role("status")).to_contain_text("已提交申请")
    expect(manager.page.locator("#sent-back li", has_text="请写明协助到哪天")).to_have_count(0)
    manager.open("/")
    expect(manager.page.locator("li", has_text="请写明协助到哪天")).to_have_count(0)


def test_the_first_password_of_a_duty_is_not_shown_since_its_approver_sets_another(person):
    manager = person(ADMINISTRATOR)
    manager.open("/accounts/new")
    manager.page.get_by_label("姓名").fill("边澈")
    manager.page.get_by_label("登录名").fill("bianche-duty")
    manager.page.get_by_label("角色").select_option(label="安全管理员")
    manager.page.get_by_label("在哪个党组织").select_option(index=1)
    manager.page.get_by_label("事由").fill("分工调整")
    password = manager.page.get_by_label("初始密码").input_value()
    manager.page.get_by_role("button", name="开立").click()
    handed = manager.page.locator("#handed")
    expect(handed).to_contain_text("bianche-duty")
    expect(handed).to_contain_text("由安全管理员批准角色时另设")
    expect(handed).not_to_contain_text("只显示这一次")
    expect(manager.page.locator("main")).not_to_contain_text(password)
