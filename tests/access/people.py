"""Who asks, in the matrix of access: every role, held at every kind of place, and those who hold nothing.

Whoever reads content under a mandate only is asked three times more, held above every agency: while it runs, when it
has ended, and when it is for another agency.
"""

from dataclasses import dataclass
from enum import Enum

from shared.security.policy import UNDER_MANDATE
from shared.security.principal import AT_PLATFORM, Role


class Situation(Enum):
    """Where the one role is held, seen from the thing that is asked for."""

    OWN_BRANCH = "本支部"
    OWN_AGENCY = "本机关"
    OTHER_BRANCH = "其他支部"
    OTHER_AGENCY = "其他机关"
    CITY = "全市"
    MANDATE_RUNS = "检查授权期间"
    MANDATE_ENDED = "检查授权已结束"
    MANDATE_ELSEWHERE = "检查授权在其他机关"
    EXPIRED = "角色已到期"
    SUSPENDED = "账号已停用"
    NO_ACCOUNT = "没有账号"


HELD = (
    Situation.OWN_BRANCH,
    Situation.OWN_AGENCY,
    Situation.OTHER_BRANCH,
    Situation.OTHER_AGENCY,
    Situation.CITY,
    Situation.EXPIRED,
    Situation.SUSPENDED,
)


MANDATED = (Situation.MANDATE_RUNS, Situation.MANDATE_ENDED, Situation.MANDATE_ELSEWHERE)
ABOVE = frozenset({Situation.CITY, *MANDATED})
"""Where the role is held above every agency."""


@dataclass(frozen=True, slots=True)
class Person:
    """One column of the matrix; ``role`` is None for an account without any."""

    role: Role | None
    situation: Situation

    def __str__(self) -> str:
        return f"{self.role or 'none'}/{self.situation.value}"


NOBODY = Person(None, Situation.NO_ACCOUNT)
WITHOUT_ROLE = tuple(Person(None, s) for s in (Situation.OWN_AGENCY, Situation.SUSPENDED))


def grantable(person: Person) -> bool:
    """Tell whether such a role is ever given: above every agency only what may be held there."""
    return person.situation is not Situation.CITY or person.role in AT_PLATFORM


PEOPLE = (
    *filter(grantable, (Person(role, situation) for role in Role for situation in HELD)),
    *(Person(role, situation) for role in sorted(frozenset().union(*UNDER_MANDATE.values())) for situation in MANDATED),
    *WITHOUT_ROLE,
    NOBODY,
)
