"""The declaration of the audit service."""

from services.audit import queries_api, trail_api
from services.audit.ledgers.trail import TRAIL
from shared.service import Service

SERVICE = Service(name="audit", title="历史追溯", ledgers=(TRAIL,), routes=(queries_api.routes, trail_api.routes))
