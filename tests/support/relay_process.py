"""A relay in a process of its own, to be killed: ``python -m tests.support.relay_process DB BROKER TOPIC [N]``.

BROKER is a bus file's path or a Kafka bootstrap list. With N it kills itself after its Nth publish, before the
cursor moves.
"""

import os
import signal
import sys
import threading
from pathlib import Path

from shared.clock import system_clock
from shared.eventstore.sqlite import SqliteStore
from shared.messaging.bus import SqliteBus
from shared.messaging.kafka import KafkaBroker
from shared.messaging.port import Broker
from shared.relay import relay
from shared.relay.cursor import Cursor, CursorStore

PARTITIONS = 4
BATCH = 20


class Fatal(CursorStore):
    """Cursors whose Nth move never happens: the process is dead by then."""

    left = -1

    def move(self, topic: str, cursor: Cursor) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        super().move(topic, cursor)


def broker(named: str) -> Broker:
    """Return the bus in the file, or the Kafka at the address."""
    return SqliteBus(Path(named)) if named.startswith("/") else KafkaBroker(named)


if __name__ == "__main__":
    relay.BATCH = BATCH
    url, named, topic, *dies = sys.argv[1:]
    Fatal.left = int(dies[0]) if dies else -1
    store = SqliteStore(url, system_clock)
    sys.stdout.write("started\n")
    sys.stdout.flush()
    relay.Relay(store, Fatal(url, system_clock), broker(named), topic, PARTITIONS).run(threading.Event())
