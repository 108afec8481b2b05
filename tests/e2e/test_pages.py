"""Every page: opens, fits a desk and a phone, is accessible, breaks no content policy."""

import pytest

from tests.support.browser import (
    ADMINISTRATOR,
    AUDITOR,
    INSPECTOR,
    MEMBER,
    NARROW,
    ORGANISER,
    SECRETARY,
    SECURITY,
    SUPERVISOR,
    WIDE,
    axe_findings,
)

pytestmark = pytest.mark.browser

PAGES = [
    (None, "/sign-in"),
    (SUPERVISOR, "/"),
    (ORGANISER, "/"),
    (MEMBER, "/"),
    (INSPECTOR, "/"),
    (ADMINISTRATOR, "/"),
    (SUPERVISOR, "/plans"),
    (SUPERVISOR, "/plans/{plan}"),
    (ORGANISER, "/plans/{plan}?status=overdue"),
    (INSPECTOR, "/plans/{plan}?as_of={year}-06-30"),
    (SUPERVISOR, "/plans/{plan}/tasks/3-2"),
    (SUPERVISOR, "/plans/{plan}/review"),
    (SUPERVISOR, "/plans/{plan}/review?edit=1"),
    (SUPERVISOR, "/plans/{plan}/tasks"),
    (SUPERVISOR, "/plans/{plan}/tasks?adjust=3-2"),
    (SUPERVISOR, "/plans/{plan}/change"),
    (SUPERVISOR, "/plans/import"),
    (MEMBER, "/organisations"),
    (ADMINISTRATOR, "/organisations"),
    (SUPERVISOR, "/organisations/{branch}"),
    (ORGANISER, "/organisations/{branch}?as_of={year}-06-30"),
    (SUPERVISOR, "/organisations/import"),
    (ORGANISER, "/members?organisation={branch}&sort=name"),
    (SUPERVISOR, "/members/{member}"),
    (MEMBER, "/activities"),
    (ORGANISER, "/activities/new"),
    (SUPERVISOR, "/activities/{activity}"),
    (SUPERVISOR, "/activities/{activity}/correction"),
    (SUPERVISOR, "/activities/{activity}/withdrawal"),
    (SUPERVISOR, "/activities/{activity}/handbook"),
    (SUPERVISOR, "/study"),
    (MEMBER, "/study?tier=branch"),
    (SUPERVISOR, "/study/new"),
    (ORGANISER, "/study/plan"),
    (SUPERVISOR, "/study/sessions/{study}"),
    (SUPERVISOR, "/study/triggers"),
    (SUPERVISOR, "/study/triggers/{trigger}"),
    (MEMBER, "/points"),
    (SECRETARY, "/points/branch"),
    (SECRETARY, "/points/members/{member}"),
    (MEMBER, "/search"),
    (MEMBER, "/search?q=支部"),
    (MEMBER, "/search?q=支部 没有这样的词"),
    (SUPERVISOR, "/history"),
    (INSPECTOR, "/history?stream=organization:activity:{activity}"),
    (SUPERVISOR, "/history?stream=organization:work-plan:{plan}&known_at={year}-06-30&effective_at={year}-06-30"),
    (SUPERVISOR, "/history/readers?stream=organization:activity:{activity}"),
    (AUDITOR, "/history/readers?stream=organization:work-plan:{plan}"),
    (ADMINISTRATOR, "/system"),
    (ORGANISER, "/account"),
    (ADMINISTRATOR, "/agencies"),
    (ADMINISTRATOR, "/accounts"),
    (ADMINISTRATOR, "/accounts/new"),
    (ADMINISTRATOR, "/accounts/{account}"),
    (SECURITY, "/accounts/{account}"),
    (AUDITOR, "/accounts?waiting=true"),
    (AUDITOR, "/history?stream=access:account:{account}"),
]


@pytest.fixture(scope="module")
def known(platform):
    plan = platform.get(SUPERVISOR, "/api/organization/work-plans")["plans"][-1]
    activities = platform.get(SUPERVISOR, "/api/organization/activities")["activities"]
    accounts = platform.get(ADMINISTRATOR, "/api/access/accounts", q=platform.accounts[MEMBER]["account"])["items"]
    member = platform.get(SUPERVISOR, "/api/organization/roster", q="zn")["members"][0]
    known = {"plan": plan["id"], "year": plan["year"], "activity": activities[0]["id"], "account": accounts[0]["id"]}
    sessions = platform.get(SUPERVISOR, "/api/study/sessions")["sessions"]
    study = next(s["session"]["id"] for s in sessions if s["session"]["tier"] == "central-group")
    trigger = platform.get(SUPERVISOR, "/api/study/triggers")["triggers"][0]["trigger"]["id"]
    return known | {
        "member": member["id"],
        "branch": member["organisation_id"],
        "study": study,
        "trigger": trigger,
    }


@pytest.mark.parametrize(("role", "path"), PAGES, ids=[f"{n}{path.split('?')[0]}" for n, (_, path) in enumerate(PAGES)])
def test_a_page_fits_desk_and_phone_and_is_accessible(person, known, role, path):
    someone = person(role)
    for viewport in (WIDE, NARROW):
        someone.page.set_viewport_size(viewport)
        assert someone.open(path.format(**known)) == 200
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
