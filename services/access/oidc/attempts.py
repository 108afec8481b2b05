"""Sign-ins that have gone to the provider and not come back yet: one row each, gone with its use or in ten minutes.

It is no event: whoever comes back is told by the session that starts, and who does not come back did nothing.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from sqlalchemy import BigInteger, Column, Engine, MetaData, String, Table, Text, delete, insert

from shared.clock import from_micros, to_micros
from shared.database import make_tables, open_engine
from shared.service import Runtime

LASTS = timedelta(minutes=10)
SECRET_BYTES = 32

metadata = MetaData()
oidc_attempts = Table(
    "oidc_attempts",
    metadata,
    Column("state_sha256", String(64), primary_key=True),
    Column("browser_sha256", String(64), nullable=False),
    Column("nonce", String(64), nullable=False),
    Column("code_verifier", String(64), nullable=False),
    Column("back_to", Text, nullable=False),
    Column("begun_at", BigInteger, nullable=False, index=True),
)
"""Moments are microseconds since 1970. Of what travels only hashes are kept: who reads the table cannot come back."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What leaves the house: ``state`` by the provider, ``browser`` as the browser's own cookie, both random."""

    state: str
    browser: str
    nonce: str
    code_verifier: str


@dataclass(frozen=True, slots=True)
class CameBack:
    """What was kept of a sign-in that came back: what its token must say, and where the person wanted to go."""

    nonce: str
    code_verifier: str
    back_to: str


class Attempts:
    """Keeps them in the context's database, so that any process may finish what another began."""

    def __init__(self, url: str) -> None:
        """Keep the table in the database at ``url``. No connection is kept open."""
        self._url = url

    def begin(self, back_to: str, now: datetime) -> Begun:
        """Note a sign-in, and forget those that nobody finished in time."""
        begun = Begun(*(secrets.token_urlsafe(SECRET_BYTES) for _ in range(4)))
        with self._engine.begin() as db:
            db.execute(delete(oidc_attempts).where(oidc_attempts.c.begun_at <= to_micros(now - LASTS)))
            db.execute(
                insert(oidc_attempts).values(
                    state_sha256=_hash(begun.state),
                    browser_sha256=_hash(begun.browser),
                    nonce=begun.nonce,
                    code_verifier=begun.code_verifier,
                    back_to=back_to,
                    begun_at=to_micros(now),
                )
            )
        return begun

    def take(self, state: str, browser: str, now: datetime) -> CameBack | None:
        """Return a sign-in that came back, and forget it; None: unknown, used, too late, or another browser's."""
        taking = delete(oidc_attempts).where(oidc_attempts.c.state_sha256 == _hash(state))
        with self._engine.begin() as db:
            row = db.execute(taking.returning(*oidc_attempts.c)).first()
        if row is None or now - from_micros(row.begun_at) >= LASTS:
            return None
        if not hmac.compare_digest(row.browser_sha256, _hash(browser)):
            return None
        return CameBack(row.nonce, row.code_verifier, row.back_to)

    @cached_property
    def _engine(self) -> Engine:
        engine = open_engine(self._url, kept_open=False)
        make_tables(engine, metadata)
        return engine


def attempts_of(runtime: Runtime) -> Attempts:
    """Return the attempts of the running service."""
    return Attempts(runtime.settings.context_url(runtime.service.name))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
