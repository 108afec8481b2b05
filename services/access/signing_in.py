"""Signing in: a password, and a code (动态口令) on a second screen where its owner asks for one."""

from dataclasses import dataclass
from datetime import datetime

import structlog

from services.access.codes import Fitting, fitting, is_guessable
from services.access.domain.account import AccountState
from services.access.domain.second_step import SecondStepState
from services.access.logins import login_key
from services.access.origins import Origin
from services.access.passwords import Passwords
from services.access.second_step import second_step_of, step_claims, use_recovery_code
from services.access.session_list import SessionList
from services.access.sessions import SignedIn, account_of, account_of_login, start_session
from services.access.throttle import FREE_ATTEMPTS_OF_AN_ADDRESS, Throttle, Tries
from services.access.tickets import account_named_by, ticket_fits, ticket_for
from shared.eventstore.port import ClaimTaken
from shared.service import Runtime

WRONG_CODE = "动态口令不对，或者刚刚用过；请等它变化后再填。"

log = structlog.get_logger(__name__)


class SignInRefused(Exception):
    """No sign-in: unknown account, wrong password, or suspended; nobody is told which."""


class TicketOver(Exception):
    """What the second screen brings is forged, too old, or of a password that was changed: begin again."""


class CodeWrong(Exception):
    """The code fits neither the device nor a recovery code that is left, or was used already."""


@dataclass(frozen=True, slots=True)
class Door:
    """What signing in needs: where passwords are checked, where attempts are counted, where sessions are listed."""

    runtime: Runtime
    passwords: Passwords
    throttle: Throttle
    sessions: SessionList


@dataclass(frozen=True, slots=True)
class CodeNeeded:
    """The password fits; the ticket stands for that while its owner reads a code off the device."""

    ticket: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Credentials:
    """What somebody says at the door."""

    login: str
    password: str


def sign_in(door: Door, said: Credentials, address: str, origin: Origin) -> SignedIn | CodeNeeded:
    """Start a session for whoever knows the password, or ask them for a code where the account has a second step.

    Raises:
        SignInRefused: nobody is told why; it takes the same time for an unknown account.
        TooManyAttempts: too soon after failed ones of the same log-in from the same address, or after very many
            of any log-in from that address. What others try from elsewhere keeps nobody out.
    """
    key = login_key(door.runtime.vault, said.login)
    here, at_all = Tries(f"{key}/{address}"), Tries(f"address/{address}", FREE_ATTEMPTS_OF_AN_ADDRESS)
    door.throttle.begin(here, at_all)
    account = account_of_login(door.runtime, key)
    fits = door.passwords.matches(account.password_hash, said.password)
    if not fits or account.suspended:
        log.warning("sign-in refused", address=address, account=account.account_id or None)
        raise SignInRefused
    door.throttle.forget(here)
    door.throttle.take_back(at_all)
    if second_step_of(door.runtime, account.account_id).in_force:
        return CodeNeeded(*ticket_for(door.runtime, account))
    return start_session(door.runtime, door.sessions, account, origin)


def show_code(door: Door, ticket: str, code: str, origin: Origin) -> SignedIn:
    """Start the session of somebody who knew the password a moment ago and shows a code now.

    Raises:
        TicketOver: the password is to be typed again.
        CodeWrong: no session has started.
        TooManyAttempts: after wrong codes for the account, from whatever address. A recovery code, which cannot be
            guessed, is not counted and still lets in.
    """
    account = account_of(door.runtime, account_named_by(ticket))
    if account.suspended or not ticket_fits(door.runtime, ticket, account):
        raise TicketOver
    shown = shown_code(door.runtime, door.throttle, second_step_of(door.runtime, account.account_id), code)
    started = _started(door, account, shown, origin) if shown else None
    if started is None:
        log.warning("code refused", account=account.account_id)
        raise CodeWrong
    return started


def shown_code(runtime: Runtime, throttle: Throttle, step: SecondStepState, code: str) -> Fitting | None:
    """Return how a code fits, or None; what a device shows is one of a million, so wrong ones are counted by account.

    Raises:
        TooManyAttempts: after wrong codes.
    """
    guesses = Tries(f"code/{step.account_id}")
    if is_guessable(code):
        throttle.begin(guesses)
    shown = fitting(step, code, runtime.clock())
    if shown:
        throttle.forget(guesses)
    return shown


def _started(door: Door, account: AccountState, shown: Fitting, origin: Origin) -> SignedIn | None:
    """Start the session, unless its code was used before."""
    if not use_recovery_code(door.runtime, account, shown):
        return None
    claims = step_claims(account.account_id, shown)
    try:
        return start_session(door.runtime, door.sessions, account, origin, also=claims)
    except ClaimTaken:
        return None
