"""The places an account's role may be held at, as a form offers them."""

from dataclasses import dataclass
from typing import Any

from services.console.session import Visitor
from shared.security.principal import PLATFORM


@dataclass(frozen=True, slots=True)
class Place:
    """An organisation of an agency, or the platform; ``depth`` counts levels below the root."""

    agency: str
    organisation: str
    name: str
    depth: int = 0

    @property
    def code(self) -> str:
        """Return the place as a form sends it."""
        return f"{self.agency}/{self.organisation}"


EVERYWHERE = Place(PLATFORM, PLATFORM, "全平台（三员、工委、检查组）")


async def agencies_of(visitor: Visitor) -> list[dict[str, Any]]:
    """Return the agencies within the visitor's reach, by name."""
    found = (await visitor.get("organization", "/api/organization/agencies"))["agencies"]
    return sorted(found, key=lambda a: str(a["name"]))


async def places_of(visitor: Visitor, agency_id: str) -> list[Place]:
    """Return the organisations of an agency, parents first; the platform too for who runs it."""
    at_platform = any(g.agency_id == PLATFORM for g in visitor.principal.grants)
    places = [EVERYWHERE] if at_platform else []
    if agency_id != PLATFORM:
        tree = await visitor.get("organization", "/api/organization/tree", agency=agency_id)
        places = [Place(agency_id, o["id"], o["name"], o["depth"]) for o in tree["organisations"]] + places
    return places


def place_of(code: str) -> tuple[str, str]:
    """Return agency and organisation of what a form sent; both empty where it names no place."""
    agency, _, organisation = code.partition("/")
    return agency, organisation
