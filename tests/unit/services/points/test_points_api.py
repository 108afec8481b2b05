"""积分档案: entries come from records by themselves, are one's own to see and object to, and rank nobody."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.organization.domain.activity import ACTIVITY, CorrectActivity, RecordActivity, WithdrawActivity
from services.points.domain.objection import OBJECTION, AnswerObjection
from services.points.service import SERVICE
from services.study.domain.session import SESSION, HoldSession, RecordStatement, SessionDetails, WithdrawSession
from shared.application.commands import Request
from shared.contracts.organization import EvidenceKind
from shared.contracts.study import StudyTier
from shared.http.app import build_app
from shared.http.probes import Health
from shared.projection.ledger import Occurrence
from shared.security.principal import Role
from shared.service import NotYet
from tests.support.organisation_world import AGENCY, FIRST, LIN, MEETING, ROOT, ZHOU, fixed_id
from tests.unit.services.organization.domain.test_activity import DETAILS
from tests.unit.services.organization.office import PEOPLE, ByName, Office, principal

TODAY, HELD = date(2026, 11, 23), date(2026, 11, 20)
REQUEST = Request(actor="organiser", agency_id=AGENCY)
STUDIED = replace(DETAILS, first_agenda="在全市调研工作座谈会上的讲话", fieldwork=True, tasks=(), chair=ZHOU)
SESSION_ID = fixed_id(805)
UPHELD: dict[str, Any] = {"upheld": True, "answer": "查了签到，确是林舒主持"}


class House(Office):
    """The points service; what the other two record is reacted to when it is asked for."""

    taken = 0

    def record(self, details: Any = STUDIED) -> None:
        command = RecordActivity(MEETING, AGENCY, FIRST, EvidenceKind.THEME_DAY, details, TODAY)
        self.runtime.commands.handle(ACTIVITY, MEETING, command, REQUEST)
        self.react()

    def react(self, *, again: bool = False) -> None:
        """Carry out the reactions to what was recorded since; ``again``: to everything once more."""
        rows = self.runtime.store.read(0 if again else self.taken, 10_000)
        for row in rows:
            occurrence = Occurrence(row, self.runtime.codec.decode(row))
            for reaction in SERVICE.reactions:
                if isinstance(occurrence.event, reaction.follows):
                    reaction.act(self.runtime, occurrence)
            self.taken = row.position

    def openapi(self) -> Any:
        return build_app(
            self.runtime.settings, [b(self.runtime) for b in SERVICE.routes], ByName(), Health(started=True)
        ).openapi()

    def rules_of(self, who: str) -> list[str]:
        return sorted(e["rule"] for e in self.get(who, "/archive")["entries"] if e["reversed"] is None)


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    for name, member in (("lin", LIN), ("zhou", ZHOU)):
        owner = principal(Role.MEMBER, AGENCY, FIRST).model_copy(update={"member_id": member, "account_id": name})
        monkeypatch.setitem(PEOPLE, name, owner)
    with closing(House(tmp_path, SERVICE)) as made:
        yield made


def test_entries_post_themselves_and_cite_event_and_rule(house: House) -> None:
    house.record()
    assert house.rules_of("zhou") == ["branch-study", "chaired", "fieldwork", "organised-life"]
    assert house.rules_of("lin") == [], "she was absent"
    (cause,) = [r for r in house.runtime.store.read(0, 100) if r.type == "organization.activity-recorded"]
    entry = house.get("zhou", "/archive")["entries"][0]
    assert (entry["source"], entry["source_event"]) == (cause.stream_id, cause.event_id)
    assert house.get("zhou", "/archive")["rules"][f"1/{entry['rule']}"]


def test_the_same_event_twice_posts_once(house: House) -> None:
    house.record()
    before = house.runtime.store.head()
    house.react(again=True)
    assert house.runtime.store.head() == before


def test_a_correction_moves_the_entry_and_a_withdrawal_takes_all_back(house: House) -> None:
    house.record()
    moved = replace(STUDIED, attendees=(LIN,), absentees=(ZHOU,), chair=None)
    house.runtime.commands.handle(ACTIVITY, MEETING, CorrectActivity(moved, "记反了", TODAY), REQUEST)
    house.react()
    assert (house.rules_of("zhou"), house.rules_of("lin")) == ([], ["branch-study", "fieldwork", "organised-life"])
    house.runtime.commands.handle(ACTIVITY, MEETING, WithdrawActivity("未召开"), REQUEST)
    house.react()
    assert house.rules_of("lin") == []
    assert {e["reversed"] for e in house.get("lin", "/archive")["entries"]} == {"来源记录已撤回：未召开"}


def test_study_gives_points_for_having_been_there_and_for_speaking_never_by_the_hour(house: House) -> None:
    details = SessionDetails(HELD, "专题学习", "会议室", (), (ZHOU, LIN), ())
    hold = HoldSession(SESSION_ID, AGENCY, ROOT, StudyTier.CENTRAL_GROUP, details, "", "", TODAY)
    house.runtime.commands.handle(SESSION, SESSION_ID, hold, REQUEST)
    house.runtime.commands.handle(SESSION, SESSION_ID, RecordStatement(ZHOU, "", "下去得少", ""), REQUEST)
    house.react()
    assert (house.rules_of("zhou"), house.rules_of("lin")) == (
        ["spoke-to-the-topic", "study-session"],
        ["study-session"],
    )
    house.runtime.commands.handle(SESSION, SESSION_ID, WithdrawSession("改期"), REQUEST)
    house.react()
    assert (house.rules_of("zhou"), house.rules_of("lin")) == ([], [])


def test_a_member_who_is_not_on_the_roster_here_yet_is_waited_for(house: House) -> None:
    with pytest.raises(NotYet):
        house.record(replace(STUDIED, attendees=(fixed_id(996),), chair=None))


def test_an_archive_is_its_members_and_their_secretarys(house: House) -> None:
    house.record()
    assert house.get("zhou", "/archive")["entries"]
    assert house.get("lin", "/archive")["entries"] == []
    assert house.get("secretary", f"/members/{ZHOU}")["entries"]
    assert house.ask("second", "GET", f"/members/{ZHOU}").status_code == 404
    for who in ("supervisor", "member", "inspector", "stranger"):
        assert house.ask(who, "GET", f"/members/{ZHOU}").status_code == 403


def objected(house: House) -> str:
    """The member objects to having chaired."""
    house.record()
    entry = next(e for e in house.get("zhou", "/archive")["entries"] if e["rule"] == "chaired")["id"]
    return str(house.post("zhou", "/objections", {"entry_id": entry, "text": "那天是林舒主持"}, 201)["id"])


def test_an_objection_takes_one_command_and_an_upheld_one_reverses_the_entry(house: House) -> None:
    made = objected(house)
    waiting = {m["id"]: m["waiting"] for m in house.get("secretary", "/members")["members"]}
    assert waiting == {ZHOU: 1, LIN: 0}
    house.post("second", f"/objections/{made}/answer", UPHELD, 404)
    house.post("zhou", f"/objections/{made}/answer", UPHELD, 403)
    house.post("secretary", f"/objections/{made}/answer", UPHELD)
    assert "chaired" not in house.rules_of("zhou")
    (shown,) = house.get("zhou", "/archive")["objections"]
    assert (shown["upheld"], shown["answer"]) == (True, "查了签到，确是林舒主持")
    house.react(again=True)
    assert "chaired" not in house.rules_of("zhou"), "the event a second time does not bring it back"


def test_an_answer_that_is_refused_reverses_nothing(house: House) -> None:
    made = objected(house)
    stale = house.ask("secretary", "POST", f"/objections/{made}/answer", json=UPHELD, headers={"If-Match": '"7"'})
    assert stale.status_code == 412
    assert "chaired" in house.rules_of("zhou")
    house.post("secretary", f"/objections/{made}/answer", {"upheld": False, "answer": "再查，仍应计"})
    assert house.post("secretary", f"/objections/{made}/answer", UPHELD, 422)["code"] == "objection-answered"
    assert "chaired" in house.rules_of("zhou")


def test_the_same_answer_again_finishes_what_a_crash_left_undone(house: House) -> None:
    made = objected(house)
    house.runtime.commands.handle(OBJECTION, made, AnswerObjection(**UPHELD), REQUEST)
    assert "chaired" in house.rules_of("zhou"), "the process died between the answer and the entry"
    house.post("secretary", f"/objections/{made}/answer", UPHELD)
    assert "chaired" not in house.rules_of("zhou")


def test_nobody_objects_to_another_persons_entry(house: House) -> None:
    house.record()
    entry = house.get("zhou", "/archive")["entries"][0]["id"]
    assert house.post("lin", "/objections", {"entry_id": entry, "text": "不对"}, 404)["code"] == "entry-unknown"
    assert house.post("member", "/objections", {"text": "缺了"}, 422)["code"] == "no-member"


def test_words_of_an_objection_are_nowhere_in_the_stored_events(house: House) -> None:
    house.post("zhou", "/objections", {"text": "三月十二日那次没有算"}, 201)
    assert "三月十二日那次没有算" not in str([r.payload for r in house.runtime.store.read(0, 1000)])


def test_no_query_ranks_people(house: House) -> None:
    """The list knows no order but the roster's, takes no other, and says nothing of points."""
    before = house.get("secretary", "/members")["members"]
    house.record(replace(STUDIED, attendees=(LIN,), absentees=()))
    after = house.get("secretary", "/members", sort="points", order="desc")["members"]
    assert after == before
    assert [set(m) for m in after] == [{"id", "organisation_id", "waiting"}] * 2
    schema = house.openapi()
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            asked = {p["name"] for p in operation.get("parameters", ())}
            assert not asked & {"sort", "order", "top", "rank", "by"}, path
    assert not any("rank" in name.lower() or "total" in name.lower() for name in _names(schema))


def _names(schema: Any) -> Iterator[str]:
    for model in schema["components"]["schemas"].values():
        yield from model.get("properties", {})


def test_what_is_objected_and_answered_is_watched_for_marks_of_secrecy(house: House) -> None:
    assert house.post("zhou", "/objections", {"text": "密级：秘密\n缺了一次"}, 422)["code"] == "secrecy-mark"
    made = house.post("zhou", "/objections", {"text": "三月十二日那次没有算"}, 201)["id"]
    marked = {"upheld": True, "answer": "机密★文件里写着"}
    assert house.post("secretary", f"/objections/{made}/answer", marked, 422)["code"] == "secrecy-mark"
    first, second = house.put_aside()
    assert [(e.entry, e.agency_id) for e in (first, second)] == [("积分异议", AGENCY), ("答复积分异议", AGENCY)]
    (shown,) = house.get("zhou", "/archive")["objections"]
    assert shown["upheld"] is None
    settlement = f"/quarantine/{first.upload_id}/settlement"
    house.post("secretary", settlement, {"note": "已核实"}, 403)
    house.post("keeper", settlement, {"note": "核实为误标"})
