"""Back-off for repeated attempts, per log-in name and address, and per address.

A small table of the context's database, so that a restart forgets nothing and all processes count together. It is no
event: it says nothing that anyone will ask for later, and a row goes a quarter of an hour after its last attempt.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from sqlalchemy import BigInteger, Column, Connection, Engine, Integer, MetaData, String, Table, delete, select
from sqlalchemy import insert as new_row

from shared.clock import Clock, from_micros, to_micros
from shared.database import alone, make_tables, open_engine
from shared.http.problems import Problem

FREE_ATTEMPTS = 5
FREE_ATTEMPTS_OF_AN_ADDRESS = 100
"""An office may sit behind one address: its people's slips together stay far below."""

LONGEST_WAIT = timedelta(seconds=60)
FORGOTTEN_AFTER = timedelta(minutes=15)
COUNT_LOCK = 0x54687274
"""The PostgreSQL advisory lock under which attempts are counted: one that has no row yet cannot be locked by it."""

metadata = MetaData()
sign_in_attempts = Table(
    "sign_in_attempts",
    metadata,
    Column("counted_by", String(64), primary_key=True),
    Column("attempts", Integer, nullable=False),
    Column("last_at", BigInteger, nullable=False, index=True),
    Column("wait_until", BigInteger, nullable=False),
)
"""``counted_by`` is the SHA-256 of what is counted by, in hex; moments are microseconds since 1970."""


class TooManyAttempts(Exception):
    """Another attempt is too early; ``seconds`` says how long to wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"{seconds} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Tries:
    """What attempts are counted by, and how many of them are free before waits begin."""

    key: str
    free: int = FREE_ATTEMPTS

    @property
    def stored(self) -> str:
        """Return what stands for the key in the table."""
        return hashlib.sha256(self.key.encode()).hexdigest()

    def wait_after(self, count: int) -> timedelta:
        """Return how long to wait after so many: none while they are free, then 1, 2, 4 … 60 seconds."""
        beyond = count - self.free
        return timedelta() if beyond < 0 else min(LONGEST_WAIT, timedelta(seconds=2 ** min(beyond, 10)))


class Throttle:
    """Counts attempts. An attempt counts when it begins, so that many at once gain nothing."""

    def __init__(self, clock: Clock, url: str = "sqlite://") -> None:
        """Count in the database at ``url``; its table is made with the first attempt. No connection is kept."""
        self._clock, self._url = clock, url

    def begin(self, *counted: Tries) -> None:
        """Count an attempt by each of these.

        Raises:
            TooManyAttempts: it comes too early by one of them; it is counted by none.
        """
        now = self._clock()
        with alone(self._engine, COUNT_LOCK) as db:
            db.execute(delete(sign_in_attempts).where(sign_in_attempts.c.last_at < to_micros(now - FORGOTTEN_AFTER)))
            found = _attempts(db, counted)
            until = max((moment for _, moment in found.values()), default=now)
            if now < until:
                raise TooManyAttempts(int((until - now).total_seconds()) + 1)
            for tries in counted:
                count = found.get(tries.stored, (0, now))[0] + 1
                _put(db, tries, count, now, now + tries.wait_after(count))

    def forget(self, tries: Tries) -> None:
        """Forget the attempts: it was the right person."""
        with alone(self._engine, COUNT_LOCK) as db:
            _drop(db, tries)

    def take_back(self, tries: Tries) -> None:
        """Take back one attempt: it succeeded. The others stay: one's own log-in must not clear guesses at others'."""
        row = sign_in_attempts.c
        fewer = sign_in_attempts.update().where(row.counted_by == tries.stored, row.attempts > 0)
        with alone(self._engine, COUNT_LOCK) as db:
            db.execute(fewer.values(attempts=row.attempts - 1, wait_until=row.last_at))

    @cached_property
    def _engine(self) -> Engine:
        engine = open_engine(self._url, kept_open=False)
        make_tables(engine, metadata)
        return engine


def too_early(early: TooManyAttempts) -> Problem:
    """Return the refusal that says how long to wait."""
    sentence = f"尝试次数太多，请在 {early.seconds} 秒后再试。"
    return Problem(429, "too-many-attempts", sentence, {"Retry-After": str(early.seconds)})


def _attempts(db: Connection, counted: tuple[Tries, ...]) -> dict[str, tuple[int, datetime]]:
    rows = db.execute(
        select(sign_in_attempts).where(sign_in_attempts.c.counted_by.in_([tries.stored for tries in counted]))
    )
    return {row.counted_by: (row.attempts, from_micros(row.wait_until)) for row in rows}


def _put(db: Connection, tries: Tries, count: int, last: datetime, until: datetime) -> None:
    _drop(db, tries)
    moments = {"last_at": to_micros(last), "wait_until": to_micros(until)}
    db.execute(new_row(sign_in_attempts).values(counted_by=tries.stored, attempts=count, **moments))


def _drop(db: Connection, tries: Tries) -> None:
    db.execute(delete(sign_in_attempts).where(sign_in_attempts.c.counted_by == tries.stored))
