"""The second wall on PostgreSQL: ledgers are read as a role that sees, by row-level security, what is within a reach.

The first wall is the condition that a ``Reading`` puts into every query. Should one query ever come past it, the
database itself still gives only rows of the agencies and organisations that the transaction was opened for.
"""

from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from shared.security.policy import Reach

READER = "liuhen_reader"
"""The role that reads. It logs in nowhere, owns nothing and holds SELECT on tables with ``agency_id`` alone."""

AGENCIES, ORGANISATIONS = "liuhen.agencies", "liuhen.organisations"
_ENTER = text(
    "SELECT set_config('search_path', :schema, true), set_config('liuhen.agencies', :agencies, true), "
    f"set_config('liuhen.organisations', :organisations, true), set_config('role', '{READER}', true)"
)
_IS_THERE = text("SELECT 1 FROM pg_roles WHERE rolname = :role")
_MAY_BECOME = text("SELECT pg_has_role(current_user, :role, 'SET')")
_BARE = text(
    """
    SELECT n.nspname, c.relname, o.attname IS NOT NULL AS of_organisation
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'agency_id' AND NOT a.attisdropped
    LEFT JOIN pg_attribute o ON o.attrelid = c.oid AND o.attname = 'organisation_id' AND NOT o.attisdropped
    WHERE c.relkind = 'r' AND NOT c.relrowsecurity AND n.nspname LIKE :schema
    """
)


class NoReaderRole(Exception):
    """The database's user may not make the reading role: whoever administers the server makes it, once."""

    def __init__(self) -> None:
        super().__init__(
            f"请由数据库管理员执行一次：CREATE ROLE {READER} NOLOGIN; GRANT {READER} TO <平台的数据库用户>;"
            "平台以这个角色读取台账，由行级安全限定范围"
        )


def make_reader(engine: Engine) -> None:
    """Make the role where it is missing, and let the connected user become it; safe to repeat and to race.

    Raises:
        NoReaderRole: this user may not.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.scalar(_IS_THERE, {"role": READER}):
            with suppress(DBAPIError):  # made meanwhile; or not to be made by this user, which shows below
                connection.execute(text(f"CREATE ROLE {READER} NOLOGIN"))
        with suppress(DBAPIError):
            if not connection.scalar(_MAY_BECOME, {"role": READER}):
                connection.execute(text(f"GRANT {READER} TO CURRENT_USER"))
            return
    raise NoReaderRole


def protect(connection: Connection, schema: str) -> None:
    """Put every table of the schema that says whose its rows are (a pattern of LIKE) behind the wall, if it is not."""
    for found in connection.execute(_BARE, {"schema": schema}).all():
        table = f'"{found.nspname}"."{found.relname}"'
        condition = _one_of("agency_id", AGENCIES)
        if found.of_organisation:
            condition += f" OR {_one_of('organisation_id', ORGANISATIONS)}"
        connection.execute(text(f'GRANT USAGE ON SCHEMA "{found.nspname}" TO {READER}'))
        connection.execute(text(f"GRANT SELECT ON {table} TO {READER}"))
        connection.execute(text(f"CREATE POLICY within_reach ON {table} FOR SELECT TO {READER} USING ({condition})"))
        connection.execute(text(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"))


def enter(connection: Connection, schema: str, reach: Reach) -> None:
    """Make the transaction one of the reader's, within the reach, until its end."""
    within: dict[str, Any] = {"agencies": ",".join(reach.agencies), "organisations": ",".join(reach.organisations)}
    connection.execute(_ENTER, {"schema": f'"{schema}"', **within})


def _one_of(column: str, setting: str) -> str:
    """Return the condition; a query within it is asked once a statement and looked up by hash, row by row."""
    return f"{column} IN (SELECT unnest(string_to_array(current_setting('{setting}', true), ',')))"
