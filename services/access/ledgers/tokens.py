"""Tokens for machines by account: the list that their owner and the administrators see."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    insert,
    select,
)

from shared.clock import from_micros, to_micros
from shared.contracts.access import TokenIssued, TokenRevoked
from shared.projection.ledger import Ledger, Occurrence
from shared.projection.reading import Reading

NAME = "tokens"

metadata = MetaData()
tokens = Table(
    "tokens",
    metadata,
    Column("token_id", String, primary_key=True),
    Column("account_id", String, nullable=False),
    Column("agency_id", String, nullable=False),
    Column("name", String, nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("issued_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("account_version", Integer, nullable=False),
    Column("revoked", String),
    Index("tokens_of_account", "account_id"),
)
"""Moments are microseconds since 1970."""

_ADD = insert(tokens)
_REVOKE = tokens.update().where(tokens.c.token_id == bindparam("which"))


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token in the list; ``revoked`` is the reason, ``account_version`` that of the account when it was issued."""

    token_id: str
    name: str
    scopes: frozenset[str]
    issued_at: datetime
    expires_at: datetime
    account_version: int
    revoked: str | None


def _issued(db: Connection, seen: Occurrence) -> None:
    event: TokenIssued = seen.event
    db.execute(
        _ADD,
        {
            "token_id": event.token_id,
            "account_id": event.account_id,
            "agency_id": event.agency_id,
            "name": event.name,
            "scopes": list(event.scopes),
            "issued_at": to_micros(seen.row.recorded_at),
            "expires_at": to_micros(event.expires_at),
            "account_version": event.account_version,
            "revoked": None,
        },
    )


def _revoked(db: Connection, seen: Occurrence) -> None:
    event: TokenRevoked = seen.event
    db.execute(_REVOKE.values(revoked=event.reason), {"which": event.token_id})


TOKENS = Ledger(name=NAME, version=2, metadata=metadata, handlers={TokenIssued: _issued, TokenRevoked: _revoked})


def tokens_of(reading: Reading, account_id: str) -> list[TokenRow]:
    """Return the tokens that an account's owner issued, the newest first, over or not."""
    asked = select(tokens).where(tokens.c.account_id == account_id)
    rows = reading.execute(asked.order_by(tokens.c.issued_at.desc(), tokens.c.token_id)).all()
    return [_row(dict(r._mapping)) for r in rows]


def _row(row: Mapping[str, Any]) -> TokenRow:
    return TokenRow(
        token_id=row["token_id"],
        name=row["name"],
        scopes=frozenset(row["scopes"]),
        issued_at=from_micros(row["issued_at"]),
        expires_at=from_micros(row["expires_at"]),
        account_version=row["account_version"],
        revoked=row["revoked"],
    )
