"""An account (账号): one person's way in, its password's hash and the roles it holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from services.access.domain.duties import refuse_apart, takes_up_duty
from services.access.domain.roles import (
    ApproveRole,
    DeclineRole,
    EndRole,
    GrantRole,
    HeldRole,
    NewWayIn,
    RequestRole,
    RoleCommand,
    Roles,
    decide_role,
    evolve_roles,
    first_role,
    granted_already,
    shown,
)
from shared.contracts.access import (
    AccountOpened,
    AccountReinstated,
    AccountSuspended,
    IdentityLinked,
    IdentityUnlinked,
    MemberSet,
    PasswordChangeRequired,
    PasswordSet,
    RoleGranted,
)
from shared.contracts.base import Event, Sealed
from shared.decider import Decider, RuleBroken, Unknown

DUTY_TAKEN_UP = "担任安全管理员、审计管理员，此前的登录方式作废"
CHOSEN_BY_THE_APPROVER = "批准角色时由安全管理员设置，首次登录须修改密码"


@dataclass(frozen=True, slots=True)
class AccountState:
    """An account; ``account_id`` is empty until it is opened. Sealed values are None once the person is erased."""

    account_id: str = ""
    agency_id: str = ""
    subject: str = ""
    login: str | None = None
    display_name: str | None = None
    member_id: str | None = None
    password_hash: str | None = None
    must_change_password: bool = False
    """Whether the password was chosen by somebody else, and nothing but changing it is open."""
    suspended: str | None = None
    """The reason, where it is suspended."""
    roles: Roles = field(default_factory=Roles)
    identities: Mapping[str, str | None] = field(default_factory=dict)
    """Who the account is at identity providers: the provider's name for the person by issuer."""
    version: int = 0
    """Of the account's stream: how many changes of it have been seen."""
    sessions_end: int = 0
    """The version at which every session ended: a password was set, the account suspended, or a duty taken up."""
    tokens_end: int = 0
    """The version at which every token for machines ended: somebody else chose the password, suspended, or a duty."""
    linked: int = 0
    """The version at which it was last linked with an identity."""

    @property
    def in_use(self) -> bool:
        """Tell whether it was opened and is not suspended."""
        return bool(self.account_id) and not self.suspended

    def admits_session(self, began_at: int, vouched_by: str | None) -> bool:
        """Tell whether a session may go on that began at a version: the way in to it is still the one taken.

        Who was vouched for by an issuer must still be the account's own person there.
        """
        vouched = vouched_by is None or (vouched_by in self.identities and self.linked <= began_at)
        return self.in_use and self.sessions_end <= began_at and vouched

    def admits_token(self, issued_at: int) -> bool:
        """Tell whether a token that was issued at a version is still its owner's to use."""
        return self.in_use and self.tokens_end <= issued_at

    @property
    def grants(self) -> Mapping[str, HeldRole]:
        """Return the roles it was given and that nobody ended; some may be past their last day."""
        return self.roles.grants


@dataclass(frozen=True, slots=True)
class OpenAccount:
    """Open an account of an agency, with its first password's hash and its first roles."""

    account_id: str
    agency_id: str
    login: str
    display_name: str
    member_id: str | None = None
    password_hash: str | None = None
    grants: tuple[GrantRole, ...] = ()
    chosen_by_another: str | None = None
    """Why the first password must be changed at the first sign-in; None where its owner typed it."""


@dataclass(frozen=True, slots=True)
class SetMember:
    """Name the member of the agency's roster whose account it is (对应党员), another than before, or nobody."""

    member_id: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class SetPassword:
    """Replace the password, by its owner; the hash (argon2id) was made before."""

    password_hash: str
    verified: str | None
    """The hash that the owner's present password was checked against: another since then is not theirs to replace."""


@dataclass(frozen=True, slots=True)
class ResetPassword:
    """Give the account a password that its owner must change at the next sign-in."""

    password_hash: str
    reason: str


@dataclass(frozen=True, slots=True)
class SuspendAccount:
    """Stop the account (停用): no sign-in from now on, and no session goes on."""

    reason: str


@dataclass(frozen=True, slots=True)
class ReinstateAccount:
    """Take a suspended account back into use (恢复使用); what had been let in before stays out."""

    reason: str


@dataclass(frozen=True, slots=True)
class LinkIdentity:
    """Let whoever the issuer calls by this name (``sub``) sign in to the account; ``matched_claim`` as in the event."""

    issuer: str
    identity: str
    matched_claim: str | None = None
    at_the_machine: bool = False
    """Whether the machine's own command line asks, which links the first administrators too."""


