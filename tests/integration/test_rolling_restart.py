"""Two processes of one service are restarted one after the other under requests, and not one request fails."""

import json
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.support.engines import REPOSITORY
from tests.support.free_ports import free_port
from tests.support.platform_process import command, environment

PAGE = "/sign-in"
CALLERS = 3
SECONDS = 60.0
NOTICE_SECONDS = 2.0
"""How long a leaving process says that it leaves; the switch asks a hundred times in that time."""
ASK_SECONDS = 0.02


@dataclass
class Instance:
    """One of the two processes, on a port of its own through all its lives."""

    folder: Path
    port: int = field(default_factory=free_port)
    popen: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        given = {
            "LIUHEN_PORT": str(self.port),
            "LIUHEN_LOG_LEVEL": "WARNING",
            "LIUHEN_DRAIN_SECONDS": str(NOTICE_SECONDS),
        }
        nowhere = {"LIUHEN_SERVICE_URLS": json.dumps({"access": "http://127.0.0.1:9"})}
        self.popen = subprocess.Popen(
            command("console", "api"), cwd=REPOSITORY, env=environment(self.folder) | given | nowhere
        )

    def restart(self) -> None:
        assert self.popen
        self.popen.terminate()
        assert self.popen.wait(SECONDS) == 0
        self.start()

    def ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", timeout=2).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False


class Switch:
    """Shares requests out between the processes that say they are ready, as a load balancer would; notes what fails."""

    def __init__(self, instances: list[Instance]) -> None:
        self.instances, self.ready = instances, dict[str, bool]()
        self.answers: Counter[str] = Counter()
        self.failed: list[str] = []
        self.changed = threading.Condition()
        self.stop = threading.Event()

    def watch(self) -> None:
        """Ask each process whether it is ready, again and again."""
        while not self.stop.wait(ASK_SECONDS):
            for each in self.instances:
                said = each.ready()
                with self.changed:
                    self.ready[each.url] = said
                    self.changed.notify_all()

    def call(self) -> None:
        """Send request after request, over connections that are kept open, each once and to one process only."""
        with ExitStack() as stack:
            clients = {i.url: stack.enter_context(httpx.Client(base_url=i.url)) for i in self.instances}
            turn = 0
            while not self.stop.is_set():
                turn += 1
                with self.changed:
                    ready = sorted(url for url, said in self.ready.items() if said)
                url = ready[turn % len(ready)]
                self._note(url, clients[url])

    def await_answers(self, url: str, more: int) -> None:
        """Wait until the process has answered so many more requests: the switch has turned to it again."""
        with self.changed:
            wanted = self.answers[url] + more
            assert self.changed.wait_for(lambda: self.answers[url] >= wanted or bool(self.failed), SECONDS)

    def await_ready(self) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: sum(self.ready.values()) == len(self.instances), SECONDS)

    def _note(self, url: str, client: httpx.Client) -> None:
        try:
            status = client.get(PAGE).status_code
            wrong = "" if status == httpx.codes.OK else str(status)
        except httpx.HTTPError as error:
            wrong = repr(error)
        with self.changed:
            if wrong:
                self.failed.append(f"{url}: {wrong}")
            self.answers[url] += 1
            self.changed.notify_all()


@pytest.fixture
def switch(tmp_path: Path) -> Iterator[Switch]:
    instances = [Instance(tmp_path), Instance(tmp_path)]
    switch = Switch(instances)
    threads = [threading.Thread(target=switch.watch)]
    try:
        for each in instances:
            each.start()
        threads[0].start()
        switch.await_ready()
        threads += [threading.Thread(target=switch.call) for _ in range(CALLERS)]
        for thread in threads[1:]:
            thread.start()
        yield switch
    finally:
        switch.stop.set()
        for thread in threads:
            thread.join(SECONDS)
        for each in instances:
            if each.popen:
                each.popen.terminate()
                each.popen.wait(SECONDS)


def test_no_request_fails_while_one_process_after_the_other_is_restarted(switch: Switch) -> None:
    for instance in switch.instances:
        switch.await_answers(instance.url, 10)
        instance.restart()
        switch.await_answers(instance.url, 10)
    assert switch.failed == []
