"""The command line: ``python -m deploy.engines start|stop|kill|restart|reset|status|env|run``."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from deploy.engines import supervisor
from deploy.engines.engine import Engine
from deploy.engines.errors import EngineError
from deploy.engines.place import REPOSITORY, Place, place_from_environment

app = typer.Typer(
    add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help="不用容器运行三个引擎"
)
Names = Annotated[list[str] | None, typer.Argument(help="kafka、elasticsearch、postgres；不写则为全部")]


@app.command()
def start(names: Names = None) -> None:
    """启动并等待应答；已在运行的沿用。"""
    place = place_from_environment()
    for started in supervisor.start(place, _chosen(names)):
        how = "已在运行" if started.reused else f"{started.seconds:.1f} 秒后应答"
        typer.echo(f"{started.name} 127.0.0.1:{started.port} {how}", err=True)
    typer.echo(supervisor.exports(place), nl=False)


@app.command()
def stop(names: Names = None) -> None:
    """正常停止，数据保留。"""
    _end(place_from_environment(), _chosen(names), None)


@app.command()
def kill(names: Names = None) -> None:
    """强行终止（SIGKILL），用于故障测试。"""
    _end(place_from_environment(), _chosen(names), signal.SIGKILL)


@app.command()
def restart(names: Names = None) -> None:
    """停止后重新启动，端口和数据不变。"""
    stop(names)
    start(names)


@app.command()
def reset(names: Names = None) -> None:
    """停止并删除数据；日志和已下载的文件保留。"""
    place = place_from_environment()
    for engine in _chosen(names):
        supervisor.wipe(place, engine)


@app.command()
def status() -> None:
    """列出各引擎是否在运行、是否应答。"""
    place = place_from_environment()
    for engine in supervisor.ENGINES.values():
        running = supervisor.running(place, engine)
        if running is None:
            typer.echo(f"{engine.name} 已停止")
            continue
        port = supervisor.port(place, engine)
        state = "应答正常" if engine.answers(port) else "没有应答"
        typer.echo(f"{engine.name} 127.0.0.1:{port} pid={running.pid} {state}")


@app.command()
def env() -> None:
    """输出正在运行的引擎的 export 行。"""
    typer.echo(supervisor.exports(place_from_environment()), nl=False)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def run(context: typer.Context) -> None:
    """用全新的引擎运行一条命令（写在 -- 之后），结束后一律停止并删除数据；失败时保留日志。"""
    runs = REPOSITORY / "build" / "engines-runs"
    runs.mkdir(parents=True, exist_ok=True)
    place = place_from_environment(Path(tempfile.mkdtemp(dir=runs)))
    place.data.chmod(0o755)  # the database's account must be able to walk in
    signal.signal(signal.SIGTERM, _interrupted)
    code = 1
    try:
        code = _run(place, context.args)
    finally:
        for engine in supervisor.ENGINES.values():
            supervisor.wipe(place, engine)
        if code == 0:
            shutil.rmtree(place.data)
        else:
            typer.echo(f"引擎日志：{place.data / 'logs'}", err=True)
    raise typer.Exit(code)


def _run(place: Place, command: list[str]) -> int:
    for started in supervisor.start(place, supervisor.ENGINES.values()):
        typer.echo(f"{started.name} 127.0.0.1:{started.port} {started.seconds:.1f} 秒后应答", err=True)
    settings = supervisor.settings(place) | {"LIUHEN_ENGINES_DIR": str(place.data)}
    ended = subprocess.run(command, check=False, env=os.environ | settings)  # noqa: S603 — the caller's own
    return ended.returncode


def _interrupted(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _end(place: Place, engines: Iterable[Engine], how: signal.Signals | None) -> None:
    for engine in engines:
        was = supervisor.end(place, engine, how)
        typer.echo(f"{engine.name} {'已停止' if was else '本来就没有运行'}", err=True)


def _chosen(names: list[str] | None) -> list[Engine]:
    unknown = set(names or ()) - set(supervisor.ENGINES)
    if unknown:
        raise EngineError("unknown-engine", f"没有这个引擎：{'、'.join(sorted(unknown))}")
    return [engine for name, engine in supervisor.ENGINES.items() if not names or name in names]


if __name__ == "__main__":
    try:
        app()
    except EngineError as error:
        typer.echo(f"{error}（{error.code}）", err=True)
        sys.exit(1)
