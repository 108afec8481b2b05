"""Whose trail a page offers to read, and a request for a role that is sent again."""

import pytest
from starlette.datastructures import FormData

from services.console.account_forms import audits, role_asked, role_typed
from services.console.forms import Typed
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


def test_a_request_that_was_sent_back_is_asked_again_as_it_was():
    role = {"role": "organisation-officer", "agency": "a", "organisation": "o", "until": "2026-12-31"}
    typed = role_typed(role | {"organisation_name": "第三支部", "reason": "临时协助"})
    assert typed["reason"] == "临时协助"
    assert role_asked(Typed(FormData(typed))) == role
    assert role_typed(role | {"organisation_name": "第三支部", "reason": "", "until": None})["until"] == ""
