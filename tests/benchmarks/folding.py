"""Folding a stream of a thousand events: load, decode, fold, beside the ``eventsourcing`` package on the same SQLite.

Ours opens sealed values and reads every payload as its contract; theirs transcodes and mutates an aggregate. The
streams say the same: an organisation that was renamed 999 times. Timed in processor time of this process.
"""

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from services.organization.domain.agency import AGENCY, EstablishOrganisation, RegisterAgency, RenameOrganisation
from shared.contracts.organization import OrganisationKind
from shared.eventstore.port import Append
from shared.eventstore.sealing import SealingCodec
from shared.eventstore.sqlite import SqliteStore
from shared.ids import new_id
from tests.benchmarks.embedded import embedded
from tests.benchmarks.figures import Figure, paired

EVENTS, ROUNDS, TIMES = 1_000, 7, 5


class Renamed(Aggregate):  # type: ignore[misc]
    """The peer's aggregate."""

    def __init__(self, name: str) -> None:
        self.name = name

    @event("Renamed")
    def rename(self, organisation_id: str, name: str, short_name: str) -> None:
        """Take another name."""
        self.name = name


def figures() -> Iterator[Figure]:
    """Measure folds a second, in events."""
    with embedded() as made:
        store, codec = made.store, made.codec
        stream = _write(store, codec)
        persistence = {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(made.folder / "p.db")}
        with closing(Application(env=persistence)) as peer:
            theirs = _write_peer(peer)
            ours = lambda: _rate(lambda: AGENCY.fold(codec.decode(row) for row in store.load(stream)))  # noqa: E731
            measured = paired(ours, lambda: _rate(lambda: peer.repository.get(theirs)), ROUNDS)
    yield Figure("fold of a 1,000-event stream", "SQLite", *measured, "events/s a core", 3.0)


def _rate(fold: Any) -> float:
    began = time.process_time()
    for _ in range(TIMES):
        fold()
    return TIMES * EVENTS / (time.process_time() - began)


def _write(store: SqliteStore, codec: SealingCodec) -> str:
    agency, root, branch = new_id(), new_id(), new_id()
    stream = f"organization:agency:{agency}"
    state, version = AGENCY.initial, 0
    commands = [
        RegisterAgency(agency, "甲机关", root, OrganisationKind.GENERAL_BRANCH, "甲总支"),
        EstablishOrganisation(branch, root, OrganisationKind.BRANCH, "一支部"),
        *(RenameOrganisation(branch, f"第{n}党支部", "更名") for n in range(EVENTS)),
    ]
    for command in commands:
        happened = AGENCY.decide(state, command)[: EVENTS - version]
        if not happened:
            break
        state = AGENCY.fold(happened, state)
        store.append(
            Append(stream, version, tuple(codec.encode(e, stream) for e in happened), agency, "b", None, None, "c")
        )
        version += len(happened)
    assert version == EVENTS
    return stream


def _write_peer(peer: Application) -> UUID:
    aggregate = Renamed("一支部")
    for n in range(EVENTS - 1):
        aggregate.rename(new_id(), f"第{n}党支部", "")
    peer.save(aggregate)
    found: UUID = aggregate.id
    return found
