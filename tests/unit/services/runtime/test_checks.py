"""``check``: the statements that are always true, each seen to fail when it does not hold."""

import sqlite3
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from threading import Event, Thread

import pytest
from rich.console import Console

from services.organization.domain.agency import AGENCY, RegisterAgency
from services.runtime import checks
from services.runtime.assembly import Assembly
from services.runtime.registry import service
from shared.application.commands import Request
from shared.contracts.organization import OrganisationKind
from shared.ids import new_id
from shared.service import Service
from shared.settings import Settings

ORGANIZATION = service("organization")
CONTEXTS = (ORGANIZATION, service("search"), service("access"))


@pytest.fixture
def assembly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Assembly]:
    monkeypatch.setattr(checks, "CATCH_UP_SECONDS", 0.0)
    made = Assembly(Settings(data_dir=tmp_path))
    for each in CONTEXTS:
        made.migrate(each)
    handle = made.runtime(ORGANIZATION).commands.handle
    for n in range(3):
        agency = new_id()
        register = RegisterAgency(agency, f"第{n}研究室", new_id(), OrganisationKind.GENERAL_BRANCH, "机关党总支")
        handle(AGENCY, agency, register, Request(actor="test", agency_id=agency))
    for each in CONTEXTS:
        fill(made, each)
    yield made
    made.close()


def fill(assembly: Assembly, context: Service) -> None:
    """Let the ledgers take in what is recorded."""
    projection, stop = assembly.projection(context), Event()
    projection.prepare()
    runs = Thread(target=projection.run, args=(stop,))
    runs.start()
    while any(p.behind() for p in projection.projectors.values()):
        stop.wait(0.01)
    stop.set()
    runs.join(30)


def broken(assembly: Assembly, context: str = "organization") -> list[str]:
    return [f.statement for f in checks.findings_of(assembly, service(context)) if not f.holds]


def tamper(assembly: Assembly, sql: str) -> None:
    """Change a row behind the program's back: the triggers that forbid it are dropped first."""
    database = sqlite3.connect(assembly.settings.data_dir / "organization.db")
    for (trigger,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        database.execute(f'DROP TRIGGER "{trigger}"')
    database.execute("PRAGMA foreign_keys = OFF")
    database.execute(sql)
    database.commit()
    database.close()


def test_what_the_program_wrote_holds(assembly: Assembly) -> None:
    for context in ("organization", "access", "search"):
        assert broken(assembly, context) == []


def test_a_row_that_was_changed_is_noticed(assembly: Assembly) -> None:
    tamper(assembly, "UPDATE events SET payload = replace(payload, '第1研究室', '另一研究室')")
    assert broken(assembly) == ["每个事件的内容与写入时的承诺相符"]


def test_a_row_that_was_taken_out_is_noticed(assembly: Assembly) -> None:
    tamper(assembly, "DELETE FROM events WHERE rowid = 2")
    assert "位置连续，没有缺失" in broken(assembly)


def test_a_version_that_was_left_out_is_noticed(assembly: Assembly) -> None:
    tamper(assembly, "UPDATE events SET version = 7 WHERE rowid = 2")
    assert "每条流的版本逐一递增" in broken(assembly)


def test_an_index_that_holds_less_than_the_register_is_noticed(
    assembly: Assembly, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "indexed_documents", lambda _: 5)
    assert broken(assembly, "search") == ["索引的篇数等于登记簿的篇数"]


def test_a_document_the_index_refused_is_noticed_and_named(assembly: Assembly, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "refused_documents", lambda _: {"1": "400 too-long"})
    (found,) = [f for f in checks.findings_of(assembly, service("search")) if not f.holds]
    assert (found.statement, found.detail) == ("没有索引拒收的文档", "1（400 too-long）")


def test_a_report_names_what_broke_and_where(assembly: Assembly) -> None:
    out = Console(file=StringIO(), width=200)
    assert checks.report(assembly, ORGANIZATION, out)
    tamper(assembly, "UPDATE events SET payload = replace(payload, '第1研究室', '另一研究室')")
    assert not checks.report(assembly, ORGANIZATION, out)
    said = out.file.getvalue()  # type: ignore[attr-defined]
    assert "✓ 位置连续" in said
    assert "✗ 每个事件的内容与写入时的承诺相符：organization:agency:" in said
