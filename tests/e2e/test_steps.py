"""The steps that the daily and monthly tasks take, counted from the desk by four roles, in a real browser.

Counted elsewhere: minutes in three, confirmed in two on a phone, a month's plan in one (``test_organised_life.py``); a
roster in three (``test_rosters.py``); a document written in two (``test_documents.py``).
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, expect

from tests.support.browser import INSPECTOR, MEMBER, ORGANISER, SECRETARY, SUPERVISOR, Person
from tests.support.slice import today

pytestmark = pytest.mark.browser


@dataclass
class Steps:
    """Counts each press, from the page a person stands on."""

    someone: Person
    taken: int = 0

    def press(self, what: Locator) -> None:
        self.taken += 1
        what.click()


@pytest.fixture
def walk(person) -> Callable[..., Steps]:
    def begin(role: str, path: str = "/") -> Steps:
        someone = person(role)
        someone.open(path)
        return Steps(someone)

    return begin


def menu(steps: Steps, name: str) -> Locator:
    return steps.someone.page.get_by_role("navigation").get_by_role("link", name=name, exact=True)


def test_a_secretary_new_in_the_post_sees_at_once_what_is_owed(walk) -> None:
    steps = walk(SECRETARY)
    expect(steps.someone.page.locator(".todo li").first).to_be_visible()
    assert steps.taken == 0


def test_the_page_of_the_paper_handbook_takes_one_step_from_its_meeting(walk) -> None:
    steps = walk(ORGANISER, "/activities")
    steps.someone.page.locator(".acts-list a").first.click()
    steps.press(steps.someone.page.get_by_role("link", name="打印手册页"))
    expect(steps.someone.page.get_by_role("button", name="打印")).to_be_visible()
    assert steps.taken == 1


def test_a_general_branch_reads_the_months_plans_of_all_branches_in_one_list(walk) -> None:
    steps = walk(SUPERVISOR, "/activities")
    steps.press(steps.someone.page.get_by_role("link", name="月度方案"))
    steps.someone.open(f"/filings?month={today().isoformat()}")
    expect(steps.someone.page.locator("main .list > li .tag.ok", has_text="已备案")).to_have_count(5)
    assert steps.taken == 1


def test_a_member_sees_their_own_points_in_one_step(walk) -> None:
    steps = walk(MEMBER)
    steps.press(menu(steps, "积分档案"))
    expect(steps.someone.page.locator(".acts-list li").first).to_be_visible()
    assert steps.taken == 1


def test_a_record_is_replayed_in_two_steps(walk) -> None:
    steps = walk(SUPERVISOR)
    steps.press(menu(steps, "历史追溯"))
    steps.press(steps.someone.page.locator("main a[href*='research:document']").first)
    expect(steps.someone.page.locator("main")).to_contain_text("共")
    assert steps.taken == 2


def test_an_inspector_goes_from_the_mandate_to_what_was_called_for_within_four_steps(walk) -> None:
    steps = walk(INSPECTOR)
    steps.press(menu(steps, "检查授权"))
    steps.press(steps.someone.page.locator("main a[href^='/mandates/']:not([href$='/new'])").first)
    expect(steps.someone.page.locator("main")).to_contain_text("调阅清单")
    assert steps.taken <= 4
