"""How one service speaks to another: HTTP, in this process over ASGI where they share one."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx
import structlog
from starlette.types import ASGIApp
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from shared.http.problems import NOT_FOUND, Problem

STATUS = "/status"
"""What a process says of itself: beside a context's API the one address that another service asks for."""

TIMEOUT_SECONDS = 10.0


def quoted(id_: str) -> str:
    """Return an id as one segment of an inner path: no sign in it begins a query, another segment, or a way up."""
    return quote(id_, safe="").replace(".", "%2E")


class Services:
    """Clients of the other contexts' APIs, one connection pool a context."""

    def __init__(self, urls: Mapping[str, str], local: ASGIApp | None = None) -> None:
        self._urls, self._local = urls, local
        self._clients: dict[str, httpx.AsyncClient] = {}

    def attach(self, app: ASGIApp) -> None:
        """Name the application that answers for contexts of this process; it is built after its routes."""
        self._local = app

    def client(self, context: str) -> httpx.AsyncClient:
        """Return the client of a context.

        Raises:
            Problem: 503, the context is neither here nor has a URL.
        """
        if context not in self._clients:
            self._clients[context] = self._connect(context)
        return self._clients[context]

    def _connect(self, context: str) -> httpx.AsyncClient:
        if url := self._urls.get(context):
            return httpx.AsyncClient(base_url=url, timeout=TIMEOUT_SECONDS)
        if self._local is None:
            raise Problem(503, "service-unreachable", "暂时联系不上相关服务，请稍后再试。")
        local: Any = self._local
        believing: Any = ProxyHeadersMiddleware(local)  # as the server believes 127.0.0.1: whose browser it is
        transport = httpx.ASGITransport(app=believing, raise_app_exceptions=False)
        return httpx.AsyncClient(base_url="http://localhost", transport=transport, timeout=TIMEOUT_SECONDS)

    async def request(self, context: str, method: str, path: str, bearer: str | None, **options: Any) -> httpx.Response:
        """Send one request in the caller's name, under the id of the request that it is for: one id in every log.

        Raises:
            Problem: 503, the service cannot be reached; 404, nothing can stand at such an address.
        """
        headers = dict(options.pop("headers", None) or {})
        if request_id := structlog.contextvars.get_contextvars().get("request_id"):
            headers["X-Request-Id"] = request_id
        if bearer and bearer.isascii():
            headers["Authorization"] = f"Bearer {bearer}"
        if not path.startswith("/api/") and path != STATUS:
            raise Problem(404, "not-found", NOT_FOUND)  # a whole address would lead away from the context's own
        try:
            return await self.client(context).request(method, path, headers=headers, **options)
        except httpx.InvalidURL as nowhere:
            raise Problem(404, "not-found", NOT_FOUND) from nowhere
        except httpx.TransportError as broken:
            raise Problem(503, "service-unreachable", "暂时联系不上相关服务，请稍后再试。") from broken

    async def close(self) -> None:
        """Close every client."""
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()
