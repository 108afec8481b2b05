"""Sibling indices `<family>-NNNNNN` of one family; the alias `<family>` is the one that serves."""

import time
from pathlib import Path
from threading import RLock
from typing import Any

from elasticsearch import BadRequestError, Elasticsearch, NotFoundError

from shared.projection.elasticsearch_query import mappings
from shared.projection.index_elasticsearch import ElasticsearchIndex, reaching
from shared.search.cursor import CursorCodec
from shared.search.port import SearchError
from shared.text.words import analyzer_version

_SECONDS_REMEMBERED = 1.0


class ElasticsearchFamily:
    """An `IndexFamily` on a cluster; `cursor_key` seals page cursors and is the same in every process.

    `ca_file` holds the certificates that the cluster's is checked against (PEM).
    """

    def __init__(
        self,
        url: str,
        alias: str,
        cursor_key: bytes,
        *,
        shards: int = 1,
        replicas: int = 0,
        ca_file: Path | None = None,
    ) -> None:
        trusted: dict[str, Any] = {"ca_certs": str(ca_file)} if ca_file else {}
        self._client = Elasticsearch(url, request_timeout=30, **trusted)
        self._alias = alias
        self._settings = {"number_of_shards": shards, "number_of_replicas": replicas}
        self._cursors = CursorCodec(cursor_key)
        self._lock = RLock()
        self._remembered: tuple[float, ElasticsearchIndex] | None = None

    def serving(self) -> ElasticsearchIndex:
        """See `IndexFamily.serving`. Reads and writes go through the alias, wherever it points by then."""
        with self._lock, reaching():
            now = time.monotonic()
            if self._remembered is None or now - self._remembered[0] > _SECONDS_REMEMBERED:
                name = self._serving_name() or self._first()
                self._remembered = now, self._index(self._alias, name)
            return self._remembered[1]

    def create(self) -> ElasticsearchIndex:
        """See `IndexFamily.create`."""
        with reaching():
            name = self._new()
            return self._index(name, name)

    def open(self, name: str) -> ElasticsearchIndex:
        """See `IndexFamily.open`."""
        with reaching():
            self._check(name)
            return self._index(name, name)

    def switch(self, name: str) -> None:
        """See `IndexFamily.switch`."""
        with self._lock, reaching():
            self._check(name)
            actions = [{"add": {"index": name, "alias": self._alias}}]
            former = self._serving_name()
            if former not in {None, name}:
                actions.append({"remove": {"index": former, "alias": self._alias}})
            self._client.indices.update_aliases(actions=actions)
            self._remembered = None

    def names(self) -> list[str]:
        """See `IndexFamily.names`."""
        with reaching():
            found = self._client.indices.get(index=f"{self._alias}-*", features="aliases")
            numbers = (name.removeprefix(f"{self._alias}-") for name in found)
            return [f"{self._alias}-{number}" for number in sorted(numbers) if number.isdecimal()]

    def drop(self, name: str) -> None:
        """See `IndexFamily.drop`."""
        with self._lock, reaching():
            self._check(name)
            if name == self._serving_name():
                raise SearchError("bad-index-name", f"索引 {name} 正在使用，不能删除。")
            self._client.indices.delete(index=name)

    def close(self) -> None:
        """See `IndexFamily.close`."""
        self._client.close()

    def _index(self, target: str, name: str) -> ElasticsearchIndex:
        meta = self._client.indices.get_mapping(index=name)[name]["mappings"]["_meta"]
        return ElasticsearchIndex(self._client, target, name, meta["analyzer_version"], self._cursors)

    def _first(self) -> str:
        """Let a first index serve; if another process is just doing so, take its."""
        try:
            return self._new(serving=True)
        except BadRequestError:
            name = self._serving_name()
            if name is None:
                raise
            return name

    def _new(self, *, serving: bool = False) -> str:
        names = self.names()
        number = int(names[-1].removeprefix(f"{self._alias}-")) + 1 if names else 1
        name = f"{self._alias}-{number:06d}"
        self._client.indices.create(
            index=name,
            settings=self._settings,
            mappings=mappings(analyzer_version()),
            aliases={self._alias: {}} if serving else None,
        )
        return name

    def _serving_name(self) -> str | None:
        try:
            return str(next(iter(self._client.indices.get_alias(name=self._alias))))
        except NotFoundError:
            return None

    def _check(self, name: str) -> None:
        if name not in self.names():
            raise SearchError("bad-index-name", f"没有名为 {name} 的索引。")
