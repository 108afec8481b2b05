"""From an empty folder to the first agency's supervisor: bootstrap, sign in, register the agency, open an account."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.runtime import cli
from shared.settings import settings as settings_of_this_process
from tests.support.asgi import Client
from tests.support.embedded import PASSWORD, await_ledgers, started

SUPERVISORS, OWN = "晚间的渡口 2026", "只有本人知道的密码 77"
AGENCY = {"name": "清河市政策研究中心", "root_kind": "general-branch", "root_name": "中心机关党总支"}


def bootstrap(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIUHEN_DATA_DIR", str(folder))
    monkeypatch.setattr(cli, "configure", lambda _: None)
    settings_of_this_process.cache_clear()
    try:
        typed = f"{PASSWORD}\n{PASSWORD}\n"
        done = CliRunner().invoke(cli.app, ["bootstrap", "--login", "root", "--name", "方祺"], input=typed)
        second = CliRunner().invoke(
            cli.app, ["bootstrap", "--login", "guard", "--name", "安宁", "--duty", "security"], input=typed
        )
    finally:
        settings_of_this_process.cache_clear()
    assert done.exit_code == second.exit_code == 0, done.output + second.output


def signed_in(client: Client, account: str, password: str) -> Client:
    answer = client.post("/api/access/sign-in", json={"account": account, "password": password})
    assert answer.status_code == 200, answer.text
    found = client.at("127.0.0.1")
    found.headers["Authorization"] = f"Bearer {answer.json()['token']}"
    return found


def led_to_another_password(browser: Client) -> str:
    """Whoever got a password from an administrator comes to no page but the one that changes it."""
    signed_in_page = browser.post("/sign-in", data={"account": "luolan", "password": SUPERVISORS})
    browser.headers["Cookie"] = signed_in_page.headers["set-cookie"].split(";")[0]
    for path in ("/", "/plans", "/search?q=x"):
        assert browser.get(path).headers["location"] == "/account/password"
    assert "管理员设置" in browser.get("/account/password").text
    typed = {"current": SUPERVISORS, "new": OWN, "again": OWN}
    slip = browser.post("/account/password", data=typed | {"again": SUPERVISORS})
    assert (slip.status_code, "不一样" in slip.text) == (422, True)
    changed = browser.post("/account/password", data=typed)
    assert changed.status_code == 303, changed.text
    return changed.headers["location"]


def test_the_first_administrator_registers_an_agency_and_opens_its_supervisors_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bootstrap(tmp_path, monkeypatch)
    with started(tmp_path) as (assembly, app, crew):
        root = signed_in(Client(app), "root", PASSWORD)
        assert [g["agency_id"] for g in root.get("/api/access/me").json()["grants"]] == ["platform"]
        registered = root.post("/api/organization/agencies", json=AGENCY)
        assert registered.status_code == 201, registered.text
        await_ledgers(assembly, crew)
        agency = registered.json()["id"]
        (organisation,) = root.get("/api/organization/tree", params={"agency": agency}).json()["organisations"]
        role = {"role": "general-branch", "agency": agency, "organisation": organisation["id"], "reason": "换届"}
        account = {"login": "luolan", "display_name": "罗岚", "password": SUPERVISORS, "agency": agency}
        opened = root.post("/api/access/accounts", json=account)
        assert opened.status_code == 201, opened.text
        guard, path = signed_in(Client(app), "guard", PASSWORD), f"/api/access/accounts/{opened.json()['id']}"
        asked = root.post(f"{path}/role-requests", json=role)
        await_ledgers(assembly, crew)
        (waiting,) = guard.get(path, params={"after": asked.json()["token"]}).json()["requests"]
        granted = guard.post(f"{path}/role-requests/{waiting['id']}/approve")
        assert granted.status_code == 200, granted.text
        assert led_to_another_password(Client(app).browser()) == "/sign-in?changed=1"
        supervisor = signed_in(Client(app), "luolan", OWN)
        assert supervisor.get("/api/access/me").json()["grants"][0]["agency_id"] == agency
        other = supervisor.post("/api/organization/agencies", json=AGENCY | {"name": "清河市某局"})
        assert (other.status_code, other.json()["code"]) == (403, "not-permitted")
