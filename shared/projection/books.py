"""The runner's own books inside every slot: how far it is, what it has seen, which streams are parked.

They are in the slot's database so that they change in the same transaction as the ledger's tables.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    and_,
    bindparam,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from shared.database import upsert
from shared.messaging.consumer import Head
from shared.messaging.port import Place

BOOKS = MetaData()

CHECKPOINTS = Table(
    "runner_checkpoints",
    BOOKS,
    Column("source", String, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("value", BigInteger, nullable=False),
    Column("event_id", String),
)
"""``source`` is ``store`` (value: last position applied) or a topic (value: next offset)."""

HEADS = Table(
    "runner_heads",
    BOOKS,
    Column("stream", String, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("event_id", String, nullable=False),
)
"""The last event applied of each stream that comes by topic."""

PARKED_STREAMS = Table(
    "runner_parked_streams",
    BOOKS,
    Column("stream", String, primary_key=True),
    Column("by_topic", Integer, nullable=False),
    Column("cause", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("event_id", String, nullable=False),
    Column("type", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("retry_at", BigInteger),
)
"""Parked streams, and by which event. ``retry_at`` is null where a person must ask for it."""

PARKED_EVENTS = Table(
    "runner_parked_events",
    BOOKS,
    Column("stream", String, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("event_id", String, primary_key=True),
    Column("envelope", Text, nullable=False),
)
"""The events of parked streams, in order, as they were recorded."""

_PLACES = select(CHECKPOINTS)
_MOVE = (
    update(CHECKPOINTS)
    .where(
        CHECKPOINTS.c.source == bindparam("at_source"),
        CHECKPOINTS.c.partition == bindparam("at_partition"),
        CHECKPOINTS.c.value == bindparam("from_value"),
    )
    .values(value=bindparam("to_value"), event_id=bindparam("by_event"))
)
_HEAD = select(HEADS.c.version, HEADS.c.event_id).where(HEADS.c.stream == bindparam("of"))
_HEADS = select(HEADS).where(HEADS.c.stream.in_(bindparam("streams", expanding=True)))


def _replaced(add: postgresql.Insert | sqlite.Insert) -> postgresql.Insert | sqlite.Insert:
    values = {"version": add.excluded.version, "event_id": add.excluded.event_id}
    return add.on_conflict_do_update(index_elements=[HEADS.c.stream], set_=values)


_SET_HEADS = {"sqlite": _replaced(sqlite.insert(HEADS)), "postgresql": _replaced(postgresql.insert(HEADS))}
"""Made once: every batch of every ledger that follows a topic writes its heads."""


class PlaceMoved(Exception):
    """Another process has moved this place meanwhile: nothing was written, read on from there."""


def places(connection: Connection) -> dict[Place, int]:
    """Return how far each source and partition is."""
    return {(row.source, row.partition): row.value for row in connection.execute(_PLACES)}


def last_event(connection: Connection, place: Place) -> str | None:
    """Return the id of the event that moved a place to where it is."""
    query = select(CHECKPOINTS.c.event_id).where(
        and_(*(c == v for c, v in zip(CHECKPOINTS.primary_key, place, strict=True)))
    )
    return connection.execute(query).scalar()


def move(connection: Connection, place: Place, start: int, end: int, event_id: str) -> None:
    """Move a place on, which also locks it until the transaction ends.

    Raises:
        PlaceMoved: it is not at ``start``.
    """
    source, partition = place
    values = {"from_value": start, "to_value": end, "by_event": event_id}
    moved = connection.execute(_MOVE, {"at_source": source, "at_partition": partition, **values}).rowcount == 1
    if not moved and start == 0:
        row = {"source": source, "partition": partition, "value": end, "event_id": event_id}
        begin = upsert(connection, CHECKPOINTS).on_conflict_do_nothing().returning(CHECKPOINTS.c.source)
        moved = connection.execute(begin, row).first() is not None
    if not moved:
        raise PlaceMoved(f"{source}/{partition} is no longer at {start}")


def heads(connection: Connection, streams: Iterable[str]) -> dict[str, Head]:
    """Return the heads of those streams that have one."""
    rows = connection.execute(_HEADS, {"streams": list(streams)})
    return {row.stream: Head(row.version, row.event_id) for row in rows}


def head(connection: Connection, stream: str) -> Head | None:
    """Return one stream's head."""
    row = connection.execute(_HEAD, {"of": stream}).first()
    return Head(*row) if row else None


def set_heads(connection: Connection, moved: Mapping[str, Head]) -> None:
    """Write the heads that a batch moved."""
    if not moved:
        return
    rows = [{"stream": s, "version": h.version, "event_id": h.event_id} for s, h in moved.items()]
    connection.execute(_SET_HEADS[connection.dialect.name], rows)
