"""The composed city: the same processes and settings, healthy before they are needed, nothing open to the network."""

from typing import Any

import pytest
import yaml

from deploy.manifests.compose import addresses
from services.runtime.registry import SERVICES
from shared.settings import Settings
from tests.support.city import CHORES, ROLES, named_settings
from tests.support.engines import REPOSITORY

COMPOSE: dict[str, Any] = yaml.safe_load((REPOSITORY / "deploy" / "compose.yaml").read_text("utf-8"))
SERVICES_OF = COMPOSE["services"]
OURS = {name: each for name, each in SERVICES_OF.items() if each["image"] == "liuhen"}
ONCE = {name for name in OURS if name in {"vault-key", "demo"} or name.endswith("-migrate")}


def test_every_registered_service_has_all_its_processes() -> None:
    assert set(OURS) - ONCE == {f"{context}-{role}" for context, roles in ROLES.items() for role in roles}


def test_each_process_is_one_that_the_end_to_end_test_runs_with_the_same_names_of_settings() -> None:
    ran = [[context, role] for context, roles in ROLES.items() for role in roles] + [list(each) for each in CHORES]
    for name, each in OURS.items():
        assert each["command"] in ran, name
        assert set(each["environment"]) - set(named_settings()) <= {"FORWARDED_ALLOW_IPS"}, name


def test_the_settings_are_such_as_the_program_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in OURS["search-api"]["environment"].items():
        monkeypatch.setenv(name, value)
    assert set(Settings().service_urls) == set(SERVICES)


def test_no_container_of_ours_can_write_to_its_root_or_gain_rights() -> None:
    for name, each in OURS.items():
        assert (each["read_only"], each["cap_drop"]) == (True, ["ALL"]), name
        assert each["security_opt"] == ["no-new-privileges:true"], name


def test_whatever_runs_on_says_whether_it_is_healthy() -> None:
    assert [name for name, each in SERVICES_OF.items() if name not in ONCE and "healthcheck" not in each] == []


def test_everything_waits_for_what_it_needs_and_nothing_for_what_is_not_there() -> None:
    for name, each in SERVICES_OF.items():
        for other, wait in each.get("depends_on", {}).items():
            expected = "service_completed_successfully" if other in ONCE else "service_healthy"
            assert (other in SERVICES_OF, wait["condition"]) == (True, expected), f"{name} → {other}"
    for context, roles in ROLES.items():
        for role in roles:
            waits = set(OURS[f"{context}-{role}"].get("depends_on", {}))
            assert (f"{context}-migrate" in waits) != SERVICES[context].stateless


def test_only_this_machine_reaches_it_and_every_door_is_told() -> None:
    published = [port for each in SERVICES_OF.values() for port in each.get("ports", [])]
    assert [port for port in published if not port.startswith("127.0.0.1:")] == []
    doors = {port.split(":")[1] for port in published}
    assert len(doors) == len(published)
    assert {address.rpartition(":")[2] for address in addresses().values()} == doors


def test_every_volume_is_declared() -> None:
    used = {v.split(":")[0] for each in SERVICES_OF.values() for v in each.get("volumes", []) if not v.startswith(".")}
    assert used == set(COMPOSE["volumes"])


def test_the_image_runs_as_nobody_in_particular_and_its_packages_come_by_their_hashes() -> None:
    lines = (REPOSITORY / "deploy" / "Dockerfile").read_text("utf-8").splitlines()
    said = {line.split(" ", 1)[0]: line for line in lines if line and not line.startswith(("#", " "))}
    assert said["USER"] == "USER 10001:10001"
    assert said["ENTRYPOINT"] == 'ENTRYPOINT ["python", "-m", "services.runtime.cli"]'
    assert any("--require-hashes" in line and "requirements.lock" in line for line in lines)
    stages = [line.split()[1] for line in lines if line.startswith("FROM ")]
    assert len(stages) == 3
    assert [image for image in stages if "/" in image or ":" not in image] == []


def test_the_builder_is_given_no_data_and_no_keys() -> None:
    ignored = (REPOSITORY / ".dockerignore").read_text("utf-8").splitlines()
    assert ignored[1] == "*"
    assert {line for line in ignored if line.startswith("!")} == {
        f"!{name}"
        for name in (".npmrc", "package.json", "package-lock.json", "requirements.lock", "services", "shared")
    }


def test_the_chores_that_run_once_are_those_of_the_end_to_end_test() -> None:
    assert {tuple(OURS[name]["command"]) for name in ONCE} <= set(CHORES)
