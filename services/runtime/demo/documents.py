"""The demo's documents: a year of the office, its branches and the archive, with research directions and 政治把关."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from random import Random

from services.research.domain.directions import DIRECTIONS, SetDirection, directions_id
from services.research.domain.document import DOCUMENT
from services.research.domain.document_commands import (
    Change,
    CreateDocument,
    DeliverSpeech,
    FinalizeDraft,
    Links,
    PublishReport,
    SignReview,
    SubmitReport,
    SubmitRevision,
    Wording,
)
from services.research.intake import take_in
from services.runtime.demo import directions, papers, year
from services.runtime.demo.cast import ARCHIVE, OFFICE
from services.runtime.demo.organisations import Cast, demo_id
from services.runtime.demo.papers import K, Paper
from shared.application.commands import Outcome, Request
from shared.clock import start_of_day
from shared.contracts.base import BlobRef
from shared.documents.writing import docx_of, pdf_of
from shared.eventstore.sealing import stream_subject
from shared.quarantine import Uploaded
from shared.rules.loader import shipped_rules
from shared.service import Runtime

SEED = 20260112
COUNT = 320
"""Documents a load records, spread evenly over the days from the first week of January to the day of loading."""

COPIES = 6
UPLOADED = 40
"""Of so many documents one is uploaded as a file, the others are typed: reading a file takes a process of its own."""

_WRITERS: Mapping[str, Callable[[str], bytes]] = {"docx": docx_of, "pdf": pdf_of, "txt": str.encode}
WRITERS = 8
"""Documents of one day are written side by side: the store then commits them together."""

A_WHILE = timedelta(minutes=10)
"""What lies at least between two steps of one document."""

MoveTo = Callable[[datetime], None]
Step = tuple[datetime, int, Callable[[], None]]


@dataclass(frozen=True, slots=True)
class Desk:
    """One organisation that writes: how much of it all, on which subjects, of which kinds, by which accounts."""

    agency: str
    organisation: str
    share: int
    subjects: Sequence[str]
    kinds: Sequence[K]
    authors: Sequence[str]
    writer: str
    reviewer: str
    speaker: str


_RESEARCH = (K.RESEARCH_REPORT, K.RESEARCH_REPORT, K.OPINION_BRIEF, K.PRACTICE_REFLECTION, K.DRAFT)
_OFFICE_DESK = (K.DRAFT, K.DRAFT, K.SPEECH, K.SPEECH, K.RESEARCH_REPORT, K.PRACTICE_REFLECTION)
_BRANCHES = OFFICE.branches
DESKS = (
    Desk(OFFICE.name, OFFICE.root_name, 22, ("数字政府", "人才工作", "基层治理"), (K.SPEECH, K.DRAFT), (), "luolan",
         "tangshulan", "唐书岚"),
    Desk(OFFICE.name, _BRANCHES[0].name, 90, ("数字政府", "基层治理", "文旅融合", "营商环境"), _OFFICE_DESK,
         _BRANCHES[0].members, "zhouning", "gumingyuan", "顾明远"),
    Desk(OFFICE.name, _BRANCHES[1].name, 58, ("营商环境", "城市更新"), _RESEARCH, _BRANCHES[1].members, "luolan",
         "tangshulan", "唐书岚"),
    Desk(OFFICE.name, _BRANCHES[2].name, 58, ("乡村振兴", "民生保障"), _RESEARCH, _BRANCHES[2].members, "luolan",
         "tangshulan", "唐书岚"),
    Desk(OFFICE.name, _BRANCHES[3].name, 58, ("科技创新", "绿色转型", "人才工作"), _RESEARCH, _BRANCHES[3].members,
         "luolan", "tangshulan", "唐书岚"),
    Desk(OFFICE.name, _BRANCHES[4].name, 12, ("民生保障", "文旅融合"), (K.PRACTICE_REFLECTION,), _BRANCHES[4].members,
         "luolan", "tangshulan", "唐书岚"),
    Desk(ARCHIVE.name, ARCHIVE.root_name, 22, ("文旅融合", "基层治理", "数字政府"), (*_RESEARCH, K.SPEECH),
         ARCHIVE.members, "huying", "huying", "胡映"),
)  # fmt: skip
_OUTPUTS = (K.OPINION_BRIEF, K.PRACTICE_REFLECTION)
_RECIPIENTS = ("市委办公室", "市政府研究室", "市委改革办", "分管市领导")
_PUBLICATIONS = ("《清河调研》第 {n} 期", "《清河政研》第 {n} 期", "中心内网交流专栏")
_WITHOUT = "因会议提前，先行印发，签署于次日补办"


def at_work(moment: datetime) -> datetime:
    """Return the moment, or the next one at which an office works: on a weekday between eight and six."""
    if moment.hour >= 18:
        moment = (moment + timedelta(days=1)).replace(hour=8)
    elif moment.hour < 8:
        moment = moment.replace(hour=9)
    return moment + timedelta(days=(0, 0, 0, 0, 0, 2, 1)[moment.weekday()])


def load(research: Runtime, cast: Cast, plan_id: str, now: datetime, move_to: MoveTo) -> None:
    """Record the demo's directions and documents; again: nothing."""
    _make_keys(research)
    steps = [*_directions(research, cast, now), *_documents(research, cast, plan_id, now)]
    due = sorted((step for step in steps if step[0] <= now), key=lambda step: step[:2])
    with ThreadPoolExecutor(WRITERS) as pool:
        for _, todays in groupby(due, key=lambda step: step[0].date()):
            day = list(todays)
            move_to(day[0][0])
            by_document: dict[int, list[Step]] = {}
            for step in day:
                by_document.setdefault(step[1], []).append(step)
            for _ in pool.map(_carry_out, by_document.values()):
                pass


