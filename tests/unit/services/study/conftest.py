from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from services.study.service import SERVICE
from tests.unit.services.organization.office import Office


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Office]:
    """The study service, with the office's tree and rosters."""
    with closing(Office(tmp_path, SERVICE)) as made:
        yield made
