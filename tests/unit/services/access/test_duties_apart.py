"""三员分立 of every act on an account: what the system administrator does to others is not done to the other two."""

from types import SimpleNamespace
from typing import Any, get_args

import pytest

from services.access.domain.account import (
    ACCOUNT,
    Command,
    LinkIdentity,
    OpenAccount,
    ReinstateAccount,
    ResetPassword,
    SetMember,
    SetPassword,
    SuspendAccount,
    UnlinkIdentity,
)
from services.access.domain.roles import RoleCommand
from shared.contracts.access import AccountOpened, RoleGranted
from shared.contracts.base import Sealed
from shared.security.policy import Permission
from shared.security.principal import Role
from shared.testing.scenario import given
from tests.access.expected import Row
from tests.access.operations import ACCOUNTS, ROWS
from tests.unit.services.access.house import AGENCY, House

ASKING = f"{ACCOUNTS}/{{id}}/role-requests"
ACTS = [
    row
    for row in ROWS
    if row.method == "POST" and row.path.startswith(f"{ACCOUNTS}/{{id}}/") and row.needs == Permission.MANAGE_ACCOUNTS
]
"""Every operation of the system administrator on one account, as the reviewed table has them."""

THEIRS: dict[Any, Any] = {
    ResetPassword: ResetPassword("$argon2id$2", "本人忘记"),
    LinkIdentity: LinkIdentity("issuer", "sub"),
    UnlinkIdentity: UnlinkIdentity("issuer", "关联错了人"),
    SuspendAccount: SuspendAccount("调离"),
    ReinstateAccount: ReinstateAccount("调回"),
    SetMember: SetMember("n", "开立时选错"),
}
NOT_THEIRS = {OpenAccount, SetPassword, *get_args(RoleCommand)}
"""The opening has no duty before it; a password of one's own; roles are the security administrator's."""


@pytest.mark.parametrize("duty", [Role.SECURITY_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR])
@pytest.mark.parametrize("row", [r for r in ACTS if r.path != ASKING], ids=lambda r: r.path.rpartition("}/")[2])
def test_every_operation_on_an_account_keeps_from_those_of_the_other_two_duties(
    house: House, row: Row, duty: Role
) -> None:
    house.account("boss", Role.ADMINISTRATOR)
    other = house.account("other", duty)
    body = row.asks(SimpleNamespace(ids={}))["json"]
    refused = house.client("boss").post(row.path.format(id=other), json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "duties-apart")


def test_there_are_such_operations() -> None:
    assert len(ACTS) == 8


@pytest.mark.parametrize(
    "command", [c for c in get_args(Command) if c not in NOT_THEIRS], ids=lambda c: str(c.__name__)
)
def test_the_decider_keeps_from_them_what_was_asked_before_the_duty_was_given(command: Any) -> None:
    login = Sealed(subject="person:a", value="shi")
    opened = AccountOpened(account_id="a", agency_id=AGENCY, login=login, display_name=login, member_id=None)
    granted = RoleGranted(
        account_id="a", grant_id="r", role="audit-administrator", agency_id="g", organisation_id="o", until=None
    )
    given(ACCOUNT, opened, granted).when(THEIRS[command]).raises("duties-apart")
