"""An event on the wire is the event in the trail."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.eventstore.port import RecordedEvent
from shared.messaging.cloudevents import NotAnEvent, from_record, to_record
from shared.messaging.port import Record

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
SOME_TEXT = TEXT.filter(bool)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
MOMENTS = st.datetimes(
    min_value=datetime(1900, 1, 1),  # noqa: DTZ001 (hypothesis wants it naive)
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=8))]),
)
EVENTS = st.builds(
    RecordedEvent,
    position=st.integers(0, 2**63 - 1),
    stream_id=SOME_TEXT.map(lambda t: f"study:course:{t}"),
    version=st.integers(1, 2**31 - 1),
    event_id=st.uuids().map(str),
    type=st.sampled_from(["study.course-opened", "points.points-granted"]),
    schema_version=st.integers(1, 99),
    agency_id=SOME_TEXT,
    payload=st.dictionaries(TEXT, JSON, max_size=4),
    payload_root=st.binary(min_size=32, max_size=32),
    valid_at=MOMENTS,
    recorded_at=MOMENTS,
    stamped_at=MOMENTS,
    actor=SOME_TEXT,
    on_behalf_of=st.none() | TEXT,
    causation_id=st.none() | TEXT,
    correlation_id=TEXT,
)
EXAMPLE = RecordedEvent(
    position=2**40,
    stream_id="study:course:1",
    version=3,
    event_id="0190a1b2-0000-7000-8000-000000000001",
    type="study.course-opened",
    schema_version=2,
    agency_id="agency",
    payload={"title": "专题学习", "hours": 2},
    payload_root=bytes(32),
    valid_at=datetime(2026, 1, 1, tzinfo=UTC),
    recorded_at=datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC),
    stamped_at=datetime(2026, 1, 2, 3, 4, 5, 7, tzinfo=UTC),
    actor="member",
    on_behalf_of=None,
    causation_id=None,
    correlation_id="c",
)


@settings(deadline=None)
@given(EVENTS)
def test_an_event_comes_back_from_the_wire_exactly_as_it_went(event: RecordedEvent) -> None:
    back = from_record(to_record(event))

    assert back == event
    assert list(back.payload) == list(event.payload)


@settings(deadline=None)
@given(EVENTS)
def test_the_key_of_a_record_is_the_events_stream(event: RecordedEvent) -> None:
    assert to_record(event).key == event.stream_id


def test_a_record_is_a_structured_cloudevent_with_one_header() -> None:
    record = to_record(EXAMPLE)
    body = json.loads(record.value)

    assert record.headers == (("content-type", b"application/cloudevents+json; charset=UTF-8"),)
    assert {"specversion", "id", "source", "type"} <= set(body)
    assert body["time"] == "2026-01-02T03:04:05.000006Z"
    assert body["subject"] == "study:course:1"
    assert body["data"] == {"title": "专题学习", "hours": 2}
    assert all(name.isalnum() and name == name.lower() for name in body)


def test_no_integer_on_the_envelope_is_wider_than_cloudevents_allows() -> None:
    body = json.loads(to_record(EXAMPLE).value)

    assert body["position"] == str(2**40)
    assert all(not isinstance(v, int) or v < 2**31 for k, v in body.items() if k != "data")


def test_what_is_absent_is_left_out_rather_than_null() -> None:
    body = json.loads(to_record(EXAMPLE).value)

    assert "onbehalfof" not in body
    assert "causationid" not in body


SOMEONE_ELSES = [b"", b"{}", b"[]", b"\xff", b'{"specversion":"0.3"}', b'{"specversion":"1.0"}', b"[" * 100_000]


@pytest.mark.parametrize("value", SOMEONE_ELSES)
def test_a_record_of_someone_else_is_refused(value: bytes) -> None:
    with pytest.raises(NotAnEvent):
        from_record(Record("study:course:1", value))


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("dataschema", 7),
        ("dataschema", None),
        ("payloadroot", 7),
        ("subject", ["a"]),
        ("subject", "a\x00b"),
        ("subject", "\ud800"),
        ("type", {}),
        ("id", None),
        ("streamversion", "1"),
        ("streamversion", 2**70),
        ("stampedat", 7),
        ("stampedat", "2026-07-01T00:00:00"),
    ],
)
def test_an_envelope_with_an_attribute_of_another_kind_is_refused(attribute: str, value: object) -> None:
    body = {**json.loads(to_record(EXAMPLE).value), attribute: value}
    with pytest.raises(NotAnEvent):
        from_record(Record("study:course:1", json.dumps(body).encode()))
