"""A month's plan is filed unless it is returned; what came back is filed again."""

from dataclasses import dataclass, replace
from datetime import date

from services.organization.domain.filing import FILING, CarriedOut, FilePlan, ReturnPlan, carried_out
from shared.contracts.organization import EvidenceKind, PlanFiled, PlannedActivity, PlanReturned
from shared.testing.scenario import given
from tests.support.organisation_world import AGENCY, FIRST, fixed_id

ITEMS = (
    PlannedActivity(kind=EvidenceKind.COMMITTEE_MEETING, planned_on=None, title=None),
    PlannedActivity(kind=EvidenceKind.THEME_DAY, planned_on=date(2026, 12, 11), title="带着课题下基层"),
)
FILE = FilePlan(fixed_id(81), AGENCY, FIRST, date(2026, 12, 1), ITEMS)
FILED = PlanFiled(filing_id=fixed_id(81), agency_id=AGENCY, organisation_id=FIRST, month=date(2026, 12, 1), items=ITEMS)
RETURNED = PlanReturned(filing_id=fixed_id(81), filing=1, reason="两项活动排在同一天")


def test_a_month_is_filed_once_and_again_when_it_changes() -> None:
    after = given(FILING).when(FILE).then(FILED)
    assert FILING.snapshot(after.state)["items"] == ["支部委员会", "主题党日　12 月 11 日　带着课题下基层"]
    after.when(replace(FILE, items=ITEMS[:1])).happens()


def test_what_was_returned_is_filed_again_as_it_is_or_changed() -> None:
    given(FILING, FILED).when(ReturnPlan(1, "两项活动排在同一天")).then(RETURNED)
    assert given(FILING, FILED, RETURNED).when(FILE).then(FILED).state.returned is None


def test_a_plan_says_something_and_stays_in_its_month() -> None:
    given(FILING).when(replace(FILE, items=())).raises("plan-empty")
    late = (replace_day(ITEMS[1], date(2027, 1, 4)),)
    given(FILING).when(replace(FILE, items=late)).raises("planned-in-another-month")


def test_a_return_names_a_reason_and_what_was_looked_at() -> None:
    given(FILING, FILED).when(ReturnPlan(1, " ")).raises("reason-needed")
    given(FILING, FILED, RETURNED, FILED).when(ReturnPlan(1, "再看")).raises("filing-changed")


@dataclass(frozen=True)
class Meeting:
    kind: EvidenceKind
    day: int


def test_each_planned_meeting_is_answered_by_one_that_was_held_and_the_rest_was_held_besides() -> None:
    first, second, lecture = (
        Meeting(EvidenceKind.THEME_DAY, 11),
        Meeting(EvidenceKind.THEME_DAY, 25),
        Meeting(EvidenceKind.PARTY_LECTURE, 12),
    )
    assert carried_out(ITEMS, [first, lecture, second]) == CarriedOut([None, first], [lecture, second])
    assert carried_out((*ITEMS, ITEMS[1]), [first, second]) == CarriedOut([None, first, second], [])
    assert carried_out(ITEMS, []) == CarriedOut([None, None], [])


def replace_day(item: PlannedActivity, day: date) -> PlannedActivity:
    return item.model_copy(update={"planned_on": day})
