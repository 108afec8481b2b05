"""``python -m tests.benchmarks.bare_ledger FILE PORT``: the least a ledger over HTTP can be.

The same server and the same SQLite, durable as the event store is, but no sign-in, no permission, no event, no
encryption, no projection: a post puts a record into its row of the ledger in the transaction that keeps it, and a
query returns all rows.
"""

import json
import sqlite3
import sys
from threading import Lock

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


class Ledger:
    """Rows by key, each a JSON object with its ``records``, and every record as it came."""

    def __init__(self, file: str) -> None:
        self._db = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        self._lock = Lock()
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute("CREATE TABLE record (id TEXT PRIMARY KEY, said TEXT)")
        self._db.execute("CREATE TABLE row (key TEXT PRIMARY KEY, said TEXT)")

    def fill(self, rows: dict[str, object]) -> None:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany("INSERT INTO row VALUES (?, ?)", [(k, json.dumps(v)) for k, v in rows.items()])
            self._db.execute("COMMIT")

    def record(self, id_: str, key: str, said: str) -> None:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute("INSERT INTO record VALUES (?, ?)", (id_, said))
            row = json.loads(self._db.execute("SELECT said FROM row WHERE key = ?", (key,)).fetchone()[0])
            row["records"].append(id_)
            self._db.execute("UPDATE row SET said = ? WHERE key = ?", (json.dumps(row), key))
            self._db.execute("COMMIT")

    def rows(self) -> str:
        with self._lock:
            return ",".join(said for (said,) in self._db.execute("SELECT said FROM row"))


def application(ledger: Ledger) -> Starlette:
    async def fill(request: Request) -> Response:
        await run_in_threadpool(ledger.fill, await request.json())
        return JSONResponse({})

    async def record(request: Request) -> Response:
        said = await request.json()
        await run_in_threadpool(ledger.record, said["id"], said["key"], json.dumps(said))
        return JSONResponse({"id": said["id"]})

    async def rows(_: Request) -> Response:
        return Response(f'{{"rows": [{await run_in_threadpool(ledger.rows)}]}}', media_type="application/json")

    doors = [("/fill", fill, "POST"), ("/records", record, "POST"), ("/ledger", rows, "GET")]
    return Starlette(routes=[Route(path, to, methods=[method]) for path, to, method in doors])


if __name__ == "__main__":
    uvicorn.run(application(Ledger(sys.argv[1])), port=int(sys.argv[2]), log_level="warning")
