"""Whatever a seed does to the world, what was promised holds; and each known hazard, planted, is found."""

import os
import subprocess
import sys

import pytest

from tests.simulation.hazards import HAZARDS, Hazard
from tests.simulation.run import run
from tests.support.engines import REPOSITORY

SEEDS = 200
AT_ONCE = 10


@pytest.mark.parametrize("first", range(0, SEEDS, AT_ONCE))
def test_nothing_is_lost_doubled_or_swapped_whatever_happens(first: int) -> None:
    failed = {told.seed: told.failure for told in map(run, range(first, first + AT_ONCE)) if told.failure}
    assert not failed, f"make simulate SEED={min(failed)}"


@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda hazard: hazard.name)
def test_a_planted_hazard_is_found(hazard: Hazard) -> None:
    assert hazard.within <= SEEDS, "only seeds that hold without the hazard prove anything"
    with hazard.planted():
        assert any(run(seed).failure for seed in range(hazard.within)), hazard.says


def test_a_seed_is_the_same_run_in_every_process() -> None:
    command = [sys.executable, "-m", "tests.simulation.run"]
    environment = os.environ | {"SEED": "7", "PYTHONHASHSEED": "1"}
    said = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=True).stdout
    told = run(7)
    assert said.splitlines()[:-1] == list(told.story)
