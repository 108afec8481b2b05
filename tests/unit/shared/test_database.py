"""What every small database is promised, on a SQLite file."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Column, Engine, Integer, MetaData, NullPool, Table, create_engine, select, text

from shared.database import alone, begin_with, make_tables, open_engine, set_pragmas, upsert

metadata = MetaData()
counters = Table("counters", metadata, Column("name", Integer, primary_key=True), Column("count", Integer))


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'small.db'}"
    engine = open_engine(url)
    make_tables(engine, metadata)
    with engine.begin() as db:
        db.execute(upsert(engine, counters).values(name=1, count=0))
    engine.dispose()
    return url


def bare(url: str) -> Engine:
    return create_engine(url, poolclass=NullPool, connect_args={"timeout": 5})


def test_whoever_reads_and_then_writes_alone_loses_no_count(url: str) -> None:
    def count(_: int) -> None:
        engine = open_engine(url, kept_open=False)
        with alone(engine, 1) as db:
            found = db.scalar(select(counters.c.count)) or 0
            db.execute(counters.update().values(count=found + 1))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count, range(40)))
    with open_engine(url, kept_open=False).connect() as db:
        assert db.scalar(select(counters.c.count)) == 40


def test_every_connection_is_durable_and_zeroes_what_is_deleted(url: str) -> None:
    engine = open_engine(url)
    with engine.connect() as one, engine.connect() as other:
        for db in (one, other):
            assert db.scalar(text("PRAGMA journal_mode")) == "wal"
            assert db.scalar(text("PRAGMA synchronous")) == 2
            assert db.scalar(text("PRAGMA secure_delete")) == 1
            assert db.scalar(text("PRAGMA busy_timeout")) == 10_000
    engine.dispose()


def test_pragmas_are_set_on_connections_made_anew(url: str) -> None:
    engine = bare(url)
    set_pragmas(engine, query_only="ON")
    for _ in range(2):
        with engine.connect() as db:
            assert db.scalar(text("PRAGMA query_only")) == 1


def test_a_transaction_begun_with_the_write_lock_holds_it_before_its_first_change(url: str) -> None:
    writer, other = bare(url), bare(url)
    begin_with(writer, "BEGIN IMMEDIATE")
    begin_with(other, None)
    set_pragmas(other, busy_timeout=0)
    with writer.begin(), other.connect() as second, pytest.raises(Exception, match="database is locked"):
        second.execute(counters.update().values(count=1))


def test_a_transaction_begun_is_one_snapshot_and_without_it_each_statement_is_its_own(url: str) -> None:
    snapshot, each, writer = bare(url), bare(url), bare(url)
    begin_with(snapshot, "BEGIN")
    begin_with(each, None)
    with snapshot.begin() as one, each.begin() as two:
        assert one.scalar(select(counters.c.count)) == two.scalar(select(counters.c.count)) == 0
        with writer.begin() as db:
            db.execute(counters.update().values(count=7))
        assert (one.scalar(select(counters.c.count)), two.scalar(select(counters.c.count))) == (0, 7)


def test_with_no_beginning_a_change_stands_at_once(url: str) -> None:
    each, other = bare(url), bare(url)
    begin_with(each, None)
    with each.begin() as db, other.connect() as second:
        db.execute(counters.update().values(count=9))
        assert second.scalar(select(counters.c.count)) == 9


def test_an_insert_may_say_what_happens_on_conflict(url: str) -> None:
    engine = open_engine(url, kept_open=False)
    row = upsert(engine, counters)
    again = row.on_conflict_do_update(index_elements=["name"], set_={"count": row.excluded.count})
    with engine.begin() as db:
        db.execute(again, {"name": 1, "count": 3})
        assert db.scalar(select(counters.c.count)) == 3