def _carry_out(steps: Sequence[Step]) -> None:
    """Carry out one document's steps of a day, one after the other."""
    for _, _, carry_out in steps:
        carry_out()


def _make_keys(research: Runtime) -> None:
    ids = [demo_id("document", str(number)) for number in range(COUNT)]
    own = [f"document:{id_}" for id_ in ids]
    research.vault.ensure_all([*own, *(stream_subject(f"research:document:{id_}") for id_ in ids)])


def _request(cast: Cast, desk: Desk, login: str) -> Request:
    return Request(actor=demo_id("account", login), agency_id=cast.agencies[desk.agency])


def _directions(research: Runtime, cast: Cast, now: datetime) -> Iterator[Step]:
    first = start_of_day(date(now.year, 1, 1)) + timedelta(days=1, hours=9)
    for desk in DESKS:
        organisation = cast.organisations[desk.agency, desk.organisation]
        for each in directions.DIRECTIONS.get(desk.organisation, ()):
            command = SetDirection(
                direction_id=each.id,
                agency_id=cast.agencies[desk.agency],
                organisation_id=organisation,
                year=now.year,
                title=each.title,
                question=each.question,
                reason=None,
                rule=shipped_rules().on("research-directions", now.date()),
            )

            def set_it(desk: Desk = desk, command: SetDirection = command) -> None:
                id_ = directions_id(command.organisation_id, command.year)
                research.commands.handle(DIRECTIONS, id_, command, _request(cast, desk, desk.writer))

            yield first, 0, set_it


def _documents(research: Runtime, cast: Cast, plan_id: str, now: datetime) -> Iterator[Step]:
    """Yield every step of every document, each at its moment."""
    draw, subjects, taken = Random(SEED), papers.subjects(), set[str]()  # noqa: S311  # a demo, no secret
    held = _theme_days(cast, now)
    begin = start_of_day(date(now.year, 1, 1)) + timedelta(days=3, hours=9)
    span = max(now - begin - timedelta(hours=2), timedelta(0))
    order = [desk for desk in DESKS for _ in range(desk.share)]
    draw.shuffle(order)
    written: list[Paper] = []
    for number, desk in enumerate(order):
        subject = draw.choice(desk.subjects)
        paper = papers.write(draw.choice(desk.kinds), subjects[subject], draw, taken)
        if number >= COUNT // 2 and number % (COUNT // 2 // COPIES) == 0:
            paper = papers.copied(draw.choice(written), f"{paper.wordings[0].title}（摘编）", draw)
        written.append(paper)
        day = begin + span * number / COUNT
        links = _links(desk, subject, paper, day.date(), held, plan_id)
        yield from _steps(research, cast, desk, paper, number, day, links, draw)


