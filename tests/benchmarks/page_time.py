"""``python -m tests.benchmarks.page_time [REPETITIONS]``: how long the server takes for each page on the demo.

The embedded platform runs in a process of its own with the demo; each page is asked for by a role that sees it, as
``tests/support/console_pages.py`` lists them. Times are the server's own (its request log), in milliseconds. Beside
them stands the time of ``/livez``, which does nothing: what the machine takes for any answer. Exits with 1 where a
page's median is over 100 ms.
"""

import json
import re
import statistics
import sys
import tempfile
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from services.console.cookie import SESSION
from tests.support.browser import Platform, serving
from tests.support.console_pages import PAGES, known_ids

REPETITIONS, WITHIN = 15, 100.0
UNHURRIED = {"LIUHEN_SEARCH_BURST": "1000000", "LIUHEN_EXPORT_BURST": "1000000"}
"""Rates that one person's hand would feel are not the pages'."""
_LINE = re.compile(r"method=GET ms=([0-9.]+) path=(\S+) request_id=(\S+)")


def main(repetitions: int) -> int:
    """Measure and print; 1 where a page takes too long."""
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder), demo=True, **UNHURRIED) as (url, data):
        platform = Platform(url, json.loads((data / "demo-accounts.json").read_text("utf-8")))
        known = known_ids(platform)
        measured = [_page(platform, role, path.format(**known), repetitions) for role, path in PAGES]
        bare = _page(platform, None, "/livez", repetitions)
        log = (Path(folder) / "log").read_text("utf-8", "replace")
    times = {request: float(ms) for ms, _, request in _LINE.findall(log)}
    return _table([(role, path, [times[r] for r in requests]) for role, path, requests in [*measured, bare]])


def _page(platform: Platform, role: str | None, path: str, repetitions: int) -> tuple[str, str, list[str]]:
    headers = {"Accept": "text/html"}
    if role:
        with platform.api(role) as client:
            token = client.headers["Authorization"].removeprefix("Bearer ")
        headers["Cookie"] = f"{SESSION.name}={token}"
    with httpx.Client(base_url=platform.url, headers=headers, timeout=60) as client:
        answers = [client.get(path) for _ in range(repetitions + 1)]
    assert all(a.status_code == 200 for a in answers), (role, path, answers[0].status_code)
    return role or "", path, [a.headers["X-Request-Id"] for a in answers[1:]]


def _table(rows: list[tuple[str, str, list[float]]]) -> int:
    table = Table("page", "role", "median ms", "worst ms")
    slow = 0
    for role, path, times in sorted(rows, key=lambda row: -statistics.median(row[2])):
        median = statistics.median(times)
        slow += median > WITHIN
        table.add_row(re.sub(r"[0-9a-f-]{36}", "…", path), role, f"{median:.1f}", f"{max(times):.1f}")
    Console(width=130).print(table, f"over {WITHIN:.0f} ms: {slow} of {len(rows) - 1}")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else REPETITIONS))
