"""The demo: loaded once, gone on with where it broke off, removed without touching anything else."""

import json
import stat
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from rich.console import Console

from services.access.passwords import Passwords
from services.runtime.assembly import Assembly
from services.runtime.demo import lifecycle, load_once, make_more, print_welcome, reset, year
from services.runtime.demo.lifecycle import ACCOUNTS_FILE, LOADING_FILE
from services.runtime.demo.organisations import demo_id
from services.runtime.registry import SERVICES
from shared.contracts.base import Event
from shared.contracts.organization import ActivityRecorded, PlanFiled
from shared.contracts.research import DirectionSet, RevisionSubmitted
from shared.security.principal import ROLE_NAMES
from shared.settings import Settings

A_MOMENT = timedelta(seconds=30)
"""The demo's clock moves on by 20 ms an event."""

NOVEMBER = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(lifecycle, "Passwords", lambda: Passwords(quick))


@contextmanager
def started(folder: Path, now: datetime = NOVEMBER) -> Iterator[Assembly]:
    assembly = Assembly(Settings(data_dir=folder), lambda: now)
    try:
        for each in SERVICES.values():
            assembly.migrate(each)
        yield assembly
    finally:
        assembly.close()


def silent() -> Console:
    return Console(file=StringIO(), width=300)


def load(folder: Path, now: datetime = NOVEMBER) -> Console:
    out = silent()
    with started(folder, now) as assembly:
        load_once(assembly, out)
    return out


def said(out: Console) -> str:
    return out.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def trail(folder: Path, context: str = "organization") -> list[tuple[str, int, str]]:
    with started(folder) as assembly:
        return [(r.stream_id, r.version, r.type) for r in assembly.store(context).read(0, 10_000)]


def test_a_second_start_loads_nothing_again(tmp_path: Path) -> None:
    first = load(tmp_path)
    before = trail(tmp_path), trail(tmp_path, "access"), (tmp_path / ACCOUNTS_FILE).read_bytes()
    second = load(tmp_path)
    assert (trail(tmp_path), trail(tmp_path, "access"), (tmp_path / ACCOUNTS_FILE).read_bytes()) == before
    assert "首次启动" in said(first)
    assert said(second) == ""


def test_there_is_a_sign_in_for_every_role_and_one_of_another_agency(tmp_path: Path) -> None:
    load(tmp_path)
    accounts = json.loads((tmp_path / ACCOUNTS_FILE).read_text("utf-8"))
    assert accounts.keys() == {*ROLE_NAMES.values(), lifecycle.OTHER_AGENCY}
    assert all({"account", "password", "agency"} <= entry.keys() for entry in accounts.values())
    assert stat.S_IMODE((tmp_path / ACCOUNTS_FILE).stat().st_mode) == 0o600
    assert not (tmp_path / LOADING_FILE).exists()


class Crash(Exception):
    """The power goes."""


