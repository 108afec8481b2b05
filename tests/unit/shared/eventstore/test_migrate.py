from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from shared.eventstore.engines import NotMigrated, UnsupportedServer, check_server, open_engine
from shared.eventstore.migrate import alembic_config, migrate
from shared.eventstore.schema import REVISION, metadata
from shared.eventstore.sqlite import SqliteStore
from tests.support.appends import HandClock, InBackground, new_append, stream


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'data' / 'organization.db'}"


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    migrate(url)
    engine = open_engine(url)
    yield engine
    engine.dispose()


def test_the_program_knows_the_last_migration() -> None:
    assert ScriptDirectory.from_config(alembic_config()).get_heads() == [REVISION]


def test_the_migrations_make_the_tables_that_the_program_uses(engine: Engine) -> None:
    only_on_postgres = {"positions", "sequencer_head"}
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"include_name": lambda name, kind, _: not (kind == "table" and name in only_on_postgres)},
        )
        differences = compare_metadata(context, metadata)
    assert [d for d in differences if getattr(d[1], "name", None) not in only_on_postgres] == []


def test_migrating_again_keeps_what_is_there(url: str) -> None:
    migrate(url)
    store, name = SqliteStore(url, HandClock()), stream()
    store.append(new_append(name))
    store.close()
    migrate(url)
    store = SqliteStore(url, HandClock())
    assert len(store.load(name)) == 1
    store.close()


def test_first_starts_at_the_same_moment_make_the_tables_once(url: str) -> None:
    with InBackground(*[lambda: migrate(url)] * 6):
        pass
    store = SqliteStore(url, HandClock())
    assert store.append(new_append(stream())) == 1
    store.close()


def test_a_store_on_a_database_that_was_not_migrated_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotMigrated):
        SqliteStore(f"sqlite:///{tmp_path / 'empty.db'}", HandClock())


def test_a_store_on_a_database_of_a_newer_program_is_refused(url: str, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NotMigrated, match="9999"):
        SqliteStore(url, HandClock())


def test_commits_to_sqlite_are_durable_and_readers_cannot_write(url: str, engine: Engine) -> None:
    with engine.connect() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA synchronous")) == 2
    reading = open_engine(url, read_only=True)
    with reading.connect() as connection:
        assert connection.scalar(text("PRAGMA query_only")) == 1
    reading.dispose()


def test_a_postgresql_before_17_is_refused() -> None:
    connection = SimpleNamespace(info=SimpleNamespace(server_version=160_004))
    with pytest.raises(UnsupportedServer, match="16"):
        check_server(connection)
