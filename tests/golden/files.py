"""Golden files: one JSON a contract version, written once, never changed."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from shared.eventstore.port import NewEvent, RecordedEvent
from shared.eventstore.sealing import SealingCodec
from tests.golden.contracts import sample
from tests.golden.fixed import EVENT_ID, MOMENT, FixedVault

FOLDER = Path(__file__).parent
STREAM = "golden:stream:1"
COMMAND = "python -m tests.golden.write"


def file_of(name: str, version: int) -> Path:
    return FOLDER / f"{name}.v{version}.json"


def codec(vault: FixedVault | None = None) -> SealingCodec:
    return SealingCodec(vault or FixedVault(), lambda: MOMENT, lambda: EVENT_ID)


def freeze(cls: Any) -> dict[str, Any]:
    event = sample(cls)
    stored = codec().encode(event, STREAM)
    return {
        "type": stored.type,
        "version": stored.schema_version,
        "payload": stored.payload,
        "payload_root": stored.payload_root.hex(),
        "valid_at": stored.valid_at.isoformat(),
        "reads_as": event.model_dump(mode="json"),
    }


def write_missing(declared: dict[str, Any]) -> list[Path]:
    """Write the files that are missing; a file that exists is left alone."""
    written = []
    for name, cls in sorted(declared.items()):
        file = file_of(name, cls.VERSION)
        if not file.exists():
            file.write_text(json.dumps(freeze(cls), ensure_ascii=False, indent=1) + "\n", "utf-8")
            written.append(file)
    return written


def recorded(golden: dict[str, Any]) -> RecordedEvent:
    return as_recorded(
        NewEvent(
            EVENT_ID,
            golden["type"],
            golden["version"],
            golden["payload"],
            bytes.fromhex(golden["payload_root"]),
            datetime.fromisoformat(golden["valid_at"]),
        )
    )


def as_recorded(new: NewEvent, stream_id: str = STREAM) -> RecordedEvent:
    return RecordedEvent(
        position=1,
        stream_id=stream_id,
        version=1,
        event_id=new.event_id,
        type=new.type,
        schema_version=new.schema_version,
        agency_id="agency",
        payload=new.payload,
        payload_root=new.payload_root,
        valid_at=new.valid_at,
        recorded_at=MOMENT,
        stamped_at=MOMENT,
        actor="actor",
        on_behalf_of=None,
        causation_id=None,
        correlation_id="correlation",
    )
