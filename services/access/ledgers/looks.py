"""Who looked (查阅记录): what was read under mandates, read of restricted classes and taken out, by record."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    and_,
    insert,
    literal,
    or_,
    select,
    tuple_,
)

from shared.clock import from_micros, to_micros
from shared.contracts.access import ContentExported, ContentRead, RestrictedRead
from shared.projection.ledger import Ledger, Occurrence
from shared.projection.reading import Reading

NAME = "looks"
PAGE = 100
WHOLE = ""
"""Stands for the record where an answer named none: a list, a search, a whole agency's matter."""

METADATA = MetaData()
_LOOKS = Table(
    "looks",
    METADATA,
    Column("reading_id", String, primary_key=True),
    Column("agency_id", String, primary_key=True),
    Column("mandate_id", String, primary_key=True),
    Column("record", String, primary_key=True),
    Column("class_", String),
    Column("exported", Integer, nullable=False),
    Column("rows", BigInteger),
    Column("total", BigInteger),
    Column("account_id", String, nullable=False),
    Column("read_at", BigInteger, nullable=False),
    Column("operation", String, nullable=False),
    Index("looks_at_record", "record", "read_at"),
    Index("looks_at_agency", "agency_id", "read_at"),
)
"""``mandate_id`` is empty where one read by a role of one's own; ``rows`` of ``total`` are those of an export."""


@dataclass(frozen=True, slots=True)
class LookRow:
    """One look of somebody: at which records, by which operation; ``mandate_id`` is None for a role of their own."""

    id: str
    account_id: str
    read_at: datetime
    operation: str
    agency_id: str
    mandate_id: str | None
    class_: str | None
    exported: bool
    rows: int | None
    total: int | None
    records: tuple[str, ...]


def _under_mandate(tx: Connection, seen: Occurrence) -> None:
    event: ContentRead = seen.event
    for agency_id in dict.fromkeys(event.agencies):
        own = [named.record for named in event.records if named.agency_id == agency_id]
        _put(tx, seen, own, agency_id=agency_id, mandate_id=event.mandate_id)


def _restricted(tx: Connection, seen: Occurrence) -> None:
    event: RestrictedRead = seen.event
    _put(tx, seen, event.records, agency_id=event.agency_id, class_=event.class_)


def _exported(tx: Connection, seen: Occurrence) -> None:
    event: ContentExported = seen.event
    counted = {"rows": event.rows, "total": event.total}
    _put(tx, seen, event.records, agency_id=event.agency_id, exported=1, **counted)


def _put(tx: Connection, seen: Occurrence, records: Iterable[str], **values: Any) -> None:
    event, read_at = seen.event, to_micros(seen.row.recorded_at)
    common = {"mandate_id": "", "class_": None, "exported": 0, "rows": None, "total": None} | values
    common |= {"reading_id": event.reading_id, "account_id": event.account_id, "read_at": read_at}
    common |= {"operation": event.operation}
    tx.execute(insert(_LOOKS), [common | {"record": record} for record in dict.fromkeys(records) or (WHOLE,)])


LOOKS = Ledger(
    name=NAME,
    version=2,
    metadata=METADATA,
    handlers={ContentRead: _under_mandate, RestrictedRead: _restricted, ContentExported: _exported},
)


def mandates_behind_looks(db: Reading, record: str | None) -> Sequence[str]:
    """Return the mandates under which a record, or anything within reach, was read."""
    query = select(_LOOKS.c.mandate_id).where(_LOOKS.c.mandate_id != "").distinct()
    return list(db.execute(query.where(_LOOKS.c.record == record) if record else query).scalars())


def sealed_among(db: Reading, reading_ids: Collection[str], opened: Collection[str]) -> set[str]:
    """Return those that were read under a mandate too that is not among the ``opened``."""
    query = select(_LOOKS.c.reading_id).where(
        _LOOKS.c.reading_id.in_(reading_ids), _LOOKS.c.mandate_id != "", _LOOKS.c.mandate_id.not_in(opened)
    )
    return set(db.execute(query).scalars())


def looks(db: Reading, record: str | None, opened: Iterable[str], before: str | None = None) -> Sequence[LookRow]:
    """Return the looks at a record, or at anything within reach, the latest first, a page of them.

    Those under a mandate are among them where it is one of ``opened``. ``before`` is the last look of the page before.
    """
    shown = or_(_LOOKS.c.mandate_id == "", _LOOKS.c.mandate_id.in_(list(opened)))
    wanted = and_(shown, _LOOKS.c.record == record) if record else shown
    order = tuple_(_LOOKS.c.read_at, _LOOKS.c.reading_id)
    if before:
        read_at = db.scalar(select(_LOOKS.c.read_at).where(_LOOKS.c.reading_id == before).limit(1))
        wanted = and_(wanted, order < tuple_(literal(read_at or 0), literal(before)))
    page = select(_LOOKS.c.reading_id, _LOOKS.c.read_at).where(wanted).distinct()
    latest = page.order_by(_LOOKS.c.read_at.desc(), _LOOKS.c.reading_id.desc()).limit(PAGE)
    ids = [row.reading_id for row in db.execute(latest)]
    found: dict[str, list[Any]] = {}
    for row in db.execute(select(_LOOKS).where(shown, _LOOKS.c.reading_id.in_(ids)).order_by(_LOOKS.c.record)):
        found.setdefault(row.reading_id, []).append(row)
    return [_row(found[i]) for i in ids]


def _row(same: Sequence[Any]) -> LookRow:
    row = same[0]
    return LookRow(
        id=row.reading_id,
        account_id=row.account_id,
        read_at=from_micros(row.read_at),
        operation=row.operation,
        agency_id=row.agency_id,
        mandate_id=row.mandate_id or None,
        class_=row.class_,
        exported=bool(row.exported),
        rows=row.rows,
        total=row.total,
        records=tuple(dict.fromkeys(r.record for r in same if r.record)),
    )
