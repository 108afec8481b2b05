"""Events of the access service: accounts, credentials, grants, sessions, inspectors' mandates."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from shared.contracts.base import Event, Sealed, Text, event


@event("access.account-opened")
class AccountOpened(Event):
    """An account (账号) was opened for an agency; the name to show and the log-in stay under the person's key."""

    account_id: str
    agency_id: str
    login: Sealed[Text]
    display_name: Sealed[Text]
    member_id: str | None


@event("access.member-set")
class MemberSet(Event):
    """Whose account it is on the agency's roster was named after it was opened; None: nobody's.

    The member's points, objections and offices are the account's to see from now on (§6).
    """

    account_id: str
    member_id: str | None
    reason: Text


@event("access.password-set")
class PasswordSet(Event):
    """An account got a password; only its argon2id hash, under the person's key. Empty: it has none any more."""

    account_id: str
    hash: Sealed[str]


@event("access.password-change-required")
class PasswordChangeRequired(Event):
    """The password in force was chosen by somebody else: its owner must choose another at the next sign-in."""

    account_id: str
    reason: Text


@event("access.second-step-prepared")
class SecondStepPrepared(Event):
    """An account got a secret for two-step sign-in (两步验证); nothing asks for its codes yet."""

    account_id: str
    agency_id: str
    secret: Sealed[str]


@event("access.second-step-confirmed")
class SecondStepConfirmed(Event):
    """Its owner showed a code of the secret: from now on signing in asks for one.

    Recovery codes (恢复码) are 80 random bits each; only their SHA-256 is kept.
    """

    account_id: str
    recovery_sha256: tuple[str, ...]


@event("access.recovery-code-used")
class RecoveryCodeUsed(Event):
    """A recovery code was shown in place of a code of the secret; it is worth nothing any more."""

    account_id: str
    code_sha256: str


@event("access.recovery-codes-renewed")
class RecoveryCodesRenewed(Event):
    """The account's owner was given new recovery codes; those from before are worth nothing any more."""

    account_id: str
    recovery_sha256: tuple[str, ...]


@event("access.second-step-removed")
class SecondStepRemoved(Event):
    """Two-step sign-in ended, by the account's owner or by an administrator."""

    account_id: str
    reason: Text


@event("access.role-granted", version=2, upcasters={1: lambda before: before | {"until": None}})
class RoleGranted(Event):
    """An account holds a role at an organisation from now on; to the end of a day in China, where one is named.

    ``grant_id`` is the request's where the role was asked for.
    """

    account_id: str
    grant_id: str
    role: str
    agency_id: str
    organisation_id: str
    until: date | None


@event("access.role-requested")
class RoleRequested(Event):
    """Somebody asked that an account be given a role; ``asked_by`` is their account."""

    account_id: str
    request_id: str
    role: str
    agency_id: str
    organisation_id: str
    until: date | None
    asked_by: str
    reason: Text


@event("access.role-declined")
class RoleDeclined(Event):
    """What was asked for is not given."""

    account_id: str
    request_id: str
    reason: Text


@event("access.role-ended")
class RoleEnded(Event):
    """A grant ended."""

    account_id: str
    grant_id: str
    reason: Text


@event("access.account-suspended")
class AccountSuspended(Event):
    """An account may no longer sign in; its sessions ended, and its tokens for machines are worth nothing any more."""

    account_id: str
    reason: Text


@event("access.account-reinstated")
class AccountReinstated(Event):
    """A suspended account may sign in again (恢复使用), with the roles that nobody ended meanwhile."""

    account_id: str
    reason: Text


@event("access.identity-linked")
class IdentityLinked(Event):
    """An account is whoever the identity provider (统一身份认证) calls by this name from now on (OpenID Connect, §2).

    ``identity`` is the provider's ``sub``, under the person's key; ``matched_claim`` names the claim whose value was
    the log-in name at a first sign-in, and is None where an administrator linked the two.
    """

    account_id: str
    issuer: Text
    identity: Sealed[Text]
    matched_claim: Text | None


@event("access.identity-unlinked")
class IdentityUnlinked(Event):
    """An account is no longer whoever the identity provider called by a name; the name may be linked anew."""

    account_id: str
    issuer: Text
    reason: Text


def _of_no_version(before: dict[str, Any]) -> dict[str, Any]:
    """Return what let somebody in before account versions were kept: older than any change of the account."""
    return before | {"account_version": 0}


@event("access.token-issued", version=2, upcasters={1: _of_no_version})
class TokenIssued(Event):
    """An account's owner made a token for a machine (访问令牌): good for these permissions of theirs, until then.

    The token itself is never stored, only its SHA-256. ``account_version`` as of a session.
    """

    token_id: str
    account_id: str
    agency_id: str
    name: Text
    scopes: tuple[str, ...]
    token_sha256: str
    expires_at: datetime
    account_version: int


