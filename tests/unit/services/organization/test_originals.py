"""An original is kept while an event may name it: refused for certain, it goes; of unknown outcome, it stays."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from services.organization.import_plan import import_plan
from shared.application.commands import CommandHandler, KeyReused, Request
from shared.decider import RuleBroken, Unknown
from shared.eventstore.port import Claim, ClaimTaken, EventTooLarge, TakenClaim, VersionConflict
from shared.quarantine import REFUSED, Uploaded
from shared.security.policy import Reach
from tests.support.organisation_world import AGENCY
from tests.unit.services.organization.office import OTHER_AGENCY, PEOPLE, PLAN_TEXT, Office

AMENDMENT = {"document_number": "清政研〔2026〕8号", "issued_on": "2026-11-20", "reason": "补齐全文"}
HERE = Reach(frozenset({AGENCY}), frozenset())
KEY = {"Idempotency-Key": "import-0001"}


def kept(office: Office) -> int:
    return sum(1 for f in (office.runtime.settings.data_dir / "blobs").rglob("*") if f.is_file())


def failing(error: Exception) -> Callable[..., Any]:
    def handle(*_: Any, **__: Any) -> Any:
        raise error

    return handle


DEFINITE = [
    RuleBroken("x", "不行。"),
    Unknown("x", "没有。"),
    VersionConflict("s", 1, 2),
    ClaimTaken(TakenClaim(Claim("k", "k"), "s", 1)),
    KeyReused("k"),
    EventTooLarge("t", 1),
]


@pytest.mark.parametrize("error", DEFINITE, ids=lambda e: type(e).__name__)
def test_a_refused_import_leaves_no_original(office: Office, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    monkeypatch.setattr(CommandHandler, "handle", failing(error))
    with pytest.raises(REFUSED):
        import_plan(office.runtime, Request(actor="a", agency_id=AGENCY), HERE, Uploaded("计划.txt", PLAN_TEXT))
    assert kept(office) == 0


def test_an_import_of_unknown_outcome_keeps_the_original(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CommandHandler, "handle", failing(OperationalError("COMMIT", {}, Exception())))
    answer = office.ask("supervisor", "POST", "/work-plans", files={"file": ("计划.txt", PLAN_TEXT)})
    assert (answer.status_code, answer.json()["code"]) == (503, "store-unavailable")
    assert kept(office) == 1


def test_an_import_that_lost_to_its_twin_leaves_no_second_original(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = office.upload("supervisor", "/work-plans")
    monkeypatch.setattr(type(office.runtime.store), "claimed", lambda *_: None)
    assert office.upload("supervisor", "/work-plans")["id"] == first["id"]
    assert kept(office) == 1


def test_amendments_that_are_refused_or_change_nothing_leave_no_original(office: Office) -> None:
    plan = office.adopted_plan()
    path = f"/work-plans/{plan}/amendments"
    late = AMENDMENT | {"issued_on": "2026-11-29"}
    changed = PLAN_TEXT.replace("。".encode(), "；".encode(), 1) + "另行部署。".encode()
    office.upload("supervisor", path, changed, 422, **late)
    office.upload("supervisor", path, changed, 412, headers={"If-Match": '"9"'}, **AMENDMENT)
    office.upload("supervisor", path, PLAN_TEXT, 200, **AMENDMENT)
    assert kept(office) == 1
    office.upload("supervisor", path, changed, 200, headers=KEY, **AMENDMENT)
    assert kept(office) == 2
    office.upload("supervisor", path, changed, 200, headers=KEY, **AMENDMENT)
    assert kept(office) == 2


def test_a_repeated_import_is_answered_as_the_first_and_keeps_one_original(office: Office) -> None:
    first = office.upload("supervisor", "/work-plans", headers=KEY)
    assert office.upload("supervisor", "/work-plans", headers=KEY) == first
    assert kept(office) == 1


def test_the_same_document_for_another_agency_is_another_request(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.register_other()
    grants = (*PEOPLE["supervisor"].grants, *PEOPLE["stranger"].grants)
    monkeypatch.setitem(PEOPLE, "both", PEOPLE["supervisor"].model_copy(update={"grants": grants}))
    office.upload("both", "/work-plans", headers=KEY, agency=AGENCY)
    refused = office.upload("both", "/work-plans", headers=KEY, agency=OTHER_AGENCY, status=422)
    assert refused["code"] == "idempotency-key-reused"
    assert kept(office) == 1
