"""On which day a token for a machine was last used: a small table of the context's database.

It is no event: its owner wants to know whether a token is still of use, nobody will ask when it was used before.
"""

from collections.abc import Collection
from datetime import date
from functools import cached_property

from sqlalchemy import Column, Date, Engine, MetaData, String, Table, select

from shared.database import make_tables, open_engine, upsert

metadata = MetaData()
token_uses = Table(
    "token_uses",
    metadata,
    Column("token_id", String(36), primary_key=True),
    Column("used_on", Date, nullable=False),
)


class TokenUses:
    """Keeps the day of each token's last use; a process writes it once a day a token, and asks no more that day."""

    def __init__(self, url: str) -> None:
        """Keep the days in the database at ``url``. No connection is kept open."""
        self._url = url
        self._noted: dict[str, date] = {}

    def note(self, token_id: str, today: date) -> None:
        """Note that a token is used on a day in China."""
        if self._noted.get(token_id) == today:
            return
        row = upsert(self._engine, token_uses)
        later = row.on_conflict_do_update(index_elements=["token_id"], set_={"used_on": row.excluded.used_on})
        with self._engine.begin() as db:
            db.execute(later, {"token_id": token_id, "used_on": today})
        self._noted[token_id] = today

    def last_days(self, token_ids: Collection[str]) -> dict[str, date]:
        """Return the day of the last use by token; a token that was never used is left out."""
        asked = select(token_uses).where(token_uses.c.token_id.in_(token_ids))
        with self._engine.begin() as db:
            return {r.token_id: r.used_on for r in db.execute(asked)}

    @cached_property
    def _engine(self) -> Engine:
        engine = open_engine(self._url, kept_open=False)
        make_tables(engine, metadata)
        return engine
