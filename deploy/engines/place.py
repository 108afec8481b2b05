"""Where the engines keep things, and the ports they were told to use."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Place:
    """``data`` holds what runs (one folder an engine, ``logs``, ``env``); ``cache`` what was downloaded.

    ``fixed_ports`` maps an engine's name to the port it must use; the others find a free one.
    """

    data: Path
    cache: Path
    fixed_ports: dict[str, int]

    def folder(self, name: str) -> Path:
        """Answer the engine's own folder, made if absent."""
        folder = self.data / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def log(self, name: str) -> Path:
        """Answer the engine's log file; its folder exists."""
        return self.folder("logs") / f"{name}.log"

    @property
    def settings(self) -> Path:
        """The file of ``export`` lines for the engines that run."""
        return self.data / "env"


def place_from_environment(data: Path | None = None) -> Place:
    """Read LIUHEN_ENGINES_DIR, XDG_CACHE_HOME and LIUHEN_{KAFKA,ELASTICSEARCH,POSTGRES}_PORT."""
    told = data or Path(os.environ.get("LIUHEN_ENGINES_DIR") or REPOSITORY / "build" / "engines")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "liuhen"
    ports = {
        name: int(value)
        for name in ("kafka", "elasticsearch", "postgres")
        if (value := os.environ.get(f"LIUHEN_{name.upper()}_PORT"))
    }
    return Place(data=told.resolve(), cache=cache.resolve(), fixed_ports=ports)


@contextmanager
def exclusive(lock: Path) -> Iterator[None]:
    """Hold a lock file, so that two starters or two downloads do not meet."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
