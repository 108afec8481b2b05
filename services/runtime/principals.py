"""Who a bearer token belongs to: asked of the access service, here or over HTTP."""

import threading
import time
from collections.abc import Iterable, Sequence

import httpx
import structlog

from services.access.readings import AccessReadings
from services.runtime.assembly import Assembly
from services.runtime.registry import SERVICES
from shared.application.tokens import Token
from shared.http.auth import Principals
from shared.http.problems import Problem
from shared.http.reads import Read, Readings
from shared.security.principal import Principal
from shared.service import Service

REMEMBERED_SECONDS = 3.0
"""How long another process may act on a session that has just ended; stated in docs/ARCHITECTURE.md."""

REMEMBERED_AT_MOST = 10_000
log = structlog.get_logger(__name__)


class RemotePrincipals:
    """Asks the access service's API, and remembers an answer for a moment."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=5.0)
        self._remembered: dict[str, tuple[float, Principal]] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def resolve(self, bearer: str, after: Token | None = None) -> Principal | None:
        """Return the principal, or None where the access service says so; what is remembered is before any token.

        Raises:
            Problem: 503, it cannot be asked: nobody is let in, and no good session is thrown away.
        """
        now = time.monotonic()
        with self._lock:
            known = self._remembered.get(bearer)
        if known and now - known[0] < REMEMBERED_SECONDS and after is None:
            return known[1]
        asked = {"after": str(after)} if after else {}
        said = {"Authorization": f"Bearer {bearer}"}
        try:
            answer = self._client.get("/api/access/principal", params=asked, headers=said)
        except httpx.TransportError as broken:
            log.warning("access service unreachable", error=str(broken))
            raise _away() from broken
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            return None
        if answer.status_code != httpx.codes.OK:
            log.warning("access service failing", status=answer.status_code)
            raise _away()
        principal = Principal.model_validate(answer.json())
        with self._lock:
            if len(self._remembered) >= REMEMBERED_AT_MOST:
                self._remembered.clear()
            self._remembered[bearer] = (now, principal)
        return principal

    def record(self, bearer: str, reads: Sequence[Read]) -> None:
        """Record there what is read under a mandate here.

        Raises:
            Exception: it is not recorded.
        """
        said = {"Authorization": f"Bearer {bearer}"}
        for read in reads:
            self._client.post("/api/access/readings", json=read.model_dump(), headers=said).raise_for_status()


def _away() -> Problem:
    return Problem(503, "service-unreachable", "暂时联系不上登录服务，请稍后再试；您的登录仍然有效。")


class Nobody:
    """The principals of a process that serves nobody: only probes are open there."""

    def resolve(self, _: str, __: Token | None = None) -> Principal | None:
        """Return None."""
        return None


def principals_of(assembly: Assembly, services: Iterable[Service]) -> Principals:
    """Return the way to the access service from a process that runs these services."""
    served = {s.name for s in services}
    if not served:
        return Nobody()
    url = assembly.settings.service_urls.get("access")
    if url and "access" not in served:
        return assembly.kept(RemotePrincipals(url))
    return assembly.access_principals


def readings_of(assembly: Assembly, principals: Principals) -> Readings | None:
    """Return where a process records what is read under mandates: where it learns who somebody is."""
    if isinstance(principals, RemotePrincipals):
        return principals
    if isinstance(principals, Nobody):
        return None
    return AccessReadings(assembly.runtime(SERVICES["access"]), principals)
