"""Reading: the ledger's panel and filters, the search's keys, the replay's steps and clocks."""

import re
from datetime import date

import pytest
from playwright.sync_api import expect

from tests.support.browser import MEMBER, NARROW, ORGANISER, SUPERVISOR
from tests.support.slice import Walker, today

pytestmark = pytest.mark.browser

PLANS = "/api/organization/work-plans"


@pytest.fixture(scope="module")
def plan(platform):
    return platform.get(SUPERVISOR, PLANS)["plans"][-1]


def test_every_count_of_the_ledger_opens_its_rows(person, plan):
    someone = person(SUPERVISOR)
    someone.open(f"/plans/{plan['id']}")
    page = someone.page
    for figure in page.locator("a.figure").all():
        count, href = int(figure.locator("b").inner_text()), figure.get_attribute("href")
        answer = person(SUPERVISOR)
        answer.open(href)
        assert answer.page.locator("tbody tr[id^=t-]").count() == count


def test_a_cell_opens_beside_the_ledger_and_escape_returns_to_it(person, plan):
    someone = person(SUPERVISOR)
    someone.open(f"/plans/{plan['id']}")
    cell = someone.page.locator("a.cell.done").first
    cell.focus()
    someone.page.keyboard.press("Enter")
    panel = someone.page.locator("dialog#drill")
    expect(panel.locator(".standing li a").first).to_be_visible()
    someone.page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(cell).to_be_focused()


def test_the_past_is_unmistakable_and_read_only(person, plan):
    someone = person(SUPERVISOR)
    someone.open(f"/plans/{plan['id']}")
    page = someone.page
    now = page.locator(".sum").inner_text()
    page.locator("details.clock summary").click()
    page.fill("#as_of", date(plan["year"], 2, 1).isoformat())
    page.get_by_role("button", name="看那一天").click()
    expect(page.locator(".past")).to_contain_text(f"事实截至 {plan['year']}-02-01")
    assert page.locator(".sum").inner_text() != now
    assert page.get_by_role("link", name="修订").count() == 0


def test_a_phone_shows_the_own_branch_clause_by_clause(person, plan):
    someone = person(ORGANISER, NARROW)
    someone.open(f"/plans/{plan['id']}")
    expect(someone.page.locator(".matrix table")).to_be_hidden()
    expect(someone.page.locator(".matrix-list li").first).to_be_visible()


def test_the_ledger_is_exported_as_excel_with_the_session(person, plan):
    someone = person(MEMBER)
    someone.open(f"/plans/{plan['id']}")
    with someone.page.expect_download() as download:
        someone.page.get_by_role("link", name="导出 Excel").click()
    assert download.value.suggested_filename.endswith(".xlsx")
    assert download.value.path().read_bytes()[:2] == b"PK"


def test_hits_are_walked_and_opened_with_keys(person):
    someone = person(MEMBER)
    someone.open("/search?q=支部")
    page = someone.page
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator(".hit").first).to_have_class(re.compile(r"\bon\b"))
    page.keyboard.press("Enter")
    expect(page.locator("#preview mark").first).to_be_visible()
    expect(page).to_have_url(re.compile("open="))
    title = page.locator("#preview h2").inner_text()
    page.reload()
    expect(page.locator("#preview h2")).to_have_text(title)
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()


def test_keys_of_an_input_method_are_not_commands(person):
    someone = person(MEMBER)
    someone.open("/search?q=支部")
    page = someone.page
    composing = "new KeyboardEvent('keydown', {key: 'j', isComposing: true, bubbles: true})"
    page.evaluate(f"document.body.dispatchEvent({composing})")
    assert page.locator(".hit.on").count() == 0


def test_nothing_found_says_which_condition_has_no_result(person):
    someone = person(MEMBER)
    someone.open("/search?q=支部 绝无此词组合")
    expect(someone.page.locator(".zero")).to_contain_text("这个条件没有结果")


def test_the_replay_is_stepped_with_keys_and_narrowed_to_a_field(person, plan):
    someone = person(SUPERVISOR)
    someone.open(f"/history?stream=organization:work-plan:{plan['id']}")
    page = someone.page
    page.keyboard.press("Home")
    expect(page.locator(".past")).to_contain_text("第 1 步")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".past")).to_contain_text("第 2 步")
    expect(page.locator("table.diff")).to_contain_text("启用日期")
    page.goto(f"{someone.url}/history?stream=organization:work-plan:{plan['id']}&field=clauses.3-2")
    assert page.locator(".ev").count() < plan["version"]
    expect(page.locator(".understood")).to_contain_text("条款 3-2")


def test_a_replay_shows_the_record_as_it_was_known_on_a_day(person, plan):
    someone = person(SUPERVISOR)
    someone.open(f"/history?stream=organization:work-plan:{plan['id']}&known_at={plan['year']}-01-01")
    expect(someone.page.locator(".past")).to_contain_text(f"登记截至 {plan['year']}-01-01")
    expect(someone.page.locator(".whole")).to_contain_text("那时还没有这条记录")


def test_a_desk_item_leads_straight_to_the_form_with_its_task_chosen(person, platform):
    plan, clause, text = _task_due_today(platform)
    someone = person(ORGANISER)
    someone.open("/")
    for rest in someone.page.locator("details.rest summary").all():
        rest.click()
    item = someone.page.locator(".todo li").filter(has_text=text)
    expect(item.locator(".tag")).to_have_text(f"任务 {clause}")
    item.get_by_role("link", name=re.compile("补记|记一次")).click()
    chosen = someone.page.locator("input[name=tasks]:checked")
    expect(chosen).to_have_count(1)
    assert chosen.get_attribute("value") == f"{plan}/{clause}"


def _task_due_today(platform):
    """A plan of one task that the organiser's branch has until today, in every ledger the desk reads."""
    supervisor = Walker(lambda _: platform.url).sign_in(platform.accounts[SUPERVISOR])
    text = "各支部到联系点开一次现场会，把听到的三个问题记进台账。"
    file = {"file": ("联系点.txt", f"联系点工作安排\n一、联系基层\n1.听取意见。{text}".encode(), "text/plain")}
    plan = supervisor.post(PLANS, files=file, data={"title": "联系点工作安排", "year": str(today().year)})["id"]
    number = "1-1"
    supervisor.post(f"{PLANS}/{plan}/clauses/{number}/nature", json={"nature": "task"})
    supervisor.post(f"{PLANS}/{plan}/adopt")
    branch = platform.get(ORGANISER, "/api/access/me")["grants"][0]["organisation_id"]
    day = today().isoformat()
    asked = {
        "lead_organisation_id": branch,
        "organisations": [branch],
        "period": {"start": day, "due": day, "cadence": "once"},
        "evidence_kinds": ["theme-day"],
    }
    token = supervisor.post(f"{PLANS}/{plan}/tasks/{number}/assignment", json=asked)["token"]
    platform.get(ORGANISER, "/api/organization/desk", after=token)
    return plan, number, text
