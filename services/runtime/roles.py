"""The roles a context's processes play, each one loop: relay, sequence, project, react, index."""

import threading
from collections.abc import Callable

import structlog
from sqlalchemy.exc import DBAPIError

from services.runtime.assembly import Assembly
from services.runtime.crew import Crew, Loop
from services.search.indexer import Indexer
from shared.messaging.consumer import ForkDetected
from shared.observability import metrics
from shared.projection.slots import SlotCatalog
from shared.reactions import open_reactions, run_reactions
from shared.service import Service

SEQUENCE_POLL_SECONDS = 0.005
SEQUENCE_IDLE_SECONDS = 0.04
WAIT_SECONDS = 1.0
"""How long a lost database is left alone before it is asked again."""

FORKED_SECONDS = 30.0
"""How often a relay that found two histories looks again."""

log = structlog.get_logger(__name__)


def relay(assembly: Assembly, service: Service) -> Loop:
    """Return the loop that publishes the context's events.

    In a city a relay that finds two histories stays and says so, again and again, until people have decided (see
    docs/runbooks/history-forked.md); on one machine the platform ends, since nobody watches it.
    """
    relay = assembly.relay(service)
    if assembly.settings.embedded:
        return relay.run

    def run(stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                relay.run(stop)
            except ForkDetected as fork:
                log.error(fork.code, context=service.name, place=fork.place, ours=fork.ours, theirs=fork.theirs)
                stop.wait(FORKED_SECONDS)

    return run


def sequence(assembly: Assembly, service: Service) -> Loop:
    """Return the loop that gives committed events their positions."""
    sequencer = assembly.sequencer(service)
    sequenced = metrics.SEQUENCED.labels(service.name)
    waits = metrics.WAITS.labels(service.name, "sequence")
    beat = metrics.HEARTBEAT.labels(service.name, "sequence")

    def run(stop: threading.Event) -> None:
        pause = SEQUENCE_POLL_SECONDS
        while not stop.is_set():
            try:
                given = sequencer.run_once()
                sequenced.inc(given)
                beat.set_to_current_time()
                pause = SEQUENCE_POLL_SECONDS if given else min(2 * pause, SEQUENCE_IDLE_SECONDS)
                if not given:
                    stop.wait(pause)
            except DBAPIError as trouble:
                log.warning("sequencer.waits", context=service.name, error=str(trouble))
                waits.inc()
                stop.wait(WAIT_SECONDS)

    return run


def project(assembly: Assembly, service: Service) -> Loop:
    """Return the loop that keeps the context's ledgers."""
    return assembly.projection(service).run


def index(assembly: Assembly, service: Service) -> Loop:
    """Return the loop that keeps the search index equal to the register."""
    space = assembly.slots(service.name)
    indexer = Indexer(space, SlotCatalog(space, assembly.clock), assembly.index)

    def run(stop: threading.Event) -> None:
        try:
            indexer.run(stop)
        finally:
            indexer.close()
            space.close()

    return run


def react(assembly: Assembly, service: Service) -> Loop:
    """Return the loop that turns other contexts' events into the context's own commands."""
    space = assembly.slots(service.name)
    settings = assembly.settings
    runtime = assembly.opened_runtime(service)
    runner = open_reactions(runtime, space, assembly.broker, ordinal=settings.ordinal, of=settings.replicas)

    def run(stop: threading.Event) -> None:
        try:
            run_reactions(runner, service.name, stop)
        finally:
            space.close()

    return run


ROLES: dict[str, Callable[[Assembly, Service], Loop]] = {
    "relay": relay,
    "sequence": sequence,
    "project": project,
    "react": react,
    "index": index,
}


def roles_of(service: Service, *, embedded: bool) -> list[str]:
    """Return the roles a service needs processes or threads for."""
    roles = []
    if service.deciders:
        roles += ["relay"] if embedded else ["sequence", "relay"]
    if service.ledgers:
        roles.append("project")
    if service.reactions:
        roles.append("react")
    if service.name == "search":
        roles.append("index")
    return roles


def processes_of(service: Service) -> list[str]:
    """Return the commands that a service runs in a city, ``liuhen <context> <command>`` each: its API and its loops."""
    return ["api", *roles_of(service, embedded=False)]


def start_role(assembly: Assembly, service: Service, role: str, crew: Crew) -> None:
    """Start one role's loop."""
    crew.start(f"{service.name}-{role}", ROLES[role](assembly, service))


def start_loops(assembly: Assembly, service: Service, crew: Crew) -> None:
    """Start every loop of a service in this process."""
    for role in roles_of(service, embedded=assembly.settings.embedded):
        start_role(assembly, service, role, crew)
