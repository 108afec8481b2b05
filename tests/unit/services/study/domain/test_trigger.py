"""What is to be conveyed at once: each step once, none before its issue, none before it was taken."""

from dataclasses import replace
from datetime import date, timedelta

from services.study.domain.trigger import TRIGGER, Convey, Discuss, RaiseTrigger, Review, Step
from shared.clock import start_of_day
from shared.contracts.base import Sealed
from shared.contracts.study import (
    BenchmarkReviewed,
    DocumentConveyed,
    StudyDomain,
    StudyTriggered,
    ThematicDiscussionHeld,
)
from shared.testing.scenario import given
from tests.support.organisation_world import AGENCY, ROOT, fixed_id

ID, ISSUED, DUE, TODAY = fixed_id(702), date(2026, 11, 2), date(2026, 11, 9), date(2026, 11, 23)
RAISE = RaiseTrigger(ID, AGENCY, ROOT, "关于改进调查研究的意见", StudyDomain.REFORM, ISSUED, DUE, TODAY)
RAISED = StudyTriggered(
    trigger_id=ID,
    agency_id=AGENCY,
    organisation_id=ROOT,
    source="关于改进调查研究的意见",
    domain=StudyDomain.REFORM,
    issued_on=ISSUED,
    due_on=DUE,
)
STEP = Step(date(2026, 11, 5), None)
CONVEYED = DocumentConveyed(trigger_id=ID, taken_on=STEP.taken_on, session_id=None)


def test_it_is_raised_once_after_its_issue_and_due_after_it() -> None:
    given(TRIGGER).when(RAISE).then(RAISED)
    given(TRIGGER, RAISED).when(replace(RAISE, source="另一份")).raises("trigger-exists")
    given(TRIGGER).when(replace(RAISE, issued_on=TODAY + timedelta(days=1), due_on=TODAY.replace(day=28))).raises(
        "issued-in-future"
    )
    given(TRIGGER).when(replace(RAISE, due_on=ISSUED - timedelta(days=1))).raises("due-before-issued")


def test_each_step_is_taken_once() -> None:
    conveyed = given(TRIGGER, RAISED).when(Convey(STEP, TODAY)).then(CONVEYED)
    conveyed.when(Convey(replace(STEP, taken_on=TODAY), TODAY)).raises("step-taken")
    discussed = ThematicDiscussionHeld(trigger_id=ID, taken_on=STEP.taken_on, session_id=None)
    conveyed.when(Discuss(STEP, TODAY)).then(discussed)


def test_a_step_is_neither_before_the_issue_nor_ahead() -> None:
    given(TRIGGER, RAISED).when(Convey(Step(ISSUED - timedelta(days=1), None), TODAY)).raises("step-before-issued")
    given(TRIGGER, RAISED).when(Convey(Step(TODAY + timedelta(days=1), None), TODAY)).raises("step-in-future")
    given(TRIGGER).when(Convey(STEP, TODAY)).raises("trigger-unknown")
    assert CONVEYED.happened_at() == start_of_day(STEP.taken_on)


def test_a_review_says_what_lacks_and_what_will_be_done() -> None:
    said = {name: Sealed(subject=f"document:{ID}", value=text) for name, text in (("gap", "少"), ("measure", "多"))}
    reviewed = BenchmarkReviewed(trigger_id=ID, taken_on=STEP.taken_on, session_id=None, **said)
    given(TRIGGER, RAISED).when(Review(STEP, " 少 ", "多", TODAY)).then(reviewed)
    given(TRIGGER, RAISED).when(Review(STEP, "少", " ", TODAY)).raises("benchmark-incomplete")
    shown = TRIGGER.snapshot(TRIGGER.fold((RAISED, CONVEYED, reviewed)))
    assert (shown["conveyed"], shown["discussed"], shown["gap"]) == ("2026-11-05", None, "少")
