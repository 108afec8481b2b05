"""A plan as one searchable text: nothing of it is lost, nothing is added between its sentences."""

from hypothesis import given, settings

from services.organization.import_plan import body_of
from services.organization.plan_document import parse
from services.search.ledgers import plan_text
from shared.contracts.organization import ClauseNature, PlanBody, PlanClause, PlanMeasure, PlanPart
from tests.support.plans import generated_plans, plan_texts


def pieces(body: PlanBody) -> list[str]:
    """Every text of the plan, in order."""
    found = [body.heading, body.preamble]
    for part in body.parts:
        found += [part.marker + part.title, part.preamble]
        for measure in part.measures:
            found += [measure.marker + measure.title, *(c.text for c in measure.clauses)]
    return [piece for piece in (*found, body.closing) if piece]


@settings(max_examples=50, deadline=None)
@given(generated_plans())
def test_every_character_of_a_plan_appears_once_and_in_order(text: str) -> None:
    body = body_of(parse(text))
    assert plan_text.of(body).replace("\n", "") == "".join(pieces(body)).replace("\n", "")


@settings(max_examples=50, deadline=None)
@given(generated_plans())
def test_a_measure_is_one_paragraph_so_that_a_phrase_may_run_over_its_clauses(text: str) -> None:
    body = body_of(parse(text))
    paragraphs = set(plan_text.of(body).split("\n"))
    for measure in body.measures():
        whole = measure.marker + measure.title + "".join(c.text for c in measure.clauses)
        assert set(whole.split("\n")) <= paragraphs


def test_no_piece_of_a_plan_is_left_out() -> None:
    clauses = tuple(PlanClause(number=f"1-{n}", nature=ClauseNature.TASK, text=f"条款{n}。") for n in (1, 2))
    measure = PlanMeasure(number=1, marker="1.", title="措施。", clauses=clauses)
    part = PlanPart(number=1, marker="一、", title="部分", preamble="部分引言。", measures=(measure,))
    body = PlanBody(heading="标题", preamble="引言。", parts=(part,), closing="落款")
    lines = ["标题", "引言。", "一、部分", "部分引言。", "1.措施。条款1。条款2。", "落款"]
    assert plan_text.of(body) == "\n".join(lines)


def test_the_plans_that_are_there_lose_nothing() -> None:
    for text in plan_texts():
        body = body_of(parse(text))
        said = plan_text.of(body)
        assert all(piece in said for piece in pieces(body))
        assert "\n\n" not in said
