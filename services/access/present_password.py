"""The present password, asked for once more before what a thief of an open session would do first."""

from dataclasses import dataclass

from services.access.domain.account import AccountState
from services.access.passwords import Passwords
from services.access.throttle import Throttle, TooManyAttempts, Tries, too_early
from shared.http.problems import Problem


@dataclass(frozen=True, slots=True)
class PresentPassword:
    """Checks the password of whoever is signed in already; wrong ones are counted by account."""

    passwords: Passwords
    throttle: Throttle

    def require(self, account: AccountState, password: str) -> None:
        """Refuse whoever does not know the password.

        Raises:
            Problem: 422 ``password-wrong``; 429 ``too-many-attempts``.
        """
        tries = Tries(f"password/{account.account_id}")
        try:
            self.throttle.begin(tries)
        except TooManyAttempts as early:
            raise too_early(early) from None
        if not self.passwords.matches(account.password_hash, password):
            raise Problem(422, "password-wrong", "现在的密码不对，没有完成。")
        self.throttle.forget(tries)
