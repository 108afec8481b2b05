"""Starts, ends and asks engines; the same for all three."""

import shlex
import signal
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from deploy.engines import ports, process
from deploy.engines.elasticsearch import Elasticsearch
from deploy.engines.engine import Engine
from deploy.engines.errors import EngineError
from deploy.engines.kafka import Kafka
from deploy.engines.place import Place, exclusive
from deploy.engines.postgres import Postgres

ENGINES: dict[str, Engine] = {engine.name: engine for engine in (Kafka(), Elasticsearch(), Postgres())}
READY_SECONDS = 180.0  # from the launch; a first download takes the time it takes
GENTLE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Started:
    """An engine that answered; ``seconds`` from the call to the answer, ``reused`` if it ran already."""

    name: str
    port: int
    seconds: float
    reused: bool


def start(place: Place, engines: Iterable[Engine]) -> list[Started]:
    """Start the engines together and wait until each answers; those that run are left as they are.

    Raises EngineError: engine-died, engine-silent, and what fetching and configuring raise.
    """
    chosen = list(engines)
    with ThreadPoolExecutor(max_workers=len(chosen)) as pool:
        started = list(pool.map(lambda engine: _start(place, engine), chosen))
    write_settings(place)
    return started


def end(place: Place, engine: Engine, how: signal.Signals | None = None) -> bool:
    """End the engine: in order by default, at once with SIGKILL; say whether it had been running.

    Raises EngineError(engine-will-not-stop) when even SIGKILL leaves something behind.
    """
    with exclusive(_lock(place, engine)):
        running = process.find(_record(place, engine))
        if running is not None:
            gone = how is not signal.SIGKILL and process.end(running, how or engine.gentle, GENTLE_SECONDS)
            if not gone and not process.end(running, signal.SIGKILL, GENTLE_SECONDS):
                raise EngineError("engine-will-not-stop", f"{engine.name} 无法停止（pid {running.pid}）")
        _record(place, engine).unlink(missing_ok=True)
    write_settings(place)
    return running is not None


def wipe(place: Place, engine: Engine) -> None:
    """End the engine and delete its data; its log and the downloads stay."""
    end(place, engine, signal.SIGKILL)
    engine.wipe(place)


def running(place: Place, engine: Engine) -> process.Running | None:
    """Answer the engine's process if it lives."""
    return process.find(_record(place, engine))


def port(place: Place, engine: Engine) -> int:
    """Answer the port that clients use; the engine has been started before."""
    return ports.recorded(place.folder(engine.name))[engine.purposes[0]]


def settings(place: Place) -> dict[str, str]:
    """Answer the environment variables of the engines that run."""
    return dict(e.setting(port(place, e)) for e in ENGINES.values() if running(place, e))


def exports(place: Place) -> str:
    """Answer the settings as lines for a shell."""
    return "".join(f"export {key}={shlex.quote(value)}\n" for key, value in settings(place).items())


def write_settings(place: Place) -> None:
    """Write the settings of what runs now into the data folder."""
    place.data.mkdir(parents=True, exist_ok=True)
    place.settings.write_text(exports(place))


def _start(place: Place, engine: Engine) -> Started:
    began = time.monotonic()
    with exclusive(_lock(place, engine)):
        found = running(place, engine)
        process_now = found or _launch(place, engine)
    _wait(place, engine, process_now)
    return Started(engine.name, port(place, engine), time.monotonic() - began, reused=found is not None)


def _launch(place: Place, engine: Engine) -> process.Running:
    folder = place.folder(engine.name)
    fixed = dict.fromkeys(engine.purposes) | {engine.purposes[0]: place.fixed_ports.get(engine.name)}
    what = engine.prepare(place, ports.settle(folder, fixed))
    return process.launch(what, place.log(engine.name), _record(place, engine))


def _wait(place: Place, engine: Engine, started: process.Running) -> None:
    log = place.log(engine.name)
    deadline = time.monotonic() + READY_SECONDS
    while not engine.answers(port(place, engine)):
        if not process.alive(started):
            raise EngineError("engine-died", f"{engine.name} 启动后退出，日志 {log}：\n{_tail(log)}")
        if time.monotonic() > deadline:
            raise EngineError("engine-silent", f"{engine.name} 未在 {READY_SECONDS:.0f} 秒内应答，日志 {log}")
        time.sleep(0.1)


def _tail(log: Path, lines: int = 15) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def _record(place: Place, engine: Engine) -> Path:
    return place.data / f"{engine.name}.process"


def _lock(place: Place, engine: Engine) -> Path:
    return place.data / f"{engine.name}.lock"
