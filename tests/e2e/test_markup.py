"""Stored scripts (XSS): markup typed into every text field of every form runs nowhere and is shown as it was typed."""

import gc
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page

from services.access.accounts import open_account
from services.access.domain.account import OpenAccount
from services.access.domain.roles import GrantRole
from services.organization.domain.member import MEMBER, EnrolMember
from services.runtime.registry import service
from shared.application.commands import Request
from shared.clock import CHINA
from shared.ids import new_id
from shared.security.principal import PLATFORM, Role
from tests.support.console_routes import furnished
from tests.support.embedded import PASSWORD, QUICK, Embedded, embedded
from tests.support.free_ports import free_port
from tests.support.plans import DEMO
from tests.support.served import served

pytestmark = [
    pytest.mark.browser,
    # A form with a file that the console sends on leaves its temporary file to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
TEXT_FIELDS = "input:not([type]), input[type=text], input[type=search], textarea"
HARM = "window.hurt = true; document.title = 'hurt'"
OPENED = "() => [!!window.hurt, document.querySelectorAll('b.hurt, img[src=\"/x\"], svg.hurt').length]"
SHOWN = """() => document.body.innerText + '\\n' + [...document.querySelectorAll('input, textarea')].map(e => e.value)
    .join('\\n') + '\\n' + [...document.querySelectorAll('details:not([open])')].map(e => e.textContent).join('\\n')"""
SKIPPED = {"/sign-out", "/account/password"}
"""No text field of theirs is ever shown again."""

# "note" stands in the clearing of a mandate and the settlement of a refused upload, which several people lead up to.
BEHIND_A_CODE = {"code", "recovery"}
"""Fields of two-step sign-in, behind a code of the moment: what is typed there is compared and never shown again."""

WITH_A_PROVIDER = {"identity"}
"""Fields that are there only where an identity provider is configured."""

OF_A_MACRO = "{{ name }}"
"""Stands for the names that the macro is called with, which are typed into on the page."""

STORED = {"title", "place", "minutes", "text", "document_number", "reason", "display_name", "name", "root_name"}
ONLY_SO = {"year": "2027", "password": "小河边的柳树 2026", "login": "newcomer"}
"""What a field accepts alone: the second time the form is sent with it, so that the others are kept."""


@dataclass
class Typist:
    """One person's browser, what it typed, and what was seen again."""

    page: Page
    url: str
    numbers: Iterator[int]
    typed: dict[str, str] = field(default_factory=dict)
    forms: set[tuple[str, str]] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    harmed: list[str] = field(default_factory=list)

    def look(self) -> None:
        """Look at the page for scripts that ran, elements that the markup became, and the markup as text."""
        ran, made = self.page.evaluate(OPENED)
        if ran or made:
            self.harmed.append(self.page.url)
        shown = self.page.evaluate(SHOWN)
        self.seen |= {markup for markup in self.typed if markup in shown}

    def type_into(self, path: str) -> None:
        """Send every form of a page twice: markup everywhere, then markup wherever it may be kept."""
        self.page.goto(self.url + path)
        self.look()
        for place in range(self.page.locator("main form").count()):
            for allowed in ({}, ONLY_SO):
                self.page.goto(self.url + path)
                form = self.page.locator("main form").nth(place)
                if form.count() and not self._send(form, allowed):
                    break

    def _send(self, form: Locator, allowed: dict[str, str]) -> bool:
        action = _action(form)
        fields = form.locator(TEXT_FIELDS)
        names = [str(each.get_attribute("name")) for each in fields.all()]
        if action in SKIPPED or not names:
            return False
        for name, each in zip(names, fields.all(), strict=True):
            markup = f'"\'><img/src="/x"/onerror="{HARM[:18]}"><b/class="hurt">印{next(self.numbers)}</b>'
            each.evaluate("(e, text) => { e.value = text }", allowed.get(name, markup))
            if name not in allowed:
                self.typed[markup] = name
            self.forms.add((action, name))
        _fill_in_the_rest(form)
        with self.page.expect_navigation():
            form.evaluate("form => HTMLFormElement.prototype.submit.call(form)")
        self.look()
        return True


def _action(form: Locator) -> str:
    address = str(form.evaluate("form => new URL(form.action).pathname"))
    return ID.sub("{id}", address)


def _fill_in_the_rest(form: Locator) -> None:
    today = datetime.now(CHINA).date().isoformat()
    form.evaluate("(form, day) => form.querySelectorAll('input[type=date]').forEach(e => { e.value ||= day })", today)
    file = form.locator("input[type=file]")
    if file.count():
        plan = DEMO.read_text("utf-8").replace("。", "<b class=hurt>印</b><script>window.hurt=true</script>。", 3)
        file.set_input_files({"name": '"><img src=x>.txt', "mimeType": "text/html", "buffer": plan.encode()})


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Embedded, dict[str, str]]]:
    with embedded(tmp_path_factory.mktemp("platform")) as running:
        known = furnished(running).known
        written = {"title": "用工调研", "text": "缺技工的有九家。", "kind": "research-report"}
        written |= {"organisation_id": running.branches["first"]}
        known |= {"document_id": running.post("organiser", "/api/research/documents", data=written)["id"]}
        handle = running.assembly.runtime(service("organization")).commands.handle
        member, agency = new_id(), running.agencies["first"]
        name = "<b class=hurt>印</b><script>window.hurt=true</script>"
        enrol = EnrolMember(member, agency, running.branches["first"], name, "full")
        handle(MEMBER, member, enrol, Request(actor="test", agency_id=agency))
        _open(running, "root", Role.ADMINISTRATOR, PLATFORM, PLATFORM)
        known |= _studied(running) | {"member_id": running.members["first"]}
        _open(running, "pupil", Role.MEMBER, agency, running.branches["first"], running.members["first"])
        running.await_ledgers()
        running.post("pupil", "/api/points/objections", json={"text": "缺了三月的一次。"})
        running.await_ledgers()
        yield running, known


