"""What an account's owner does with two-step sign-in: take a secret, confirm it with a code, end it with a code."""

from dataclasses import dataclass

from services.access.codes import Fitting, new_recovery_codes, new_secret, recovery_hash
from services.access.domain.account import AccountState
from services.access.domain.second_step import (
    OFF,
    SECOND_STEP,
    Command,
    ConfirmSecondStep,
    PrepareSecondStep,
    RemoveSecondStep,
    RenewRecoveryCodes,
    SecondStepState,
)
from services.access.second_step import second_step_of, step_claims
from services.access.signing_in import WRONG_CODE, shown_code
from services.access.throttle import Throttle, TooManyAttempts, too_early
from shared.application.commands import Outcome, Request
from shared.decider import RuleBroken
from shared.eventstore.port import ClaimTaken
from shared.http.problems import Problem
from shared.service import Runtime

REMOVED_BY_OWNER = "本人关闭"


@dataclass(frozen=True, slots=True)
class OwnSecondStep:
    """Two-step sign-in of whoever is signed in; wrong codes are counted by account, with those at the door."""

    runtime: Runtime
    throttle: Throttle

    def prepare(self, account: AccountState) -> str:
        """Give the account a new secret and return it.

        Raises:
            RuleBroken: ``second-step-on``.
        """
        secret = new_secret()
        self._handle(account, PrepareSecondStep(account.account_id, account.agency_id, account.subject, secret))
        return secret

    def confirm(self, account: AccountState, code: str) -> tuple[str, ...]:
        """Put the secret into force with a code of it, and return the recovery codes.

        Raises:
            RuleBroken: ``second-step-not-prepared``: there is no secret that waits.
            Problem: 422 ``code-wrong``; 429 ``too-many-attempts``.
        """
        state = second_step_of(self.runtime, account.account_id)
        if state.secret is None or state.in_force:
            raise RuleBroken("second-step-not-prepared", "请先取得密钥，再填它的动态口令。")
        shown, codes = self._shown(state, code), new_recovery_codes()
        self._handle(account, ConfirmSecondStep(state.secret, _hashed(codes)), shown)
        return codes

    def remove(self, account: AccountState, code: str) -> Outcome:
        """End two-step sign-in with a code of the device, or a recovery code.

        Raises:
            RuleBroken: ``second-step-off``.
            Problem: 422 ``code-wrong``; 429 ``too-many-attempts``.
        """
        return self._handle(account, RemoveSecondStep(REMOVED_BY_OWNER), self._shown(self._in_force(account), code))

    def renew(self, account: AccountState, code: str) -> tuple[str, ...]:
        """Return new recovery codes in place of those from before, for a code of the device or a recovery code.

        Raises:
            RuleBroken: ``second-step-off``.
            Problem: 422 ``code-wrong``; 429 ``too-many-attempts``.
        """
        shown, codes = self._shown(self._in_force(account), code), new_recovery_codes()
        self._handle(account, RenewRecoveryCodes(_hashed(codes)), shown)
        return codes

    def _in_force(self, account: AccountState) -> SecondStepState:
        state = second_step_of(self.runtime, account.account_id)
        if not state.in_force:
            raise RuleBroken("second-step-off", OFF)
        return state

    def _shown(self, state: SecondStepState, code: str) -> Fitting:
        try:
            shown = shown_code(self.runtime, self.throttle, state, code)
        except TooManyAttempts as early:
            raise too_early(early) from None
        if shown is None:
            raise _wrong()
        return shown

    def _handle(self, account: AccountState, command: Command, shown: Fitting | None = None) -> Outcome:
        request = Request(actor=account.account_id, agency_id=account.agency_id)
        claims = step_claims(account.account_id, shown)
        try:
            return self.runtime.commands.handle(SECOND_STEP, account.account_id, command, request, lambda _: claims)
        except ClaimTaken:
            raise _wrong() from None


def _hashed(codes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(recovery_hash(c) for c in codes)


def _wrong() -> Problem:
    return Problem(422, "code-wrong", WRONG_CODE)
