"""A file with a 密级标志 never comes in: it is turned away, put aside sealed, and the 保密员 is told."""

from typing import Any

import pytest

from services.organization.ledgers import quarantine
from shared.contracts.organization import OrganizationUploadQuarantined
from shared.security.principal import Role
from tests.support.organisation_world import AGENCY, FIRST, LIN
from tests.unit.services.organization.office import (
    OTHER_AGENCY,
    OTHER_ROOT,
    PEOPLE,
    PLAN_TEXT,
    Office,
    activity,
    both,
    principal,
)

SECRET = "机密★5年\n关于开展某项工作的计划\n一、抓学习".encode()
PATH = "/quarantine"
NOT_HELD = {"organisation_id": FIRST, "kind": "theme-day", "day": "2026-11-05"}
FILED = {"organisation_id": FIRST, "month": "2026-12-01", "items": [{"kind": "theme-day", "title": "（机密）参观"}]}
ADDED = {"measure": 1, "text": "密级：机密\n增补", "document_number": "清研〔2026〕9号", "issued_on": "2026-11-01"}


@pytest.mark.parametrize(
    ("data", "name", "mark"), [(SECRET, "计划.txt", "机密★"), (PLAN_TEXT, "（秘密★）冷库改造计划.txt", "秘密")]
)
def test_what_was_offered_lies_aside_under_a_key_of_its_own_and_its_name_is_sealed_too(
    office: Office, data: bytes, name: str, mark: str
) -> None:
    assert office.upload("supervisor", "/work-plans", data, 422, name=name)["code"] == "secrecy-mark"
    (event,) = office.put_aside()
    assert (event.mark, event.entry, event.uploaded_by) == (mark, "导入工作要点", office.who("supervisor"))
    assert office.runtime.blobs.get(event.file) == data
    assert (event.name.value, event.file.name) == (name, "隔离文件")
    stored = str([r.payload for r in office.runtime.store.read(0, 1000)])
    assert "冷库" not in stored
    assert "某项工作" not in stored


def test_a_preview_and_an_amendment_are_watched_as_well(office: Office) -> None:
    plan = office.adopted_plan()
    office.upload("supervisor", "/work-plans/preview", SECRET, 422)
    fields: dict[str, Any] = {"document_number": "8号", "issued_on": "2026-11-20", "reason": "补齐"}
    office.upload("supervisor", f"/work-plans/{plan}/amendments", SECRET, 422, **fields)
    assert [e.entry for e in office.put_aside()] == ["预览工作要点", "修订工作要点"]


