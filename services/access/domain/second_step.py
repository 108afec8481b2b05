"""Two-step sign-in (两步验证) of one account: its secret, in force once a code of it was shown, and recovery codes."""

from dataclasses import dataclass, replace
from typing import Any

from shared.contracts.access import (
    RecoveryCodesRenewed,
    RecoveryCodeUsed,
    SecondStepConfirmed,
    SecondStepPrepared,
    SecondStepRemoved,
)
from shared.contracts.base import Event, Sealed
from shared.decider import Decider, RuleBroken

OFF = "两步验证没有开启。"


@dataclass(frozen=True, slots=True)
class SecondStepState:
    """An account's second step; ``secret`` is None where there is none, and once the person is erased."""

    account_id: str = ""
    agency_id: str = ""
    secret: str | None = None
    in_force: bool = False
    recovery: frozenset[str] = frozenset()
    """The SHA-256 of every recovery code that was given."""
    used: frozenset[str] = frozenset()

    @property
    def recovery_left(self) -> frozenset[str]:
        """Return the SHA-256 of the recovery codes that were not used yet."""
        return self.recovery - self.used


@dataclass(frozen=True, slots=True)
class PrepareSecondStep:
    """Give the account a secret, in place of one that was never confirmed."""

    account_id: str
    agency_id: str
    subject: str
    secret: str


@dataclass(frozen=True, slots=True)
class ConfirmSecondStep:
    """Put the secret into force: a code of it was shown."""

    secret: str
    recovery_sha256: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UseRecoveryCode:
    """Use up a recovery code; whoever shows it gets through only where something happens."""

    code_sha256: str


@dataclass(frozen=True, slots=True)
class RenewRecoveryCodes:
    """Give the account recovery codes in place of those it was given before."""

    recovery_sha256: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RemoveSecondStep:
    """End two-step sign-in."""

    reason: str


Command = PrepareSecondStep | ConfirmSecondStep | UseRecoveryCode | RenewRecoveryCodes | RemoveSecondStep


def decide(state: SecondStepState, command: Command) -> tuple[Event, ...]:
    """Decide on one account's second step."""
    match command:
        case PrepareSecondStep():
            return _prepare(state, command)
        case ConfirmSecondStep():
            return _confirm(state, command)
        case UseRecoveryCode():
            left = state.in_force and command.code_sha256 in state.recovery_left
            return (RecoveryCodeUsed(account_id=state.account_id, code_sha256=command.code_sha256),) if left else ()
        case RenewRecoveryCodes():
            return _renew(state, command)
    there = state.in_force or state.secret is not None
    return (SecondStepRemoved(account_id=state.account_id, reason=command.reason),) if there else ()


def _prepare(state: SecondStepState, command: PrepareSecondStep) -> tuple[Event, ...]:
    if state.in_force:
        raise _already_on()
    if state.secret == command.secret:
        return ()
    secret: Sealed[str] = Sealed(subject=command.subject, value=command.secret)
    return (SecondStepPrepared(account_id=command.account_id, agency_id=command.agency_id, secret=secret),)


def _confirm(state: SecondStepState, command: ConfirmSecondStep) -> tuple[Event, ...]:
    if state.secret != command.secret:
        raise RuleBroken("second-step-not-prepared", "密钥已经换过，请重新取得密钥，再填它的动态口令。")
    if state.in_force:
        if state.recovery == frozenset(command.recovery_sha256):
            return ()
        raise _already_on()
    return (SecondStepConfirmed(account_id=state.account_id, recovery_sha256=command.recovery_sha256),)


def _renew(state: SecondStepState, command: RenewRecoveryCodes) -> tuple[Event, ...]:
    if not state.in_force:
        raise RuleBroken("second-step-off", OFF)
    if state.recovery == frozenset(command.recovery_sha256):
        return ()
    return (RecoveryCodesRenewed(account_id=state.account_id, recovery_sha256=command.recovery_sha256),)


def _already_on() -> RuleBroken:
    return RuleBroken("second-step-on", "两步验证已经开启；要换一台设备，请先关闭再重新开启。")


def evolve(state: SecondStepState, event: Event) -> SecondStepState:
    """Return the second step after an event."""
    match event:
        case SecondStepPrepared():
            return SecondStepState(event.account_id, event.agency_id, event.secret.value)
        case SecondStepConfirmed():
            return replace(state, in_force=True, recovery=frozenset(event.recovery_sha256))
        case RecoveryCodesRenewed():
            return replace(state, recovery=frozenset(event.recovery_sha256), used=frozenset())
        case RecoveryCodeUsed():
            return replace(state, used=state.used | {event.code_sha256})
        case SecondStepRemoved():
            return SecondStepState(state.account_id, state.agency_id)
    return state


def snapshot(state: SecondStepState) -> dict[str, Any]:
    """Return the second step as replay shows it; never its secret."""
    status = "已开启" if state.in_force else "未开启"
    return {"status": status, "recovery_left": len(state.recovery_left)}


SECOND_STEP: Decider[SecondStepState] = Decider("access", "second-step", SecondStepState(), decide, evolve, snapshot)
