from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.unit.services.organization.office import Office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with closing(Office(tmp_path)) as made:
        yield made
