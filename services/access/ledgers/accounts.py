"""The list of accounts (账号) with the roles they hold, for those who manage them. No hash is kept here."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from shared.contracts.access import (
    AccountOpened,
    AccountSuspended,
    IdentityLinked,
    IdentityUnlinked,
    PasswordChangeRequired,
    PasswordSet,
    RoleEnded,
    RoleGranted,
)
from shared.projection.ledger import Ledger, Occurrence
from shared.security.policy import Reach

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
    Column("suspended", String),
    Column("version", Integer, nullable=False),
    Index("accounts_of_agency", "agency_id"),
)
grants = Table(
    "grants",
    metadata,
    Column("grant_id", String, primary_key=True),
    Column("account_id", String, nullable=False),
    Column("role", String, nullable=False),
    Column("agency_id", String, nullable=False),
    Column("organisation_id", String, nullable=False),
    Index("grants_of_account", "account_id"),
)

_ADD = insert(accounts)
_CHANGE = update(accounts).where(accounts.c.account_id == bindparam("which"))
_ADD_GRANT = insert(grants)
_END_GRANT = delete(grants).where(grants.c.grant_id == bindparam("which"))


@dataclass(frozen=True, slots=True)
class GrantRow:
    """One role in force."""

    grant_id: str
    role: str
    agency_id: str
    organisation_id: str


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account; names are None once the person is erased, ``suspended`` is the reason."""

    account_id: str
    agency_id: str
    login: str | None
    display_name: str | None
    member_id: str | None
    has_password: bool
    identities: int
    suspended: str | None
    version: int
    grants: tuple[GrantRow, ...]


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
            "suspended": None,
            "version": seen.row.version,
        },
    )


def _password(db: Connection, seen: Occurrence) -> None:
    _change(db, seen, has_password=True)


def _change_required(db: Connection, seen: Occurrence) -> None:
    _change(db, seen)


def _linked(db: Connection, seen: Occurrence) -> None:
    _change(db, seen, identities=accounts.c.identities + 1)


def _unlinked(db: Connection, seen: Occurrence) -> None:
    _change(db, seen, identities=accounts.c.identities - 1)


def _granted(db: Connection, seen: Occurrence) -> None:
    event: RoleGranted = seen.event
    db.execute(_ADD_GRANT, event.model_dump())
    _change(db, seen)


def _ended(db: Connection, seen: Occurrence) -> None:
    db.execute(_END_GRANT, {"which": seen.event.grant_id})
    _change(db, seen)


def _suspended(db: Connection, seen: Occurrence) -> None:
    _change(db, seen, suspended=seen.event.reason)


def _change(db: Connection, seen: Occurrence, **values: object) -> None:
    db.execute(_CHANGE.values(version=seen.row.version, **values), {"which": seen.event.account_id})


ACCOUNTS = Ledger(
    name=NAME,
    version=3,
    metadata=metadata,
    handlers={
        AccountOpened: _opened,
        PasswordSet: _password,
        PasswordChangeRequired: _change_required,
        RoleGranted: _granted,
        RoleEnded: _ended,
        AccountSuspended: _suspended,
        IdentityLinked: _linked,
        IdentityUnlinked: _unlinked,
    },
)


def accounts_within(db: Connection, reach: Reach, after_id: str = "") -> list[AccountRow]:
    """Return up to 200 accounts of the agencies within reach, in the order of their ids, after one of them."""
    rows = db.execute(
        select(accounts)
        .where(accounts.c.agency_id.in_(reach.agencies), accounts.c.account_id > after_id)
        .order_by(accounts.c.account_id)
        .limit(PAGE)
    ).all()
    held = _grants_of(db, [r.account_id for r in rows])
    return [AccountRow(**r._mapping, grants=tuple(held.get(r.account_id, ()))) for r in rows]


def names_within(db: Connection, reach: Reach, ids: Collection[str]) -> dict[str, str]:
    """Return the names to show of those accounts that belong to agencies within reach, by id."""
    rows = db.execute(
        select(accounts.c.account_id, accounts.c.display_name).where(
            accounts.c.agency_id.in_(reach.agencies), accounts.c.account_id.in_(ids)
        )
    )
    return {r.account_id: r.display_name for r in rows if r.display_name is not None}


def _grants_of(db: Connection, account_ids: list[str]) -> dict[str, list[GrantRow]]:
    found: dict[str, list[GrantRow]] = {}
    for row in db.execute(select(grants).where(grants.c.account_id.in_(account_ids)).order_by(grants.c.grant_id)):
        held = GrantRow(row.grant_id, row.role, row.agency_id, row.organisation_id)
        found.setdefault(row.account_id, []).append(held)
    return found
