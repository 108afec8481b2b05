"""Visitors for tests of the console: a principal with one role, no services behind it."""

from services.console.session import Visitor
from shared.http.client import Services
from shared.security.principal import Grant, Principal, Role

AGENCY, BRANCH = "11111111-1111-7111-8111-111111111111", "22222222-2222-7222-8222-222222222222"


def visitor(*roles: Role, organisation_name: str = "第三支部") -> Visitor:
    """Somebody who holds these roles at one branch."""
    grants = tuple(
        Grant(
            role=role,
            agency_id=AGENCY,
            agency_name="某机关",
            organisation_id=BRANCH,
            organisation_name=organisation_name,
            whole_agency=False,
            organisations=frozenset({BRANCH}),
        )
        for role in roles
    )
    principal = Principal(account_id="a", session_id="s", member_id=None, display_name="周宁", grants=grants)
    return Visitor(principal, "token", Services({}))
