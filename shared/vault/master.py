"""The vault's master key: a file outside the database, which nobody else on the machine can read."""

import base64
import binascii
import os
import stat
from pathlib import Path

KEY_BYTES = 32


class MasterKeyRefused(Exception):
    """The master key's file is missing, open to others, or not a key; the sentence says what to do."""


def master_key(file: Path, *, create: bool = False) -> bytes:
    """Return the 32-byte key, one line of base64; ``create`` makes a random one where there is no file.

    Raises:
        MasterKeyRefused: there is none, others may read it (see ``open_to_others``), or it is not a key.
    """
    if create and not file.exists():
        _create(file)
    try:
        found = file.stat()
    except FileNotFoundError as missing:
        raise MasterKeyRefused(f"主密钥文件不存在：{file}") from missing
    if open_to_others(found, os.geteuid()):
        raise MasterKeyRefused(f"主密钥文件的权限过宽，请执行 chmod 600 {file}")
    return _read(file)


def open_to_others(found: os.stat_result, user: int) -> bool:
    """Tell whether somebody beside the user whose process this is could read the file, or change it.

    A file of one's own is 0600. One of root's may be readable by the group (0440, never writable): so a container's
    orchestrator mounts a secret for a process that is not root, with a group that this process alone is in. A person
    cannot make such a file by mistake, and without being in that group the process could not read it at all.
    """
    mounted = found.st_uid == 0 != user
    return bool(stat.S_IMODE(found.st_mode) & (0o037 if mounted else 0o077))


def _read(file: Path) -> bytes:
    try:
        key = base64.b64decode(file.read_text("ascii").strip(), validate=True)
    except (binascii.Error, ValueError) as broken:
        raise MasterKeyRefused(f"主密钥文件的内容不是密钥：{file}") from broken
    if len(key) != KEY_BYTES:
        raise MasterKeyRefused(f"主密钥应为 {KEY_BYTES} 字节：{file}")
    return key


def _create(file: Path) -> None:
    """Write beside, then link: of several processes that start at once, one makes the key, all read it whole."""
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f"{file.name}.{os.getpid()}.{os.urandom(4).hex()}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
            out.flush()
            os.fsync(out.fileno())
        try:
            os.link(beside, file)
        except FileExistsError:
            return
        sync_folder(file.parent)
    finally:
        beside.unlink()


def sync_folder(folder: Path) -> None:
    """Make a new or renamed entry of the folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
