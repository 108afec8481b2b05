"""The declaration of the study service."""

from services.study import session_commands_api, session_queries_api, statistics_api, triggers_api
from services.study.domain.quarantine import QUARANTINE
from services.study.domain.session import SESSION, SessionState
from services.study.domain.trigger import TRIGGER, TriggerState
from services.study.ledgers.sessions import SESSIONS
from services.study.ledgers.triggers import TRIGGERS
from shared.adopted_plans import PLANS
from shared.quarantine import put_aside_visibility, settlement
from shared.roster import ROSTER
from shared.security.policy import Permission
from shared.service import Service, Visibility


def _visible(state: SessionState | TriggerState) -> Visibility | None:
    """Return whose a stream is; a stream that says nothing yet is nobody's."""
    if not state.agency_id:
        return None
    return Visibility(Permission.SEE_STUDY.value, state.agency_id, state.organisation_id)


SERVICE = Service(
    name="study",
    title="学习",
    deciders=(SESSION, TRIGGER, QUARANTINE),
    ledgers=(SESSIONS, TRIGGERS, PLANS, ROSTER),
    routes=(
        session_commands_api.routes,
        session_queries_api.routes,
        statistics_api.routes,
        triggers_api.routes,
        settlement(QUARANTINE),
    ),
    visibility={SESSION.aggregate: _visible, TRIGGER.aggregate: _visible, QUARANTINE.aggregate: put_aside_visibility},
)
