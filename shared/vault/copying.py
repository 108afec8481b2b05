"""The vault's rows out of one database and into another. Keys stay wrapped: without the master key they are noise.

Rows only ever join: a key that is there stays, and a destroyed one stays destroyed, whatever a backup holds.
"""

import gzip
import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import select

from shared.database import make_tables, open_engine, upsert
from shared.vault.sealing import Tampered, decrypt
from shared.vault.sql import SELF, WrongMasterKey, metadata, subjects

AT_ONCE = 1000

Row = dict[str, Any]


def dump(url: str, file: Path) -> None:
    """Write every subject's row, destroyed ones too, as they are at one moment: a line of JSON each."""
    engine = open_engine(url, kept_open=False)
    make_tables(engine, metadata)
    with engine.connect() as db, gzip.open(file, "wt", encoding="utf-8") as out:
        if engine.dialect.name == "postgresql":
            db.exec_driver_sql("SET transaction_timeout = 0")
        for row in db.execution_options(yield_per=AT_ONCE).execute(select(subjects)).mappings():
            wrapped = row["wrapped"] and b64encode(row["wrapped"]).decode()
            out.write(json.dumps({**row, "wrapped": wrapped}) + "\n")


def check(file: Path, master_key: bytes) -> None:
    """Check that a copy was taken from a vault under this master key.

    Raises:
        WrongMasterKey: it was not.
    """
    own = next((row["wrapped"] for row in _rows(file) if row["subject"] == SELF), None)
    try:
        decrypt(master_key, SELF.encode(), own or b"")
    except Tampered as wrong:
        raise WrongMasterKey("主密钥与备份里的密钥库不符：请先放回当时的主密钥文件") from wrong


def join(url: str, file: Path, *, destroyed_only: bool = False) -> int:
    """Add the rows of a copy whose subjects the vault does not know; return how many.

    ``destroyed_only`` takes what was erased: joined before an older copy, it keeps those keys from coming back.
    """
    engine = open_engine(url, kept_open=False)
    make_tables(engine, metadata)
    add = upsert(engine, subjects).on_conflict_do_nothing()
    joined = 0
    with engine.begin() as db:
        if engine.dialect.name == "postgresql":
            db.exec_driver_sql("SET LOCAL transaction_timeout = 0")
        for row in _rows(file):
            if row["destroyed_at"] is not None or not destroyed_only:
                joined += db.execute(add, row).rowcount
    return joined


def _rows(file: Path) -> Iterator[Row]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            row: Row = json.loads(line)
            yield {**row, "wrapped": row["wrapped"] and b64decode(row["wrapped"])}
