"""Builds one process's HTTP application from the routers of the services it runs."""

from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter, FastAPI

from shared.http import problems
from shared.http.auth import Principals, refuse_unguarded
from shared.http.edge import EdgeMiddleware
from shared.http.hosts import HostMiddleware, Hosts
from shared.http.limits import BodyLimitMiddleware
from shared.http.probes import Health, probes
from shared.http.reads import Readings, ReadsMiddleware
from shared.http.strict_json import StrictJsonMiddleware
from shared.settings import Settings

TITLE = "机关党建工作平台"
REFUSALS = ("4XX", "503")


def build_app(
    settings: Settings,
    routers: Iterable[APIRouter],
    principals: Principals,
    health: Health,
    readings: Readings | None = None,
    **options: Any,
) -> FastAPI:
    """Return the application: every route guarded, every refusal a problem document.

    Without ``readings`` nothing is answered that would be read under a mandate.

    Raises:
        Unguarded: a route names no permission and does not say that it is public.
    """
    app = FastAPI(
        title=TITLE,
        version="1",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses={
            "4XX": {"model": problems.ProblemDocument, "description": "未被接受，附稳定的 code 与中文说明"},
            "503": {"model": problems.ProblemDocument, "description": "暂时不可用"},
        },
        **options,
    )
    _say_problem_json(app)
    app.state.principals = principals
    app.state.readings = readings
    app.state.settings = settings
    app.state.health = health
    app.state.hosts = Hosts.of(settings)
    problems.install(app)
    for router in (*routers, probes(health, settings)):
        refuse_unguarded(router)
        app.include_router(router)
    app.add_middleware(ReadsMiddleware)
    app.add_middleware(StrictJsonMiddleware)
    app.add_middleware(BodyLimitMiddleware, upload_limit=settings.upload_limit_mb * 1024 * 1024)
    app.add_middleware(HostMiddleware, hosts=app.state.hosts)
    app.add_middleware(EdgeMiddleware, https=settings.secure_cookies, health=health)
    return app


def _say_problem_json(app: FastAPI) -> None:
    """Name the media type that refusals really have; FastAPI takes every model for that of the route."""
    described = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            for operations in described()["paths"].values():
                for operation in operations.values():
                    for refusal in (operation["responses"][status] for status in REFUSALS):
                        refusal["content"] = {problems.MEDIA_TYPE: next(iter(refusal["content"].values()))}
        return described()

    app.openapi = openapi  # type: ignore[method-assign]
