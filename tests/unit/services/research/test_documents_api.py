"""A document from its first paste to the printed report, over the API."""

import io

import pytest
from docx import Document

from shared.contracts.research import ResearchUploadQuarantined
from tests.support.organisation_world import AGENCY, FIRST, LIN, SECOND, ZHOU, fixed_id
from tests.unit.services.research.desk import MARKED, TEXT, Desk

DAY = "2026-11-20"


def word_file(*paragraphs: str) -> bytes:
    document = Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    saved = io.BytesIO()
    document.save(saved)
    return saved.getvalue()


def test_a_pasted_text_is_a_document_with_its_first_revision(desk: Desk) -> None:
    id_ = desk.document(authors=[ZHOU, LIN])
    shown = desk.get("organiser", f"/documents/{id_}")
    document = shown["found"]["document"]
    assert (document["title"], document["kind_name"], document["latest"], document["final"]) == (
        "园区企业用工调研",
        "调研报告",
        1,
        0,
    )
    assert (shown["text"], shown["revision"], document["authors"]) == (TEXT, 1, [ZHOU, LIN])
    (revision,) = shown["found"]["revisions"]
    assert (revision["note"], revision["source"], revision["submitted_by"]) == ("初稿", None, desk.who("organiser"))


def test_a_word_file_is_read_kept_and_given_back_as_it_came(desk: Desk) -> None:
    data = word_file("走访企业十二家。", "缺技工的有九家。")
    id_ = desk.document(file=("用工调研.docx", data), text=None)
    shown = desk.get("organiser", f"/documents/{id_}")
    assert shown["text"].split("\n") == ["走访企业十二家。", "缺技工的有九家。"]
    assert shown["found"]["revisions"][0]["source"] == "用工调研.docx"
    original = desk.ask("organiser", "GET", f"/documents/{id_}/original", params={"revision": "1"})
    assert original.content == data
    assert original.headers["content-disposition"].startswith("attachment;")


def test_pasted_text_has_no_original(desk: Desk) -> None:
    id_ = desk.document()
    assert desk.ask("organiser", "GET", f"/documents/{id_}/original", params={"revision": "1"}).status_code == 404


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"text": None}, "text-needed"),
        ({"text": "字" * 40_001}, "invalid-request"),
        ({"file": ("长.txt", ("字" * 40_001).encode())}, "text-too-long"),
        ({"authors": [fixed_id(999)]}, "author-not-on-roster"),
        ({"document_class": "work-secret"}, "work-secrets-off"),
        ({"kind": "secret-plan"}, "invalid-request"),
        ({"unknown": "1"}, "invalid-request"),
    ],
)
def test_what_will_not_do_is_told_and_nothing_is_kept(desk: Desk, changes: dict[str, str], code: str) -> None:
    answer = desk.submit(**changes)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert desk.listed() == []
    assert [f for f in (desk.runtime.settings.data_dir / "blobs").rglob("*") if f.is_file()] == []


@pytest.mark.parametrize(
    "changes",
    [
        {"file": ("报告.txt", MARKED), "text": None},
        {"file": ("（秘密★）报告.txt", b"abc"), "text": None},
        {"text": MARKED.decode()},
        {"title": "秘密★ 关于某项工作的报告"},
    ],
)
def test_what_carries_a_mark_of_secrecy_is_put_aside_however_it_came(desk: Desk, changes: dict[str, str]) -> None:
    answer = desk.submit(**changes)
    assert (answer.status_code, answer.json()["code"]) == (422, "secrecy-mark")
    aside = [r for r in desk.runtime.store.read(0, 1000) if r.type == ResearchUploadQuarantined.TYPE]
    (event,) = (desk.runtime.codec.decode(r) for r in aside)
    assert isinstance(event, ResearchUploadQuarantined)
    assert (event.entry, event.uploaded_by, event.agency_id) == ("登记文稿", desk.who("organiser"), AGENCY)
    path = f"/quarantine/{event.upload_id}/settlement"
    assert desk.ask("supervisor", "POST", path, json={"note": "已核实"}).status_code == 403
    desk.post("keeper", path, {"note": "核实为误标"})


