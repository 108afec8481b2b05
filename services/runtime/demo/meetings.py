"""The demo's year of meetings and lectures: 三会一课, 组织生活会, 民主评议; a few wait, one was honestly not held."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from services.organization.domain.activity import (
    ACTIVITY,
    ActivityDetails,
    ConfirmMinutes,
    RecordActivity,
    ReturnMinutes,
)
from services.organization.domain.not_held import NOT_HELD, AnswerNotHeld, answer_id_of
from services.runtime.demo.cast import OFFICE, BranchCast
from services.runtime.demo.organisations import Cast, demo_id
from shared.application.commands import Request
from shared.contracts.organization import AbsenceReason, EvidenceKind
from shared.service import Runtime

K = EvidenceKind
EXCUSES = ("出差", "住院", "值班", "陪护家人", "参加培训")
FRESH = timedelta(days=14)
"""Records of the last days wait for the secretary still."""

MISSED = (4, 8)
"""Which branch, counted from 0, held no committee meeting in which month, and says so."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting as it will be recorded; ``where`` is the path of the organisation's name below the agency."""

    kind: EvidenceKind
    branch: BranchCast
    where: str
    held_on: date
    details: ActivityDetails

    @property
    def id(self) -> str:
        """Return the record's id, the same each time."""
        return demo_id(OFFICE.name, self.where, self.kind.value, self.held_on.isoformat())


def meetings(cast: Cast, plan_id: str, now: datetime) -> list[Meeting]:
    """Return the year's meetings up to now, in the order they were held."""
    texts = tomllib.loads((Path(__file__).parent / "meetings.toml").read_text("utf-8"))
    today, found = now.date(), list[Meeting]()
    for b, branch in enumerate(OFFICE.branches):
        for month in range(1, today.month + 1):
            for kind, day, said in _of_month(texts, b, branch, month):
                held_on = date(today.year, month, day)
                if held_on <= today - timedelta(days=1):
                    where = branch.groups[0][0] if kind is K.GROUP_MEETING else branch.name
                    details = _details(cast, branch, kind, held_on, said, plan_id)
                    found.append(Meeting(kind, branch, where, held_on, details))
    return sorted(found, key=lambda m: (m.held_on, m.branch.name, m.kind))


@dataclass(frozen=True, slots=True)
class _Said:
    title: str
    first: str | None
    topics: tuple[str, ...]
    minutes: str
    place: str = "支部活动室"


def _of_month(
    texts: dict[str, Any], b: int, branch: BranchCast, month: int
) -> Iterator[tuple[EvidenceKind, int, _Said]]:
    """Yield what a branch holds in a month: a kind, the day, what is said."""
    own, asked = texts["branch"][b], texts["month"][month - 1]
    closing = texts["closing"][(b + month) % len(texts["closing"])]["text"]
    matter = own["matters"][month % len(own["matters"])]
    if (b, month) != MISSED:
        minutes = f"{asked['first']}，书记领学，两名支委联系分工谈体会。\n{asked['said']}\n{matter}\n{closing}"
        topics = (asked["topic"], matter.split("，")[0])
        first = None if (b, month) in {(1, 6), (3, 9)} else asked["first"]
        yield K.COMMITTEE_MEETING, 2 + (b * 3 + month) % 9, _Said(asked["topic"], first, topics, minutes)
    if branch.groups:
        said = texts["group"]["said"][month % len(texts["group"]["said"])]
        title = f"党小组学习讨论：{asked['topic']}"
        yield K.GROUP_MEETING, 12 + month % 5, _Said(title, texts["group"]["first"], (asked["topic"],), said)
    if month % 3 == 1:
        title = own["general"] if month < 10 else f"{asked['topic']}，讨论支部年度工作"
        minutes = f"{asked['first']}。\n{title}。党员逐项发表意见，表决前再念一遍决议稿。\n{matter}\n{closing}"
        yield K.GENERAL_MEETING, 14 + b, _Said(title, asked["first"], (title,), minutes, "中心报告厅")
    if month % 3 == 2:
        title = own["lecture"] if month < 6 else f"{own['lecture']}（第 {(month + 1) // 3} 讲）"
        asked_after = "课后提问五个，当场答复四个，一个带回去查实再答。"
        minutes = f"{branch.members[0]}同志讲党课，结合近期工作讲了三个例子。\n{matter}\n{asked_after}"
        yield K.PARTY_LECTURE, 18 + b, _Said(title, None, (own["lecture"],), minutes, "中心一楼学习室")
    if month == 1:
        said = texts["org_life"]
        minutes = f"{said['said']}\n其中一条意见是：{matter}"
        yield (
            K.ORG_LIFE_MEETING,
            20 + b,
            _Said("上年度组织生活会", said["first"], ("对照检查", "批评与自我批评"), minutes),
        )
    if month == 2:
        said = texts["appraisal"]
        minutes = f"{said['said']}\n评议中议到：{matter}"
        yield (
            K.APPRAISAL,
            9 + b,
            _Said("上年度民主评议党员", said["first"], ("个人自评", "党员互评", "民主测评"), minutes),
        )


