"""How one service speaks to another: HTTP, in this process over ASGI where they share one."""

from collections.abc import Mapping
from typing import Any

import httpx
from starlette.types import ASGIApp

from shared.http.problems import Problem

TIMEOUT_SECONDS = 10.0


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
        transport = httpx.ASGITransport(app=self._local, raise_app_exceptions=False)
        return httpx.AsyncClient(base_url="http://in-process", transport=transport, timeout=TIMEOUT_SECONDS)

    async def request(self, context: str, method: str, path: str, bearer: str | None, **options: Any) -> httpx.Response:
        """Send one request in the caller's name.

        Raises:
            Problem: 503, the service cannot be reached.
        """
        headers = dict(options.pop("headers", None) or {})
        if bearer and bearer.isascii():
            headers["Authorization"] = f"Bearer {bearer}"
        try:
            return await self.client(context).request(method, path, headers=headers, **options)
        except httpx.TransportError as broken:
            raise Problem(503, "service-unreachable", "暂时联系不上相关服务，请稍后再试。") from broken

    async def close(self) -> None:
        """Close every client."""
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()