def _steps(
    research: Runtime,
    cast: Cast,
    desk: Desk,
    paper: Paper,
    number: int,
    begun: datetime,
    links: Links,
    draw: Random,
) -> Iterator[Step]:
    id_ = demo_id("document", str(number))
    latest = len(paper.wordings)

    last = begun - A_WHILE

    def at(moment: datetime, login: str, command: CreateDocument | Change) -> Step:
        nonlocal last
        last = max(at_work(moment), last + A_WHILE)
        request = _request(cast, desk, login)
        if isinstance(command, CreateDocument) and number % UPLOADED == UPLOADED // 2:
            file_type = list(_WRITERS)[number // UPLOADED % len(_WRITERS)]
            return last, number, lambda: _uploaded(research, command, file_type, request)
        return last, number, lambda: _done(research, id_, command, request)

    create = CreateDocument(
        document_id=id_,
        agency_id=cast.agencies[desk.agency],
        organisation_id=cast.organisations[desk.agency, desk.organisation],
        kind=paper.kind,
        document_class="public" if draw.random() < 0.2 else "internal",
        authors=tuple(cast.members[name] for name in draw.sample(list(desk.authors), min(2, len(desk.authors)))),
        wording=paper.wordings[0],
        links=links,
    )
    yield at(begun, desk.writer, create)
    moment = begun
    for wording in paper.wordings[1:]:
        moment += timedelta(days=draw.randint(1, 4), hours=draw.randint(0, 5))
        yield at(moment, desk.writer, SubmitRevision(wording, paper.note))
    moment += timedelta(hours=draw.randint(3, 60))
    if draw.random() < 0.05:
        return
    signed = draw.random() < 0.94
    if signed:
        remark = draw.choice((None, None, "事实已核，建议可行", "数据出处请留存备查"))
        yield at(moment, desk.reviewer, SignReview(latest, demo_id("account", desk.reviewer), remark))
    moment += timedelta(hours=draw.randint(1, 20))
    yield at(moment, desk.writer, FinalizeDraft(latest, None if signed else _WITHOUT))
    yield from (at(when, desk.writer, use) for when, use in _uses(desk, paper, moment, draw))


def _uses(desk: Desk, paper: Paper, final: datetime, draw: Random) -> Iterator[tuple[datetime, Change]]:
    """Yield what became of a final version, each recorded on the day it happened."""
    day = at_work(final + timedelta(hours=draw.randint(14, 40)))
    today = day.date()
    if paper.kind is K.SPEECH:
        occasion = paper.wordings[0].title.removeprefix("在").removesuffix("上的讲话").split("上的讲话")[0]
        yield day, DeliverSpeech(desk.speaker, occasion, today, today)
    elif paper.kind is not K.DRAFT and draw.random() < 0.45:
        yield day, SubmitReport(draw.choice(_RECIPIENTS), today, today)
        if draw.random() < 0.4:
            publication = draw.choice(_PUBLICATIONS).format(n=draw.randint(1, 24))
            yield day + timedelta(minutes=40), PublishReport(publication, today, today)


def _links(
    desk: Desk, subject: str, paper: Paper, day: date, held: Mapping[str, Sequence[tuple[date, str]]], plan_id: str
) -> Links:
    """Return what a paper belongs to; what a direction owes is what the plan asks of its branch."""
    served = [
        each.id
        for each in directions.served(desk.organisation, {subject})
        if paper.kind is K.RESEARCH_REPORT or (each.whole and paper.kind in _OUTPUTS)
    ]
    before = [id_ for held_on, id_ in held.get(desk.organisation, ()) if held_on < day]
    activities = before[-1:] if paper.kind is K.PRACTICE_REFLECTION else []
    tasks = [f"{plan_id}/{clause}" for clause in year.WRITTEN] if served else []
    return Links(activities=tuple(activities), directions=tuple(served), tasks=tuple(tasks))


def _theme_days(cast: Cast, now: datetime) -> dict[str, list[tuple[date, str]]]:
    """Return the theme days each branch held, by its name, in their order."""
    found: dict[str, list[tuple[date, str]]] = {}
    for day in year.theme_days(cast, "", now):
        id_ = demo_id(OFFICE.name, day.branch.name, day.held_on.isoformat())
        found.setdefault(day.branch.name, []).append((day.held_on, id_))
    return found


def _uploaded(research: Runtime, command: CreateDocument, file_type: str, request: Request) -> None:
    """Take a document in as the file that it was written in."""
    title, text = command.wording.title, command.wording.text or ""
    data = _WRITERS[file_type](text)

    def create(wording: Wording, source: BlobRef | None) -> Outcome:
        read = replace(command, wording=wording, source=source)
        return research.commands.handle(DOCUMENT, command.document_id, read, request)

    take_in(research, request, command.document_id, title, Uploaded(f"{title}.{file_type}", data), create)


def _done(research: Runtime, id_: str, command: CreateDocument | Change, request: Request) -> None:
    research.commands.handle(DOCUMENT, id_, command, request)
