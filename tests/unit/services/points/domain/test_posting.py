"""Entries follow their record: posted once, corrected and withdrawn with it; an upheld objection stays upheld."""

from dataclasses import replace
from datetime import date

from hypothesis import given as for_all
from hypothesis import strategies as st

from services.points.domain.posting import CORRECTED, POSTING, AddFor, Line, Post, Retract, Uphold
from shared.clock import start_of_day
from shared.contracts.points import PointsHead, PointsPosted, PointsReversed
from shared.testing.scenario import given
from tests.support.organisation_world import AGENCY, FIRST, LIN, SECOND, ZHOU, fixed_id

EVENT, LATER, DAY = fixed_id(801), fixed_id(802), date(2026, 11, 20)
SOURCE = f"organization:activity:{fixed_id(800)}"


def line(member: str = ZHOU, rule: str = "organised-life") -> Line:
    return Line(member, FIRST, rule, PointsHead.ACTIVITY, 1)


def post(*lines: Line, event: str = EVENT) -> Post:
    return Post(AGENCY, SOURCE, event, "到园区开主题党日", DAY, 1, lines)


def posted(member: str = ZHOU, rule: str = "organised-life", event: str = EVENT) -> PointsPosted:
    return PointsPosted(
        entry_id=f"{event}~{rule}~{member}",
        agency_id=AGENCY,
        organisation_id=FIRST,
        member_id=member,
        head=PointsHead.ACTIVITY,
        points=1,
        rule=rule,
        rule_set=1,
        source=SOURCE,
        source_event=event,
        title="到园区开主题党日",
        happened_on=DAY,
    )


def reversed_(
    member: str = ZHOU, cause: str = LATER, reason: str = CORRECTED, objected: bool = False
) -> PointsReversed:
    entry = f"{EVENT}~organised-life~{member}"
    return PointsReversed(entry_id=entry, member_id=member, cause=cause, by_objection=objected, reason=reason)


def test_an_entry_cites_its_rule_and_the_event_it_comes_from_and_is_posted_once() -> None:
    after = given(POSTING).when(post(line(), line(LIN))).then(posted(), posted(LIN))
    after.when(post(line(), line(LIN), event=LATER)).nothing()
    assert posted().happened_at() == start_of_day(DAY)


def test_a_correction_reverses_who_was_not_there_and_posts_who_was() -> None:
    before = given(POSTING, posted())
    before.when(post(line(LIN), event=LATER)).then(reversed_(), posted(LIN, event=LATER))


def test_who_is_put_back_by_another_correction_gets_an_entry_again() -> None:
    given(POSTING, posted(), reversed_()).when(post(line(), event=LATER)).then(posted(event=LATER))


def test_a_withdrawn_record_gives_nothing_any_more() -> None:
    said = "来源记录已撤回：未召开"
    expected = (reversed_(reason=said), reversed_(LIN, reason=said))
    given(POSTING, posted(), posted(LIN)).when(Retract(LATER, "未召开")).then(*expected)


def test_an_upheld_objection_reverses_the_entry_and_no_correction_brings_it_back() -> None:
    objection = fixed_id(803)
    command = Uphold(posted().entry_id, objection, "不在场")
    upheld = reversed_(cause=objection, reason="不在场", objected=True)
    after = given(POSTING, posted()).when(command).then(upheld)
    after.when(post(line(), event=LATER)).nothing()
    given(POSTING, posted()).when(replace(command, entry_id="x")).raises("entry-unknown")


def test_a_later_event_of_the_record_adds_to_who_has_an_entry_from_it() -> None:
    command = AddFor(LATER, ZHOU, 1, (("spoke-to-the-topic", PointsHead.DUTY, 1),))
    added = posted(rule="spoke-to-the-topic", event=LATER).model_copy(update={"head": PointsHead.DUTY})
    given(POSTING, posted()).when(command).then(added)
    given(POSTING).when(command).raises("nothing-posted")


def test_entries_of_several_branches_are_of_no_one_organisation() -> None:
    other = posted(LIN).model_copy(update={"organisation_id": SECOND})
    assert POSTING.fold((posted(),)).organisation_id == FIRST
    assert POSTING.fold((posted(), other)).organisation_id is None


KEYS = st.sets(st.tuples(st.sampled_from([ZHOU, LIN, fixed_id(5)]), st.sampled_from(["a", "b"])))


@for_all(st.lists(KEYS, max_size=6))
def test_however_often_a_record_is_corrected_what_stands_is_what_it_says_last(
    entries: list[set[tuple[str, str]]],
) -> None:
    state = POSTING.initial
    for number, wanted in enumerate(entries):
        command = post(*(line(*key) for key in sorted(wanted)), event=fixed_id(900 + number))
        happened = POSTING.decide(state, command)
        state = POSTING.fold(happened, state)
        assert POSTING.decide(state, command) == (), "the same event a second time"
        assert {key for key, e in state.entries.items() if e.reversed is None} == wanted
