"""Serving: one HTTP application, and the loops that run beside it in the embedded process."""

import signal
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from functools import partial
from threading import Event
from typing import Any

from fastapi import APIRouter, FastAPI

from services.runtime import roles
from services.runtime.assembly import Assembly
from services.runtime.crew import Crew
from services.runtime.principals import principals_of, readings_of
from services.runtime.readiness import Backlog, await_caught_up
from services.runtime.registry import SERVICES
from services.runtime.server import DRAIN_SECONDS, DrainingServer, server_of
from services.search.ledgers.register import NAME as REGISTER
from services.search.ledgers.register import refused_documents
from shared.http.app import build_app
from shared.http.probes import ComponentStatus, Health
from shared.replay.routes import replay_routes
from shared.security.extent import Unbounded
from shared.service import Service

HOW_MANY_REFUSED = Unbounded("the status page tells how many documents the index refuses, and of whom nothing")


def build(
    assembly: Assembly, services: Iterable[Service], crew: Crew, on_ready: Callable[[], None] = lambda: None
) -> FastAPI:
    """Return the application that serves these services, with its health and its way to the others."""
    services = tuple(services)
    health = Health(checks={name: _check(crew, name) for name in crew.names()} | _dependencies(assembly, services))

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        crew.start("readiness", partial(_become_ready, assembly, services, health, on_ready))
        yield
        health.draining = True
        await assembly.services.close()

    routers = [router for service in services for router in routers_of(assembly, service)]
    principals = principals_of(assembly, services)
    readings = readings_of(assembly, principals)
    app = build_app(assembly.settings, routers, principals, health, readings, lifespan=life)
    app.state.services = assembly.services
    assembly.services.attach(app)
    for service in services:
        for install in service.installs:
            install(app)
    return app


def _become_ready(
    assembly: Assembly, services: Iterable[Service], health: Health, on_ready: Callable[[], None], stop: Event
) -> None:
    """Say ready; the embedded platform only once every page shows all that was recorded before its start."""

    def ready() -> None:
        health.started = True
        on_ready()

    if assembly.settings.embedded:
        await_caught_up(Backlog(assembly, services), stop, ready)
    else:
        ready()


def routers_of(assembly: Assembly, service: Service) -> list[APIRouter]:
    """Return what a service serves: its own routes, and the replay of its streams."""
    runtime = assembly.runtime(service)
    routers = [routes(runtime) for routes in service.routes]
    return [*routers, replay_routes(runtime)] if service.visibility else routers


def _dependencies(assembly: Assembly, services: Iterable[Service]) -> dict[str, Any]:
    stores = {f"store-{s.name}": _store_check(assembly, s) for s in services if s.deciders}
    ledgers = {
        f"{s.name}.{ledger.name}": _ledger_check(assembly, s, ledger.name)
        for s in services
        for ledger in s.ledgers
        if assembly.settings.embedded
    }
    indices = {f"{s.name}-index": _index_check(assembly, s) for s in services if s.name == "search"}
    return stores | ledgers | indices


def _store_check(assembly: Assembly, service: Service) -> Any:
    def check() -> ComponentStatus:
        assembly.store(service.name).head()  # how many there are is not said: it would count what is sealed
        return ComponentStatus(name=f"store-{service.name}", ok=True, detail="可以登记")

    return check


def _ledger_check(assembly: Assembly, service: Service, ledger: str) -> Any:
    def check() -> ComponentStatus:
        parked, lag = assembly.projection(service).standing(ledger)
        detail = "；".join(p.explanation for p in parked) if parked else "与留痕一致" if lag == 0 else "同步中"
        return ComponentStatus(name=f"{service.name}.{ledger}", ok=not parked, lag=lag, detail=detail)

    return check


def _index_check(assembly: Assembly, service: Service) -> Any:
    def check() -> ComponentStatus:
        with assembly.projection(service).reader.read(REGISTER, HOW_MANY_REFUSED) as reading:
            refused = len(refused_documents(reading))
        detail = f"有 {refused} 份文档索引拒收，检索不到" if refused else "没有索引拒收的文档"
        return ComponentStatus(name=f"{service.name}-index", ok=not refused, detail=detail)

    return check


def _check(crew: Crew, name: str) -> Any:
    def check() -> ComponentStatus:
        broken = crew.failed.get(name)
        return ComponentStatus(name=name, ok=broken is None and crew.alive(name), detail=broken or "运行中")

    return check


def serve_embedded(assembly: Assembly, on_ready: Callable[[], None]) -> None:
    """Run the whole platform in this process until SIGTERM or SIGINT, then drain and close."""
    server: list[DrainingServer] = []
    crew = Crew(on_failure=lambda _: setattr(server[0], "should_exit", True) if server else None)
    for service in SERVICES.values():
        roles.start_loops(assembly, service, crew)
    app = build(assembly, SERVICES.values(), crew, on_ready)
    server.append(_server(assembly, app))
    _run(server[0], crew)


def serve_api(assembly: Assembly, service: Service) -> None:
    """Serve one service's API until told to stop."""
    crew = Crew()
    _run(_server(assembly, build(assembly, (service,), crew)), crew)


def run_loop(assembly: Assembly, service: Service, role: str) -> None:
    """Run one role's loop with its probes, until told to stop or until it fails."""
    server: list[DrainingServer] = []
    crew = Crew(on_failure=lambda _: setattr(server[0], "should_exit", True) if server else None)
    roles.start_role(assembly, service, role, crew)
    server.append(_server(assembly, build(assembly, (), crew)))
    _run(server[0], crew)


def _server(assembly: Assembly, app: FastAPI) -> DrainingServer:
    return server_of(app, app.state.health, assembly.settings)


def _run(server: DrainingServer, crew: Crew) -> None:
    """Serve until told to stop or a loop fails, then drain.

    The server raises the signal that ended it once more: the handlers that it finds there must not end the process.

    Raises:
        SystemExit: 1, where a loop failed.
    """
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, server.handle_exit)
    try:
        if not crew.failed:  # a loop may have ended before there was a server to tell
            server.run()
    finally:
        crew.drain(DRAIN_SECONDS)
    if crew.failed:
        raise SystemExit(1)
