"""A talk is restricted matter: the roles of its class read it, live and in replay; for nobody else it exists."""

from datetime import date
from typing import Any

import pytest

from services.organization.domain.talk import TALK, RecordTalk
from shared.security.classes import RESTRICTED, RestrictedClass
from shared.security.policy import RESTRICTED_READS, TABLE, UNDER_MANDATE
from shared.security.principal import Role
from shared.testing.scenario import given
from tests.support.mandates import CLASSES, over
from tests.support.organisation_world import LIN, ZHOU
from tests.unit.services.organization.office import PEOPLE, Office, principal

WORDS = "家里老人住院，近期压力较大"


def talk(**changes: Any) -> dict[str, Any]:
    return {"member": LIN, "held_on": "2026-11-20", "topic": "近期思想状况", "content": WORDS} | changes


@pytest.fixture
def people(monkeypatch: pytest.MonkeyPatch) -> None:
    patrol = principal(Role.PATROL_GROUP)
    named = patrol.model_copy(update={"mandates": tuple(over(g, {*CLASSES, "talks"}) for g in patrol.grants)})
    general = patrol.model_copy(update={"mandates": tuple(over(g) for g in patrol.grants)})
    secretaries = {"secretary": principal(Role.GENERAL_BRANCH_SECRETARY)}
    for name, who in (secretaries | {"patrol": named, "patrol-in-general": general}).items():
        monkeypatch.setitem(PEOPLE, name, who)


@pytest.fixture
def held(office: Office, people: None) -> str:
    return str(office.post("secretary", "/talks", talk(), 201)["id"])


def test_a_talk_is_recorded_once_and_not_before_it_was_held() -> None:
    day = date(2026, 11, 20)
    command = RecordTalk("t", "a", "o", "m", "s", day, "主题", "要点", day)
    given(TALK).when(command).happens()
    future = RecordTalk("t", "a", "o", "m", "s", day, "主题", "要点", day.replace(day=19))
    given(TALK).when(future).raises("talk-in-future")
    given(TALK).when(RecordTalk("t", "a", "o", "m", "s", day, "主题", "  ", day)).raises("talk-incomplete")


def test_who_the_class_names_reads_it_and_for_everybody_else_it_does_not_exist(office: Office, held: str) -> None:
    stream = f"organization:talk:{held}"
    assert WORDS in str(office.get("secretary", f"/talks/{held}"))
    assert WORDS in str(office.get("secretary", "/replay/history", stream=stream))
    for who in ("supervisor", "organiser", "member", "inspector", "administrator", "stranger", "patrol-in-general"):
        for path in ("/talks", f"/talks/{held}", f"/replay/history?stream={stream}", f"/replay/state?stream={stream}"):
            answer = office.ask(who, "GET", path)
            assert answer.status_code in {403, 404}, (who, path)
            assert WORDS not in answer.text
    assert office.get("second", "/talks") == {"talks": []}, "a secretary of another branch"
    assert office.ask("second", "GET", f"/talks/{held}").status_code == 404


def test_the_patrol_group_reads_it_under_a_mandate_that_names_the_class_and_the_read_is_recorded(
    office: Office, held: str
) -> None:
    office.readings.reads.clear()
    assert WORDS in str(office.get("patrol", f"/talks/{held}"))
    assert [r.operation for r in office.readings.reads] == ["GET /api/organization/talks/{talk_id}"]
    assert WORDS in str(office.get("patrol", "/replay/history", stream=f"organization:talk:{held}"))


def test_nobody_records_a_talk_with_somebody_of_another_branch(office: Office, people: None) -> None:
    assert office.post("second", "/talks", talk(member=ZHOU), 404)["code"] == "not-found"
    office.post("supervisor", "/talks", talk(), 403)


def test_its_words_are_nowhere_in_the_stored_event(office: Office, held: str) -> None:
    stored = str([r.payload for r in office.runtime.store.read(0, 1000)])
    assert WORDS not in stored
    assert "近期思想状况" not in stored


def test_the_one_table_says_who_reads_a_restricted_class() -> None:
    assert set(RESTRICTED) == set(RestrictedClass)
    for class_, permission in RESTRICTED_READS.items():
        assert TABLE[permission] | UNDER_MANDATE.get(permission, frozenset()) == RESTRICTED[class_]
