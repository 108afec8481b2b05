"""What waits for this person in the access context, told as things to do on the desk: a yes or no, a clearance."""

from collections.abc import Iterable, Sequence
from typing import Any

from services.console import words
from services.console.rendering import day
from services.console.session import Visitor

ROLE_REQUEST = "role-request"
MANDATE_REQUEST = "mandate-request"
MANDATE_CLEARANCE = "mandate-clearance"


async def waiting(visitor: Visitor, mandates: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the desk items of what the visitor may approve or clear, of the shape that the desk's API has."""
    accounts = await _that_wait(visitor)
    roles = roles_to_approve(accounts, visitor.principal.account_id)
    return [*roles, *mandates_to_approve(mandates), *mandates_to_clear(mandates)]


async def roles_left(visitor: Visitor) -> int:
    """Return how many requests for roles wait for the visitor's yes or no, among the first page of accounts."""
    own = visitor.principal.account_id
    return sum(len(_to_decide(account, own)) for account in await _that_wait(visitor))


async def _that_wait(visitor: Visitor) -> list[dict[str, Any]]:
    if not visitor.may("grant-roles"):
        return []
    found = await visitor.get("access", "/api/access/accounts", waiting=True)
    return list(found["items"])


def _to_decide(account: dict[str, Any], own: str) -> list[dict[str, Any]]:
    """Return an account's requests without one's own and those that one asked for."""
    return [r for r in account["requests"] if own not in (account["id"], r["asked_by"])]


def roles_to_approve(accounts: Iterable[dict[str, Any]], own: str) -> Iterable[dict[str, Any]]:
    """Yield one item an account that asks for roles; nobody approves their own, nor what they asked for."""
    for account in accounts:
        asked = _to_decide(account, own)
        if not asked:
            continue
        roles = "、".join(f"{r['organisation_name'] or '全平台'}{r['role_name']}" for r in asked)
        who = account["display_name"] or account["login"]
        why = "；".join(f"{r['asked_by_name'] or '已注销的账号'}申请：{r['reason']}" for r in asked)
        yield _item(ROLE_REQUEST, f"请您批准 · {who}：{roles}", why, account["id"])


def mandates_to_approve(mandates: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """Yield one item a mandate that waits for the visitor's approval."""
    for each in mandates:
        if "approve" in each["may"]:
            why = f"{each['basis']} · {each['first_day']} 至 {each['last_day']} · 看过范围，批准或不批准"
            yield _item(MANDATE_REQUEST, f"请您批准 · {each['body_name']}的检查授权", why, each["id"])


def mandates_to_clear(mandates: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """Yield one item a mandate that has ended and whose 清退 the visitor may record, the longest first."""
    for each in sorted((m for m in mandates if "clear" in m["may"]), key=lambda m: str(m["ended_on"])):
        title = f"登记清退 · {words.document_number(each['basis'])} {each['body_name']}"
        why = f"{day(each['ended_on'])}结束，待清退 · 调阅的材料退回或销毁后登记"
        yield _item(MANDATE_CLEARANCE, title, why, each["id"])


def _item(kind: str, title: str, why: str, record: str) -> dict[str, Any]:
    nothing = dict.fromkeys(("due", "days", "text", "verdict", "plan", "clause", "organisation", "agency", "since"))
    return nothing | {"kind": kind, "title": title, "why": why, "record": record, "kinds": []}
