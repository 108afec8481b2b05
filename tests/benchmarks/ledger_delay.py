"""``python -m tests.benchmarks.ledger_delay [REPETITIONS]``: from a command to the context's own ledger, over HTTP.

The embedded platform runs in a process of its own on an empty folder, with a plan of some forty tasks. Each repetition
records an activity for the next task and asks for the plan's ledger until the record stands in its cell: once with the
command's token, as pages ask (``after=``), once without, as somebody else would who happens to look. Between them the
same is done with the bare ledger (``bare_ledger.py``), so that all three meet the same machine.

Times are in milliseconds from sending the command. Exits with 1 where the ledger's p99 is a second or more.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from shared.ids import new_id
from tests.benchmarks.figures import percentile
from tests.support.engines import REPOSITORY
from tests.support.free_ports import free_port
from tests.support.platform_process import LOGIN, PASSWORD, Office, PlatformProcess, found
from tests.support.slice import Walker, assign, import_and_adopt, today

PLANS, ACTIVITIES = "/api/organization/work-plans", "/api/organization/activities"
REPETITIONS, WARM_UP, WITHIN = 100, 5, 1.0


class Measured:
    """Seconds of each repetition: until the command was answered, until the ledger showed its record."""

    def __init__(self) -> None:
        self.answered: list[float] = []
        self.shown: list[float] = []

    def time(self, command: Callable[[], Any], shows: Callable[[Any], bool]) -> None:
        began = time.perf_counter()
        answer = command()
        answered = time.perf_counter() - began
        while not shows(answer):
            assert time.perf_counter() - began < 10, "the ledger never showed the record"
        self.shown.append(time.perf_counter() - began)
        self.answered.append(answered)


class Platform:
    """The embedded platform; every task of the plan has been given to the one branch."""

    def __init__(self, client: httpx.Client, office: Office, url: str) -> None:
        self.client, self._office = client, office
        walker = Walker(lambda _: url).sign_in({"account": LOGIN, "password": PASSWORD})
        self._plan, _ = import_and_adopt(walker)
        rows = walker.get(f"{PLANS}/{self._plan}/ledger")["rows"]
        self.tasks = [row["clause"] for row in rows]
        for task in self.tasks:
            token = assign(walker, self._plan, task, [office.branch_id])
        self.rows = {row["clause"]: row for row in walker.get(f"{PLANS}/{self._plan}/ledger", after=token)["rows"]}

    def record(self, task: str) -> dict[str, str]:
        said = {
            "organisation_id": self._office.branch_id,
            "kind": "theme-day",
            "held_on": today().isoformat(),
            "title": "到联系点开一次现场会",
            "place": "石桥村",
            "minutes": "先算清三户的电费，再定下次来的日子。",
            "attendees": [self._office.member_id],
            "tasks": [f"{self._plan}/{task}"],
        }
        return dict(self.client.post(ACTIVITIES, json=said).raise_for_status().json())

    def shows(self, task: str, id_: str, after: str | None) -> bool:
        asked = {"after": after} if after else {}
        ledger = self.client.get(f"{PLANS}/{self._plan}/ledger", params=asked).raise_for_status().json()
        (cell,) = next(row for row in ledger["rows"] if row["clause"] == task)["cells"]
        return cell["status"] == "done" and any(record["id"] == id_ for record in cell["records"])


class Bare:
    """The bare ledger, with the same rows."""

    def __init__(self, client: httpx.Client, rows: dict[str, Any]) -> None:
        self._client = client
        client.post("/fill", json={k: row | {"records": []} for k, row in rows.items()}).raise_for_status()

    def record(self, task: str) -> dict[str, str]:
        said = {"id": new_id(), "key": task, "title": "到联系点开一次现场会", "minutes": "先算清三户的电费。"}
        return dict(self._client.post("/records", json=said).raise_for_status().json())

    def shows(self, task: str, id_: str) -> bool:
        rows = self._client.get("/ledger").raise_for_status().json()["rows"]
        return id_ in next(row for row in rows if row["clause"] == task)["records"]


@contextmanager
def platform(folder: Path) -> Iterator[Platform]:
    office = found(folder)
    process = PlatformProcess(folder)
    try:
        with closing(process.await_ready().client()) as client:
            yield Platform(client, office, process.url)
    finally:
        process.terminate()


@contextmanager
def bare(file: Path, rows: dict[str, Any]) -> Iterator[Bare]:
    port = free_port()
    command = [sys.executable, "-m", "tests.benchmarks.bare_ledger", str(file), str(port)]
    process = subprocess.Popen(command, cwd=REPOSITORY)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            _await(client, process)
            yield Bare(client, rows)
    finally:
        process.terminate()
        process.wait(10)


def _await(client: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    while True:
        with suppress(httpx.TransportError):
            client.get("/ledger")
            return
        with suppress(subprocess.TimeoutExpired):
            raise AssertionError(f"the bare server ended with {process.wait(0.1)}")


def measure(ours: Platform, theirs: Bare, repetitions: int) -> dict[str, Measured]:
    """Take turns; the first few repetitions are not counted."""
    by_token, by_looking, by_hand = Measured(), Measured(), Measured()
    for turn in range(-WARM_UP, repetitions):
        if turn == 0:
            by_token, by_looking, by_hand = Measured(), Measured(), Measured()
        task = ours.tasks[turn % len(ours.tasks)]
        by_token.time(lambda t=task: ours.record(t), lambda a, t=task: ours.shows(t, a["id"], a["token"]))
        by_hand.time(lambda t=task: theirs.record(t), lambda a, t=task: theirs.shows(t, a["id"]))
        by_looking.time(lambda t=task: ours.record(t), lambda a, t=task: ours.shows(t, a["id"], None))
    return {"after=token": by_token, "looking": by_looking, "bare": by_hand}


def report(found: dict[str, Measured], out: Console) -> None:
    table = Table("milliseconds", "n", "answered p50", "p99", "in ledger p50", "p99", "most", box=None)
    table.caption = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    for name, measured in found.items():
        figures = [
            percentile(measured.answered, 0.5),
            percentile(measured.answered, 0.99),
            percentile(measured.shown, 0.5),
            percentile(measured.shown, 0.99),
            max(measured.shown),
        ]
        table.add_row(name, str(len(measured.shown)), *(f"{1000 * each:.1f}" for each in figures))
    out.print(table)


def main(repetitions: int) -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with platform(folder / "data") as ours, bare(folder / "bare.db", ours.rows) as theirs:
            found = measure(ours, theirs, repetitions)
    report(found, Console())
    return int(any(percentile(m.shown, 0.99) >= WITHIN for name, m in found.items() if name != "bare"))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else REPETITIONS))