@dataclass(frozen=True, slots=True)
class UnlinkIdentity:
    """End that."""

    issuer: str
    reason: str


Command = (
    OpenAccount
    | SetMember
    | SetPassword
    | ResetPassword
    | RoleCommand
    | SuspendAccount
    | ReinstateAccount
    | LinkIdentity
    | UnlinkIdentity
)


def decide(state: AccountState, command: Command) -> tuple[Event, ...]:
    """Decide on one account."""
    if isinstance(command, OpenAccount):
        return _open(state, command)
    if not state.account_id:
        raise Unknown("account-unknown", "没有这个账号。")
    _refuse_apart(state, command)
    match command:
        case EndRole() | DeclineRole():
            return decide_role(state.account_id, state.roles, command)
        case SuspendAccount():
            return () if state.suspended else (_suspended(state, command),)
        case ReinstateAccount():
            return (_reinstated(state, command),) if state.suspended else ()
        case UnlinkIdentity():
            return _unlink(state, command)
    if state.suspended:
        raise RuleBroken(
            "account-suspended",
            "这个账号已经停用，不能再授予角色、对应党员、设置密码或关联统一身份；要用，先恢复使用。",
        )
    if isinstance(command, SetMember):
        return () if state.member_id == command.member_id else (_member(state, command),)
    if isinstance(command, RequestRole):
        return decide_role(state.account_id, state.roles, command)
    if isinstance(command, ApproveRole):
        return _approve(state, command)
    if isinstance(command, ResetPassword):
        return _reset(state, command)
    if isinstance(command, LinkIdentity):
        return _link(state, command)
    return _change(state, command)


def _refuse_apart(state: AccountState, command: Command) -> None:
    """Keep the system administrator's acts from an account that stands apart, or does since their look at it.

    A link by a claim at sign-in is one of them: the claim is the log-in name, which they chose.
    """
    match command:
        case LinkIdentity(at_the_machine=True):
            return
        case ResetPassword() | LinkIdentity() | UnlinkIdentity() | SuspendAccount() | ReinstateAccount() | SetMember():
            refuse_apart(state.roles.held)


def _open(state: AccountState, command: OpenAccount) -> tuple[Event, ...]:
    if state.account_id:
        same = (state.agency_id, state.login, state.display_name, state.member_id)
        if same == (command.agency_id, command.login, command.display_name, command.member_id):
            return ()
        raise RuleBroken("account-exists", "这个账号已经开立。")
    subject = f"person:{command.member_id or command.account_id}"
    opened = AccountOpened(
        account_id=command.account_id,
        agency_id=command.agency_id,
        login=Sealed(subject=subject, value=command.login),
        display_name=Sealed(subject=subject, value=command.display_name),
        member_id=command.member_id,
    )
    state = evolve(state, opened)
    password: tuple[Event, ...] = (_password(state, command.password_hash),) if command.password_hash else ()
    if password and command.chosen_by_another:
        password = (*password, _change_required(state, command.chosen_by_another))
    roles, granted = state.roles, list[Event]()
    for each in command.grants:
        for event in first_role(state.account_id, roles, each):
            roles = evolve_roles(roles, event)
            granted.append(event)
    return (opened, *password, *granted)


def _approve(state: AccountState, command: ApproveRole) -> tuple[Event, ...]:
    granted, given = decide_role(state.account_id, state.roles, command), command.way_in
    if not granted:
        if given and given.password_hash not in {None, state.password_hash}:
            raise granted_already()  # or the approver would tell somebody a password that is not the account's
        return ()
    if takes_up_duty(state.roles.requests[command.request_id].held.role, state.roles.held):
        return (*_own_way_in(state, given or NewWayIn()), *granted)
    if given:
        raise RuleBroken("way-in-kept", "这项角色不改变登录方式，批准时不填初始密码和统一身份编号。")
    return granted


def _own_way_in(state: AccountState, given: NewWayIn) -> tuple[Event, ...]:
    """Void every way in that the system administrator may know, and open one of the approver's (ADR 13).

    Sessions and tokens end by the grant itself.
    """
    issuer, named = given.identity or (None, None)
    if issuer is not None and state.identities.get(issuer) != named:
        raise RuleBroken(
            "identity-not-confirmed",
            "填的编号不是这个账号现在关联的统一身份，请再核对；关联错了的，退回申请，由系统管理员改好后重新申请。",
        )
    if given.password_hash is None and issuer is None:
        raise RuleBroken(
            "way-in-needed",
            "批准安全管理员、审计管理员，要由您另设初始密码，或者核对本人的统一身份编号：原来的登录方式随之作废。",
        )
    ended = [
        IdentityUnlinked(account_id=state.account_id, issuer=each, reason=DUTY_TAKEN_UP)
        for each in state.identities
        if each != issuer
    ]
    if given.password_hash is not None:
        return (*ended, _password(state, given.password_hash), _change_required(state, CHOSEN_BY_THE_APPROVER))
    return (*ended, _password(state, "")) if state.password_hash else tuple(ended)


