"""A city's processes for Compose, one container each, beside the engines."""

from typing import Any

from deploy.manifests.programs import PORT, VAULT_KEY, Program, every_program, service_urls, stateful
from services.runtime.registry import SERVICES

FIRST_PORT = 8100
CONSOLE_PORT = 8080
ASK_READY = f"import urllib.request as r; r.urlopen('http://127.0.0.1:{PORT}/readyz', timeout=2)"

OTHERS = {
    "PostgreSQL": "postgresql://liuhen@127.0.0.1:5432",
    "Kafka": "127.0.0.1:9092",
    "Elasticsearch": "http://127.0.0.1:9200",
    "Prometheus": "http://127.0.0.1:9090",
    "Grafana": "http://127.0.0.1:3000",
}


def settings() -> dict[str, str]:
    """Return the settings that all processes share."""
    return {
        "LIUHEN_HOST": "0.0.0.0",  # inside a container; only 127.0.0.1 is published  # noqa: S104  # nosec B104
        "LIUHEN_PORT": str(PORT),
        "LIUHEN_DATA_DIR": "/data",
        "LIUHEN_LOG_FORMAT": "json",
        "LIUHEN_LOG_LEVEL": "INFO",
        "LIUHEN_DRAIN_SECONDS": "0",
        "LIUHEN_DATABASE_URL": "postgresql+psycopg://liuhen@postgres:5432/liuhen_{context}",
        "LIUHEN_VAULT_KEY_FILE": VAULT_KEY,
        "LIUHEN_KAFKA_BOOTSTRAP": "kafka:19092",
        "LIUHEN_ELASTICSEARCH_URL": "http://elasticsearch:9200",
        "LIUHEN_SERVICE_URLS": service_urls(),
        "LIUHEN_PUBLIC_URL": f"http://127.0.0.1:{CONSOLE_PORT}",
        "FORWARDED_ALLOW_IPS": "*",
    }


def services() -> dict[str, Any]:
    """Return the containers: the vault's key, the migrations, the processes, the demo for those who ask for it."""
    migrated = {f"{service.name}-migrate": {"condition": "service_completed_successfully"} for service in stateful()}
    made = {"vault-key": _once(["vault-key"], {}, keys="rw")}
    for service in stateful():
        engines = {"postgres": {"condition": "service_healthy"}}
        made[f"{service.name}-migrate"] = _once([service.name, "migrate"], engines)
    made |= {program.name: _process(program) for program in every_program()}
    loading = _once(["demo"], migrated | {"vault-key": {"condition": "service_completed_successfully"}})
    made["demo"] = loading | {"profiles": ["demo"]}
    return made


def addresses() -> dict[str, str]:
    """Return where everything is to be found from this machine."""
    console = f"http://127.0.0.1:{CONSOLE_PORT}"
    apis = {f"{s.title} API": f"http://127.0.0.1:{_port(name)}" for name, s in SERVICES.items() if name != "console"}
    return {"平台": console} | apis | OTHERS


def _process(program: Program) -> dict[str, Any]:
    waits: dict[str, Any] = {}
    if not program.service.stateless:
        waits = {engine: {"condition": "service_healthy"} for engine in program.engines}
        waits[f"{program.service.name}-migrate"] = {"condition": "service_completed_successfully"}
    if program.opens_vault:
        waits["vault-key"] = {"condition": "service_completed_successfully"}
    process = _container(program.command, waits, keys="ro" if program.opens_vault else "")
    process |= {
        "restart": "unless-stopped",
        "stop_grace_period": "60s",
        "healthcheck": {"test": ["CMD", "python", "-c", ASK_READY], "interval": "3s", "retries": 60},
    }
    if program.role == "api":
        process["ports"] = [f"127.0.0.1:{_port(program.service.name)}:{PORT}"]
    return process


def _once(command: list[str], waits: dict[str, Any], keys: str = "ro") -> dict[str, Any]:
    return _container(command, waits, keys) | {"restart": "on-failure"}


def _container(command: list[str], waits: dict[str, Any], keys: str) -> dict[str, Any]:
    container: dict[str, Any] = {
        "image": "liuhen",
        "build": {"context": "..", "dockerfile": "deploy/Dockerfile"},
        "command": command,
        "environment": settings(),
        "read_only": True,
        "tmpfs": ["/tmp"],  # a file system of the container alone  # noqa: S108  # nosec B108
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "volumes": ["data:/data"],
    }
    if keys:
        container["volumes"] = ["data:/data", f"keys:/run/liuhen/vault:{keys}"]
    if waits:
        container["depends_on"] = waits
    return container


def _port(context: str) -> int:
    return CONSOLE_PORT if context == "console" else FIRST_PORT + list(SERVICES).index(context)
