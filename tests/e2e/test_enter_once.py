"""Enter once: one 主题党日 at the grass roots goes through one form and is found wherever it counts."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.browser import MEMBER, ORGANISER, SUPERVISOR
from tests.support.slice import today

pytestmark = pytest.mark.browser

TITLE = "到白杨沟看滴灌，当场讲耕地补贴"
MATERIAL = "关于稳步推进高标准农田建设的意见"
DIRECTION = "基层报表怎样减下来"
WORDS = "白杨沟七户种粮大户把补贴到账的日子一户一户对了一遍"
TRIES = 60


def test_one_theme_day_is_entered_once_and_found_everywhere(platform, person):
    organiser = person(ORGANISER)
    posted: list[str] = []
    organiser.page.on("request", lambda r: posted.append(r.url) if r.method == "POST" else None)
    organiser.open("/activities/new")
    record, token, clause = _enter(organiser.page)
    assert len(posted) == 1, "one form, sent once"
    _attended(organiser.page)
    _listed(organiser, record)
    _in_the_months_plan(organiser, record, token)
    _studied(organiser, record, token)
    _in_the_ledger(person(SUPERVISOR), clause, token)
    _gives_points(person(MEMBER))
    _serves_the_direction(organiser, record)
    _found(organiser)
    _replayed(organiser, record)
    _counted(organiser, record)
    assert len(posted) == 1, "nothing was typed a second time"


def _enter(page: Page) -> tuple[str, str, str]:
    page.fill("#place", "白杨沟村")
    page.fill("#title", TITLE)
    page.fill("#first_agenda", MATERIAL)
    page.fill("#topics", "补贴怎么到户")
    page.check("[name=fieldwork]")
    page.get_by_label(DIRECTION).check()
    page.fill("#minutes", f"{WORDS}。")
    task = page.locator("input[name=tasks]").first
    task.check()
    clause = str(task.get_attribute("value"))
    page.get_by_role("button", name="登记").click()
    page.wait_for_url(re.compile("/activities/[0-9a-f-]+.said=recorded"))
    found = re.search(r"/activities/([0-9a-f-]+)\?.*after=([^&]+)", page.url)
    assert found
    return found[1], found[2], clause


def _attended(page: Page) -> None:
    expect(page.locator("main")).to_contain_text(re.compile(r"到会\s*\d+ / \d+ 人"))
    expect(page.locator("main")).to_contain_text("到基层一线")
    expect(page.locator(".went")).to_contain_text("学习记录：支部集中学")


def _listed(someone, record: str) -> None:
    someone.open("/activities?kind=theme-day")
    expect(someone.page.locator(f"main a[href='/activities/{record}']")).to_have_text(TITLE)


def _in_the_months_plan(someone, record: str, token: str) -> None:
    someone.open(f"/filings?month={today().isoformat()}&after={token}")
    expect(someone.page.locator(f"main a[href='/activities/{record}']")).to_have_text(TITLE)


def _studied(someone, record: str, token: str) -> None:
    someone.open(f"/study?tier=branch&after={token}")
    line = someone.page.locator(".acts-list li", has=someone.page.locator(f"a[href='/study/sessions/{record}']"))
    expect(line).to_contain_text(f"第一议题：{MATERIAL}")
    someone.open(f"/study/sessions/{record}")
    expect(someone.page.locator("main")).to_contain_text("支部集中学")


def _in_the_ledger(someone, task: str, token: str) -> None:
    """In the plan whose task was ticked, whichever others stand beside it."""
    plan, number = task.split("/")
    someone.open(f"/plans/{plan}/tasks/{number}?after={token}")
    expect(someone.page.locator("main")).to_contain_text(TITLE)


def _gives_points(someone) -> None:
    """Posted by reaction: soon, not at once."""
    entries = someone.page.locator("main .acts-list li", has_text=TITLE)
    _until(someone, "/points", entries)
    for head in ("参加活动", "理论学习", "服务群众"):
        expect(entries.filter(has_text=f"{head} ·")).to_have_count(1)


def _serves_the_direction(someone, record: str) -> None:
    someone.open("/directions")
    someone.page.get_by_role("link", name=DIRECTION).click()
    expect(someone.page.locator(f"main a[href='/activities/{record}']")).to_have_text(TITLE)


def _found(someone) -> None:
    hit = someone.page.locator(".hit h3")
    _until(someone, f"/search?q=“{WORDS}”", hit)
    expect(hit.first).to_contain_text(TITLE)


def _replayed(someone, record: str) -> None:
    someone.open(f"/history?stream=organization:activity:{record}")
    expect(someone.page.locator("main")).to_contain_text("共 1 步")


def _counted(someone, record: str) -> None:
    """The branch's figure of theme days opens the list that holds it."""
    someone.open("/statistics")
    figures = someone.page.locator("main .figures").first
    column = figures.locator("thead th").all_inner_texts()
    place = next(n for n, head in enumerate(column) if head.startswith("主题党日"))
    line = figures.locator("tbody tr", has_text="综合文稿支部")
    line.locator("th, td").nth(place).locator("a").first.click()
    expect(someone.page.locator(f"main a[href='/activities/{record}']")).to_have_text(TITLE)


def _until(someone, path: str, wanted: Locator) -> None:
    """Open a page until what follows from a record has come."""
    for _ in range(TRIES):
        someone.open(path)
        if wanted.count():
            return
    raise AssertionError(f"{path} does not show it")
