"""The relay: sequenced events, in position order, to the context's topic, at least once.

The cursor moves only over events acknowledged without a gap. Hence a record is never written for the first time
before an earlier one of its stream, however often a relay dies, and even where two of them run at once.
"""

import threading
import time

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError

from shared.eventstore.port import EventStore
from shared.messaging.cloudevents import to_record
from shared.messaging.consumer import ForkDetected
from shared.messaging.port import Broker, BrokerUnavailable, Publisher
from shared.observability import metrics
from shared.pace import rest_seconds
from shared.relay.cursor import START, Cursor, CursorStore
from shared.relay.history import LOOK_BACK, check_one_history, last_events, topic_is_complete

REPORT_SECONDS = 1.0
"""How far apart the relay says at least how far it is."""

log = structlog.get_logger()

BATCH = 500
"""How many events go out between two moves of the cursor."""

WAIT_SECONDS = 1.0
"""How long to wait for an event, for the broker, or for another relay to end, before looking again."""

LONGEST_REST = 0.05
"""Seconds that a relay rests at most: whoever waits for another context's event waits for it, and cannot hurry it."""

LOOK_SECONDS = 600.0
"""How often a running relay compares topic and trail anew, as at its start: an election may have lost records."""


class Relay:
    """Publishes one context's events; not safe from several threads, but several relays may run."""

    def __init__(self, store: EventStore, cursors: CursorStore, broker: Broker, topic: str, partitions: int) -> None:
        self._store, self._cursors, self._broker = store, cursors, broker
        self._topic, self._partitions = topic, partitions
        self._publisher: Publisher | None = None
        self._cursor = START
        self._context = topic.partition(".")[0]
        self._reported = 0.0
        self._published = metrics.PUBLISHED.labels(topic)
        self._waits = metrics.WAITS.labels(self._context, "relay")

    def run(self, stop: threading.Event) -> None:
        """Publish until told to stop. Trouble with the broker or the database is waited out, and logged.

        Raises:
            ForkDetected: the database and the topic tell two histories; nothing was sent.
            ValueError: the topic cannot be used as it is.
        """
        while not stop.is_set():
            try:
                with self._cursors.hold(self._topic) as mine:
                    if mine:
                        self._serve(stop)
            except (BrokerUnavailable, OperationalError, InterfaceError) as trouble:
                log.warning("relay.waits", topic=self._topic, error=str(trouble))
                self._waits.inc()
            except ForkDetected:
                metrics.FORKED.labels(self._topic).set(1)
                raise
            finally:
                self.close()
            stop.wait(WAIT_SECONDS)

    def run_once(self) -> int:
        """Publish what there is, up to ``BATCH`` events; return how many that were.

        Raises:
            ForkDetected, ValueError: as ``run``, at the first call.
            BrokerUnavailable: not all were acknowledged; the cursor is behind the first that was not.
        """
        publisher = self._publisher or self._start()
        rows = self._store.read(self._cursor.position, BATCH)
        if not rows:
            return 0
        sent = publisher.publish(self._topic, [to_record(row) for row in rows])
        if sent:
            moved = Cursor(rows[sent - 1].position, rows[sent - 1].event_id)
            self._cursors.move(self._topic, moved)
            self._cursor = moved
            self._published.inc(sent)
        if sent < len(rows):
            raise BrokerUnavailable(f"{sent} of {len(rows)} events were acknowledged")
        return sent

    def lag(self) -> int:
        """Return how many sequenced events are not known to be published."""
        return self._store.head() - self._cursors.read(self._topic).position

    def close(self) -> None:
        """Let go of the publisher; the next call starts anew, with every check."""
        publisher, self._publisher = self._publisher, None
        if publisher:
            publisher.close()

    def _serve(self, stop: threading.Event) -> None:
        self._report()
        self._start()
        metrics.FORKED.labels(self._topic).set(0)
        looked = time.monotonic()
        while not stop.is_set():
            if time.monotonic() - looked >= LOOK_SECONDS:
                self.close()  # whoever starts anew looks
                looked = time.monotonic()
            began = time.monotonic()
            sent = self.run_once()
            if time.monotonic() - self._reported >= REPORT_SECONDS:
                self._report()
            if not sent:
                self._store.wait(self._cursor.position, WAIT_SECONDS)
            elif sent < BATCH:
                stop.wait(rest_seconds(time.monotonic() - began, LONGEST_REST))

    def _report(self) -> None:
        """Say how far it is, also while the broker is away: it begins with this."""
        metrics.UNPUBLISHED.labels(self._topic).set(self.lag())
        metrics.HEARTBEAT.labels(self._context, "relay").set_to_current_time()
        self._reported = time.monotonic()

    def _start(self) -> Publisher:
        """Make the topic, compare the two histories, read the cursor."""
        self._broker.ensure_topic(self._topic, self._partitions)
        cursor = self._cursors.read(self._topic)
        ends = last_events(self._broker.tails(self._topic, LOOK_BACK))
        check_one_history(self._store, cursor, ends)
        if not topic_is_complete(self._store, cursor, ends, self._partitions):
            log.warning("relay.topic-lost-records", topic=self._topic, position=cursor.position, action="republish")
            self._cursors.rewind(self._topic)
            cursor = self._cursors.read(self._topic)
        self._cursor = cursor
        self._publisher = self._broker.publisher()
        return self._publisher
