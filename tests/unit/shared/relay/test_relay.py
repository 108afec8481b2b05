"""The relay: every event, in order, at least once; the cursor never ahead of what was acknowledged."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.clock import system_clock
from shared.eventstore.memory import MemoryStore
from shared.eventstore.port import RecordedEvent
from shared.messaging.bus import SqliteBus
from shared.messaging.cloudevents import from_record, to_record
from shared.messaging.consumer import ForkDetected, StreamHeads, Verdict
from shared.messaging.port import BrokerUnavailable, Delivery, Record
from shared.relay import relay as relay_module
from shared.relay.cursor import START, Cursor, CursorStore
from shared.relay.relay import Relay
from tests.support.trail import append, stream

TOPIC = "study.events"


def relay_of(store: Any, cursors: Any, broker: Any) -> Relay:
    return Relay(store, cursors, broker, TOPIC, 4)


@contextmanager
def running(relay: Relay) -> Iterator[None]:
    """Let the relay run in a thread of its own; at the end it stops when told."""
    stop = threading.Event()
    thread = threading.Thread(target=relay.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)
    assert not thread.is_alive()


def published(bus: SqliteBus) -> list[Delivery]:
    with closing(bus.subscribe([TOPIC], {})) as subscription:
        return subscription.poll(10_000, 0.0)


def applied(records: Sequence[Record]) -> list[tuple[str, int]]:
    """What an idempotent consumer makes of the records; gaps and forks would raise."""
    heads = StreamHeads(lambda _: None)
    events = [from_record(record) for record in records]
    return [(e.stream_id, e.version) for e in events if heads.judge(e.stream_id, e.version, e.event_id) is Verdict.NEXT]


def trail(store: MemoryStore) -> list[tuple[str, int]]:
    return [(row.stream_id, row.version) for row in store.read(0, 10_000)]


def test_every_event_is_published_and_the_cursor_follows(
    store: MemoryStore, cursors: CursorStore, bus: SqliteBus
) -> None:
    for name in "abcab":
        append(store, name, 2)
    with closing(relay_of(store, cursors, bus)) as relay:
        assert relay.lag() == 10
        assert relay.run_once() == 10
        assert relay.run_once() == 0
        assert relay.lag() == 0

    events = {(e.stream_id, e.version): e for e in (from_record(d.record) for d in published(bus))}
    assert events == {(row.stream_id, row.version): row for row in store.read(0, 100)}
    assert cursors.read(TOPIC) == Cursor(10, store.read(9, 1)[0].event_id)


def test_a_batch_is_bounded(
    store: MemoryStore, cursors: CursorStore, bus: SqliteBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "BATCH", 3)
    append(store, "a", 7)
    with closing(relay_of(store, cursors, bus)) as relay:
        assert [relay.run_once() for _ in range(4)] == [3, 3, 1, 0]


def test_a_relay_goes_on_where_the_last_one_stopped(store: MemoryStore, cursors: CursorStore, bus: SqliteBus) -> None:
    append(store, "a", 3)
    with closing(relay_of(store, cursors, bus)) as first:
        first.run_once()
    append(store, "a", 2)
    with closing(relay_of(store, cursors, bus)) as second:
        assert second.run_once() == 2
    assert len(published(bus)) == 5


def test_a_relay_that_died_before_its_cursor_moved_sends_again_in_order(
    store: MemoryStore, cursors: CursorStore, bus: SqliteBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(store, "a", 3)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying, closing(relay_of(store, cursors, bus)) as relay:
        dying.setattr(cursors, "move", die)
        with pytest.raises(KeyboardInterrupt):
            relay.run_once()
    assert cursors.read(TOPIC) == START

    append(store, "a", 1)
    with closing(relay_of(store, cursors, bus)) as relay:
        assert relay.run_once() == 4
    records = [d.record for d in published(bus)]
    assert len(records) == 7
    assert applied(records) == trail(store)


class Memory:
    """A broker, a publisher and cursors without storage; the publisher fails as the next outcome says.

    An outcome is how many of the records are written and how many of those are acknowledged.
    """

    def __init__(self) -> None:
        self.log: list[Record] = []
        self.cursor = START
        self.outcomes: list[tuple[int, int]] = []

    def ensure_topic(self, *_: object) -> None: ...

    def tails(self, _: str, count: int = 1) -> list[Delivery]:
        return []

    def publisher(self) -> "Memory":
        return self

    def close(self) -> None: ...

    def publish(self, _: str, records: Sequence[Record]) -> int:
        written, acknowledged = self.outcomes.pop() if self.outcomes else (len(records), len(records))
        self.log += records[:written]
        return min(len(records), written, acknowledged)

    def read(self, _: str) -> Cursor:
        return self.cursor

    def move(self, _: str, cursor: Cursor) -> None:
        self.cursor = max(self.cursor, cursor, key=lambda c: c.position)

    def rewind(self, _: str) -> None:
        self.cursor = START


OUTCOMES = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=8)


@settings(deadline=None)
@given(OUTCOMES, st.lists(st.sampled_from("abc"), min_size=1, max_size=12))
def test_whatever_is_lost_between_send_and_acknowledgement_nothing_is_skipped(
    outcomes: list[tuple[int, int]], names: list[str]
) -> None:
    store, memory = MemoryStore(system_clock), Memory()
    for name in names:
        append(store, name)
    memory.outcomes = outcomes
    relay = relay_of(store, memory, memory)

    while relay.lag():
        try:
            relay.run_once()
        except BrokerUnavailable:
            relay.close()
        keys = {(from_record(r).stream_id, from_record(r).version) for r in memory.log}
        assert set(trail(store)[: memory.cursor.position]) <= keys

    assert sorted(applied(memory.log)) == sorted(trail(store))


@settings(deadline=None)
@given(OUTCOMES, st.lists(st.sampled_from([0, 1, "append", "restart"]), max_size=30))
def test_two_relays_at_once_repeat_events_but_keep_the_order_of_every_stream(
    outcomes: list[tuple[int, int]], steps: list[int | str]
) -> None:
    store, memory = MemoryStore(system_clock), Memory()
    append(store, "a", 3)
    memory.outcomes = outcomes
    relays = [relay_of(store, memory, memory) for _ in range(2)]

    for step in [*steps, *([0] * (len(outcomes) + 1))]:
        if step == "append":
            append(store, "a")
        elif step == "restart":
            relays[1].close()
        else:
            try:
                relays[int(step)].run_once()
            except BrokerUnavailable:
                relays[int(step)].close()

    assert applied(memory.log) == trail(store)


def test_a_backup_that_lacks_published_events_is_not_written_on(
    store: MemoryStore, cursors: CursorStore, bus: SqliteBus
) -> None:
    append(store, "a", 2)
    with closing(relay_of(store, cursors, bus)) as relay:
        relay.run_once()
    restored = MemoryStore(system_clock)

    with pytest.raises(ForkDetected) as found, closing(relay_of(restored, Memory(), bus)) as relay:
        relay.run_once()
    assert found.value.ours is None
    assert found.value.theirs == store.load(stream("a"))[1].event_id
    assert len(published(bus)) == 2


def test_a_backup_that_was_written_to_since_is_a_fork(store: MemoryStore, cursors: CursorStore, bus: SqliteBus) -> None:
    append(store, "a", 2)
    with closing(relay_of(store, cursors, bus)) as relay:
        relay.run_once()
    restored = MemoryStore(system_clock)
    append(restored, "a", 3)

    with pytest.raises(ForkDetected, match="两种历史") as found, closing(relay_of(restored, Memory(), bus)) as relay:
        relay.run_once()
    assert found.value.ours == restored.load(stream("a"))[1].event_id


def test_a_cursor_that_names_another_event_than_the_trail_is_a_fork(
    store: MemoryStore, cursors: CursorStore, bus: SqliteBus
) -> None:
    append(store, "a", 2)
    cursors.move(TOPIC, Cursor(2, "another"))

    with pytest.raises(ForkDetected), closing(relay_of(store, cursors, bus)) as relay:
        relay.run_once()


def test_a_cursor_beyond_the_trail_is_a_fork(store: MemoryStore, cursors: CursorStore, bus: SqliteBus) -> None:
    append(store, "a", 2)
    cursors.move(TOPIC, Cursor(3, "lost"))

    with pytest.raises(ForkDetected), closing(relay_of(store, cursors, bus)) as relay:
        relay.run_once()


FOREIGN = [b"hello", b"", b"[" * 100_000, b'{"specversion":"1.0","subject":"s","position":"1","dataschema":7}']


@pytest.mark.parametrize("value", FOREIGN)
def test_a_record_of_someone_else_does_not_keep_a_relay_from_going_on(
    store: MemoryStore, cursors: CursorStore, bus: SqliteBus, value: bytes
) -> None:
    append(store, "a", 2)
    with closing(relay_of(store, cursors, bus)) as relay:
        relay.run_once()
    intrude(bus, value)
    append(store, "a", 1)

    with closing(relay_of(store, cursors, bus)) as relay:
        assert relay.run_once() == 1


def test_a_record_of_someone_else_hides_no_fork(store: MemoryStore, cursors: CursorStore, bus: SqliteBus) -> None:
    append(store, "a", 2)
    with closing(relay_of(store, cursors, bus)) as relay:
        relay.run_once()
    intrude(bus, b"hello")

    with pytest.raises(ForkDetected), closing(relay_of(MemoryStore(system_clock), Memory(), bus)) as relay:
        relay.run_once()


def intrude(bus: SqliteBus, value: bytes) -> None:
    with closing(bus.publisher()) as intruder:
        intruder.publish(TOPIC, [Record(stream("a"), value)])


def test_late_duplicates_of_a_slower_relay_are_no_loss(
    store: MemoryStore, cursors: CursorStore, bus: SqliteBus
) -> None:
    append(store, "a", 5)
    with closing(relay_of(store, cursors, bus)) as relay:
        relay.run_once()
    with closing(bus.publisher()) as slower:
        slower.publish(TOPIC, [to_record(row) for row in store.read(0, 3)])
    append(store, "a", 1)

    with closing(relay_of(store, cursors, bus)) as relay:
        assert relay.run_once() == 1


def test_late_duplicates_of_a_slower_relay_hide_no_fork(
    store: MemoryStore, cursors: CursorStore, bus: SqliteBus
) -> None:
    append(store, "a", 5)
    first = store.read(0, 3)
    with closing(relay_of(store, cursors, bus)) as relay:
        relay.run_once()
    with closing(bus.publisher()) as slower:
        slower.publish(TOPIC, [to_record(row) for row in first])
    restored = Restored(store, 4)

    with pytest.raises(ForkDetected), closing(relay_of(restored, Memory(), bus)) as relay:
        relay.run_once()


class Restored:
    """A store without the events after a position."""

    def __init__(self, store: MemoryStore, last: int) -> None:
        self.store, self.last = store, last

    def read(self, after: int, limit: int) -> list[RecordedEvent]:
        return self.store.read(after, limit)[: max(0, self.last - after)]

    def load(self, stream_id: str, after: int, until: int) -> list[RecordedEvent]:
        return [row for row in self.store.load(stream_id, after=after, until=until) if row.position <= self.last]


def test_a_topic_that_lost_its_records_is_filled_again_from_the_start(
    store: MemoryStore, cursors: CursorStore, bus: SqliteBus, tmp_path: Any
) -> None:
    append(store, "a", 3)
    append(store, "b", 3)
    with closing(relay_of(store, cursors, bus)) as relay:
        relay.run_once()
    append(store, "a", 1)

    with closing(SqliteBus(tmp_path / "new.db")) as anew, closing(relay_of(store, cursors, anew)) as relay:
        assert relay.run_once() == 7
        assert sorted(applied([d.record for d in published(anew)])) == sorted(trail(store))


def test_records_that_were_lost_before_later_ones_are_published_again_at_the_next_start(
    store: MemoryStore, cursors: CursorStore, bus: SqliteBus, tmp_path: Any
) -> None:
    append(store, "a", 3)
    with closing(SqliteBus(tmp_path / "anew.db")) as anew:
        with closing(relay_of(store, cursors, bus)) as relay:
            relay.run_once()
        append(store, "a", 2)
        anew.ensure_topic(TOPIC, 4)
        anew.publisher().publish(TOPIC, [to_record(row) for row in store.read(3, 2)])
        cursors.move(TOPIC, Cursor(5, store.read(4, 1)[0].event_id))

        with closing(relay_of(store, cursors, anew)) as relay:
            relay.run_once()
        assert [from_record(d.record).version for d in published(anew)] == [4, 5, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("repeated", [1, 500])
def test_what_a_slower_relay_repeats_is_no_loss(
    store: MemoryStore, cursors: CursorStore, bus: SqliteBus, repeated: int
) -> None:
    for name in range(15):
        append(store, str(name), 100)
    with closing(Relay(store, cursors, bus, TOPIC, 1)) as relay:
        while relay.run_once():
            pass
    bus.publisher().publish(TOPIC, [to_record(row) for row in store.read(500, repeated)])
    with closing(Relay(store, cursors, bus, TOPIC, 1)) as relay:
        assert relay.run_once() == 0
    assert len(published(bus)) == 1500 + repeated


def test_a_topic_with_other_partitions_is_refused(store: MemoryStore, cursors: CursorStore, bus: SqliteBus) -> None:
    bus.ensure_topic(TOPIC, 5)

    with pytest.raises(ValueError, match="partitions"), closing(relay_of(store, cursors, bus)) as relay:
        relay.run_once()


def test_a_running_relay_publishes_what_comes_and_stops_when_told(
    store: MemoryStore, cursors: CursorStore, bus: SqliteBus
) -> None:
    with running(relay_of(store, cursors, bus)):
        bus.ensure_topic(TOPIC, 4)
        with closing(bus.subscribe([TOPIC], {})) as subscription:
            for _ in range(3):
                append(store, "a")
                assert len(subscription.poll(10, 20.0)) == 1


class Away(Memory):
    """A broker that is away the first times it is asked."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times
        self.filled = threading.Event()

    def ensure_topic(self, *_: object) -> None:
        if self.times:
            self.times -= 1
            raise BrokerUnavailable("away")

    def publish(self, topic: str, records: Sequence[Record]) -> int:
        sent = super().publish(topic, records)
        if sent == len(records):
            self.filled.set()
        return sent

    def hold(self, topic: str) -> Any:
        return nullcontext(True)


