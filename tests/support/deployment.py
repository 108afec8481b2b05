"""Settings of tests: embedded in a folder, or a city of its own on the shared engines."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from elasticsearch import Elasticsearch
from kafka.admin import KafkaAdminClient
from psycopg import sql
from sqlalchemy import make_url

from shared.settings import Settings
from shared.vault.master import master_key
from tests.support import engines

SCHEMATHESIS = "testserver"
"""The name under which schemathesis asks an application in its own process."""


def embedded_settings(folder: Path) -> Settings:
    """Settings of the embedded platform, also where the environment names engines; no rate is felt."""
    embedded = {"database_url": None, "kafka_bootstrap": None, "elasticsearch_url": None}
    unhurried = {"search_burst": 1_000_000, "export_burst": 1_000_000}
    return Settings(data_dir=folder, demo=False, allowed_hosts=SCHEMATHESIS, **embedded, **unhurried)


@contextmanager
def deployment(folder: Path) -> Iterator[Settings]:
    """Settings of a city that is removed at the end; only the vault's key lies in ``folder``."""
    mine = f"test-{uuid.uuid4().hex[:10]}"
    key = folder / "vault.key"
    master_key(key, create=True)
    settings = Settings(
        data_dir=folder,
        demo=False,
        database_url=engines.postgres_url(f"{mine}_{{context}}").replace("liuhen_", "", 1),
        vault_key_file=key,
        kafka_bootstrap=engines.kafka_bootstrap(),
        topic_prefix=f"{mine}.",
        elasticsearch_url=engines.elasticsearch_url(),
        index_prefix=mine,
    )
    try:
        yield settings
    finally:
        drop_databases(settings.context_url("postgres"), mine)
        _drop_topics(engines.kafka_bootstrap(), mine)
        _drop_indices(engines.elasticsearch_url(), mine)


def drop_databases(url: str, prefix: str) -> None:
    """Remove every database whose name begins so."""
    server = make_url(url).set(drivername="postgresql", database="postgres")
    with psycopg.connect(server.render_as_string(hide_password=False), autocommit=True) as admin:
        names = admin.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", (prefix,)).fetchall()
        for (name,) in names:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _drop_topics(bootstrap: str, prefix: str) -> None:
    with KafkaAdminClient(bootstrap_servers=bootstrap) as admin:
        if mine := [topic for topic in admin.list_topics() if topic.startswith(prefix)]:
            admin.delete_topics(mine)


def _drop_indices(url: str, prefix: str) -> None:
    with Elasticsearch(url) as client:
        for name in client.indices.get(index=f"{prefix}-*"):
            client.indices.delete(index=name)
