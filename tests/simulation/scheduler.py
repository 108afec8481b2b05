"""Processes that take turns by a seed: one thread, a virtual clock, and at every point anyone may stop or die.

A process is a greenlet. Whatever it does to the world outside (a statement, a commit, a send) begins with
``point``: there the seed decides whether it goes on, another one goes on, it hangs for long, or it is killed.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from zlib import crc32

from greenlet import getcurrent, greenlet

from tests.support.appends import NOON

TICK = timedelta(milliseconds=20)
"""How far the clock moves at each point."""

GOES_ON = 0.55
HANGS = 0.006
LONGEST_HANG = 900


class Killed(BaseException):
    """The process ends here: nothing after it runs, as with SIGKILL."""


class Stuck(AssertionError):
    """Everyone waits for someone else, or the world does not come to rest."""


@dataclass(eq=False)
class Process:
    """One process of the world. ``begin`` makes it anew and returns its step; ``skew`` is its clock's error."""

    name: str
    begin: Callable[[], Callable[[], object]]
    mortal: bool
    skew: timedelta
    ended: Callable[[], None] = lambda: None
    step: Callable[[], object] | None = None
    thread: greenlet | None = None
    wakes_at: int = 0
    waits_for: "Lock | None" = None
    kills: int = 0


@dataclass(eq=False)
class Lock:
    """A lock between processes; the death of its holder lets go of it."""

    scheduler: "Scheduler"
    holder: object | None = None

    def is_mine(self) -> bool:
        """Tell whether the running process holds it."""
        return self.holder is not None and self.holder is (self.scheduler.running or self)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Wait for the lock and hold it."""
        self.scheduler.wait_for(self)
        self.holder = self.scheduler.running or self
        try:
            yield
        finally:
            self.holder = None


@dataclass
class Scheduler:
    """Who goes on, who dies, what time it is: all from one seed."""

    random: Random
    deadly: float = 0.0
    """How likely a process that is about to go on is killed instead."""

    tick: int = 0
    running: Process | None = None
    winding_down: bool = False
    processes: list[Process] = field(default_factory=list)
    trace: list[str] = field(default_factory=list)
    history: int = 0
    """A checksum over every decision: two runs of a seed agree in it, or they were not the same."""

    def clock(self) -> datetime:
        """Return the moment as the running process's clock shows it."""
        skew = self.running.skew if self.running else timedelta()
        return NOON + self.tick * TICK + skew

    def monotonic(self) -> float:
        """Return seconds."""
        return self.tick * TICK.total_seconds()

    def note(self, what: str) -> None:
        """Write a line into the story of the run."""
        self.trace.append(f"{self.tick:6d} {self.running.name if self.running else '-'}: {what}")

    def chance(self, likelihood: float) -> bool:
        """Throw the dice; outside of any process nothing is left to chance."""
        return self.running is not None and not self.winding_down and self.random.random() < likelihood

    def point(self) -> None:
        """Let the seed decide who goes on; outside of any process it is always the caller."""
        self.tick += 1
        if self.running is not None and self.random.random() >= GOES_ON:
            self._yield()

    def pause(self, ticks: int) -> None:
        """Let others go on for so long."""
        if self.running is not None:
            self.running.wakes_at = self.tick + ticks
            self._yield()

    def wait_for(self, lock: Lock) -> None:
        """Return once nobody holds the lock."""
        while lock.holder is not None:
            if self.running is None:
                raise Stuck("a lock is held by nobody who lives")
            self.running.waits_for = lock
            self._yield()

    def spawn(
        self,
        name: str,
        begin: Callable[[], Callable[[], object]],
        *,
        mortal: bool = True,
        ended: Callable[[], None] = lambda: None,
    ) -> Process:
        """Add a process, run by ``run``; ``ended`` is called when it is killed."""
        skew = timedelta(milliseconds=self.random.randrange(-400, 400))
        process = Process(name, begin, mortal, skew, ended)
        process.thread = greenlet(lambda: self._live(process))
        self.processes.append(process)
        return process

    def run(self, ticks: int) -> None:
        """Let the processes go on for so many ticks."""
        until = self.tick + ticks
        while self.tick < until:
            self._turn()

    def wind_down(self) -> None:
        """No more harm: let everyone finish the step they are in."""
        self.winding_down = True
        until = self.tick + 100_000
        for process in self.processes:
            process.wakes_at = 0
        while any(p.thread is not None for p in self.processes):
            self._turn()
            if self.tick > until:
                raise Stuck(f"{[p.name for p in self.processes if p.thread is not None]} do not end")

    def kill_all(self) -> None:
        """The machine stops: every process dies at the point where it is."""
        for process in self.processes:
            if process.thread is not None and process.mortal and process.step:
                self._resume(process, kill=True)

    def _turn(self) -> None:
        process = self._next()
        if not self.winding_down and self.random.random() < HANGS:
            process.wakes_at = self.tick + self.random.randrange(1, LONGEST_HANG)
            return
        kill = bool(process.mortal and process.step) and self.chance_of_death()
        self._resume(process, kill=kill)

    def chance_of_death(self) -> bool:
        """Throw the dice for the process that is about to go on."""
        return not self.winding_down and self.random.random() < self.deadly

    def _next(self) -> Process:
        free = [
            p for p in self.processes if p.thread is not None and (p.waits_for is None or p.waits_for.holder is None)
        ]
        if not free:
            raise Stuck(f"{[p.name for p in self.processes if p.thread is not None]} wait for one another")
        self.tick = max(self.tick, min([p.wakes_at for p in free]))
        ready = [p for p in free if p.wakes_at <= self.tick]
        return self.random.choice(ready) if len(ready) > 1 else ready[0]

    def _resume(self, process: Process, *, kill: bool) -> None:
        self.history = crc32(f"{self.tick} {process.name} {kill}".encode(), self.history)
        assert process.thread is not None
        self.running, process.waits_for = process, None
        try:
            if kill:
                process.thread.throw(Killed)
            else:
                process.thread.switch()
        finally:
            self.running = None
        if process.thread.dead:
            process.thread = None

    def _yield(self) -> None:
        parent = getcurrent().parent
        assert parent is not None
        parent.switch()

    def _live(self, process: Process) -> None:
        while process.step is None or not self.winding_down:
            try:
                if process.step is None:
                    process.step = process.begin()
                while not self.winding_down:
                    busy = process.step()
                    self.pause(self.random.randrange(10 if busy else 120))
            except Killed:
                process.step = None
                process.kills += 1
                self.note("killed")
                process.ended()
                self.pause(self.random.randrange(60))
