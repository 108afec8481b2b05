"""``python -m tests.benchmarks [NAME…]``: one table, and ``build/bench.json``; fails on a regression.

Names are those of the groups below; without any all are measured that the environment allows. Engines are found by
their settings: ``make bench`` starts them. A ratio that fell more than a fifth below what ``accepted.toml`` names is
measured once more, since the machine is shared; if it stays there the run fails.
"""

import json
import os
import signal
import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.benchmarks import (
    appending,
    commanding,
    folding,
    indexing,
    peak,
    policy_cost,
    rebuilding,
    relaying,
    row_security,
    searching,
)
from tests.benchmarks.figures import Accepted, Figure, unmeasured, worse
from tests.support.engines import REPOSITORY, elasticsearch_url, kafka_bootstrap, postgres_url

ACCEPTED = Path(__file__).with_name("accepted.toml")

GROUPS: dict[str, tuple[str | None, Callable[[], Iterator[Figure]]]] = {
    "append-sqlite": (None, appending.sqlite_figures),
    "append-postgres": ("LIUHEN_DATABASE_URL", lambda: appending.postgres_figures(postgres_url("bench"))),
    "fold": (None, folding.figures),
    "rebuild": (None, rebuilding.figures),
    "search": (None, searching.embedded_figures),
    "policy": (None, policy_cost.figures),
    "relay": ("LIUHEN_KAFKA_BOOTSTRAP", lambda: relaying.figures(kafka_bootstrap())),
    "index": ("LIUHEN_ELASTICSEARCH_URL", lambda: indexing.figures(elasticsearch_url())),
    "search-city": ("LIUHEN_ELASTICSEARCH_URL", lambda: searching.city_figures(elasticsearch_url())),
    "walls": ("LIUHEN_DATABASE_URL", lambda: row_security.figures(postgres_url("bench_walls"))),
    "command": (None, commanding.platform_figures),
    "command-city": ("LIUHEN_KAFKA_BOOTSTRAP", commanding.city_figures),
    "peak": ("LIUHEN_KAFKA_BOOTSTRAP", peak.figures),
}
"""What is measured: the setting a group needs, and how."""


def main(names: list[str]) -> int:
    """Measure, print, write; return 1 where a ratio is worse than accepted, or an accepted one was not measured."""
    out = Console(width=130)
    accepted: Accepted = tomllib.loads(ACCEPTED.read_text("utf-8"))
    figures, fallen = list[Figure](), list[str]()
    for name in names or list(GROUPS):
        needed, measure = GROUPS[name]
        if needed and not os.environ.get(needed):
            out.print(f"[dim]{name}: not measured, {needed} is not set[/dim]")
            continue
        found = list(measure())
        if worse(found, accepted):
            out.print(table(found))
            out.print(f"[dim]{name}: worse than accepted, measured once more[/dim]")
            found = list(measure())
        fallen += worse(found, accepted)
        figures += found
        out.print(table(found))
        _write(figures)
    if not names:
        fallen += unmeasured(figures, accepted)
    for each in fallen:
        out.print(f"[red]{each}[/red]")
    return 1 if fallen else 0


def _write(figures: Sequence[Figure]) -> None:
    target = REPOSITORY / "build" / "bench.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps([f.as_json() for f in figures], ensure_ascii=False, indent=1), "utf-8")


def table(figures: list[Figure]) -> Table:
    """Return the figures as people read them."""
    shown = Table("figure", "backend", "ours", "bare", "ratio", "unit", "aim", box=None, pad_edge=False)
    shown.caption = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    for each in figures:
        bare, ratio = (f"{v:,.2f}" if v is not None else "–" for v in (each.bare, each.ratio))
        sign = "≥" if each.more_is_better else "≤"
        of = "ours " if each.aim_of_ours else ""
        aim = "–" if each.met is None else f"{of}{sign} {each.aim:g} {'met' if each.met else 'NOT met'}"
        shown.add_row(each.name, each.backend, f"{each.ours:,.2f}", bare, ratio, each.unit, aim)
    return shown


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is ended, what was made is removed
    sys.exit(main(sys.argv[1:]))
