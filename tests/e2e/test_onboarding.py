"""``docs/guides/onboard-an-agency.md`` in the browser: from nothing to an agency whose own people work."""

import re
import subprocess
import sys

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import ROOT, WIDE, axe_findings, environment, serving, sign_in

pytestmark = pytest.mark.browser
PASSWORD, OWN = "开通那天的密码 2026", "本人自己定的密码 77"


@pytest.fixture(scope="module")
def empty_platform(tmp_path_factory):
    folder = tmp_path_factory.mktemp("empty")
    for login, name, duty in (("root", "方祺", "system"), ("guard", "安宁", "security"), ("auditor", "沈禾", "audit")):
        command = [sys.executable, "-m", "services.runtime.cli", "bootstrap", "--login", login, "--duty", duty]
        typed = f"{name}\n{PASSWORD}\n{PASSWORD}\n"
        subprocess.run(command, cwd=ROOT, env=environment(folder), input=typed, text=True, check=True, timeout=60)
    with serving(folder, demo=False) as (url, _):
        yield url


@pytest.fixture
def someone(browser, empty_platform):
    contexts = []

    def signed_in(account: str, password: str = PASSWORD) -> Page:
        contexts.append(browser.new_context(viewport=WIDE, locale="zh-CN", timezone_id="Asia/Shanghai"))
        page = contexts[-1].new_page()
        page.goto(f"{empty_platform}/sign-in")
        sign_in(page, {"account": account, "password": password})
        return page

    yield signed_in
    for context in contexts:
        context.close()


def opened(page: Page, name: str, login: str, role: str, place: str) -> str:
    """Open an account and ask for its role; return its first password."""
    page.get_by_role("link", name="账号与角色").first.click()
    page.get_by_role("link", name="开立账号").click()
    page.get_by_label("姓名").fill(name)
    page.get_by_label("登录名").fill(login)
    page.get_by_label("角色").select_option(label=role)
    page.get_by_label("在哪个党组织").select_option(label=place)
    page.get_by_label("事由").fill("机关党建工作分工")
    password = page.get_by_label("初始密码").input_value()
    page.get_by_role("button", name="开立").click()
    expect(page.get_by_role("status")).to_contain_text("账号已开立")
    return password


def test_an_agency_is_set_up_and_its_first_people_work(someone):
    root = someone("root")
    root.get_by_role("link", name="机关与组织").click()
    root.get_by_label("机关名称").fill("清河市统计局")
    root.get_by_label("最上一级党组织").fill("市统计局机关党总支")
    root.get_by_role("button", name="登记").click()
    expect(root.get_by_role("status")).to_contain_text("机关已登记")
    expect(root.locator("main .btn.go")).to_have_text(["从 Excel 导入"])
    registered = root.url
    root.get_by_role("link", name="组织与党员", exact=True).click()
    expect(root.locator("main")).to_contain_text("市统计局机关党总支")
    root.goto(registered)
    root.get_by_role("link", name="从 Excel 导入").click()
    expect(root.get_by_role("link", name="下载模板")).to_be_visible()
    root.goto(registered)
    root.get_by_label("名称", exact=True).fill("综合支部")
    root.get_by_role("button", name="设立").click()
    expect(root.get_by_text("综合支部").first).to_be_visible()
    password = opened(root, "许亦", "xuyi", "机关党总支干事", "市统计局机关党总支")

    guard = someone("guard")
    guard.get_by_role("link", name="账号与角色").click()
    guard.get_by_label("待批准的角色").check()
    expect(guard.get_by_role("listitem").filter(has_text="许亦")).to_contain_text("市统计局机关党总支")
    assert axe_findings(guard) == []
    guard.get_by_role("button", name="批准").click()
    expect(guard.get_by_role("status")).to_contain_text("已批准")

    xuyi = someone("xuyi", password)
    expect(xuyi).to_have_url(re.compile("/account/password"))
    xuyi.get_by_label("现在的密码").fill(password)
    xuyi.get_by_label("新密码", exact=True).fill(OWN)
    xuyi.get_by_label("再输入一次新密码").fill(OWN)
    xuyi.get_by_role("button", name="修改").click()
    sign_in(xuyi, {"account": "xuyi", "password": OWN})
    expect(xuyi.locator(".side")).to_contain_text("任务落实台账")

    known = opened(root, "贺宁", "hening", "安全管理员", "市统计局机关党总支")
    guard.goto("/".join(guard.url.split("/")[:3]) + "/accounts?waiting=true")
    guard.get_by_text("批准…", exact=False).first.click()
    given = guard.get_by_label("初始密码").input_value()
    assert given != known
    assert axe_findings(guard) == []
    guard.get_by_role("button", name="批准").click()
    expect(guard.locator("#handed")).to_contain_text(given)
    expect(guard.locator("#handed")).to_contain_text("hening")
    expect(guard.locator("#left")).to_contain_text("没有别的待您批准")
    hening = someone("hening", given)
    expect(hening).to_have_url(re.compile("/account/password"))

    auditor = someone("auditor")
    auditor.get_by_role("link", name="账号与角色").click()
    auditor.get_by_role("link", name="许亦").click()
    auditor.get_by_role("link", name="历史").last.click()
    for said in ("开立账号", "申请角色", "授予角色"):
        expect(auditor.get_by_text(said).first).to_be_visible()


def test_what_was_typed_stays_when_the_login_is_taken(someone):
    root = someone("root")
    opened(root, "甲", "same-login", "先不申请", "市统计局机关党总支")
    root.get_by_role("link", name="账号与角色").first.click()
    root.get_by_role("link", name="开立账号").click()
    root.get_by_label("姓名").fill("乙")
    root.get_by_label("登录名").fill("same-login")
    root.get_by_role("button", name="开立").click()
    expect(root.locator("#wrong-login")).to_contain_text("已经有人使用")
    expect(root.get_by_label("姓名")).to_have_value("乙")
