"""An empty event store of one machine and what seals for it, as benchmarks fill it."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from shared.clock import system_clock
from shared.eventstore.migrate import migrate
from shared.eventstore.sealing import SealingCodec
from shared.eventstore.sqlite import SqliteStore
from shared.vault.sql import SqlVault


@dataclass(frozen=True)
class Embedded:
    """A store, its vault, and a folder for whatever is measured beside."""

    folder: Path
    store: SqliteStore
    vault: SqlVault
    codec: SealingCodec


@contextmanager
def embedded() -> Iterator[Embedded]:
    """Give an empty one; it is gone afterwards."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'ours.db'}"
        migrate(url)
        vault = SqlVault(f"sqlite:///{folder / 'vault.db'}", os.urandom(32))
        with closing(vault), closing(SqliteStore(url, system_clock)) as store:
            yield Embedded(folder, store, vault, SealingCodec(vault, system_clock))
