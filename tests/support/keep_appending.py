"""A process that appends until it is killed, and says what was acknowledged: one line ``stream version`` each."""

import sys
from threading import Lock, Thread

from shared.clock import system_clock
from shared.eventstore.port import Claim
from shared.eventstore.postgres import PostgresStore
from shared.eventstore.sqlite import SqliteStore
from tests.support.appends import new_append, new_event, stream

EVENTS = 3


def main(url: str) -> None:
    store = (SqliteStore if url.startswith("sqlite") else PostgresStore)(url, system_clock)
    saying = Lock()

    def keep_appending() -> None:
        name, version = stream(), 0
        while True:
            claim = Claim("batch", f"{name}@{version}")
            events = [new_event() for _ in range(EVENTS)]
            version = store.append(new_append(name, version, *events, claims=(claim,)))
            with saying:
                sys.stdout.write(f"{name} {version}\n")
                sys.stdout.flush()

    for _ in range(4):
        Thread(target=keep_appending).start()


if __name__ == "__main__":
    main(sys.argv[1])
