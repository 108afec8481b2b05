"""The vault over SQLite or PostgreSQL: a row a subject, its keys wrapped under the master key."""

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable

from sqlalchemy import BigInteger, Column, LargeBinary, MetaData, Table, Text, bindparam, func, select

from shared.clock import Clock, system_clock, to_micros
from shared.database import forget_deleted, make_tables, open_engine, upsert
from shared.vault.port import KeysDestroyed, SubjectKeys
from shared.vault.sealing import Tampered, decrypt, encrypt

CACHE_SECONDS = 5.0
"""How long another process may go on using keys after their destruction."""

CACHE_SUBJECTS = 10_000
SELF = "vault:self"

metadata = MetaData()
subjects = Table(
    "subjects",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("wrapped", LargeBinary),
    Column("created_at", BigInteger, nullable=False),
    Column("destroyed_at", BigInteger),
)
"""``wrapped`` is NULL once destroyed; the row stays as a tombstone. Moments in microseconds since 1970."""

_SELECT = select(subjects.c.wrapped).where(subjects.c.subject == bindparam("subject"))


class WrongMasterKey(Exception):
    """The vault was made under another master key; going on would lose what is sealed in it."""


class SqlVault:
    """A ``Vault`` in its own database. Safe from several threads and processes.

    Keys in use are held in memory for at most ``CACHE_SECONDS``; a destruction takes effect here at once, in
    other processes within that bound.
    """

    def __init__(
        self,
        url: str,
        master_key: bytes,
        clock: Clock = system_clock,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Open the database, making its table where it is missing.

        Raises:
            WrongMasterKey: the database was made under another master key.
        """
        self._engine = open_engine(url)
        self._master = master_key
        self._clock = clock
        self._cache = _Cache(CACHE_SUBJECTS, CACHE_SECONDS, monotonic)
        self._insert = upsert(self._engine, subjects).on_conflict_do_nothing()
        tombstone = upsert(self._engine, subjects)
        self._tombstone = tombstone.on_conflict_do_update(
            index_elements=["subject"],
            set_={
                "wrapped": None,
                "destroyed_at": func.coalesce(subjects.c.destroyed_at, tombstone.excluded.destroyed_at),
            },
        )
        try:
            make_tables(self._engine, metadata)
            self.ensure(SELF)
        except Tampered as wrong:
            self.close()
            raise WrongMasterKey("主密钥与密钥库不符：请放回原来的主密钥文件") from wrong

    def keys(self, subject: str) -> SubjectKeys | None:
        """Return the subject's keys, or None where there are none (never made, or destroyed)."""
        if (held := self._cache.get(subject)) is not None:
            return held
        return self._read(subject)[1]

    def ensure(self, subject: str) -> SubjectKeys:
        """Return the subject's keys, making them durably first where they are missing."""
        if (held := self.keys(subject)) is not None:
            return held
        with self._engine.begin() as db:
            db.execute(self._insert, self._fresh(subject))
        exists, keys = self._read(subject)
        if exists and keys is None:
            raise KeysDestroyed(subject)
        assert keys is not None, "an inserted row was read back"
        return keys

    def ensure_all(self, subjects: Iterable[str]) -> None:
        """Make the keys of those subjects that have none, durably, in one transaction."""
        fresh = [self._fresh(subject) for subject in subjects]
        if fresh:
            with self._engine.begin() as db:
                db.execute(self._insert, fresh)

    def destroy(self, subject: str) -> None:
        """Destroy the subject's keys for good; idempotent."""
        now = to_micros(self._clock())
        with self._engine.begin() as db:
            db.execute(self._tombstone, {"subject": subject, "wrapped": None, "created_at": now, "destroyed_at": now})
        self._cache.forget(subject)
        forget_deleted(self._engine, subjects.name)

    def close(self) -> None:
        """Close the connections and forget every key held in memory."""
        self._cache.clear()
        self._engine.dispose()

    def _fresh(self, subject: str) -> dict[str, object]:
        wrapped = encrypt(self._master, subject.encode(), os.urandom(64))
        return {"subject": subject, "wrapped": wrapped, "created_at": to_micros(self._clock()), "destroyed_at": None}

    def _read(self, subject: str) -> tuple[bool, SubjectKeys | None]:
        """Return whether there is a row, and its keys; a destruction in the meantime wins over the cache."""
        epoch = self._cache.epoch
        with self._engine.connect() as db:
            row = db.execute(_SELECT, {"subject": subject}).first()
        if row is None or row.wrapped is None:
            return row is not None, None
        secrets = decrypt(self._master, subject.encode(), row.wrapped)
        keys = SubjectKeys(cipher=secrets[:32], seed=secrets[32:])
        self._cache.put(subject, keys, epoch)
        return True, keys


class _Cache:
    """Keys lately used: bounded in number and in age. A put begun before a destruction is dropped."""

    def __init__(self, size: int, seconds: float, monotonic: Callable[[], float]) -> None:
        self._size, self._seconds, self._now = size, seconds, monotonic
        self._held: OrderedDict[str, tuple[float, SubjectKeys]] = OrderedDict()
        self._lock = threading.Lock()
        self.epoch = 0

    def get(self, subject: str) -> SubjectKeys | None:
        with self._lock:
            since, keys = self._held.get(subject, (0.0, None))
            if keys is None:
                return None
            if self._now() - since > self._seconds:
                del self._held[subject]
                return None
            self._held.move_to_end(subject)
            return keys

    def put(self, subject: str, keys: SubjectKeys, epoch: int) -> None:
        with self._lock:
            if epoch != self.epoch:
                return
            self._held[subject] = (self._now(), keys)
            self._held.move_to_end(subject)
            while len(self._held) > self._size:
                self._held.popitem(last=False)

    def forget(self, subject: str) -> None:
        with self._lock:
            self.epoch += 1
            self._held.pop(subject, None)

    def clear(self) -> None:
        with self._lock:
            self.epoch += 1
            self._held.clear()