def test_a_preview_is_put_aside_where_the_plans_are_managed_not_where_its_reader_is_a_member(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    member_there = both(principal(Role.MEMBER, OTHER_AGENCY, OTHER_ROOT), PEOPLE["supervisor"])
    monkeypatch.setitem(PEOPLE, "supervisor", member_there)
    office.upload("supervisor", "/work-plans/preview", SECRET, 422)
    (row,) = [r for r in office.runtime.store.read(0, 1000) if r.type == OrganizationUploadQuarantined.TYPE]
    assert row.agency_id == AGENCY


def test_what_is_refused_for_another_reason_is_not_kept(office: Office) -> None:
    office.upload("supervisor", "/work-plans", b"", 422)
    assert office.put_aside() == []


def test_the_desk_of_the_agencys_secrecy_officer_says_so_until_it_is_settled(office: Office) -> None:
    office.upload("supervisor", "/work-plans", SECRET, 422)
    (item,) = office.get("keeper", "/desk")["items"]
    assert (item["kind"], "1 件" in item["title"]) == ("quarantine", True)
    for who in ("supervisor", "stranger", "member"):
        assert "quarantine" not in str(office.get(who, "/desk"))
    (upload,) = office.get("keeper", PATH)["uploads"]
    office.post("keeper", f"{PATH}/{upload['id']}/settlement", {"note": "核实为误标，已报告并清理"})
    assert office.get("keeper", "/desk")["items"] == []
    assert office.get("keeper", PATH)["uploads"][0]["note"] == "核实为误标，已报告并清理"
    again = office.post("keeper", f"{PATH}/{upload['id']}/settlement", {"note": "改个说法"}, 422)
    assert again["code"] == "quarantine-settled"


def test_nobody_else_sees_the_list_or_replays_it(office: Office) -> None:
    office.upload("supervisor", "/work-plans", SECRET, 422)
    (event,) = office.put_aside()
    for who in ("supervisor", "inspector", "administrator", "stranger"):
        assert office.ask(who, "GET", PATH).status_code == 403
        answer = office.ask(who, "GET", f"/replay/history?stream=organization:quarantine:{event.upload_id}")
        assert answer.status_code in {403, 404}


def test_neither_name_nor_content_is_shown_to_the_secrecy_officer(office: Office) -> None:
    office.upload("supervisor", "/work-plans", PLAN_TEXT, 422, name="（秘密★）冷库改造计划.txt")
    assert "冷库" not in str(office.get("keeper", PATH))


@pytest.mark.parametrize(
    "marked",
    [
        {"minutes": "机\u200b密★10年\n会议记录"},
        {"title": "秘密★支委会"},
        {"topics": ["机密"]},
        {"first_agenda": "密级：绝密"},
    ],
)
def test_pasted_minutes_are_watched_as_a_file_is_when_recorded_and_when_corrected(
    office: Office, marked: dict[str, Any]
) -> None:
    held = office.post("organiser", "/activities", activity(), 201)["id"]
    assert office.post("organiser", "/activities", activity(**marked), 422)["code"] == "secrecy-mark"
    corrected = {k: v for k, v in activity(**marked).items() if k not in {"organisation_id", "kind"}}
    office.post("organiser", f"/activities/{held}/corrections", corrected | {"reason": "补记"}, 422)
    first, second = office.put_aside()
    assert (first.entry, second.entry, first.name.value) == ("登记组织生活", "登记组织生活", "粘贴的文字.txt")
    assert "".join(next(iter(marked.values()))) in office.runtime.blobs.get(first.file).decode()


@pytest.mark.parametrize("marked", [{"topic": "机密"}, {"content": "绝\u2060密★\n谈话要点"}])
def test_a_talk_is_watched_too(office: Office, monkeypatch: pytest.MonkeyPatch, marked: dict[str, str]) -> None:
    monkeypatch.setitem(PEOPLE, "secretary", principal(Role.GENERAL_BRANCH_SECRETARY))
    talk = {"member": LIN, "held_on": "2026-11-20", "topic": "近期思想状况", "content": "压力较大"}
    assert office.post("secretary", "/talks", talk | marked, 422)["code"] == "secrecy-mark"
    assert [e.entry for e in office.put_aside()] == ["登记谈心谈话"]
    assert office.get("secretary", "/talks") == {"talks": []}


@pytest.mark.parametrize(
    ("who", "path", "body", "entry"),
    [
        ("organiser", "/activities/{held}/withdrawal", {"reason": "机密★ 另行安排"}, "登记组织生活"),
        ("secretary", "/activities/{held}/return", {"remark": "密级：秘密，请改", "entry": 1}, "退回纪要"),
        ("organiser", "/activities/not-held", NOT_HELD | {"reason": "机密★任务"}, "说明未召开"),
        ("organiser", "/filings", FILED, "月计划报备"),
        ("supervisor", "/work-plans/{plan}/tasks", ADDED, "调整工作要点"),
    ],
)
def test_whatever_else_is_typed_is_watched_too(
    office: Office, monkeypatch: pytest.MonkeyPatch, who: str, path: str, body: dict[str, Any], entry: str
) -> None:
    monkeypatch.setitem(PEOPLE, "secretary", principal(Role.BRANCH_SECRETARY, AGENCY, FIRST))
    held = office.post("organiser", "/activities", activity(), 201)["id"]
    plan = office.upload("supervisor", "/work-plans", PLAN_TEXT, 201)["id"]
    assert office.post(who, path.format(held=held, plan=plan), body, 422)["code"] == "secrecy-mark"
    assert [e.entry for e in office.put_aside()] == [entry]


def test_a_form_that_is_pressed_again_is_put_aside_once_and_may_be_corrected(office: Office) -> None:
    key = {"Idempotency-Key": "one-and-the-same-form"}
    for _ in range(2):
        office.post("organiser", "/activities", activity(title="秘密★支委会"), 422, headers=key)
    assert len(office.put_aside()) == 1
    office.post("organiser", "/activities", activity(), 201, headers=key)


def test_another_marked_text_in_the_same_form_is_put_aside_too(office: Office) -> None:
    key = {"Idempotency-Key": "one-and-the-same-form"}
    for title in ("秘密★支委会", "机密★支委会"):
        office.post("organiser", "/activities", activity(title=title), 422, headers=key)
    assert [e.mark for e in office.put_aside()] == ["秘密★", "机密★"]


def test_a_file_that_came_with_a_marked_word_is_put_aside_with_it(office: Office) -> None:
    plan = office.adopted_plan()
    fields: dict[str, Any] = {"document_number": "8号", "issued_on": "2026-11-20", "reason": "按机密★文件补齐"}
    office.upload("supervisor", f"/work-plans/{plan}/amendments", PLAN_TEXT, 422, **fields)
    kept = [office.runtime.blobs.get(e.file) for e in office.put_aside()]
    assert PLAN_TEXT in kept
    assert len(kept) == 2


def test_what_waits_stands_before_what_was_settled_however_late(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarantine, "LISTED", 2)
    for _ in range(3):
        office.upload("supervisor", "/work-plans", SECRET, 422)
    ids = sorted(e.upload_id for e in office.put_aside())
    for settled in ids[1:]:
        office.post("keeper", f"{PATH}/{settled}/settlement", {"note": "核实为误标"})
    listed = office.get("keeper", PATH)["uploads"]
    assert (listed[0]["id"], listed[0]["note"]) == (ids[0], None)


def test_what_one_field_says_is_judged_by_itself(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PEOPLE, "secretary", principal(Role.GENERAL_BRANCH_SECRETARY))
    talk = {"member": LIN, "held_on": "2026-11-20", "topic": "保密", "content": "密级分为绝密、（机密）、秘密三级。"}
    office.post("secretary", "/talks", talk, 201)
    assert office.put_aside() == []
