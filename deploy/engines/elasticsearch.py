"""Elasticsearch: one node, put together from its jars as a distribution would lay them out."""

import shutil
import signal
import zipfile
from pathlib import Path

import httpx

from deploy.engines.commands import run_tool
from deploy.engines.java import OLDEST, java
from deploy.engines.maven import Arrangement, fetch
from deploy.engines.place import Place
from deploy.engines.process import Launch

RESOURCES = Path(__file__).parent / "resources"
LAUNCHER = RESOURCES / "NodeLauncher.java"
TRANSPORT = "transport-netty4"
MODULES = "jdk.net,jdk.management.agent,ALL-MODULE-PATH"
JDK_MODULES = ("jdk.compiler", "jdk.jdi", "jdk.jlink")  # the node names the last two; small runtimes lack them
NATIVE = "org.elasticsearch.nativeaccess,org.apache.lucene.core"


class Elasticsearch:
    """The node at LIUHEN_ELASTICSEARCH_URL."""

    name = "elasticsearch"
    purposes = ("http", "transport")
    gentle = signal.SIGTERM

    def prepare(self, place: Place, ports: dict[str, int]) -> Launch:
        """Lay out the home once in the cache, and the configuration, data and scratch folders here."""
        home = fetch(place, self.name, Arrangement(_lay_out, (LAUNCHER, Path(__file__))))
        folder = place.folder(self.name)
        for part in ("config", "scratch", "empty", "logs"):
            (folder / part).mkdir(exist_ok=True)
        shutil.copy(RESOURCES / "log4j2.properties", folder / "config")
        jvm = (
            *(str(java(*JDK_MODULES)), "-Xms512m", "-Xmx1g", "-XX:+ExitOnOutOfMemoryError"),
            *("--module-path", f"{home}/lib/server", f"--add-modules={MODULES}"),
            f"--enable-native-access={NATIVE}",
            f"-Des.nativelibs.path={folder}/empty",
            f"-Djava.io.tmpdir={folder}/scratch",
            *("-cp", f"{home}/launcher", "NodeLauncher"),
        )
        settings = (f"{key}={value}" for key, value in _settings(home, folder, ports).items())
        return Launch((*jvm, f"{folder}/config", *settings), cwd=folder)

    def answers(self, port: int) -> bool:
        """Ask for the cluster's health over HTTP: yellow or green."""
        try:
            answer = httpx.get(f"http://127.0.0.1:{port}/_cluster/health", timeout=5, trust_env=False)
        except httpx.TransportError:
            return False
        return answer.status_code == httpx.codes.OK and answer.json()["status"] in {"yellow", "green"}

    def setting(self, port: int) -> tuple[str, str]:
        """Answer the node's address."""
        return "LIUHEN_ELASTICSEARCH_URL", f"http://127.0.0.1:{port}"

    def wipe(self, place: Place) -> None:
        """Delete configuration, data and scratch files."""
        shutil.rmtree(place.folder(self.name))


def _settings(home: Path, folder: Path, ports: dict[str, int]) -> dict[str, object]:
    return {
        "cluster.name": "liuhen",
        "node.name": "liuhen-1",
        "path.home": home,
        "path.data": folder / "data",
        "path.logs": folder / "logs",
        "discovery.type": "single-node",
        "network.host": "127.0.0.1",
        "http.port": ports["http"],
        "transport.port": ports["transport"],
        "cluster.routing.allocation.disk.threshold_enabled": "false",
    }


def _lay_out(home: Path) -> None:
    """Turn a flat folder of jars into lib/server, modules/transport-netty4 and the compiled launcher."""
    server, module, launcher = home / "lib" / "server", home / "modules" / TRANSPORT, home / "launcher"
    for folder in (server, module, launcher):
        folder.mkdir(parents=True)
    for jar in sorted(home.glob("*.jar")):
        belongs = module if jar.name.startswith(("netty-", TRANSPORT)) else server
        jar.rename(belongs / jar.name)
    with zipfile.ZipFile(next(module.glob(f"{TRANSPORT}-*.jar"))) as plugin:
        for file in ("plugin-descriptor.properties", "entitlement-policy.yaml"):
            (module / file).write_bytes(plugin.read(f"META-INF/es-plugins/{TRANSPORT}/{file}"))
    _compile(server, launcher)


def _compile(server: Path, target: Path) -> None:
    classpath = ":".join(str(jar) for jar in sorted(server.glob("*.jar")))
    javac = [str(java(*JDK_MODULES)), "-m", "jdk.compiler/com.sun.tools.javac.Main", "--release", str(OLDEST)]
    command = [*javac, "-proc:none", "-cp", classpath, "-d", str(target), str(LAUNCHER)]
    run_tool(command, "launcher-not-compiled", "Elasticsearch 启动程序编译失败")
