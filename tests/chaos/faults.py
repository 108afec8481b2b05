"""Faults planted on purpose: what the harness would be worth nothing without finding.

``python -m tests.chaos.faults NAME serve`` is ``liuhen serve`` with one of them. Each widens the moment in which a kill
does harm, so that few rounds find it. A relay that moves its cursor before the topic has acknowledged is not among
them: at its next start it looks back, and publishes again what the topic lacks.
"""

import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

from services.runtime import cli
from services.search.indexer import _DIRTY, Indexer, _mark, _written
from shared.application.commands import CommandHandler, Outcome, Request, caused_by
from shared.blobs.folder import FolderShelf
from shared.decider import Decider
from shared.eventstore.sqlite import SqliteStore
from shared.messaging.cloudevents import to_record
from shared.reactions import CausedCommands
from shared.relay.cursor import Cursor
from shared.relay.relay import BATCH, Relay

MODULE = "tests.chaos.faults"
PAUSE = 0.2
"""Seconds between the two halves of what must not be torn apart."""

BETWEEN_EFFECTS = 0.05
"""Seconds after each effect: short enough that the reactions keep up with the clerks."""

FILE_SECONDS = 1.0
"""After its event: few of the clerks' acts send a file."""

SKIPPED = 17
"""Each event at a multiple of this position never reaches the topic."""

_write = SqliteStore._answer
_put = FolderShelf.put


@dataclass(frozen=True)
class Fault:
    """One fault: what it does wrong, where it is patched in, what the checker says of it (a pattern)."""

    says: str
    owner: type
    method: str
    stands_in: Callable[..., Any]
    found_as: str


def _pause(seconds: float = PAUSE) -> None:
    threading.Event().wait(seconds)


def _answer_first(self: SqliteStore, group: list[Any]) -> None:
    for job in group:
        job.answer.set_result(job.append.expected_version + len(job.append.events))
    _pause()
    _write(self, [replace(job, answer=Future()) for job in group])


def _skip_some(self: Relay) -> int:
    publisher = self._publisher or self._start()
    rows = self._store.read(self._cursor.position, BATCH)
    if rows:
        publisher.publish(self._topic, [to_record(row) for row in rows if row.position % SKIPPED])
        self._cursor = Cursor(rows[-1].position, rows[-1].event_id)
        self._cursors.move(self._topic, self._cursor)
    return len(rows)


def _without_key(
    self: CausedCommands, decider: Decider[Any], id_: str, command: Any, request: Request, *claims: Any
) -> Outcome:
    """Decide as if this event had led to nothing yet: by itself, a posting sees that it is there already."""
    others = self.store.load(decider.stream(id_))
    state = decider.fold(self.codec.decode(row) for row in others if row.causation_id != self.event.event_id)
    blind = replace(decider, decide=lambda _, asked: decider.decide(state, asked))
    caused = caused_by(request, self.event.event_id, self.event.correlation_id)
    outcome = CommandHandler.handle(self, blind, id_, command, caused, *claims)
    _pause(BETWEEN_EFFECTS)
    return outcome


def _mark_first(self: Indexer) -> int:
    database = self._serving_slot()
    if database is None:
        return 0
    index = self._index_of(database)
    with database.read() as reading:
        rows = reading.execute(_DIRTY).all()
    if rows:
        _mark(database, [{"wanted": row.id, "written": row.counter, "reason": None} for row in rows])
        _pause()
        _written(index, rows)
        index.refresh()
    return len(rows)


def _put_later(self: FolderShelf, address: str, data: bytes) -> None:
    threading.Timer(FILE_SECONDS, _put, (self, address, data)).start()


FAULTS = {
    "answers-first": Fault(
        "a command is acknowledged before it is committed",
        SqliteStore,
        "_answer",
        _answer_first,
        "is lost|effects, not|not-found|sign-in-needed",
    ),
    "skips-some": Fault(
        "the relay passes over an event now and then", Relay, "run_once", _skip_some, "the topic holds|never at rest"
    ),
    "reacts-without-key": Fault(
        "a reaction that comes again acts again",
        CausedCommands,
        "handle",
        _without_key,
        "effects, not those|points-posted.*IntegrityError",
    ),
    "marks-first": Fault(
        "a document counts as indexed before the index has it",
        Indexer,
        "run_once",
        _mark_first,
        "search: document",
    ),
    "event-before-file": Fault(
        "an event names a file that is not on the disk yet", FolderShelf, "put", _put_later, "a file is gone"
    ),
}


def main() -> None:
    """Run the command line with the fault."""
    fault = FAULTS[sys.argv.pop(1)]
    with patch.object(fault.owner, fault.method, fault.stands_in):
        cli.main()


if __name__ == "__main__":
    main()
