"""What a workbook of 组织与名册 would do: the changes of the tree, the steps of each member, every error."""

from dataclasses import dataclass, field

from services.organization.domain.agency import TreeChange
from services.organization.domain.member import EnrolMember, LeaveOffice, MoveMember, TakeOffice
from services.organization.roster_sheets import RowError

REASON = "按导入的名册表登记"


@dataclass(slots=True)
class PersonSteps:
    """What a row does to one member; ``row`` names it, the id is new where the member is."""

    row: int
    member_id: str
    name: str
    enrol: EnrolMember | None = None
    move: MoveMember | None = None
    leave: list[LeaveOffice] = field(default_factory=list)
    take: list[TakeOffice] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        """Tell whether the row says what is so already."""
        return not self.said


@dataclass(slots=True)
class Plan:
    """What a workbook would do: the changes of the tree, the steps of each member, every error."""

    tree: list[TreeChange] = field(default_factory=list)
    tree_said: list[tuple[int, str]] = field(default_factory=list)
    people: list[PersonSteps] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    organisations: int = 0
    rows: int = 0
    absent: int = 0
