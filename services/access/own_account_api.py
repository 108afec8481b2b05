"""One's own account: its name, its roles and who gave them, and the ways in that it has."""

from fastapi import APIRouter, Depends

from services.access.guards import owner
from services.access.ledgers import accounts, organisation_tree
from services.access.own_account import GivenRole, own_account
from services.access.schemas import OwnAccountView, OwnRole
from services.access.second_step import second_step_of
from shared.security.extent import Unbounded
from shared.security.principal import ROLE_NAMES, Principal, Role
from shared.service import Runtime

NAMES_IN_ONES_OWN_RECORD = Unbounded("names of the places and people that stand in the caller's own account")


def routes(runtime: Runtime) -> APIRouter:
    """Return the one query."""
    router = APIRouter(prefix="/api/access", tags=["账号"])

    def named(given: tuple[GivenRole, ...]) -> list[OwnRole]:
        with runtime.reader.read(organisation_tree.NAME, NAMES_IN_ONES_OWN_RECORD) as tree:
            places = organisation_tree.place_names(tree, {g.held.organisation_id for g in given})
        with runtime.reader.read(accounts.NAME, NAMES_IN_ONES_OWN_RECORD) as reading:
            people = accounts.account_names(reading, {g.given_by for g in given})
        return [_role(g, *places.get(g.held.organisation_id, ("", "")), people.get(g.given_by)) for g in given]

    @router.get("/account")
    def mine(me: Principal = Depends(owner)) -> OwnAccountView:
        """本人的账号：现有的角色、谁在何时授予，以及登录的方式."""
        found = own_account(runtime, me.account_id)
        return OwnAccountView(
            id=me.account_id,
            login=found.state.login,
            display_name=found.state.display_name,
            has_password=found.state.password_hash is not None,
            has_identity=bool(found.state.identities),
            second_step=second_step_of(runtime, me.account_id).in_force,
            roles=named(found.roles),
        )

    return router


def _role(given: GivenRole, agency_name: str, organisation_name: str, given_by_name: str | None) -> OwnRole:
    return OwnRole(
        role_name=ROLE_NAMES[Role(given.held.role)],
        agency_name=agency_name,
        organisation_name=organisation_name,
        since=given.since,
        until=given.held.until,
        given_by_name=given_by_name,
    )
