"""A process that dies between two steps of append → sequence → relay → project → index loses and doubles nothing."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from services.organization.ledgers import activities
from services.organization.service import SERVICE as ORGANIZATION
from services.runtime import checks
from services.search.ledgers import register
from services.search.service import SERVICE as SEARCH
from shared.contracts.organization import ActivityRecorded
from shared.ids import StreamName
from shared.search.ast import EVERYTHING
from shared.search.port import Scope, SearchRequest
from shared.security.policy import Reach
from shared.settings import Settings
from tests.support.deployment import embedded_settings
from tests.support.pipeline import Killed, Pipeline, World, killed_at

CITY = pytest.param("city", marks=[pytest.mark.kafka, pytest.mark.elasticsearch, pytest.mark.postgres])

Deadly = tuple[Any, str]
"""An object or a class, and the method at which the process dies."""


def _ledger(pipeline: Pipeline, service: Any, name: str) -> Any:
    return pipeline.assembly.projection(service).projectors[name]._runner


STEPS: dict[str, Callable[[Pipeline], Deadly]] = {
    "append": lambda p: (p.organization.store, "append"),
    "publish": lambda p: (type(p.relay._publisher), "publish"),
    "cursor move": lambda p: (p.relay._cursors, "move"),
    "ledger effect": lambda p: (_ledger(p, ORGANIZATION, activities.ACTIVITIES.name), "_take"),
    "ledger commit": lambda p: (_ledger(p, ORGANIZATION, activities.ACTIVITIES.name), "_commit"),
    "register effect": lambda p: (_ledger(p, SEARCH, register.NAME), "_take"),
    "register commit": lambda p: (_ledger(p, SEARCH, register.NAME), "_commit"),
    "index write": lambda p: (type(p.index.serving()), "write"),
    "index refresh": lambda p: (type(p.index.serving()), "refresh"),
    "mark clean": lambda p: (p.indexer, "run_once"),
}
SEQUENCING: dict[str, Callable[[Pipeline], Deadly]] = {
    "sequence": lambda p: (p.sequencer, "_sequence"),
    "sequence commit": lambda p: (p.sequencer, "_round"),
}
MOMENTS = pytest.mark.parametrize("before", [True, False], ids=["before", "after"])


@pytest.fixture(params=["embedded", CITY])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    if request.param == "embedded":
        return embedded_settings(tmp_path)
    city: Settings = request.getfixturevalue("city_settings")
    return city


@MOMENTS
@pytest.mark.parametrize("step", list(STEPS))
def test_a_kill_at_any_step_leaves_one_event_one_row_one_document(settings: Settings, step: str, before: bool) -> None:
    _die_and_live_again(settings, STEPS[step], before)


@pytest.mark.kafka
@pytest.mark.elasticsearch
@pytest.mark.postgres
@MOMENTS
@pytest.mark.parametrize("step", list(SEQUENCING))
def test_a_kill_while_sequencing_leaves_one_event_one_row_one_document(
    city_settings: Settings, step: str, before: bool
) -> None:
    _die_and_live_again(city_settings, SEQUENCING[step], before)


@MOMENTS
@pytest.mark.parametrize("step", ["create", "switch", "drop"])
def test_a_kill_while_an_index_is_filled_anew_leaves_one_event_one_row_one_document(
    settings: Settings, step: str, before: bool
) -> None:
    world = World.new()
    with closing(Pipeline(settings)) as first:
        first.establish(world)
        first.record(world)
        first.pump()
        assert first.assembly.projection(SEARCH).rebuild(register.NAME).same
        with killed_at(type(first.index), step, before=before), pytest.raises(Killed):
            first.pump()
    with closing(Pipeline(settings)) as second:
        second.pump()
        _assert_exactly_once(second, world)


def _die_and_live_again(settings: Settings, step: Callable[[Pipeline], Deadly], before: bool) -> None:
    world = World.new()
    with closing(Pipeline(settings)) as first:
        first.establish(world)
        first.pump()
        with killed_at(*step(first), before=before), pytest.raises(Killed):
            first.carry(world)
    with closing(Pipeline(settings)) as second:
        second.carry(world)
        _assert_exactly_once(second, world)


def _assert_exactly_once(pipeline: Pipeline, world: World) -> None:
    trail = pipeline.organization.store.read_streams(agency_id=world.agency_id, after=0, limit=100)
    recorded = [row.stream_id for row in trail if row.type == ActivityRecorded.TYPE]
    assert len(recorded) == 1
    activity_id = StreamName.parse(recorded[0]).id
    reach = Reach(agencies=frozenset({world.agency_id}), organisations=frozenset())
    with pipeline.assembly.projection(ORGANIZATION).reader.read(activities.ACTIVITIES.name, reach) as reading:
        assert [row.id for row in activities.activities(reading)] == [activity_id]
    scope = Scope(classes=frozenset({"internal"}), agencies=frozenset({world.agency_id}))
    found = pipeline.index.serving().search(SearchRequest(query=EVERYTHING, scope=scope))
    assert [hit.id for hit in found.hits] == [activity_id]
    assert list(_broken(pipeline)) == []


def _broken(pipeline: Pipeline) -> Iterator[str]:
    for service in (ORGANIZATION, SEARCH):
        yield from (f.statement for f in checks.findings_of(pipeline.assembly, service) if not f.holds)
