"""More of the demo: as many invented agencies as are asked for, each with branches, rosters and months of theme days.

The same numbers make the same agencies: what is there already is not made again.
"""

import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, timedelta
from random import Random

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from services.access.domain.account import ACCOUNT
from services.access.domain.roles import ApproveRole, RequestRole
from services.organization.domain.activity import ACTIVITY, ActivityDetails, RecordActivity
from services.runtime.assembly import Assembly
from services.runtime.demo.cast import AgencyCast, BranchCast, several
from services.runtime.demo.organisations import Cast, demo_id, establish
from services.runtime.demo.year import HERE
from services.runtime.registry import service
from shared.application.commands import Request
from shared.clock import day_in_china
from shared.contracts.organization import EvidenceKind, Office, OrganisationKind
from shared.decider import RuleBroken
from shared.security.principal import Role
from shared.service import Runtime

WRITERS = 8
"""Agencies made side by side: appends that wait together are made durable together."""

ACTOR = demo_id("account", "gaoyuan")
COMMITTEE_ACCOUNT = demo_id("account", "zhoujian")

_BODIES = several(
    "发展改革局 教育局 科学技术局 工业信息局 民政局 司法局 财政局 人力资源局 自然资源局 生态环境局 住房建设局 "
    "交通运输局 水务局 农业农村局 商务局 文化旅游局 卫生健康局 应急管理局 审计局 统计局 医疗保障局 "
    "林业局 信访局 国资中心 政务服务局 市场监管局 体育局 地方志办公室 机关事务中心 退役军人局"
)
_PLACES = ("清河市", "清河市东城区", "清河市西城区", "清河市石桥县", "清河市云台县", "清河市青河新区")
_OFFICES = several("办公室 政策法规处 综合业务处 规划财务处 人事处 监督检查处 信息中心 服务中心")
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁"
_GIVEN = several(
    "建华 志远 雅琴 晓峰 文静 国强 海燕 子涵 立群 玉兰 春生 明哲 思远 秀梅 长青 婷婷 振东 一凡 慧敏 学文 俊杰 红梅 "
    "大伟 佳宁 永康 素芳 天宇 若兰 守正 月华 鹏飞 静怡 宏达 美玲 仁杰 小雨 正平 云霞 启明 海涛 淑芬 卓然 少华 冬梅"
)


def make_more(assembly: Assembly, out: Console, agencies: int, months: int) -> None:
    """Make so many agencies with so many months of theme days, and let the demo's 工委 see them."""
    organization, access = assembly.runtime(service("organization")), assembly.runtime(service("access"))
    today = day_in_china(assembly.clock())
    columns = TextColumn("[progress.description]{task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, TimeRemainingColumn(), console=out) as progress, ThreadPoolExecutor(WRITERS) as pool:
        shown = progress.add_task("正在生成机关", total=agencies)
        for agency, cast in pool.map(lambda n: _one(organization, n, months, today), range(agencies)):
            _seen_by_the_committee(access, agency, cast)  # one account's stream: one after the other
            progress.advance(shown)
    out.print(f"已有 {agencies} 个演示机关，各 {months} 个月的主题党日；重新启动后台账和检索自行补齐。")


def _one(organization: Runtime, number: int, months: int, today: date) -> tuple[AgencyCast, Cast]:
    agency, cast = _agency(number, Random(number)), Cast()  # noqa: S311 for the same agencies each time
    establish(organization, agency, cast, ACTOR)
    for branch in agency.branches:
        for day, topic in _days(agency, branch, months, today):
            _record(organization, cast, agency, branch, day, topic, today)
    return agency, cast


def _agency(number: int, chance: Random) -> AgencyCast:
    place, body = _PLACES[number // len(_BODIES) % len(_PLACES)], _BODIES[number % len(_BODIES)]
    again = number // (len(_BODIES) * len(_PLACES))
    name = f"{place}{body}{f'第{again + 1}分局' if again else ''}"
    people = _people(chance)
    branches = tuple(
        BranchCast(f"{office}党支部", tuple(next(people) for _ in range(chance.randint(6, 15))))
        for office in _OFFICES[: chance.randint(3, 6)]
    )
    head = ((branches[0].members[0], Office.SECRETARY), (branches[1].members[0], Office.ORGANISATION))
    return AgencyCast(name, OrganisationKind.GENERAL_BRANCH, f"{body}机关党总支", branches, officers=head)


def _people(chance: Random) -> Iterator[str]:
    names = [f"{surname}{given}" for surname in _SURNAMES for given in _GIVEN]
    chance.shuffle(names)
    return iter(names)


def _days(agency: AgencyCast, branch: BranchCast, months: int, today: date) -> Iterator[tuple[date, dict[str, str]]]:
    topics = tomllib.loads((HERE / "theme_days.toml").read_text("utf-8"))["day"]
    for back in range(months):
        first = date(today.year + (today.month - 1 - back) // 12, (today.month - 1 - back) % 12 + 1, 1)
        chance = Random(f"{agency.name}{branch.name}{first}")  # noqa: S311 for the same days each time
        held_on = first + timedelta(days=chance.randint(3, 26))
        topic = chance.choice(topics)
        if held_on <= today:
            yield held_on, topic


def _record(
    organization: Runtime,
    cast: Cast,
    agency: AgencyCast,
    branch: BranchCast,
    day: date,
    topic: dict[str, str],
    today: date,
) -> None:
    activity_id = demo_id(agency.name, branch.name, f"{day.year}-{day.month}")
    agency_id = cast.agencies[agency.name]
    details = ActivityDetails(
        held_on=day,
        title=topic["title"],
        place=topic["place"],
        minutes=topic["minutes"].strip(),
        attendees=tuple(cast.members[name] for name in branch.members[:-1]),
        absentees=(cast.members[branch.members[-1]],),
        tasks=(),
    )
    organisation_id = cast.organisations[agency.name, branch.name]
    command = RecordActivity(activity_id, agency_id, organisation_id, EvidenceKind.THEME_DAY, details, today)
    organization.commands.handle(ACTIVITY, activity_id, command, Request(actor=ACTOR, agency_id=agency_id))


def _seen_by_the_committee(access: Runtime, agency: AgencyCast, cast: Cast) -> None:
    """Give the demo's 工委 its role at the agency, where the demo is loaded."""
    if not access.store.load(f"access:account:{COMMITTEE_ACCOUNT}", until=1):
        return
    agency_id, root = cast.agencies[agency.name], cast.organisations[agency.name, agency.root_name]
    asked, role, why = demo_id("grant", COMMITTEE_ACCOUNT, root), Role.WORK_COMMITTEE.value, "联系指导的机关"
    request = Request(actor=ACTOR, agency_id=agency_id)
    for command in (
        RequestRole(asked, role, agency_id, root, None, why, ACTOR),
        ApproveRole(asked, demo_id("account", "anning")),
    ):
        with suppress(RuleBroken):  # there from an earlier run
            access.commands.handle(ACCOUNT, COMMITTEE_ACCOUNT, command, request)
