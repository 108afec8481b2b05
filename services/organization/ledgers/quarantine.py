"""What was put aside (隔离文件), file or typed text, in any context: mark, place, by whom, when; never name or content.

One list for the 保密员, who need not know which service took it in; each is settled in its own context.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Column, Connection, Index, MetaData, String, Table, Text, func, select

from shared.clock import from_micros, to_micros
from shared.contracts.organization import OrganizationQuarantineSettled, OrganizationUploadQuarantined
from shared.contracts.points import PointsQuarantineSettled, PointsUploadQuarantined
from shared.contracts.quarantine import QuarantineSettled, UploadQuarantined
from shared.contracts.research import ResearchQuarantineSettled, ResearchUploadQuarantined
from shared.contracts.study import StudyQuarantineSettled, StudyUploadQuarantined
from shared.projection.ledger import Ledger, Occurrence
from shared.projection.reading import Reading

LISTED = 200

_METADATA = MetaData()
_UPLOADS = Table(
    "uploads",
    _METADATA,
    Column("upload_id", String, primary_key=True),
    Column("agency_id", String, nullable=False),
    Column("context", String, nullable=False),
    Column("entry", String, nullable=False),
    Column("mark", String, nullable=False),
    Column("uploaded_by", String, nullable=False),
    Column("uploaded_at", BigInteger, nullable=False),
    Column("settled_by", String),
    Column("note", Text),
    Index("uploads_of_agency", "agency_id", "upload_id"),
)


@dataclass(frozen=True, slots=True)
class QuarantinedUpload:
    """One upload put aside; people are account ids, ``note`` is None until it is settled.

    ``context`` is the service that took it in, and where it is settled.
    """

    id: str
    agency: str
    context: str
    entry: str
    mark: str
    uploaded_by: str
    uploaded_at: datetime
    settled_by: str | None
    note: str | None


def waiting_in(reading: Reading, agency_id: str) -> int:
    """Return how many uploads of an agency wait to be settled."""
    waiting = (_UPLOADS.c.agency_id == agency_id) & _UPLOADS.c.note.is_(None)
    return int(reading.scalar(select(func.count(_UPLOADS.c.upload_id)).where(waiting)) or 0)


def quarantined(reading: Reading) -> Sequence[QuarantinedUpload]:
    """Return the uploads put aside within reach, up to 200: those that wait first, each kind the latest first.

    However many were settled since, none that waits is out of sight; of more than 200 that wait, the rest come up as
    the first are settled.
    """
    query = select(_UPLOADS).order_by(_UPLOADS.c.note.is_not(None), _UPLOADS.c.upload_id.desc()).limit(LISTED)
    return [
        QuarantinedUpload(
            r.upload_id,
            r.agency_id,
            r.context,
            r.entry,
            r.mark,
            r.uploaded_by,
            from_micros(r.uploaded_at),
            r.settled_by,
            r.note,
        )
        for r in reading.execute(query)
    ]


def _put_aside(conn: Connection, o: Occurrence) -> None:
    event: UploadQuarantined = o.event
    conn.execute(
        _UPLOADS.insert(),
        {
            "upload_id": event.upload_id,
            "agency_id": event.agency_id,
            "context": event.TYPE.partition(".")[0],
            "entry": event.entry,
            "mark": event.mark,
            "uploaded_by": event.uploaded_by,
            "uploaded_at": to_micros(o.row.recorded_at),
        },
    )


def _settled(conn: Connection, o: Occurrence) -> None:
    event: QuarantineSettled = o.event
    which = _UPLOADS.update().where(_UPLOADS.c.upload_id == event.upload_id)
    conn.execute(which.values(settled_by=event.settled_by, note=event.note))


QUARANTINED = Ledger(
    name="quarantine",
    version=4,
    metadata=_METADATA,
    handlers={
        OrganizationUploadQuarantined: _put_aside,
        OrganizationQuarantineSettled: _settled,
        ResearchUploadQuarantined: _put_aside,
        ResearchQuarantineSettled: _settled,
        StudyUploadQuarantined: _put_aside,
        StudyQuarantineSettled: _settled,
        PointsUploadQuarantined: _put_aside,
        PointsQuarantineSettled: _settled,
    },
)
