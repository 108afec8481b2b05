from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from services.access import commands_api, second_step_api, sign_in_api, tokens_api
from tests.unit.services.access.house import QUICK, House


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing is made quick: its strength has a test of its own."""
    for module in (commands_api, second_step_api, sign_in_api, tokens_api):
        monkeypatch.setattr(module, "Passwords", lambda: QUICK)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with closing(House(tmp_path)) as made:
        yield made


@pytest.fixture
def empty_house(tmp_path: Path) -> Iterator[House]:
    """Before the first agency is registered."""
    with closing(House(tmp_path, ())) as made:
        yield made
