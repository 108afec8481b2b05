"""A real headless Chromium before the whole embedded platform: one server a test session, one context a person."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.support.free_ports import free_port

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
STARTS_WITHIN = 60.0
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}

SUPERVISOR, SECRETARY, ORGANISER = "机关党总支干事", "支部书记", "支部组织委员"
MEMBER, INSPECTOR, ADMINISTRATOR = "党员", "工委检查组", "系统管理员"
SECURITY, AUDITOR = "安全管理员", "审计管理员"
SECRECY_OFFICER = "保密员"
OTHER_AGENCY = "另一机关的机关党总支干事"


@dataclass(frozen=True)
class Platform:
    """The running platform and who can sign in."""

    url: str
    accounts: dict[str, dict[str, Any]]

    @contextmanager
    def api(self, role: str) -> Iterator[httpx.Client]:
        """A client of the API in a person's name."""
        account = {k: self.accounts[role][k] for k in ("account", "password")}
        with httpx.Client(base_url=self.url, timeout=20) as client:
            token = client.post("/api/access/sign-in", json=account).json()["token"]
            client.headers["Authorization"] = f"Bearer {token}"
            yield client

    def get(self, role: str, path: str, **params: Any) -> Any:
        """One query's answer."""
        with self.api(role) as client:
            answer = client.get(path, params=params)
            assert answer.is_success, answer.text
            return answer.json()


@dataclass
class Person:
    """A signed-in person's browser: its page, and whatever the browser complained about."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> int:
        """Open a page; return its status."""
        answer = self.page.goto(self.url + path)
        assert answer is not None
        return answer.status

    def listen(self) -> None:
        """Remember errors of scripts, violations of the content policy, and failed loads of anything but a page."""
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda said: self.complaints.append(said.text) if _is_complaint(said) else None)


def _is_complaint(said: Any) -> bool:
    own_status = said.text.startswith("Failed to load resource") and "/static/" not in said.location.get("url", "")
    return said.type in {"error", "warning"} and not own_status


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The embedded platform with its demo, in a process of its own."""
    with serving(tmp_path_factory.mktemp("platform"), demo=True) as (url, data):
        yield Platform(url, json.loads((data / "demo-accounts.json").read_text("utf-8")))


def environment(folder: Path, **settings: str) -> dict[str, str]:
    """The environment of a platform that keeps its data in a folder, and of the commands beside it."""
    own = {"LIUHEN_DATA_DIR": str(folder / "data")} | settings
    return {k: v for k, v in os.environ.items() if not k.startswith("LIUHEN_")} | own


@contextmanager
def serving(folder: Path, *, demo: bool, **given: str) -> Iterator[tuple[str, Path]]:
    """A platform in a process of its own, with these variables beside: its address and its data folder."""
    port = free_port()
    settings = environment(folder, LIUHEN_PORT=str(port), LIUHEN_DEMO="1" if demo else "0", **given)
    command = [sys.executable, "-m", "services.runtime.cli", "serve"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=settings, stdout=log, stderr=subprocess.STDOUT)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(process, url, folder / "log")
        yield url, folder / "data"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _wait_until_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    for _ in range(int(STARTS_WITHIN / 0.2)):
        try:
            if httpx.get(f"{url}/readyz").is_success:
                return
        except httpx.TransportError:
            pass
        try:
            process.wait(0.2)
        except subprocess.TimeoutExpired:
            continue
        raise AssertionError(f"the platform ended: {log.read_text('utf-8', 'replace')[-3000:]}")
    raise AssertionError("the platform was not ready in time")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    executable = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    assert executable, "no Chromium: make browser installs one"
    expect.set_options(timeout=10_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def sessions(platform: Platform, browser: Browser) -> Callable[[str], Any]:
    """Each role signs in once; later contexts begin with its cookie."""
    kept: dict[str, Any] = {}

    def state(role: str) -> Any:
        if role not in kept:
            context = browser.new_context()
            page = context.new_page()
            page.goto(f"{platform.url}/sign-in")
            sign_in(page, platform.accounts[role])
            kept[role] = context.storage_state()
            context.close()
        return kept[role]

    return state


@pytest.fixture
def person(platform: Platform, browser: Browser, sessions: Callable[[str], Any]) -> Iterator[Callable[..., Person]]:
    """Opens a browser for a role (None: nobody), wide or narrow; at the end nothing may have been complained about."""
    opened: list[tuple[BrowserContext, Person]] = []

    def make(role: str | None = None, viewport: dict[str, int] = WIDE) -> Person:
        state = sessions(role) if role else None
        context = browser.new_context(
            viewport=viewport, storage_state=state, locale="zh-CN", timezone_id="Asia/Shanghai"
        )
        someone = Person(context.new_page(), platform.url)
        someone.listen()
        opened.append((context, someone))
        return someone

    yield make
    complaints = [said for _, someone in opened for said in someone.complaints]
    for context, _ in opened:
        context.close()
    assert complaints == []


def sign_in(page: Page, account: dict[str, Any]) -> None:
    """Fill in the sign-in form and wait for the page behind it."""
    page.fill("#account", account["account"])
    page.fill("#password", account["password"])
    page.press("#password", "Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def axe_findings(page: Page) -> list[str]:
    """What axe-core finds on the page: rule, how grave, where."""
    assert AXE.exists(), "axe-core is missing: make assets installs it"
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{v['id']} ({v['impact']}): {n['html'][:160]}" for v in found["violations"] for n in v["nodes"]]
