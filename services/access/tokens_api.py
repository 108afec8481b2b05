"""One's own tokens for machines: listed, issued, revoked."""

from datetime import timedelta

from fastapi import APIRouter, Depends, Response

from services.access.guards import owner
from services.access.ledgers import tokens as listed_tokens
from services.access.passwords import Passwords
from services.access.present_password import PresentPassword
from services.access.schemas import Id, IssuedToken, NewToken, TokenItem, TokenItems
from services.access.sessions import account_of
from services.access.throttle import Throttle
from services.access.token_list import tokens_in_force
from services.access.token_uses import TokenUses
from services.access.tokens import REVOKED_BY_OWNER, WantedToken, by, issue_token, revoke_token
from shared.decider import RuleBroken
from shared.http.requests import Accepted, After, accepted
from shared.security.extent import Unbounded
from shared.security.policy import FOR_MACHINES, READING, Permission, reach
from shared.security.principal import Principal
from shared.service import Runtime

ONES_OWN = Unbounded("one's own tokens, whatever roles one holds and where")

AT_ONCE = 20
"""How many tokens in force an account may have: whoever needs more has lost count of them."""


def routes(runtime: Runtime) -> APIRouter:
    """Return the routes of one's own tokens."""
    router = APIRouter(prefix="/api/access/tokens", tags=["账号"])
    url = runtime.settings.context_url(runtime.service.name)
    present, uses = PresentPassword(Passwords(), Throttle(runtime.clock, url)), TokenUses(url)

    def in_force(me: Principal) -> list[TokenItem]:
        return tokens_in_force(runtime, uses, account_of(runtime, me.account_id), ONES_OWN)

    @router.get("")
    def listed(response: Response, me: Principal = Depends(owner), after: After = Depends()) -> TokenItems:
        """本人的访问令牌，有效的；以及可以交给令牌的权限."""
        after.wait(runtime.reader, listed_tokens.NAME, response)
        held = _held(me)
        return TokenItems(
            items=in_force(me), scopes=[p for p in Permission if p in held], reading=sorted(held & READING)
        )

    @router.post("", status_code=201)
    def issue(body: NewToken, me: Principal = Depends(owner)) -> IssuedToken:
        """建立访问令牌；令牌只显示这一次."""
        account = account_of(runtime, me.account_id)
        if account.password_hash is not None:
            present.require(account, body.password or "")
        held = _held(me)
        scopes = held & READING if body.scopes is None else frozenset(body.scopes)
        if scopes & FOR_MACHINES - held:
            raise RuleBroken("token-scope-not-held", "访问令牌的权限不能超过您本人现有的权限。")
        if len(in_force(me)) >= AT_ONCE:
            raise RuleBroken("too-many-tokens", f"有效的访问令牌最多 {AT_ONCE} 个，请先撤销不用的。")
        wanted = WantedToken(body.name, scopes, timedelta(days=body.days))
        token, outcome = issue_token(runtime, account, wanted)
        return IssuedToken(**accepted(outcome).model_dump(), secret=token)

    @router.post("/{id}/revoke")
    def revoke(id: Id, me: Principal = Depends(owner)) -> Accepted:
        """撤销本人的一个访问令牌，立即失效."""
        account = account_of(runtime, me.account_id)
        return accepted(revoke_token(runtime, account, id, REVOKED_BY_OWNER, by(account)))

    return router


def _held(me: Principal) -> frozenset[Permission]:
    """Return what the owner holds anywhere now and a token may carry."""
    return frozenset(p for p in FOR_MACHINES if not reach(me, p).nothing)
