"""Mandates by the agencies they are for and by the accounts that read under them: ids only, the rest is folded."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Column, Connection, Date, Index, MetaData, String, Table, insert, select

from shared.contracts.access import MandateApproved, MandateCleared, MandateDeclined, MandateEnded, MandateRequested
from shared.projection.ledger import Ledger, Occurrence
from shared.projection.reading import Reading

NAME = "mandates"
LISTED = 200

metadata = MetaData()
places = Table(
    "mandate_places",
    metadata,
    Column("mandate_id", String, primary_key=True),
    Column("agency_id", String, primary_key=True),
)
people = Table(
    "mandate_people",
    metadata,
    Column("account_id", String, primary_key=True),
    Column("mandate_id", String, primary_key=True),
    Column("agency_id", String, primary_key=True),
    Column("last_day", Date, nullable=False),
)
Index("mandates_of_agency", places.c.agency_id, places.c.mandate_id)
Index("named_for_agency", people.c.agency_id, people.c.last_day)


def _requested(db: Connection, seen: Occurrence) -> None:
    event: MandateRequested = seen.event
    agencies = sorted({p.agency_id for p in event.places})
    db.execute(insert(places), [{"mandate_id": event.mandate_id, "agency_id": a} for a in agencies])
    rows = [
        {"account_id": p, "mandate_id": event.mandate_id, "agency_id": a, "last_day": event.last_day}
        for p in sorted(set(event.people))
        for a in agencies
    ]
    db.execute(insert(people), rows)


def _seen(db: Connection, seen: Occurrence) -> None:
    """Nothing: what became of a mandate is read from its events; the ledger has seen it, so ``after=`` can wait."""


MANDATES = Ledger(
    name=NAME,
    version=1,
    metadata=metadata,
    handlers={
        MandateRequested: _requested,
        MandateApproved: _seen,
        MandateDeclined: _seen,
        MandateEnded: _seen,
        MandateCleared: _seen,
    },
)


def mandates_with(db: Reading, account_id: str, today: date) -> Sequence[str]:
    """Return the mandates that name an account and whose last day is not past."""
    query = select(people.c.mandate_id).where(people.c.account_id == account_id, people.c.last_day >= today)
    return list(dict.fromkeys(db.execute(query.order_by(people.c.mandate_id)).scalars()))


def named_by_mandates(db: Reading, agency_id: str, today: date) -> Sequence[tuple[str, str]]:
    """Return mandate and account of each who is named by one for an agency whose last day is not past."""
    query = select(people.c.mandate_id, people.c.account_id).where(
        people.c.agency_id == agency_id, people.c.last_day >= today
    )
    found = db.execute(query.order_by(people.c.mandate_id, people.c.account_id))
    return [(row.mandate_id, row.account_id) for row in found]


def latest_mandates(db: Reading) -> Sequence[str]:
    """Return the mandates that are for an agency within reach, the latest first, up to 200."""
    query = select(places.c.mandate_id).distinct()
    return list(db.execute(query.order_by(places.c.mandate_id.desc()).limit(LISTED)).scalars())
