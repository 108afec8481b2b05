"""What the access API takes and gives."""

import re
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from shared.contracts.base import Text
from shared.documents.characters import legible, one_line
from shared.http.fields import Name
from shared.http.requests import Accepted, Body, Day
from shared.ids import is_id
from shared.security.policy import Permission
from shared.security.principal import Role

_NO_BLANKS = re.compile(r"[^\s\x00-\x1f\x7f]+")


def _login(text: str) -> str:
    if not _NO_BLANKS.fullmatch(text):
        raise ValueError("登录名中不能有空格")
    if not text.isprintable():  # two log-ins that look alike would be two people's
        raise ValueError("登录名中不能有看不见的字符")
    return text


def _id(text: str) -> str:
    if not is_id(text):
        raise ValueError("应是一个编号")
    return text


Id = Annotated[str, AfterValidator(_id)]
Place = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-z0-9-]+$")]
"""An agency's or organisation's id, or the platform."""
Login = Annotated[Text, Field(min_length=2, max_length=64), AfterValidator(_login)]
Password = Annotated[Text, Field(min_length=1, max_length=256)]
Code = Annotated[Text, Field(min_length=6, max_length=64)]
Reason = Annotated[Text, Field(min_length=2, max_length=500), AfterValidator(legible)]


class SignIn(Body):
    """登录."""

    account: Annotated[Text, Field(min_length=1, max_length=200)]
    password: Password


class SessionToken(BaseModel):
    """A session's bearer token and its absolute end."""

    token: str
    expires_at: datetime


class CodeWanted(BaseModel):
    """The password fits, and the account has a second step: the ticket goes with a code to ``/sign-in/code``."""

    ticket: str
    expires_at: datetime


class ShownCode(Body):
    """动态口令或恢复码, with the ticket that the password got."""

    ticket: Annotated[Text, Field(min_length=1, max_length=200)]
    code: Code


class SessionItem(BaseModel):
    """One of one's own sessions; the address is a network, the agent a kind of program; ``current`` asks."""

    id: str
    started_at: datetime
    last_used_at: datetime
    expires_at: datetime
    address: str
    agent: str
    current: bool


class SessionItems(BaseModel):
    """One's own sessions in force, the newest first."""

    items: list[SessionItem]


class Ended(BaseModel):
    """How many were ended."""

    ended: int


class SecondStepView(BaseModel):
    """两步验证 of one's own account; ``recovery_left`` counts the recovery codes that were not used yet."""

    state: Literal["off", "prepared", "on"]
    recovery_left: int


class WithPassword(Body):
    """An act that asks for the present password once more."""

    password: Password


class WithCode(Body):
    """A code that the device shows."""

    code: Code


class WithPasswordAndCode(Body):
    """An act that asks for both."""

    password: Password
    code: Code


class SecretOfDevice(BaseModel):
    """What the device takes in, typed or as an ``otpauth:`` address; shown once."""

    secret: str
    address: str


class RecoveryCodes(BaseModel):
    """恢复码, each good for one sign-in without the device; shown once."""

    codes: list[str]


class OwnRole(BaseModel):
    """A role that one holds: where, since when and until when (days in China), and who gave it (None: not a person)."""

    role_name: str
    agency_name: str
    organisation_name: str
    since: date
    until: date | None
    given_by_name: str | None


class OwnAccountView(BaseModel):
    """One's own account: its roles in force and its ways in."""

    id: str
    login: str | None
    display_name: str | None
    has_password: bool
    has_identity: bool
    second_step: bool
    roles: list[OwnRole]


class NewToken(Body):
    """建立访问令牌: what it is for, how many days (at most a year), which permissions; the reading ones unless named.

    ``password`` is the present one, needed where the account has one.
    """

    name: Annotated[Text, Field(min_length=1, max_length=60), AfterValidator(one_line)]
    days: Annotated[int, Field(ge=1, le=366)] = 90
    scopes: Annotated[list[Permission], Field(min_length=1, max_length=64)] | None = None
    password: Password | None = None


class IssuedToken(Accepted):
    """A token just issued: ``secret`` is what the machine shows, given this once; ``token`` is for ``after=``."""

    secret: str