def test_a_running_relay_waits_out_a_broker_that_is_away(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_module, "WAIT_SECONDS", 0.01)
    append(store, "a", 2)
    broker, stop = Away(2), threading.Event()
    broker.outcomes = [(1, 0)]
    running = threading.Thread(target=relay_of(store, broker, broker).run, args=(stop,))
    running.start()
    try:
        assert broker.filled.wait(20)
    finally:
        stop.set()
        running.join(20)


def test_a_running_relay_rests_shortly_after_a_few_events_and_not_after_a_full_batch(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "WAIT_SECONDS", 0.01)
    monkeypatch.setattr(relay_module, "BATCH", 2)
    append(store, "a", 3)
    rests, rested = list[float](), threading.Event()

    def seconds(took: float, longest: float) -> float:
        rests.append(longest)
        rested.set()
        return 0.0

    monkeypatch.setattr(relay_module, "rest_seconds", seconds)
    broker, stop = Away(0), threading.Event()
    running = threading.Thread(target=relay_of(store, broker, broker).run, args=(stop,))
    running.start()
    try:
        assert rested.wait(20)
    finally:
        stop.set()
        running.join(20)
    assert rests == [relay_module.LONGEST_REST], "two went out as a batch, then one"


def test_a_running_relay_ends_at_a_fork(store: MemoryStore, cursors: CursorStore, bus: SqliteBus) -> None:
    cursors.move(TOPIC, Cursor(3, "lost"))

    with pytest.raises(ForkDetected):
        relay_of(store, cursors, bus).run(threading.Event())


