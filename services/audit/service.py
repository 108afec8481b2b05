"""The declaration of the audit service."""

from services.audit import queries_api
from shared.service import Service

SERVICE = Service(name="audit", title="历史追溯", routes=(queries_api.routes,))
