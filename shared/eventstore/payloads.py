"""What every backend checks of an append before it touches its storage, and the text it stores."""

import json
from typing import Any

from pydantic_core import from_json

from shared.eventstore.port import MAX_EVENT_BYTES, Append, EventTooLarge


def payload_texts(append: Append) -> tuple[str, ...]:
    """Return the events' payloads as the JSON text that is stored: keys sorted, no spaces, Unicode as it is.

    Raises:
        EventTooLarge: a text is over ``MAX_EVENT_BYTES`` in UTF-8.
        ValueError: no events, a claim named twice, not a number (NaN), text that UTF-8 cannot hold, or a
            moment without a time zone.
    """
    if not append.events:
        raise ValueError("an append without events")
    if len({(c.kind, c.key) for c in append.claims}) != len(append.claims):
        raise ValueError("an append that names a claim twice")
    if any(e.valid_at.tzinfo is None for e in append.events):
        raise ValueError("a moment without a time zone")
    return tuple(_text(e.type, e.payload) for e in append.events)


def payload_of(text: str) -> dict[str, Any]:
    """Return the payload a stored text holds."""
    payload: dict[str, Any] = from_json(text)
    return payload


def _text(type_: str, payload: dict[str, Any]) -> str:
    text = json.dumps(payload, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    size = len(text.encode())
    if size > MAX_EVENT_BYTES:
        raise EventTooLarge(type_, size)
    return text