class TokenItem(BaseModel):
    """A token in force; ``last_used_on`` is a day in China, None: never used."""

    id: str
    name: str
    scopes: list[str]
    issued_at: datetime
    expires_at: datetime
    last_used_on: date | None


class TokenItems(BaseModel):
    """One's own tokens in force; ``scopes`` are what a new one may carry, ``reading`` those that change nothing."""

    items: list[TokenItem]
    scopes: list[str]
    reading: list[str]


class NewRequest(Body):
    """申请角色; the reason goes to the security administrator."""

    role: Role
    agency: Place
    organisation: Place
    until: Day | None = None
    reason: Reason


class Approval(Body):
    """批准角色; where somebody takes up a duty, ``password`` is the first one, told to them by the approver.

    ``identity`` is who they are at the provider, as the approver learned it there: it must be what is linked. One of
    the two is needed; the other way in ends.
    """

    password: Password | None = None
    identity: Annotated[Text, Field(min_length=1, max_length=255)] | None = None


class NewAccount(Body):
    """开立账号; the agency is the caller's unless named. Without a password where people sign in elsewhere."""

    login: Login
    display_name: Name
    password: Password | None = None
    agency: Place | None = None
    member: Id | None = None


class WithReason(Body):
    """An act that says why."""

    reason: Reason


class MemberOf(WithReason):
    """对应党员; whose account it is on the agency's roster, None: nobody's."""

    member: Id | None


class ResetOfPassword(Body):
    """重设密码; the new password is told to its owner, who must change it."""

    password: Password
    reason: Reason


class ChangePassword(Body):
    """修改本人密码."""

    current: Password
    new: Password


class PlacedRole(BaseModel):
    """A role at a place, with the names of both; held or asked for to the end of a day in China (``until``)."""

    id: str
    role: Role
    role_name: str
    agency: str
    agency_name: str
    organisation: str
    organisation_name: str
    until: date | None


class GrantItem(PlacedRole):
    """One role that was given and not ended; ``in_force`` is false past its last day."""

    in_force: bool


class AskedItem(PlacedRole):
    """One role that was asked for; ``asked_by`` is an account."""

    asked_by: str
    asked_by_name: str | None
    asked_on: date
    reason: str


class RequestItem(AskedItem):
    """One role that was asked for and waits.

    ``takes_up_duty``: its approver gives the account a way in of its own (ADR 13). ``may``: what the caller may do.
    """

    takes_up_duty: bool
    may: list[Literal["approve", "decline"]]


class DeclinedItem(AskedItem):
    """One role that was asked for and sent back, and not asked for again since; ``declined_by`` is an account."""

    declined_by: str
    declined_by_name: str | None
    declined_on: date
    declined_for: str


class ReaderItem(BaseModel):
    """One way in which somebody may read a record: a role at a place above it, or a running mandate over it.

    ``mandate`` is the mandate's id, ``classes`` the names of what it opens; of a role None and empty.
    """

    account: str
    display_name: str | None
    role: Role
    role_name: str
    organisation: str
    organisation_name: str
    until: date | None
    mandate: str | None = None
    classes: list[str] = []


class ReaderList(BaseModel):
    """Who may read a record."""

    readers: list[ReaderItem]


class AccountItem(BaseModel):
    """One account in the list; ``version`` serves ``If-Match``."""

    id: str
    agency: str
    login: str | None
    display_name: str | None
    member: str | None
    has_password: bool
    has_identity: bool
    second_step: bool
    suspended: str | None
    version: int
    grants: list[GrantItem]
    requests: list[RequestItem]
    declined: list[DeclinedItem]


class AccountDetail(AccountItem):
    """One account, with the tokens for machines (访问令牌) of its owner that are in force.

    ``stands_apart``: it holds a duty whose ways in, and whose suspension, are none of the system administrator's.
    """

    stands_apart: bool
    tokens: list[TokenItem]


class AccountList(BaseModel):
    """A page of accounts; ``cursor`` leads to the next, or is None at the end."""

    items: list[AccountItem]
    cursor: str | None
