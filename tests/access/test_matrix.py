"""Every operation and page × every role × every situation is answered as the reviewed table says.

The whole is `make test-matrix`; `make test` takes a sample, another for each row.
"""

import random
from collections import Counter

import pytest

from tests.access.cells import wrong
from tests.access.expected import Answer, Row, expected
from tests.access.operations import ROWS
from tests.access.pages import PAGES
from tests.access.people import PEOPLE, Person
from tests.access.world import World

ALL: tuple[Row, ...] = (*ROWS, *PAGES)


@pytest.mark.matrix
@pytest.mark.parametrize("row", ALL, ids=str)
def test_everybody_is_answered_as_the_table_says(the_world: World, row: Row) -> None:
    assert [said for person in PEOPLE if (said := wrong(the_world, row, person))] == []


@pytest.mark.parametrize("row", ALL, ids=str)
def test_a_sample_is_answered_as_the_table_says(the_world: World, row: Row) -> None:
    assert [said for person in sample(row) if (said := wrong(the_world, row, person))] == []


def sample(row: Row) -> list[Person]:
    """One person for each different answer of the row, the same in every run."""
    chance = random.Random(str(row))
    kinds: dict[Answer, list[Person]] = {}
    for person in PEOPLE:
        kinds.setdefault(expected(row, person), []).append(person)
    return [chance.choice(people) for people in kinds.values()]


def test_the_sample_meets_every_answer() -> None:
    met = Counter(expected(row, person) for row in ALL for person in sample(row))
    assert set(met) == set(Answer)
