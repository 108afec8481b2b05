"""The plan through its API: imported, reviewed, adopted, divided, amended; each by those who may."""

from collections import Counter
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest

from services.organization.plan_document import parse
from shared.http.workbooks import as_text
from tests.support.organisation_world import FIRST, GROUP, SECOND, ZHOU, fixed_id
from tests.support.plans import plan_texts
from tests.unit.services.organization.office import OTHER_AGENCY, PLAN_TEXT, Office, activity, assignment

BROKEN_OFF = "清河市2026年工作要点\n一、抓学习\n1.每月学习。组织开展主题党日。推动学习走深走\n".encode()
COMPLETE = "清河市2026年工作要点\n一、抓学习\n1.每月学习。组织开展主题党日。推动学习走深走实，取得实效。\n".encode()
AMENDMENT = {"document_number": "清政研〔2026〕8号", "issued_on": "2026-11-20", "reason": "补齐全文"}


def clauses(plan: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {c["number"]: c for p in plan["parts"] for m in p["measures"] for c in m["clauses"]}


def test_a_preview_shows_the_plan_and_stores_nothing(office: Office) -> None:
    shown = office.upload("supervisor", "/work-plans/preview", status=200)
    assert len(shown["parts"]) == 3
    assert not shown["incomplete"]
    assert office.get("supervisor", "/work-plans")["plans"] == []


def test_an_imported_plan_is_read_back_word_for_word(office: Office) -> None:
    plan = office.upload("supervisor", "/work-plans")
    shown = office.get("supervisor", f"/work-plans/{plan['id']}", after=plan["token"])
    document = parse(PLAN_TEXT.decode())
    assert [c["text"] for c in clauses(shown).values()] == [c.text for c in document.clauses()]
    assert (shown["preamble"], shown["closing"], shown["year"]) == (document.preamble, document.closing, document.year)
    assert shown["status"] == "review"


def test_a_plan_that_breaks_off_says_so_until_an_amendment_completes_it(office: Office) -> None:
    plan = office.upload("supervisor", "/work-plans", BROKEN_OFF)["id"]
    shown = office.get("supervisor", f"/work-plans/{plan}")
    assert shown["incomplete"]
    assert "来源不全" in shown["incomplete_note"]
    office.upload("supervisor", f"/work-plans/{plan}/amendments", COMPLETE, status=200, **AMENDMENT)
    after = office.get("supervisor", f"/work-plans/{plan}")
    assert not after["incomplete"]
    assert clauses(after).keys() == clauses(shown).keys()
    assert [d["document_number"] for d in after["documents"]] == ["清政研〔2026〕8号"]
    before = office.get("supervisor", f"/work-plans/{plan}", as_of="2026-11-19")
    assert list(clauses(before).values())[-1]["text"].endswith("走深走")


def test_the_same_document_again_is_the_same_plan(office: Office) -> None:
    first, again = (office.upload("supervisor", "/work-plans") for _ in range(2))
    assert first == again
    kept = [p for p in (office.runtime.settings.data_dir / "blobs").rglob("*") if p.is_file()]
    assert len(kept) == 1
    other = office.upload("supervisor", "/work-plans", title="另一份计划")
    assert other["id"] != first["id"]


def test_a_retried_import_under_one_key_is_answered_as_the_first(office: Office) -> None:
    headers = {"Idempotency-Key": "import-0001"}
    first = office.upload("supervisor", "/work-plans", BROKEN_OFF, headers=headers)
    assert office.upload("supervisor", "/work-plans", BROKEN_OFF, headers=headers) == first
    other = office.upload("supervisor", "/work-plans", COMPLETE, status=422, headers=headers)
    assert other["code"] == "idempotency-key-reused"


def test_the_original_is_kept_under_the_plans_own_key(office: Office) -> None:
    office.upload("supervisor", "/work-plans")
    row = next(r for r in office.runtime.store.read(0, 100) if r.type == "organization.work-plan-imported")
    source = office.runtime.codec.decode(row).source  # type: ignore[attr-defined]
    assert source.subject == f"document:{row.stream_id.rpartition(':')[2]}"
    assert office.runtime.blobs.get(source) == PLAN_TEXT


def test_a_title_and_year_may_be_given_and_must_be_known(office: Office) -> None:
    bare = "一、抓学习\n1.每月学习。组织开展主题党日。".encode()
    assert office.upload("supervisor", "/work-plans", bare, status=422)["code"] in {
        "plan-title-needed",
        "plan-year-needed",
    }
    plan = office.upload("supervisor", "/work-plans", bare, title="学习计划", year="2026")["id"]
    assert office.get("supervisor", f"/work-plans/{plan}")["title"] == "学习计划"


@pytest.mark.parametrize(
    ("data", "fields", "code"),
    [
        (b"\x00\x01\x02", {}, "document-type-unsupported"),
        (b"", {}, "document-empty"),
        (PLAN_TEXT, {"year": "1800"}, "invalid-request"),
        (PLAN_TEXT, {"unknown": "1"}, "invalid-request"),
        (PLAN_TEXT, {"title": "长" * 201}, "invalid-request"),
        (PLAN_TEXT, {"name": "../../etc/passwd"}, "document-name-invalid"),
        (PLAN_TEXT, {"name": "机密★计划.txt"}, "secrecy-mark"),
        ("机密★\n计划".encode(), {}, "secrecy-mark"),
    ],
)
def test_a_bad_upload_is_refused_with_a_code_and_a_sentence(
    office: Office, data: bytes, fields: dict[str, Any], code: str
) -> None:
    for path in ("/work-plans", "/work-plans/preview") if not fields.keys() - {"name"} else ("/work-plans",):
        refused = office.upload("supervisor", path, data, 422, **fields)
        assert (refused["code"], bool(refused["detail"])) == (code, True)
    put_aside = [r for r in office.runtime.store.read(0, 100) if r.type == "organization.upload-quarantined"]
    assert office.runtime.store.head() - len(put_aside) == 6


def test_only_those_who_manage_plans_change_them_and_others_agencies_are_not_told_of(office: Office) -> None:
    plan = office.adopted_plan()
    adopt = f"/work-plans/{plan}/adopt"
    for who, status in (("organiser", 403), ("inspector", 403), ("administrator", 403), ("stranger", 404)):
        office.post(who, adopt, status=status)
        office.upload(who, f"/work-plans/{plan}/amendments", status=status, **AMENDMENT)
    assert office.ask("stranger", "GET", f"/work-plans/{plan}").status_code == 404
    assert office.ask("stranger", "GET", f"/work-plans/{plan}/ledger").status_code == 404
    assert office.ask("stranger", "GET", f"/work-plans/{plan}/ledger.xlsx").status_code == 404
    assert office.get("stranger", "/work-plans")["plans"] == []
    assert office.ask("administrator", "GET", f"/work-plans/{plan}").status_code == 403
    assert office.ask("nobody", "GET", f"/work-plans/{plan}").status_code == 401
    office.upload("supervisor", "/work-plans", agency=OTHER_AGENCY, status=404)


def test_adopting_needs_no_body_and_twice_is_once(office: Office) -> None:
    plan = office.upload("supervisor", "/work-plans")["id"]
    first = office.ask("supervisor", "POST", f"/work-plans/{plan}/adopt")
    assert first.status_code == 200, first.text
    assert office.post("supervisor", f"/work-plans/{plan}/adopt")["token"] == first.json()["token"]
    assert office.get("supervisor", f"/work-plans/{plan}")["adopted_on"] == "2026-11-23"


def test_who_looked_at_an_older_version_is_told_before_anything_is_overwritten(office: Office) -> None:
    plan = office.adopted_plan()
    seen = office.ask("supervisor", "GET", f"/work-plans/{plan}").headers["etag"]
    nature = f"/work-plans/{plan}/clauses/1-1/nature"
    office.post("supervisor", nature, {"nature": "purpose"}, headers={"If-Match": seen})
    stale = office.post("supervisor", nature, {"nature": "task"}, 412, headers={"If-Match": seen})
    assert stale["code"] == "changed-meanwhile"


def test_a_record_changes_the_cell_of_its_branch(office: Office) -> None:
    plan, clause = office.assigned_plan()
    task = f"{plan}/{clause}"
    for day in ("2026-10-08", "2026-11-20"):
        token = office.post("organiser", "/activities", activity(held_on=day, tasks=[task]), 201)["token"]
    shown = office.get("supervisor", f"/work-plans/{plan}/ledger", after=token)
    row = next(r for r in shown["rows"] if r["clause"] == clause)
    cells = {c["organisation"]: c for c in row["cells"]}
    assert cells[FIRST]["status_name"] == "已落实"
    assert cells[SECOND]["detail"] == "缺 10 月"
    assert row["status"] == "overdue"
    assert (row["lead"]["name"], row["responsible"]["name"], row["rhythm"]) == ("机关党总支", "周宁", "每月")
    assert [o["name"] for o in shown["organisations"]] == ["第一党支部", "第二党支部"]
    assert shown["summary"]["unassigned"] == len(shown["rows"]) - 1
    before = office.get("supervisor", f"/work-plans/{plan}/ledger", as_of="2026-10-31")
    assert next(r for r in before["rows"] if r["clause"] == clause)["cells"][0]["status_name"] == "进行中"


def test_a_task_that_asks_for_two_is_not_done_after_the_first(office: Office) -> None:
    twice = {"start": "2026-01-01", "due": "2026-12-31", "cadence": "once", "count": 2}
    plan, clause = office.assigned_plan(period=twice)
    seen = []
    for day in ("2026-10-08", "2026-11-20"):
        token = office.post("organiser", "/activities", activity(held_on=day, tasks=[f"{plan}/{clause}"]), 201)["token"]
        shown = office.get("supervisor", f"/work-plans/{plan}/ledger", after=token)
        row = next(r for r in shown["rows"] if r["clause"] == clause)
        seen += [(c["status_name"], c["met"], c["owed"]) for c in row["cells"] if c["organisation"] == FIRST]
    assert seen == [("进行中", 1, 2), ("已落实", 2, 2)]
    assert (row["count"], row["rhythm"]) == (2, "期限内 2 次")


def test_the_matrix_counts_but_does_not_open_records_beyond_the_readers_reach(office: Office) -> None:
    plan, clause = office.assigned_plan()
    office.post("organiser", "/activities", activity(tasks=[f"{plan}/{clause}"]), 201)
    for who, shown, hidden in (("supervisor", 1, 0), ("member", 1, 0), ("second", 0, 1)):
        row = next(r for r in office.get(who, f"/work-plans/{plan}/ledger")["rows"] if r["clause"] == clause)
        assert (len(row["cells"][0]["records"]), row["cells"][0]["hidden"]) == (shown, hidden)


def test_one_organisations_column_is_what_the_whole_matrix_says_of_it_and_of_nobody_else(office: Office) -> None:
    plan, clause = office.assigned_plan()
    office.post("organiser", "/activities", activity(tasks=[f"{plan}/{clause}"]), 201)
    whole, column = (office.get("supervisor", f"/work-plans/{plan}/ledger", **a) for a in ({}, {"organisation": FIRST}))
    assert [o["id"] for o in column["organisations"]] == [FIRST]
    for row, narrow in zip(whole["rows"], column["rows"], strict=True):
        assert narrow["cells"] == [c for c in row["cells"] if c["organisation"] == FIRST]
        assert narrow["status"] == (narrow["cells"][0]["status"] if row["status"] else None)


def test_a_matrix_that_is_asked_for_without_records_tells_none_and_how_many_there_are(office: Office) -> None:
    plan, clause = office.assigned_plan()
    office.post("organiser", "/activities", activity(tasks=[f"{plan}/{clause}"]), 201)
    shown = office.get("supervisor", f"/work-plans/{plan}/ledger", records="false")
    cell = next(r for r in shown["rows"] if r["clause"] == clause)["cells"][0]
    assert (cell["records"], cell["hidden"], cell["last"] is None) == ([], 1, False)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"organisations": [fixed_id(99)]}, 404, "organisation-unknown"),
        ({"lead_organisation_id": fixed_id(99)}, 404, "organisation-unknown"),
        ({"responsible_member_id": fixed_id(99)}, 404, "not-found"),
        ({"organisations": []}, 422, "invalid-request"),
        ({"extra": 1}, 422, "invalid-request"),
        ({"period": {"start": "1900-01-01", "due": "2026-11-30", "cadence": "once"}}, 422, "invalid-request"),
        ({"period": {"start": "2026-12-01", "due": "2026-11-30", "cadence": "once"}}, 422, "period-reversed"),
        (
            {"period": {"start": "2026-01-01", "due": "2026-11-30", "cadence": "once", "count": 0}},
            422,
            "invalid-request",
        ),
    ],
)
def test_a_task_is_assigned_only_within_the_agency_and_in_order(
    office: Office, change: dict[str, Any], status: int, code: str
) -> None:
    plan = office.adopted_plan()
    task = next(n for n, c in clauses(office.get("supervisor", f"/work-plans/{plan}")).items() if c["nature"] == "task")
    body = assignment(**change)
    assert office.post("supervisor", f"/work-plans/{plan}/tasks/{task}/assignment", body, status)["code"] == code


