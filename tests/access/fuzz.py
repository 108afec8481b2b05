"""People of twenty agencies against each other: random requests for one another's things, and not one may get through.

``make fuzz-access ROUNDS=100000`` prints how many were asked and what leaked; all in this process, no sockets. Each
request takes a random person, a random operation of the matrix and a random agency whose ids it names.
"""

import os
import random
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import structlog

from shared.security.principal import Role
from tests.access.cells import answered
from tests.access.expected import Answer, Guarded, Row, Whose
from tests.access.operations import ROWS
from tests.access.people import Person, Situation
from tests.access.world import World, world

AGENCIES = 20
ROLES = (Role.GENERAL_BRANCH, Role.BRANCH_SECRETARY, Role.MEMBER, Role.ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR)
ASKED = tuple(r for r in ROWS if not isinstance(r.needs, Guarded) and (r.whose is not Whose.NOTHING or r.shows))
SECRET = ("agency", "root", "branch", "member", "plan", "draft", "activity", "account", "document")
"""Things of an agency whose ids must stand in no answer to another's people."""


@dataclass(frozen=True)
class House:
    """One of the agencies: its things, and its people by role."""

    ids: dict[str, str]
    people: dict[Role, str]


def play(folder: Path, rounds: int, seed: int) -> tuple[Counter[int], list[str]]:
    """Play so many rounds; return how often each status was answered, and every leak."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    chance = random.Random(seed)
    with world(folder) as made:
        houses = [House(*made.another_house(ROLES)) for _ in range(AGENCIES)]
        statuses: Counter[int] = Counter()
        leaks: list[str] = []
        for number in range(rounds):
            mine, theirs = chance.sample(houses, 2)
            role, row = chance.choice(ROLES), chance.choice(ASKED)
            status, leak = _one(made, mine, theirs, role, row)
            statuses[status] += 1
            if leak:
                leaks.append(f"round {number} of seed {seed}: {role} {row} → {status}")
        return statuses, leaks


def _one(made: World, mine: "House", theirs: "House", role: Role, row: Row) -> tuple[int, bool]:
    made.ids = made.ids | theirs.ids
    person = Person(role, Situation.OTHER_AGENCY)
    made.become(person, mine.people[role])
    answer = made.ask(person, row)
    named = [name for name in SECRET if theirs.ids[name] in answer.text and theirs.ids[name] not in str(row.asks(made))]
    got = answered(answer)
    through = row.whose is not Whose.NOTHING and got not in {Answer.UNKNOWN, Answer.FORBIDDEN}
    return answer.status_code, bool(named) or (through and answer.status_code not in {409, 422, 429})


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        rounds, seed = int(os.environ.get("ROUNDS", "2000")), int(os.environ.get("SEED", "1"))
        counted, leaked = play(Path(temporary), rounds, seed)
    sys.stdout.write(f"{rounds} requests of people of {AGENCIES} agencies: {len(leaked)} leaks; {dict(counted)}\n")
    sys.stdout.writelines(f"{leak}\n" for leak in leaked[:20])
    raise SystemExit(bool(leaked))
