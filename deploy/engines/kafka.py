"""Apache Kafka in KRaft mode: one node that is broker and controller."""

import base64
import logging
import shutil
import signal
import uuid
from pathlib import Path

from kafka.admin import KafkaAdminClient  # type: ignore[import-untyped]
from kafka.errors import KafkaError  # type: ignore[import-untyped]

from deploy.engines.commands import run_tool
from deploy.engines.java import java
from deploy.engines.maven import fetch
from deploy.engines.place import Place
from deploy.engines.process import Launch

LOGGING = Path(__file__).parent / "resources" / "log4j2.properties"

# One node keeps one copy; topics are made on purpose and kept for ever, since rebuilds read from the start.
PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=BROKER://127.0.0.1:{client},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=BROKER://127.0.0.1:{client}
listener.security.protocol.map=BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
inter.broker.listener.name=BROKER
log.dirs={data}
auto.create.topics.enable=false
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
log.retention.ms=-1
log.retention.bytes=-1
message.max.bytes=1048588
"""


class Kafka:
    """The broker at LIUHEN_KAFKA_BOOTSTRAP."""

    name = "kafka"
    purposes = ("client", "controller")
    gentle = signal.SIGTERM

    def prepare(self, place: Place, ports: dict[str, int]) -> Launch:
        """Write server.properties and format the log folder once. Raises EngineError(format-failed)."""
        folder = place.folder(self.name)
        home, data, properties = fetch(place, self.name), folder / "data", folder / "server.properties"
        properties.write_text(PROPERTIES.format(data=data, **ports))
        jvm = (str(java()), "-Xmx512m", f"-Dlog4j2.configurationFile={LOGGING}", "-cp", f"{home}/*")
        if not (data / "meta.properties").exists():
            _format(jvm, properties)
        return Launch((*jvm, "kafka.Kafka", str(properties)), cwd=folder)

    def answers(self, port: int) -> bool:
        """Ask for the cluster's metadata: there must be a broker and a controller."""
        logging.getLogger("kafka").setLevel(logging.CRITICAL)  # its complaints while nothing listens yet
        try:
            with KafkaAdminClient(bootstrap_servers=f"127.0.0.1:{port}", bootstrap_timeout_ms=2000) as admin:
                cluster = admin.describe_cluster()
        except (KafkaError, OSError, ValueError):
            return False
        return bool(cluster["brokers"]) and cluster["controller_id"] >= 0

    def setting(self, port: int) -> tuple[str, str]:
        """Answer the bootstrap list."""
        return "LIUHEN_KAFKA_BOOTSTRAP", f"127.0.0.1:{port}"

    def wipe(self, place: Place) -> None:
        """Delete the log folder and the cluster id with it."""
        shutil.rmtree(place.folder(self.name))


def _format(jvm: tuple[str, ...], properties: Path) -> None:
    cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    tool = (*jvm, "kafka.tools.StorageTool", "format", "-c", str(properties), "-t", cluster)
    run_tool(tool, "format-failed", "Kafka 数据目录初始化失败", cwd=properties.parent)
