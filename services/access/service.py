"""The declaration of the access service."""

from services.access import (
    commands_api,
    looks_api,
    mandate_commands_api,
    mandate_queries_api,
    own_account_api,
    queries_api,
    roles_api,
    second_step_api,
    sessions_api,
    sign_in_api,
    tokens_api,
)
from services.access.domain.account import ACCOUNT, AccountState
from services.access.domain.mandate import MANDATE, MandateState
from services.access.domain.reading import READING
from services.access.domain.second_step import SECOND_STEP, SecondStepState
from services.access.domain.session import SESSION
from services.access.domain.token import TOKEN, TokenState
from services.access.ledgers.accounts import ACCOUNTS
from services.access.ledgers.looks import LOOKS
from services.access.ledgers.mandates import MANDATES
from services.access.ledgers.organisation_tree import ORGANISATION_TREE
from services.access.ledgers.readings import READINGS
from services.access.ledgers.tokens import TOKENS
from services.access.oidc import api as oidc_api
from services.access.oidc import linking_api
from shared.roster import ROSTER
from shared.security.policy import Permission
from shared.security.principal import Role
from shared.service import Service, Visibility


def _account(state: AccountState) -> Visibility | None:
    """An account is audited by the audit administrator; theirs by the security administrator: nobody by themselves."""
    if not state.account_id:
        return None
    auditor = any(g.role == Role.AUDIT_ADMINISTRATOR for g in state.grants.values())
    permission = Permission.AUDIT_THE_AUDITOR if auditor else Permission.AUDIT_ACCOUNTS
    return Visibility(permission, state.agency_id, None, business=False)


def _second_step(state: SecondStepState) -> Visibility | None:
    """When it was put into force, and who removed it and why; never its secret."""
    return _way_in(state.agency_id) if state.account_id else None


def _token(state: TokenState) -> Visibility | None:
    return _way_in(state.agency_id) if state.token_id else None


def _way_in(agency_id: str) -> Visibility:
    return Visibility(Permission.AUDIT_ACCOUNTS, agency_id, None, business=False)


def _mandate(state: MandateState) -> Visibility | None:
    """Who approves mandates replays them, where they are for one agency; what was read is shown with the mandate."""
    agencies = {p.agency_id for p in state.terms.places} if state.terms else set()
    if len(agencies) != 1:
        return None
    return Visibility(Permission.APPROVE_MANDATE, agencies.pop(), None, business=False)


SERVICE = Service(
    name="access",
    title="账号与权限",
    deciders=(ACCOUNT, SECOND_STEP, SESSION, TOKEN, MANDATE, READING),
    ledgers=(ACCOUNTS, ORGANISATION_TREE, ROSTER, TOKENS, MANDATES, READINGS, LOOKS),
    routes=(
        sign_in_api.routes,
        sessions_api.routes,
        own_account_api.routes,
        second_step_api.routes,
        tokens_api.routes,
        commands_api.routes,
        roles_api.routes,
        queries_api.routes,
        linking_api.routes,
        oidc_api.routes,
        mandate_commands_api.routes,
        mandate_queries_api.routes,
        mandate_commands_api.recording_routes,
        looks_api.routes,
    ),
    visibility={
        ACCOUNT.aggregate: _account,
        SECOND_STEP.aggregate: _second_step,
        TOKEN.aggregate: _token,
        MANDATE.aggregate: _mandate,
    },
)
"""Sessions have no visibility: nobody replays another's comings and goings."""
