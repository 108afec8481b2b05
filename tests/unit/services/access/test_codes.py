from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from services.access.codes import (
    Fitting,
    address_of,
    fitting,
    is_guessable,
    new_recovery_codes,
    new_secret,
    recovery_hash,
    spelled,
)
from services.access.domain.second_step import SecondStepState

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
STEP = int(NOW.timestamp()) // 30
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
STATE = SecondStepState("a", "agency", SECRET, True, frozenset({recovery_hash("AAAA-BBBB-CCCC-DDDD")}))


def code(steps: int = 0) -> str:
    return pyotp.TOTP(SECRET).at(NOW + timedelta(seconds=30 * steps))


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_code_fits_half_a_minute_early_or_late(steps: int) -> None:
    assert fitting(STATE, code(steps), NOW) == Fitting(step=STEP + steps)


@pytest.mark.parametrize("steps", [-2, 2])
def test_a_code_fits_no_longer(steps: int) -> None:
    assert fitting(STATE, code(steps), NOW) is None


def test_codes_are_read_however_they_are_typed() -> None:
    spaced = f"{code()[:3]} {code()[3:]}"
    assert fitting(STATE, spaced, NOW) == Fitting(step=STEP)
    wide = code().translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert fitting(STATE, wide, NOW) == Fitting(step=STEP)
    assert fitting(STATE, "aaaa bbbb cccc dddd", NOW) == fitting(STATE, "AAAABBBBCCCCDDDD", NOW)


def test_a_recovery_code_fits_while_it_is_left() -> None:
    hashed = recovery_hash("AAAABBBBCCCCDDDD")
    assert fitting(STATE, "aaaa-bbbb-cccc-dddd", NOW) == Fitting(recovery_sha256=hashed)
    used = SecondStepState("a", "agency", SECRET, True, STATE.recovery, frozenset({hashed}))
    assert fitting(used, "aaaa-bbbb-cccc-dddd", NOW) is None


def test_nothing_fits_where_there_is_no_secret() -> None:
    assert fitting(SecondStepState(), code(), NOW) is None


@pytest.mark.parametrize("odd", ["", "x", "é" * 60, "000000\ud7ff", "١٢٣٤٥٦"])
def test_whatever_is_typed_is_answered(odd: str) -> None:
    assert fitting(STATE, odd, NOW) is None


def test_what_a_device_shows_can_be_guessed_and_a_recovery_code_cannot() -> None:
    assert is_guessable(" 123 456 ")
    assert not any(is_guessable(c) for c in ("", "AAAA-BBBB-CCCC-DDDD", "1234567"))


def test_secrets_and_recovery_codes_are_made_anew_and_long_enough() -> None:
    codes = new_recovery_codes()
    assert len(set(codes)) == 10
    assert {len(spelled(c)) for c in codes} == {16}
    assert new_secret() != new_secret()
    assert len(new_secret()) == 32


def test_a_device_takes_the_secret_in_from_its_address() -> None:
    taken = pyotp.parse_uri(address_of(SECRET, "张 三@局"))
    assert (taken.secret, taken.name, taken.issuer) == (SECRET, "张 三@局", "机关党建工作平台")
