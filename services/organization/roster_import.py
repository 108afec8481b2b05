"""From a workbook of 组织与名册 to the tree and the rosters: a dry run that stores nothing, an import that can go on.

The tree is changed in one append, all of its sheet or nothing. Each member has a stream of their own, so the roster is
carried out member by member: whoever is interrupted sends the same sheet again, and what was done is not done twice.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date

from services.organization.domain.agency import AGENCY, AgencyState, ReviseTree
from services.organization.domain.member import MEMBER
from services.organization.domain.quarantine import QUARANTINE
from services.organization.import_steps import PersonSteps, Plan
from services.organization.ledgers.organisations import ORGANISATIONS
from services.organization.roster_layout import ROSTER_SHEET, TREE_SHEET
from services.organization.roster_plan import RosterPlan
from services.organization.roster_sheets import RowError, sheets_of
from services.organization.roster_views import House
from services.organization.tree_plan import TreePlan
from shared.application.commands import Request
from shared.application.tokens import Token
from shared.decider import RuleBroken
from shared.documents import DEFAULT_LIMITS, Sheets, read_workbook
from shared.documents.limits import MEGABYTE
from shared.eventstore.port import Claim, ClaimTaken
from shared.http.requests import LONGEST_WAIT
from shared.ids import StreamName
from shared.quarantine import Offered, Uploaded, watched
from shared.service import Runtime

ROW_CLAIM = "roster-row"
WRITERS = 8
"""Members' streams are written side by side: appends that wait together are made durable together."""


def read_sheets(runtime: Runtime, request: Request, uploaded: Uploaded) -> Sheets:
    """Read a workbook; one with a 密级标志 is put aside and the 保密员 told.

    Raises:
        DocumentRefused: it cannot or must not be read.
    """
    limits = replace(DEFAULT_LIMITS, size=runtime.settings.upload_limit_mb * MEGABYTE)
    with watched(runtime, QUARANTINE, request, Offered(uploaded.name, uploaded.data, "导入组织与名册")):
        return read_workbook(uploaded.name, uploaded.data, limits)


def plan_of_import(state: AgencyState, house: House, sheets: Sheets, today: date) -> Plan:
    """Compare a workbook with the agency's tree and rosters as they stand."""
    tree, roster = sheets_of(sheets)
    plan = Plan()
    if tree is None and roster is None:
        detail = f"没有找到名为“{TREE_SHEET}”或“{ROSTER_SHEET}”的工作表，请使用模板。"
        plan.errors.append(RowError("", 0, "", "sheet-missing", detail))
    for sheet in (tree, roster):
        if sheet:
            plan.ignored += [f"{sheet.name}：{heading}" for heading in sheet.ignored]
    if tree and tree.headings:
        state = TreePlan(plan, state, tree).read()
    if roster and roster.headings:
        RosterPlan(plan, state, house, roster, today).read()
    for sheet in (tree, roster):
        plan.errors += sorted(sheet.errors, key=lambda error: error.row) if sheet else []
    return plan


@dataclass(frozen=True, slots=True)
class Done:
    """What an import did: changes of the tree, members touched, how many rows still wait, the last thing written."""

    organisations: int
    members: int
    remaining: int
    token: Token | None


def carry_out(runtime: Runtime, request: Request, plan: Plan, uploaded: Uploaded, limit: int) -> Done:
    """Change the tree, then the rosters of up to ``limit`` members.

    Raises:
        RuleBroken: a row of the workbook is wrong; nothing was changed.
    """
    if plan.errors:
        raise RuleBroken("import-has-errors", f"表中还有 {len(plan.errors)} 处问题，没有导入任何一行。")
    token = None
    if plan.tree:
        outcome = runtime.commands.handle(AGENCY, request.agency_id, ReviseTree(tuple(plan.tree)), request)
        token = outcome.token
    sheet = uploaded.sha256()
    # A 书记 steps down before another is named, so that at no moment there are two.
    ordered = sorted(plan.people, key=lambda s: not s.leave)
    now, later = ordered[:limit], ordered[limit:]
    written = [] if token is None else [token]
    with ThreadPoolExecutor(WRITERS) as pool:
        for part in ([s for s in now if s.leave], [s for s in now if not s.leave]):
            tokens = pool.map(lambda steps: _one_member(runtime, request, steps, sheet), part)
            written += [token for token in tokens if token]
    _await(runtime, written)
    return Done(len(plan.tree), len(now), len(later), written[-1] if written else None)


def _await(runtime: Runtime, written: list[Token]) -> None:
    """Wait, bounded, until the rosters' ledger knows all of it: several writers have no last word."""
    until = time.monotonic() + LONGEST_WAIT
    for token in written:
        if not runtime.reader.wait_for(ORGANISATIONS.name, token, max(until - time.monotonic(), 0)):
            return


def _one_member(runtime: Runtime, request: Request, steps: PersonSteps, sheet: str) -> Token | None:
    member_id, token = steps.member_id, None
    if steps.enrol:
        # A row of this very sheet is taken once: a ledger that lags behind enrols nobody a second time.
        claim = Claim(ROW_CLAIM, f"{request.agency_id}/{sheet}/{steps.row}")
        try:
            token = runtime.commands.handle(MEMBER, member_id, steps.enrol, request, lambda _: (claim,)).token
        except ClaimTaken as lost:
            token = runtime.commands.token(StreamName.parse(lost.taken.stream_id), lost.taken.version)
        member_id = token.stream.id
    for command in (steps.move, *steps.leave, *steps.take):
        if command:
            token = runtime.commands.handle(MEMBER, member_id, command, request).token
    return token
