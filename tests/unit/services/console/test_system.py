"""What the page 系统 calls the parts of the platform: every one of them by a name."""

import pytest

from services.console import words
from services.console.pages.system import CONTEXTS, LEDGERS, LOOPS, may
from services.runtime.registry import SERVICES
from services.runtime.roles import roles_of
from shared.security.policy import TABLE, UNDER_MANDATE, Permission
from shared.security.principal import Role


def test_every_context_has_a_name() -> None:
    assert set(SERVICES) == set(CONTEXTS)


def test_every_ledger_has_a_name_and_no_name_is_of_none() -> None:
    assert {f"{s.name}.{ledger.name}" for s in SERVICES.values() for ledger in s.ledgers} == set(LEDGERS)


@pytest.mark.parametrize("embedded", [True, False])
def test_every_loop_has_a_name(embedded: bool) -> None:
    assert {role for s in SERVICES.values() for role in roles_of(s, embedded=embedded)} <= set(LOOPS)


@pytest.mark.parametrize("role", Role)
def test_what_a_role_may_is_what_the_table_says_of_it(role: Role) -> None:
    freely = {words.PERMISSIONS[p.value] for p in Permission if role in TABLE[p]}
    assert {name for name, mandated in may(role) if not mandated} == freely
    assert len(may(role)) == sum(role in TABLE[p] or role in UNDER_MANDATE.get(p, ()) for p in Permission)
