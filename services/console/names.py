"""Names for ids: what the visitor may see anyway, asked once a page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.console.session import Visitor

AT_LARGE = "agency:"
ERASED = "已依规清除"


@dataclass(frozen=True, slots=True)
class Names:
    """Agencies, organisations and, where asked for, members by id."""

    agencies: Mapping[str, str]
    organisations: Mapping[str, str]
    members: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    async def of(cls, visitor: Visitor, members: bool = False) -> "Names":
        """Ask the organization service for every agency the visitor may see the tree of."""
        people: dict[str, str] = {}
        agencies = {g.agency_id: g.agency_name for g in visitor.principal.grants}
        organisations = {g.organisation_id: g.organisation_name for g in visitor.principal.grants}
        organisations |= {m.organisation_id: m.organisation_name for m in visitor.principal.mandates}
        for agency_id in visitor.agencies_seen():
            tree = await visitor.get("organization", "/api/organization/tree", agency=agency_id)
            organisations |= {o["id"]: o["name"] for o in tree["organisations"]}
            if members:
                roster = await visitor.get("organization", "/api/organization/members", agency=agency_id)
                people |= {m["id"]: m["name"] or ERASED for m in roster["members"]}
        return cls(agencies, organisations, people)

    def agency(self, id_: str) -> str:
        """Return an agency's name, or that it is another one."""
        return self.agencies.get(id_, "其他机关")

    def organisation(self, id_: str | None) -> str:
        """Return an organisation's name; 机关本级 for what belongs to the agency at large."""
        if id_ is None or id_.startswith(AT_LARGE):
            return "机关本级"
        return self.organisations.get(id_, "其他党组织")

    def any(self, text: str) -> str:
        """Return the name where the text is the id of an agency, an organisation or a member, else the text."""
        return self.agencies.get(text) or self.organisations.get(text) or self.members.get(text) or text


async def people_of(visitor: Visitor, steps: Iterable[Mapping[str, Any]], *also: str | None) -> dict[str, str]:
    """Return the names of the accounts that took these steps, and of others."""
    actors = {s["actor"] for s in steps}.union(a for a in also if a)
    return dict(await visitor.get("access", "/api/access/names", ids=",".join(sorted(actors))))
