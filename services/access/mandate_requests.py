"""What is asked for with a mandate, and whether the one who asks may."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field

from services.access.domain.mandate import MandateTerms
from services.access.ledgers import organisation_tree
from services.access.mandates import MANDATED
from services.access.schemas import Id, Place
from services.access.sessions import account_of
from shared.contracts.access import MandatePlace
from shared.contracts.base import Text
from shared.decider import RuleBroken, Unknown
from shared.documents.characters import legible, one_line
from shared.http.auth import Caller
from shared.http.fields import Line, if_any
from shared.http.requests import Body
from shared.security.classes import CLASS_NAMES, RESTRICTED, DocumentClass, RestrictedClass
from shared.security.principal import INSPECTORS, ROLE_NAMES, Principal, Role
from shared.service import Runtime


class PlaceBody(Body):
    """An organisation of an agency; the tree's root stands for the whole agency."""

    agency: Place
    organisation: Place


class NewMandate(Body):
    """提出检查授权; both days count."""

    body: Role
    basis: Annotated[Text, Field(min_length=2, max_length=300), AfterValidator(legible)]
    places: Annotated[list[PlaceBody], Field(min_length=1, max_length=200)]
    classes: Annotated[list[DocumentClass | RestrictedClass], Field(min_length=1, max_length=20)]
    first_day: date
    last_day: date
    people: Annotated[list[Id], Field(min_length=1, max_length=50)]
    contact: Annotated[Text, Field(max_length=100), AfterValidator(if_any(one_line))] = ""
    items: Annotated[tuple[Line, ...], Field(max_length=100)] = ()


def bodies_for(principal: Principal) -> list[Role]:
    """Return the inspecting bodies somebody may ask a mandate for: their own, the 工委 for all three."""
    held = {g.role for g in principal.grants}
    asked = INSPECTORS | held if Role.WORK_COMMITTEE in held else held
    return [role for role in Role if role in asked & MANDATED]


def check(runtime: Runtime, caller: Caller, body: NewMandate) -> None:
    """Check that the caller may ask for this: the body, its people, the places, the classes.

    Raises:
        RuleBroken: ``mandate-body``, ``mandate-people``, ``class-not-for-body``, ``work-secrets-off``.
        Unknown: a place is out of reach, or there is none such.
    """
    if body.body not in bodies_for(caller.principal):
        raise RuleBroken("mandate-body", "只能为本检查组提出授权；市直机关工委可以为三个检查组提出。")
    if DocumentClass.WORK_SECRET in body.classes and not runtime.settings.work_secrets:
        raise RuleBroken("work-secrets-off", "本平台没有开放工作秘密类文件，不能授权查阅。")
    for each in body.classes:
        if isinstance(each, RestrictedClass) and body.body not in RESTRICTED[each]:
            raise RuleBroken("class-not-for-body", f"{ROLE_NAMES[body.body]}不能查阅“{CLASS_NAMES[each]}”类材料。")
    with runtime.reader.read(organisation_tree.NAME, caller.reach) as tree:
        for place in body.places:
            caller.require(place.agency, place.organisation)
            if not organisation_tree.has_organisation(tree, place.agency, place.organisation):
                raise Unknown("organisation-unknown", "没有这个党组织，请从组织树中选择。")
    for person_id in body.people:
        account = account_of(runtime, person_id)
        if account.suspended or body.body.value not in {g.role for g in account.grants.values()}:
            raise RuleBroken("mandate-people", f"参加检查的人员都应是{ROLE_NAMES[body.body]}的在用账号。")


def terms_of(body: NewMandate) -> MandateTerms:
    """Return what is asked for, nothing named twice."""
    return MandateTerms(
        body=body.body.value,
        basis=body.basis.strip(),
        places=tuple(
            dict.fromkeys(MandatePlace(agency_id=p.agency, organisation_id=p.organisation) for p in body.places)
        ),
        classes=tuple(dict.fromkeys(c.value for c in body.classes)),
        first_day=body.first_day,
        last_day=body.last_day,
        people=tuple(dict.fromkeys(body.people)),
        contact=body.contact.strip(),
        items=tuple(i for line in body.items if (i := line.strip())),
    )
