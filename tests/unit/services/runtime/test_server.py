"""The server of a process, as it is set up."""

import httpx
from fastapi import FastAPI

from services.runtime.server import server_of
from shared.http.probes import Health
from shared.settings import Settings

INGRESS_SECONDS = 60
"""How long ingress-nginx leaves a connection to a service idle (upstream-keepalive-timeout)."""


def test_a_server_keeps_an_idle_connection_longer_than_whoever_may_send_on_it() -> None:
    kept = server_of(FastAPI(), Health(), Settings(demo=False)).config.timeout_keep_alive
    ours = httpx.Limits().keepalive_expiry
    assert ours is not None
    assert kept > max(ours, INGRESS_SECONDS)
