"""Accounts as the API shows them: with the names of places and people beside their ids."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.access.domain.duties import takes_up_duty
from services.access.ledgers.accounts import AccountRow, GrantRow, RequestRow
from services.access.schemas import AccountItem, GrantItem, RequestItem
from shared.security.principal import ROLE_NAMES, Role

UNKNOWN = ("", "")


def account_item(
    row: AccountRow, places: Mapping[str, tuple[str, str]], people: Mapping[str, str], today: date
) -> AccountItem:
    """Return the account; ``places`` are names of agency and organisation by organisation, ``people`` by account."""

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
                id=q.request_id,
                asked_by=q.asked_by,
                asked_by_name=people.get(q.asked_by),
                asked_on=q.asked_on,
                reason=q.reason,
                takes_up_duty=takes_up_duty(q.role, {g.role for g in row.grants}),
                **placed(q),
            )
            for q in row.requests
        ],
    )
