"""Every process of a city, and what each of them needs."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from services.runtime.registry import SERVICES
from services.runtime.roles import processes_of
from shared.service import Service

PORT = 8000
USER = 10001
"""The number under which every process runs in its container; no name stands behind it."""

VAULT_KEY = "/run/liuhen/vault/key"
KAFKA_CA = "/run/liuhen/kafka/ca.crt"
ELASTICSEARCH_CA = "/run/liuhen/elasticsearch/ca.crt"

SHARED_OUT = frozenset({"project", "react"})
"""Take a share of the partitions each, by their ordinal."""

ALONE = frozenset({"index"})
"""Of these only one may run."""


@dataclass(frozen=True, slots=True)
class Program:
    """One ``liuhen <context> <role>`` and what it reaches."""

    service: Service
    role: str

    @property
    def name(self) -> str:
        """Return what it is called everywhere: ``organization-relay``."""
        return f"{self.service.name}-{self.role}"

    @property
    def command(self) -> list[str]:
        """Return the arguments of ``liuhen``."""
        return [self.service.name, self.role]

    @property
    def stateful_set(self) -> bool:
        """Tell whether it has an ordinal or may not run twice."""
        return self.role in SHARED_OUT | ALONE

    @property
    def opens_vault(self) -> bool:
        """Tell whether it reads or writes plain values (docs/ARCHITECTURE.md, "Who holds keys")."""
        return self.service.opens and self.role in {"api", "project", "react", "index", "check"}

    @property
    def engines(self) -> list[str]:
        """Return which engines it speaks to."""
        if self.service.stateless:
            return []
        reached = ["postgres"]
        reached += ["kafka"] if self.role in {"relay", "project", "react", "check"} else []
        reached += ["elasticsearch"] if self.service.name == "search" and self.role in {"api", "index", "check"} else []
        return reached


def programs(service: Service) -> list[Program]:
    """Return a service's processes."""
    return [Program(service, role) for role in processes_of(service)]


def every_program() -> Iterator[Program]:
    """Yield the city's processes."""
    for service in SERVICES.values():
        yield from programs(service)


def stateful() -> list[Service]:
    """Return the services that have a database."""
    return [service for service in SERVICES.values() if not service.stateless]


def topics() -> list[str]:
    """Return the topics that events are published to."""
    return [service.topic for service in SERVICES.values() if service.deciders]


def service_urls() -> str:
    """Return where each context's API is, as the setting says it."""
    return json.dumps({name: f"http://{name}-api:{PORT}" for name in SERVICES}, separators=(",", ":"))
