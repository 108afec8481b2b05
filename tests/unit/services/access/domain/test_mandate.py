"""An inspector's mandate: two people, a period, an end by itself, and what is given back."""

from dataclasses import replace
from datetime import date

import pytest

from services.access.domain.mandate import (
    MANDATE,
    ApproveMandate,
    ClearMandate,
    DeclineMandate,
    EndMandate,
    MandateStatus,
    MandateTerms,
    RequestMandate,
)
from shared.contracts.access import (
    MandateApproved,
    MandateCleared,
    MandateDeclined,
    MandateEnded,
    MandatePlace,
    MandateRequested,
)
from shared.contracts.base import Event, Sealed
from shared.testing.scenario import given

FIRST, BEFORE, DURING, LAST, AFTER = (date(2026, 3, d) for d in (10, 9, 12, 20, 21))
TERMS = MandateTerms(
    body="inspector",
    basis="清工委〔2026〕7号",
    places=(MandatePlace(agency_id="g", organisation_id="o"),),
    classes=("internal",),
    first_day=FIRST,
    last_day=LAST,
    people=("shen",),
    contact="罗岚",
    items=("主题党日记录",),
)
REQUEST = RequestMandate("m", "du", TERMS, BEFORE)
REQUESTED = MandateRequested(
    mandate_id="m",
    requested_by="du",
    body="inspector",
    basis="清工委〔2026〕7号",
    places=TERMS.places,
    classes=("internal",),
    first_day=FIRST,
    last_day=LAST,
    people=("shen",),
    contact=Sealed(subject="document:m", value="罗岚"),
    items=("主题党日记录",),
)
APPROVED = MandateApproved(mandate_id="m", approved_by="zhou")
ENDED = MandateEnded(mandate_id="m", ended_by="shen", reason="检查完毕")


def status(day: date, *events: Event) -> MandateStatus:
    return MANDATE.fold(events).status(day)


def test_a_mandate_is_asked_for_once() -> None:
    given(MANDATE).when(REQUEST).then(REQUESTED)
    other = replace(REQUEST, terms=replace(TERMS, basis="另一份文件"))
    given(MANDATE, REQUESTED).when(other).raises("mandate-exists")


@pytest.mark.parametrize("missing", ["places", "classes", "people", "basis"])
def test_a_mandate_says_where_what_who_and_on_what_basis(missing: str) -> None:
    without = replace(TERMS, **{missing: type(getattr(TERMS, missing))()})
    given(MANDATE).when(replace(REQUEST, terms=without)).raises("mandate-incomplete")


def test_a_mandate_has_a_period_that_is_not_past_and_not_longer_than_a_year() -> None:
    given(MANDATE).when(replace(REQUEST, terms=replace(TERMS, last_day=BEFORE))).raises("mandate-period")
    given(MANDATE).when(replace(REQUEST, terms=replace(TERMS, last_day=date(2027, 3, 12)))).raises("mandate-period")
    given(MANDATE).when(replace(REQUEST, today=AFTER)).raises("mandate-over")


def test_a_second_person_approves_never_the_one_who_asked_nor_one_who_will_read() -> None:
    given(MANDATE, REQUESTED).when(ApproveMandate("zhou", DURING)).then(APPROVED)
    for who in ("du", "shen"):
        given(MANDATE, REQUESTED).when(ApproveMandate(who, DURING)).raises("mandate-second-person")


def test_what_is_past_or_declined_is_not_approved() -> None:
    given(MANDATE, REQUESTED).when(ApproveMandate("zhou", AFTER)).raises("mandate-over")
    declined = MandateDeclined(mandate_id="m", declined_by="zhou", reason="依据不足")
    given(MANDATE, REQUESTED).when(DeclineMandate("zhou", "依据不足")).then(declined)
    given(MANDATE, REQUESTED, declined).when(ApproveMandate("zhou", DURING)).raises("mandate-declined")
    given(MANDATE, REQUESTED, APPROVED).when(DeclineMandate("zhou", "晚了")).raises("mandate-approved")


def test_it_runs_from_its_first_day_to_its_last_without_anybody_doing_anything() -> None:
    days = {day: status(day, REQUESTED, APPROVED) for day in (BEFORE, FIRST, DURING, LAST, AFTER)}
    assert days == {
        BEFORE: MandateStatus.COMING,
        FIRST: MandateStatus.RUNNING,
        DURING: MandateStatus.RUNNING,
        LAST: MandateStatus.RUNNING,
        AFTER: MandateStatus.ENDED,
    }


def test_it_never_runs_unapproved() -> None:
    assert status(DURING, REQUESTED) is MandateStatus.REQUESTED
    assert status(AFTER, REQUESTED) is MandateStatus.LAPSED
    assert not MANDATE.fold([REQUESTED]).opened(DURING)


def test_an_early_end_ends_it_at_once() -> None:
    given(MANDATE, REQUESTED, APPROVED).when(EndMandate("shen", "检查完毕", DURING)).then(ENDED)
    assert status(DURING, REQUESTED, APPROVED, ENDED) is MandateStatus.ENDED
    given(MANDATE, REQUESTED, APPROVED).when(EndMandate("shen", "检查完毕", AFTER)).nothing()
    given(MANDATE, REQUESTED).when(EndMandate("shen", "检查完毕", DURING)).raises("mandate-not-approved")


def test_what_ended_before_its_first_day_was_called_off_and_what_ended_on_it_was_not() -> None:
    ended = MANDATE.fold([REQUESTED, APPROVED, ENDED])
    called_off, begun = replace(ended, ended_on=BEFORE), replace(ended, ended_on=FIRST)
    assert [called_off.status(day) for day in (BEFORE, AFTER)] == [MandateStatus.CALLED_OFF] * 2
    assert (begun.status(FIRST), begun.last_opened(FIRST)) == (MandateStatus.ENDED, FIRST)
    assert called_off.last_opened(AFTER) is None


def test_what_was_called_for_is_given_back_after_the_end() -> None:
    cleared = MandateCleared(mandate_id="m", cleared_by="shen", note="复印件 3 份退回")
    clear = ClearMandate("shen", "复印件 3 份退回", DURING)
    given(MANDATE, REQUESTED, APPROVED).when(clear).raises("mandate-not-ended")
    given(MANDATE, REQUESTED, APPROVED, ENDED).when(clear).then(cleared)
    given(MANDATE, REQUESTED, APPROVED).when(replace(clear, today=AFTER)).then(cleared)
    assert status(AFTER, REQUESTED, APPROVED, cleared) is MandateStatus.CLEARED
