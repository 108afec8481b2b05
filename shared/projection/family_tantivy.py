"""Sibling indices of one family in one folder: `NNNNNN/` each, and a file that names the one serving."""

import json
import os
import shutil
import tempfile
from pathlib import Path
from threading import RLock

from shared.projection.index_tantivy import TantivyIndex, create
from shared.search.cursor import CursorCodec
from shared.search.port import SearchError
from shared.text.words import analyzer_version

_SERVING = "serving"
_DESCRIPTION = "liuhen.json"


class TantivyFamily:
    """An `IndexFamily` in `folder`, which is made if absent; `cursor_key` seals page cursors."""

    def __init__(self, folder: Path, cursor_key: bytes) -> None:
        self._folder = folder
        self._cursors = CursorCodec(cursor_key)
        self._open: dict[str, TantivyIndex] = {}
        self._lock = RLock()
        folder.mkdir(parents=True, exist_ok=True)

    def serving(self) -> TantivyIndex:
        """See `IndexFamily.serving`."""
        with self._lock:
            name = self._serving_name()
            if name is None:
                name = self.create().name
                self.switch(name)
            return self.open(name)

    def create(self) -> TantivyIndex:
        """See `IndexFamily.create`. The folder appears whole or not at all."""
        with self._lock:
            name = f"{max(map(int, self.names()), default=0) + 1:06d}"
            making = Path(tempfile.mkdtemp(prefix="making-", dir=self._folder))
            description = json.dumps({"analyzer_version": analyzer_version()})
            (making / _DESCRIPTION).write_text(description, encoding="utf-8")
            create(making)
            making.rename(self._folder / name)
            return self.open(name)

    def open(self, name: str) -> TantivyIndex:
        """See `IndexFamily.open`."""
        with self._lock:
            if name not in self._open:
                folder = self._known(name)
                description = json.loads((folder / _DESCRIPTION).read_text(encoding="utf-8"))
                self._open[name] = TantivyIndex(folder, name, description["analyzer_version"], self._cursors)
            return self._open[name]

    def switch(self, name: str) -> None:
        """See `IndexFamily.switch`."""
        with self._lock:
            self._known(name)
            pointer = self._folder / f"{_SERVING}.new"
            with pointer.open("w", encoding="utf-8") as file:
                file.write(name)
                file.flush()
                os.fsync(file.fileno())
            pointer.replace(self._folder / _SERVING)

    def names(self) -> list[str]:
        """See `IndexFamily.names`."""
        return sorted(each.name for each in self._folder.iterdir() if each.name.isdecimal())

    def drop(self, name: str) -> None:
        """See `IndexFamily.drop`."""
        with self._lock:
            folder = self._known(name)
            if name == self._serving_name():
                raise SearchError("bad-index-name", f"索引 {name} 正在使用，不能删除。")
            if name in self._open:
                self._open.pop(name).close()
            shutil.rmtree(folder)

    def close(self) -> None:
        """See `IndexFamily.close`."""
        with self._lock:
            while self._open:
                self._open.popitem()[1].close()

    def _serving_name(self) -> str | None:
        pointer = self._folder / _SERVING
        return pointer.read_text(encoding="utf-8") if pointer.exists() else None

    def _known(self, name: str) -> Path:
        if name not in self.names():
            raise SearchError("bad-index-name", f"没有名为 {name} 的索引。")
        return self._folder / name
