from datetime import UTC, datetime, timedelta

from services.access.domain.session import SESSION, EndSession, StartSession
from shared.contracts.access import SessionEnded, SessionStarted, SessionVouchedFor
from shared.testing.scenario import given

END = datetime(2026, 11, 23, 12, tzinfo=UTC)
STARTED = SessionStarted(session_id="s", account_id="a", token_sha256="t", expires_at=END, account_version=3)


def test_a_session_starts_and_ends_once() -> None:
    given(SESSION).when(StartSession("s", "a", "t", END, 3)).then(STARTED)
    given(SESSION, STARTED).when(EndSession("本人退出")).then(SessionEnded(session_id="s", reason="本人退出"))


def test_a_session_is_not_started_over_another() -> None:
    given(SESSION, STARTED).when(StartSession("s", "a", "other", END, 3)).raises("session-exists")


def test_a_session_that_never_was_cannot_end() -> None:
    given(SESSION).when(EndSession("本人退出")).raises("session-unknown")


def test_a_session_is_in_force_until_it_is_ended_or_its_time_is_over() -> None:
    moment = timedelta(microseconds=1)
    running = given(SESSION, STARTED).state
    ended = given(SESSION, STARTED, SessionEnded(session_id="s", reason="本人退出")).state
    assert running.in_force(END - moment)
    assert not running.in_force(END)
    assert not ended.in_force(END - moment)
    assert not given(SESSION).state.in_force(END)


def test_a_session_that_an_identity_provider_vouched_for_says_so() -> None:
    vouched = SessionVouchedFor(session_id="s", issuer="https://id.example")
    given(SESSION).when(StartSession("s", "a", "t", END, 3, "https://id.example")).then(STARTED, vouched)
    assert given(SESSION, STARTED, vouched).state.vouched_by == "https://id.example"
    assert given(SESSION, STARTED).state.vouched_by is None
