"""``liuhen backup`` and ``liuhen restore``: what cannot be derived, and nothing else.

Copied are each context's events (with their claims and the relay's cursor), the vault's wrapped keys, and the files.
Ledgers, topics and the index follow from the events. Each context is consistent in itself. Between contexts the copy
is taken in an order that never holds an effect without its cause: who follows others first, keys and files last.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from services.runtime.registry import SERVICES
from shared.blobs.database import DatabaseShelf
from shared.blobs.database import blobs as files
from shared.database import make_database
from shared.eventstore import dump as events
from shared.eventstore.schema import REVISION
from shared.service import Service
from shared.settings import Settings
from shared.vault import copying as keys
from shared.vault.master import master_key, sync_folder

FORMAT = 1
MANIFEST = "manifest.json"
KEYS = "vault.jsonl.gz"
FILES = "blobs"


class BackupRefused(Exception):
    """A backup cannot be taken or put back so; the sentence says why and what to do."""


def take(settings: Settings, folder: Path, out: Console) -> None:
    """Copy everything that cannot be derived into a new folder; the platform may run meanwhile.

    Raises:
        BackupRefused: the folder is there already.
    """
    if folder.exists():
        raise BackupRefused(f"{folder} 已经存在，请换一个还没有的文件夹。")
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True, mode=0o700)
    for service in in_copying_order(SERVICES.values()):
        (partial / service.name).mkdir()
        events.dump(settings.context_url(service.name), partial / service.name)
        out.print(f"已备份 {service.title}")
    _make_beside(settings)
    keys.dump(settings.resolved_vault_url, partial / KEYS)
    _copy_files(settings, partial / FILES)
    manifest = {"format": FORMAT, "backend": _backend(settings), "revision": REVISION, "files": dict(_hashed(partial))}
    (partial / MANIFEST).write_text(json.dumps(manifest, indent=1), "utf-8")
    sync_folder(partial)
    partial.rename(folder)
    sync_folder(folder.parent)
    out.print(f"备份完成：{folder}。主密钥 {settings.resolved_vault_key_file} 不在其中，请另行保管。")


def put_back(settings: Settings, folder: Path, erased_in: Sequence[Path], out: Console) -> None:
    """Put a backup back where nothing is recorded yet; ``erased_in`` are newer backups, whose erasures hold.

    Raises:
        BackupRefused: it is not whole, not for this kind of database, or something is recorded here.
        MasterKeyRefused, WrongMasterKey: the master key is missing, or is another one.
    """
    manifest = _whole(folder)
    for newer in erased_in:
        _whole(newer)
    if manifest["backend"] != _backend(settings):
        raise BackupRefused(f"这是 {manifest['backend']} 的备份，不能恢复到 {_backend(settings)}。")
    contexts = in_copying_order(SERVICES.values())
    if there := [s.title for s in contexts if events.is_recorded(settings.context_url(s.name))]:
        raise BackupRefused(f"{'、'.join(there)}已有数据，没有动它。请先把它移走：恢复只往空处进行。")
    keys.check(folder / KEYS, master_key(settings.resolved_vault_key_file))
    _make_beside(settings)
    for copy in erased_in:
        keys.join(settings.resolved_vault_url, copy / KEYS, destroyed_only=True)
    keys.join(settings.resolved_vault_url, folder / KEYS)
    if settings.embedded:
        _join_folder(folder / FILES, settings.data_dir / FILES)
    else:
        events.join(settings.context_url(FILES), folder / FILES, files.name)
    for service in in_copying_order(SERVICES.values()):
        try:
            events.load(settings.context_url(service.name), folder / service.name, revision=manifest["revision"])
        except events.OtherRevision as other:
            raise BackupRefused(f"备份的表结构是 {other}：请用备份时的版本恢复，再升级。") from other
    out.print("恢复完成。启动前请逐个执行 liuhen <服务> check；台账、检索会在启动后自动重建。")


def in_copying_order(services: Iterable[Service]) -> list[Service]:
    """Return the services that record anything, each before those whose events it follows."""
    left = {service.name: service for service in services if service.deciders}
    ordered: list[Service] = []
    while left:
        followed = {name for service in left.values() for name in service.foreign_contexts()}
        name = next((name for name in left if name not in followed), next(iter(left)))
        ordered.append(left.pop(name))
    return ordered


def _make_beside(settings: Settings) -> None:
    """Make the databases beside the contexts' where they are missing, as any process does that needs them."""
    make_database(settings.resolved_vault_url)
    if not settings.embedded:
        make_database(settings.context_url(FILES))
        DatabaseShelf(settings.context_url(FILES)).close()


def _copy_files(settings: Settings, target: Path) -> None:
    target.mkdir()
    if settings.embedded:
        _join_folder(settings.data_dir / FILES, target)
    else:
        events.dump(settings.context_url(FILES), target, (files.name,))


def _join_folder(source: Path, target: Path) -> None:
    """Copy what is not there yet: a file's name is the hash of what is in it, so the same name is the same file."""
    for file in source.glob("??/??/*"):
        beside = target / file.relative_to(source)
        if not file.name.startswith(".") and not beside.exists():
            beside.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, beside)


def _backend(settings: Settings) -> str:
    return "sqlite" if settings.embedded else "postgresql"


def _hashed(folder: Path) -> Iterator[tuple[str, str]]:
    """Return each file's SHA-256 by its relative name, and make it durable."""
    for file in sorted(f for f in folder.rglob("*") if f.is_file() and f.name != MANIFEST):
        with file.open("rb") as data:
            yield file.relative_to(folder).as_posix(), hashlib.file_digest(data, "sha256").hexdigest()
            os.fsync(data.fileno())


def _whole(folder: Path) -> Any:
    """Return a backup's manifest, after everything in it was read once."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError) as missing:
        raise BackupRefused(f"{folder} 不是一份完整的备份：读不到 {MANIFEST}。") from missing
    if manifest["format"] != FORMAT:
        raise BackupRefused(f"备份的格式是 {manifest['format']}，本版本只认 {FORMAT}。")
    found = dict(_hashed(folder))
    if wrong := sorted(found.items() ^ manifest["files"].items()):
        raise BackupRefused(f"备份不完整或被改动：{wrong[0][0]}。请换一份备份。")
    return manifest
