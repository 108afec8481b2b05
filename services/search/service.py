"""The declaration of the search service."""

from services.search import queries_api
from services.search.ledgers.register import REGISTER
from shared.service import Service

SERVICE = Service(name="search", title="检索", ledgers=(REGISTER,), routes=(queries_api.routes,))
