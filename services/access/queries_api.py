"""Reading accounts."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from services.access.ledgers import accounts
from services.access.schemas import AccountItem, AccountList, GrantItem
from shared.http.auth import Caller, allow
from shared.http.requests import After
from shared.ids import is_id
from shared.security.policy import Permission
from shared.security.principal import ROLE_NAMES, Role
from shared.service import Runtime


def routes(runtime: Runtime) -> APIRouter:
    """Return the queries on accounts."""
    router = APIRouter(prefix="/api/access", tags=["账号"])

    @router.get("/accounts")
    def listed(
        response: Response,
        cursor: Annotated[str, Query(max_length=64, pattern=r"^[0-9a-f-]*$")] = "",
        after: After = Depends(),
        caller: Caller = Depends(allow(Permission.SEE_ACCOUNTS)),
    ) -> AccountList:
        """账号与角色."""
        after.wait(runtime.reader, accounts.NAME, response)
        with runtime.reader.read(accounts.NAME) as db:
            rows = accounts.accounts_within(db, caller.reach, cursor)
        more = rows[-1].account_id if len(rows) == accounts.PAGE else None
        return AccountList(items=[_item(r) for r in rows], cursor=more)

    @router.get("/names")
    def names(
        ids: Annotated[str, Query(max_length=8000)],
        caller: Caller = Depends(allow(Permission.SEE_ORGANISATION)),
    ) -> dict[str, str]:
        """Names to show for accounts (comma-separated ids); those out of reach are left out."""
        with runtime.reader.read(accounts.NAME) as db:
            return accounts.names_within(db, caller.reach, [i for i in ids.split(",") if is_id(i)])

    return router


def _item(row: accounts.AccountRow) -> AccountItem:
    return AccountItem(
        id=row.account_id,
        agency=row.agency_id,
        login=row.login,
        display_name=row.display_name,
        member=row.member_id,
        has_password=row.has_password,
        has_identity=row.identities > 0,
        suspended=row.suspended,
        version=row.version,
        grants=[
            GrantItem(
                id=g.grant_id,
                role=Role(g.role),
                role_name=ROLE_NAMES[Role(g.role)],
                agency=g.agency_id,
                organisation=g.organisation_id,
            )
            for g in row.grants
        ],
    )
