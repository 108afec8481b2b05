"""Given events, when a command, then events: a decider's test reads as a sentence."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from shared.contracts.base import Event
from shared.decider import Decider, RuleBroken

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Scenario(Generic[S]):
    """A decider and what has happened so far."""

    decider: Decider[S]
    events: tuple[Event, ...]

    @property
    def state(self) -> S:
        """Return the state after what has happened."""
        return self.decider.fold(self.events)

    def when(self, command: Any) -> "Attempt[S]":
        """Ask for the command."""
        return Attempt(self, command)


@dataclass(frozen=True, slots=True)
class Attempt(Generic[S]):
    """A command asked for in a scenario; ``then`` and ``raises`` decide it."""

    scenario: Scenario[S]
    command: Any

    def _decide(self) -> tuple[Event, ...]:
        return self.scenario.decider.decide(self.scenario.state, self.command)

    def then(self, *expected: Event) -> Scenario[S]:
        """Check that exactly these events follow, and that asking again yields nothing; return what is then.

        Raises:
            AssertionError: other events follow, or the command is not idempotent.
        """
        happened = self._decide()
        assert happened == expected, f"\n happened: {happened}\n expected: {expected}"
        return self._again(happened)

    def happens(self) -> Scenario[S]:
        """Check that something follows, and that asking again yields nothing; return what is then.

        Raises:
            AssertionError: nothing follows, or the command is not idempotent.
        """
        happened = self._decide()
        assert happened, "nothing happened"
        return self._again(happened)

    def nothing(self) -> None:
        """Check that the command has no effect.

        Raises:
            AssertionError: something follows.
        """
        assert self._decide() == ()

    def raises(self, code: str) -> RuleBroken:
        """Check that a rule of this code refuses the command; return the refusal.

        Raises:
            AssertionError: it is carried out, or refused for another reason.
        """
        try:
            happened = self._decide()
        except RuleBroken as refused:
            if refused.code == code:
                return refused
            raise AssertionError(f"refused as {refused.code}, expected {code}") from refused
        raise AssertionError(f"not refused; happened: {happened}")

    def _again(self, happened: tuple[Event, ...]) -> Scenario[S]:
        after = Scenario(self.scenario.decider, (*self.scenario.events, *happened))
        repeated = self.scenario.decider.decide(after.state, self.command)
        assert repeated == (), f"a second time yields {repeated}"
        return after


def given(decider: Decider[S], *events: Event) -> Scenario[S]:
    """Start a scenario from what has happened."""
    return Scenario(decider, events)
