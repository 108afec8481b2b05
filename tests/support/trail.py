"""Writing a trail for tests: streams of numbered events, without any contract."""

import uuid
from datetime import UTC, datetime

from shared.eventstore.port import Append, EventStore, NewEvent

MOMENT = datetime(2026, 7, 1, 1, 2, 3, 456789, tzinfo=UTC)


def stream(name: str) -> str:
    """Return the id of a stream of that name."""
    return f"study:course:{name}"


def append(store: EventStore, name: str, count: int = 1, *, text: str = "") -> int:
    """Append numbered events to the stream; return its new version."""
    id_ = stream(name)
    version = len(store.load(id_))
    events = tuple(
        NewEvent(
            event_id=str(uuid.uuid4()),
            type="study.lesson-held",
            schema_version=1,
            payload={"number": version + n + 1, "text": text},
            payload_root=bytes(32),
            valid_at=MOMENT,
        )
        for n in range(count)
    )
    return store.append(
        Append(
            stream_id=id_,
            expected_version=version,
            events=events,
            agency_id="agency",
            actor="member",
            on_behalf_of=None,
            causation_id=None,
            correlation_id="correlation",
        )
    )
