"""The slice as a person walks it over HTTP: import, adopt, assign, record, ledger, search, history."""

import random
import re
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from shared.http.requests import SYNCING
from tests.support.plans import DEMO, SEED

CHINA = timedelta(hours=8)
_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Never used, for nothing here is HTTPS: without it every request would load all certificates."""
_HAN_RUN = re.compile(r"[㐀-鿿]+")


def today() -> date:
    return (datetime.now(UTC) + CHINA).date()


def plan_file() -> Path:
    """The office's real plan where it is present, else the demo's."""
    return SEED if SEED.exists() else DEMO


def plan_words() -> str:
    """The plan's text without any white space: what every substring is drawn from."""
    return re.sub(r"\s+", "", plan_file().read_text("utf-8"))


def substrings(count: int, seed: int = 20260112) -> list[str]:
    """Random substrings of 2 to 12 Han characters of the plan."""
    draw, runs = random.Random(seed), _HAN_RUN.findall(plan_words())
    found = []
    while len(found) < count:
        length = draw.randint(2, 12)
        run = draw.choice([r for r in runs if len(r) >= length])
        start = draw.randint(0, len(run) - length)
        found.append(run[start : start + length])
    return found


def shuffled(count: int, seed: int = 20260113) -> list[str]:
    """Substrings with their characters shuffled, so that the plan no longer has them."""
    draw, words = random.Random(seed), plan_words()
    found: list[str] = []
    for text in substrings(count * 20, seed):
        letters = list(text)
        draw.shuffle(letters)
        candidate = "".join(letters)
        if len(text) >= 4 and candidate not in words:
            found.append(candidate)
        if len(found) == count:
            return found
    raise AssertionError("the plan is too short to shuffle")


ARRIVAL_SECONDS = 60.0
"""How long a ledger of a busy machine may take to come as far as a token."""


@dataclass
class Walker:
    """One signed-in person. ``url_of`` names where a context's API answers."""

    url_of: Callable[[str], str]
    token: str = ""

    def sign_in(self, account: dict[str, Any]) -> "Walker":
        asked = {"account": account["account"], "password": account["password"]}
        self.token = self.post("/api/access/sign-in", json=asked)["token"]
        return self

    def get(self, path: str, **params: Any) -> Any:
        """Ask, and again while the answer says that the ledger has not come as far as the token (同步中)."""
        until = time.monotonic() + ARRIVAL_SECONDS
        while (answer := self.ask("GET", path, params=params)).headers.get(SYNCING) and time.monotonic() < until:
            pass  # each answer has waited its two seconds
        return self._answer(answer)

    def post(self, path: str, **options: Any) -> Any:
        return self._answer(self.ask("POST", path, **options))

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        context = path.split("/")[2]
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return httpx.request(method, self.url_of(context) + path, headers=headers, timeout=60, verify=_TLS, **options)

    @staticmethod
    def _answer(response: httpx.Response) -> Any:
        assert response.is_success, f"{response.request.url} {response.status_code}: {response.text}"
        return response.json()


def import_and_adopt(walker: Walker) -> tuple[str, str]:
    """Import the plan and adopt it; return its id and the last token."""
    file = plan_file()
    imported = walker.post(
        "/api/organization/work-plans",
        files={"file": (file.name, file.read_bytes(), "text/plain")},
        data={"title": "2026年工作要点（试）", "year": "2026"},
    )
    return imported["id"], walker.post(f"/api/organization/work-plans/{imported['id']}/adopt")["token"]


def first_task(plan: dict[str, Any]) -> str:
    """The number of the plan's first clause that is a task."""
    clauses = (c for part in plan["parts"] for m in part["measures"] for c in m["clauses"])
    return str(next(c["number"] for c in clauses if c["nature"] == "task"))


def assign(walker: Walker, plan_id: str, number: str, organisations: list[str]) -> str:
    """Bind a task to organisations for this month; return the token."""
    period = {"start": today().replace(day=1).isoformat(), "due": (today() + timedelta(days=20)).isoformat()}
    body = {
        "lead_organisation_id": organisations[0],
        "organisations": organisations,
        "period": period | {"cadence": "once"},
        "evidence_kinds": ["theme-day"],
    }
    path = f"/api/organization/work-plans/{plan_id}/tasks/{number}/assignment"
    return str(walker.post(path, json=body)["token"])


def record_theme_day(walker: Walker, organisation: str, tasks: list[str], minutes: str) -> tuple[str, str]:
    """Record a theme day held today; return its id and the token."""
    members = walker.get("/api/organization/members", organisation=organisation)["members"]
    body = {
        "organisation_id": organisation,
        "kind": "theme-day",
        "held_on": today().isoformat(),
        "title": "到联系点开一次现场会",
        "place": "石桥村",
        "minutes": minutes,
        "attendees": [m["id"] for m in members],
        "tasks": tasks,
    }
    answer = walker.post("/api/organization/activities", json=body)
    return answer["id"], answer["token"]


def status_of(ledger: dict[str, Any], number: str, organisation: str) -> str:
    """The status of one cell of the task ledger."""
    row = next(r for r in ledger["rows"] if r["clause"] == number)
    return str(next(c["status"] for c in row["cells"] if c["organisation"] == organisation))


def seconds_until(done: Callable[[], bool], bound: float = 10.0) -> float:
    """How long it took until the condition held, in seconds; asked as fast as answers come."""
    began = time.monotonic()
    while not done():
        assert time.monotonic() - began < bound, "the condition never held"
    return time.monotonic() - began