def _details(
    cast: Cast, branch: BranchCast, kind: EvidenceKind, held_on: date, said: _Said, plan_id: str
) -> ActivityDetails:
    names = branch.members[:3] if kind is K.COMMITTEE_MEETING else branch.members
    if kind is K.GROUP_MEETING:
        names = branch.groups[0][1]
    absent = names[-1:] if kind is not K.COMMITTEE_MEETING and held_on.day % 3 == 0 else ()
    reason = EXCUSES[(held_on.month + held_on.day) % len(EXCUSES)]
    monthly = {K.COMMITTEE_MEETING: ("5-2",), K.GENERAL_MEETING: ("5-2", "3-2", "7-2"), K.PARTY_LECTURE: ("5-2",)}
    return ActivityDetails(
        held_on=held_on,
        title=said.title,
        place=said.place,
        minutes=said.minutes,
        attendees=tuple(cast.members[m] for m in names if m not in absent),
        absentees=tuple(cast.members[m] for m in absent),
        tasks=tuple(f"{plan_id}/{number}" for number in monthly.get(kind, ())),
        chair=cast.members[names[0]],
        recorder=cast.members[names[1]],
        topics=said.topics,
        first_agenda=said.first,
        absence_reasons=tuple(AbsenceReason(member_id=cast.members[m], reason=reason) for m in absent),
    )


def record(runtime: Runtime, cast: Cast, actor: str, meeting: Meeting) -> None:
    """Record one meeting the day after it was held."""
    agency_id = cast.agencies[OFFICE.name]
    command = RecordActivity(
        activity_id=meeting.id,
        agency_id=agency_id,
        organisation_id=cast.organisations[OFFICE.name, meeting.where],
        kind=meeting.kind,
        details=meeting.details,
        today=meeting.held_on + timedelta(days=1),
    )
    runtime.commands.handle(ACTIVITY, meeting.id, command, Request(actor=actor, agency_id=agency_id))


@dataclass(frozen=True, slots=True)
class Waiting:
    """A record that waits for its secretary: whose, of which day, which entry is in force."""

    activity_id: str
    branch: BranchCast
    held_on: date
    entry: int


def confirm(runtime: Runtime, cast: Cast, waiting: Waiting) -> None:
    """Confirm a record in the name of its secretary."""
    runtime.commands.handle(ACTIVITY, waiting.activity_id, ConfirmMinutes(waiting.entry), _secretary(cast, waiting))


def give_back(runtime: Runtime, cast: Cast, waiting: Waiting) -> None:
    """Give a record back in the name of its secretary."""
    returned = ReturnMinutes(waiting.entry, "议定的事项只写了一句，请补上承办人和时间。")
    runtime.commands.handle(ACTIVITY, waiting.activity_id, returned, _secretary(cast, waiting))


def _secretary(cast: Cast, waiting: Waiting) -> Request:
    """Return who confirms: the first branch's own secretary, for the others the 党总支's."""
    login = "gumingyuan" if waiting.branch is OFFICE.branches[0] else "tangshulan"
    return Request(actor=demo_id("account", login), agency_id=cast.agencies[OFFICE.name])


def say_not_held(runtime: Runtime, cast: Cast, actor: str, now: datetime) -> None:
    """Say of one branch that it held no committee meeting in August; before September there is nothing to say."""
    branch, month = OFFICE.branches[MISSED[0]], MISSED[1]
    if now.month <= month:
        return
    agency_id, organisation_id = cast.agencies[OFFICE.name], cast.organisations[OFFICE.name, branch.name]
    first, last = date(now.year, month, 1), date(now.year, month, 31)
    answer = AnswerNotHeld(
        answer_id_of(organisation_id, K.COMMITTEE_MEETING, first),
        agency_id,
        organisation_id,
        K.COMMITTEE_MEETING,
        first,
        last,
        "八月持续高温，支委均在七十岁以上，改由书记逐户走访听取意见，九月合并召开。",
        last + timedelta(days=4),
    )
    runtime.commands.handle(NOT_HELD, answer.answer_id, answer, Request(actor=actor, agency_id=agency_id))
