"""How often somebody tried to sign in, over SQLite and PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.access.throttle import FREE_ATTEMPTS, Throttle, TooManyAttempts, Tries

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
ZHANG = Tries("zhang/10.0.0.1")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'access.db'}"
    return str(request.getfixturevalue("postgres_url")("access"))


def throttle(url: str, at: datetime = START) -> Throttle:
    return Throttle(lambda: at, url)


def test_a_restart_forgets_no_attempt(url: str) -> None:
    for _ in range(FREE_ATTEMPTS):
        throttle(url).begin(ZHANG)
    with pytest.raises(TooManyAttempts):
        throttle(url).begin(ZHANG)
    throttle(url).begin(Tries("zhang/10.0.0.2"))


def test_processes_that_try_at_once_get_no_more_attempts_than_one(url: str) -> None:
    def attempt(_: int) -> bool:
        try:
            throttle(url).begin(ZHANG)
        except TooManyAttempts:
            return False
        return True

    with ThreadPoolExecutor(8) as several:
        assert sum(several.map(attempt, range(16))) == FREE_ATTEMPTS


def test_a_success_seen_by_one_process_is_known_to_the_other(url: str) -> None:
    for _ in range(FREE_ATTEMPTS):
        throttle(url).begin(ZHANG)
    throttle(url).forget(ZHANG)
    throttle(url).begin(ZHANG)


def test_attempts_are_forgotten_after_a_quiet_while(url: str) -> None:
    for _ in range(FREE_ATTEMPTS):
        throttle(url).begin(ZHANG)
    later = throttle(url, START + timedelta(minutes=16))
    for _ in range(FREE_ATTEMPTS):
        later.begin(ZHANG)
