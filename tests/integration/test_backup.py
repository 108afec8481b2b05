"""A backup holds each context as it was at one moment, and nothing comes back that was destroyed."""

import json
import shutil
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from rich.console import Console

from services.organization.service import SERVICE as ORGANIZATION
from services.runtime import backup
from services.runtime.assembly import Assembly
from services.runtime.backup import BackupRefused, in_copying_order
from services.runtime.registry import SERVICES
from shared.contracts.base import Sealed
from shared.contracts.organization import MemberEnrolled
from shared.database import make_database
from shared.eventstore.codec import Integrity
from shared.eventstore.port import Claim, EventStore, in_order
from shared.messaging.consumer import ForkDetected
from shared.service import Reaction, Service
from shared.settings import Settings
from shared.vault.master import MasterKeyRefused, master_key
from shared.vault.port import KeysDestroyed
from shared.vault.sql import WrongMasterKey
from tests.support import engines
from tests.support.appends import InBackground, new_append
from tests.support.deployment import drop_databases, embedded_settings
from tests.support.organisation_world import AGENCY, FIRST

QUIET = Console(quiet=True)
PERSON = "person:zhou-ning"
Place = Callable[[], Settings]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """Makes empty deployments of one kind that share a master key; databases are dropped at the end."""
    prefixes: list[str] = []
    key = tmp_path / "kept-apart" / "vault.key"
    master_key(key, create=True)

    def made() -> Settings:
        folder = tmp_path / uuid.uuid4().hex
        folder.mkdir()
        settings = embedded_settings(folder).model_copy(update={"vault_key_file": key})
        if request.param == "sqlite":
            return settings
        prefixes.append(f"test-{uuid.uuid4().hex[:10]}")
        url = engines.postgres_url(f"{prefixes[-1]}_{{context}}").replace("liuhen_", "", 1)
        return settings.model_copy(update={"database_url": url})

    yield made
    for prefix in prefixes:
        drop_databases(engines.postgres_url("postgres"), prefix)


@pytest.fixture
def opened() -> Iterator[Callable[[Settings], Assembly]]:
    """Opens a deployment with its databases migrated."""
    assemblies: list[Assembly] = []

    def open_(settings: Settings) -> Assembly:
        assemblies.append(Assembly(settings))
        for service in SERVICES.values():
            assemblies[-1].migrate(service)
        return assemblies[-1]

    yield open_
    for assembly in assemblies:
        assembly.close()


Opened = Callable[[Settings], Assembly]


def record(assembly: Assembly, number: int) -> None:
    """Enrol a member under a key of their own, and take a claim with it."""
    stream = f"organization:member:m{number}"
    subject = PERSON if number == 0 else f"person:m{number}"
    name = Sealed[str](subject=subject, value="周宁")
    enrolled = MemberEnrolled(
        member_id=f"m{number}", agency_id=AGENCY, organisation_id=FIRST, name=name, standing="full"
    )
    event = assembly.codec.encode(enrolled, stream)
    assembly.store("organization").append(new_append(stream, 0, event, claims=(Claim("row", str(number)),)))


def sequenced(assembly: Assembly) -> EventStore:
    if not assembly.settings.embedded:
        with closing(assembly.sequencer(ORGANIZATION)) as sequencer:
            while sequencer.run_once():
                pass
    return assembly.store("organization")


def publish(assembly: Assembly) -> None:
    sequenced(assembly)
    with closing(assembly.relay(ORGANIZATION)) as relay:
        while relay.run_once():
            pass


def take(settings: Settings, tmp_path: Path, name: str = "backup") -> Path:
    folder = tmp_path / name
    backup.take(settings, folder, QUIET)
    return folder


def put_back(settings: Settings, *folders: Path) -> None:
    backup.put_back(settings, folders[0], folders[1:], QUIET)


def test_a_backup_taken_while_events_are_written_holds_all_up_to_one_moment(
    place: Place, opened: Opened, tmp_path: Path
) -> None:
    source = place()
    before = opened(source)
    for number in range(20):
        record(before, number)
    stop = threading.Event()

    def write_on() -> None:
        for number in range(20, 10_000):
            record(before, number)
            if stop.is_set():
                return

    with InBackground(write_on):
        folder = take(source, tmp_path)
        stop.set()
    target = place()
    put_back(target, folder)
    after = opened(target)
    held = sequenced(after).read(0, 10_000)
    everything = {row.event_id for row in sequenced(before).read(0, 10_000)}
    assert 20 <= len(held) < len(everything)
    assert in_order(held)
    assert held[0].position == 1
    assert {row.event_id for row in held} < everything
    for row in held:
        number = row.stream_id.removeprefix("organization:member:m")
        assert after.store("organization").claimed("row", number)
        assert after.codec.check(row) is Integrity.INTACT
        assert after.codec.decode(row).name.value == "周宁"
    record(after, 10_001)
    assert sequenced(after).head() == len(held) + 1


