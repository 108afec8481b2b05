"""Commands on research directions (§10a): choose one for a year, give one up."""

from fastapi import APIRouter

from services.research.commands_api import Headers, Manager, agency_of_organisation
from services.research.domain.directions import DIRECTIONS, DropDirection, SetDirection, directions_id
from services.research.domain.quarantine import QUARANTINE
from services.research.ledgers import directions as ledger
from services.research.ledgers.directions import DIRECTIONS_LEDGER
from services.research.schemas import DirectionBody, WithdrawalBody
from shared.adopted_plans import rules_as_told
from shared.contracts.research import DirectionSet
from shared.decider import Unknown
from shared.http.parameters import today
from shared.http.problems import NOT_FOUND
from shared.http.requests import Accepted, accepted
from shared.http.states import event_at
from shared.ids import StreamName, is_id, new_id
from shared.quarantine import watch_typed
from shared.security.policy import agency_wide
from shared.service import Runtime

ENTRY = "登记调研方向"


def routes(runtime: Runtime) -> APIRouter:
    """Return the commands on research directions."""
    router = APIRouter(prefix="/api/research/directions", tags=["调研方向"])

    @router.post("", status_code=201)
    def set_direction(body: DirectionBody, headers: Headers, caller: Manager) -> Accepted:
        """确定一个重点调研方向；超过规定个数的写明原因."""
        agency_id = agency_of_organisation(caller.principal, body.organisation_id)
        caller.require(agency_id, body.organisation_id)
        request = headers.request(caller, agency_id, body)
        watch_typed(runtime, QUARANTINE, request, ENTRY, body)
        told = rules_as_told(runtime, agency_wide(caller.principal, caller.permission), {agency_id})
        command = SetDirection(
            direction_id=new_id(),
            agency_id=agency_id,
            organisation_id=body.organisation_id,
            year=body.year,
            title=body.title,
            question=body.question,
            reason=body.reason or None,
            rule=told[agency_id].on("research-directions", today(runtime)),
        )
        id_ = directions_id(body.organisation_id, body.year)
        outcome = runtime.commands.handle(DIRECTIONS, id_, command, request)
        event = event_at(runtime, outcome.token)
        assert isinstance(event, DirectionSet), "a fresh id always sets a direction"
        return Accepted(id=event.direction_id, token=str(outcome.token))

    @router.post("/{direction_id}/end")
    def drop(direction_id: str, body: WithdrawalBody, headers: Headers, caller: Manager) -> Accepted:
        """停止一个调研方向，写明原因；已有的记录都在."""
        with runtime.reader.read(DIRECTIONS_LEDGER.name, caller.reach) as reading:
            found = ledger.direction(reading, direction_id) if is_id(direction_id) else None
        if found is None:
            raise Unknown("not-found", NOT_FOUND)
        request = headers.request(caller, found.agency, body)
        watch_typed(runtime, QUARANTINE, request, ENTRY, body)
        command = DropDirection(direction_id, body.reason)
        return accepted(runtime.commands.handle(DIRECTIONS, StreamName.parse(found.stream).id, command, request))

    return router
