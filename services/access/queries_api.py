"""Reading accounts."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from services.access.domain.duties import stands_apart
from services.access.items import account_item
from services.access.ledgers import accounts, organisation_tree, tokens
from services.access.mandate_readers import Record
from services.access.readers import readers_of
from services.access.schemas import AccountDetail, AccountItem, AccountList, Id, Place, ReaderList
from services.access.sessions import account_of
from services.access.token_list import tokens_in_force
from services.access.token_uses import TokenUses
from shared.clock import day_in_china
from shared.decider import Unknown
from shared.http.auth import Caller, allow
from shared.http.problems import NOT_FOUND
from shared.http.requests import After, Day, etag
from shared.ids import is_id
from shared.security.classes import DocumentClass
from shared.security.extent import Unbounded
from shared.security.policy import Permission, reaches
from shared.security.principal import Role
from shared.service import Runtime

READER = Depends(allow(Permission.SEE_ACCOUNTS))
NAMES_IN_A_RECORD = Unbounded("names of the places and people that stand in an account the caller sees already")


def routes(runtime: Runtime) -> APIRouter:
    """Return the queries on accounts."""
    router = APIRouter(prefix="/api/access", tags=["账号"])
    uses = TokenUses(runtime.settings.context_url(runtime.service.name))

    def items(rows: list[accounts.AccountRow], caller: Caller) -> list[AccountItem]:
        places = {g.organisation_id for r in rows for g in r.grants}
        places |= {q.organisation_id for r in rows for q in (*r.requests, *r.declined)}
        named_in = {q.asked_by for r in rows for q in (*r.requests, *r.declined)}
        named_in |= {d.declined_by for r in rows for d in r.declined}
        with runtime.reader.read(organisation_tree.NAME, NAMES_IN_A_RECORD) as tree:
            named = organisation_tree.place_names(tree, places)
        with runtime.reader.read(accounts.NAME, NAMES_IN_A_RECORD) as reading:
            people = accounts.account_names(reading, named_in)
        today = day_in_china(runtime.clock())
        return [account_item(r, named, people, today, caller.principal) for r in rows]

    @router.get("/accounts")
    def listed(
        response: Response,
        cursor: Annotated[str, Query(max_length=64, pattern=r"^[0-9a-f-]*$")] = "",
        q: Annotated[str, Query(max_length=100, description="登录名或姓名中的文字")] = "",
        agency: Annotated[Place | None, Query(description="账号所属的机关")] = None,
        role: Annotated[Role | None, Query(description="今天有效的角色；只看待批准的时，是申请的角色")] = None,
        organisation: Annotated[Place | None, Query(description="这个角色所在的党组织")] = None,
        suspended: Annotated[bool | None, Query(description="只看停用的、或只看在用的")] = None,
        waiting: Annotated[bool, Query(description="只看有待批准角色的")] = False,
        declined_since: Annotated[Day | None, Query(description="只看有本人申请、这天以来被退回的角色的")] = None,
        after: After = Depends(),
        caller: Caller = READER,
    ) -> AccountList:
        """账号与角色，按开立先后."""
        after.wait(runtime.reader, accounts.NAME, response)
        today = day_in_china(runtime.clock())
        declined = (caller.principal.account_id, declined_since) if declined_since else None
        wanted = accounts.Wanted(today, q.strip(), agency, role, organisation, suspended, waiting, declined)
        with runtime.reader.read(accounts.NAME, caller.reach) as reading:
            rows, more = accounts.accounts_within(reading, wanted, cursor)
        return AccountList(items=items(rows, caller), cursor=more)

    @router.get("/accounts/{id}")
    def one(id: Id, response: Response, after: After = Depends(), caller: Caller = READER) -> AccountDetail:
        """一个账号的角色、待批准的申请和有效的访问令牌."""
        for ledger in (accounts.NAME, tokens.NAME):
            after.wait(runtime.reader, ledger, response)
        with runtime.reader.read(accounts.NAME, caller.reach) as reading:
            row = accounts.one_account(reading, id)
        if row is None:
            raise Unknown("not-found", NOT_FOUND)
        response.headers["ETag"] = etag(row.version)
        account = account_of(runtime, id)
        held, apart = tokens_in_force(runtime, uses, account, caller.reach), stands_apart(account.roles.held)
        return AccountDetail(**items([row], caller)[0].model_dump(), stands_apart=apart, tokens=held)

    @router.get("/names")
    def names(
        ids: Annotated[str, Query(max_length=8000)],
        caller: Caller = Depends(allow(Permission.SEE_ORGANISATION, content=False)),
    ) -> dict[str, str]:
        """Names to show for accounts (comma-separated ids); those out of reach are left out."""
        with runtime.reader.read(accounts.NAME, caller.reach) as reading:
            return accounts.account_names(reading, [i for i in ids.split(",") if is_id(i)])

    @router.get("/readers")
    def readers(
        permission: Permission,
        agency: Annotated[Place, Query()],
        organisation: Annotated[Place | None, Query()] = None,
        document_class: DocumentClass | None = None,
        caller: Caller = Depends(allow(Permission.SEE_READERS)),
    ) -> ReaderList:
        """谁凭哪个角色、哪项检查授权能看到属于这个组织的记录；文件类别不在授权内的，授权不算."""
        if not reaches(caller.principal, Permission.SEE_READERS, agency, organisation):
            raise Unknown("not-found", NOT_FOUND)
        today = day_in_china(runtime.clock())
        record = Record(permission, agency, organisation, document_class)
        return ReaderList(readers=readers_of(runtime, caller, record, today))

    return router
