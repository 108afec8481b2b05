"""Codes of two-step sign-in: made by a device for half a minute (TOTP, RFC 6238), or given once for recovery."""

import base64
import hashlib
import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime

import pyotp
from pyotp.exceptions import OTPVerificationError

from services.access.domain.second_step import SecondStepState

ISSUER = "机关党建工作平台"
DRIFT_STEPS = 1
"""How many half minutes a device's clock may be ahead or behind."""

RECOVERY_CODES = 10
RECOVERY_BYTES = 10

_SEPARATORS = re.compile(r"[\s-]")
_BY_DEVICE = re.compile(r"[0-9]{6}")
_NOBODYS_SECRET = pyotp.random_base32()


@dataclass(frozen=True, slots=True)
class Fitting:
    """A code that fits: the half minute it was made for, or the SHA-256 of the recovery code that it is."""

    step: int | None = None
    recovery_sha256: str | None = None


def new_secret() -> str:
    """Return a fresh secret of 160 bits in base32."""
    return pyotp.random_base32()


def address_of(secret: str, login: str) -> str:
    """Return the ``otpauth:`` address under which devices take a secret in."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)


def new_recovery_codes() -> tuple[str, ...]:
    """Return fresh recovery codes, 80 bits each, in groups of four signs."""
    made = (base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode() for _ in range(RECOVERY_CODES))
    return tuple("-".join(re.findall("....", code)) for code in made)


def spelled(code: str) -> str:
    """Return the one spelling of a code: NFKC, without blanks and hyphens, in capitals."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", code)).upper()


def is_guessable(code: str) -> bool:
    """Tell whether a code is one of a million, so that guesses must be counted; a recovery code is not."""
    return _BY_DEVICE.fullmatch(spelled(code)) is not None


def recovery_hash(code: str) -> str:
    """Return what stands for a recovery code in events: the SHA-256 of its spelling, in hex."""
    return hashlib.sha256(spelled(code).encode()).hexdigest()


def fitting(state: SecondStepState, code: str, now: datetime) -> Fitting | None:
    """Return how a code fits the secret or a recovery code that is left; it costs the same where there is neither."""
    totp = pyotp.TOTP(state.secret or _NOBODYS_SECRET)
    hashed = recovery_hash(code)
    try:
        step = totp.verify_and_get_timecode(spelled(code), for_time=now, valid_window=DRIFT_STEPS)
    except OTPVerificationError:
        return Fitting(recovery_sha256=hashed) if hashed in state.recovery_left else None
    return Fitting(step=step) if state.secret is not None else None
