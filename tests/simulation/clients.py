"""Those who ask for things: each sends a command again, under its key, until it has an answer."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from shared.application.commands import CommandHandler, Request
from shared.contracts.base import Event
from shared.decider import Decider, RuleBroken
from shared.eventstore.codec import Codec
from shared.eventstore.port import Append, VersionConflict
from tests.simulation.domain import BRANCH, COUNTER, BranchMoved, Open, Record, a_command
from tests.simulation.postgres_model import ModelStore

REFUSED = "refused"


@dataclass
class Client:
    """Sends its commands one after the other. ``answers``: what it was promised, by key."""

    name: str
    commands: CommandHandler
    next: Callable[[int], tuple[Decider[Any], str, Any] | None]
    answers: dict[str, str]
    sent: int = 0
    asked: tuple[Decider[Any], str, Any] | None = None

    def step(self) -> int:
        """Ask for the next thing, or for the last one again; tell whether there was an answer."""
        self.asked = self.asked or self.next(self.sent)
        if self.asked is None:
            return 0
        decider, id_, command = self.asked
        key = f"{self.name}-{self.sent}"
        request = Request(
            self.name, f"agency-{id_}", correlation_id=key, idempotency_key=key, fingerprint=repr(command)
        )
        try:
            outcome = self.commands.handle(decider, id_, command, request)
            self.answers[key] = f"{outcome.token.stream}@{outcome.token.version}"
        except RuleBroken:
            self.answers[key] = REFUSED
        except VersionConflict:
            return 1
        self.sent, self.asked = self.sent + 1, None
        return 1


@dataclass
class Branches:
    """What a client asks of the branches, by its own dice."""

    random: Random
    branches: list[str]
    left: int
    recorded: dict[str, list[str]] = field(default_factory=dict)

    def next(self, number: int) -> tuple[Decider[Any], str, Any] | None:
        """Return the next command, None after the last."""
        if number >= self.left:
            return None
        branch = self.random.choice(self.branches)
        known = self.recorded.setdefault(branch, [])
        roll = self.random.randrange(100) if known else 0
        activity = f"{branch}-{self.random.randrange(10**6)}" if roll < 30 else self.random.choice(known)
        command = a_command(number, roll, activity)
        if isinstance(command, Record):
            known.append(activity)
        return BRANCH, branch, command


def opening(branches: list[str]) -> Callable[[int], tuple[Decider[Any], str, Any] | None]:
    """Return what opens the counters, in this order."""
    return lambda number: (COUNTER, branches[number], Open(branches[number])) if number < len(branches) else None


@dataclass
class Importer:
    """Appends within a transaction that has done other work before, and so has its id already."""

    store: ModelStore
    codec: Codec
    branches: list[str]
    answers: dict[str, str]
    done: int = 0

    def step(self) -> int:
        """Append one event, or find it appended by a life that ended before it heard so."""
        if self.done >= len(self.branches):
            return 0
        stream, key = f"organization:branch:{self.branches[self.done]}", f"importer-{self.done}"
        database = self.store.database
        if not any(e.correlation_id == key for e in self.store.load(stream)):
            try:
                with database.transaction() as tx:
                    database.cluster.xid(tx)
                    database.scheduler.pause(database.scheduler.random.randrange(200))
                    self.store.append_within(tx, self._append(stream, key))
            except VersionConflict:
                return 1
        self.answers[key] = stream
        self.done += 1
        return 1

    def _append(self, stream: str, key: str) -> Append:
        event: Event = BranchMoved(agency_id=f"agency-{self.done % 3}")
        return Append(
            stream_id=stream,
            expected_version=len(self.store.load(stream)),
            events=(self.codec.encode(event, stream),),
            agency_id="agency-0",
            actor="importer",
            on_behalf_of=None,
            causation_id=None,
            correlation_id=key,
        )
