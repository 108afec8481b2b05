"""The list of accounts (账号) with the roles they hold, for those who manage them. No hash is kept here."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Date,
    Index,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    bindparam,
    delete,
    insert,
    or_,
    select,
    update,
)

from shared.clock import day_in_china
from shared.contracts.access import (
    AccountOpened,
    AccountReinstated,
    AccountSuspended,
    IdentityLinked,
    IdentityUnlinked,
    MemberSet,
    PasswordChangeRequired,
    PasswordSet,
    RoleDeclined,
    RoleEnded,
    RoleGranted,
    RoleRequested,
    SecondStepConfirmed,
    SecondStepRemoved,
)
from shared.projection.ledger import Ledger, Occurrence
from shared.projection.reading import Reading

NAME = "accounts"
PAGE = 200

metadata = MetaData()
accounts = Table(
    "accounts",
    metadata,
    Column("account_id", String, primary_key=True),
    Column("agency_id", String, nullable=False),
    Column("login", String),
    Column("display_name", String),
    Column("member_id", String),
    Column("has_password", Boolean, nullable=False),
    Column("identities", Integer, nullable=False),
    Column("second_step", Boolean, nullable=False),
    Column("suspended", String),
    Column("version", Integer, nullable=False),
    Column("opened", BigInteger, nullable=False),
    Index("accounts_of_agency", "agency_id"),
    Index("accounts_by_opening", "opened"),
)


def _placed(name: str, key: str, *more: Column[Any]) -> Table:
    return Table(
        name,
        metadata,
        Column(key, String, primary_key=True),
        Column("account_id", String, nullable=False),
        Column("agency_id", String, nullable=False),
        Column("role", String, nullable=False),
        Column("at_agency_id", String, nullable=False),
        Column("at_organisation_id", String, nullable=False),
        Column("until", Date),
        *more,
        Index(f"{name}_of_account", "account_id"),
    )


def _asked() -> tuple[Column[Any], ...]:
    return (
        Column("asked_by", String, nullable=False),
        Column("asked_on", Date, nullable=False),
        Column("reason", String, nullable=False),
    )


grants = _placed("grants", "grant_id")
requests = _placed("requests", "request_id", *_asked())
declined = _placed(
    "declined",
    "request_id",
    *_asked(),
    Column("declined_by", String, nullable=False),
    Column("declined_on", Date, nullable=False),
    Column("declined_for", String, nullable=False),
)
"""Of all three, ``agency_id`` is the account's: who sees an account sees what it holds elsewhere, too; ``at_…`` is
where. What was declined stays until its asker asks for the account again, or the role is given there."""

_ADD = insert(accounts)
_CHANGE = update(accounts).where(accounts.c.account_id == bindparam("which"))
_ADD_GRANT = insert(grants)
_END_GRANT = delete(grants).where(grants.c.grant_id == bindparam("which"))
_ADD_REQUEST = insert(requests)
_CLOSE_REQUEST = delete(requests).where(requests.c.request_id == bindparam("which"))
_DECLINE = insert(declined)
_GIVEN_AFTER_ALL = delete(declined).where(
    declined.c.account_id == bindparam("account"),
    declined.c.role == bindparam("which"),
    declined.c.at_organisation_id == bindparam("where"),
)
_ASKED_ANEW = delete(declined).where(
    declined.c.account_id == bindparam("account"), declined.c.asked_by == bindparam("asker")
)
"""Whatever it is that is asked for now: what was sent back is often asked for at another place, or in another role."""


@dataclass(frozen=True, slots=True)
class GrantRow:
    """One role that was given and not ended; past its last day (``until``, in China) it carries nothing."""

    grant_id: str
    role: str
    agency_id: str
    organisation_id: str
    until: date | None


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One role that was asked for and waits; ``asked_by`` is an account."""

    request_id: str
    role: str
    agency_id: str
    organisation_id: str
    until: date | None
    asked_by: str
    asked_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class DeclinedRow(RequestRow):
    """One role that was asked for and sent back, and not asked for again; ``declined_by`` is an account."""

    declined_by: str
    declined_on: date
    declined_for: str


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account; names are None once the person is erased, ``suspended`` is the reason.

    ``opened`` is the position of its opening, which is the order of lists.
    """

    account_id: str
    agency_id: str
    login: str | None
    display_name: str | None
    member_id: str | None
    has_password: bool
    identities: int
    second_step: bool
    suspended: str | None
    version: int
    opened: int
    grants: tuple[GrantRow, ...]
    requests: tuple[RequestRow, ...]
    declined: tuple[DeclinedRow, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which accounts a list is to show; what is empty or None does not narrow it.

    ``named`` is text of the log-in or the name, ``agency_id`` where the account belongs. ``role`` and
    ``organisation_id`` are one role's: one in force on ``today`` or, where ``waiting``, one that was asked for, or
    where ``declined`` names an account and a day, one that this account asked for and that was sent back since then.
    """

    today: date
    named: str = ""
    agency_id: str | None = None
    role: str | None = None
    organisation_id: str | None = None
    suspended: bool | None = None
    waiting: bool = False
    declined: tuple[str, date] | None = None


