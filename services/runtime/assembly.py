"""A process's adapters, chosen by its settings and made once each: databases, vault, broker, index."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import fields
from functools import cached_property
from typing import Any, Protocol, TypeVar

from services.access.principals import AccessPrincipals
from services.runtime.registry import SERVICES
from shared.application.commands import CommandHandler
from shared.blobs.database import DatabaseShelf
from shared.blobs.folder import FolderShelf
from shared.blobs.port import BlobStore
from shared.blobs.store import SealedBlobs
from shared.clock import Clock, system_clock
from shared.database import make_database
from shared.eventstore.codec import Codec
from shared.eventstore.migrate import migrate
from shared.eventstore.port import EventStore
from shared.eventstore.postgres import PostgresStore
from shared.eventstore.sealing import SealingCodec
from shared.eventstore.sequencer import PostgresSequencer
from shared.eventstore.sqlite import SqliteStore
from shared.http.client import Services
from shared.messaging.bus import SqliteBus
from shared.messaging.kafka import KafkaBroker
from shared.messaging.kafka_client import access_of
from shared.messaging.port import Broker
from shared.messaging.prefixed import PrefixedBroker
from shared.projection.family_elasticsearch import ElasticsearchFamily
from shared.projection.family_tantivy import TantivyFamily
from shared.projection.projection import Projection
from shared.projection.slots import SlotSpace
from shared.projection.slots_postgres import PostgresSlots
from shared.projection.slots_sqlite import SqliteSlots
from shared.relay.cursor import Cursor, CursorStore
from shared.relay.relay import Relay
from shared.search.port import IndexFamily
from shared.service import Reader, Runtime, Service
from shared.settings import Settings
from shared.vault.master import master_key
from shared.vault.port import Vault
from shared.vault.sql import SqlVault


class Closable(Protocol):
    """What is closed at the end of the process."""

    def close(self) -> None:
        """Release what is held."""


C = TypeVar("C", bound=Closable)
CURSOR_SUBJECT = "stream:search-cursors"


class AssembledRuntime(Runtime):
    """A runtime that opens a database or the vault only when a route first asks for it.

    The console thus runs without either; the audit service opens no vault, and holds no key.
    """

    def __init__(self, assembly: "Assembly", service: Service, extras: Mapping[str, Any]) -> None:
        given = {"_assembly": assembly, "service": service, "extras": extras}
        given |= {"settings": assembly.settings, "clock": assembly.clock}
        for name, value in given.items():
            object.__setattr__(self, name, value)

    _assembly: "Assembly"

    @property
    def store(self) -> EventStore:
        """Return the service's event store."""
        return self._assembly.store(self.service.name)

    @property
    def codec(self) -> Codec:
        """Return the codec that seals and opens."""
        return self._assembly.codec

    @property
    def commands(self) -> CommandHandler:
        """Return the command handler over the service's store."""
        return CommandHandler(self.store, self.codec)

    @property
    def reader(self) -> Reader:
        """Return the way to the service's ledgers."""
        return self._assembly.projection(self.service).reader

    @property
    def blobs(self) -> BlobStore:
        """Return the files."""
        return self._assembly.blobs

    @property
    def vault(self) -> Vault:
        """Return the vault."""
        return self._assembly.vault


