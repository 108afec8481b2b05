"""The command line: every context has the roles its declaration asks for; refusals are said in Chinese, with code 1."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from services.organization.domain.agency import AGENCY, RegisterAgency
from services.runtime import checks, cli, roles
from services.runtime.assembly import Assembly
from services.runtime.registry import SERVICES, service
from shared.application.commands import Request
from shared.contracts.organization import OrganisationKind
from shared.ids import new_id
from shared.settings import Settings
from shared.settings import settings as settings_of_this_process
from tests.support.plans import DEMO

PASSWORD = "晴朗的早晨 2026 年"
MODULES = ("services.runtime.cli", "services.runtime.context_commands")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("LIUHEN_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(cli, "configure", lambda _: None)
    settings_of_this_process.cache_clear()
    yield tmp_path
    settings_of_this_process.cache_clear()


def run(*arguments: str, typed: str | None = None) -> Result:
    return CliRunner(env={"COLUMNS": "300"}).invoke(cli.app, list(arguments), input=typed)


def an_agency(folder: Path) -> str:
    assembly = Assembly(Settings(data_dir=folder))
    try:
        organization = service("organization")
        assembly.migrate(organization)
        agency = new_id()
        register = RegisterAgency(agency, "研究室", new_id(), OrganisationKind.GENERAL_BRANCH, "机关党总支")
        request = Request(actor="test", agency_id=agency)
        assembly.runtime(organization).commands.handle(AGENCY, agency, register, request)
        return agency
    finally:
        assembly.close()


@pytest.mark.parametrize("context", SERVICES)
def test_every_context_has_a_command_for_its_api_and_each_of_its_roles(context: str) -> None:
    shown = run(context, "--help").output
    declared = service(context)
    assert " api " in shown
    for role in set(roles.ROLES) - {"react"}:
        assert (f" {role} " in shown) == (role in roles.roles_of(declared, embedded=False)), role
    for chore in ("react", "migrate", "rebuild", "resume", "check"):
        assert (f" {chore} " in shown) != declared.stateless


def test_an_embedded_process_needs_no_sequencer_since_the_append_gives_the_place() -> None:
    organization = service("organization")
    assert "sequence" not in roles.roles_of(organization, embedded=True)
    assert "sequence" in roles.roles_of(organization, embedded=False)


def test_migrating_is_safe_to_repeat() -> None:
    for _ in range(2):
        done = run("organization", "migrate")
        assert (done.exit_code, "已是最新结构" in done.output) == (0, True)


def test_a_plan_is_imported_once_however_often_it_is_asked_for(folder: Path) -> None:
    agency = an_agency(folder)
    first = run("plan", "import", str(DEMO), "--agency", agency)
    again = run("plan", "import", str(DEMO), "--agency", agency)
    assert (first.exit_code, again.exit_code) == (0, 0)
    assert "已导入，等待核对与采纳" in first.output
    assert "此前已导入" in again.output
    assert first.output.split("：")[-1] == again.output.split("：")[-1]


@pytest.mark.parametrize("agency", ["不是编号", "00000000-0000-7000-8000-000000000000"])
def test_a_plan_for_no_agency_is_refused_with_code_and_sentence(agency: str) -> None:
    refused = run("plan", "import", str(DEMO), "--agency", agency)
    assert refused.exit_code == 1
    assert "没有导入：" in refused.output
    assert "not-found" in refused.output


def test_a_document_that_cannot_be_read_is_refused_with_code_and_sentence(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "空.txt"
    file.write_bytes(b" ")
    refused = run("plan", "import", str(file), "--agency", an_agency(folder))
    assert refused.exit_code == 1
    assert "document-empty" in refused.output


def test_a_file_that_is_not_there_is_the_callers_error() -> None:
    assert run("plan", "import", "没有这个文件.txt", "--agency", "x").exit_code == 2


def test_a_ledger_that_is_not_there_cannot_be_rebuilt() -> None:
    run("organization", "migrate")
    refused = run("organization", "rebuild", "no-such-ledger")
    assert refused.exit_code == 2
    assert "没有名为 no-such-ledger 的台账" in refused.output


def test_a_check_says_what_holds_and_ends_with_code_1_where_something_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "CATCH_UP_SECONDS", 0.0)
    run("organization", "migrate")
    unbuilt = run("organization", "check")
    assert unbuilt.exit_code == 1
    assert "✓ 位置连续，没有缺失" in unbuilt.output
    assert "✗ 台账" in unbuilt.output


def test_the_first_administrator_is_opened_once() -> None:
    typed = "晴朗的早晨 2026 年\n晴朗的早晨 2026 年\n"
    first = run("bootstrap", "--login", "admin", "--name", "方祺", typed=typed)
    assert (first.exit_code, "已开立系统管理员 方祺（admin）" in first.output) == (0, True)
    again = run("bootstrap", "--login", "other", "--name", "何平", typed=typed)
    assert (again.exit_code, "accounts-exist" in again.output) == (1, True)


def test_that_there_are_accounts_already_is_said_before_anything_is_asked_for() -> None:
    assert run("bootstrap", "--login", "admin", "--name", "方祺", typed=f"{PASSWORD}\n{PASSWORD}\n").exit_code == 0
    refused = run("bootstrap", typed="")
    assert (refused.exit_code, "accounts-exist" in refused.output) == (1, True)
    assert not {word for word in ("登录名", "姓名", "密码") if word in refused.output}


def commands() -> Iterator[tuple[str, str]]:
    """Every command's name, and what its help says of it and of its options."""
    todo = [((), typer.main.get_command(cli.app))]
    while todo:
        path, command = todo.pop()
        yield " ".join(path), command.help or ""
        yield from ((f"{' '.join(path)} {p.name}", p.help or "") for p in command.params if p.name != "help")
        todo += [((*path, name), each) for name, each in getattr(command, "commands", {}).items()]


