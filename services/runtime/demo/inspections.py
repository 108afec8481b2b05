"""The demo's mandates: one that runs, one that waits for its approval, one that is over with what was read under it."""

from dataclasses import dataclass
from datetime import date, timedelta

from services.access.domain.mandate import (
    MANDATE,
    ApproveMandate,
    ClearMandate,
    Command,
    EndMandate,
    MandateTerms,
    RequestMandate,
)
from services.access.domain.reading import READING, Asked, RecordReading
from services.runtime.demo.cast import ARCHIVE, OFFICE
from services.runtime.demo.organisations import Cast, demo_id
from shared.application.commands import Request
from shared.contracts.access import MandatePlace
from shared.security.principal import PLATFORM, Role
from shared.service import Runtime

APPROVER = demo_id("account", "zhoujian")


@dataclass(frozen=True, slots=True)
class Inspection:
    """One mandate of the demo; days count from the day of loading."""

    name: str
    body: Role
    login: str
    basis: str
    agencies: tuple[tuple[str, str], ...]
    first: int
    last: int
    contact: str
    items: tuple[str, ...]


_OFFICE = (OFFICE.name, OFFICE.root_name)
RUNNING = Inspection(
    "running",
    Role.INSPECTOR,
    "shenmo",
    "清工委〔{year}〕31号《关于开展机关党建工作季度检查的通知》",
    (_OFFICE, (ARCHIVE.name, ARCHIVE.root_name)),
    -7,
    30,
    "罗岚 内线 6012",
    ("主题党日记录", "任务落实台账", "年度工作要点"),
)
WAITING = Inspection(
    "waiting",
    Role.SUPERVISION_GROUP,
    "duwen",
    "清督〔{year}〕18号《关于重点改革任务落实情况的督查通知》",
    (_OFFICE,),
    0,
    14,
    "罗岚 内线 6012",
    ("任务落实台账",),
)
OVER = Inspection(
    "over",
    Role.PATROL_GROUP,
    "xunyi",
    "清巡〔{year}〕5号《关于开展常规巡察的通知》",
    (_OFFICE,),
    -20,
    10,
    "唐书岚 内线 6001",
    ("组织生活记录", "任务落实台账"),
)
READ = (
    ("GET /api/organization/work-plans/{plan_id}/ledger", "/api/organization/work-plans", ""),
    ("GET /api/search", "/api/search", "q=%E4%B8%BB%E9%A2%98%E5%85%9A%E6%97%A5"),
    ("GET /api/organization/activities", "/api/organization/activities", ""),
)


def load(access: Runtime, cast: Cast, today: date) -> None:
    """Record the demo's mandates; again: nothing."""
    for inspection in (OVER, RUNNING, WAITING):
        _handle(access, cast, inspection, _request(cast, inspection, today))
    _handle(access, cast, RUNNING, ApproveMandate(APPROVER, today))
    _handle(access, cast, OVER, ApproveMandate(APPROVER, today))
    _read(access, cast)
    _handle(access, cast, OVER, EndMandate(_who(OVER), "现场了解已经结束", today))
    _handle(access, cast, OVER, ClearMandate(_who(OVER), "调阅的复印件 4 份已当面退回，电子摘录已删除", today))


def _who(inspection: Inspection) -> str:
    return demo_id("account", inspection.login)


def _request(cast: Cast, inspection: Inspection, today: date) -> RequestMandate:
    first = today + timedelta(days=inspection.first)
    terms = MandateTerms(
        body=inspection.body.value,
        basis=inspection.basis.format(year=today.year),
        places=tuple(
            MandatePlace(agency_id=cast.agencies[agency], organisation_id=cast.organisations[agency, organisation])
            for agency, organisation in inspection.agencies
        ),
        classes=("public", "internal"),
        first_day=first,
        last_day=today + timedelta(days=inspection.last),
        people=(_who(inspection),),
        contact=inspection.contact,
        items=inspection.items,
    )
    return RequestMandate(demo_id("mandate", inspection.name), _who(inspection), terms, first)


def _handle(access: Runtime, cast: Cast, inspection: Inspection, command: Command) -> None:
    actor = APPROVER if isinstance(command, ApproveMandate) else _who(inspection)
    request = Request(actor=actor, agency_id=cast.agencies[inspection.agencies[0][0]])
    access.commands.handle(MANDATE, demo_id("mandate", inspection.name), command, request)


def _read(access: Runtime, cast: Cast) -> None:
    for number, (operation, path, asked) in enumerate(READ):
        reading_id = demo_id("reading", str(number))
        command = RecordReading(
            Asked(reading_id, _who(OVER), operation, path, asked),
            agencies=((demo_id("mandate", OVER.name), (cast.agencies[OFFICE.name],)),),
        )
        access.commands.handle(READING, reading_id, [command], Request(actor=_who(OVER), agency_id=PLATFORM))