class Assembly:
    """Makes what a process needs, no more, and closes it in the opposite order."""

    def __init__(self, settings: Settings, clock: Clock = system_clock) -> None:
        self.settings, self.clock = settings, clock
        self._closing = ExitStack()
        self._stores: dict[str, EventStore] = {}
        self._projections: dict[str, Projection] = {}
        self._runtimes: dict[str, Runtime] = {}
        if settings.embedded:
            settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)

    def migrate(self, service: Service) -> None:
        """Bring a service's database, and those beside it, to this program's schema; safe to repeat."""
        if service.stateless:
            return
        seconds = self.settings.transaction_timeout_seconds
        migrate(self.settings.context_url(service.name), transaction_timeout_seconds=seconds)
        for beside in (self.settings.resolved_vault_url, self.settings.context_url("blobs")):
            make_database(beside)

    @cached_property
    def vault(self) -> SqlVault:
        """Return the vault; its master key's file is made only for an embedded process."""
        key = master_key(self.settings.resolved_vault_key_file, create=self.settings.embedded)
        return self.kept(SqlVault(self.settings.resolved_vault_url, key))

    @cached_property
    def codec(self) -> SealingCodec:
        """Return the codec that seals and opens."""
        return SealingCodec(self.vault, self.clock)

    @cached_property
    def blobs(self) -> SealedBlobs:
        """Return the files: a folder, or a table of the vault's neighbour in a city."""
        if self.settings.embedded:
            return SealedBlobs(FolderShelf(self.settings.data_dir / "blobs"), self.vault)
        return self.kept(SealedBlobs(DatabaseShelf(self.settings.context_url("blobs")), self.vault))

    @cached_property
    def broker(self) -> Broker:
        """Return Kafka, or the durable in-process bus."""
        if self.settings.kafka_bootstrap:
            kafka = KafkaBroker(
                self.settings.kafka_bootstrap, self.settings.kafka_replication, access=access_of(self.settings)
            )
            return self.kept(PrefixedBroker(kafka, self.settings.topic_prefix))
        return self.kept(SqliteBus(self.settings.data_dir / "bus.db"))

    @cached_property
    def index(self) -> IndexFamily:
        """Return Elasticsearch, or the embedded index."""
        key = self.vault.ensure(CURSOR_SUBJECT).seed
        if self.settings.elasticsearch_url:
            family = ElasticsearchFamily(
                self.settings.elasticsearch_url,
                f"{self.settings.index_prefix}-documents",
                key,
                shards=self.settings.index_shards,
                replicas=self.settings.index_replicas,
                ca_file=self.settings.elasticsearch_ca_file,
            )
            return self.kept(family)
        return self.kept(TantivyFamily(self.settings.data_dir / "index", key))

    @cached_property
    def services(self) -> Services:
        """Return the way to other contexts' APIs."""
        return Services(self.settings.service_urls)

    @cached_property
    def access_principals(self) -> AccessPrincipals:
        """Return who bearer tokens belong to, asked of the access service's own store."""
        return self.kept(AccessPrincipals(self.runtime(SERVICES["access"])))

    def store(self, context: str) -> EventStore:
        """Return a context's event store."""
        if context not in self._stores:
            kind: type[SqliteStore | PostgresStore] = SqliteStore if self.settings.embedded else PostgresStore
            self._stores[context] = self.kept(kind(self.settings.context_url(context), self.clock))
        return self._stores[context]

    def slots(self, context: str) -> SlotSpace:
        """Return where a context's ledgers live; the caller closes it."""
        if self.settings.embedded:
            return SqliteSlots(self.settings.data_dir / "views" / context)
        return PostgresSlots(self.settings.context_url(context))

    def projection(self, service: Service) -> Projection:
        """Return a service's ledgers."""
        if service.name not in self._projections:
            self._projections[service.name] = self.kept(
                Projection(
                    service.name,
                    service.ledgers,
                    self.slots(service.name),
                    self.store(service.name),
                    self.broker,
                    self.codec if service.opens else SealingCodec(None, self.clock),
                    self.clock,
                    ordinal=self.settings.ordinal,
                    of=self.settings.replicas,
                )
            )
        return self._projections[service.name]

    def relay(self, service: Service) -> Relay:
        """Return a service's relay."""
        cursors = self.kept(CursorStore(self.settings.context_url(service.name), self.clock))
        return Relay(self.store(service.name), cursors, self.broker, service.topic, self.settings.topic_partitions)

    def cursor(self, service: Service) -> Cursor:
        """Return how far a service's events are published."""
        cursors = CursorStore(self.settings.context_url(service.name), self.clock)
        try:
            return cursors.read(service.topic)
        finally:
            cursors.close()

    def sequencer(self, service: Service) -> PostgresSequencer:
        """Return a service's sequencer; on SQLite there is none, since the append gives the position."""
        return self.kept(PostgresSequencer(self.settings.context_url(service.name), self.clock))

    def runtime(self, service: Service) -> Runtime:
        """Return what a service's routes are built on."""
        if service.name not in self._runtimes:
            self._runtimes[service.name] = AssembledRuntime(self, service, self._extras(service))
        return self._runtimes[service.name]

    def opened_runtime(self, service: Service) -> Runtime:
        """Return a runtime with everything open: what reactions exchange the commands of."""
        lazy = self.runtime(service)
        return Runtime(**{f.name: getattr(lazy, f.name) for f in fields(Runtime)})

    def close(self) -> None:
        """Close everything made here, the last first."""
        self._closing.close()

    def _extras(self, service: Service) -> dict[str, Any]:
        extras: dict[str, Any] = {"services": self.services}
        if service.name == "search":
            extras["index"] = self.index
        if service.name == "audit":
            extras["replayable"] = frozenset(s.name for s in SERVICES.values() if s.visibility)
        return extras

    def kept(self, made: C) -> C:
        """Close it with the rest; return it."""
        self._closing.callback(made.close)
        return made