@pytest.mark.parametrize(
    ("step", "body"),
    [
        ("review", {"revision": 1, "remark": "密级：秘密"}),
        ("final", {"revision": 1, "unreviewed_reason": "机密★急用"}),
        ("delivery", {"speaker": "顾明远", "occasion": "机密★会议", "delivered_on": "2026-11-20"}),
        ("withdrawal", {"reason": "秘密★"}),
    ],
)
def test_a_remark_on_a_document_is_watched_too(desk: Desk, step: str, body: dict[str, object]) -> None:
    id_ = desk.document()
    assert desk.post("supervisor", f"/documents/{id_}/{step}", body, 422)["code"] == "secrecy-mark"
    (event,) = desk.put_aside()
    assert (event.entry, event.agency_id) == ("登记文稿", AGENCY)


def test_what_was_changed_is_watched_beside_the_text(desk: Desk) -> None:
    id_ = desk.document()
    answer = desk.submit(f"/documents/{id_}/revisions", note="按机密★文件改")
    assert (answer.status_code, answer.json()["code"]) == (422, "secrecy-mark")
    kept = [desk.runtime.blobs.get(e.file).decode() for e in desk.put_aside()]
    assert any("按机密★文件改" in each for each in kept)
    assert TEXT in kept, "nobody has read what came with it"


def test_a_marked_file_is_put_aside_though_the_words_beside_it_are_marked_too(desk: Desk) -> None:
    id_ = desk.document()
    marked = ("稿.txt", "机密★5年\n一、问题".encode(), "text/plain")
    desk.submit(f"/documents/{id_}/revisions", note="按机密★文件改", file=marked)
    kept = [desk.runtime.blobs.get(e.file).decode() for e in desk.put_aside()]
    assert any("一、问题" in each for each in kept)


def test_sent_twice_it_is_one_document(desk: Desk) -> None:
    key = {"Idempotency-Key": "document-0001"}
    assert desk.document(headers=key) == desk.document(headers=key)
    assert len(desk.listed()) == 1
    assert desk.submit(headers=key, title="别的题目").json()["code"] == "idempotency-key-reused"


def test_a_document_is_for_an_organisation_within_reach(desk: Desk) -> None:
    assert desk.submit(organisation_id=SECOND).status_code == 404
    assert desk.submit(who="administrator").status_code == 403
    assert desk.submit(who="stranger").status_code == 404


def test_a_revision_takes_the_place_and_what_changed_is_shown(desk: Desk) -> None:
    id_ = desk.document()
    changed = TEXT.replace("数控和焊接", "数控")
    answer = desk.submit(f"/documents/{id_}/revisions", text=changed, note="焊接缺口已核减")
    assert answer.status_code == 200, answer.text
    shown = desk.get("organiser", f"/documents/{id_}")
    assert (shown["text"], shown["found"]["document"]["latest"]) == (changed, 2)
    assert [r["note"] for r in shown["found"]["revisions"]] == ["焊接缺口已核减", "初稿"]
    assert desk.get("organiser", f"/documents/{id_}", revision="1")["text"] == TEXT
    told = desk.get("organiser", f"/documents/{id_}/difference", left="1", right="2")
    removed = [p["text"] for line in told["paragraphs"] for p in line["pieces"] if p["mark"] == "removed"]
    assert removed == ["和焊接"]


def test_review_final_version_and_use_are_told_one_after_the_other(desk: Desk) -> None:
    id_ = desk.document()
    refused = desk.post("organiser", f"/documents/{id_}/final", {"revision": 1}, 422)
    assert (refused["code"], "article" in refused) == ("review-missing", False), "there is no plan to cite"
    desk.adopt_plan()
    refused = desk.post("organiser", f"/documents/{id_}/final", {"revision": 1}, 422)
    assert "第 1 条" in refused["article"]
    assert desk.ask("organiser", "POST", f"/documents/{id_}/review", json={"revision": 1}).status_code == 403
    desk.post("secretary", f"/documents/{id_}/review", {"revision": 1, "remark": "数据已核"})
    desk.post("organiser", f"/documents/{id_}/final", {"revision": 1})
    desk.post("organiser", f"/documents/{id_}/submissions", {"recipient": "市委办公室", "submitted_on": DAY})
    desk.post("organiser", f"/documents/{id_}/publications", {"publication": "《清河调研》", "published_on": DAY})
    found = desk.get("organiser", f"/documents/{id_}")["found"]
    (revision,) = found["revisions"]
    assert (revision["reviewed_by"], revision["remark"], revision["finalized_on"]) == (
        desk.who("secretary"),
        "数据已核",
        "2026-11-23",
    )
    assert [(u["what"], u["whom"]) for u in found["uses"]] == [
        ("submitted", "市委办公室"),
        ("published", "《清河调研》"),
    ]


