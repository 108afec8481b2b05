"""What must hold of a world at rest, whatever happened on the way."""

from collections import Counter
from collections.abc import Mapping
from itertools import pairwise

from sqlalchemy import create_engine, select
from sqlalchemy.pool import StaticPool

from services.search.indexer import _document
from services.search.ledgers.register import DOCUMENTS
from shared.eventstore.port import RecordedEvent, in_order
from shared.messaging.cloudevents import from_record
from shared.projection.compare import contents
from shared.projection.parked import Cause
from shared.projection.slots import opened
from shared.reactions import DONE
from tests.simulation.clients import REFUSED
from tests.simulation.domain import SEARCHED, traces
from tests.simulation.postgres_model import Database
from tests.simulation.world import TOPIC, World
from tests.support.folding import EVERYTHING, fold

_ENGINE = create_engine("sqlite://", poolclass=StaticPool)


class Broken(AssertionError):
    """Something that must hold does not."""


def require(holds: bool, what: str) -> None:
    """Raise ``Broken`` with the sentence unless it holds."""
    if not holds:
        raise Broken(what)


def committed(database: Database) -> dict[str, list[str]]:
    """Return each stream's event ids in version order, sequenced or not."""
    return {s: [row.values["event_id"] for row in rows] for s, rows in sorted(database.streams.items())}


def trace(event_ids: list[str]) -> str:
    """Return what a journal holds after these events."""
    return "".join(f"{version}:{event_id} " for version, event_id in enumerate(event_ids, start=1))


def everything_has_its_place(world: World) -> None:
    """Every committed event has one position, without gaps, streams in order, stamps rising."""
    for database, store in ((world.organization, world.store), (world.toy, world.toy_store)):
        rows = store.read(0, 10**6)
        require(len(rows) == len(database.rows), f"{len(database.rows) - len(rows)} events have no position")
        require(in_order(rows), "positions do not follow the streams' order")
        stamps = [row.stamped_at for row in rows]
        require(all(a < b for a, b in pairwise(stamps)), "stamps do not rise with positions")


def promises_are_kept(world: World) -> None:
    """What a client was told is in the trail once; what was refused is not there."""
    trail = [*world.store.read(0, 10**6), *world.toy_store.read(0, 10**6)]
    happened = Counter(row.correlation_id for row in trail if row.causation_id is None)
    require(set(happened.values()) <= {1}, f"a command was carried out twice: {happened.most_common(2)}")
    for key, answer in world.answers.items():
        require(
            (answer == REFUSED) == (key not in happened), f"{key} was answered {answer}, and is in the trail or not"
        )


def own_ledger_is_fresh(world: World) -> None:
    """The context's own ledger holds all that is committed, without the broker."""
    _journal(world, "own", committed(world.organization))


def others_go_on(world: World) -> None:
    """A stream that is parked holds what came before; every other stream is complete."""
    expected = committed(world.organization)
    _journal(world, "own", expected)
    if "both" in world.projectors:
        _journal(world, "both", expected | committed(world.toy))


def _journal(world: World, name: str, expected: Mapping[str, list[str]]) -> None:
    held = _read(world, name)
    parked = {p.stream: p for p in world.projectors[name]().parked()}
    for stream, events in expected.items():
        done = held.get(stream, "").count(":")
        wrong = f"{name}/{stream}: {held.get(stream)} is not {trace(events)}"
        require(held.get(stream, "") == trace(events[:done]), wrong)
        stop = parked.get(stream)
        if stop is None:
            may_be_lost = world.lost_records and name == "both"
            require(done == len(events) or may_be_lost, wrong)
        elif stop.cause is not Cause.GAP:
            require(events[stop.version - 1] in world.poison.events, f"{name}: {stop.explanation}")
            require(done == stop.version - 1, wrong)
    require(set(held) <= set(expected), f"{name} holds what never happened: {set(held) - set(expected)}")


def topic_tells_one_history(world: World) -> None:
    """Of each place of a stream the topic holds one event, however often."""
    told: dict[tuple[str, int], str] = {}
    for event in _published(world):
        first = told.setdefault((event.stream_id, event.version), event.event_id)
        require(first == event.event_id, f"{event.stream_id}@{event.version} is {first} and {event.event_id}")


def a_lost_history_is_told(world: World) -> None:
    """Where the topic holds what the restored store lacks the relay refuses; else nothing is missing."""
    held = {event for events in committed(world.organization).values() for event in events}
    lost = {event.event_id for event in _published(world)} - held
    require(bool(world.alarms) or not lost, f"{lost} are on the topic alone, and nobody says so")
    require(bool(lost) or not world.alarms, f"a false alarm: {world.alarms}")
    _journal(world, "own", committed(world.organization))


