"""Where sessions began, over SQLite and PostgreSQL."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.access.origins import Origin
from services.access.presence import Presence
from services.access.session_list import SessionList

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
OFFICE, HOME = Origin("10.1.2.*", "Firefox · Windows"), Origin("10.9.8.*", "Safari · iOS")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'access.db'}"
    return str(request.getfixturevalue("postgres_url")("access"))


def sessions(url: str) -> SessionList:
    return SessionList(url, kept=timedelta(hours=12))


def test_every_process_knows_an_accounts_sessions_the_newest_first(url: str) -> None:
    sessions(url).note("one", "zhang", OFFICE, START)
    sessions(url).note("two", "zhang", HOME, START + timedelta(minutes=1))
    sessions(url).note("other", "li", HOME, START)
    assert [(s.session_id, s.origin) for s in sessions(url).of("zhang")] == [("two", HOME), ("one", OFFICE)]


def test_the_last_use_is_told_beside_where_it_began(url: str) -> None:
    used = START + timedelta(minutes=5)
    sessions(url).note("one", "zhang", OFFICE, START)
    assert [s.seen_at for s in sessions(url).of("zhang")] == [None]
    with closing(Presence(url, timedelta(hours=1), timedelta(hours=12))) as presence:
        presence.use("one", START, used)
    assert [s.seen_at for s in sessions(url).of("zhang")] == [used]


def test_where_a_session_began_is_forgotten_with_its_time(url: str) -> None:
    sessions(url).note("old", "zhang", OFFICE, START)
    sessions(url).note("new", "li", HOME, START + timedelta(hours=13))
    assert sessions(url).of("zhang") == []
    assert len(sessions(url).of("li")) == 1
