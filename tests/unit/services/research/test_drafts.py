"""A draft is its own people's: who reads final versions only finds no draft, no text of one and no history of it."""

import pytest

from shared.security.principal import Role
from tests.support.mandates import over
from tests.unit.services.organization.office import PEOPLE, principal
from tests.unit.services.research.desk import TEXT, Desk

OWN = ("organiser", "secretary", "member", "supervisor")
OTHERS = ("second", "inspector")


@pytest.mark.parametrize("who", OWN)
def test_a_draft_is_read_by_whoever_writes_there(desk: Desk, who: str) -> None:
    id_ = desk.document()
    assert desk.listed(who) == [id_]
    assert desk.get(who, f"/documents/{id_}")["text"] == TEXT


@pytest.mark.parametrize("who", OTHERS)
def test_a_draft_is_not_there_for_anybody_else(desk: Desk, who: str) -> None:
    id_ = desk.document()
    assert desk.listed(who) == []
    for path in ("", "/difference?left=1&right=1", "/original?revision=1"):
        assert desk.ask(who, "GET", f"/documents/{id_}{path}").status_code == 404
    assert desk.ask(who, "GET", f"/replay/history?stream=research:document:{id_}").status_code == 404


def test_who_reads_final_versions_sees_neither_the_drafts_before_nor_the_one_after(desk: Desk) -> None:
    id_ = desk.document()
    desk.submit(f"/documents/{id_}/revisions", text="第二稿。", note="改")
    desk.post("secretary", f"/documents/{id_}/review", {"revision": 2})
    desk.post("secretary", f"/documents/{id_}/final", {"revision": 2})
    desk.submit(f"/documents/{id_}/revisions", title="改了题目", text="第三稿。", note="再改")
    shown = desk.get("inspector", f"/documents/{id_}")
    assert (shown["text"], shown["revision"], shown["found"]["document"]["title"]) == (
        "第二稿。",
        2,
        "园区企业用工调研",
    )
    assert [r["revision"] for r in shown["found"]["revisions"]] == [2]
    for revision in ("1", "3"):
        assert desk.ask("inspector", "GET", f"/documents/{id_}?revision={revision}").status_code == 404
    differing = desk.ask("inspector", "GET", f"/documents/{id_}/difference?left=2&right=3")
    assert differing.status_code == 404
    told = desk.ask("inspector", "GET", f"/replay/history?stream=research:document:{id_}").text
    assert "第二稿。" in told
    assert "第三稿。" not in told
    assert TEXT[:8] not in told


def test_history_tells_the_title_note_and_remark_of_a_draft_to_its_own_people_alone(desk: Desk) -> None:
    id_ = desk.finished()
    desk.submit(f"/documents/{id_}/revisions", title="改了的题目", text="第二稿。", note="删去两家企业的名字")
    desk.post("secretary", f"/documents/{id_}/review", {"revision": 2, "remark": "数字再核一遍"})
    asked = f"stream=research:document:{id_}"
    for path in ("history?", "state?", "diff?left=1&right=9&"):
        for who, sees in (("organiser", True), ("inspector", False)):
            told = desk.ask(who, "GET", f"/replay/{path}{asked}").text
            for said in ("改了的题目", "删去两家企业的名字", "数字再核一遍"):
                assert (said in told) is sees, (who, path, said)
    shown = desk.get("inspector", "/replay/state", stream=f"research:document:{id_}")["state"]
    assert (shown["final_title"], shown["final"]) == ("园区企业用工调研", 1)


@pytest.mark.parametrize(("classes", "sees"), [({"internal"}, True), ({"public"}, False), ({"talks"}, False)])
def test_a_mandate_opens_the_classes_it_names(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, classes: set[str], sees: bool
) -> None:
    id_ = desk.finished()
    inspector = PEOPLE["inspector"]
    mandate = over(inspector.grants[0]).model_copy(update={"classes": frozenset(classes)})
    monkeypatch.setitem(PEOPLE, "inspector", inspector.model_copy(update={"mandates": (mandate,)}))
    assert (id_ in desk.listed("inspector")) is sees
    history = desk.ask("inspector", "GET", f"/replay/history?stream=research:document:{id_}")
    assert (history.status_code == 200) is sees


def test_a_public_document_is_read_under_a_mandate_for_public_ones(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    public, internal = desk.finished(document_class="public"), desk.finished(title="内部的")
    inspector = PEOPLE["inspector"]
    mandate = over(inspector.grants[0]).model_copy(update={"classes": frozenset({"public"})})
    monkeypatch.setitem(PEOPLE, "inspector", inspector.model_copy(update={"mandates": (mandate,)}))
    assert desk.listed("inspector") == [public]
    assert desk.ask("inspector", "GET", f"/documents/{internal}").status_code == 404


def test_an_inspector_without_a_mandate_reads_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.finished()
    monkeypatch.setitem(PEOPLE, "inspector", PEOPLE["inspector"].model_copy(update={"mandates": ()}))
    assert desk.ask("inspector", "GET", "/documents").status_code == 403


def test_the_audit_administrator_sees_the_trail_of_a_draft_with_its_content_masked(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PEOPLE, "auditor", principal(Role.AUDIT_ADMINISTRATOR))
    id_ = desk.document()
    told = desk.get("auditor", "/replay/history", stream=f"research:document:{id_}")
    assert (told["masked"], len(told["entries"])) == (True, 2)
    assert "园区" not in str(told)
