"""``/livez`` (no dependency), ``/readyz`` (started, not draining), ``/status`` (dependencies, lag), ``/metrics``."""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel

from shared.http.auth import bearer_of, public
from shared.http.problems import Problem
from shared.settings import Settings


class ComponentStatus(BaseModel):
    """One dependency or loop: whether it works, its lag in events where it has one, and a Chinese sentence."""

    name: str
    ok: bool
    lag: int | None = None
    detail: str = ""


class StatusReport(BaseModel):
    """What ``/status`` answers."""

    ok: bool
    components: list[ComponentStatus]


@dataclass
class Health:
    """What a process knows of itself; ``checks`` are asked only by ``/status``."""

    checks: Mapping[str, Callable[[], ComponentStatus]] = field(default_factory=dict)
    started: bool = False
    draining: bool = False

    def report(self) -> StatusReport:
        """Ask every component; one that raises is reported, not passed on."""
        components = [_asked(name, check) for name, check in self.checks.items()]
        return StatusReport(ok=all(c.ok for c in components), components=components)


def _asked(name: str, check: Callable[[], ComponentStatus]) -> ComponentStatus:
    try:
        return check()
    except Exception as broken:  # noqa: BLE001 - a status page reports any failure as a failure
        return ComponentStatus(name=name, ok=False, detail=f"检查失败：{type(broken).__name__}")


def probes(health: Health, settings: Settings) -> APIRouter:
    """Return the routes that orchestrators and operators ask; open, since they tell nothing of anyone.

    The metrics tell how much is read and written where, and when: they are for who holds the token.
    """
    router = APIRouter(tags=["运行"], dependencies=[Depends(public)])

    @router.get("/livez")
    async def livez() -> dict[str, Any]:
        """The process answers."""
        return {"ok": True}

    @router.get("/readyz")
    async def readyz() -> dict[str, Any]:
        """Started and not draining."""
        if not health.started or health.draining:
            raise Problem(503, "not-ready", "正在启动或正在停止，请稍后再试。")
        return {"ok": True}

    @router.get("/status")
    def status() -> StatusReport:
        """Dependencies and lag."""
        return health.report()

    @router.get("/metrics", response_class=PlainTextResponse)
    def metrics(request: Request) -> Response:
        """Prometheus metrics of this process."""
        _refuse_strangers(request, settings)
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router


def _refuse_strangers(request: Request, settings: Settings) -> None:
    """Let through who shows the token, and anyone where none is set: then the network alone keeps strangers off.

    Raises:
        Problem: 401 ``metrics-token-needed``.
    """
    wanted = settings.metrics_token
    if wanted is None:
        return
    shown = bearer_of(request) or ""
    if not hmac.compare_digest(shown.encode(), wanted.get_secret_value().encode()):
        sentence = "运行指标凭 LIUHEN_METRICS_TOKEN 设置的令牌读取。"
        raise Problem(401, "metrics-token-needed", sentence, {"WWW-Authenticate": "Bearer"})
