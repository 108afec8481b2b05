"""Loading the demo once, saying who can sign in, starting over."""

import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from services.access.accounts import open_account
from services.access.domain.account import OpenAccount
from services.access.domain.roles import GrantRole
from services.access.passwords import Passwords
from services.runtime.assembly import Assembly
from services.runtime.demo import documents, filings, inspections, meetings, study, year
from services.runtime.demo.cast import ACCOUNTS, ARCHIVE, COMMITTEE, OFFICE, OTHER_ACCOUNT, AccountCast, BranchCast
from services.runtime.demo.organisations import Cast, demo_id, establish
from services.runtime.registry import SERVICES, service
from shared.application.commands import Request
from shared.clock import CHINA, start_of_day
from shared.security.principal import ROLE_NAMES
from shared.service import Runtime
from shared.settings import Settings

ACCOUNTS_FILE = "demo-accounts.json"
LOADING_FILE = "demo-loading.json"
OTHER_AGENCY = "另一机关的机关党总支干事"
_FOLDERS = ("views", "blobs", "index")
_DATABASES = (*SERVICES, "vault", "blobs", "bus")
_FILES = (*(f"{name}.db*" for name in _DATABASES), "vault.key*", "demo-*.json", "demo-*.partial")


class DemoClock:
    """A clock that the load moves through the year up to ``end``, so that stamps lie where the work was done."""

    def __init__(self, start: datetime, end: datetime) -> None:
        self._now, self._end = min(start, end), end

    def __call__(self) -> datetime:
        """Return the moment, each a little later than the one before."""
        self._now += timedelta(milliseconds=20)
        return self._now

    def move_to(self, moment: datetime) -> None:
        """Go on to a moment, never back and never beyond the end: nothing is recorded tomorrow."""
        self._now = max(self._now, min(moment, self._end))


def load_once(assembly: Assembly, out: Console) -> None:
    """Load the demo into an empty data folder, or finish a load that was interrupted; else do nothing."""
    folder = assembly.settings.data_dir
    loading, done = folder / LOADING_FILE, folder / ACCOUNTS_FILE
    if done.exists() or (assembly.store("organization").head() and not loading.exists()):
        return
    out.print("首次启动，正在装入演示数据…")
    if not loading.exists():
        _write_private(loading, {cast.login: secrets.token_urlsafe(9) for cast in (*ACCOUNTS, OTHER_ACCOUNT)})
    passwords: dict[str, str] = json.loads(loading.read_text("utf-8"))
    _load(assembly.settings, passwords, assembly.clock().astimezone(CHINA))
    accounts = {ROLE_NAMES[a.role]: _entry(a, passwords) for a in ACCOUNTS}
    _write_private(done, accounts | {OTHER_AGENCY: _entry(OTHER_ACCOUNT, passwords)})
    loading.unlink()


def _load(settings: Settings, passwords: dict[str, str], now: datetime) -> None:
    with _at_new_year(settings, now) as (assembly, clock):
        cast, plan_id = _load_year(assembly, clock, now, passwords)
    with _at_new_year(settings, now) as (assembly, clock):
        study.load(assembly.runtime(service("study")), cast, demo_id("account", "luolan"), now, clock.move_to)
    with _at_new_year(settings, now) as (assembly, clock):
        documents.load(assembly.runtime(service("research")), cast, plan_id, now, clock.move_to)


@contextmanager
def _at_new_year(settings: Settings, now: datetime) -> Iterator[tuple[Assembly, DemoClock]]:
    """Begin a year of one context's work, which then goes up to now."""
    clock = DemoClock(start_of_day(now.date().replace(month=1, day=1)) + timedelta(hours=9), now)
    assembly = Assembly(settings, clock)
    try:
        yield assembly, clock
    finally:
        assembly.close()


def _load_year(assembly: Assembly, clock: DemoClock, now: datetime, passwords: dict[str, str]) -> tuple[Cast, str]:
    organization = assembly.runtime(service("organization"))
    cast = Cast()
    for agency in (COMMITTEE, OFFICE, ARCHIVE):
        establish(organization, agency, cast, demo_id("account", "gaoyuan"))
    for account in (*ACCOUNTS, OTHER_ACCOUNT):
        _open(assembly, cast, account, passwords)
    supervisor = demo_id("account", "luolan")
    adopted = min(now, start_of_day(now.date().replace(month=1, day=15)) + timedelta(hours=10))
    clock.move_to(adopted)
    plan_id = year.adopt_plan(organization, cast, supervisor, adopted.date())
    _organised_life(organization, clock, cast, plan_id, now)
    clock.move_to(now)
    inspections.load(assembly.runtime(service("access")), cast, now.date())
    return cast, plan_id


