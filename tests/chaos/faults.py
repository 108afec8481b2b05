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
from shared.eventstore.sqlite import SqliteStore
from shared.messaging.cloudevents import to_record
from shared.relay.cursor import Cursor
from shared.relay.relay import BATCH, Relay

MODULE = "tests.chaos.faults"
PAUSE = 0.2
"""Seconds between the two halves of what must not be torn apart."""

SKIPPED = 17
"""Each event at a multiple of this position never reaches the topic."""

_write = SqliteStore._answer


@dataclass(frozen=True)
class Fault:
    """One fault: what it does wrong, where it is patched in, what the checker says of it (a pattern)."""

    says: str
    owner: type
    method: str
    stands_in: Callable[..., Any]
    found_as: str


def _pause() -> None:
    threading.Event().wait(PAUSE)


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
}


def main() -> None:
    """Run the command line with the fault."""
    fault = FAULTS[sys.argv.pop(1)]
    with patch.object(fault.owner, fault.method, fault.stands_in):
        cli.main()


if __name__ == "__main__":
    main()
