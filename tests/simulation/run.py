"""One seed from beginning to end; ``python -m tests.simulation.run`` for many, or for one with its story."""

import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from tests.simulation import invariants
from tests.simulation.scheduler import Killed
from tests.simulation.weather import Weather
from tests.simulation.world import Kind, World, simulating

STORY = 60
"""How many of the last lines of a failing seed's story are printed."""


@dataclass(frozen=True)
class Told:
    """What came of a seed: ``failure`` None when all held. ``history`` is the same whenever the seed is run."""

    seed: int
    failure: str | None
    history: int
    events: int
    kills: int
    story: tuple[str, ...] = ()


def run(seed: int) -> Told:
    """Run a seed; whatever is raised in it is its failure."""
    world = World(seed)
    failure = None
    with simulating(world):
        try:
            _run(world)
        except (Exception, Killed) as broken:
            failure = f"{type(broken).__name__}: {broken}"
            if os.environ.get("TRACEBACK"):
                raise
    scheduler = world.scheduler
    kills = sum(p.kills for p in scheduler.processes)
    return Told(seed, failure, scheduler.history, len(world.organization.rows), kills, tuple(scheduler.trace))


def _run(world: World) -> None:
    world.populate()
    Weather(world).storm()
    _rest_without_the_broker(world)
    if world.kind is not Kind.FORGED and (world.random.random() < 0.7 or world.broker.lost_tails):
        world.restart()  # a relay looks for what the topic lost when it starts, and now and then
    world.settle()
    if world.kind is Kind.ORDINARY:
        _rest_whole(world)
    elif world.kind is Kind.FORGED:
        invariants.a_fork_is_told(world)
    else:
        invariants.topic_tells_one_history(world)
        invariants.a_lost_history_is_told(world)


def _rest_without_the_broker(world: World) -> None:
    """Those who stormed go on, Kafka away, a transaction open in another database of the server."""
    world.broker.down = True
    with world.foreign_transaction():
        world.settle("client", "opener", "importer", "sequencer", "relay", "own")
    invariants.everything_has_its_place(world)
    invariants.own_ledger_is_fresh(world)
    world.broker.down = False


def _rest_whole(world: World) -> None:
    invariants.others_go_on(world)
    if world.lost_records:
        world.rewind()
        world.restart()
        world.settle()
    world.mend()
    world.settle()
    invariants.nothing_is_parked(world)
    invariants.others_go_on(world)
    invariants.everything_has_its_place(world)
    invariants.topic_tells_one_history(world)
    invariants.promises_are_kept(world)
    if "both" in world.projectors:
        invariants.reactions_came_once(world)
    if "register" in world.projectors:
        invariants.register_is_a_fresh_fold(world)
        invariants.index_equals_register(world)


def main() -> None:
    """Run SEED with its story, or SEEDS of them from FIRST on."""
    if seed := os.environ.get("SEED"):
        told = run(int(seed))
        sys.stdout.write("\n".join(told.story) + f"\n{told.failure or '一切成立'}\n")
        raise SystemExit(told.failure is not None)
    first, seeds = int(os.environ.get("FIRST", "0")), int(os.environ.get("SEEDS", "10000"))
    began = time.monotonic()
    with ProcessPoolExecutor() as pool:
        told_all = list(pool.map(run, range(first, first + seeds), chunksize=20))
    failed = [told for told in told_all if told.failure]
    for told in failed[:10]:
        sys.stdout.write(
            "\n".join(told.story[-STORY:])
            + f"\n种子 {told.seed}：{told.failure}\n重放：make simulate SEED={told.seed}\n\n"
        )
    events, kills = sum(t.events for t in told_all), sum(t.kills for t in told_all)
    took = time.monotonic() - began
    sys.stdout.write(f"{seeds} 个种子，{events} 个事件，{kills} 次中断，{len(failed)} 个不成立，{took:.0f} 秒\n")
    raise SystemExit(bool(failed))


if __name__ == "__main__":
    main()
