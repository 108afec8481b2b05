"""Who looked: by record and by agency, for the audit administrator; under a mandate once it has ended."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from services.access.domain.reading import READING, Asked, RecordReading
from services.access.ledgers import looks as ledger
from shared.application.commands import Request
from shared.ids import new_id
from shared.security.classes import RestrictedClass
from shared.security.extent import Unbounded
from shared.security.policy import RESTRICTED_READS
from shared.security.principal import Role
from tests.golden.files import FOLDER as GOLDEN
from tests.unit.services.access.house import AGENCY, OTHER, OTHER_ROOT, House
from tests.unit.services.access.test_mandates import PATH, Inspection

TALK, PLAN = f"organization:talk:{'0' * 36}", f"organization:work-plan:{'1' * 36}"
TAKEN = "GET /api/organization/work-plans/{plan_id}/ledger.xlsx"
ASKED = {"operation": "GET /x", "path": "/x", "asked": "q=%E7%94%B5"}


@pytest.fixture
def inspection(house: House) -> Inspection:
    house.account("stranger", Role.AUDIT_ADMINISTRATOR, OTHER, OTHER_ROOT, home=OTHER)
    return Inspection(house)


def tell(inspection: Inspection, who: str, **read: Any) -> Any:
    return inspection.as_(who).post("/api/access/readings", json=ASKED | read)


def talked(agency: str = AGENCY) -> dict[str, Any]:
    return {"restricted": [{"agency": agency, "class_": "talks", "records": [TALK]}]}


def exported(agency: str = AGENCY) -> dict[str, Any]:
    return {"operation": TAKEN, "exported": [{"agency": agency, "records": [PLAN], "rows": 12, "total": 80}]}


def looks(inspection: Inspection, who: str = "auditor", **asked: Any) -> list[dict[str, Any]]:
    answer = inspection.as_(who).get("/api/access/looks", params=asked)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def test_who_read_restricted_matter_or_took_something_out_is_listed_by_record_and_by_agency(
    inspection: Inspection,
) -> None:
    assert tell(inspection, "luo", **talked()).status_code == 204
    assert tell(inspection, "luo", **exported()).status_code == 204
    (read,) = looks(inspection, stream=TALK)
    assert (read["restricted"], read["exported"], read["records"]) == ("talks", False, [TALK])
    assert (read["mandate"], read["basis"]) == (None, None)
    (out,) = looks(inspection, stream=PLAN)
    assert (out["exported"], out["rows"], out["total"]) == (True, 12, 80)
    assert [item["id"] for item in looks(inspection)] == [out["id"], read["id"]]


@pytest.mark.parametrize("class_", [c for c in RestrictedClass if c not in RESTRICTED_READS])
def test_nobody_tells_of_a_read_of_a_class_that_nothing_shows(inspection: Inspection, class_: RestrictedClass) -> None:
    told = tell(inspection, "luo", restricted=[{"agency": AGENCY, "class_": class_, "records": [TALK]}])
    assert (told.status_code, told.json()["code"]) == (403, "reading-not-yours")


def test_the_audit_administrator_of_the_agency_alone_sees_it(inspection: Inspection) -> None:
    tell(inspection, "luo", **talked())
    assert looks(inspection, "stranger") == []
    for who in ("luo", "shen", "zhou"):
        assert inspection.as_(who).get("/api/access/looks").status_code == 403


def test_what_was_read_under_a_mandate_is_listed_once_the_mandate_has_ended(inspection: Inspection) -> None:
    mandate = inspection.running()
    tell(inspection, "shen", agencies={mandate: [AGENCY]}, records={AGENCY: [PLAN]})
    assert looks(inspection, stream=PLAN) == looks(inspection) == []
    inspection.as_("shen").post(f"{PATH}/{mandate}/end", json={"reason": "检查完毕"})
    (read,) = looks(inspection, stream=PLAN)
    assert (read["mandate"], read["by"]["id"]) == (mandate, inspection.inspector)
    assert read["basis"] == inspection.asked()["basis"]


def test_of_a_reading_over_two_agencies_each_is_told_of_its_own_records_alone(inspection: Inspection) -> None:
    house, asked = inspection.house, Asked(new_id(), inspection.inspector, "GET /x", "/x", "")
    over = (("m1", (AGENCY, OTHER, AGENCY)), ("m2", (OTHER,)))
    command = RecordReading(asked, over, {AGENCY: [PLAN, PLAN], OTHER: [TALK]})
    request = Request(actor=inspection.inspector, agency_id="platform")
    house.runtime.commands.handle(READING, asked.reading_id, [command], request)
    with house.reader.read(ledger.NAME, Unbounded("what is filed of every agency")) as db:
        found = db.execute(select(ledger.METADATA.tables["looks"])).all()
    filed = [(r.mandate_id, r.agency_id, r.record) for r in found]
    assert sorted(filed) == sorted([("m1", AGENCY, PLAN), ("m1", OTHER, TALK), ("m2", OTHER, TALK)])


def test_of_readings_from_before_no_agency_is_told_a_record_that_may_be_anothers() -> None:
    before = json.loads((GOLDEN / "access.content-read.v2.json").read_text("utf-8"))
    assert before["payload"]["records"]
    assert before["reads_as"]["records"] == []


def test_nobody_writes_into_the_log_of_an_agency_whose_matter_they_cannot_have_read(inspection: Inspection) -> None:
    for who, read in (("luo", talked(OTHER)), ("luo", exported(OTHER)), ("shen", talked()), ("auditor", talked())):
        refused = tell(inspection, who, **read)
        assert (refused.status_code, refused.json()["code"]) == (403, "reading-not-yours"), who


def test_nobody_is_said_to_have_taken_something_out_by_a_way_that_does_not_exist(inspection: Inspection) -> None:
    for operation in ("GET /x", "GET /api/organization/plans", "他拿走了"):
        refused = tell(inspection, "luo", **exported() | {"operation": operation})
        assert refused.status_code in {403, 422}, operation


def test_a_record_that_is_named_twice_is_filed_once_and_parks_nothing(inspection: Inspection) -> None:
    twice = {"agency": AGENCY, "records": [PLAN, PLAN], "rows": 12, "total": 80}
    assert tell(inspection, "luo", **exported() | {"exported": [twice]}).status_code == 204
    (out,) = looks(inspection, stream=PLAN)
    assert out["records"] == [PLAN]


@pytest.mark.parametrize(
    "much",
    [{"rows": 2**31}, {"total": 2**53 - 1}, {"records": [f"organization:talk:{n:036}" for n in range(501)]}],
)
def test_what_is_said_of_an_export_is_bounded(inspection: Inspection, much: dict[str, Any]) -> None:
    (one,) = exported()["exported"]
    assert tell(inspection, "luo", **exported() | {"exported": [one | much]}).status_code == 422


def test_one_request_names_no_more_than_a_page_of_anything_holds(inspection: Inspection) -> None:
    (one,) = exported()["exported"]
    full = one | {"records": [f"organization:work-plan:{n:036}" for n in range(450)]}
    assert tell(inspection, "luo", **exported() | {"exported": [full] * 5}).status_code == 422


def test_who_has_much_recorded_at_once_is_slowed_down(inspection: Inspection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.access.mandate_commands_api.READINGS_AT_ONCE", 2)
    monkeypatch.setattr("services.access.mandate_commands_api.SECONDS_A_READING", 60.0)
    client = inspection.as_("luo")
    asked = ASKED | exported()
    answers = [client.post("/api/access/readings", json=asked).status_code for _ in range(3)]
    assert answers == [204, 204, 429]


def test_what_was_asked_lies_under_its_readers_key(inspection: Inspection) -> None:
    tell(inspection, "luo", **talked())
    (row,) = [r for r in inspection.house.runtime.store.read(0, 1000) if r.type == "access.restricted-read"]
    assert row.agency_id == AGENCY
    assert "%E7%94%B5" not in str(row.payload)


def test_the_list_has_pages(inspection: Inspection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.access.ledgers.looks.PAGE", 2)
    for _ in range(3):
        tell(inspection, "luo", **exported())
    first = inspection.as_("auditor").get("/api/access/looks").json()
    rest = inspection.as_("auditor").get("/api/access/looks", params={"cursor": first["cursor"]}).json()
    assert (len(first["items"]), len(rest["items"]), rest["cursor"]) == (2, 1, None)
