"""The loops of a city's processes: what one does that may not go on by itself."""

import threading
from types import SimpleNamespace
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from services.runtime import roles
from services.runtime.assembly import Assembly
from services.runtime.registry import service
from shared.messaging.consumer import ForkDetected


class Forked:
    """A relay that finds two histories each time it looks, and is told to stop at the second."""

    looked = 0

    def run(self, stop: threading.Event) -> None:
        self.looked += 1
        if self.looked == 2:
            stop.set()
        raise ForkDetected("organization:member:1 第 3 个事件", None, "an-event")


def assembly_of(relay: Forked, *, embedded: bool) -> Assembly:
    settings = SimpleNamespace(embedded=embedded)
    return cast(Assembly, SimpleNamespace(settings=settings, relay=lambda _: cast(Any, relay)))


def test_a_relay_that_finds_two_histories_stays_and_says_so_until_people_have_decided(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(roles, "FORKED_SECONDS", 0.0)
    relay = Forked()
    with capture_logs() as logged:
        roles.relay(assembly_of(relay, embedded=False), service("organization"))(threading.Event())
    assert relay.looked == 2
    assert [(entry["event"], entry["log_level"]) for entry in logged] == [("history-forked", "error")] * 2
    assert logged[0]["place"] == "organization:member:1 第 3 个事件"


def test_on_one_machine_where_nobody_watches_the_platform_ends() -> None:
    with pytest.raises(ForkDetected):
        roles.relay(assembly_of(Forked(), embedded=True), service("organization"))(threading.Event())
