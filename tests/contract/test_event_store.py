"""What every event store promises, over memory, SQLite and PostgreSQL."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from shared.eventstore.memory import MemoryStore
from shared.eventstore.migrate import migrate
from shared.eventstore.port import (
    MAX_EVENT_BYTES,
    Claim,
    ClaimTaken,
    EventIdTaken,
    EventStore,
    EventTooLarge,
    RecordedEvent,
    VersionConflict,
    in_order,
)
from shared.eventstore.postgres import PostgresStore
from shared.eventstore.sequencer import PostgresSequencer
from shared.eventstore.sqlite import SqliteStore
from tests.support.appends import NOON, HandClock, InBackground, new_append, new_event, stream
from tests.support.databases import emptied
from tests.support.keep_appending import EVENTS

REPOSITORY = Path(__file__).resolve().parents[2]
WIRE = pytest.param("postgres", marks=pytest.mark.postgres)


@dataclass
class Backend:
    """A store, the clock it was given, and what makes its positions appear."""

    store: EventStore
    clock: HandClock
    url: str
    opened: list[Any]

    def open(self) -> EventStore:
        """Return one more store on the same database."""
        kind = SqliteStore if self.url.startswith("sqlite") else PostgresStore
        store = kind(self.url, self.clock)
        self.opened.append(store)
        return store

    def sequencer(self) -> Callable[[], int]:
        """Return what sequences one batch; it does nothing where appends have their position at once."""
        if not self.url.startswith("postgres"):
            return lambda: 0
        sequencer = PostgresSequencer(self.url, self.clock)
        self.opened.append(sequencer)
        return sequencer.run_once

    def settle(self) -> EventStore:
        """Sequence everything that is committed; return the store."""
        run_once = self.sequencer()
        while run_once():
            pass
        return self.store


@pytest.fixture(scope="module")
def postgres_database(postgres_url: Callable[[str], str]) -> str:
    return postgres_url("eventstore")


def _backend(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    clock = HandClock()
    if kind == "memory":
        yield Backend(MemoryStore(clock), clock, "memory", [])
        return
    if kind == "sqlite":
        url = f"sqlite:///{tmp_path / 'organization.db'}"
    else:
        url = emptied(request.getfixturevalue("postgres_database"))
    migrate(url)
    backend = Backend(None, clock, url, [])  # type: ignore[arg-type]
    backend.store = backend.open()
    yield backend
    for opened in backend.opened:
        opened.close()


@pytest.fixture(params=["memory", "sqlite", WIRE])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    yield from _backend(request.param, request, tmp_path)


@pytest.fixture(params=["sqlite", WIRE])
def durable(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    yield from _backend(request.param, request, tmp_path)


def test_an_event_comes_back_as_it_was_written(backend: Backend) -> None:
    name, claim = stream(), Claim("idempotency", "key")
    written = new_append(name, 0, new_event({"b": [1, {"c": None}], "a": "十二", "n": 10**15}), claims=(claim,))
    assert backend.store.append(written) == 1
    (row,) = backend.settle().load(name)
    event = written.events[0]
    assert row == RecordedEvent(
        position=1,
        stream_id=name,
        version=1,
        event_id=event.event_id,
        type=event.type,
        schema_version=1,
        agency_id="agency-1",
        payload=event.payload,
        payload_root=event.payload_root,
        valid_at=event.valid_at,
        recorded_at=NOON,
        stamped_at=NOON,
        actor="actor-1",
        on_behalf_of=None,
        causation_id=None,
        correlation_id="correlation-1",
    )


@pytest.mark.parametrize(
    "words",
    ["“三会一课”", "𠮷野家", "e\u0301 decomposed", "é composed", "👩‍👩‍👧", "\u2028\u2029\u0000\\\"'", "", "　全角　"],
)
def test_text_comes_back_to_the_last_character(backend: Backend, words: str) -> None:
    name = stream()
    backend.store.append(new_append(name, 0, new_event({words: words})))
    assert backend.store.load(name)[0].payload == {words: words}


def test_versions_rise_by_one_and_positions_have_no_gaps(backend: Backend) -> None:
    first, second = stream(), stream()
    backend.store.append(new_append(first, 0, new_event(), new_event()))
    backend.store.append(new_append(second, 0))
    assert backend.store.append(new_append(first, 2, new_event(), new_event())) == 4
    rows = backend.settle().read(0, 100)
    assert [(r.position, r.stream_id, r.version) for r in rows] == [
        (1, first, 1),
        (2, first, 2),
        (3, second, 1),
        (4, first, 3),
        (5, first, 4),
    ]
    assert in_order(rows)
    assert backend.store.head() == 5


def test_an_empty_store_has_no_head_and_no_streams(backend: Backend) -> None:
    store = backend.settle()
    assert (store.head(), store.read(0, 10), store.load(stream())) == (0, [], [])
    assert store.position_of(stream(), 1) is None
    assert store.position_at(NOON + timedelta(days=400)) == 0
    assert store.claimed("idempotency", "key") is None


@pytest.mark.parametrize("expected", [0, 1, 3])
def test_a_writer_at_another_version_is_refused_and_told_the_actual_one(backend: Backend, expected: int) -> None:
    name = stream()
    backend.store.append(new_append(name, 0, new_event(), new_event()))
    with pytest.raises(VersionConflict) as refused:
        backend.store.append(new_append(name, expected))
    assert (refused.value.stream_id, refused.value.expected, refused.value.actual) == (name, expected, 2)
    assert backend.settle().head() == 2


def test_a_claim_is_taken_once_and_says_by_which_event(backend: Backend) -> None:
    first, claim = stream(), Claim("roster-row", "7", "fingerprint-1")
    backend.store.append(new_append(first, 0, new_event(), new_event(), claims=(claim,)))
    with pytest.raises(ClaimTaken) as refused:
        backend.store.append(new_append(stream(), 0, claims=(Claim("roster-row", "7", "fingerprint-2"),)))
    taken = refused.value.taken
    assert (taken.claim, taken.stream_id, taken.version) == (claim, first, 2)
    assert backend.store.claimed("roster-row", "7") == taken
    assert backend.store.claimed("other-kind", "7") is None


def test_events_and_claims_are_written_together_or_not_at_all(backend: Backend) -> None:
    name, other = stream(), stream()
    backend.store.append(new_append(name, 0, claims=(Claim("row", "taken"),)))
    with pytest.raises(VersionConflict):
        backend.store.append(new_append(name, 0, claims=(Claim("row", "free"),)))
    with pytest.raises(ClaimTaken):
        backend.store.append(new_append(other, 0, claims=(Claim("row", "a"), Claim("row", "taken"))))
    assert backend.store.claimed("row", "free") is None
    assert backend.store.claimed("row", "a") is None
    assert backend.store.load(other) == []
    assert backend.store.append(new_append(other, 0, claims=(Claim("row", "free"),))) == 1
    assert backend.settle().head() == 2


def test_a_taken_claim_is_told_before_a_version_conflict(backend: Backend) -> None:
    name, claim = stream(), Claim("idempotency", "key")
    backend.store.append(new_append(name, 0, claims=(claim,)))
    with pytest.raises(ClaimTaken):
        backend.store.append(new_append(name, 0, claims=(claim,)))


def test_of_several_taken_claims_the_first_of_the_append_is_told(backend: Backend) -> None:
    backend.store.append(new_append(stream(), 0, claims=(Claim("a", "1"), Claim("z", "1"))))
    with pytest.raises(ClaimTaken) as refused:
        backend.store.append(new_append(stream(), 0, claims=(Claim("z", "0"), Claim("z", "1"), Claim("a", "1"))))
    assert refused.value.taken.claim == Claim("z", "1")


def test_an_event_id_is_recorded_once(backend: Backend) -> None:
    name, event, claim = stream(), new_event(), Claim("row", "1")
    backend.store.append(new_append(name, 0, event))
    for again in ((event,), (new_event(), event), (new_event(event_id="x"), new_event(event_id="x"))):
        with pytest.raises(EventIdTaken):
            backend.store.append(new_append(name, 1, *again, claims=(claim,)))
    assert backend.settle().head() == 1
    assert backend.store.claimed("row", "1") is None


def test_an_append_repeated_as_it_was_is_a_conflict_of_versions(backend: Backend) -> None:
    append = new_append(stream(), 0, new_event(), new_event())
    backend.store.append(append)
    with pytest.raises(VersionConflict) as refused:
        backend.store.append(append)
    assert refused.value.actual == 2


def test_an_event_of_exactly_256_kb_is_accepted_and_one_byte_more_is_refused(backend: Backend) -> None:
    name = stream()
    frame = len('{"t":""}')
    fits = "党" * ((MAX_EVENT_BYTES - frame) // 3)
    fits += "x" * (MAX_EVENT_BYTES - frame - len(fits.encode()))
    assert backend.store.append(new_append(name, 0, new_event({"t": fits}))) == 1
    with pytest.raises(EventTooLarge) as refused:
        backend.store.append(new_append(name, 1, new_event(), new_event({"t": fits + "x"})))
    assert refused.value.size == MAX_EVENT_BYTES + 1
    assert len(backend.store.load(name)) == 1


def test_what_cannot_be_kept_is_refused(backend: Backend) -> None:
    twice = (Claim("row", "1"), Claim("row", "1"))
    for payload in ({"t": "\ud800"}, {"t": float("nan")}):
        with pytest.raises(ValueError, match=r"surrogate|JSON"):
            backend.store.append(new_append(stream(), 0, new_event(payload)))
    with pytest.raises(ValueError, match="twice"):
        backend.store.append(new_append(stream(), 0, claims=twice))
    assert backend.settle().head() == 0


def test_a_stream_is_read_between_two_versions(backend: Backend) -> None:
    name = stream()
    backend.store.append(new_append(name, 0, *(new_event() for _ in range(5))))
    versions = [r.version for r in backend.store.load(name, after=1, until=4)]
    assert versions == [2, 3, 4]
    assert [r.version for r in backend.store.load(name, until=0)] == []


def test_events_are_read_in_order_by_agency_after_a_position_and_until_one(backend: Backend) -> None:
    for agency in ("a", "b", "a", "b", "a", "a"):
        backend.store.append(new_append(stream(), 0, agency_id=agency))
    store = backend.settle()

    def read(agency: str | None, after: int, limit: int, until: int | None = None) -> list[int]:
        return [r.position for r in store.read_streams(agency_id=agency, after=after, limit=limit, until=until)]

    assert read("a", 0, 100) == [1, 3, 5, 6]
    assert read("a", 1, 2) == [3, 5]
    assert read("b", 0, 100, until=3) == [2]
    assert read(None, 2, 3) == [3, 4, 5]
    assert read(None, 0, 100, until=2) == [1, 2]
    assert read("c", 0, 100) == []
    assert [r.position for r in store.read(4, 100)] == [5, 6]


def test_stamps_rise_even_when_the_clock_stands_still_or_goes_back(backend: Backend) -> None:
    for seconds in (0, 0, -60, -60, 120):
        backend.clock.move(seconds=seconds)
        backend.store.append(new_append(stream(), 0, new_event(), new_event()))
        backend.settle()
    stamps = [r.stamped_at for r in backend.store.read(0, 100)]
    assert stamps == sorted(set(stamps))


def test_the_moment_of_knowing_finds_the_last_position_stamped_at_or_before_it(backend: Backend) -> None:
    for minutes in (0, 0, 1, 1):
        backend.clock.move(minutes=minutes)
        backend.store.append(new_append(stream(), 0))
        backend.settle()
    stamps: list[datetime] = [r.stamped_at for r in backend.store.read(0, 100)]
    tick = timedelta(microseconds=1)
    assert stamps[1] == stamps[0] + tick
    for position, stamp in enumerate(stamps, start=1):
        assert backend.store.position_at(stamp) == position
        assert backend.store.position_at(stamp - tick) == position - 1
    assert backend.store.position_at(stamps[-1] + timedelta(days=1)) == 4


def test_an_event_has_a_position_once_it_is_sequenced(backend: Backend) -> None:
    name = stream()
    backend.store.append(new_append(name, 0, new_event(), new_event()))
    assert backend.store.position_of(name, 2) == (0 if backend.url.startswith("postgres") else 2)
    assert [r.version for r in backend.store.load(name)] == [1, 2]
    assert backend.settle().position_of(name, 2) == 2
    assert backend.store.position_of(name, 3) is None


def test_of_racing_writers_one_wins_each_version(backend: Backend) -> None:
    name, lost = stream(), list[VersionConflict]()

    def write() -> None:
        wins = 0
        while wins < 10:
            try:
                backend.store.append(new_append(name, len(backend.store.load(name))))
                wins += 1
            except VersionConflict as conflict:
                lost.append(conflict)

    with InBackground(*[write] * 4):
        pass
    assert [r.version for r in backend.store.load(name)] == list(range(1, 41))
    assert all(conflict.actual > conflict.expected for conflict in lost)
    assert in_order(backend.settle().read(0, 100))


def test_of_racing_takers_one_gets_the_claim_and_the_others_hear_of_it(backend: Backend) -> None:
    names = [stream() for _ in range(8)]
    won: list[str] = []
    lost: list[str] = []
    start = threading.Barrier(len(names))

    def take(name: str) -> None:
        wanted = (Claim("b", "2"), Claim("a", "1"))
        start.wait(30)
        try:
            backend.store.append(new_append(name, 0, claims=wanted[:: 1 if name in names[::2] else -1]))
            won.append(name)
        except ClaimTaken as taken:
            lost.append(taken.taken.stream_id)

    with InBackground(*[lambda name=name: take(name) for name in names]):
        pass
    assert len(won) == 1
    assert lost == won * 7
    assert backend.settle().head() == 1


def test_a_reader_who_follows_writers_sees_every_event_in_order(backend: Backend) -> None:
    run_once, seen, total = backend.sequencer(), list[RecordedEvent](), 200

    def write() -> None:
        name = stream()
        for version in range(0, 50, 2):
            backend.store.append(new_append(name, version, new_event(), new_event()))

    def follow() -> None:
        while len(seen) < total:
            run_once()
            seen.extend(backend.store.read(len(seen), 7))

    with InBackground(follow, *[write] * 4):
        pass
    assert seen[0].position == 1
    assert in_order(seen)


def test_a_waiter_wakes_when_something_is_written_and_gives_up_when_nothing_is(backend: Backend) -> None:
    woken: list[int] = []
    with InBackground(lambda: woken.append(backend.store.wait(0, 30))):
        backend.store.append(new_append(stream(), 0))
        backend.settle()
    assert woken == [1]
    assert backend.store.wait(1, 0.01) == 1
    assert backend.store.wait(0, 30) == 1


def test_what_was_written_is_there_after_reopening(durable: Backend) -> None:
    name, claim = stream(), Claim("idempotency", "key", "fingerprint")
    durable.store.append(new_append(name, 0, new_event(), claims=(claim,)))
    before = durable.settle().read(0, 10)
    durable.store.close()
    again = durable.open()
    assert again.read(0, 10) == before
    taken = again.claimed("idempotency", "key")
    assert taken is not None
    assert taken.claim == claim
    assert again.append(new_append(name, 1)) == 2


def test_two_stores_on_one_database_share_one_order_and_wake_each_other(durable: Backend) -> None:
    other, run_once = durable.open(), durable.sequencer()

    def write(store: EventStore) -> None:
        name = stream()
        for version in range(25):
            store.append(new_append(name, version))

    def sequence() -> None:
        while durable.store.wait(49, 0.002) < 50:
            run_once()

    with InBackground(sequence, lambda: write(other), lambda: write(durable.store)):
        pass
    assert durable.store.wait(49, 30) == other.wait(49, 30) == 50
    assert in_order(other.read(0, 100))


@pytest.mark.parametrize("change", ["UPDATE events SET actor = 'someone'", "DELETE FROM events"])
def test_the_trail_cannot_be_changed_or_deleted(durable: Backend, change: str) -> None:
    durable.store.append(new_append(stream(), 0))
    engine = create_engine(durable.url)
    with pytest.raises(DBAPIError, match=r"INSERT-only|permission denied"), engine.begin() as connection:
        connection.execute(text(change))
    engine.dispose()
    assert [r.actor for r in durable.settle().read(0, 10)] == ["actor-1"]


def test_after_a_kill_all_that_was_acknowledged_is_there_and_nothing_is_there_by_half(durable: Backend) -> None:
    command = [sys.executable, "-m", "tests.support.keep_appending", durable.url]
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(command, cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        acknowledged = [process.stdout.readline().split() for _ in range(60)]
        process.kill()
        acknowledged += [line.split() for line in process.stdout.read().split("\n")[:-1]]
    rows = durable.settle().read(0, 100_000)
    assert in_order(rows)
    versions = {row.stream_id: row.version for row in rows}
    for name, version in acknowledged:
        assert versions[name] >= int(version)
    for name, version in versions.items():
        assert version % EVENTS == 0
        for start in range(0, version + EVENTS, EVENTS):
            taken = durable.store.claimed("batch", f"{name}@{start}")
            assert (taken is not None) == (start < version)
