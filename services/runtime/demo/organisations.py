"""The demo's agencies, organisations and members, recorded at the start of the year."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID, uuid5

from services.organization.claims import agency_claim
from services.organization.domain.agency import AGENCY, EstablishOrganisation, RegisterAgency
from services.organization.domain.member import MEMBER, EnrolMember, TakeOffice
from services.runtime.demo.cast import BRANCH_OFFICES, AgencyCast, BranchCast
from shared.application.commands import Request
from shared.clock import day_in_china
from shared.contracts.organization import Office, OrganisationKind, Standing
from shared.service import Runtime

_SPACE = UUID("6c697568-656e-4c00-8000-64656d6f0000")


def demo_id(*path: str) -> str:
    """Return the same id for the same thing each time, so that an interrupted load goes on where it broke off."""
    return str(uuid5(_SPACE, "/".join(path)))


@dataclass
class Cast:
    """The ids behind the demo's names."""

    agencies: dict[str, str] = field(default_factory=dict)
    organisations: dict[tuple[str, str], str] = field(default_factory=dict)
    members: dict[str, str] = field(default_factory=dict)


def establish(runtime: Runtime, agency: AgencyCast, cast: Cast, actor: str) -> None:
    """Register an agency with its branches and members."""
    agency_id = demo_id(agency.name)
    root_id = demo_id(agency.name, agency.root_name)
    cast.agencies[agency.name] = agency_id
    cast.organisations[agency.name, agency.root_name] = root_id
    request = Request(actor=actor, agency_id=agency_id)
    register = RegisterAgency(agency_id, agency.name, root_id, agency.root_kind, agency.root_name)
    runtime.commands.handle(AGENCY, agency_id, register, request, lambda _: (agency_claim(agency.name),))
    _enrol(runtime, cast, request, root_id, (agency.name, agency.root_name), agency.members)
    for branch in agency.branches:
        _establish_branch(runtime, agency, branch, cast, request)
    for name, office in agency.officers:
        _elect(runtime, request, cast.members[name], root_id, office)


def _establish_branch(runtime: Runtime, agency: AgencyCast, branch: BranchCast, cast: Cast, request: Request) -> None:
    branch_id = demo_id(agency.name, branch.name)
    root_id = cast.organisations[agency.name, agency.root_name]
    cast.organisations[agency.name, branch.name] = branch_id
    command = EstablishOrganisation(branch_id, root_id, OrganisationKind.BRANCH, branch.name)
    runtime.commands.handle(AGENCY, request.agency_id, command, request)
    grouped = {name for _, names in branch.groups for name in names}
    own = tuple(name for name in branch.members if name not in grouped)
    path = (agency.name, branch.name)
    _enrol(runtime, cast, request, branch_id, path, own, branch.probationary)
    for group, members in branch.groups:
        group_id = cast.organisations[agency.name, group] = demo_id(*path, group)
        command = EstablishOrganisation(group_id, branch_id, OrganisationKind.GROUP, group)
        runtime.commands.handle(AGENCY, request.agency_id, command, request)
        _enrol(runtime, cast, request, group_id, path, members, branch.probationary)
        _elect(runtime, request, cast.members[members[0]], group_id, Office.GROUP_LEADER)
    for name, office in zip(branch.members, BRANCH_OFFICES, strict=False):
        _elect(runtime, request, cast.members[name], branch_id, office)


def _enrol(
    runtime: Runtime,
    cast: Cast,
    request: Request,
    organisation_id: str,
    path: tuple[str, str],
    names: tuple[str, ...],
    probationary: tuple[str, ...] = (),
) -> None:
    for name in names:
        member_id = cast.members[name] = demo_id(*path, name)
        standing: Standing = "probationary" if name in probationary else "full"
        enrol = EnrolMember(member_id, request.agency_id, organisation_id, name, standing)
        runtime.commands.handle(MEMBER, member_id, enrol, request)


def _elect(runtime: Runtime, request: Request, member_id: str, organisation_id: str, office: Office) -> None:
    """Have a member hold an office since the last election, two years ago."""
    today = day_in_china(runtime.clock())
    elected = date(today.year - 2, 6, 18)
    command = TakeOffice(organisation_id, office, elected, "党员大会选举产生", today)
    runtime.commands.handle(MEMBER, member_id, command, request)
