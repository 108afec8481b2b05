"""A command sent again under its key is answered as the first time, whatever has changed elsewhere since."""

from collections import Counter
from typing import Any

import pytest

from services.organization import member_commands_api, plan_commands_api
from shared.decider import Unknown
from shared.eventstore.port import RecordedEvent
from tests.support.organisation_world import AGENCY, FIRST, SECOND, ZHOU
from tests.unit.services.organization.office import PLAN_TEXT, Office, activity, assignment

KEY = {"Idempotency-Key": "retry-0001"}
AMENDMENT = {"document_number": "清政研〔2026〕8号", "issued_on": "2026-11-20", "reason": "补齐全文"}


def task_moves_away(office: Office, plan: str, clause: str) -> None:
    path = f"/work-plans/{plan}/tasks/{clause}/assignment"
    office.post("supervisor", path, assignment(organisations=[SECOND]))


def nowhere(*_: Any) -> None:
    raise Unknown("not-found", "没有找到")


def test_a_record_sent_again_is_answered_though_its_task_is_another_branchs_by_now(office: Office) -> None:
    plan, clause = office.assigned_plan()
    body = activity(tasks=[f"{plan}/{clause}"])
    first = office.post("organiser", "/activities", body, 201, headers=KEY)
    task_moves_away(office, plan, clause)
    assert office.post("organiser", "/activities", body, 201, headers=KEY) == first
    assert office.post("organiser", "/activities", body, 422)["code"] == "task-not-bound"


def test_a_correction_sent_again_is_answered_though_its_task_is_another_branchs_by_now(office: Office) -> None:
    plan, clause = office.assigned_plan()
    path = f"/activities/{office.post('organiser', '/activities', activity(), 201)['id']}/corrections"
    body = activity(tasks=[f"{plan}/{clause}"], reason="补上任务")
    del body["organisation_id"], body["kind"]
    first = office.post("organiser", path, body, headers=KEY)
    task_moves_away(office, plan, clause)
    assert office.post("organiser", path, body, headers=KEY) == first
    assert office.post("organiser", path, body, 422)["code"] == "task-not-bound"


def test_an_assignment_sent_again_is_answered_though_the_member_is_not_found_by_now(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, clause = office.assigned_plan()
    path, body = f"/work-plans/{plan}/tasks/{clause}/assignment", assignment(organisations=[FIRST])
    first = office.post("supervisor", path, body, headers=KEY)
    monkeypatch.setattr(plan_commands_api, "member_of", nowhere)
    assert office.post("supervisor", path, body, headers=KEY) == first
    office.post("supervisor", path, body, 404)


def test_an_enrolment_and_a_move_sent_again_are_answered_though_the_organisation_is_not_found_by_now(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrol = (f"/agencies/{AGENCY}/members", {"organisation_id": SECOND, "name": "陈一鸣", "standing": "full"}, 201)
    move = (f"/members/{ZHOU}/organisation", {"organisation_id": SECOND, "reason": "调整"}, 200)
    keys = [{"Idempotency-Key": f"retry-000{n}"} for n in range(2)]
    both = list(zip((enrol, move), keys, strict=True))
    first = [office.post("supervisor", *asked, headers=key) for asked, key in both]
    monkeypatch.setattr(member_commands_api, "tree_of", nowhere)
    assert [office.post("supervisor", *asked, headers=key) for asked, key in both] == first


def test_a_document_sent_again_is_not_kept_again(office: Office) -> None:
    plan = office.adopted_plan()
    amended = PLAN_TEXT + b"\n"
    first = office.upload("supervisor", f"/work-plans/{plan}/amendments", amended, 200, headers=KEY, **AMENDMENT)
    kept = blobs(office)
    again = office.upload("supervisor", f"/work-plans/{plan}/amendments", amended, 200, headers=KEY, **AMENDMENT)
    assert (again, blobs(office)) == (first, kept)


def test_another_document_under_the_key_of_an_import_is_refused_and_not_kept(office: Office) -> None:
    office.upload("supervisor", "/work-plans", headers=KEY)
    kept = blobs(office)
    other = office.upload("supervisor", "/work-plans", PLAN_TEXT, 422, title="另一份计划", headers=KEY)
    assert (other["code"], blobs(office)) == ("idempotency-key-reused", kept)


def test_a_plan_is_read_once_for_all_the_tasks_a_record_names(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    plan, clause = office.assigned_plan()
    other = next(n for n in task_numbers(office, plan) if n != clause)
    office.post("supervisor", f"/work-plans/{plan}/tasks/{other}/assignment", assignment())
    loads = counted_loads(office, monkeypatch)
    office.post("organiser", "/activities", activity(tasks=[f"{plan}/{clause}", f"{plan}/{other}"]), 201)
    assert loads[f"organization:work-plan:{plan}"] == 1


def test_a_plan_is_read_once_to_check_an_assignment_and_once_to_decide(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, clause = office.assigned_plan()
    loads = counted_loads(office, monkeypatch)
    office.post("supervisor", f"/work-plans/{plan}/tasks/{clause}/assignment", assignment(organisations=[FIRST]))
    assert loads[f"organization:work-plan:{plan}"] == 2


def counted_loads(office: Office, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    loads: Counter[str] = Counter()
    load = office.runtime.store.load

    def counted(stream_id: str, **options: Any) -> list[RecordedEvent]:
        loads[stream_id] += 1
        return load(stream_id, **options)

    monkeypatch.setattr(office.runtime.store, "load", counted)
    return loads


def task_numbers(office: Office, plan: str) -> list[str]:
    shown = office.get("supervisor", f"/work-plans/{plan}")
    clauses = [c for p in shown["parts"] for m in p["measures"] for c in m["clauses"]]
    return [c["number"] for c in clauses if c["nature"] == "task"]


def blobs(office: Office) -> int:
    return sum(p.is_file() for p in (office.runtime.settings.data_dir / "blobs").rglob("*"))
