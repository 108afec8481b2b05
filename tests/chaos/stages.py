"""What the rounds are played on: a city of processes on real engines, or the platform of one machine."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Protocol

from shared.settings import Settings
from tests.support.city import City, Process, await_ready, environment_of, started
from tests.support.deployment import deployment, embedded_settings
from tests.support.free_ports import free_port
from tests.support.platform_process import PROGRAM, Office, environment, establish
from tests.support.zygote import Zygote

MEMBERS = 6


class Stage(Protocol):
    """Where processes are killed and started again."""

    settings: Settings
    office: Office
    victims: tuple[str, ...]
    engines: tuple[str, ...]

    def url_of(self) -> Callable[[str], str]:
        """Return where each context answers now."""

    def kill(self, names: list[str]) -> None:
        """SIGKILL these processes, all at once."""

    def start(self, names: list[str]) -> None:
        """Start them again and return once they are ready."""


class CityStage:
    """Every context in its own processes."""

    engines = ("kafka", "elasticsearch", "postgres")

    def __init__(self, settings: Settings, office: Office, running: City) -> None:
        self.settings, self.office, self._city = settings, office, running
        self._names = {f"{context} {role}": (context, role) for context, role in running.processes}
        self.victims = tuple(sorted(self._names))

    def url_of(self) -> Callable[[str], str]:
        return self._city.url

    def kill(self, names: list[str]) -> None:
        for name in names:
            self._city.processes[self._names[name]].popen.kill()
        for name in names:
            self._city.processes[self._names[name]].popen.wait()

    def start(self, names: list[str]) -> None:
        for name in names:
            self._city.start(*self._names[name])
        self._city.await_ready()


class PlatformStage:
    """``liuhen serve`` on one folder: the only process there is, and its engines are within it."""

    victims = ("serve",)
    engines: tuple[str, ...] = ()

    def __init__(self, folder: Path, office: Office, zygote: Zygote, program: tuple[str, ...]) -> None:
        self.settings, self.office = embedded_settings(folder), office
        self._zygote, self._command = zygote, (*program, "serve")
        self._port, self._log = free_port(), folder / "serve.log"
        self._environment = environment(folder) | {"LIUHEN_PORT": str(self._port), "LIUHEN_LOG_LEVEL": "WARNING"}
        self._running: Process | None = None

    def url_of(self) -> Callable[[str], str]:
        return lambda _: f"http://127.0.0.1:{self._port}"

    def kill(self, names: list[str]) -> None:
        if self._running:
            self._running.popen.kill()
            self._running.popen.wait()

    def start(self, names: list[str]) -> None:
        popen = self._zygote.start(self._command, self._environment, self._log)
        self._running = Process("", "serve", self._port, popen)
        await_ready([self._running], lambda _: self._log.read_text("utf-8")[-4000:])


@contextmanager
def city_stage(folder: Path) -> Iterator[CityStage]:
    """Start a city of an office on the engines that run; stop it at the end."""
    with deployment(folder) as settings, closing(Zygote()) as zygote:
        office = establish(settings, members=MEMBERS)
        running = City(folder, environment_of(settings), launch=zygote.start)
        with started(running):
            yield CityStage(settings, office, running)


@contextmanager
def platform_stage(folder: Path, program: tuple[str, ...] = PROGRAM) -> Iterator[PlatformStage]:
    """Start the platform of one machine with an office; kill it at the end."""
    office = establish(embedded_settings(folder), members=MEMBERS)
    with closing(Zygote()) as zygote:
        stage = PlatformStage(folder, office, zygote, program)
        try:
            stage.start([])
            yield stage
        finally:
            stage.kill([])