def _organised_life(organization: Runtime, clock: DemoClock, cast: Cast, plan_id: str, now: datetime) -> None:
    """File plans and record what was held, day by day; secretaries confirm it later, the last records wait for them."""
    supervisor, organiser = demo_id("account", "luolan"), demo_id("account", "zhouning")
    days = list(year.theme_days(cast, plan_id, now))
    corrected = next((d for d in days[len(days) // 2 :] if d.details.absentees), None)
    held: list[year.ThemeDay | meetings.Meeting] = [*days, *meetings.meetings(cast, plan_id, now)]
    waiting: list[meetings.Waiting] = []
    plans = filings.months_plans(now)

    def recorder_of(branch: BranchCast) -> str:
        return organiser if branch is OFFICE.branches[0] else supervisor

    def file_until(day: date) -> None:
        while plans and plans[0].filed_on <= day:
            clock.move_to(start_of_day(plans[0].filed_on) + timedelta(hours=10))
            filings.file(organization, cast, recorder_of(plans[0].branch), plans.pop(0))

    for each in sorted(held, key=lambda one: one.held_on):
        file_until(each.held_on)
        clock.move_to(start_of_day(each.held_on + timedelta(days=1)) + timedelta(hours=16, minutes=40))
        waiting = _confirmed(organization, cast, waiting, each.held_on)
        recorder = recorder_of(each.branch)
        entry = 1
        if isinstance(each, meetings.Meeting):
            activity_id = each.id
            meetings.record(organization, cast, recorder, each)
        else:
            activity_id = year.record(organization, cast, recorder, each, each.held_on + timedelta(days=1))
            if each is corrected:
                clock.move_to(clock() + timedelta(hours=17))
                year.correct(organization, cast, supervisor, activity_id, each, clock().date())
                entry = 2
        waiting.append(meetings.Waiting(activity_id, each.branch, each.held_on, entry))
    clock.move_to(now - timedelta(hours=20))
    waiting = _confirmed(organization, cast, waiting, now.date())
    own = [w for w in waiting if w.branch is OFFICE.branches[0]]
    for last in own[:1]:
        meetings.give_back(organization, cast, last)
    meetings.say_not_held(organization, cast, supervisor, now)
    file_until(now.date())


def _confirmed(organization: Runtime, cast: Cast, waiting: list[meetings.Waiting], day: date) -> list[meetings.Waiting]:
    """Confirm what has waited long enough; return what still waits."""
    due = [w for w in waiting if w.held_on + meetings.FRESH <= day]
    for each in due:
        meetings.confirm(organization, cast, each)
    return [w for w in waiting if w not in due]


def _open(assembly: Assembly, cast: Cast, account: AccountCast, passwords: dict[str, str]) -> None:
    access = assembly.runtime(service("access"))
    account_id = demo_id("account", account.login)
    if access.store.load(f"access:account:{account_id}"):
        return
    grants = tuple(
        GrantRole(
            grant_id=demo_id("grant", account.login, agency, organisation),
            role=account.role.value,
            agency_id=cast.agencies[agency],
            organisation_id=cast.organisations[agency, organisation],
        )
        for agency, organisation in account.held
    )
    agency_id = grants[0].agency_id
    command = OpenAccount(
        account_id=account_id,
        agency_id=agency_id,
        login=account.login,
        display_name=account.name,
        member_id=cast.members.get(account.name),
        password_hash=Passwords().hash(account.login, passwords[account.login]),
        grants=grants,
    )
    open_account(access, command, Request(actor=demo_id("account", "gaoyuan"), agency_id=agency_id))


def _entry(account: AccountCast, passwords: dict[str, str]) -> dict[str, Any]:
    agency = account.held[0][0]
    return {
        "account": account.login,
        "password": passwords[account.login],
        "agency": demo_id(agency),
        "agency_name": agency,
        "role": account.role.value,
        "name": account.name,
    }


def _write_private(file: Path, value: dict[str, Any]) -> None:
    partial = file.with_suffix(".partial")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as writing:
        json.dump(value, writing, ensure_ascii=False, indent=2)
        writing.flush()
        os.fsync(writing.fileno())
    partial.replace(file)


def print_welcome(settings: Settings, out: Console) -> None:
    """Print the address and, where the demo is loaded, who can sign in."""
    out.print(f"\n机关党建工作平台已启动： http://{settings.host}:{settings.port}\n")
    file = settings.data_dir / ACCOUNTS_FILE
    if not file.exists():
        return
    table = Table("角色", "账号", "密码", "机关", title="演示账号", title_justify="left")
    for role, entry in json.loads(file.read_text("utf-8")).items():
        table.add_row(role, entry["account"], entry["password"], entry["agency_name"])
    out.print(table)


def reset(settings: Settings, out: Console) -> None:
    """Delete what the platform keeps in the data folder; the next start loads the demo anew.

    Only where the demo was loaded, and only what the platform made: real records are never deleted by a command,
    nor is anything else that lies in the folder.
    """
    folder = settings.data_dir
    loaded = (folder / ACCOUNTS_FILE).exists() or (folder / LOADING_FILE).exists()
    if not loaded or not settings.embedded:
        out.print("数据文件夹里没有演示数据，没有删除任何东西。")
        return
    for name in _FOLDERS:
        shutil.rmtree(folder / name, ignore_errors=True)
    for pattern in _FILES:
        for file in folder.glob(pattern):
            file.unlink()
    out.print("演示数据已清除；下次启动会重新装入。")
