"""Whatever stands in a tree and its rosters: what goes out as a workbook comes in again and changes nothing."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from services.organization.domain.agency import AgencyState, Organisation
from services.organization.ledgers.organisations import AgencyRow, OrganisationRow
from services.organization.ledgers.rosters import ListedMember, OfficeRow
from services.organization.roster_import import plan_of_import
from services.organization.roster_layout import folded, offices_of, offices_text
from services.organization.roster_views import Filters, House
from services.organization.roster_xlsx import roster_workbook
from shared.contracts.organization import OFFICE_NAMES, Office, OrganisationKind
from shared.documents.limits import DEFAULT_LIMITS
from shared.documents.xlsx_reader import read_xlsx
from shared.http.workbooks import as_text, typed_text
from tests.support.hostile import out_of_proportion
from tests.support.organisation_world import AGENCY, fixed_id

TODAY = date(2026, 11, 23)
ROOT = fixed_id(1)
NAMES = st.text("甲乙丙 a=+-@'（）1", min_size=1, max_size=4).filter(lambda name: name.strip() and folded(name))
BRANCH_OFFICES = [office for office in Office if office is not Office.GROUP_LEADER]


@st.composite
def houses(draw: st.DrawFn) -> tuple[AgencyState, House]:
    """An agency with up to four branches and up to six members, names as odd as the API takes them."""
    named = draw(st.lists(NAMES, min_size=1, max_size=5, unique_by=folded))
    ids = [fixed_id(n) for n in range(1, len(named) + 1)]
    rows = [OrganisationRow(ROOT, None, OrganisationKind.GENERAL_BRANCH, "党总支", named[0], 0)]
    rows += [
        OrganisationRow(i, ROOT, OrganisationKind.BRANCH, "党支部", n, 1)
        for i, n in zip(ids[1:], named[1:], strict=True)
    ]
    people, offices, heads = [], [], set()
    for number in range(draw(st.integers(0, 6))):
        home, id_ = draw(st.sampled_from(ids)), fixed_id(50 + number)
        standing = draw(st.sampled_from(["full", "probationary"]))
        shown = "正式党员" if standing == "full" else "预备党员"
        people.append(ListedMember(id_, draw(NAMES), "x x", home, standing, shown, 1))
        for place in dict.fromkeys([home, ROOT]):
            for office in draw(st.sets(st.sampled_from(BRANCH_OFFICES), max_size=2)):
                if office is not Office.SECRETARY or place not in heads:
                    heads |= {place} if office is Office.SECRETARY else set()
                    offices.append(OfficeRow(id_, None, place, office, OFFICE_NAMES[office], None, None))
    organisations = {o.id: Organisation(o.kind, o.name, o.parent_id) for o in rows}
    agency = AgencyRow(AGENCY, "机关", ROOT, 1)
    return AgencyState(AGENCY, "机关", organisations), House(agency, TODAY, rows, people, offices)


@settings(max_examples=60, deadline=None)
@given(houses())
def test_what_goes_out_comes_in_and_changes_nothing(world: tuple[AgencyState, House]) -> None:
    state, house = world
    sheets = read_xlsx(roster_workbook(house, Filters()), DEFAULT_LIMITS)
    plan = plan_of_import(state, house, sheets, TODAY)
    assert (plan.tree, plan.people, plan.absent, plan.errors) == ([], [], 0, [])


OFFICES = st.lists(
    st.tuples(st.sampled_from(["甲支部", "一、二处支部", "A：B"]), st.sampled_from(list(Office))), unique=True
)


@given(OFFICES)
def test_offices_are_read_as_they_are_written(held: list[tuple[str, Office]]) -> None:
    rows = [OfficeRow("m", None, place, office, OFFICE_NAMES[office], None, None) for place, office in held]
    names = {place: place for place, _ in held}
    read = offices_of(offices_text(rows, "甲支部", names))
    assert read is not None
    assert {(place or "甲支部", office) for place, office in read} == set(held)


@given(st.text("'=+a\u3000 ", max_size=5))
def test_the_mark_against_formulas_is_taken_off_again(text: str) -> None:
    assert typed_text(as_text(text)) == typed_text(as_text(text.strip())) == text.strip()


def test_a_text_that_names_no_office_is_not_guessed() -> None:
    assert offices_of("书记兼组织委员") is None
    assert offices_of("") == []
    assert offices_of("支部：书记; 副书记") == [("支部", Office.SECRETARY), (None, Office.DEPUTY_SECRETARY)]


def test_no_cell_holds_up_the_reading_of_a_roster() -> None:
    assert out_of_proportion(offices_of) is None
