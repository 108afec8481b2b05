"""A whole city on this machine: every context in its own processes, on the real engines."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import httpx

from services.runtime.registry import SERVICES
from services.runtime.roles import processes_of
from shared.settings import Settings
from tests.support.free_ports import free_port
from tests.support.platform_process import PROGRAM, command

ROLES = {service.name: processes_of(service) for service in SERVICES.values()}
STATEFUL = tuple(service.name for service in SERVICES.values() if not service.stateless)
CHORES = [("demo",), ("vault-key",), *((context, chore) for context in STATEFUL for chore in ("migrate", "check"))]
"""What is run to its end beside them."""

START_SECONDS = 1200
RUN_SECONDS = 300
_OF_A_CITY = {
    "data_dir",
    "database_url",
    "drain_seconds",
    "elasticsearch_url",
    "host",
    "index_prefix",
    "index_replicas",
    "index_shards",
    "kafka_bootstrap",
    "kafka_replication",
    "kafka_security",
    "ordinal",
    "replicas",
    "secure_cookies",
    "topic_prefix",
    "vault_key_file",
}
METRICS_TOKEN = "shown-by-prometheus"
_OF_A_PROCESS = {"log_format", "log_level", "metrics_token", "port", "public_url", "service_urls"}


class Running(Protocol):
    """A process that was started, as ``subprocess.Popen`` has it."""

    def poll(self) -> int | None:
        """Return its code once it has ended."""

    def wait(self, timeout: float | None = None) -> int:
        """Return its code once it has ended; raise ``subprocess.TimeoutExpired``."""

    def terminate(self) -> None:
        """SIGTERM."""

    def kill(self) -> None:
        """SIGKILL."""


Launch = Callable[[Sequence[str], Mapping[str, str], Path], Running]
"""Starts ``[module, argument, …]`` in an environment; what it prints is added to the file."""


def launch(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Running:
    """Start a Python of its own, as a deployment does."""
    with log.open("ab") as output:
        return subprocess.Popen([sys.executable, "-m", *command], env=environment, stdout=output, stderr=output)


@dataclass
class Process:
    """One running ``liuhen <context> <role>``."""

    context: str
    role: str
    port: int
    popen: Running

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", timeout=2).status_code == 200
        except httpx.TransportError:
            return False


@dataclass
class City:
    """The processes of a city and how to start, kill and reach them."""

    folder: Path
    environment: dict[str, str]
    processes: dict[tuple[str, str], Process] = field(default_factory=dict)
    ports: dict[tuple[str, str], int] = field(default_factory=dict)
    launch: Launch = launch

    def url(self, context: str) -> str:
        return self.processes[context, "api"].url

    def run(self, *arguments: str) -> None:
        """Run a command to its end."""
        self.run_all([arguments])

    def run_all(self, commands: Sequence[tuple[str, ...]]) -> None:
        """Run commands at once, each to its end."""
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        begun = [subprocess.Popen(command(*each), env=self.environment, **pipes) for each in commands]
        said = [process.communicate(timeout=RUN_SECONDS)[0] for process in begun]
        assert [process.returncode for process in begun] == [0] * len(begun), "".join(said)

    def start(self, context: str, role: str) -> Process:
        port = self.ports.setdefault((context, role), free_port())
        log = self.folder / f"{context}-{role}.log"
        environment = self.environment | {"LIUHEN_PORT": str(port), "LIUHEN_SERVICE_URLS": self._service_urls()}
        environment["LIUHEN_PUBLIC_URL"] = f"http://127.0.0.1:{self.ports['console', 'api']}"
        popen = self.launch((*PROGRAM, context, role), environment, log)
        process = self.processes[context, role] = Process(context, role, port, popen)
        return process

    def await_ready(self) -> None:
        await_ready(self.processes.values(), self.log_of)

    def log_of(self, process: Process) -> str:
        return (self.folder / f"{process.context}-{process.role}.log").read_text("utf-8")[-4000:]

    def stop(self) -> None:
        for process in self.processes.values():
            process.popen.terminate()
        for process in self.processes.values():
            try:
                process.popen.wait(40)
            except subprocess.TimeoutExpired:
                process.popen.kill()
                process.popen.wait(10)

    def _service_urls(self) -> str:
        for context in ROLES:
            self.ports.setdefault((context, "api"), free_port())
        return json.dumps({c: f"http://127.0.0.1:{self.ports[c, 'api']}" for c in ROLES})


def await_ready(processes: Iterable[Process], log_of: Callable[[Process], str]) -> None:
    """Wait until each says that it is; none may end meanwhile."""
    deadline = time.monotonic() + START_SECONDS
    for process in processes:
        while not process.ready():
            assert process.popen.poll() is None, log_of(process)
            assert time.monotonic() < deadline, f"not ready: {log_of(process)}"
            _pause()


def _pause() -> None:
    """Give a starting process the processor; readiness is asked again at once after it."""
    os.sched_yield()
    subprocess.run(["/bin/true"], check=True)


def named_settings() -> list[str]:
    """Return the variables that a city's processes are started with."""
    return [f"LIUHEN_{name.upper()}" for name in sorted(_OF_A_CITY | _OF_A_PROCESS)]


@contextmanager
def city(settings: Settings) -> Iterator[City]:
    """Migrate, load the demo, start every process, stop them at the end."""
    running = City(settings.data_dir, environment_of(settings))
    running.run("vault-key")
    running.run_all([(context, "migrate") for context in STATEFUL])
    running.run("demo")
    with started(running):
        yield running


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the environment of a city's processes, but for what each has for itself."""
    named = settings.model_dump(mode="json", include=_OF_A_CITY)
    environment = os.environ | {f"LIUHEN_{name.upper()}": str(value) for name, value in named.items()}
    return environment | {
        "LIUHEN_LOG_FORMAT": "json",
        "LIUHEN_LOG_LEVEL": "WARNING",
        "LIUHEN_METRICS_TOKEN": METRICS_TOKEN,
    }


@contextmanager
def started(running: City) -> Iterator[None]:
    """Start every process of a city whose databases are made, stop them at the end."""
    try:
        for context, roles in ROLES.items():
            for role in roles:
                running.start(context, role)
        running.await_ready()
        yield
    finally:
        running.stop()