P = TypeVar("P", GrantRow, RequestRow, DeclinedRow)


def _opened(db: Connection, seen: Occurrence) -> None:
    event: AccountOpened = seen.event
    db.execute(
        _ADD,
        {
            "account_id": event.account_id,
            "agency_id": event.agency_id,
            "login": event.login.value,
            "display_name": event.display_name.value,
            "member_id": event.member_id,
            "has_password": False,
            "identities": 0,
            "second_step": False,
            "suspended": None,
            "version": seen.row.version,
            "opened": seen.row.position,
        },
    )


def _member(db: Connection, seen: Occurrence) -> None:
    _change(db, seen, member_id=seen.event.member_id)


def _password(db: Connection, seen: Occurrence) -> None:
    _change(db, seen, has_password=seen.event.hash.value != "")


def _change_required(db: Connection, seen: Occurrence) -> None:
    _change(db, seen)


def _linked(db: Connection, seen: Occurrence) -> None:
    _change(db, seen, identities=accounts.c.identities + 1)


def _unlinked(db: Connection, seen: Occurrence) -> None:
    _change(db, seen, identities=accounts.c.identities - 1)


def _granted(db: Connection, seen: Occurrence) -> None:
    event: RoleGranted = seen.event
    db.execute(_ADD_GRANT, _part(db, event))
    db.execute(_GIVEN_AFTER_ALL, {"account": event.account_id, "which": event.role, "where": event.organisation_id})
    _close_request(db, seen, event.grant_id)


def _ended(db: Connection, seen: Occurrence) -> None:
    db.execute(_END_GRANT, {"which": seen.event.grant_id})
    _change(db, seen)


def _requested(db: Connection, seen: Occurrence) -> None:
    event: RoleRequested = seen.event
    said = _part(db, event) | {"asked_on": day_in_china(seen.row.recorded_at)}
    db.execute(_ADD_REQUEST, said)
    db.execute(_ASKED_ANEW, {"account": event.account_id, "asker": event.asked_by})
    _change(db, seen)


def _declined(db: Connection, seen: Occurrence) -> None:
    event: RoleDeclined = seen.event
    asked = db.execute(select(requests).where(requests.c.request_id == event.request_id)).one()
    said = {
        "declined_by": seen.row.actor,
        "declined_on": day_in_china(seen.row.recorded_at),
        "declined_for": event.reason,
    }
    db.execute(_DECLINE, dict(asked._mapping) | said)
    _close_request(db, seen, event.request_id)


def _part(db: Connection, event: RoleGranted | RoleRequested) -> dict[str, object]:
    home = db.scalars(select(accounts.c.agency_id).where(accounts.c.account_id == event.account_id)).one()
    at = {"at_agency_id": event.agency_id, "at_organisation_id": event.organisation_id}
    return event.model_dump(exclude={"organisation_id"}) | at | {"agency_id": home}


def _close_request(db: Connection, seen: Occurrence, request_id: str) -> None:
    db.execute(_CLOSE_REQUEST, {"which": request_id})
    _change(db, seen)


def _suspended(db: Connection, seen: Occurrence) -> None:
    _change(db, seen, suspended=seen.event.reason)


def _reinstated(db: Connection, seen: Occurrence) -> None:
    _change(db, seen, suspended=None)


def _second_step(db: Connection, seen: Occurrence) -> None:
    """Another stream than the account's: its version, which ``If-Match`` speaks of, stays."""
    in_force = isinstance(seen.event, SecondStepConfirmed)
    db.execute(_CHANGE.values(second_step=in_force), {"which": seen.event.account_id})


def _change(db: Connection, seen: Occurrence, **values: object) -> None:
    db.execute(_CHANGE.values(version=seen.row.version, **values), {"which": seen.event.account_id})


ACCOUNTS = Ledger(
    name=NAME,
    version=10,
    metadata=metadata,
    handlers={
        AccountOpened: _opened,
        MemberSet: _member,
        PasswordSet: _password,
        PasswordChangeRequired: _change_required,
        RoleGranted: _granted,
        RoleEnded: _ended,
        RoleRequested: _requested,
        RoleDeclined: _declined,
        AccountSuspended: _suspended,
        AccountReinstated: _reinstated,
        IdentityLinked: _linked,
        IdentityUnlinked: _unlinked,
        SecondStepConfirmed: _second_step,
        SecondStepRemoved: _second_step,
    },
)


