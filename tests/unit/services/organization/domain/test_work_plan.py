"""The plan's rules (§0a–§0e): reviewed, adopted, divided; its text changes only by a document."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.organization.domain.plan_commands import (
    AddTask,
    AdoptWorkPlan,
    AmendWorkPlan,
    ReclassifyClause,
    SupersedeTask,
)
from services.organization.domain.plan_state import WorkPlanState
from services.organization.domain.work_plan import WORK_PLAN
from shared.contracts.base import Sealed
from shared.contracts.organization import (
    ClauseNature,
    ClauseReclassified,
    EvidenceKind,
    PlanBody,
    TaskAdded,
    TaskSuperseded,
    WorkPlanAmended,
)
from shared.decider import RuleBroken
from shared.testing.scenario import given
from tests.support.organisation_world import (
    ADOPTED,
    BODY,
    FIRST,
    GROUP,
    PLAN,
    PURPOSE,
    SECOND,
    SOURCE,
    TASK_1,
    TASK_2,
    TASK_3,
    assign_command,
    assigned,
    body,
    import_command,
    imported,
    period,
)

TODAY = date(2026, 5, 20)
TEXTS_OF_BODY = tuple(c.text for c in BODY.clauses())
ISSUED = date(2026, 5, 6)
ADOPT = AdoptWorkPlan(date(2026, 1, 10), TODAY)


def amend(text: PlanBody, *, issued_on: date = ISSUED, incomplete: bool = False) -> AmendWorkPlan:
    note = "来源不全" if incomplete else None
    return AmendWorkPlan("清政研〔2026〕8号", issued_on, text, incomplete, note, SOURCE, "调整", TODAY)


def amended(text: PlanBody, *, issued_on: date = ISSUED) -> WorkPlanAmended:
    return WorkPlanAmended(
        plan_id=PLAN,
        document_number="清政研〔2026〕8号",
        issued_on=issued_on,
        body=Sealed(subject=f"document:{PLAN}", value=text),
        incomplete=False,
        incomplete_note=None,
        source=SOURCE,
        reason="调整",
    )


def supersede(clause: str = "1-1", effective_on: date = date(2026, 6, 1)) -> SupersedeTask:
    return SupersedeTask(clause, "清政研〔2026〕8号", ISSUED, effective_on, "任务合并", TODAY)


SUPERSEDED = TaskSuperseded(
    plan_id=PLAN,
    clause="1-1",
    document_number="清政研〔2026〕8号",
    issued_on=ISSUED,
    effective_on=date(2026, 6, 1),
    reason="任务合并",
)
ADD = AddTask(2, ClauseNature.TASK, "年底前开展一次满意度测评。", "清政研〔2026〕8号", ISSUED, TODAY)


def numbers(state: WorkPlanState) -> list[str]:
    return [c.number for c in state.body.clauses()] if state.body else []


def test_a_document_is_imported_and_its_text_lies_under_its_own_key() -> None:
    scenario = given(WORK_PLAN).when(import_command()).then(imported())
    assert scenario.events[0].body.subject == f"document:{PLAN}"  # type: ignore[attr-defined]


def test_a_document_without_clauses_is_no_plan() -> None:
    given(WORK_PLAN).when(import_command(body())).raises("plan-without-clauses")


def test_an_imported_plan_is_not_imported_over() -> None:
    given(WORK_PLAN, imported()).when(import_command(body((TASK_1,)))).raises("plan-exists")


def test_nothing_is_done_with_a_plan_that_is_not_there() -> None:
    for command in (ADOPT, assign_command(), supersede(), ADD, ReclassifyClause("1-1", ClauseNature.TASK)):
        given(WORK_PLAN).when(command).raises("plan-unknown")


def test_a_person_corrects_what_a_clause_is() -> None:
    event = ClauseReclassified(plan_id=PLAN, clause="1-3", nature=ClauseNature.TASK)
    after = given(WORK_PLAN, imported()).when(ReclassifyClause("1-3", ClauseNature.TASK)).then(event)
    assert after.state.clause("1-3").nature is ClauseNature.TASK
    assert [c.text for c in after.state.body.clauses()] == [c.text for c in BODY.clauses()]  # type: ignore[union-attr]


def test_an_assigned_task_is_not_made_something_else() -> None:
    scenario = given(WORK_PLAN, imported(), ADOPTED, assigned())
    scenario.when(ReclassifyClause("1-1", ClauseNature.PURPOSE)).raises("clause-is-assigned")


def test_a_clause_must_be_in_the_plan() -> None:
    scenario = given(WORK_PLAN, imported(), ADOPTED)
    for command in (ReclassifyClause("9-9", ClauseNature.TASK), assign_command("9-9"), supersede("9-9")):
        scenario.when(command).raises("clause-unknown")


def test_a_reviewed_plan_is_adopted() -> None:
    given(WORK_PLAN, imported()).when(ADOPT).then(ADOPTED)


def test_an_adopted_plan_is_adopted_once() -> None:
    given(WORK_PLAN, imported(), ADOPTED).when(AdoptWorkPlan(TODAY, TODAY)).nothing()


def test_a_plan_is_not_adopted_in_the_future() -> None:
    given(WORK_PLAN, imported()).when(AdoptWorkPlan(date(2026, 5, 21), TODAY)).raises("adopted-in-future")


def test_a_plan_without_any_task_is_not_adopted() -> None:
    given(WORK_PLAN, imported(body((PURPOSE,)))).when(ADOPT).raises("plan-without-task")


def test_an_incomplete_plan_may_be_adopted_and_stays_marked() -> None:
    assert given(WORK_PLAN, imported(incomplete=True)).when(ADOPT).then(ADOPTED).state.incomplete


def test_a_task_gets_its_lead_organisations_period_and_kinds_of_record() -> None:
    given(WORK_PLAN, imported(), ADOPTED).when(assign_command()).then(assigned())


def test_a_task_is_assigned_anew_when_anything_of_it_changes() -> None:
    scenario = given(WORK_PLAN, imported(), ADOPTED, assigned())
    scenario.when(assign_command(organisations=(FIRST,))).then(assigned(organisations=(FIRST,)))


def test_a_clause_that_is_a_purpose_takes_no_evidence() -> None:
    refused = given(WORK_PLAN, imported(), ADOPTED).when(assign_command("1-3")).raises("clause-not-a-task")
    assert "目的" in refused.sentence


def test_tasks_are_divided_after_adoption() -> None:
    given(WORK_PLAN, imported()).when(assign_command()).raises("plan-not-adopted")


def test_a_task_binds_someone_takes_some_record_and_has_days_in_order() -> None:
    scenario = given(WORK_PLAN, imported(), ADOPTED)
    scenario.when(assign_command(organisations=())).raises("no-organisation")
    scenario.when(assign_command(kinds=())).raises("no-evidence-kind")
    backwards = period(date(2026, 6, 2), date(2026, 6, 1), "once")
    scenario.when(assign_command(when=backwards)).raises("period-reversed")


def test_an_amendment_names_its_document_and_day() -> None:
    scenario = given(WORK_PLAN, imported(), ADOPTED)
    change = amend(body((TASK_1, PURPOSE), (TASK_3,)))
    scenario.when(replace(change, document_number=" ")).raises("document-needed")
    scenario.when(replace(change, issued_on=date(2026, 5, 21))).raises("document-in-future")
    scenario.when(replace(ADD, document_number="")).raises("document-needed")
    scenario.when(replace(supersede(), document_number="")).raises("document-needed")


def test_an_older_document_does_not_undo_a_newer_one() -> None:
    scenario = given(WORK_PLAN, imported(), amended(body((TASK_1, TASK_2))))
    scenario.when(amend(BODY, issued_on=date(2026, 5, 5))).raises("document-out-of-order")


def test_an_amendment_with_the_same_text_changes_nothing() -> None:
    given(WORK_PLAN, imported(), ADOPTED).when(amend(BODY)).nothing()


def test_a_plan_is_not_amended_to_nothing() -> None:
    given(WORK_PLAN, imported()).when(amend(body())).raises("plan-without-clauses")


def test_an_incomplete_plan_stays_so_until_an_amendment_completes_it() -> None:
    broken_off = body((TASK_1, TASK_2, "目标是把学习成果用到"))
    scenario = given(WORK_PLAN, imported(broken_off, incomplete=True), ADOPTED)
    still = scenario.when(amend(body((TASK_1, TASK_3, "目标是把学习成果用到")), incomplete=True)).happens()
    assert still.state.incomplete
    complete = still.when(amend(body((TASK_1, TASK_3, PURPOSE)))).happens()
    assert not complete.state.incomplete
    assert complete.state.incomplete_note is None


def test_an_amendment_keeps_the_assignments_of_clauses_that_still_exist() -> None:
    scenario = given(WORK_PLAN, imported(), ADOPTED, assigned("1-1"), assigned("1-2"), assigned("2-1"))
    after = scenario.when(amend(body(("新增的一句话在最前面。", TASK_2), (TASK_3,)))).happens()
    assert after.state.assignments.keys() == {"1-2", "2-1"}
    assert after.state.clause("1-2").text == TASK_2


def test_a_number_that_was_once_given_never_means_other_words() -> None:
    scenario = given(WORK_PLAN, imported(), ADOPTED)
    without = scenario.when(amend(body((TASK_1, TASK_2), (TASK_3,)))).happens()
    again = without.when(amend(body((TASK_1, TASK_2, "完全另外的一件事要办。"), (TASK_3,)))).happens()
    assert numbers(again.state) == ["1-1", "1-2", "1-4", "2-1"]


def test_a_persons_correction_of_a_nature_outlives_an_amendment() -> None:
    scenario = given(WORK_PLAN, imported()).when(ReclassifyClause("1-3", ClauseNature.TASK)).happens()
    after = scenario.when(amend(body((PURPOSE, TASK_2), (TASK_3,)))).happens()
    assert after.state.clause("1-3").nature is ClauseNature.TASK


def test_a_task_is_added_by_a_document() -> None:
    added = TaskAdded(
        plan_id=PLAN,
        measure=2,
        clause="2-2",
        nature=ClauseNature.TASK,
        text=Sealed(subject=f"document:{PLAN}", value=ADD.text),
        document_number=ADD.document_number,
        issued_on=ISSUED,
    )
    after = given(WORK_PLAN, imported(), ADOPTED).when(ADD).then(added)
    assert numbers(after.state) == ["1-1", "1-2", "1-3", "2-1", "2-2"]


def test_a_task_is_added_to_a_measure_of_the_plan() -> None:
    given(WORK_PLAN, imported(), ADOPTED).when(replace(ADD, measure=7)).raises("measure-unknown")


def test_a_task_ends_by_a_document_from_a_day_on() -> None:
    after = given(WORK_PLAN, imported(), ADOPTED, assigned()).when(supersede()).then(SUPERSEDED)
    after.when(supersede(effective_on=date(2026, 7, 1))).raises("task-superseded")
    after.when(assign_command(organisations=(FIRST,))).raises("task-superseded")


def test_only_a_task_of_a_plan_in_force_can_end() -> None:
    given(WORK_PLAN, imported(), ADOPTED).when(supersede("1-3")).raises("clause-not-a-task")
    given(WORK_PLAN, imported()).when(supersede()).raises("plan-not-adopted")


@pytest.mark.parametrize(
    ("clause", "organisation", "day", "code"),
    [
        ("1-2", FIRST, date(2026, 5, 1), "task-not-assigned"),
        ("1-3", FIRST, date(2026, 5, 1), "clause-not-a-task"),
        ("9-9", FIRST, date(2026, 5, 1), "clause-unknown"),
        ("1-1", GROUP, date(2026, 5, 1), "task-not-bound"),
        ("1-1", FIRST, date(2026, 6, 1), "task-superseded"),
    ],
)
def test_a_record_supports_only_a_task_that_takes_it(clause: str, organisation: str, day: date, code: str) -> None:
    state = given(WORK_PLAN, imported(), ADOPTED, assigned(), SUPERSEDED).state
    with pytest.raises(RuleBroken) as refused:
        state.check_supports(clause, organisation, EvidenceKind.THEME_DAY, day)
    assert refused.value.code == code


def test_a_record_of_a_bound_organisation_in_time_supports_the_task() -> None:
    state = given(WORK_PLAN, imported(), ADOPTED, assigned(), SUPERSEDED).state
    for organisation in (FIRST, SECOND):
        state.check_supports("1-1", organisation, EvidenceKind.THEME_DAY, date(2026, 5, 31))


def test_a_record_of_a_kind_the_task_does_not_take_supports_nothing() -> None:
    other_kinds = assigned().model_copy(update={"evidence_kinds": ()})
    state = given(WORK_PLAN, imported(), ADOPTED, other_kinds).state
    with pytest.raises(RuleBroken) as refused:
        state.check_supports("1-1", FIRST, EvidenceKind.THEME_DAY, date(2026, 5, 31))
    assert refused.value.code == "evidence-kind"


def test_replay_shows_the_plan_clause_by_clause() -> None:
    shown = WORK_PLAN.snapshot(given(WORK_PLAN, imported(), ADOPTED, assigned(), SUPERSEDED).state)
    assert shown["adopted_on"] == "2026-01-10"
    assert shown["clauses"]["1-3"] == {"nature": "目的", "text": PURPOSE}
    assert shown["clauses"]["1-1"]["cadence"] == "每月"
    assert shown["clauses"]["1-1"]["superseded_on"] == "2026-06-01"


def test_a_plan_whose_key_was_destroyed_still_folds() -> None:
    erased = imported().model_copy(update={"body": Sealed(subject=f"document:{PLAN}", value=None)})
    scenario = given(WORK_PLAN, erased, ADOPTED, assigned(), amended(BODY).model_copy(update={"body": erased.body}))
    assert WORK_PLAN.snapshot(scenario.state)["clauses"] == {}
    scenario.when(amend(BODY)).raises("plan-erased")


def test_on_an_earlier_day_a_later_document_and_a_later_end_do_not_yet_hold() -> None:
    longer = body(TEXTS_OF_BODY, ("另一件事要办好。",))
    later = WORK_PLAN.fold((imported(), ADOPTED, assigned("1-1"), amended(longer), SUPERSEDED))
    day_before = WORK_PLAN.effective(later, ISSUED - timedelta(days=1))
    assert day_before.body == BODY
    assert day_before.superseded == {}
    assert WORK_PLAN.effective(later, SUPERSEDED.effective_on).superseded == {"1-1": SUPERSEDED.effective_on}
    assert WORK_PLAN.effective(later, date(2026, 1, 1)).adopted_on is None
