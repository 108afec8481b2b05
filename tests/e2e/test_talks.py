"""谈心谈话 in the browser: recorded and read by the secretary; for others there is neither page, nor hit."""

import pytest
from playwright.sync_api import expect

from tests.support.browser import NARROW, ORGANISER, SECRETARY, axe_findings

pytestmark = pytest.mark.browser
WORDS = "本人希望到改革一线锻炼"


def test_a_talk_is_recorded_found_and_replayed_by_the_secretary_alone(person):
    secretary, organiser = person(SECRETARY, NARROW), person(ORGANISER)
    secretary.open("/talks")
    secretary.page.get_by_label("谈话主题").fill("任职前谈话")
    secretary.page.get_by_label("谈话要点").fill(WORDS)
    secretary.page.get_by_role("button", name="登记").click()
    expect(secretary.page.get_by_role("status")).to_contain_text("已登记")
    assert axe_findings(secretary.page) == []
    secretary.page.get_by_role("link", name="任职前谈话").first.click()
    expect(secretary.page.locator("main")).to_contain_text(WORDS)
    there = secretary.page.url.removeprefix(secretary.url)
    assert axe_findings(secretary.page) == []
    secretary.page.get_by_role("link", name="历史", exact=True).click()
    expect(secretary.page.locator("main")).to_contain_text("登记谈话")
    assert organiser.open("/talks") == 403
    assert organiser.open(there) == 403
    organiser.open(f"/search?q=“{WORDS}”")
    expect(organiser.page.locator(".count b")).to_have_text("0")
