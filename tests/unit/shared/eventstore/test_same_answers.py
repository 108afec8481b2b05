"""Whatever is asked of it, the store on SQLite answers as the one in memory does."""

from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.eventstore.memory import MemoryStore
from shared.eventstore.migrate import migrate
from shared.eventstore.port import Append, Claim, ClaimTaken, EventIdTaken, EventStore, VersionConflict, in_order
from shared.eventstore.sqlite import SqliteStore
from shared.ids import new_id
from tests.support.appends import HandClock, new_append, new_event, stream

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
STREAMS = [stream() for _ in range(3)]
IDS = [new_id() for _ in range(40)]
CLAIMS = st.builds(Claim, st.sampled_from(["a", "b"]), st.sampled_from(["1", "2", "3", "4"]), TEXT)
EVENTS = st.builds(new_event, st.dictionaries(TEXT, JSON, max_size=3), st.sampled_from(IDS))
APPENDS = st.builds(
    lambda name, version, events, claims, agency: new_append(
        name, version, *events, claims=tuple(claims), agency_id=agency
    ),
    st.sampled_from(STREAMS),
    st.integers(0, 3),
    st.lists(EVENTS, min_size=1, max_size=3),
    st.lists(CLAIMS, max_size=2, unique_by=lambda c: (c.kind, c.key)),
    st.sampled_from(["agency-1", "agency-2"]),
)


def outcome(store: EventStore, append: Append) -> Any:
    try:
        return store.append(append)
    except VersionConflict as conflict:
        return conflict.actual
    except ClaimTaken as refused:
        return refused.taken
    except EventIdTaken:
        return "id taken"


@given(st.lists(st.tuples(APPENDS, st.integers(-3, 3)), max_size=12), st.integers(0, 12), st.integers(1, 6))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
def test_the_same_appends_have_the_same_outcome(
    tmp_path: Path, steps: list[tuple[Append, int]], after: int, limit: int
) -> None:
    url, clock = f"sqlite:///{tmp_path / new_id()}.db", HandClock()
    migrate(url)
    memory, sqlite = MemoryStore(clock), SqliteStore(url, clock)
    try:
        for append, seconds in steps:
            clock.move(seconds=seconds)
            assert outcome(memory, append) == outcome(sqlite, append)
        rows = memory.read(0, 1000)
        assert in_order(rows)
        assert sqlite.read(0, 1000) == rows
        assert sqlite.head() == memory.head()
        assert sqlite.position_at(clock()) == memory.position_at(clock())
        for agency in ("agency-1", None):
            bounds = {"agency_id": agency, "after": after, "limit": limit, "until": after + 4}
            assert sqlite.read_streams(**bounds) == memory.read_streams(**bounds)  # type: ignore[arg-type]
        for name in STREAMS:
            assert sqlite.load(name, after=1, until=after) == memory.load(name, after=1, until=after)
            assert sqlite.position_of(name, limit) == memory.position_of(name, limit)
        for kind in "ab":
            assert all(sqlite.claimed(kind, key) == memory.claimed(kind, key) for key in "1234")
    finally:
        sqlite.close()
