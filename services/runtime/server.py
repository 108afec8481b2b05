"""The HTTP server of a process, which says that it is leaving before it closes its door."""

import time
from types import FrameType

import uvicorn
from fastapi import FastAPI

from shared.http.probes import Health
from shared.settings import Settings

DRAIN_SECONDS = 20
"""How long requests that have begun may take after the door is closed."""

KEEP_ALIVE_SECONDS = 75
"""How long a connection may lie idle: longer than any client leaves one so (our services 5 seconds, an ingress 60).

Who closes first races with the next request, which the client may not send again: it would be told 503.
"""


class DrainingServer(uvicorn.Server):
    """Told to stop, it is not ready at once, still answers for ``drain_seconds``, then closes and ends what it began.

    So whoever shares requests out between several processes meets no closed door. Told twice, it closes at once.
    """

    def __init__(self, config: uvicorn.Config, health: Health, drain_seconds: float) -> None:
        super().__init__(config)
        self._health, self._drain_seconds = health, drain_seconds
        self._told: tuple[float, int] | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to leave; the server calls it on SIGTERM and SIGINT."""
        self._health.draining = True
        if self._told or not self._drain_seconds:
            super().handle_exit(sig, frame)
        else:
            self._told = time.monotonic() + self._drain_seconds, sig

    async def on_tick(self, counter: int) -> bool:
        """Close the door once it is time; asked ten times a second."""
        if self._told and not self.should_exit and time.monotonic() >= self._told[0]:
            super().handle_exit(self._told[1], None)
        return await super().on_tick(counter)


def server_of(app: FastAPI, health: Health, settings: Settings) -> DrainingServer:
    """Return a process's server of its application."""
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    return DrainingServer(config, health, settings.drain_seconds)