def _member(state: AccountState, command: SetMember) -> Event:
    return MemberSet(account_id=state.account_id, member_id=command.member_id, reason=command.reason)


def _suspended(state: AccountState, command: SuspendAccount) -> Event:
    return AccountSuspended(account_id=state.account_id, reason=command.reason)


def _reinstated(state: AccountState, command: ReinstateAccount) -> Event:
    return AccountReinstated(account_id=state.account_id, reason=command.reason)


def _password(state: AccountState, password_hash: str) -> Event:
    return PasswordSet(account_id=state.account_id, hash=Sealed(subject=state.subject, value=password_hash))


def _change(state: AccountState, command: SetPassword) -> tuple[Event, ...]:
    if state.password_hash == command.password_hash:
        return ()
    if state.password_hash != command.verified:
        raise RuleBroken("password-changed-meanwhile", "密码刚刚另行设置过，没有修改；请用新的密码重新登录。")
    return (_password(state, command.password_hash),)


def _reset(state: AccountState, command: ResetPassword) -> tuple[Event, ...]:
    if state.must_change_password and state.password_hash == command.password_hash:
        return ()
    return (_password(state, command.password_hash), _change_required(state, command.reason))


def _change_required(state: AccountState, reason: str) -> Event:
    return PasswordChangeRequired(account_id=state.account_id, reason=reason)


def _link(state: AccountState, command: LinkIdentity) -> tuple[Event, ...]:
    if command.issuer in state.identities:
        if state.identities[command.issuer] == command.identity:
            return ()
        raise RuleBroken("identity-linked-already", "这个账号已经关联了另一个统一身份，请先解除关联。")
    return (
        IdentityLinked(
            account_id=state.account_id,
            issuer=command.issuer,
            identity=Sealed(subject=state.subject, value=command.identity),
            matched_claim=command.matched_claim,
        ),
    )


def _unlink(state: AccountState, command: UnlinkIdentity) -> tuple[Event, ...]:
    if command.issuer not in state.identities:
        return ()
    return (IdentityUnlinked(account_id=state.account_id, issuer=command.issuer, reason=command.reason),)


def evolve(state: AccountState, event: Event) -> AccountState:
    """Return the account after an event."""
    return replace(_evolve(state, event, state.version + 1), version=state.version + 1)


def _evolve(state: AccountState, event: Event, version: int) -> AccountState:
    match event:
        case AccountOpened():
            return AccountState(
                account_id=event.account_id,
                agency_id=event.agency_id,
                subject=event.login.subject,
                login=event.login.value,
                display_name=event.display_name.value,
                member_id=event.member_id,
            )
        case MemberSet():
            return replace(state, member_id=event.member_id)
        case PasswordSet():
            hashed = event.hash.value or None
            return replace(state, password_hash=hashed, must_change_password=False, sessions_end=version)
        case PasswordChangeRequired():
            return replace(state, must_change_password=True, tokens_end=version)
        case AccountSuspended():
            return replace(state, suspended=event.reason, sessions_end=version, tokens_end=version)
        case AccountReinstated():
            return replace(state, suspended=None)
        case IdentityLinked():
            linked = {**state.identities, event.issuer: event.identity.value}
            return replace(state, identities=linked, linked=version)
        case IdentityUnlinked():
            return replace(state, identities={i: n for i, n in state.identities.items() if i != event.issuer})
        case RoleGranted() if takes_up_duty(event.role, state.roles.held):
            state = replace(state, sessions_end=version, tokens_end=version)
    return replace(state, roles=evolve_roles(state.roles, event))


def snapshot(state: AccountState) -> dict[str, Any]:
    """Return the account as replay shows it; never its hash."""
    return {
        "login": state.login,
        "display_name": state.display_name,
        "member": state.member_id,
        "password": _password_shown(state),
        "identity": "、".join(state.identities) or "未关联",
        "status": f"已停用：{state.suspended}" if state.suspended else "正常",
        **shown(state.roles),
    }


def _password_shown(state: AccountState) -> str:
    if not state.password_hash:
        return "未设置"
    return "已设置，须本人修改" if state.must_change_password else "已设置"


ACCOUNT: Decider[AccountState] = Decider("access", "account", AccountState(), decide, evolve, snapshot)
