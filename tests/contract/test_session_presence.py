"""When a session was last used, over SQLite and PostgreSQL."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.access.presence import Presence

IDLE, KEPT = timedelta(hours=1), timedelta(hours=12)
START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'access.db'}"
    return str(request.getfixturevalue("postgres_url")("access"))


def test_every_process_knows_when_a_session_was_last_used(url: str) -> None:
    with closing(Presence(url, IDLE, KEPT)) as one, closing(Presence(url, IDLE, KEPT)) as two:
        assert one.use("s", START, START + timedelta(minutes=50))
        assert two.use("s", START, START + timedelta(minutes=100))
        assert one.use("s", START, START + timedelta(minutes=150))
        assert not two.use("s", START, START + timedelta(minutes=210))
        assert not one.use("other", START, START + timedelta(minutes=60))


def test_sessions_long_over_are_dropped(url: str) -> None:
    with closing(Presence(url, IDLE, KEPT)) as presence:
        presence.use("old", START, START + timedelta(minutes=50))
        later = START + timedelta(days=1)
        presence.use("new", later, later + timedelta(minutes=50))
        assert presence.use("old", later, later + timedelta(minutes=50))
