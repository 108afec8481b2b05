"""A phone of 390 px shows first what matters now: this month, this page's entry, this step, the sums."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.support.browser import ADMINISTRATOR, MEMBER, NARROW, ORGANISER, SUPERVISOR
from tests.support.slice import today

pytestmark = pytest.mark.browser


def within(inner: Locator, outer: Locator) -> bool:
    """Tell whether something lies in what is seen of a box, from left to right and from top to bottom."""
    a, b = inner.bounding_box(), outer.bounding_box()
    assert a
    assert b
    beside = b["x"] <= a["x"] and a["x"] + a["width"] <= b["x"] + b["width"] + 1
    return beside and b["y"] <= a["y"] and a["y"] + a["height"] <= b["y"] + b["height"] + 1


@pytest.mark.parametrize(
    ("role", "path"), [(MEMBER, "/"), (MEMBER, "/points"), (MEMBER, "/search"), (SUPERVISOR, "/agencies")]
)
def test_the_menu_shows_where_one_is(person, role, path):
    someone = person(role, NARROW)
    someone.open(path)
    menu = someone.page.locator("nav.side")
    assert within(menu.locator("[aria-current=page]"), menu)


@pytest.mark.parametrize("role", [ORGANISER, SUPERVISOR])
def test_the_years_grid_stands_at_this_month_and_names_its_rows(person, role):
    someone = person(role, NARROW)
    someone.open("/")
    grid = someone.page.locator(".scroll.latest")
    months = grid.locator("thead th")
    assert within(months.nth(today().month), grid)
    assert within(grid.locator("tbody th").first, grid)
    rows = grid.locator("tbody th").all_inner_texts()
    assert ("党小组会" in rows) == (role == ORGANISER)
    assert grid.locator("tbody tr").first.locator("td:visible").count() == today().month


def test_the_calendar_of_study_stands_at_the_months_that_are_on(person):
    someone = person(SUPERVISOR, NARROW)
    someone.open("/study")
    grid = someone.page.locator(".scroll")
    assert within(grid.locator("thead th").nth(today().month), grid)
    assert within(grid.locator("tbody th").first, grid)


def test_ones_points_begin_with_the_sums_and_ask_once_a_record(person):
    someone = person(MEMBER, NARROW)
    someone.open("/points")
    sums, records = someone.page.locator(".heads"), someone.page.locator(".acts-list > li")
    expect(sums.locator(".figure")).to_have_count(4)
    assert within(sums, someone.page.locator("body"))
    assert sums.bounding_box()["y"] < records.first.bounding_box()["y"]
    several = records.filter(has=someone.page.locator("[name=entry_id][type=radio]")).first
    expect(several.get_by_text("有异议")).to_have_count(1)
    several.get_by_text("有异议").click()
    expect(several.get_by_label("哪里不对")).to_be_visible()
    expect(several.get_by_role("radio")).not_to_have_count(1)


def test_a_role_opens_to_what_it_may(person):
    someone = person(ADMINISTRATOR, NARROW)
    someone.open("/system")
    expect(someone.page.locator("table.rights")).to_be_hidden()
    role = someone.page.locator("details", has_text="支部书记").first
    role.locator("summary").click()
    expect(role.get_by_text("确认、退回纪要")).to_be_visible()


def test_a_hit_opens_as_a_page_where_there_is_no_place_beside_it(person):
    someone = person(MEMBER, NARROW)
    someone.open("/search?q=支部")
    someone.page.locator(".hit h3 a").first.click()
    someone.page.wait_for_url(re.compile("/search/documents/"))
    expect(someone.page.locator("main h1")).to_be_visible()


def test_the_step_that_is_shown_is_seen_in_a_long_trail(person, platform):
    plan = platform.get(SUPERVISOR, "/api/organization/work-plans")["plans"][-1]["id"]
    someone = person(SUPERVISOR, NARROW)
    someone.open(f"/history?stream=organization:work-plan:{plan}")
    trail = someone.page.locator(".steps-list")
    assert within(trail.locator("[aria-current=step]"), trail)
