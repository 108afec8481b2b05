import json
from pathlib import Path

import pytest

from shared.contracts.base import contract
from shared.eventstore.sealing import Integrity
from tests.golden.contracts import declared
from tests.golden.files import COMMAND, FOLDER, STREAM, codec, file_of, freeze, recorded

CONTRACTS = declared()
FILES = sorted(FOLDER.glob("*.v*.json"))


def read(file: Path) -> dict:
    return json.loads(file.read_text("utf-8"))


@pytest.mark.parametrize("name", sorted(CONTRACTS))
def test_every_version_of_a_contract_has_a_golden_file(name: str) -> None:
    missing = [v for v in range(1, CONTRACTS[name].VERSION + 1) if not file_of(name, v).exists()]
    assert not missing, f"{name} v{missing} has no golden file; write it with: {COMMAND}"


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_what_was_recorded_once_is_read_the_same_for_ever(file: Path) -> None:
    golden = read(file)
    event = codec().decode(recorded(golden))
    assert event.model_dump(mode="json") == golden["reads_as"]
    assert event == contract(golden["type"]).model_validate(golden["reads_as"])


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_a_recorded_root_verifies_for_ever(file: Path) -> None:
    assert codec().check(recorded(read(file))) is Integrity.INTACT


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_the_present_version_is_written_as_it_always_was(file: Path) -> None:
    golden = read(file)
    cls = contract(golden["type"])
    if golden["version"] != cls.VERSION:
        return
    again = codec().encode(cls.model_validate(golden["reads_as"]), STREAM)
    assert again.payload_root.hex() == golden["payload_root"]
    assert again.valid_at.isoformat() == golden["valid_at"]
    assert again.payload.keys() == golden["payload"].keys()


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_a_golden_file_belongs_to_a_contract(file: Path) -> None:
    golden = read(file)
    assert file == file_of(golden["type"], golden["version"])
    assert golden["version"] <= contract(golden["type"]).VERSION


def test_a_contract_without_a_file_can_be_frozen() -> None:
    for cls in CONTRACTS.values():
        assert freeze(cls)["type"] == cls.TYPE
