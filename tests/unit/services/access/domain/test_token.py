from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.access.domain.token import LONGEST, TOKEN, IssueToken, RevokeToken
from shared.contracts.access import TokenIssued, TokenRevoked
from shared.testing.scenario import given

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
END = NOW + timedelta(days=90)
ISSUE = IssueToken("t", "a", "agency", "报表系统", frozenset({"search", "see-plan"}), "f00d", NOW, END, 3)
ISSUED = TokenIssued(
    token_id="t",
    account_id="a",
    agency_id="agency",
    name="报表系统",
    scopes=("search", "see-plan"),
    token_sha256="f00d",
    expires_at=END,
    account_version=3,
)
REVOKED = TokenRevoked(token_id="t", reason="本人撤销")


def test_a_token_is_in_force_until_its_end_or_its_revocation() -> None:
    issued = given(TOKEN).when(ISSUE).then(ISSUED)
    assert issued.state.in_force(END - timedelta(seconds=1))
    assert not issued.state.in_force(END)
    assert not issued.when(RevokeToken("本人撤销")).then(REVOKED).state.in_force(NOW)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"name": " "}, "token-name-needed"),
        ({"scopes": frozenset()}, "token-scopes-needed"),
        ({"expires_at": NOW + LONGEST + timedelta(seconds=1)}, "token-too-long"),
        ({"expires_at": NOW}, "token-too-long"),
    ],
)
def test_a_token_says_what_it_is_for_and_lasts_a_year_at_most(changed: dict[str, object], code: str) -> None:
    given(TOKEN).when(replace(ISSUE, **changed)).raises(code)  # type: ignore[arg-type]


def test_a_token_is_issued_once_and_revoked_once() -> None:
    given(TOKEN, ISSUED).when(ISSUE).nothing()
    given(TOKEN, ISSUED).when(replace(ISSUE, token_sha256="beef")).raises("token-exists")
    given(TOKEN, ISSUED, REVOKED).when(RevokeToken("再撤一次")).nothing()


def test_what_was_never_issued_is_not_revoked() -> None:
    given(TOKEN).when(RevokeToken("本人撤销")).raises("token-unknown")


def test_replay_shows_what_a_token_may_and_never_what_stands_for_it() -> None:
    shown = TOKEN.snapshot(given(TOKEN, ISSUED, REVOKED).state)
    assert (shown["status"], shown["scopes"]) == ("已撤销：本人撤销", ["search", "see-plan"])
    assert "f00d" not in str(shown)
