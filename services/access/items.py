"""Accounts as the API shows them: with the names of places and people beside their ids."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Literal

from services.access.domain.duties import refuse_mixed_duties, takes_up_duty
from services.access.ledgers.accounts import AccountRow, DeclinedRow, GrantRow, RequestRow
from services.access.schemas import AccountItem, DeclinedItem, GrantItem, RequestItem
from shared.decider import RuleBroken
from shared.security.policy import Permission, reaches
from shared.security.principal import ROLE_NAMES, Principal, Role

UNKNOWN = ("", "")


def account_item(
    row: AccountRow,
    places: Mapping[str, tuple[str, str]],
    people: Mapping[str, str],
    today: date,
    principal: Principal,
) -> AccountItem:
    """Return the account as the principal meets it.

    ``places`` are names of agency and organisation by organisation, ``people`` by account.
    """

    def placed(part: GrantRow | RequestRow) -> dict[str, Any]:
        agency_name, organisation_name = places.get(part.organisation_id, UNKNOWN)
        return {
            "role": Role(part.role),
            "role_name": ROLE_NAMES[Role(part.role)],
            "agency": part.agency_id,
            "agency_name": agency_name,
            "organisation": part.organisation_id,
            "organisation_name": organisation_name,
            "until": part.until,
        }

    def asked(part: RequestRow) -> dict[str, Any]:
        asker = {"asked_by": part.asked_by, "asked_by_name": people.get(part.asked_by), "asked_on": part.asked_on}
        return placed(part) | asker | {"id": part.request_id, "reason": part.reason}

    def sent_back(part: DeclinedRow) -> DeclinedItem:
        return DeclinedItem(
            declined_by=part.declined_by,
            declined_by_name=people.get(part.declined_by),
            declined_on=part.declined_on,
            declined_for=part.declined_for,
            **asked(part),
        )

    return AccountItem(
        id=row.account_id,
        agency=row.agency_id,
        login=row.login,
        display_name=row.display_name,
        member=row.member_id,
        has_password=row.has_password,
        has_identity=row.identities > 0,
        second_step=row.second_step,
        suspended=row.suspended,
        version=row.version,
        grants=[
            GrantItem(id=g.grant_id, in_force=g.until is None or today <= g.until, **placed(g)) for g in row.grants
        ],
        requests=[
            RequestItem(
                takes_up_duty=takes_up_duty(q.role, {g.role for g in row.grants}),
                may=list(_may(principal, row, q, today)),
                **asked(q),
            )
            for q in row.requests
        ],
        declined=[sent_back(d) for d in row.declined],
    )


def _may(
    principal: Principal, row: AccountRow, request: RequestRow, today: date
) -> Iterator[Literal["approve", "decline"]]:
    """Yield what the principal may do about a request: nobody decides on their own role or approves what they asked."""
    if principal.account_id == row.account_id or not reaches(principal, Permission.GRANT_ROLES, row.agency_id, None):
        return
    there = reaches(principal, Permission.GRANT_ROLES, request.agency_id, request.organisation_id)
    if there and principal.account_id != request.asked_by and _can_be_given(row, request, today):
        yield "approve"
    yield "decline"


def _can_be_given(row: AccountRow, request: RequestRow, today: date) -> bool:
    """Tell whether the account can still have the role: much may have happened since it was asked for."""
    if row.suspended or (request.until is not None and request.until < today):
        return False
    try:
        refuse_mixed_duties(request.role, {g.role for g in row.grants})
    except RuleBroken:
        return False
    return True
