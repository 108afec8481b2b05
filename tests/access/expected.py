"""The rule of the matrix: what each person must be answered, by the operation's row and docs/permissions.md alone.

Nothing here asks the product's own decision: the table is read from the page that people review, and how far a place
reaches is said once more in three lines.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

from shared.security.policy import Permission
from shared.security.principal import ROLE_NAMES, Role
from tests.access.people import ABOVE, Person, Situation

PAGE = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"
AGENCY_WIDE = frozenset({Permission.SEE_PLAN, Permission.SEE_ORGANISATION})
"""What every role of an agency reads, whatever branch it is held at."""


class Answer(Enum):
    """What a cell of the matrix says."""

    ADMITTED = "可以"
    SIGN_IN = "先登录"
    FORBIDDEN = "没有权限"
    UNKNOWN = "不存在"


class Whose(Enum):
    """What a row asks for, in the world of the matrix: something of the first agency's."""

    NOTHING = "nothing of anybody's in particular"
    BRANCH = "something of the first branch"
    AGENCY = "something of the agency at large"
    ANOTHERS = "something that is one other person's own"


class Guarded(Enum):
    """Rows that ask for no permission."""

    PUBLIC = "所有人"
    MYSELF = "本人"


Needs = Permission | Guarded
Verdict = Callable[[Person], Answer]


@dataclass(frozen=True, slots=True)
class Row:
    """One operation: what it needs, whose thing the request asks for, and the request itself.

    ``shows`` names a thing of the world that the answer holds where it is within reach, and never holds where not.
    ``also`` says what the operation decides beyond its permission, in place of the rule.
    """

    method: str
    path: str
    needs: Needs
    whose: Whose = Whose.NOTHING
    asks: Callable[[Any], Mapping[str, Any]] = dict
    shows: str | None = None
    shown_whose: Whose = Whose.NOTHING
    shown_by: Permission | Verdict | None = None
    also: Verdict | None = None
    ends_session: bool = False
    name: str = ""

    def __str__(self) -> str:
        return f"{self.method} {self.path}{' ' + self.name if self.name else ''}"


def expected(row: Row, person: Person) -> Answer:
    """Return what the person must be answered."""
    if person.situation in {Situation.NO_ACCOUNT, Situation.SUSPENDED}:
        return Answer.ADMITTED if row.needs is Guarded.PUBLIC else Answer.SIGN_IN
    if isinstance(row.needs, Guarded):
        return Answer.UNKNOWN if row.whose is Whose.ANOTHERS else Answer.ADMITTED
    if not holds(person, row.needs):
        return Answer.FORBIDDEN
    if row.also is not None:
        return row.also(person)
    return Answer.ADMITTED if reaches(person, row.needs, row.whose) else Answer.UNKNOWN


def holds(person: Person, permission: Permission) -> bool:
    """Tell whether the person's role carries the permission anywhere, today."""
    if person.role is None or person.situation in {Situation.EXPIRED, Situation.SUSPENDED, Situation.NO_ACCOUNT}:
        return False
    return person.role in reviewed()[permission] or _by_mandate(person, permission)


def _by_mandate(person: Person, permission: Permission) -> bool:
    """Tell whether a mandate that runs, for this agency or another, gives what the role alone does not."""
    runs = person.situation in {Situation.MANDATE_RUNS, Situation.MANDATE_ELSEWHERE}
    return runs and person.role in reviewed("○")[permission]


def reaches(person: Person, permission: Permission, whose: Whose) -> bool:
    """Tell whether a role held there reaches the thing."""
    if person.situation is Situation.MANDATE_ELSEWHERE and _by_mandate(person, permission):
        return whose is Whose.NOTHING
    if whose is Whose.NOTHING or person.situation is Situation.OWN_AGENCY or person.situation in ABOVE:
        return True
    if person.situation is Situation.OWN_BRANCH and whose is Whose.BRANCH:
        return True
    return permission in AGENCY_WIDE and person.situation in {Situation.OWN_BRANCH, Situation.OTHER_BRANCH}


def sees(person: Person, row: Row) -> bool:
    """Tell whether what the row shows is within the person's reach."""
    permission = row.shown_by or row.needs
    if not isinstance(permission, Permission):
        assert not isinstance(permission, Guarded)
        return permission(person) is Answer.ADMITTED
    return holds(person, permission) and reaches(person, permission, row.shown_whose)


@cache
def reviewed(mark: str = "●") -> dict[Permission, frozenset[Role]]:
    """Return the roles of each permission as docs/permissions.md says them; ○ are those under a mandate only."""
    lines = [_cells(line) for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")]
    head = next(cells for cells in lines if cells[0] == "权限")
    roles = [next(role for role, name in ROLE_NAMES.items() if name == cell) for cell in head[1:]]
    table: dict[Permission, frozenset[Role]] = {}
    for cells in lines:
        found = re.search(r"`([a-z-]+)`$", cells[0])
        if found and len(cells) == len(head):
            table[Permission(found[1])] = frozenset(r for r, c in zip(roles, cells[1:], strict=True) if c == mark)
    return table


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]
