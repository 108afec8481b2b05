import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.access.oidc.attempts import LASTS, Attempts, Begun

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@pytest.fixture
def attempts(tmp_path: Path) -> Attempts:
    return Attempts(f"sqlite:///{tmp_path / 'access.db'}")


def test_who_began_comes_back_once_with_what_was_kept(attempts: Attempts) -> None:
    begun = attempts.begin("/plans", NOW)
    came_back = attempts.take(begun.state, begun.browser, NOW)
    assert came_back is not None
    assert (came_back.nonce, came_back.code_verifier) == (begun.nonce, begun.code_verifier)
    assert came_back.back_to == "/plans"
    assert attempts.take(begun.state, begun.browser, NOW) is None


def test_another_browser_does_not_come_back_and_uses_the_attempt_up(attempts: Attempts) -> None:
    begun, other = attempts.begin("/", NOW), attempts.begin("/", NOW)
    assert attempts.take(begun.state, other.browser, NOW) is None
    assert attempts.take(begun.state, begun.browser, NOW) is None
    assert attempts.take("made-up", begun.browser, NOW) is None


def test_after_ten_minutes_nobody_comes_back_and_the_row_goes(attempts: Attempts, tmp_path: Path) -> None:
    late, just = attempts.begin("/", NOW), attempts.begin("/", NOW)
    assert attempts.take(just.state, just.browser, NOW + LASTS - timedelta(seconds=1)) is not None
    assert attempts.take(late.state, late.browser, NOW + LASTS) is None
    attempts.begin("/", NOW)
    attempts.begin("/", NOW + LASTS)
    assert rows(tmp_path) == 1


def test_what_travels_is_long_fresh_and_not_in_the_table(attempts: Attempts, tmp_path: Path) -> None:
    begun, other = attempts.begin("/", NOW), attempts.begin("/", NOW)
    secrets = {*secrets_of(begun), *secrets_of(other)}
    assert len(secrets) == 8
    assert min(map(len, secrets)) >= 43
    kept = (tmp_path / "access.db").read_bytes()
    assert begun.state.encode() not in kept
    assert begun.browser.encode() not in kept


def secrets_of(begun: Begun) -> tuple[str, ...]:
    return begun.state, begun.browser, begun.nonce, begun.code_verifier


def rows(folder: Path) -> int:
    db = sqlite3.connect(folder / "access.db")
    try:
        (count,) = db.execute("SELECT count(*) FROM oidc_attempts").fetchone()
        return int(count)
    finally:
        db.close()
