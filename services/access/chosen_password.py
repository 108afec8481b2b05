"""A password that an administrator chose for another's account: whether it is the one that the account has."""

from dataclasses import dataclass

from services.access.domain.account import AccountState
from services.access.passwords import Passwords
from services.access.sessions import account_of
from services.access.throttle import Throttle, TooManyAttempts, Tries, too_early
from shared.application.commands import Outcome
from shared.http.problems import Problem
from shared.http.requests import Accepted, accepted
from shared.service import Runtime


def another_was_set() -> Problem:
    """Return the refusal of a form that comes back with another password than it set the first time."""
    sentence = "这张表已经办理过，当时设的是另一个密码。请重新打开账号的页面核对，需要时再重设密码。"
    return Problem(422, "idempotency-key-reused", sentence)


@dataclass(frozen=True, slots=True)
class ChosenPassword:
    """Compares it. Each answer tells whether a guess is right, so all are counted by account."""

    runtime: Runtime
    passwords: Passwords
    throttle: Throttle

    def is_of(self, account: AccountState, password: str) -> bool:
        """Tell whether the account has this password.

        Raises:
            Problem: 429 ``too-many-attempts``.
        """
        try:
            self.throttle.begin(Tries(f"chosen/{account.account_id}"))
        except TooManyAttempts as early:
            raise too_early(early) from None
        return self.passwords.matches(account.password_hash, password)

    def accepted(self, outcome: Outcome, password: str | None, otherwise: Exception) -> Accepted:
        """Return the answer, after which the password that was sent is shown as the account's.

        A repeated request may have sent another than the first: an idempotency key's fingerprint has no password.

        Raises:
            Exception: ``otherwise``: the account has another password.
            Problem: as ``is_of``.
        """
        if outcome.repeated and password is not None:
            account = account_of(self.runtime, outcome.token.stream.id)
            if not self.is_of(account, password):
                raise otherwise
        return accepted(outcome)
