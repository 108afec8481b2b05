"""Passwords: argon2id hashes, made and checked a few at a time, in the same time for everyone."""

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from services.access.logins import normalised
from shared.decider import RuleBroken
from shared.http.problems import Problem

SHORTEST = 10
LONGEST = 128
AT_ONCE = 4
"""Each hashing takes 64 MiB and a core: more at once would let a crowd at the door stop the house."""

_TURNS = BoundedSemaphore(AT_ONCE)

PASSWORDS_OFF = "本平台不用密码登录，请使用统一身份认证。"

TURN_SECONDS = 1.0
"""How long a sign-in waits for its turn before it is asked to come again."""


class Passwords:
    """Makes and checks hashes (argon2id, RFC 9106's second recommended parameters)."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turns = _TURNS
        self._nobody = self._hasher.hash("不是任何人的密码")

    def hash(self, login: str, password: str) -> str:
        """Return the hash of a new password.

        Raises:
            RuleBroken: ``password-too-weak``.
        """
        refuse_weak(login, password)
        with self._turn():
            return self._hasher.hash(_spelled(password))

    def matches(self, password_hash: str | None, password: str) -> bool:
        """Tell whether the password fits; without a hash the answer is no and takes as long."""
        with self._turn():
            try:
                fits = self._hasher.verify(password_hash or self._nobody, _spelled(password))
            except (VerificationError, InvalidHashError):
                return False
        return fits and password_hash is not None

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait a moment for a turn; a crowd at the door must not take every thread of the house.

        Raises:
            Problem: 503 ``sign-in-busy``.
        """
        if not self._turns.acquire(timeout=TURN_SECONDS):
            raise Problem(503, "sign-in-busy", "同时登录的人太多，请过几秒再试。", {"Retry-After": "5"})
        try:
            yield
        finally:
            self._turns.release()


def refuse_weak(login: str, password: str) -> None:
    """Check that a password may be used.

    Raises:
        RuleBroken: ``password-too-weak``: too short, too long, of too few different characters, or the log-in name.
    """
    spelled = _spelled(password)
    if not SHORTEST <= len(spelled) <= LONGEST:
        raise RuleBroken("password-too-weak", f"密码应为 {SHORTEST} 到 {LONGEST} 个字符。")
    if len(set(spelled)) < 5 or (login and normalised(login) in normalised(spelled)):
        raise RuleBroken("password-too-weak", "密码太容易被猜到：至少用五种不同的字符，并且不要包含登录名。")


def _spelled(password: str) -> str:
    return unicodedata.normalize("NFC", password)
