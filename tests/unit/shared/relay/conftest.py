"""A trail in memory, a bus and cursors in files."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from shared.clock import system_clock
from shared.eventstore.memory import MemoryStore
from shared.eventstore.migrate import migrate
from shared.messaging.bus import SqliteBus
from shared.relay.cursor import CursorStore


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore(system_clock)


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[SqliteBus]:
    with closing(SqliteBus(tmp_path / "bus.db")) as made:
        yield made


@pytest.fixture
def cursor_url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'study.db'}"
    migrate(url)
    return url


@pytest.fixture
def cursors(cursor_url: str) -> Iterator[CursorStore]:
    with closing(CursorStore(cursor_url, system_clock)) as made:
        yield made
