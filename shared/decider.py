"""Deciders: the pure heart of every aggregate.

``decide(state, command)`` says which events follow, ``evolve(state, event)`` what they change.
Neither touches a clock, a database or a random source: all of that arrives inside the command.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from typing import Any, Generic, TypeVar

from shared.contracts.base import Event
from shared.ids import StreamName

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Decider(Generic[S]):
    """One aggregate: its streams' name, its first state and its two functions."""

    context: str
    aggregate: str
    initial: S
    decide: Callable[[S, Any], tuple[Event, ...]]
    evolve: Callable[[S, Event], S]
    snapshot: Callable[[S], dict[str, Any]] = field(repr=False)
    """The state as plain JSON values under stable names: what 历史追溯 shows and compares."""

    effective: Callable[[S, date], S] = field(repr=False, default=lambda state, _: state)
    """The state as it was true on a day (事实截至); by default whatever is known has always been true."""

    def stream(self, id_: str) -> str:
        """Return the name of the stream of one of its things."""
        return str(StreamName(self.context, self.aggregate, id_))

    def fold(self, events: Iterable[Event], state: S | None = None) -> S:
        """Return the state after the events, starting from ``state`` or the first state."""
        return reduce(self.evolve, events, self.initial if state is None else state)


class RuleBroken(Exception):
    """A command was refused by a rule of the field; nothing happened.

    ``code`` is stable and kebab-case, ``sentence`` is Chinese for people and says what would satisfy
    the rule, ``article`` names the rule's source where there is one (文件 + 条), ``rule`` its code and version.
    """

    def __init__(self, code: str, sentence: str, *, article: str | None = None, rule: str | None = None) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.article = article
        self.rule = rule


class Unknown(RuleBroken):
    """The thing a command speaks of does not exist, or not for this caller: HTTP answers 404 to both."""
