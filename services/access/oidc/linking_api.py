"""Linking accounts with the people of the identity provider, by an administrator."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import AfterValidator, Field

from services.access.domain.account import ACCOUNT, LinkIdentity, UnlinkIdentity
from services.access.managing import account_to_run
from services.access.oidc.identities import issuer_of, link_identity
from services.access.oidc.tokens import LONGEST_NAME
from services.access.schemas import Id, WithReason
from shared.contracts.base import Text
from shared.http.auth import Caller, allow
from shared.http.requests import Accepted, Body, CommandHeaders, accepted
from shared.security.policy import Permission
from shared.service import Runtime

MANAGER = Depends(allow(Permission.MANAGE_ACCOUNTS))


def _printable(text: str) -> str:
    if not text.isprintable() or text != text.strip():
        raise ValueError("前后不能有空格，也不能有换行等字符")
    return text


class IdentityOf(Body):
    """关联统一身份; ``identity`` is the provider's lasting name for the person (``sub``), no log-in name."""

    identity: Annotated[Text, Field(min_length=1, max_length=LONGEST_NAME), AfterValidator(_printable)]


def routes(runtime: Runtime) -> APIRouter:
    """Return the commands on who an account is at the provider."""
    router = APIRouter(prefix="/api/access/accounts/{id}/identity", tags=["账号"])

    @router.post("")
    def link(id: Id, body: IdentityOf, caller: Caller = MANAGER, headers: CommandHeaders = Depends()) -> Accepted:
        """关联统一身份：此后这个人可以用统一身份认证登录本账号."""
        account = account_to_run(runtime, caller, id)
        request = headers.request(caller, account.agency_id, body)
        return accepted(link_identity(runtime, id, LinkIdentity(issuer_of(runtime), body.identity), request))

    @router.post("/end")
    def unlink(id: Id, body: WithReason, caller: Caller = MANAGER, headers: CommandHeaders = Depends()) -> Accepted:
        """解除统一身份的关联；由它开始的登录随即结束."""
        account = account_to_run(runtime, caller, id)
        request = headers.request(caller, account.agency_id, body)
        return accepted(runtime.commands.handle(ACCOUNT, id, UnlinkIdentity(issuer_of(runtime), body.reason), request))

    return router
