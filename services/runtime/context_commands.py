"""``liuhen <context> api|relay|sequence|project|index|migrate|rebuild|resume|check``, derived from the declaration."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from services.runtime import checks, process, roles
from services.runtime.assembly import Assembly
from shared.service import Service

ROLE_HELP = {
    "relay": "持续发布本服务的事件。",
    "sequence": "持续给已提交的事件编上位置。",
    "project": "持续更新本服务的台账。",
    "index": "持续更新检索索引。",
    "react": "持续按其他服务的事件办理本服务该办的事。",
}
"""What ``--help`` says of each loop."""

_SAME = {True: "与原来一致", False: "与原来不同", None: "与原来无法比较"}
Assembled = Callable[[], AbstractContextManager[Assembly]]


def for_service(service: Service, assembled: Assembled, out: Console) -> typer.Typer:
    """Return a service's commands: its API, one a role it has, and the chores."""
    group = typer.Typer(no_args_is_help=True, help=service.title)

    @group.command(help="运行本服务的接口。")
    def api() -> None:
        """Serve this context's API."""
        with assembled() as assembly:
            process.serve_api(assembly, service)

    if service.stateless:
        return group
    for role in dict.fromkeys((*roles.roles_of(service, embedded=False), "react")):
        group.command(role, help=ROLE_HELP[role])(_role(service, role, assembled))

    @group.command(help="把本服务的数据库升级到本程序的结构；可以重复执行。")
    def migrate() -> None:
        """Bring the context's database to this program's schema; safe to repeat."""
        with assembled() as assembly:
            assembly.migrate(service)
            out.print(f"{service.name}: 数据库已是最新结构")

    @group.command(help="在旁边重建一个台账，核对后换上。")
    def rebuild(ledger: Annotated[str, typer.Argument(help="台账名")]) -> None:
        """Rebuild a ledger beside the serving one and swap."""
        with assembled() as assembly:
            _rebuild(assembly, service, ledger, out)

    @group.command(help="搁置的流排除问题后继续记账；仍然搁置时退出码为 1。")
    def resume(
        ledger: Annotated[str, typer.Argument(help="台账名")],
        stream: Annotated[str, typer.Argument(help="搁置的流，如 organization:work-plan:…")],
    ) -> None:
        """Apply a parked stream's events once what stopped it is mended; exit code 1 where it stays parked."""
        with assembled() as assembly:
            _known(service, ledger, out)
            goes_on = assembly.projection(service).projectors[ledger].resume(stream)
            out.print(f"{stream}：{'已恢复' if goes_on else '仍然搁置'}")
            raise typer.Exit(0 if goes_on else 1)

    @group.command(help="核对本服务的数据；有不符时退出码为 1。")
    def check() -> None:
        """Check the context's invariants; exit code 1 when one does not hold."""
        with assembled() as assembly:
            raise typer.Exit(0 if checks.report(assembly, service, out) else 1)

    return group


def _role(service: Service, role: str, assembled: Assembled) -> Callable[[], None]:
    def run() -> None:
        with assembled() as assembly:
            process.run_loop(assembly, service, role)

    return run


def _known(service: Service, ledger: str, out: Console) -> None:
    if ledger not in {each.name for each in service.ledgers}:
        out.print(f"{service.name} 没有名为 {ledger} 的台账")
        raise typer.Exit(2)


def _rebuild(assembly: Assembly, service: Service, ledger: str, out: Console) -> None:
    _known(service, ledger, out)
    with Progress(console=out) as bars:
        bar = bars.add_task(f"重建 {ledger}", total=None)
        report = assembly.projection(service).rebuild(
            ledger, lambda p: bars.update(bar, completed=p.taken, total=p.taken + p.left)
        )
    out.print(f"{ledger}：{report.events} 个事件，{report.seconds:.1f} 秒，{_SAME[report.same]}")
