"""Events of the access service: accounts, credentials, grants, sessions."""

from datetime import datetime

from shared.contracts.base import Event, Sealed, Text, event


@event("access.account-opened")
class AccountOpened(Event):
    """An account (账号) was opened for an agency; the name to show and the log-in stay under the person's key."""

    account_id: str
    agency_id: str
    login: Sealed[Text]
    display_name: Sealed[Text]
    member_id: str | None


@event("access.password-set")
class PasswordSet(Event):
    """An account got a password; only its argon2id hash, under the person's key."""

    account_id: str
    hash: Sealed[str]


@event("access.password-change-required")
class PasswordChangeRequired(Event):
    """The password in force was chosen by somebody else: its owner must choose another at the next sign-in."""

    account_id: str
    reason: Text


@event("access.role-granted")
class RoleGranted(Event):
    """An account holds a role at an organisation from now on."""

    account_id: str
    grant_id: str
    role: str
    agency_id: str
    organisation_id: str


@event("access.role-ended")
class RoleEnded(Event):
    """A grant ended."""

    account_id: str
    grant_id: str
    reason: Text


@event("access.account-suspended")
class AccountSuspended(Event):
    """An account may no longer sign in, and its sessions ended."""

    account_id: str
    reason: Text


@event("access.session-started")
class SessionStarted(Event):
    """Someone signed in. The token itself is never stored, only its SHA-256."""

    session_id: str
    account_id: str
    token_sha256: str
    expires_at: datetime


@event("access.session-ended")
class SessionEnded(Event):
    """A session was ended by its owner or by a suspension."""

    session_id: str
    reason: Text
