"""An objection is made in one's own words and answered once, with reasons."""

from dataclasses import replace

from services.points.domain.objection import OBJECTION, AnswerObjection, ObjectToPoints
from shared.contracts.base import Sealed
from shared.contracts.points import ObjectionAnswered, PointsObjected
from shared.testing.scenario import given
from tests.support.organisation_world import AGENCY, FIRST, LIN, fixed_id

ID = fixed_id(804)
OBJECT = ObjectToPoints(ID, AGENCY, FIRST, LIN, None, "缺了三月那次")
OBJECTED = PointsObjected(
    objection_id=ID,
    agency_id=AGENCY,
    organisation_id=FIRST,
    member_id=LIN,
    entry_id=None,
    text=Sealed(subject=f"person:{LIN}", value="缺了三月那次"),
)


def test_it_is_made_in_words_and_once() -> None:
    given(OBJECTION).when(OBJECT).then(OBJECTED)
    given(OBJECTION).when(replace(OBJECT, text=" ")).raises("objection-empty")
    given(OBJECTION, OBJECTED).when(replace(OBJECT, text="另一件")).raises("objection-exists")


def test_it_is_answered_once_with_reasons() -> None:
    answered = ObjectionAnswered(objection_id=ID, upheld=False, answer=Sealed(subject=f"person:{LIN}", value="查过了"))
    after = given(OBJECTION, OBJECTED).when(AnswerObjection(False, "查过了")).then(answered)
    after.when(AnswerObjection(True, "查过了")).raises("objection-answered")
    given(OBJECTION, OBJECTED).when(AnswerObjection(True, " ")).raises("answer-needed")
    given(OBJECTION).when(AnswerObjection(True, "查过了")).raises("objection-unknown")
