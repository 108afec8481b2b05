"""``liuhen plan import FILE --agency ID``: the same import as the API's, from the machine's own command line."""

from pathlib import Path

import typer
from rich.console import Console

from services.organization.import_plan import import_plan
from services.runtime.assembly import Assembly
from services.runtime.registry import service
from shared.application.commands import Request
from shared.decider import RuleBroken
from shared.documents import DocumentRefused
from shared.quarantine import Uploaded
from shared.security.extent import Unbounded

ACTOR = "command-line"
OF_THE_MACHINE = Unbounded("who imports on the command line has the machine, hence everything")


def run(assembly: Assembly, out: Console, file: Path, agency: str, title: str | None, year: int | None) -> None:
    """Import the file and print the plan's id; a refusal prints its sentence and ends with code 1."""
    organization = service("organization")
    assembly.migrate(organization)
    runtime = assembly.runtime(organization)
    request = Request(actor=ACTOR, agency_id=agency)
    try:
        outcome = import_plan(runtime, request, OF_THE_MACHINE, Uploaded(file.name, file.read_bytes()), title, year)
    except (DocumentRefused, RuleBroken) as refused:
        out.print(f"没有导入：{refused.sentence}（{refused.code}）")
        raise typer.Exit(1) from refused
    out.print(f"{'此前已导入' if outcome.repeated else '已导入，等待核对与采纳'}：{outcome.token.stream.id}")