def test_what_may_be_left_empty_may_be_sent_empty(desk: Desk) -> None:
    id_ = desk.document(text=" ", file=("用工.txt", TEXT.encode()))
    refused = desk.post("organiser", f"/documents/{id_}/final", {"revision": 1, "unreviewed_reason": " "}, 422)
    assert refused["code"] == "review-missing"
    desk.post("secretary", f"/documents/{id_}/review", {"revision": 1, "remark": ""})
    assert desk.get("organiser", f"/documents/{id_}")["found"]["revisions"][0]["remark"] is None


def test_a_speech_tells_who_spoke_where_and_when(desk: Desk) -> None:
    id_ = desk.finished(kind="speech")
    told = {"speaker": "顾明远", "occasion": "全市改革推进会", "delivered_on": DAY}
    desk.post("organiser", f"/documents/{id_}/delivery", told)
    found = desk.get("organiser", f"/documents/{id_}")["found"]
    assert {k: found[k] for k in told} == told
    assert found["document"]["dated"] == DAY


def test_what_was_taken_in_by_mistake_is_gone_for_all_but_its_own_people(desk: Desk) -> None:
    id_ = desk.finished()
    desk.post("organiser", f"/documents/{id_}/withdrawal", {"reason": "重复登记"})
    assert desk.get("organiser", f"/documents/{id_}")["found"]["document"]["withdrawn"] == "重复登记"
    assert desk.ask("inspector", "GET", f"/documents/{id_}").status_code == 404


def test_a_document_names_the_activities_and_directions_it_belongs_to(desk: Desk) -> None:
    meeting = desk.hold_activity()
    id_ = desk.document(activities=[meeting])
    assert [a["title"] for a in desk.get("organiser", f"/documents/{id_}")["activities"]] == ["到园区开主题党日"]
    desk.post("organiser", f"/documents/{id_}/links", {"activities": []})
    assert desk.get("organiser", f"/documents/{id_}")["activities"] == []


@pytest.mark.parametrize(
    ("links", "code"),
    [
        ({"activities": [fixed_id(998)]}, "activity-unknown"),
        ({"directions": [fixed_id(997)]}, "direction-unknown"),
        ({"tasks": [f"{fixed_id(996)}/1-1"]}, "task-unknown"),
        ({"tasks": ["1-1"]}, "task-unknown"),
    ],
)
def test_what_is_not_there_is_not_linked(desk: Desk, links: dict[str, list[str]], code: str) -> None:
    id_ = desk.document()
    assert desk.post("organiser", f"/documents/{id_}/links", links, 404)["code"] == code


def test_the_list_is_narrowed_and_goes_on_page_by_page(desk: Desk) -> None:
    report, speech = desk.finished(), desk.document(kind="speech")
    assert desk.listed(kind="speech") == [speech]
    assert desk.listed(finished="true") == [report]
    assert desk.listed(finished="false") == [speech]
    assert set(desk.listed(organisation=FIRST)) == {report, speech}
    assert desk.listed(organisation=SECOND) == []
    assert desk.ask("organiser", "GET", "/documents", params={"cursor": "x"}).json()["code"] == "bad-cursor"


def test_history_is_kept_of_every_step(desk: Desk) -> None:
    id_ = desk.finished()
    entries = desk.get("supervisor", "/replay/history", stream=f"research:document:{id_}")["entries"]
    assert [e["type"] for e in entries] == [
        "research.draft-created",
        "research.revision-submitted",
        "research.political-review-signed",
        "research.draft-finalized",
    ]
    state = desk.get("supervisor", "/replay/state", stream=f"research:document:{id_}")["state"]
    assert state["text"] == TEXT
