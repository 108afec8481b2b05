"""A blocking client of an ASGI application in this process: no socket, one event loop a request."""

from typing import Any

import httpx
from starlette.types import ASGIApp

from tests.support.running import run


class Client:
    def __init__(self, app: ASGIApp, address: str = "127.0.0.1") -> None:
        self._app, self._address = app, address
        self.headers: dict[str, str] = {}

    def at(self, address: str) -> "Client":
        """Somebody else's client, at this address."""
        return Client(self._app, address)

    def browser(self) -> "Client":
        """The same, as a browser speaks that sends our own pages' forms."""
        self.headers["Sec-Fetch-Site"] = "same-origin"
        return self

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        given = options.pop("headers", {})
        pairs = isinstance(given, list)  # one name twice
        options["headers"] = [*self.headers.items(), *given] if pairs else {**self.headers, **given}
        return run(self._send(method, path, **options))

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.request("POST", path, **options)

    async def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        transport = httpx.ASGITransport(app=self._app, client=(self._address, 50000))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.request(method, path, **options)