def breaks_off(folder: Path, where: Any, step: str, after: int) -> None:
    """Load until the step has been done so many times."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(where, step, _breaking(getattr(where, step), after))
        with pytest.raises(Crash):
            load(folder)


@pytest.mark.parametrize(
    ("step", "times"), [("adopt_plan", 0), ("_assignment", 4), ("record", 0), ("record", 7), ("correct", 0)]
)
def test_a_load_that_broke_off_goes_on_and_ends_as_if_it_had_not(tmp_path: Path, step: str, times: int) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    load(whole)
    breaks_off(broken, year, step, times)
    assert (broken / LOADING_FILE).exists()
    assert not (broken / ACCOUNTS_FILE).exists()
    load(broken)
    assert _without_plan_id(trail(broken)) == _without_plan_id(trail(whole))
    assert (broken / ACCOUNTS_FILE).exists()
    assert not (broken / LOADING_FILE).exists()


def test_a_load_that_broke_off_while_accounts_were_opened_keeps_the_passwords_it_made(tmp_path: Path) -> None:
    breaks_off(tmp_path, lifecycle, "open_account", 2)
    made = json.loads((tmp_path / LOADING_FILE).read_text("utf-8"))
    load(tmp_path)
    accounts = json.loads((tmp_path / ACCOUNTS_FILE).read_text("utf-8"))
    assert {entry["account"]: entry["password"] for entry in accounts.values()} == made


def test_real_records_are_never_mixed_with_the_demo(tmp_path: Path) -> None:
    load(tmp_path)
    (tmp_path / ACCOUNTS_FILE).unlink()
    before = trail(tmp_path)
    assert said(load(tmp_path)) == ""
    assert trail(tmp_path) == before
    assert not (tmp_path / ACCOUNTS_FILE).exists()


def test_the_demos_ids_are_the_same_on_every_machine() -> None:
    assert demo_id("清河市档案馆") == demo_id("清河市档案馆")
    assert demo_id("a", "b") != demo_id("b", "a")


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 12, 31, 17, 0, tzinfo=UTC),
        datetime(2027, 1, 2, 3, 0, tzinfo=UTC),
        datetime(2027, 1, 5, 16, 30, tzinfo=UTC),
        datetime(2027, 1, 20, 1, 0, tzinfo=UTC),
        datetime(2028, 2, 29, 1, 0, tzinfo=UTC),
        datetime(2026, 3, 31, 16, 30, tzinfo=UTC),
        datetime(2026, 12, 31, 15, 59, tzinfo=UTC),
    ],
    ids=str,
)
def test_the_demo_loads_on_any_day_of_the_year_and_records_nothing_after_it(tmp_path: Path, now: datetime) -> None:
    load(tmp_path, now)
    with started(tmp_path, now) as assembly:
        rows = assembly.store("organization").read(0, 10_000)
    assert rows
    assert max(r.stamped_at for r in rows) <= now + A_MOMENT
    assert max(r.valid_at for r in rows) <= now + A_MOMENT


def events(assembly: Assembly, context: str) -> list[Event]:
    return [assembly.codec.decode(row) for row in assembly.store(context).read(0, 10_000)]


def test_activities_serve_directions_documents_come_as_files_and_every_month_has_its_plans(tmp_path: Path) -> None:
    load(tmp_path)
    with started(tmp_path) as assembly:
        recorded, documents = (events(assembly, context) for context in ("organization", "research"))
    directions = {e.direction_id for e in documents if isinstance(e, DirectionSet)}
    served = [d for e in recorded if isinstance(e, ActivityRecorded) for d in e.directions]
    assert len(served) >= 5
    assert set(served) <= directions
    files = {e.source.name.rpartition(".")[2] for e in documents if isinstance(e, RevisionSubmitted) and e.source}
    assert files == {"docx", "pdf", "txt"}
    filed = {(e.organisation_id, e.month) for e in recorded if isinstance(e, PlanFiled)}
    assert {month for _, month in filed} == {date(2026, number, 1) for number in range(2, 13)}


def test_resetting_leaves_nothing_of_the_demo_and_everything_else(tmp_path: Path) -> None:
    load(tmp_path)
    for name in ("notes.txt", "backup/organization.db", "other.db"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("mine")
    reset(Settings(data_dir=tmp_path), silent())
    left = {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()}
    assert left == {"notes.txt", "backup/organization.db", "other.db"}
    assert "首次启动" in said(load(tmp_path))


def test_resetting_a_load_that_broke_off_starts_over(tmp_path: Path) -> None:
    breaks_off(tmp_path, year, "record", 3)
    reset(Settings(data_dir=tmp_path), silent())
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_a_folder_without_the_demo_is_not_touched(tmp_path: Path) -> None:
    with started(tmp_path) as assembly:
        assembly.store("organization").head()
    before = sorted(tmp_path.rglob("*.db"))
    out = silent()
    reset(Settings(data_dir=tmp_path), out)
    assert sorted(tmp_path.rglob("*.db")) == before
    assert "没有删除任何东西" in said(out)


def test_a_city_is_never_reset(tmp_path: Path) -> None:
    (tmp_path / ACCOUNTS_FILE).write_text("{}")
    reset(Settings(data_dir=tmp_path, database_url="postgresql+psycopg://nobody@nowhere.invalid/{context}"), silent())
    assert (tmp_path / ACCOUNTS_FILE).exists()


def test_the_welcome_names_the_address_and_every_sign_in(tmp_path: Path) -> None:
    load(tmp_path)
    out = silent()
    print_welcome(Settings(data_dir=tmp_path, port=8123), out)
    accounts = json.loads((tmp_path / ACCOUNTS_FILE).read_text("utf-8"))
    assert "http://127.0.0.1:8123" in said(out)
    assert all(entry["account"] in said(out) and entry["password"] in said(out) for entry in accounts.values())


def test_the_welcome_of_a_platform_without_the_demo_names_no_sign_in(tmp_path: Path) -> None:
    out = silent()
    print_welcome(Settings(data_dir=tmp_path), out)
    assert "密码" not in said(out)


def _breaking(step: Any, after: int) -> Any:
    """The step as it is, until it has been done so many times; then the power goes."""
    left = iter(range(after))

    def done(*given: Any, **named: Any) -> Any:
        if next(left, None) is None:
            raise Crash
        return step(*given, **named)

    return done


def _without_plan_id(found: list[tuple[str, int, str]]) -> list[tuple[str, int, str]]:
    """The plan's own id is made anew at each import; everything else is the same."""
    return [(s if ":work-plan:" not in s else "plan", v, t) for s, v, t in found]


def test_the_office_has_a_general_branch_five_branches_a_group_and_eighty_members_with_their_officers(
    tmp_path: Path,
) -> None:
    load(tmp_path)
    with started(tmp_path) as assembly:
        rows = assembly.store("organization").read(0, 100_000)
        office = [r for r in rows if r.agency_id == demo_id("清河市政策研究中心")]
    told = Counter(row.type for row in office)
    assert told["organization.member-enrolled"] == 80
    assert told["organization.organisation-established"] == 6
    secretaries = [r for r in office if r.type.endswith("office-taken") and r.payload["office"] == "secretary"]
    assert len({r.payload["organisation_id"] for r in secretaries}) == len(secretaries) == 6


def test_more_agencies_are_made_once(tmp_path: Path) -> None:
    load(tmp_path)
    with started(tmp_path) as assembly:
        before = assembly.store("organization").head()
        make_more(assembly, silent(), 2, 3)
        made = assembly.store("organization").head()
        make_more(assembly, silent(), 2, 3)
        assert assembly.store("organization").head() == made > before
        rows = assembly.store("organization").read(before, 100_000)
    assert len({row.agency_id for row in rows}) == 2
    assert Counter(row.type for row in rows)["organization.activity-recorded"] >= 2 * 3 * 2
