"""The trail: every kind of record is either shown to the audit administrator or kept back, and nothing is opened."""

from pathlib import Path

from services.audit.ledgers.trail import CONTRACTS, TRAIL
from services.audit.trail_api import ACCOUNTS, BUSINESS, KEPT_BACK
from services.runtime.registry import SERVICES


def test_every_kind_of_record_is_shown_or_kept_back() -> None:
    kinds = {f"{d.context}:{d.aggregate}" for service in SERVICES.values() for d in service.deciders}
    assert kinds == BUSINESS | ACCOUNTS | KEPT_BACK
    assert len(kinds) == len(BUSINESS) + len(ACCOUNTS) + len(KEPT_BACK)


def test_every_context_that_records_is_followed_event_by_event() -> None:
    assert TRAIL.contexts() == {service.name for service in SERVICES.values() if service.deciders}
    folder = Path(str(CONTRACTS[0].__file__)).parent
    assert {Path(str(m.__file__)).stem for m in CONTRACTS} == {p.stem for p in folder.glob("*.py")} - {
        "__init__",
        "base",
        "quarantine",
    }


def test_the_audit_service_holds_no_key() -> None:
    assert not SERVICES["audit"].opens
    assert all(service.opens for service in SERVICES.values() if service.deciders or service.name == "search")
