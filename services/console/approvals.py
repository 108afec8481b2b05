"""What waits for this person in the access context, told as things to do on the desk: a yes or no, a clearance.

And what was sent back to them: whoever asked for a role hears that it was not given, and why.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from services.console import words
from services.console.rendering import day, today
from services.console.session import Visitor

TOLD = timedelta(days=14)
"""How long the desk tells that a role was sent back; the account's page tells it until the role is asked for again."""

ROLE_REQUEST = "role-request"
ROLE_SENT_BACK = "role-sent-back"
MANDATE_REQUEST = "mandate-request"
MANDATE_CLEARANCE = "mandate-clearance"

GONE = "已注销的账号"


async def waiting(visitor: Visitor, mandates: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the desk items of what the visitor may approve or clear, of the shape that the desk's API has."""
    roles = roles_to_approve(await _that_wait(visitor))
    refused = roles_sent_back(await _sent_back(visitor), visitor.principal.account_id)
    return [*roles, *refused, *mandates_to_approve(mandates), *mandates_to_clear(mandates)]


async def roles_left(visitor: Visitor) -> int:
    """Return how many requests for roles wait for the visitor's yes or no, among the first page of accounts."""
    return sum(len(_to_decide(account)) for account in await _that_wait(visitor))


async def _that_wait(visitor: Visitor) -> list[dict[str, Any]]:
    if not visitor.may("grant-roles"):
        return []
    found = await visitor.get("access", "/api/access/accounts", waiting=True)
    return list(found["items"])


async def _sent_back(visitor: Visitor) -> list[dict[str, Any]]:
    if not visitor.may("manage-accounts"):
        return []
    since = (today() - TOLD).isoformat()
    found = await visitor.get("access", "/api/access/accounts", declined_since=since)
    return list(found["items"])


def _to_decide(account: dict[str, Any]) -> list[dict[str, Any]]:
    """Return an account's requests that the visitor may approve: not their own, not asked for by them, within reach."""
    return [r for r in account["requests"] if "approve" in r["may"]]


def roles_to_approve(accounts: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """Yield one item an account that asks for roles which the visitor may give."""
    for account in accounts:
        asked = _to_decide(account)
        if not asked:
            continue
        why = "；".join(f"{r['asked_by_name'] or GONE}申请：{r['reason']}" for r in asked)
        yield _item(ROLE_REQUEST, f"请您批准 · {_who(account)}：{_roles(asked)}", why, account["id"])


def roles_sent_back(accounts: Iterable[dict[str, Any]], own: str) -> Iterable[dict[str, Any]]:
    """Yield one item an account whose roles the visitor asked for and that came back; it leads to the form, filled."""
    for account in accounts:
        back = [d for d in account["declined"] if d["asked_by"] == own]
        if not back or account["suspended"] or account["id"] == own:  # nobody asks for these
            continue
        why = "；".join(
            f"{day(d['declined_on'])}{d['declined_by_name'] or GONE}退回：{d['declined_for']}" for d in back
        )
        title = f"申请被退回 · {_who(account)}：{_roles(back)}"
        yield _item(ROLE_SENT_BACK, title, why, account["id"]) | {"again": back[-1]["id"]}


def _who(account: dict[str, Any]) -> str:
    return str(account["display_name"] or account["login"] or "（姓名已删除）")


def _roles(placed: Iterable[dict[str, Any]]) -> str:
    return "、".join(f"{r['organisation_name'] or '全平台'}{r['role_name']}" for r in placed)


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
