"""Every service of the platform, by name."""

from services.access.service import SERVICE as ACCESS
from services.audit.service import SERVICE as AUDIT
from services.console.service import SERVICE as CONSOLE
from services.organization.service import SERVICE as ORGANIZATION
from services.points.service import SERVICE as POINTS
from services.research.service import SERVICE as RESEARCH
from services.search.service import SERVICE as SEARCH
from services.study.service import SERVICE as STUDY
from shared.service import Service

_ALL = (ACCESS, ORGANIZATION, STUDY, POINTS, RESEARCH, SEARCH, AUDIT, CONSOLE)
SERVICES: dict[str, Service] = {s.name: s for s in _ALL}


def service(name: str) -> Service:
    """Return a service by name.

    Raises:
        KeyError: there is none of that name.
    """
    return SERVICES[name]
