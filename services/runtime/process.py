"""Serving: one HTTP application, and the loops that run beside it in the embedded process."""

import signal
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from functools import partial
from threading import Event
from typing import Any

import uvicorn
from fastapi import APIRouter, FastAPI

from services.runtime import roles
from services.runtime.assembly import Assembly
from services.runtime.crew import Crew
from services.runtime.principals import principals_of
from services.runtime.registry import SERVICES
from shared.http.app import build_app
from shared.http.probes import ComponentStatus, Health
from shared.replay.routes import replay_routes
from shared.service import Service

DRAIN_SECONDS = 20
CATCH_UP_SECONDS = 30.0


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

    routers = [router for service in services for router in _routers(assembly, service)]
    app = build_app(assembly.settings, routers, principals_of(assembly, services), health, lifespan=life)
    app.state.services = assembly.services
    assembly.services.attach(app)
    for service in services:
        for install in service.installs:
            install(app)
    return app


def _become_ready(
    assembly: Assembly, services: Iterable[Service], health: Health, on_ready: Callable[[], None], stop: Event
) -> None:
    """Say ready once every loop of this process has caught up with what was there at its start, or at a bound."""
    deadline = time.monotonic() + CATCH_UP_SECONDS
    while not stop.is_set() and time.monotonic() < deadline and _behind(assembly, services):
        stop.wait(0.05)
    health.started = True
    on_ready()


def _behind(assembly: Assembly, services: Iterable[Service]) -> bool:
    if not assembly.settings.embedded:
        return False
    return any(p.lag() for s in services if s.ledgers for p in assembly.projection(s).projectors.values())


def _routers(assembly: Assembly, service: Service) -> list[APIRouter]:
    runtime = assembly.runtime(service)
    routers = [routes(runtime) for routes in service.routes]
    return [*routers, replay_routes(runtime)] if service.visibility else routers


def _dependencies(assembly: Assembly, services: Iterable[Service]) -> dict[str, Any]:
    return {f"store-{s.name}": _store_check(assembly, s) for s in services if s.deciders}


def _store_check(assembly: Assembly, service: Service) -> Any:
    def check() -> ComponentStatus:
        head = assembly.store(service.name).head()
        return ComponentStatus(name=f"store-{service.name}", ok=True, detail=f"已登记 {head} 个事件")

    return check


def _check(crew: Crew, name: str) -> Any:
    def check() -> ComponentStatus:
        broken = crew.failed.get(name)
        return ComponentStatus(name=name, ok=broken is None and crew.alive(name), detail=broken or "运行中")

    return check


def serve_embedded(assembly: Assembly, on_ready: Callable[[], None]) -> None:
    """Run the whole platform in this process until SIGTERM or SIGINT, then drain and close."""
    server: list[uvicorn.Server] = []
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
    server: list[uvicorn.Server] = []
    crew = Crew(on_failure=lambda _: setattr(server[0], "should_exit", True) if server else None)
    roles.start_role(assembly, service, role, crew)
    server.append(_server(assembly, build(assembly, (), crew)))
    _run(server[0], crew)
    if crew.failed:
        raise SystemExit(1)


def _server(assembly: Assembly, app: FastAPI) -> uvicorn.Server:
    settings = assembly.settings
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    return uvicorn.Server(config)


def _run(server: uvicorn.Server, crew: Crew) -> None:
    try:
        server.run()
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    finally:
        crew.drain(DRAIN_SECONDS)
