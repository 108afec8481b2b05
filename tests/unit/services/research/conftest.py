from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.unit.services.research.desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with closing(Desk(tmp_path)) as made:
        yield made
