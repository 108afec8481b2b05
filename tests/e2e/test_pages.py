"""Every page: opens, fits a desk and a phone, is accessible, breaks no content policy."""

import pytest

from tests.support.browser import MEMBER, NARROW, SUPERVISOR, WIDE, axe_findings
from tests.support.console_pages import PAGES, known_ids, unseen

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def known(platform):
    return known_ids(platform)


def test_every_page_of_the_console_is_looked_at():
    assert unseen() == set()


@pytest.mark.parametrize(("role", "path"), PAGES, ids=[f"{n}{path.split('?')[0]}" for n, (_, path) in enumerate(PAGES)])
def test_a_page_fits_desk_and_phone_and_is_accessible(person, known, role, path):
    someone = person(role)
    assert someone.open(path.format(**known)) == 200
    for viewport in (WIDE, NARROW):
        someone.page.set_viewport_size(viewport)
        width = someone.page.evaluate("document.documentElement.scrollWidth")
        assert width <= viewport["width"], f"{width - viewport['width']} px too wide"
        assert axe_findings(someone.page) == []


def test_a_page_weighs_less_than_350_kb_on_first_load(person, known):
    someone = person(SUPERVISOR)
    sizes: list[int] = []
    someone.page.on("response", lambda answer: sizes.append(len(answer.body())))
    someone.open(f"/plans/{known['plan']}")
    someone.page.wait_for_load_state("networkidle")
    assert sum(sizes) < 350_000


def test_what_does_not_exist_is_said_inside_the_frame(person):
    someone = person(MEMBER)
    assert someone.open("/nowhere") == 404
    assert someone.page.locator("nav[aria-label=主菜单]").is_visible()
    assert someone.page.locator("h1").inner_text() == "没有找到"
    assert axe_findings(someone.page) == []


def test_a_malformed_address_is_answered_with_a_page_in_chinese(person):
    someone = person(SUPERVISOR)
    assert someone.open("/history?stream=x&left=abc") == 422
    assert "不符合要求" in someone.page.locator("main").inner_text()
