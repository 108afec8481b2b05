"""Fills a ledger in a database in memory from events as they would have been recorded."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from sqlalchemy import Connection, Engine, StaticPool, create_engine

from shared.clock import start_of_day
from shared.contracts.base import Event
from shared.eventstore.port import RecordedEvent
from shared.ids import StreamName
from shared.projection.ledger import Ledger, Occurrence
from tests.support.organisation_world import AGENCY, fixed_id

_SUBJECTS = {
    "agency-registered": ("agency", "agency_id"),
    "organisation-established": ("agency", None),
    "organisation-renamed": ("agency", None),
    "organisation-moved": ("agency", None),
    "member-enrolled": ("member", "member_id"),
    "member-moved": ("member", "member_id"),
    "office-taken": ("member", "member_id"),
    "office-left": ("member", "member_id"),
    "activity-recorded": ("activity", "activity_id"),
    "activity-corrected": ("activity", "activity_id"),
    "activity-withdrawn": ("activity", "activity_id"),
    "minutes-confirmed": ("activity", "activity_id"),
    "minutes-returned": ("activity", "activity_id"),
    "activity-not-held": ("not-held", "answer_id"),
    "plan-filed": ("activity-plan", "filing_id"),
    "plan-returned": ("activity-plan", "filing_id"),
    "talk-held": ("talk", "talk_id"),
    **dict.fromkeys(
        (
            "draft-created",
            "revision-submitted",
            "document-linked",
            "political-review-signed",
            "draft-finalized",
            "speech-delivered",
            "report-submitted",
            "report-published",
            "document-withdrawn",
        ),
        ("document", "document_id"),
    ),
    "direction-set": ("directions", None),
    "direction-dropped": ("directions", None),
    **dict.fromkeys(
        (
            "session-planned",
            "session-held",
            "first-agenda-studied",
            "session-minuted",
            "leader-statement-recorded",
            "session-withdrawn",
        ),
        ("session", "session_id"),
    ),
    **dict.fromkeys(
        ("study-triggered", "document-conveyed", "thematic-discussion-held", "benchmark-reviewed"),
        ("trigger", "trigger_id"),
    ),
}


def stream_of(event: Event) -> str:
    context, _, name = event.TYPE.partition(".")
    aggregate, field = _SUBJECTS.get(name, ("work-plan", "plan_id"))
    return str(StreamName(context, aggregate, getattr(event, field) if field else AGENCY))


def occurrences(trail: Iterable[tuple[date, Event]]) -> Iterator[Occurrence]:
    """Each event as recorded at noon of its day, with its stream's version and the position it came in."""
    versions: dict[str, int] = {}
    for position, (day, event) in enumerate(trail, start=1):
        stream = stream_of(event)
        versions[stream] = versions.get(stream, 0) + 1
        noon = start_of_day(day) + timedelta(hours=12)
        row = RecordedEvent(
            position=position,
            stream_id=stream,
            version=versions[stream],
            event_id=fixed_id(10_000 + position),
            type=event.TYPE,
            schema_version=event.VERSION,
            agency_id=AGENCY,
            payload={},
            payload_root=bytes(32),
            valid_at=event.happened_at() or noon,
            recorded_at=noon,
            stamped_at=noon,
            actor="tester",
            on_behalf_of=None,
            causation_id=None,
            correlation_id=fixed_id(20_000 + position),
        )
        yield Occurrence(row, event)


@contextmanager
def filled(ledger: Ledger, trail: Iterable[tuple[date, Event]], engine: Engine | None = None) -> Iterator[Connection]:
    """A connection to the ledger after the trail; in memory, or in an empty database that is given."""
    engine = engine or create_engine("sqlite://", poolclass=StaticPool)
    try:
        with engine.begin() as conn:
            ledger.metadata.create_all(conn)
            for occurrence in occurrences(trail):
                if handler := ledger.handlers.get(type(occurrence.event)):
                    handler(conn, occurrence)
            yield conn
    finally:
        engine.dispose()
