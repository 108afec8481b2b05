"""Failed sign-ins through the console are counted by the browser's address, not by the console's."""

from pathlib import Path

from services.access.throttle import FREE_ATTEMPTS
from tests.support.asgi import Client
from tests.support.embedded import PASSWORD, embedded


def sign_in(client: Client, password: str, **headers: str) -> int:
    asked = {"account": "supervisor", "password": password}
    return client.post("/sign-in", data=asked, headers=headers).status_code


def test_one_browser_does_not_lock_another_out_nor_passes_for_it(tmp_path: Path) -> None:
    with embedded(tmp_path) as platform:
        here = Client(platform.app, "10.0.0.1").browser()
        thief = here.at("10.0.0.66").browser()
        made_up = [{"X-Forwarded-For": f"10.0.1.{n}"} for n in range(FREE_ATTEMPTS)]
        assert [sign_in(thief, "不是这个密码 2026", **headers) for headers in made_up] == [401] * FREE_ATTEMPTS
        assert sign_in(thief, PASSWORD) == 429
        assert sign_in(here, PASSWORD) == 303
