"""The ``liuhen`` command: ``serve``, and for every context ``liuhen <context> api|relay|…``."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from services.access.bootstrap import open_first_administrator, refuse_where_opened
from services.access.oidc.identities import link_by_login
from services.runtime import backup as backups
from services.runtime import context_commands, demo, plan_import, process
from services.runtime.assembly import Assembly
from services.runtime.registry import SERVICES, service
from services.runtime.single import AlreadyRunning, only_one
from shared.decider import RuleBroken
from shared.observability.logs import configure
from shared.security.principal import ROLE_NAMES, Role
from shared.settings import Misconfigured, settings
from shared.vault.master import MasterKeyRefused, master_key
from shared.vault.sql import WrongMasterKey


class Duty(StrEnum):
    """One of the three administrators, as the command line names them."""

    SYSTEM = "system"
    SECURITY = "security"
    AUDIT = "audit"


DUTIES = {
    Duty.SYSTEM: Role.ADMINISTRATOR,
    Duty.SECURITY: Role.SECURITY_ADMINISTRATOR,
    Duty.AUDIT: Role.AUDIT_ADMINISTRATOR,
}

app = typer.Typer(no_args_is_help=True, add_completion=False, help="机关党建工作平台")
out = Console(soft_wrap=True)


@contextmanager
def assembled() -> Iterator[Assembly]:
    """Give a command its adapters and close them after it."""
    configure(settings())
    assembly = Assembly(settings())
    try:
        yield assembly
    finally:
        assembly.close()


@contextmanager
def alone() -> Iterator[None]:
    """Let no other platform run on this data folder meanwhile; where one does, say so and end with 1."""
    try:
        with only_one(settings().data_dir):
            yield
    except AlreadyRunning as refused:
        out.print(str(refused), soft_wrap=True)
        raise typer.Exit(1) from refused


@app.command(help="在一个进程里运行整个平台；首次装入演示数据，LIUHEN_DEMO=0 时不装。")
def serve() -> None:
    """Run the whole platform in this one process; loads the demo once unless LIUHEN_DEMO=0."""
    with alone(), assembled() as assembly:
        for each in SERVICES.values():
            assembly.migrate(each)
        if assembly.settings.demo:
            demo.load_once(assembly, out)
        process.serve_embedded(assembly, on_ready=lambda: demo.print_welcome(assembly.settings, out))


@app.command("demo", help="把演示数据装入空的数据库，单机或全市部署都可以；已有记录的不动。")
def load_demo(
    agencies: Annotated[int, typer.Option(min=0, max=1000, help="另外再生成多少个演示机关")] = 0,
    months: Annotated[int, typer.Option(min=1, max=60, help="每个机关往前多少个月的主题党日")] = 12,
) -> None:
    """Load the demo into empty databases, here or in a city; where anything is recorded, do nothing.

    With ``--agencies`` as many more invented agencies are made beside it; those that are there already are kept.
    """
    with alone(), assembled() as assembly:
        if assembly.settings.embedded:
            for each in SERVICES.values():
                assembly.migrate(each)
        demo.load_once(assembly, out)
        if agencies:
            demo.make_more(assembly, out, agencies, months)


@app.command(
    help="开立最初的系统、安全、审计管理员；每种只在从没有人担任过时可以开立。密码只在提示后输入，不能写在命令里。"
)
def bootstrap(
    login: Annotated[str | None, typer.Option(help="登录名；不写则提示输入")] = None,
    name: Annotated[str | None, typer.Option(help="本人的姓名，留痕和页面上都显示它；不写则提示输入")] = None,
    duty: Annotated[Duty, typer.Option(help="三员之一：system 系统、security 安全、audit 审计")] = Duty.SYSTEM,
) -> None:
    """Open one of the first three administrators; what stands against it is said before anything is asked for."""
    role = DUTIES[duty]
    with assembled() as assembly:
        access = service("access")
        assembly.migrate(access)
        runtime = assembly.runtime(access)
        try:
            refuse_where_opened(runtime, role)
            login = login or typer.prompt("登录名")
            name = typer.prompt("姓名") if name is None else name
            password = typer.prompt("密码", hide_input=True, confirmation_prompt="再输一次")
            open_first_administrator(runtime, login, name, password, role)
        except RuleBroken as refused:
            out.print(f"没有开立：{refused.sentence}（{refused.code}）")
            raise typer.Exit(1) from refused
        out.print(f"已开立{ROLE_NAMES[role]} {name.strip()}（{login}）")


@app.command("link-identity", help="把一个账号与统一身份认证里的本人关联；用于第一个账号，之后在页面上办理。")
def link(
    login: Annotated[str, typer.Option(help="登录名")],
    identity: Annotated[str, typer.Option(help="统一身份认证中这个人的 sub（Keycloak 用户页上的 ID）")],
) -> None:
    """Link an account with its person at the identity provider; for the first one, before anybody can sign in."""
    with assembled() as assembly:
        try:
            link_by_login(assembly.runtime(service("access")), login, identity)
        except RuleBroken as refused:
            out.print(f"没有关联：{refused.sentence}（{refused.code}）")
            raise typer.Exit(1) from refused
        out.print(f"已关联 {login}，可以用统一身份认证登录")


@contextmanager
def refusals() -> Iterator[None]:
    """Say in one sentence why a backup cannot be taken or put back, and end with 1."""
    try:
        yield
    except (backups.BackupRefused, MasterKeyRefused, WrongMasterKey) as refused:
        out.print(str(refused))
        raise typer.Exit(1) from refused


@app.command(help="备份不能由其他数据得出的全部内容；平台不必停。")
def backup(folder: Annotated[Path, typer.Argument(help="还没有的文件夹")]) -> None:
    """Copy everything that cannot be derived; the platform may go on running."""
    with refusals():
        backups.take(settings(), folder, out)


@app.command(help="把备份恢复到还没有任何记录的地方。")
def restore(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="备份的文件夹")],
    erased_in: Annotated[
        list[Path] | None,
        typer.Option(exists=True, file_okay=False, help="更新的备份：其中已销毁的密钥不会复活；可重复"),
    ] = None,
) -> None:
    """Put a backup back where nothing is recorded yet."""
    with refusals(), alone():
        backups.put_back(settings(), folder, erased_in or [], out)


@app.command("demo-reset", help="清空单机的数据，下次启动重新装入演示数据。")
def demo_reset() -> None:
    """Delete the embedded data folder's databases and load the demo anew at the next start."""
    with alone():
        demo.reset(settings(), out)


