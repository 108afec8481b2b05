"""The declaration of the access service."""

from services.access import commands_api, queries_api, roles_api, second_step_api, sessions_api, sign_in_api
from services.access.domain.account import ACCOUNT, AccountState
from services.access.domain.second_step import SECOND_STEP, SecondStepState
from services.access.domain.session import SESSION
from services.access.ledgers.accounts import ACCOUNTS
from services.access.ledgers.organisation_tree import ORGANISATION_TREE
from services.access.oidc import api as oidc_api
from services.access.oidc import linking_api
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
    if not state.account_id:
        return None
    return Visibility(Permission.AUDIT_ACCOUNTS, state.agency_id, None, business=False)


SERVICE = Service(
    name="access",
    title="账号与权限",
    deciders=(ACCOUNT, SECOND_STEP, SESSION),
    ledgers=(ACCOUNTS, ORGANISATION_TREE),
    routes=(
        sign_in_api.routes,
        sessions_api.routes,
        second_step_api.routes,
        commands_api.routes,
        roles_api.routes,
        queries_api.routes,
        linking_api.routes,
        oidc_api.routes,
    ),
    visibility={ACCOUNT.aggregate: _account, SECOND_STEP.aggregate: _second_step},
)
"""Sessions have no visibility: nobody replays another's comings and goings."""
