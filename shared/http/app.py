"""Builds one process's HTTP application from the routers of the services it runs."""

from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.middleware.body_limit import RequestBodyLimitMiddleware

from shared.http import problems
from shared.http.auth import Principals, refuse_unguarded
from shared.http.edge import EdgeMiddleware
from shared.http.probes import Health, probes
from shared.http.strict_json import StrictJsonMiddleware
from shared.settings import Settings

TITLE = "机关党建工作平台"


def build_app(
    settings: Settings, routers: Iterable[APIRouter], principals: Principals, health: Health, **options: Any
) -> FastAPI:
    """Return the application: every route guarded, every refusal a problem document.

    Raises:
        Unguarded: a route names no permission and does not say that it is public.
    """
    app = FastAPI(
        title=TITLE,
        version="1",
        docs_url=None,
        redoc_url=None,
        responses={
            "4XX": {
                "model": problems.ProblemDocument,
                "description": "未被接受，附稳定的 code 与中文说明",
                "content": {problems.MEDIA_TYPE: {}},
            }
        },
        **options,
    )
    app.state.principals = principals
    app.state.settings = settings
    problems.install(app)
    for router in (*routers, probes(health)):
        refuse_unguarded(router)
        app.include_router(router)
    app.add_middleware(StrictJsonMiddleware)
    app.add_middleware(RequestBodyLimitMiddleware, max_body_size=(settings.upload_limit_mb + 1) * 1024 * 1024)
    app.add_middleware(EdgeMiddleware)
    return app
