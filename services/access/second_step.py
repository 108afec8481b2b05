"""Two-step sign-in as it stands now, and the use of a code: each is worth something once."""

from services.access.codes import Fitting
from services.access.domain.account import AccountState
from services.access.domain.second_step import SECOND_STEP, SecondStepState, UseRecoveryCode
from shared.application.commands import Request
from shared.eventstore.port import Claim
from shared.service import Runtime

STEP_CLAIM = "totp-step"


def second_step_of(runtime: Runtime, account_id: str) -> SecondStepState:
    """Return an account's second step as its events say now; there is one for each account."""
    rows = runtime.store.load(SECOND_STEP.stream(account_id))
    return SECOND_STEP.fold(runtime.codec.decode(row) for row in rows)


def step_claims(account_id: str, shown: Fitting | None) -> tuple[Claim, ...]:
    """Return the claim that makes a code of a device worth something once, to be taken with what it leads to."""
    return () if shown is None or shown.step is None else (Claim(STEP_CLAIM, f"{account_id}/{shown.step}"),)


def use_recovery_code(runtime: Runtime, account: AccountState, shown: Fitting) -> bool:
    """Use up the recovery code that was shown, where one was; False where it is worth nothing any more."""
    if shown.recovery_sha256 is None:
        return True
    request = Request(actor=account.account_id, agency_id=account.agency_id)
    command = UseRecoveryCode(shown.recovery_sha256)
    return bool(runtime.commands.handle(SECOND_STEP, account.account_id, command, request).events)