def _studied(platform: Embedded) -> dict[str, str]:
    whose = {"organisation_id": platform.branches["first"], "agency": platform.agencies["first"]}
    held = {"tier": "youth-group", "held_on": "2026-03-05", "title": "读书会", "place": "图书室"}
    asked = whose | held | {"participants": [platform.members["first"]]}
    return {"study_id": platform.post("secretary", "/api/study/sessions", json=asked)["id"]}


def _open(
    platform: Embedded, login: str, role: Role, agency: str, organisation: str, member: str | None = None
) -> None:
    command = OpenAccount(
        account_id=new_id(),
        agency_id=agency,
        login=login,
        member_id=member,
        display_name="<b class=hurt>印</b>",
        password_hash=QUICK.hash("", PASSWORD),
        grants=(GrantRole(new_id(), role.value, agency, organisation),),
    )
    open_account(platform.assembly.runtime(service("access")), command, Request(actor="test", agency_id=agency))


def pages_with_forms(known: dict[str, str]) -> dict[str, list[str]]:
    """Who types where; the last ones end what the others need."""
    plan, activity, account = known["plan_id"], known["activity_id"], known["account_id"]
    document = known["document_id"]
    return {
        "organiser": ["/activities/new", f"/activities/{activity}/correction"],
        "supervisor": [
            "/search?q=石桥",
            "/activities",
            "/plans/import",
            f"/plans/{plan}/change",
            f"/activities/{activity}/withdrawal",
        ],
        "root": ["/agencies", "/accounts", "/accounts/new", f"/accounts/{account}"],
        "guard": [f"/accounts/{account}"],
        "inspector": ["/mandates/new"],
        "secretary": [
            "/talks",
            "/documents/new",
            "/directions",
            f"/documents/{document}/revise",
            f"/documents/{document}",
            "/study/triggers",
            f"/study/sessions/{known['study_id']}",
            f"/points/members/{known['member_id']}",
            "/filings",
        ],
    }