def test_a_second_relay_waits_while_the_first_one_runs(
    store: MemoryStore, cursors: CursorStore, bus: SqliteBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "WAIT_SECONDS", 0.01)
    append(store, "a", 2)
    stop = threading.Event()
    waiting = threading.Thread(target=relay_of(store, cursors, bus).run, args=(stop,))
    bus.ensure_topic(TOPIC, 4)
    with closing(bus.subscribe([TOPIC], {})) as subscription:
        with cursors.hold(TOPIC):
            waiting.start()
            assert subscription.poll(10, 0.2) == []
        assert len(subscription.poll(10, 20.0)) > 0
    stop.set()
    waiting.join(20)


def test_a_running_relay_looks_now_and_then_whether_the_topic_lost_records(
    store: MemoryStore, cursors: CursorStore, bus: SqliteBus, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "LOOK_SECONDS", 0.0)
    append(store, "a", 2)
    relay = relay_of(store, cursors, bus)
    with closing(SqliteBus(tmp_path / "anew.db")) as anew, running(relay):
        bus.ensure_topic(TOPIC, 4)
        with closing(bus.subscribe([TOPIC], {})) as subscription:
            assert len(subscription.poll(10, 20.0)) == 2
        anew.ensure_topic(TOPIC, 4)
        relay._broker = anew
        with closing(anew.subscribe([TOPIC], {})) as subscription:
            append(store, "b", 1)
            found: list[Delivery] = []
            while len(found) < 3:
                more = subscription.poll(10, 20.0)
                assert more, found
                found += more
    assert sorted(applied([d.record for d in found])) == sorted(trail(store))
