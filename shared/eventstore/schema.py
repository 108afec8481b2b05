"""The durable tables of a context's database, as the program uses them; ``migrations`` makes them.

Moments are whole microseconds since 1970 UTC. ``events`` is INSERT-only (by trigger, in a city also by grant);
its payload is JSON *text*: jsonb would reorder what was committed to.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text, UniqueConstraint

REVISION = "0001"
"""The migration that these tables are the result of."""

metadata = MetaData()

_Serial = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite's row id: the highest plus one, given inside the one writing transaction, so without gaps."""

events = Table(
    "events",
    metadata,
    Column("insert_id", _Serial, primary_key=True),
    Column("stream_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("agency_id", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("payload_root", LargeBinary, nullable=False),
    Column("valid_at", BigInteger, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("on_behalf_of", Text),
    Column("causation_id", Text),
    Column("correlation_id", Text, nullable=False),
    UniqueConstraint("stream_id", "version", name="events_stream_version"),
    UniqueConstraint("event_id", name="events_event_id"),
    Index("events_agency", "agency_id", "insert_id"),
)

positions = Table(
    "positions",
    metadata,
    Column("global_position", BigInteger, primary_key=True, autoincrement=False),
    Column("insert_id", BigInteger, nullable=False),
    Column("stamped_at", BigInteger, nullable=False),
    UniqueConstraint("insert_id", name="positions_insert_id"),
)
"""The only order readers may use. A table on PostgreSQL; on SQLite a view of ``events``, whose row id it is."""

claims = Table(
    "claims",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("stream_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
)

relay_cursor = Table(
    "relay_cursor",
    metadata,
    Column("topic", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
)
"""How far each topic has been published, and the last event's id: a restored backup shows itself by it."""

sequencer_head = Table(
    "sequencer_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("low_water", BigInteger, nullable=False),
)
"""PostgreSQL only; one row, whose lock is the sequencers' whole election.

``low_water``: every event up to this ``insert_id`` is sequenced, and none can appear there any more. The last
position and its stamp are those of ``positions``: were they here, every round would leave a dead version of this
row, and one old snapshot would make each round walk through them all.
"""
