"""The declaration of the research service."""

from services.research import (
    commands_api,
    direction_commands_api,
    direction_queries_api,
    queries_api,
    statistics_api,
)
from services.research.domain.directions import DIRECTIONS, DirectionsState
from services.research.domain.document import DOCUMENT
from services.research.domain.document_state import OF_DRAFTS, DocumentState
from services.research.domain.quarantine import QUARANTINE
from services.research.ledgers.cited import CITED
from services.research.ledgers.directions import DIRECTIONS_LEDGER
from services.research.ledgers.documents import DOCUMENTS
from shared.adopted_plans import PLANS
from shared.quarantine import put_aside_visibility, settlement
from shared.roster import ROSTER
from shared.security.classes import DocumentClass
from shared.security.policy import Permission
from shared.service import Service, Visibility


def _document(state: DocumentState) -> Visibility | None:
    """Until it has a final version, a document is its own people's, as it is after it was withdrawn.

    Of its drafts others are told neither the title nor what was changed or remarked.
    """
    if not state.agency_id:
        return None
    finished = state.final and state.withdrawn is None
    permission = Permission.SEE_DOCUMENT if finished else Permission.WRITE_DOCUMENT
    return Visibility(
        permission.value,
        state.agency_id,
        state.organisation_id,
        class_=state.document_class,
        apart=OF_DRAFTS,
        apart_for=Permission.WRITE_DOCUMENT.value,
    )


def _directions(state: DirectionsState) -> Visibility | None:
    if not state.agency_id:
        return None
    internal = DocumentClass.INTERNAL.value
    return Visibility(Permission.SEE_DOCUMENT.value, state.agency_id, state.organisation_id, class_=internal)


SERVICE = Service(
    name="research",
    title="课题与文稿",
    deciders=(DOCUMENT, DIRECTIONS, QUARANTINE),
    ledgers=(DOCUMENTS, DIRECTIONS_LEDGER, CITED, PLANS, ROSTER),
    routes=(
        commands_api.routes,
        queries_api.routes,
        direction_commands_api.routes,
        direction_queries_api.routes,
        statistics_api.routes,
        settlement(QUARANTINE),
    ),
    visibility={
        DOCUMENT.aggregate: _document,
        DIRECTIONS.aggregate: _directions,
        QUARANTINE.aggregate: put_aside_visibility,
    },
)
