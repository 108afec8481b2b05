"""The declaration of the points service."""

from services.points import branch_api, own_api
from services.points.domain.objection import OBJECTION, ObjectionState
from services.points.domain.posting import POSTING, PostingState
from services.points.ledgers.archive import ARCHIVE
from services.points.reactions import REACTIONS
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
    deciders=(POSTING, OBJECTION),
    ledgers=(ARCHIVE, ROSTER),
    reactions=REACTIONS,
    routes=(own_api.routes, branch_api.routes),
    visibility={POSTING.aggregate: _visible, OBJECTION.aggregate: _visible},
)
