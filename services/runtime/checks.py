"""``liuhen <context> check``: statements that are always true, each asked of the real stores."""

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console

from services.runtime.assembly import Assembly
from services.search.ledgers.register import indexed_documents
from shared.eventstore.codec import Integrity
from shared.eventstore.port import EventStore
from shared.service import Service

BATCH = 1000


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
        yield from _trail(assembly, assembly.store(service.name))
    for name, projector in assembly.projection(service).projectors.items():
        parked = projector.parked()
        yield Finding(f"台账 {name} 没有搁置的流", not parked, "、".join(p.stream for p in parked))
    if service.name == "search":
        yield _index(assembly, service)


def _trail(assembly: Assembly, store: EventStore) -> Iterator[Finding]:
    """Read the whole trail once: positions without a gap, versions in order, every row as it was written."""
    gap = disorder = altered = ""
    last, versions = 0, dict[str, int]()
    while rows := store.read(last, BATCH):
        for row in rows:
            if row.position != last + 1:
                gap = gap or f"位置 {last} 之后是 {row.position}"
            if row.version != versions.get(row.stream_id, 0) + 1:
                disorder = disorder or f"{row.stream_id}@{row.version}"
            if assembly.codec.check(row) is Integrity.BROKEN:
                altered = altered or f"{row.stream_id}@{row.version}"
            last, versions[row.stream_id] = row.position, row.version
    yield Finding("位置连续，没有缺失", not gap, gap)
    yield Finding("每条流的版本逐一递增", not disorder, disorder)
    yield Finding("每个事件与写入时的承诺相符", not altered, altered)


def _index(assembly: Assembly, service: Service) -> Finding:
    with assembly.projection(service).reader.read("register") as reading:
        expected = indexed_documents(reading)
    found = assembly.index.serving().count()
    return Finding("索引的篇数等于登记簿的篇数", expected == found, f"登记簿 {expected}，索引 {found}")
