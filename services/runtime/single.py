"""One platform a data folder: two would index twice and reset under one another's feet."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK_FILE = "platform.lock"


class AlreadyRunning(Exception):
    """Another platform runs on the same data folder; the sentence says so."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"数据文件夹 {folder} 已有一个平台在运行，请先停止它，或用 LIUHEN_DATA_DIR 另选一个文件夹。")


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the folder; the kernel lets go of it however the process ends.

    Raises:
        AlreadyRunning: another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / LOCK_FILE).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(folder) from None
        yield
