"""The rounds: something is ended under load and started again, drawn by a seed, and then all is compared."""

import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

from services.runtime.assembly import Assembly
from tests.chaos.history import History, behind, heads
from tests.chaos.stages import Stage
from tests.support.appends import InBackground
from tests.support.clerks import Clerks, NotHeld
from tests.support.engines import command_engine

CLERKS = 3
PAUSE_SECONDS = 0.05
KINDS = ("record", "record", "record", "change", "change", "change", "study", "write")
AT_ONCE = 3
"""How many processes one round kills at most."""

ENGINE_EVERY = 5
"""Each fifth round ends an engine instead."""

CHECK_EVERY = 5
"""How many rounds lie between two comparisons; the first and the last are compared in any case."""

REST_SECONDS = 600.0
LOOK_SECONDS = 0.2
OWN_PAGES = 3


@dataclass(frozen=True)
class Round:
    """What one round does: the same for the same seed and number, whatever was played before."""

    number: int
    victims: tuple[str, ...] = ()
    engine: str = ""
    how: str = "kill"
    before: int = 0
    """Acknowledged commands to wait for before the kill."""
    moment: float = 0.0
    """Seconds after the last of them: to die within a command, not at its answer."""

    def __str__(self) -> str:
        return f"{self.how} {self.engine}" if self.engine else f"kill {', '.join(self.victims)}"


def drawn(seed: str, number: int, stage: Stage) -> Round:
    """Return a round of a seed."""
    draw = random.Random(f"{seed}/{number}")
    moment, before = draw.uniform(0, 0.3), draw.randint(1, 12)
    if stage.engines and number % ENGINE_EVERY == 0:
        turn = number // ENGINE_EVERY - 1
        engine = stage.engines[turn % len(stage.engines)]
        how = ("kill", "stop")[turn // len(stage.engines) % 2]
        return Round(number, engine=engine, how=how, before=before, moment=moment)
    few = draw.randint(1, min(AT_ONCE, len(stage.victims)))
    return Round(number, tuple(sorted(draw.sample(stage.victims, few))), before=before, moment=moment)


@dataclass
class Play:
    """A stage, its clerks at work, and what is known of its history."""

    stage: Stage
    seed: str
    say: Callable[[str], None] = sys.stdout.write
    rest_seconds: float = REST_SECONDS
    clerks: Clerks = field(init=False)
    history: History = field(init=False)

    def __post_init__(self) -> None:
        self.clerks = Clerks(self.stage.office, self.seed, PAUSE_SECONDS, KINDS)
        self.history = History(self.clerks)

    def rounds(self, first: int, count: int) -> None:
        """Play so many rounds.

        Raises:
            NotHeld: at the first comparison that does not hold; the seed and the rounds since the last are told.
        """
        self.clerks.turn_to(self.stage.url_of())
        with self._at_work():
            for number in range(first, first + count):
                self._one(drawn(self.seed, number, self.stage))
                if number == first or number % CHECK_EVERY == 0:
                    self.compare()
            self.clerks.end()
            self.compare()

    def compare(self) -> None:
        """Let everything come to rest and compare it; raise ``NotHeld`` with what does not hold."""
        began = time.monotonic()
        with self.clerks.at_rest(), closing(Assembly(self.stage.settings)) as assembly:
            _await_rest(assembly, self.rest_seconds)
            rested = time.monotonic() - began
            broken = self.history.broken(assembly)
        took = time.monotonic() - began
        if broken:
            raise NotHeld("\n".join(broken[:20]))
        promised = len(self.clerks.promises)
        self.say(f"  = {promised} promises, {self.history.events} events: all holds ({rested:.1f} s, {took:.1f} s)\n")

    def _one(self, round_: Round) -> None:
        began = time.monotonic()
        self.clerks.await_answers(round_.before)
        threading.Event().wait(round_.moment)
        if round_.engine:
            self._without(round_)
        else:
            self.stage.kill(list(round_.victims))
            self.stage.start(list(round_.victims))
        self.say(f"round {round_.number} of seed {self.seed}: {round_} ({time.monotonic() - began:.1f} s)\n")

    def _without(self, round_: Round) -> None:
        """Commands go on and own pages are fresh while topics or the index are away."""
        command_engine(round_.how, round_.engine)
        try:
            if round_.engine != "postgres":
                self.clerks.await_answers(round_.before)
                late = [wrong for _ in range(OWN_PAGES) if (wrong := self.clerks.record_and_look())]
                if late:
                    raise NotHeld(f"own pages without {round_.engine}: {late}")
        finally:
            command_engine("start", round_.engine)

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        with InBackground(*[self.clerks.work] * CLERKS):
            try:
                yield
            finally:
                self.clerks.end()


def _await_rest(assembly: Assembly, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while True:
        before, left = heads(assembly), list(behind(assembly))
        if not left and heads(assembly) == before:
            return
        if time.monotonic() > deadline:
            raise NotHeld("never at rest: " + "; ".join(left))
        threading.Event().wait(LOOK_SECONDS)
