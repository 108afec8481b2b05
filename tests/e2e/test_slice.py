"""The slice from the screen: import, review, adopt, divide, record, see it in the ledger, find it, replay it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import SUPERVISOR
from tests.support.plans import DEMO, SEED

pytestmark = pytest.mark.browser

MINUTES = "支部在石桥村开现场会，十一户村民说清了渠水分配的三处难点。"


def test_a_plan_goes_from_its_file_to_the_history_of_a_record(person, tmp_path):
    someone = person(SUPERVISOR)
    someone.open("/")
    page = someone.page
    plan = _import(page, tmp_path)
    _adopt(page, plan)
    _divide(page, plan)
    clause = _record(page)
    _see_in_the_ledger(page, plan, clause)
    _find(page)
    _replay(page)


def _import(page: Page, tmp_path) -> str:
    """The seed where it is present, else the demo plan under another name."""
    seed = SEED if SEED.exists() else DEMO
    file = tmp_path / "要点.txt"
    file.write_bytes(seed.read_bytes())
    page.get_by_role("link", name="任务落实台账").first.click()
    page.get_by_role("link", name="导入工作要点").click()
    page.set_input_files("#file", file)
    page.get_by_text("名称和年度从文件中认出").click()
    page.fill("#title", "机关党建年度工作要点（浏览器）")
    page.get_by_role("button", name="上传并识别").click()
    page.wait_for_url(re.compile(r"/plans/[0-9a-f-]+/review"))
    if SEED.exists():
        expect(page.get_by_text("原文到此中断")).to_be_visible()
        expect(page.get_by_text("来源不全").first).to_be_visible()
    return re.search(r"/plans/([0-9a-f-]+)/", page.url)[1]


def _adopt(page: Page, plan: str) -> None:
    """A nature is corrected with one click, counted at once, and kept."""
    counts = page.locator("#counts")
    before = int(re.search(r"(\d+) 项任务", counts.inner_text())[1])
    row = page.locator(".clause-row.task").first
    number = row.get_attribute("id")
    row.get_by_text("目的", exact=True).click()
    expect(counts).to_contain_text(f"{before - 1} 项任务")
    page.reload()
    row = page.locator(f"#{number}")
    expect(row).to_have_class(re.compile("purpose"))
    row.get_by_text("任务", exact=True).click()
    expect(counts).to_contain_text(f"{before} 项任务")
    page.get_by_role("button", name="审定启用").click()
    page.wait_for_url(re.compile(f"/plans/{plan}/tasks"))


def _divide(page: Page, plan: str) -> None:
    """Every task is proposed; one button divides them all."""
    picked = int(page.locator("[data-picked]").inner_text())
    assert picked >= 30
    page.get_by_role("button", name="分解选中的").click()
    page.wait_for_url(re.compile(rf"/plans/{plan}\?said=assigned"))
    expect(page.get_by_role("status")).to_contain_text("已分解")
    assert page.get_by_text("待分解", exact=True).count() <= 1, "only the filter still knows the word"


def _record(page: Page) -> str:
    """The cell that is not yet done leads straight to the form, its organisation and task chosen."""
    cell = page.locator("td a.cell.not-due").first
    cell.click()
    panel = page.locator("dialog#drill")
    expect(panel).to_be_visible()
    clause = panel.locator(".panel-head .tag").inner_text().removeprefix("任务 ")
    panel.locator("a[href^='/activities/new']").first.click()
    page.wait_for_url(re.compile("/activities/new"))
    page.fill("#place", "石桥村")
    page.fill("#title", "到石桥村开现场会")
    page.fill("#minutes", MINUTES)
    assert page.locator("input[name=tasks]:checked").count() == 1
    return clause


def _see_in_the_ledger(page: Page, plan: str, clause: str) -> None:
    """The ledger that has the record's position shows it, whenever that is; benchmarks tell how long it takes."""
    organisation = page.locator("#organisation").input_value()
    page.get_by_role("button", name="登记").click()
    page.wait_for_url(re.compile("/activities/[0-9a-f-]+.said=recorded"))
    expect(page.locator(".went")).to_contain_text(f"任务 {clause}")
    record = page.url
    token = re.search(r"[?&]after=([^&]+)", record)[1]
    page.goto(f"{_origin(page)}/plans/{plan}?after={token}")
    cell = page.locator(f"tr#t-{clause} a.cell[href*='{organisation}']")
    assert re.search(r"\b(done|in-progress)\b", cell.get_attribute("class"))
    cell.click()
    expect(page.locator("dialog#drill")).to_contain_text("到石桥村开现场会")
    page.goto(record)


def _find(page: Page) -> None:
    page.goto(f"{_origin(page)}/search?q=“十一户村民说清了渠水分配的三处难点”")
    for _ in range(20):
        if page.locator(".hit").count():
            break
        page.reload()
    expect(page.locator(".hit h3").first).to_contain_text("到石桥村开现场会")
    page.locator(".hit h3 a").first.click()
    expect(page.locator("#preview mark").first).to_be_visible()


def _replay(page: Page) -> None:
    """A correction with a reason, then the two moments side by side."""
    page.locator("#preview").get_by_role("link", name="记录", exact=True).click()
    page.get_by_role("link", name="更正").click()
    page.fill("#reason", "地点写得不准")
    page.fill("#place", "石桥村文化礼堂")
    page.get_by_role("button", name="更正").click()
    page.wait_for_url(re.compile("said=corrected"))
    page.get_by_role("link", name="历史", exact=True).click()
    diff = page.locator("table.diff")
    expect(diff.locator("del")).to_have_text("石桥村")
    expect(diff.locator("ins")).to_have_text("石桥村文化礼堂")
    expect(page.locator("main")).to_contain_text("地点写得不准")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".past")).to_contain_text("第 1 步，共 2 步")


def _origin(page: Page) -> str:
    return re.match(r"https?://[^/]+", page.url)[0]
