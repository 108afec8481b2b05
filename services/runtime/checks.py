"""``liuhen <context> check``: statements that are always true, each asked of the real stores."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Event

from rich.console import Console

from services.runtime.assembly import Assembly
from services.search.ledgers.register import indexed_documents, refused_documents
from shared.eventstore.codec import Integrity
from shared.eventstore.port import EventStore
from shared.projection.projector import Projector
from shared.security.extent import Unbounded
from shared.service import Service

BATCH = 1000
CATCH_UP_SECONDS = 5.0
LOOK_SECONDS = 0.1
ALL_OF_IT = Unbounded("a check on the machine compares the whole register with the whole index")


@dataclass(frozen=True, slots=True)
class Finding:
    """One statement and whether it holds; ``detail`` names what broke it."""

    statement: str
    holds: bool
    detail: str = ""


def report(assembly: Assembly, service: Service, out: Console) -> bool:
    """Print every statement with its result; return whether all hold."""
    findings = list(findings_of(assembly, service))
    for finding in findings:
        mark = "[green]✓[/]" if finding.holds else "[red]✗[/]"
        out.print(f"{mark} {finding.statement}{'：' + finding.detail if finding.detail else ''}")
    return all(f.holds for f in findings)


def findings_of(assembly: Assembly, service: Service) -> Iterator[Finding]:
    """Ask what is always true of a context."""
    if service.deciders:
        store = assembly.store(service.name)
        yield from _trail(assembly, store)
        yield _published(assembly, service, store)
    for name, projector in assembly.projection(service).projectors.items():
        parked = projector.parked()
        yield Finding(f"台账 {name} 没有搁置的流", not parked, "、".join(p.stream for p in parked))
        yield _caught_up(projector)
    if service.name == "search":
        yield from _index(assembly, service)


def _trail(assembly: Assembly, store: EventStore) -> Iterator[Finding]:
    """Read the whole trail once. The envelope (who, when) is not committed to yet: only what was said is."""
    broken: dict[str, str] = {}
    last, stamp, versions = 0, None, dict[str, int]()
    while rows := store.read(last, BATCH):
        for row in rows:
            named = f"{row.stream_id}@{row.version}"
            if row.position != last + 1:
                broken.setdefault("gap", f"位置 {last} 之后是 {row.position}")
            if row.version != versions.get(row.stream_id, 0) + 1:
                broken.setdefault("disorder", named)
            if stamp is not None and row.stamped_at < stamp:
                broken.setdefault("stamps", named)
            if assembly.codec.check(row) is Integrity.BROKEN:
                broken.setdefault("altered", named)
            last, stamp, versions[row.stream_id] = row.position, row.stamped_at, row.version
    statements = {
        "gap": "位置连续，没有缺失",
        "disorder": "每条流的版本逐一递增",
        "stamps": "登记时刻随位置递增",
        "altered": "每个事件的内容与写入时的承诺相符",
    }
    for what, statement in statements.items():
        yield Finding(statement, what not in broken, broken.get(what, ""))


def _published(assembly: Assembly, service: Service, store: EventStore) -> Finding:
    """The last event published must still be where it was: a cut tail or a restored backup shows here."""
    cursor = assembly.cursor(service)
    there = store.read(cursor.position - 1, 1) if cursor.position else []
    holds = cursor.position == 0 or (bool(there) and there[0].event_id == cursor.event_id)
    return Finding("最后发布的事件仍在原处", holds, "" if holds else f"位置 {cursor.position} 已不是它")


def _caught_up(projector: Projector) -> Finding:
    """A ledger holds all that is recorded; what was recorded a moment ago is waited for, within a bound."""
    deadline = time.monotonic() + CATCH_UP_SECONDS
    while (behind := projector.behind()) != 0 and time.monotonic() < deadline:
        Event().wait(LOOK_SECONDS)
    detail = "还没有建立" if behind is None else f"差 {behind} 个事件" if behind else ""
    return Finding(f"台账 {projector.ledger.name} 已包含全部留痕", behind == 0, detail)


def _index(assembly: Assembly, service: Service) -> Iterator[Finding]:
    with assembly.projection(service).reader.read("register", ALL_OF_IT) as reading:
        expected, refused = indexed_documents(reading), refused_documents(reading)
    found = assembly.index.serving().count()
    yield Finding("索引的篇数等于登记簿的篇数", expected == found, f"登记簿 {expected}，索引 {found}")
    yield Finding("没有索引拒收的文档", not refused, "、".join(f"{id_}（{why}）" for id_, why in refused.items()))