@event("access.token-revoked")
class TokenRevoked(Event):
    """A token is worth nothing any more."""

    token_id: str
    reason: Text


@event("access.session-started", version=2, upcasters={1: _of_no_version})
class SessionStarted(Event):
    """Someone signed in. The token itself is never stored, only its SHA-256.

    ``account_version`` is the version of the account's stream that was seen when the way in was checked: a later
    change of the account that ends all sessions ends this one, whatever the clocks say.
    """

    session_id: str
    account_id: str
    token_sha256: str
    expires_at: datetime
    account_version: int


@event("access.session-vouched-for")
class SessionVouchedFor(Event):
    """The session began without a password of this platform: an identity provider vouched for its owner."""

    session_id: str
    issuer: Text


@event("access.session-ended")
class SessionEnded(Event):
    """A session was ended by its owner or by a suspension."""

    session_id: str
    reason: Text


class MandatePlace(BaseModel):
    """Where a mandate holds: an organisation of an agency with its subtree; at the tree's root, the whole agency."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    agency_id: str
    organisation_id: str


@event("access.mandate-requested")
class MandateRequested(Event):
    """An inspector's mandate (检查授权) was asked for: who may read what, where, on which days.

    ``body`` is the role of the inspecting body, ``classes`` the codes of document and restricted classes, ``people``
    the accounts that may read, ``basis`` the document it rests on (依据), ``contact`` the agency's 联络员, ``items``
    the list of what is called for (调阅清单). Both days count.
    """

    mandate_id: str
    requested_by: str
    body: str
    basis: Text
    places: tuple[MandatePlace, ...]
    classes: tuple[str, ...]
    first_day: date
    last_day: date
    people: tuple[str, ...]
    contact: Sealed[Text]
    items: tuple[Text, ...]


@event("access.mandate-approved")
class MandateApproved(Event):
    """A second person approved a mandate: it runs from its first day, or from now, to its last."""

    mandate_id: str
    approved_by: str


@event("access.mandate-declined")
class MandateDeclined(Event):
    """A mandate was not approved."""

    mandate_id: str
    declined_by: str
    reason: Text


@event("access.mandate-ended")
class MandateEnded(Event):
    """A mandate was ended before its last day; nothing is read under it from now on."""

    mandate_id: str
    ended_by: str
    reason: Text


@event("access.mandate-cleared")
class MandateCleared(Event):
    """What had been called for was given back or destroyed (清退), after the end."""

    mandate_id: str
    cleared_by: str
    note: Text


def _of_no_records(before: dict[str, Any]) -> dict[str, Any]:
    """Return a reading from before the records that it showed were named, or before each named whose it is.

    Those of version 2 stood under every agency of the request, other mandates' too: whose each was is not known.
    """
    return before | {"records": ()}


class RecordRead(BaseModel):
    """A record that an answer named: its stream, and the agency whose it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    agency_id: str
    record: str


@event("access.content-read", version=3, upcasters={1: _of_no_records, 2: _of_no_records})
class ContentRead(Event):
    """Somebody read under a mandate: which operation, at which address, what was asked, whose matter it was.

    ``agencies`` are those whose matter the answer could hold, ``records`` what it named of theirs. ``asked`` are the
    address's parameters as they were typed (percent-encoded), for instance the words of a search. Sealed from the
    agencies until the mandate ends.
    """

    reading_id: str
    mandate_id: str
    account_id: str
    agencies: tuple[str, ...]
    operation: Text
    path: Text
    asked: Sealed[str]
    records: tuple[RecordRead, ...]


@event("access.restricted-read")
class RestrictedRead(Event):
    """Somebody read restricted matter of an agency by a role of their own; ``records`` are the streams shown.

    ``class_`` is the restricted class, such as talks. Read under a mandate it is a ``ContentRead`` instead.
    """

    reading_id: str
    account_id: str
    agency_id: str
    class_: str
    records: tuple[str, ...]
    operation: Text
    path: Text
    asked: Sealed[str]


@event("access.content-exported")
class ContentExported(Event):
    """Somebody took a file of an agency's matter out of the platform (导出) by a role of their own.

    ``rows`` of ``total`` were in it, where that is known: a roster narrowed to a branch is 12 of 80.
    """

    reading_id: str
    account_id: str
    agency_id: str
    records: tuple[str, ...]
    rows: int | None
    total: int | None
    operation: Text
    path: Text
    asked: Sealed[str]
