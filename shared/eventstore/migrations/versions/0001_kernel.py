"""The kernel's durable tables: events, positions, claims, the relay's cursor, the sequencer's head."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

MICROS = sa.BigInteger()


def upgrade() -> None:
    """Make the tables and what keeps the trail INSERT-only."""
    _events()
    op.create_table(
        "claims",
        sa.Column("kind", sa.Text(), primary_key=True),
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("stream_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    op.create_table(
        "relay_cursor",
        sa.Column("topic", sa.Text(), primary_key=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("updated_at", MICROS, nullable=False),
    )
    if op.get_bind().dialect.name == "sqlite":
        _order_on_sqlite()
    else:
        _order_on_postgres()


def _events() -> None:
    serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "events",
        sa.Column("insert_id", serial, sa.Identity(always=False, cache=1), primary_key=True),
        sa.Column("stream_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("payload_root", sa.LargeBinary(), nullable=False),
        sa.Column("valid_at", MICROS, nullable=False),
        sa.Column("recorded_at", MICROS, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("on_behalf_of", sa.Text()),
        sa.Column("causation_id", sa.Text()),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.UniqueConstraint("stream_id", "version", name="events_stream_version"),
        sa.UniqueConstraint("event_id", name="events_event_id"),
    )
    op.create_index("events_agency", "events", ["agency_id", "insert_id"])


def _order_on_sqlite() -> None:
    op.execute(
        "CREATE VIEW positions AS SELECT insert_id AS global_position, insert_id, recorded_at AS stamped_at FROM events"
    )
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER events_refuse_{change.lower()} BEFORE {change} ON events "
            "BEGIN SELECT RAISE(ABORT, 'events are INSERT-only'); END"
        )


def _order_on_postgres() -> None:
    op.create_table(
        "positions",
        sa.Column("global_position", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("insert_id", sa.BigInteger(), nullable=False),
        sa.Column("stamped_at", MICROS, nullable=False),
        sa.UniqueConstraint("insert_id", name="positions_insert_id"),
    )
    op.create_table(
        "sequencer_head",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("low_water", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name="sequencer_head_is_one_row"),
    )
    op.execute("INSERT INTO sequencer_head VALUES (1, 0)")
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is INSERT-only', TG_TABLE_NAME; END $$"
    )
    for table in ("events", "positions"):
        op.execute(
            f"CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        op.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM PUBLIC, CURRENT_USER")
