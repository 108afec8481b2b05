"""The tree's rules: kinds nest as the field nests them, there is no cycle, a name means one organisation."""

import pytest
from hypothesis import given as property_of
from hypothesis import strategies as st

from services.organization.domain.agency import (
    AGENCY,
    EstablishOrganisation,
    MoveOrganisation,
    RegisterAgency,
    RenameOrganisation,
)
from shared.contracts.organization import OrganisationKind, OrganisationMoved, OrganisationRenamed
from shared.decider import RuleBroken
from shared.testing.scenario import given
from tests.support.organisation_world import (
    AGENCY as AGENCY_ID,
)
from tests.support.organisation_world import (
    FIRST,
    GROUP,
    REGISTERED,
    ROOT,
    SECOND,
    TREE,
    established,
    fixed_id,
)

NEW = fixed_id(9)
KIND = OrganisationKind


def register(kind: KIND = KIND.GENERAL_BRANCH) -> RegisterAgency:
    return RegisterAgency(AGENCY_ID, REGISTERED.name, ROOT, kind, REGISTERED.root_name)


def test_an_agency_is_registered_with_the_root_of_its_tree() -> None:
    given(AGENCY).when(register()).then(REGISTERED)


def test_an_agency_is_registered_once() -> None:
    other = RegisterAgency(AGENCY_ID, "另一个机关", ROOT, KIND.GENERAL_BRANCH, REGISTERED.root_name)
    given(AGENCY, REGISTERED).when(other).raises("agency-exists")


@pytest.mark.parametrize("kind", [KIND.GROUP, KIND.TEMPORARY_BRANCH])
def test_a_group_or_a_temporary_branch_is_no_agencys_root(kind: KIND) -> None:
    given(AGENCY).when(register(kind)).raises("root-kind")


def test_nothing_is_established_before_the_agency_is_registered() -> None:
    given(AGENCY).when(EstablishOrganisation(NEW, ROOT, KIND.BRANCH, "第三党支部")).raises("agency-unknown")


def test_a_branch_is_established_under_a_general_branch() -> None:
    command = EstablishOrganisation(NEW, ROOT, KIND.BRANCH, "第三党支部")
    given(AGENCY, *TREE).when(command).then(established(NEW, "第三党支部"))


@pytest.mark.parametrize(
    ("kind", "parent"),
    [
        (KIND.GROUP, ROOT),
        (KIND.BRANCH, FIRST),
        (KIND.GENERAL_BRANCH, ROOT),
        (KIND.COMMITTEE, ROOT),
        (KIND.WORK_COMMITTEE, ROOT),
        (KIND.GROUP, GROUP),
    ],
)
def test_an_organisation_stands_only_under_a_kind_that_may_lead_it(kind: KIND, parent: str) -> None:
    refused = given(AGENCY, *TREE).when(EstablishOrganisation(NEW, parent, kind, "新设组织")).raises("superior-kind")
    assert refused.sentence


def test_a_parent_must_exist_in_the_same_agency() -> None:
    given(AGENCY, *TREE).when(EstablishOrganisation(NEW, fixed_id(99), KIND.BRANCH, "第三党支部")).raises(
        "organisation-unknown"
    )


def test_an_id_is_not_established_twice_with_other_facts() -> None:
    command = EstablishOrganisation(FIRST, ROOT, KIND.BRANCH, "别的名称")
    given(AGENCY, *TREE).when(command).raises("organisation-exists")


def test_two_organisations_of_an_agency_never_share_a_name() -> None:
    given(AGENCY, *TREE).when(EstablishOrganisation(NEW, ROOT, KIND.BRANCH, "第一党支部")).raises(
        "organisation-name-taken"
    )
    given(AGENCY, *TREE).when(RenameOrganisation(SECOND, "第一党支部", "改名")).raises("organisation-name-taken")


def test_an_organisation_is_renamed_with_a_reason() -> None:
    renamed = OrganisationRenamed(organisation_id=FIRST, name="综合党支部", reason="机构更名")
    given(AGENCY, *TREE).when(RenameOrganisation(FIRST, "综合党支部", "机构更名")).then(renamed)


def test_an_organisation_moves_with_a_reason() -> None:
    moved = OrganisationMoved(organisation_id=GROUP, parent_id=SECOND, reason="人员调整")
    given(AGENCY, *TREE).when(MoveOrganisation(GROUP, SECOND, "人员调整")).then(moved)


def test_an_organisation_never_moves_below_itself() -> None:
    committee = AGENCY.fold(
        (
            REGISTERED.model_copy(update={"root_kind": KIND.COMMITTEE}),
            established(FIRST, "直属单位党委", KIND.COMMITTEE, ROOT),
            established(SECOND, "下属党委", KIND.COMMITTEE, FIRST),
        )
    )
    for parent in (FIRST, SECOND):
        with pytest.raises(RuleBroken) as refused:
            AGENCY.decide(committee, MoveOrganisation(FIRST, parent, "调整"))
        assert refused.value.code == "organisation-cycle"


def test_the_root_stays_where_it_is() -> None:
    given(AGENCY, *TREE).when(MoveOrganisation(ROOT, FIRST, "调整")).raises("root-stays")


def test_a_move_keeps_to_the_kinds() -> None:
    given(AGENCY, *TREE).when(MoveOrganisation(SECOND, FIRST, "调整")).raises("superior-kind")


_IDS = [fixed_id(n) for n in range(1, 8)]
_COMMANDS = st.one_of(
    st.builds(
        EstablishOrganisation,
        st.sampled_from(_IDS),
        st.sampled_from(_IDS),
        st.sampled_from(list(KIND)),
        st.sampled_from("甲乙丙丁戊"),
    ),
    st.builds(MoveOrganisation, st.sampled_from(_IDS), st.sampled_from(_IDS), st.just("调整")),
)


@property_of(st.lists(_COMMANDS, max_size=30))
def test_whatever_is_asked_the_tree_stays_one_tree(commands: list[EstablishOrganisation | MoveOrganisation]) -> None:
    state = AGENCY.fold((REGISTERED.model_copy(update={"root_kind": KIND.COMMITTEE, "root_organisation_id": _IDS[0]}),))
    for command in commands:
        try:
            events = AGENCY.decide(state, command)
        except RuleBroken:
            continue
        state = AGENCY.fold(events, state)
    assert [o.parent_id for o in state.organisations.values()].count(None) == 1
    assert state.subtree(_IDS[0]) == state.organisations.keys()


def test_replay_shows_organisations_by_name() -> None:
    shown = AGENCY.snapshot(given(AGENCY, *TREE).state)
    assert shown["organisations"][GROUP] == {"name": "第一党小组", "kind": "党小组", "parent": "第一党支部"}
