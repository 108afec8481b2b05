"""Whose trail a page offers to read: an auditor's is the security administrator's, everyone else's the auditor's."""

import pytest

from services.console.account_forms import audits
from shared.security.principal import Role
from tests.support.visitors import visitor


@pytest.mark.parametrize(
    ("held", "reader"),
    [(Role.AUDIT_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR), (Role.MEMBER, Role.AUDIT_ADMINISTRATOR)],
)
def test_each_is_audited_by_another(held, reader):
    account = {"grants": [{"role": held}]}
    allowed = {
        role for role in (Role.SECURITY_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR) if audits(visitor(role), account)
    }
    assert allowed == {reader}
