"""The declaration of a service: one value in ``services/<context>/service.py``; all else is derived from it.

Routes, OpenAPI, topics, consumers, replay, metric labels and process roles follow from a ``Service``.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from fastapi import APIRouter, FastAPI

from shared.application.commands import CommandHandler
from shared.application.tokens import Token
from shared.blobs.port import BlobStore
from shared.clock import Clock
from shared.contracts.base import Event
from shared.decider import Decider
from shared.eventstore.codec import Codec
from shared.eventstore.port import EventStore
from shared.projection.ledger import Ledger, Occurrence
from shared.projection.reading import Reading
from shared.security.extent import Extent
from shared.settings import Settings
from shared.vault.port import Vault


class Reader(Protocol):
    """Opens a ledger for reading: the serving slot, or one filled up to a moment of the past."""

    def read(self, ledger: str, extent: Extent) -> AbstractContextManager[Reading]:
        """Return a read-only snapshot of the ledger's serving slot, of what is within the extent."""

    def wait_for(self, ledger: str, token: Token, seconds: float = 2.0) -> bool:
        """Wait until the ledger has applied the token's version; False when the bound ran out (同步中)."""


@dataclass(frozen=True)
class Runtime:
    """What a service's routes and reactions are given: its store, its ledgers, the ports."""

    service: "Service"
    settings: Settings
    clock: Clock
    store: EventStore
    codec: Codec
    commands: CommandHandler
    reader: Reader
    blobs: BlobStore
    vault: Vault
    extras: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reaction:
    """Another context's event → own command. Done once per event: the event's id is its idempotency key.

    ``act`` may raise ``RuleBroken`` (a recorded outcome) or ``NotYet`` (its foreign data is still behind: tried
    again); anything else is a bug and parks the stream.
    """

    name: str
    follows: tuple[type[Event], ...]
    act: Callable[[Runtime, Occurrence], None]


class NotYet(Exception):
    """A reaction is ahead of what it needs; try again later."""


@dataclass(frozen=True, slots=True)
class Visibility:
    """Who may replay a stream: which permission, and whose it is.

    ``business``: the audit administrator sees the trail with its content masked; else it is hidden from them too.
    ``class_`` is the record's class, where it is another than the permission's own: a mandate must name it.
    ``apart`` are fields of the state that only who holds ``apart_for`` there is shown.
    """

    permission: str
    agency_id: str
    organisation_id: str | None
    business: bool = True
    class_: str | None = None
    apart: frozenset[str] = frozenset()
    apart_for: str | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """A context: its name, what it records, what it derives, what it serves.

    ``routes`` build the context's routers under ``/api/<name>``. ``visibility`` says, from a stream's name and
    folded state, under which permission and whose it may be replayed; None hides it from everyone. ``installs``
    add to the process's application what is no route: static files, page-shaped refusals.
    """

    name: str
    title: str
    deciders: tuple[Decider[Any], ...] = ()
    ledgers: tuple[Ledger, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    routes: tuple[Callable[[Runtime], APIRouter], ...] = ()
    visibility: Mapping[str, Callable[[Any], Visibility | None]] = field(default_factory=dict)
    installs: tuple[Callable[[FastAPI], None], ...] = ()

    @property
    def topic(self) -> str:
        """Return the topic its events are published to."""
        return f"{self.name}.events"

    @property
    def stateless(self) -> bool:
        """Tell whether it keeps nothing: no stream, no ledger, hence no database."""
        return not self.deciders and not self.ledgers

    @property
    def opens(self) -> bool:
        """Tell whether it reads or writes plain values, and so needs keys."""
        return bool(self.deciders) or any(ledger.opens for ledger in self.ledgers)

    def foreign_contexts(self) -> frozenset[str]:
        """Return the contexts whose topics its ledgers and reactions follow."""
        followed = {c for ledger in self.ledgers for c in ledger.contexts()}
        followed |= {e.TYPE.split(".", 1)[0] for r in self.reactions for e in r.follows}
        return frozenset(followed - {self.name})