def test_a_task_is_added_and_ended_by_a_document(office: Office) -> None:
    plan, clause = office.assigned_plan()
    document = {"document_number": "清政研〔2026〕8号", "issued_on": "2026-11-20"}
    office.post(
        "supervisor", f"/work-plans/{plan}/tasks", {"measure": 1, "text": "年底前开展一次测评。", **document}, 201
    )
    office.post(
        "supervisor",
        f"/work-plans/{plan}/tasks/{clause}/supersession",
        {"effective_on": "2026-11-21", "reason": "合并", **document},
    )
    shown = clauses(office.get("supervisor", f"/work-plans/{plan}"))
    assert shown[clause]["superseded_on"] == "2026-11-21"
    assert any(c["text"] == "年底前开展一次测评。" for c in shown.values())
    row = next(r for r in office.get("supervisor", f"/work-plans/{plan}/ledger")["rows"] if r["clause"] == clause)
    assert {c["status"] for c in row["cells"]} == {"not-applicable"}


def test_the_matrix_is_exported_as_text_only(office: Office) -> None:
    risky = '=1+1\n2026年工作要点\n一、抓学习\n1.每月学习。=HYPERLINK("http://x")组织开展主题党日。'.encode()
    plan = office.upload("supervisor", "/work-plans", risky, title="=1+1", year="2026")["id"]
    answer = office.ask("supervisor", "GET", f"/work-plans/{plan}/ledger.xlsx")
    assert answer.status_code == 200
    with ZipFile(BytesIO(answer.content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        strings = book.read("xl/sharedStrings.xml").decode()
    assert "<f>" not in sheet
    assert "'=1+1" in strings
    assert "未分解" in strings


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r="])
def test_no_cell_begins_like_a_formula(start: str) -> None:
    assert as_text(f"{start}cmd|'/c calc'!A1").startswith("'")
    assert as_text("每月一次") == "每月一次"


def test_an_activity_must_name_tasks_that_take_it(office: Office) -> None:
    plan, clause = office.assigned_plan(organisations=[SECOND])
    refusals = {
        f"{plan}/{clause}": (422, "task-not-bound"),
        f"{plan}/99-1": (404, "clause-unknown"),
        f"{fixed_id(99)}/1-1": (404, "task-unknown"),
        "nonsense": (404, "task-unknown"),
    }
    for task, (status, code) in refusals.items():
        assert office.post("organiser", "/activities", activity(tasks=[task]), status)["code"] == code


def test_a_group_is_not_taken_for_its_branch(office: Office) -> None:
    plan, clause = office.assigned_plan()
    body = activity(organisation_id=GROUP, tasks=[f"{plan}/{clause}"])
    assert office.post("organiser", "/activities", body, 422)["code"] == "task-not-bound"
    assert ZHOU in body["attendees"]


@pytest.mark.parametrize("number", range(len(plan_texts())))
def test_a_real_plan_goes_from_import_to_the_matrix_with_every_word(office: Office, number: int) -> None:
    text = plan_texts()[number]
    plan = office.upload("supervisor", "/work-plans", text.encode())["id"]
    office.post("supervisor", f"/work-plans/{plan}/adopt")
    shown = office.get("supervisor", f"/work-plans/{plan}")
    said = shown["title"] + shown["preamble"] + shown["closing"]
    for part in shown["parts"]:
        said += part["marker"] + part["title"] + part["preamble"]
        for measure in part["measures"]:
            said += measure["marker"] + measure["title"] + "".join(c["text"] for c in measure["clauses"])
    assert Counter("".join(said.split())) == Counter("".join(text.split()))
    rows = office.get("supervisor", f"/work-plans/{plan}/ledger")["rows"]
    assert [r["clause"] for r in rows] == [n for n, c in clauses(shown).items() if c["nature"] == "task"]
    assert shown["incomplete"] == parse(text).incomplete