@app.command("vault-key", help="在 LIUHEN_VAULT_KEY_FILE 所指的位置生成主密钥；已有的不动。")
def vault_key() -> None:
    """Make the vault's master key where LIUHEN_VAULT_KEY_FILE says, unless there is one; once in a city's life."""
    file = settings().resolved_vault_key_file
    master_key(file, create=True)
    out.print(f"主密钥：{file}。请立即另存一份，与数据库备份分开保管；丢失后数据不能再读。")


plan = typer.Typer(no_args_is_help=True, help="工作要点")
app.add_typer(plan, name="plan")


@plan.command("import", help="导入一份文件作为机关的年度工作要点，等待核对与采纳。")
def import_plan(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="要点，TXT、DOCX 或 PDF")],
    agency: Annotated[str, typer.Option(help="机关的编号")],
    title: Annotated[str | None, typer.Option(help="名称；不填则取文件里的标题")] = None,
    year: Annotated[int | None, typer.Option(help="年度；不填则取文件里的年度")] = None,
) -> None:
    """Import a document as an agency's annual work plan, for review and adoption."""
    with assembled() as assembly:
        plan_import.run(assembly, out, file, agency, title, year)


for _service in SERVICES.values():
    app.add_typer(context_commands.for_service(_service, assembled, out), name=_service.name)


def main() -> None:
    """Run the command line; settings that contradict one another are one sentence, not a trace."""
    try:
        app()
    except Misconfigured as wrong:
        out.print(f"设置有误：{wrong}")
        raise SystemExit(1) from wrong


if __name__ == "__main__":
    main()
