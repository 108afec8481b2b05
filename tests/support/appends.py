"""Appends for the event store's tests: the least that is an event, and a clock that is set by hand."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.eventstore.port import Append, Claim, NewEvent
from shared.ids import new_id

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


class HandClock:
    """Stands still until it is moved."""

    def __init__(self, moment: datetime = NOON) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def move(self, **by: float) -> None:
        self.moment += timedelta(**by)


def new_event(payload: dict[str, Any] | None = None, event_id: str | None = None) -> NewEvent:
    return NewEvent(
        event_id=event_id or new_id(),
        type="organization.thing-happened",
        schema_version=1,
        payload={"text": "支部召开党员大会"} if payload is None else payload,
        payload_root=bytes(range(32)),
        valid_at=NOON - timedelta(days=1),
    )


def new_append(
    stream_id: str,
    expected_version: int = 0,
    *events: NewEvent,
    claims: tuple[Claim, ...] = (),
    agency_id: str = "agency-1",
) -> Append:
    return Append(
        stream_id=stream_id,
        expected_version=expected_version,
        events=events or (new_event(),),
        agency_id=agency_id,
        actor="actor-1",
        on_behalf_of=None,
        causation_id=None,
        correlation_id="correlation-1",
        claims=claims,
    )


def stream(aggregate: str = "agency") -> str:
    return f"organization:{aggregate}:{new_id()}"


class InBackground:
    """A thread whose failure the test hears of: ``with InBackground(work): …`` joins and raises it."""

    def __init__(self, *works: Any) -> None:
        self._failures: list[BaseException] = []
        self._threads = [threading.Thread(target=self._run, args=(work,)) for work in works]

    def _run(self, work: Any) -> None:
        try:
            work()
        except BaseException as failure:  # noqa: BLE001 — raised again where the test can hear it
            self._failures.append(failure)

    def __enter__(self) -> "InBackground":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for thread in self._threads:
            thread.join(60)
        assert not any(thread.is_alive() for thread in self._threads)
        if self._failures:
            raise self._failures[0]
