"""What the supervisor needs to know of each engine, so that it treats all three alike."""

import signal
from typing import Protocol

from deploy.engines.place import Place
from deploy.engines.process import Launch


class Engine(Protocol):
    """One engine: how to install, start, ask and name it. ``purposes[0]`` is the port that clients use."""

    @property
    def name(self) -> str:
        """The name on the command line and of its folder."""
        ...

    @property
    def purposes(self) -> tuple[str, ...]:
        """The ports it needs, the clients' first."""
        ...

    @property
    def gentle(self) -> signal.Signals:
        """The signal that asks it to close in order."""
        ...

    def prepare(self, place: Place, ports: dict[str, int]) -> Launch:
        """Download what is absent, write its configuration, make its data folder; answer what to run."""
        ...

    def answers(self, port: int) -> bool:
        """Say whether a real client gets a real answer now."""
        ...

    def setting(self, port: int) -> tuple[str, str]:
        """Answer the environment variable that tells the application where the engine is, and its value."""
        ...

    def wipe(self, place: Place) -> None:
        """Delete its data; the engine is down."""
        ...