def a_fork_is_told(world: World) -> None:
    """Who took the forged event for the stream's next says so once the real one comes; the others go on."""
    expected = committed(world.organization) | committed(world.toy)
    held, parked = _read(world, "both"), {p.stream: p.cause for p in world.projectors["both"]().parked()}
    for stream, events in expected.items():
        if "forged" in held.get(stream, ""):
            require(
                bool(world.alarms) or parked.get(stream) is Cause.FORK or _is_last(world, stream), f"{stream} is forked"
            )
        elif stream not in parked and not world.alarms:
            require(held.get(stream, "") == trace(events), f"{stream}: {held.get(stream)} is not {trace(events)}")


def _is_last(world: World, stream: str) -> bool:
    """Tell whether nothing real has come after the forged event."""
    return max(e.version for e in _published(world) if e.stream_id == stream and "forged" not in e.event_id) < max(
        e.version for e in _published(world) if e.stream_id == stream
    )


def _published(world: World) -> list[RecordedEvent]:
    log = world.broker.topics.get(TOPIC)
    return [from_record(r) for records in (log.partitions if log else ()) for r in records if r is not None]


def _read(world: World, name: str) -> dict[str, str]:
    projector = world.projectors[name]()
    slot = projector._catalog.current(projector.ledger)
    assert slot
    with opened(projector._catalog.space, slot) as database, database.read() as reading:
        return traces(reading)


def nothing_is_parked(world: World) -> None:
    """All that was parked has been resumed or has closed by itself."""
    found = {name: [p.explanation for p in parked] for name, parked in world.parked().items() if parked}
    require(not found, f"parked: {found}")


def reactions_came_once(world: World) -> None:
    """Every correction was counted once on both counters, in its stream's order, or refused by the rule, recorded."""
    corrections = [r for r in world.store.read(0, 10**6) if r.type == "organization.activity-corrected"]
    effects = world.toy_store.read(0, 10**6)
    refused = {r.event_id for r in corrections if "negative" in r.payload["title"]}
    wanted = [r for r in corrections if r.event_id not in refused]
    for counter in sorted({r.stream_id.rpartition(":")[2] for r in corrections}):
        mine = [r.event_id for r in wanted if r.stream_id.endswith(f":{counter}")]
        came = [r.causation_id for r in effects if r.stream_id == f"toy:counter:{counter}" and r.causation_id]
        require(came == mine, f"counter {counter} counted {came}, not {mine}")
    everyone = Counter(r.causation_id for r in effects if r.stream_id == "toy:counter:all")
    require(everyone == Counter(r.event_id for r in wanted), f"the counter of all counted {everyone}")
    runner = world.reactions()
    with runner.slot.read() as reading:
        recorded = {row.event_id: row.outcome for row in reading.execute(select(DONE))}
    expected = {r.event_id: "refused" if r.event_id in refused else "done" for r in corrections}
    require(recorded == expected, f"outcomes {recorded}, not {expected}")


def register_is_a_fresh_fold(world: World) -> None:
    """The register equals one filled anew from the trail."""
    catalog = world.catalogs["search"]
    slot = catalog.current(SEARCHED)
    assert slot
    with opened(catalog.space, slot) as database, database.read() as reading, _ENGINE.begin() as fresh:
        SEARCHED.metadata.create_all(fresh)
        try:
            fold(fresh, SEARCHED, world.codec, world.store.read(0, EVERYTHING))
            require(
                contents(reading, SEARCHED.metadata) == contents(fresh, SEARCHED.metadata),
                "the register is not its fold",
            )
        finally:
            SEARCHED.metadata.drop_all(fresh)


def index_equals_register(world: World) -> None:
    """A search over all shards finds each document of the register once, as it is now, and nothing else."""
    catalog = world.catalogs["search"]
    slot = catalog.current(SEARCHED)
    assert slot
    with opened(catalog.space, slot) as database, database.read() as reading:
        rows = reading.execute(select(DOCUMENTS).order_by(DOCUMENTS.c.id)).all()
    wanted = [_document(row) for row in rows if not row.deleted and not row.refused]
    found = world.family.serving().visible()
    require(found == wanted, f"the index is not the register: {_apart(found, wanted)}")


def _apart(found: list[object], wanted: list[object]) -> object:
    return [d for d in found if d not in wanted], [d for d in wanted if d not in found]
