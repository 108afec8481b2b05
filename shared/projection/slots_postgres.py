"""Slots as PostgreSQL schemas ``<ledger>__<number>`` in the context's database; the catalogue in ``views``."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, MetaData, inspect, text
from sqlalchemy.schema import CreateSchema, DropSchema

from shared.database import new_engine
from shared.projection import row_security
from shared.projection.slots import CATALOG, OpenSlot, Slot
from shared.security.extent import Extent
from shared.security.policy import Reach

CATALOG_SCHEMA = "views"

_ENTER = text("SELECT set_config('search_path', :schema, true)")
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('liuhen.views'))")


class PostgresSlot:
    """An open slot in its schema, over the space's shared connections."""

    def __init__(self, slot: Slot, engine: Engine, schema: str) -> None:
        self.slot = slot
        self._engine, self._schema = engine, schema

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Return one transaction."""
        with self._engine.begin() as connection:
            connection.execute(_ENTER, {"schema": f'"{self._schema}"'})
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Return one read-only snapshot."""
        with self._snapshot() as connection:
            connection.execute(_ENTER, {"schema": f'"{self._schema}"'})
            yield connection

    @contextmanager
    def read_within(self, extent: Extent) -> Iterator[Connection]:
        """Return one read-only snapshot; within a reach, as the role that sees nothing beyond it."""
        with self._snapshot() as connection:
            if isinstance(extent, Reach):
                row_security.enter(connection, self._schema, extent)
            else:
                connection.execute(_ENTER, {"schema": f'"{self._schema}"'})
            yield connection

    @contextmanager
    def _snapshot(self) -> Iterator[Connection]:
        with self._engine.connect() as plain:
            connection = plain.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                yield connection

    def compact(self) -> None:
        """Let go of what was deleted: rewrite the tables."""
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in inspect(connection).get_table_names(self._schema):
                connection.execute(text(f'VACUUM FULL "{self._schema}"."{table}"'))

    def close(self) -> None:
        """Do nothing: the connections are the space's."""


class PostgresSlots:
    """A context's slots in its own database.

    Slots are never written in a transaction with events, so the store's limit on a transaction's length is lifted.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = new_engine(
            url, pool_pre_ping=True, max_overflow=30, connect_args={"options": "-c transaction_timeout=0"}
        )
        self._catalog = PostgresSlot(Slot("catalog", 0, 0, "", 0, 0), self._engine, CATALOG_SCHEMA)
        with self._engine.begin() as connection:
            connection.execute(_ONE_AT_A_TIME)
            connection.execute(CreateSchema(CATALOG_SCHEMA, if_not_exists=True))
            connection.execute(_ENTER, {"schema": CATALOG_SCHEMA})
            CATALOG.create_all(connection)
        row_security.make_reader(self._engine)
        with self.catalog() as connection:
            row_security.protect(connection, "%\\_\\_%")  # slots of a time before there was a wall

    @contextmanager
    def catalog(self) -> Iterator[Connection]:
        """Return a transaction on the catalogue; a slot made in it appears together with its row."""
        with self._catalog.write() as connection:
            connection.execute(_ONE_AT_A_TIME)
            yield connection

    @contextmanager
    def browse(self) -> Iterator[Connection]:
        """Return a read-only snapshot of the catalogue."""
        with self._catalog.read() as connection:
            yield connection

    def make(self, catalog: Connection, slot: Slot, tables: Sequence[MetaData]) -> None:
        """Make the slot's schema in the catalogue's transaction."""
        self.unmake(catalog, slot)
        catalog.execute(CreateSchema(_schema(slot)))
        catalog.execute(_ENTER, {"schema": f'"{_schema(slot)}"'})
        for metadata in tables:
            metadata.create_all(catalog)
        row_security.protect(catalog, _schema(slot).replace("_", "\\_"))
        catalog.execute(_ENTER, {"schema": CATALOG_SCHEMA})

    def unmake(self, catalog: Connection, slot: Slot) -> None:
        """Drop the slot's schema; waits for readers in the midst of a query."""
        catalog.execute(DropSchema(_schema(slot), cascade=True, if_exists=True))

    def open(self, slot: Slot) -> OpenSlot:
        """Return the slot's database."""
        return PostgresSlot(slot, self._engine, _schema(slot))

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()


def _schema(slot: Slot) -> str:
    return f"{slot.ledger}__{slot.number}"