def accounts_within(reading: Reading, wanted: Wanted, after_id: str = "") -> tuple[list[AccountRow], str | None]:
    """Return up to 200 accounts within reach, the earliest opened first, and the id after which the next page begins.

    A page stays what it was while accounts are opened; after the last there is None.
    """
    last = reading.scalar(select(accounts.c.opened).where(accounts.c.account_id == after_id))
    found = select(accounts).where(accounts.c.opened > (last or 0), *_of_account(wanted))
    part = requests if wanted.waiting else declined if wanted.declined else grants
    of_role = _of_role(part, wanted)
    if part is not grants or of_role:
        found = found.join(part, part.c.account_id == accounts.c.account_id).where(*of_role).distinct()
    rows = _rows(reading, found.order_by(accounts.c.opened).limit(PAGE + 1))
    return rows[:PAGE], rows[PAGE - 1].account_id if len(rows) > PAGE else None


def _of_account(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.named:
        texts = accounts.c.login, accounts.c.display_name
        yield or_(*(text.contains(wanted.named, autoescape=True) for text in texts))
    if wanted.agency_id:
        yield accounts.c.agency_id == wanted.agency_id
    if wanted.suspended is not None:
        yield accounts.c.suspended.is_not(None) if wanted.suspended else accounts.c.suspended.is_(None)


def _of_role(part: Table, wanted: Wanted) -> list[ColumnElement[bool]]:
    asked = {part.c.role: wanted.role, part.c.at_organisation_id: wanted.organisation_id}
    found = [column == value for column, value in asked.items() if value]
    if wanted.declined and part is declined:
        asker, since = wanted.declined
        found += [declined.c.asked_by == asker, declined.c.declined_on >= since]
    return [*found, _in_force(wanted.today)] if found and part is grants else found


def _in_force(today: date) -> ColumnElement[bool]:
    return or_(grants.c.until.is_(None), grants.c.until >= today)


def one_account(reading: Reading, account_id: str) -> AccountRow | None:
    """Return the account, or None where there is none within reach."""
    return next(iter(_rows(reading, select(accounts).where(accounts.c.account_id == account_id))), None)


def account_names(reading: Reading, ids: Collection[str]) -> dict[str, str]:
    """Return the names to show of those accounts that are within reach, by id."""
    rows = reading.execute(select(accounts.c.account_id, accounts.c.display_name).where(accounts.c.account_id.in_(ids)))
    return {r.account_id: r.display_name for r in rows if r.display_name is not None}


def holders(reading: Reading, role: str) -> dict[str, str]:
    """Return the names of those who hold a role and are not suspended, within reach, by id."""
    rows = reading.execute(
        select(accounts.c.account_id, accounts.c.display_name)
        .join(grants, grants.c.account_id == accounts.c.account_id)
        .where(grants.c.role == role, accounts.c.suspended.is_(None))
        .order_by(accounts.c.account_id)
    )
    return {r.account_id: r.display_name for r in rows if r.display_name is not None}


def carrying(
    reading: Reading, agency_ids: Collection[str], roles: Collection[str], today: date
) -> list[tuple[str, str | None, GrantRow]]:
    """Return who holds one of the roles at one of the agencies, today: account, name to show, grant.

    Suspended accounts and roles past their last day are left out.
    """
    asked = (
        select(grants, accounts.c.display_name)
        .join(accounts, accounts.c.account_id == grants.c.account_id)
        .where(
            grants.c.at_agency_id.in_(agency_ids),
            grants.c.role.in_(roles),
            accounts.c.suspended.is_(None),
            _in_force(today),
        )
        .order_by(grants.c.account_id, grants.c.grant_id)
    )
    return [
        (r.account_id, r.display_name, GrantRow(r.grant_id, r.role, r.at_agency_id, r.at_organisation_id, r.until))
        for r in reading.execute(asked)
    ]


def _rows(reading: Reading, asked: Select[Any]) -> list[AccountRow]:
    rows = reading.execute(asked).all()
    ids = [r.account_id for r in rows]
    held, wanted = _parts(reading, grants, GrantRow, ids), _parts(reading, requests, RequestRow, ids)
    refused = _parts(reading, declined, DeclinedRow, ids)
    return [
        AccountRow(
            **r._mapping,
            grants=tuple(held.get(r.account_id, ())),
            requests=tuple(wanted.get(r.account_id, ())),
            declined=tuple(refused.get(r.account_id, ())),
        )
        for r in rows
    ]


def _parts(reading: Reading, table: Table, part: type[P], account_ids: list[str]) -> dict[str, list[P]]:
    """Return the grants, the requests or what was declined of accounts, the earliest first."""
    found: dict[str, list[P]] = {}
    asked = select(table).where(table.c.account_id.in_(account_ids)).order_by(*table.primary_key)
    for row in reading.execute(asked):
        values = dict(row._mapping)
        at = {"agency_id": values.pop("at_agency_id"), "organisation_id": values.pop("at_organisation_id")}
        found.setdefault(values.pop("account_id"), []).append(part(**values | at))
    return found