def test_files_come_back_with_the_keys_that_open_them(place: Place, opened: Opened, tmp_path: Path) -> None:
    source, target = place(), place()
    ref = opened(source).blobs.put("document:minutes", "会议记录.txt", "text/plain", "先算清电费。".encode())
    put_back(target, take(source, tmp_path))
    assert opened(target).blobs.get(ref).decode() == "先算清电费。"


def test_a_restored_context_is_refused_by_its_relay_where_the_topic_has_gone_on(
    place: Place, opened: Opened, tmp_path: Path
) -> None:
    source, target = place(), place()
    before = opened(source)
    record(before, 0)
    publish(before)
    folder = take(source, tmp_path)
    record(before, 1)
    publish(before)
    before.close()
    shutil.copy(source.data_dir / "bus.db", target.data_dir / "bus.db")
    put_back(target, folder)
    after = opened(target)
    record(after, 2)
    with pytest.raises(ForkDetected):
        publish(after)


def test_a_restored_context_whose_topic_is_gone_publishes_everything_anew(
    place: Place, opened: Opened, tmp_path: Path
) -> None:
    source, target = place(), place()
    before = opened(source)
    record(before, 0)
    publish(before)
    put_back(target, take(source, tmp_path))
    after = opened(target)
    publish(after)
    assert len(after.broker.tails(ORGANIZATION.topic, 10)) == 1


def test_a_key_destroyed_since_stays_destroyed_where_a_newer_backup_is_named(
    place: Place, opened: Opened, tmp_path: Path
) -> None:
    source, target = place(), place()
    before = opened(source)
    record(before, 0)
    old = take(source, tmp_path, "old")
    before.vault.destroy(PERSON)
    newer = take(source, tmp_path, "newer")
    put_back(target, old, newer)
    after = opened(target)
    (row,) = sequenced(after).read(0, 10)
    assert after.codec.decode(row).name.value is None
    with pytest.raises(KeysDestroyed):
        after.vault.ensure(PERSON)


def test_a_vault_that_is_still_there_keeps_what_it_knows(place: Place, opened: Opened, tmp_path: Path) -> None:
    source = place()
    before = opened(source)
    record(before, 0)
    folder = take(source, tmp_path)
    target = place()
    make_database(target.resolved_vault_url)
    with closing(Assembly(target)) as survivor:
        survivor.vault.destroy(PERSON)
        newer = survivor.vault.ensure("person:newer")
    put_back(target, folder)
    after = opened(target)
    assert after.vault.keys(PERSON) is None
    assert after.vault.keys("person:newer") == newer


def test_what_is_there_is_never_overwritten(place: Place, opened: Opened, tmp_path: Path) -> None:
    source = place()
    record(opened(source), 0)
    folder = take(source, tmp_path)
    with pytest.raises(BackupRefused, match="只往空处"):
        put_back(source, folder)
    with pytest.raises(BackupRefused, match="已经存在"):
        take(source, tmp_path)


@pytest.mark.parametrize("harm", ["changed", "missing", "added"])
def test_a_backup_that_is_not_whole_is_refused(harm: str, opened: Opened, tmp_path: Path) -> None:
    source, target = embedded_settings(tmp_path / "a"), embedded_settings(tmp_path / "b")
    record(opened(source), 0)
    folder = take(source, tmp_path)
    file = folder / "organization" / "organization.db"
    if harm == "changed":
        file.write_bytes(file.read_bytes().replace(b"organization:member", b"organization:nobody"))
    elif harm == "missing":
        (folder / "vault.jsonl.gz").unlink()
    else:
        (folder / "more").write_text("?")
    with pytest.raises(BackupRefused, match="不完整"):
        put_back(target, folder)
    assert not (target.data_dir / "organization.db").exists()


def test_without_the_master_key_or_with_another_one_nothing_is_put_back(opened: Opened, tmp_path: Path) -> None:
    source, target = embedded_settings(tmp_path / "a"), embedded_settings(tmp_path / "b")
    record(opened(source), 0)
    folder = take(source, tmp_path)
    with pytest.raises(MasterKeyRefused):
        put_back(target, folder)
    master_key(target.resolved_vault_key_file, create=True)
    with pytest.raises(WrongMasterKey):
        put_back(target, folder)
    assert not (target.data_dir / "vault.db").exists()


def test_a_backup_says_which_form_it_has_and_holds_no_master_key(opened: Opened, tmp_path: Path) -> None:
    source = embedded_settings(tmp_path / "a")
    record(opened(source), 0)
    folder = take(source, tmp_path)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["format"], manifest["backend"]) == (1, "sqlite")
    key = source.resolved_vault_key_file.read_bytes().strip()
    assert not any(key in file.read_bytes() for file in folder.rglob("*") if file.is_file())


def test_who_follows_another_context_is_copied_before_it() -> None:
    def of(name: str, *follows: type) -> Service:
        reaction = Reaction("r", follows, lambda _, __: None)
        return Service(name, name, deciders=ORGANIZATION.deciders, reactions=(reaction,) if follows else ())

    cause, effect = of("organization"), of("study", MemberEnrolled)
    assert in_copying_order([cause, effect]) == in_copying_order([effect, cause]) == [effect, cause]
