"""Each fault planted on purpose is found by the kills and the checker of ``make chaos ON=platform``."""

import re
from pathlib import Path

import pytest

from tests.chaos.faults import FAULTS, MODULE
from tests.chaos.rounds import Play
from tests.chaos.stages import platform_stage
from tests.support.clerks import NotHeld

ROUNDS = 12
REST_SECONDS = 60.0
"""What never comes to rest need not be waited for as long as a loaded machine may take."""


@pytest.mark.slow
@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found(tmp_path: Path, name: str) -> None:
    said: list[str] = []
    with platform_stage(tmp_path, program=(MODULE, name)) as stage, pytest.raises(NotHeld) as found:
        Play(stage, "faults", said.append, REST_SECONDS).rounds(1, ROUNDS)
    assert re.search(FAULTS[name].found_as, str(found.value)), (FAULTS[name].says, said)
