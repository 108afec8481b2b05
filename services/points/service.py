"""The declaration of the points service."""

from services.points import branch_api, own_api
from services.points.domain.objection import OBJECTION, ObjectionState
from services.points.domain.posting import POSTING, PostingState
from services.points.domain.quarantine import QUARANTINE
from services.points.ledgers.archive import ARCHIVE
from services.points.reactions import REACTIONS
from shared.quarantine import put_aside_visibility, settlement
from shared.roster import ROSTER
from shared.security.policy import Permission
from shared.service import Service, Visibility


def _visible(state: PostingState | ObjectionState) -> Visibility | None:
    """Return whose a stream is: of one branch, or nobody's. Nobody replays what people of several branches got."""
    if not state.agency_id or not state.organisation_id:
        return None
    return Visibility(Permission.SEE_POINTS.value, state.agency_id, state.organisation_id)


SERVICE = Service(
    name="points",
    title="积分",
    deciders=(POSTING, OBJECTION, QUARANTINE),
    ledgers=(ARCHIVE, ROSTER),
    reactions=REACTIONS,
    routes=(own_api.routes, branch_api.routes, settlement(QUARANTINE)),
    visibility={
        POSTING.aggregate: _visible,
        OBJECTION.aggregate: _visible,
        QUARANTINE.aggregate: put_aside_visibility,
    },
)