def pages_to_look_at(known: dict[str, str]) -> dict[str, list[str]]:
    plan, activity, account = known["plan_id"], known["activity_id"], known["account_id"]
    document = known["document_id"]
    return {
        "supervisor": [
            "/",
            "/activities",
            f"/activities/{activity}",
            f"/activities/{activity}/handbook",
            "/plans",
            f"/plans/{plan}",
            f"/plans/{plan}/review",
            f"/plans/{plan}/tasks",
            "/search?q=印",
            "/search?q=hurt",
            "/history",
            f"/history?stream=organization:activity:{activity}",
            f"/history?stream=organization:work-plan:{plan}",
        ],
        "root": [
            "/agencies",
            "/accounts",
            f"/accounts/{account}",
            "/accounts?q=hurt",
            "/accounts?waiting=true",
            "/system",
        ],
        "secretary": [
            "/talks",
            "/documents",
            "/directions",
            f"/documents/{document}",
            "/study",
            "/study/triggers",
            f"/study/sessions/{known['study_id']}",
            f"/points/members/{known['member_id']}",
        ],
        "guard": [f"/accounts/{account}", f"/history?stream=access:account:{account}"],
    }


def test_markup_typed_into_every_text_field_runs_nowhere_and_is_shown_as_typed(
    platform: tuple[Embedded, dict[str, str]], browser: Browser
) -> None:
    running, known = platform
    numbers, complaints, typists = itertools.count(1), [], {}
    with served(running, free_port()) as url:
        for who in pages_with_forms(known):
            typist = typists[who] = Typist(_signed_in(browser, url, who, complaints), url, numbers)
            for path in pages_with_forms(known)[who]:
                typist.type_into(path)
        running.await_ledgers()
        everything = {markup: name for typist in typists.values() for markup, name in typist.typed.items()}
        for who, paths in pages_to_look_at(known).items():
            typists[who].typed = everything
            for path in paths:
                typists[who].page.goto(url + path)
                typists[who].look()
        for typist in typists.values():
            typist.page.context.close()
    gc.collect()
    assert [where for typist in typists.values() for where in typist.harmed] == []
    assert complaints == []
    seen = set().union(*(typist.seen for typist in typists.values()))
    assert {everything[markup] for markup in seen} >= STORED
    names = {_in_a_template(name) for typist in typists.values() for _, name in typist.forms}
    assert text_fields_of_templates() - names <= {"account", "note", OF_A_MACRO, *BEHIND_A_CODE, *WITH_A_PROVIDER}


def _in_a_template(name: str) -> str:
    """The name of a field as its template writes it."""
    return re.sub(r"^title-[a-z-]+(~\d+)?$", "title-{{ key }}", ID.sub("{{ m.id }}", name))


def _signed_in(browser: Browser, url: str, who: str, complaints: list[str]) -> Page:
    page = browser.new_context(locale="zh-CN").new_page()
    page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)
    page.goto(f"{url}/sign-in")
    page.fill("#account", "\"'><b class=hurt>印</b>")
    page.fill("#password", "x")
    page.press("#password", "Enter")
    page.get_by_role("alert").wait_for()
    assert page.evaluate(OPENED) == [False, 0]
    assert page.input_value("#account") == "\"'><b class=hurt>印</b>"
    page.fill("#account", who)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url(lambda address: "/sign-in" not in address)
    return page


def text_fields_of_templates() -> set[str]:
    """Every name of a text field that any template writes."""
    names: set[str] = set()
    for template in Path("services/console/templates").glob("*.html"):
        for tag in re.findall(r"<(?:input|textarea)\b[^>]*>", template.read_text("utf-8")):
            kind = re.search(r'type="(\w+)"', tag)
            name = re.search(r'name="([\w{} .-]+)"', tag)
            if name and (kind is None or kind[1] in {"text", "search"}):
                names.add(name[1])
    return names


KEPT = "organiser同志"


def test_after_signing_out_the_way_back_shows_nothing(
    platform: tuple[Embedded, dict[str, str]], browser: Browser
) -> None:
    running, known = platform
    with served(running, free_port()) as url:
        page = _signed_in(browser, url, "organiser", [])
        page.goto(f"{url}/activities/{known['activity_id']}")
        assert KEPT in page.content()
        page.locator(".who summary").click()
        page.get_by_role("button", name="退出登录").click()
        page.wait_for_url(f"{url}/sign-in")
        page.go_back()
        page.wait_for_load_state()
        assert "/sign-in" in page.url
        assert KEPT not in page.content()
        page.context.close()
