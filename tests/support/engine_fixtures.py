"""Fixtures over the running engines; named in ``pytest_plugins`` of tests/conftest.py."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from shared.settings import Settings
from tests.support import engines
from tests.support.deployment import deployment


@pytest.fixture(scope="session")
def kafka_bootstrap() -> str:
    """The bootstrap list of a real Kafka. Topics are the test's own: give them names that nobody else has."""
    return engines.kafka_bootstrap()


@pytest.fixture(scope="session")
def elasticsearch_url() -> str:
    """The address of a real Elasticsearch. Indices are the test's own: give them names that nobody else has."""
    return engines.elasticsearch_url()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[Callable[[str], str]]:
    """A maker of empty databases: a name in, a SQLAlchemy address out; all are dropped at the end."""
    server = make_url(engines.postgres_url("postgres")).set(drivername="postgresql", database="postgres")
    admin = server.render_as_string(hide_password=False)
    with ExitStack() as cleaning:

        def create(name: str) -> str:
            database = f"liuhen_test_{name}_{uuid.uuid4().hex[:12]}"
            _administer(admin, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database))
            cleaning.callback(_administer, admin, drop)
            url = server.set(drivername="postgresql+psycopg", database=database)
            return url.render_as_string(hide_password=False)

        yield create


@pytest.fixture(scope="session")
def city_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The settings of a city on the real engines that all tests of a run share; everything of it is removed after."""
    with deployment(tmp_path_factory.mktemp("city-settings")) as settings:
        yield settings


def _administer(admin: str, statement: sql.Composed) -> None:
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(statement)
