"""``/livez`` (no dependency), ``/readyz`` (started, not draining), ``/status`` (dependencies, lag), ``/metrics``."""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, SecretStr

from shared.http.auth import bearer_of, public, signed_in
from shared.http.problems import Problem
from shared.security.policy import Permission, reach
from shared.settings import Misconfigured, Settings


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

    The metrics tell how much is read and written where, and when: they are for who holds the token. So are the parts
    of the status, and for who may see the system; anyone else hears whether all of it is well.

    Raises:
        Misconfigured: a city's token for metrics is set and empty.
    """
    wanted = _metrics_token(settings)
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
    def status(request: Request) -> StatusReport:
        """Dependencies and lag."""
        report = health.report()
        return report if _is_operator(request, wanted) else StatusReport(ok=report.ok, components=[])

    @router.get("/metrics", response_class=PlainTextResponse)
    def metrics(request: Request) -> Response:
        """Prometheus metrics of this process."""
        _refuse_strangers(request, wanted)
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router


def _metrics_token(settings: Settings) -> SecretStr | None:
    """Return the token to be shown, None where none is asked for.

    Raises:
        Misconfigured: it is empty in a city: whoever set it meant the metrics to be closed, and they would stand open.
    """
    wanted = settings.metrics_token
    if wanted is None or wanted.get_secret_value().strip():
        return wanted
    if settings.embedded and not settings.service_urls:  # a city's console has no database, but others' addresses
        return None
    raise Misconfigured(
        "LIUHEN_METRICS_TOKEN 设置了却是空的，运行指标会对所有人开放。请填写令牌；确实不要令牌的，去掉这个设置。"
    )


def _is_operator(request: Request, wanted: SecretStr | None) -> bool:
    """Tell whether the parts may be told: they name streams and say how much there is to do."""
    if wanted is not None and _shows(request, wanted):
        return True
    try:
        return not reach(signed_in(request), Permission.SEE_SYSTEM).nothing
    except Problem:
        return False


def _shows(request: Request, wanted: SecretStr) -> bool:
    return hmac.compare_digest((bearer_of(request) or "").encode(), wanted.get_secret_value().encode())


def _refuse_strangers(request: Request, wanted: SecretStr | None) -> None:
    """Let through who shows the token, and anyone where none is set: then the network alone keeps strangers off.

    Raises:
        Problem: 401 ``metrics-token-needed``.
    """
    if wanted is not None and not _shows(request, wanted):
        sentence = "运行指标凭 LIUHEN_METRICS_TOKEN 设置的令牌读取。"
        raise Problem(401, "metrics-token-needed", sentence, {"WWW-Authenticate": "Bearer"})
