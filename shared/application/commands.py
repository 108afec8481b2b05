"""The command handler: load, fold, decide, append. Every change of the system passes here."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from shared.application.tokens import Token
from shared.contracts.base import Event
from shared.decider import Decider
from shared.eventstore.codec import Codec
from shared.eventstore.port import Append, Claim, ClaimTaken, EventStore, VersionConflict
from shared.ids import StreamName, new_id

IDEMPOTENCY = "idempotency"
AUTOMATIC = "automatic"
"""The actor of what a reaction does by rule: no person; what caused it names who."""

ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks, for whom, and how the request is told apart from its retries.

    ``expected_version`` comes from ``If-Match``; None means the caller did not look first.
    ``idempotency_key`` is the caller's own; ``fingerprint`` the hash of what was asked with it. ``causation_id`` is the
    event that a reaction answers, or the stream of the token for machines that asked in the actor's name.
    """

    actor: str
    agency_id: str
    on_behalf_of: str | None = None
    causation_id: str | None = None
    correlation_id: str | None = None
    expected_version: int | None = None
    idempotency_key: str | None = None
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a command: the token, and the events it added (none when it was already so)."""

    token: Token
    events: tuple[Event, ...]
    repeated: bool = False


class KeyReused(Exception):
    """An idempotency key came back with another request."""


def fingerprint(body: Any) -> str:
    """Return the hash that tells two requests under one idempotency key apart."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class CommandHandler:
    """Runs commands against one context's store.

    An idempotency key is taken with the events it led to, in one transaction. A command that adds none (it was
    already so) commits nothing, so it takes no key: the same key may come back with another request.
    """

    store: EventStore
    codec: Codec

    def handle(
        self,
        decider: Decider[Any],
        id_: str,
        command: Any,
        request: Request,
        claims: Callable[[tuple[Event, ...]], tuple[Claim, ...]] = lambda _: (),
    ) -> Outcome:
        """Carry out the command on one stream.

        Without ``If-Match`` a lost race is decided anew on the newer state, up to five times.

        Raises:
            RuleBroken: a rule refuses it.
            VersionConflict: ``If-Match`` named another version, or five races were lost.
            ClaimTaken: something it claims is taken.
            KeyReused: the idempotency key belongs to another request.
        """
        stream = StreamName(decider.context, decider.aggregate, id_)
        if done := self.done(request):
            return done
        for attempt in range(ATTEMPTS):
            try:
                return self._attempt(decider, stream, command, request, claims)
            except VersionConflict:
                if request.expected_version is not None or attempt == ATTEMPTS - 1:
                    raise
            except ClaimTaken as lost:
                if lost.taken.claim.kind != IDEMPOTENCY:
                    raise
                return self._answer(lost.taken.claim, lost.taken.stream_id, lost.taken.version, request)
        raise AssertionError("unreachable")

    def done(self, request: Request) -> Outcome | None:
        """Return what this very request came to the first time, None where it is new or carries no key.

        A route that looks at other streams first asks this before: what it checks may have changed since.

        Raises:
            KeyReused: the idempotency key belongs to another request.
        """
        if request.idempotency_key is None:
            return None
        taken = self.store.claimed(IDEMPOTENCY, _scoped(request))
        if taken is None:
            return None
        return self._answer(taken.claim, taken.stream_id, taken.version, request)

    def _attempt(
        self,
        decider: Decider[Any],
        stream: StreamName,
        command: Any,
        request: Request,
        claims: Callable[[tuple[Event, ...]], tuple[Claim, ...]],
    ) -> Outcome:
        rows = self.store.load(str(stream))
        version = len(rows)
        if request.expected_version is not None and request.expected_version != version:
            raise VersionConflict(str(stream), request.expected_version, version)
        state = decider.fold(self.codec.decode(row) for row in rows)
        events = decider.decide(state, command)
        if not events:
            return Outcome(self.token(stream, version), ())
        taken = claims(events)
        if request.idempotency_key:  # first of all claims: a repeated request is told so, not that its own is taken
            taken = (Claim(IDEMPOTENCY, _scoped(request), request.fingerprint), *taken)
        new_version = self.store.append(
            Append(
                stream_id=str(stream),
                expected_version=version,
                events=tuple(self.codec.encode(e, str(stream)) for e in events),
                agency_id=request.agency_id,
                actor=request.actor,
                on_behalf_of=request.on_behalf_of,
                causation_id=request.causation_id,
                correlation_id=request.correlation_id or new_id(),
                claims=taken,
            )
        )
        return Outcome(self.token(stream, new_version), events)

    def token(self, stream: StreamName, version: int) -> Token:
        """Return the token of a stream at a version, marked as one that was given out here."""
        plain = Token(stream, version)
        return replace(plain, mac=self.codec.mac(plain.plain))

    def _answer(self, claim: Claim, stream_id: str, version: int, request: Request) -> Outcome:
        if claim.fingerprint != request.fingerprint:
            raise KeyReused(request.idempotency_key)
        return Outcome(self.token(StreamName.parse(stream_id), version), (), repeated=True)


def _scoped(request: Request) -> str:
    return f"{request.actor}/{request.idempotency_key}"


def caused_by(request: Request, event_id: str, correlation_id: str) -> Request:
    """Return the request as a reaction makes it: caused by an event, in its correlation, once per event."""
    return replace(request, causation_id=event_id, correlation_id=correlation_id)
