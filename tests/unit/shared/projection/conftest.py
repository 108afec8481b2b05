"""A store of the toy context and a bus with another context's topic."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from shared.eventstore.memory import MemoryStore
from shared.messaging.bus import SqliteBus
from tests.support.appends import HandClock


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[SqliteBus]:
    with closing(SqliteBus(tmp_path / "bus.db")) as made:
        made.ensure_topic("other.events", 2)
        yield made


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore(HandClock())