def test_every_command_and_option_is_explained_in_chinese() -> None:
    said = dict(commands())
    assert {"bootstrap", "access check", "organization react", "plan import"} <= said.keys()
    assert [name for name, help_ in said.items() if not re.match("[^A-Za-z]*[\u4e00-\u9fff]", help_)] == []


def test_each_of_the_three_administrators_is_opened_from_the_command_line() -> None:
    typed = "晴朗的早晨 2026 年\n晴朗的早晨 2026 年\n"
    duties = ("system", "security", "audit")
    said = [run("bootstrap", "--login", d, "--name", f"{d} 某", "--duty", d, typed=typed).output for d in duties]
    assert ["已开立系统管理员" in said[0], "已开立安全管理员" in said[1], "已开立审计管理员" in said[2]] == [True] * 3


def test_whose_account_the_first_one_is_is_asked_for_and_must_be_said() -> None:
    password = "晴朗的早晨 2026 年\n晴朗的早晨 2026 年\n"
    refused = run("bootstrap", "--login", "admin", "--name", " ", typed=password)
    assert (refused.exit_code, "name-needed" in refused.output) == (1, True)
    asked = run("bootstrap", "--login", "admin", typed=f"方祺\n{password}")
    assert (asked.exit_code, "姓名" in asked.output, "方祺（admin）" in asked.output) == (0, True, True)


def test_a_weak_password_opens_nobody() -> None:
    refused = run("bootstrap", "--login", "admin", "--name", "方祺", typed="aaaaaaaaaaaa\naaaaaaaaaaaa\n")
    assert (refused.exit_code, "password-too-weak" in refused.output) == (1, True)


def test_a_password_is_never_shown_again() -> None:
    typed = "晴朗的早晨 2026 年\n晴朗的早晨 2026 年\n"
    assert "晴朗" not in run("bootstrap", "--login", "admin", "--name", "方祺", typed=typed).output


def test_resetting_without_a_demo_says_that_nothing_was_deleted() -> None:
    assert "没有删除任何东西" in run("demo-reset").output


def test_a_vaults_key_is_made_once_and_kept(folder: Path) -> None:
    assert run("vault-key").exit_code == 0
    made = (folder / "vault.key").read_bytes()
    assert run("vault-key").exit_code == 0
    assert (folder / "vault.key").read_bytes() == made


def test_a_stream_is_resumed_in_a_ledger_that_exists(folder: Path) -> None:
    refused = run("organization", "resume", "nothing", "organization:activity:1")
    assert (refused.exit_code, "没有名为 nothing 的台账" in refused.output) == (2, True)
