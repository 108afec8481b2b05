"""A shelf in a database table: for a city without shared folders, and small files."""

from sqlalchemy import Column, LargeBinary, MetaData, String, Table, bindparam, delete, select

from shared.database import forget_deleted, make_tables, open_engine, upsert

metadata = MetaData()
blobs = Table(
    "blobs",
    metadata,
    Column("address", String(64), primary_key=True),
    Column("data", LargeBinary, nullable=False),
)


class DatabaseShelf:
    """Keeps bytes in SQLite or PostgreSQL."""

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)
        make_tables(self._engine, metadata)
        row = upsert(self._engine, blobs)
        self._put = row.on_conflict_do_update(index_elements=["address"], set_={"data": row.excluded.data})
        self._get = select(blobs.c.data).where(blobs.c.address == bindparam("address"))
        self._remove = delete(blobs).where(blobs.c.address == bindparam("address"))

    def put(self, address: str, data: bytes) -> None:
        """Store the bytes; again, it mends a damaged row."""
        with self._engine.begin() as db:
            db.execute(self._put, {"address": address, "data": data})

    def get(self, address: str) -> bytes | None:
        """Return the row's bytes, or None."""
        with self._engine.connect() as db:
            found = db.execute(self._get, {"address": address}).scalar()
        return None if found is None else bytes(found)

    def remove(self, address: str) -> None:
        """Remove the row and have the database let go of it; idempotent."""
        with self._engine.begin() as db:
            db.execute(self._remove, {"address": address})
        forget_deleted(self._engine, blobs.name)

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()
