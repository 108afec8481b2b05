"""The tree and the rosters, as of any day, within the reader's reach."""

from datetime import date

from services.organization.ledgers.organisations import (
    ORGANISATIONS,
    agencies,
    member_names,
    members,
    subtree,
    tree,
)
from shared.contracts.organization import MemberMoved, OrganisationMoved, OrganisationRenamed
from shared.projection.reading import Reading
from shared.security.policy import Reach
from tests.support.ledgers import filled
from tests.support.organisation_world import (
    AGENCY,
    FIRST,
    GROUP,
    LIN,
    ROOT,
    SECOND,
    TREE,
    ZHOU,
    enrolled,
    fixed_id,
)

ALL = Reach(frozenset({AGENCY}), frozenset())
ONE_BRANCH = Reach(frozenset(), frozenset({FIRST, GROUP}))
NOTHING = Reach(frozenset(), frozenset())
OTHER = Reach(frozenset({fixed_id(99)}), frozenset({fixed_id(98)}))

JANUARY, MARCH, JUNE = date(2026, 1, 5), date(2026, 3, 5), date(2026, 6, 5)
TRAIL = [(JANUARY, e) for e in (*TREE, enrolled(ZHOU, "周宁"), enrolled(LIN, "林舒"))]
RENAMED = OrganisationRenamed(organisation_id=FIRST, name="综合党支部", reason="机构更名")
MOVED = OrganisationMoved(organisation_id=GROUP, parent_id=SECOND, reason="人员调整")


def test_a_tree_lists_parents_before_children_with_their_depth() -> None:
    with filled(ORGANISATIONS, TRAIL) as conn:
        found = [(o.name, o.depth, o.kind_name) for o in tree(Reading(conn, ALL), AGENCY, JUNE)]
    assert found == [
        ("机关党总支", 0, "党总支"),
        ("第一党支部", 1, "党支部"),
        ("第一党小组", 2, "党小组"),
        ("第二党支部", 1, "党支部"),
    ]


def test_a_name_and_a_place_in_the_tree_hold_from_their_day_on() -> None:
    trail = [*TRAIL, (MARCH, RENAMED), (MARCH, MOVED)]
    with filled(ORGANISATIONS, trail) as conn:
        before = {o.id: (o.name, o.parent_id) for o in tree(Reading(conn, ALL), AGENCY, date(2026, 3, 4))}
        after = {o.id: (o.name, o.parent_id) for o in tree(Reading(conn, ALL), AGENCY, MARCH)}
    assert (before[FIRST], before[GROUP]) == (("第一党支部", ROOT), ("第一党小组", FIRST))
    assert (after[FIRST], after[GROUP]) == (("综合党支部", ROOT), ("第一党小组", SECOND))


def test_two_changes_on_one_day_leave_one_span() -> None:
    again = RENAMED.model_copy(update={"name": "综合文稿党支部"})
    with filled(ORGANISATIONS, [*TRAIL, (MARCH, RENAMED), (MARCH, again)]) as conn:
        assert [o.name for o in tree(Reading(conn, ALL), AGENCY, MARCH) if o.id == FIRST] == ["综合文稿党支部"]
        assert len(tree(Reading(conn, ALL), AGENCY, JUNE)) == 4


def test_a_subtree_is_an_organisation_and_all_below_it() -> None:
    with filled(ORGANISATIONS, TRAIL) as conn:
        whole = tree(Reading(conn, ALL), AGENCY, JUNE)
    assert [o.id for o in subtree(whole, FIRST)] == [FIRST, GROUP]
    assert subtree(whole, fixed_id(99)) == []


def test_what_is_out_of_reach_is_not_there() -> None:
    with filled(ORGANISATIONS, TRAIL) as conn:
        assert [o.id for o in tree(Reading(conn, ONE_BRANCH), AGENCY, JUNE)] == [FIRST, GROUP]
        for nobody in (NOTHING, OTHER):
            assert tree(Reading(conn, nobody), AGENCY, JUNE) == []
            assert agencies(Reading(conn, nobody)) == []
            assert members(Reading(conn, nobody), [FIRST], JUNE) == []
        assert [a.id for a in agencies(Reading(conn, ALL))] == [AGENCY]
        assert agencies(Reading(conn, ONE_BRANCH)) == []


def test_a_roster_holds_its_members_from_the_day_they_came() -> None:
    moved = MemberMoved(member_id=LIN, organisation_id=SECOND, reason="岗位调整")
    with filled(ORGANISATIONS, [*TRAIL, (MARCH, moved)]) as conn:
        assert [m.name for m in members(Reading(conn, ALL), [FIRST], JANUARY)] == ["周宁", "林舒"]
        assert [m.name for m in members(Reading(conn, ALL), [FIRST], MARCH)] == ["周宁"]
        assert [(m.name, m.version) for m in members(Reading(conn, ALL), [SECOND], MARCH)] == [("林舒", 2)]
        assert member_names(Reading(conn, ALL), AGENCY, {LIN, fixed_id(97)}) == {LIN: "林舒"}
        assert member_names(Reading(conn, ALL), fixed_id(99), {LIN}) == {}


def test_an_agencys_version_is_its_streams() -> None:
    with filled(ORGANISATIONS, [*TRAIL, (MARCH, RENAMED)]) as conn:
        assert [a.version for a in agencies(Reading(conn, ALL))] == [5]
