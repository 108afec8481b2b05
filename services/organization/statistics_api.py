"""统计 (§8c): what was held beside what the frequency rules ask, counted from the ledgers; nobody fills it in."""

from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter, Depends, Response

from services.organization.domain.frequency import Asked, Records, asked_within, frequency_rules
from services.organization.due import held, known, standing
from services.organization.ledgers import activities as activity_ledger
from services.organization.ledgers.activities import ACTIVITIES, Counted
from services.organization.ledgers.organisations import ORGANISATIONS, OrganisationRow
from shared.contracts.organization import ACTIVITY_KINDS, EVIDENCE_KIND_NAMES, EvidenceKind
from shared.http.auth import Caller, allow
from shared.http.parameters import AfterToken, AsOf, IdParameter, Period, today
from shared.http.rates import Meter, Rate
from shared.rules.loader import shipped_rules
from shared.rules.model import Rule
from shared.rules.stretches import Stretch, stretch_of, written
from shared.security.policy import Permission
from shared.service import Runtime

SECONDS_AN_EXPORT = 2.0


@dataclass(frozen=True, slots=True)
class KindView:
    """A kind of activity, and the rule that says how often it is held, where there is one."""

    kind: EvidenceKind
    kind_name: str
    rule: str | None
    article: str | None
    cadence: str | None


@dataclass(frozen=True, slots=True)
class Figure:
    """What one organisation held of a kind; ``asked`` where a rule asks it of this organisation in these days."""

    kind: EvidenceKind
    held: int
    confirmed: int
    asked: Asked | None


@dataclass(frozen=True, slots=True)
class OrganisationFigures:
    """One organisation's figures, a figure a kind; ``present`` of ``expected`` are attendances, not people."""

    organisation_id: str
    name: str
    depth: int
    figures: list[Figure]
    present: int
    expected: int


@dataclass(frozen=True, slots=True)
class StatisticsView:
    """An agency's figures in a stretch of days up to a day, its organisations in the order of the tree."""

    agency: str
    first: date
    last: date
    until: date
    kinds: list[KindView]
    organisations: list[OrganisationFigures]


def routes(runtime: Runtime) -> APIRouter:
    """Return the figures of organised life."""
    router = APIRouter(prefix="/api/organization/statistics", tags=["统计"])
    exports = Meter(Rate("导出", runtime.settings.export_burst, SECONDS_AN_EXPORT))

    @router.get("")
    def statistics(
        response: Response,
        after: AfterToken,
        period: Period = None,
        agency: IdParameter = None,
        as_of: AsOf = None,
        caller: Caller = Depends(allow(Permission.SEE_ACTIVITY)),
    ) -> StatisticsView:
        """一个机关在一段时间里的组织生活：召开、确认、到会，和规定要求的次数."""
        for ledger in (ACTIVITIES, ORGANISATIONS):
            after.wait(runtime.reader, ledger.name, response)
        return _figures(runtime, caller, period, agency, as_of or today(runtime))

    @router.get("/export")
    def exported(
        period: Period = None,
        agency: IdParameter = None,
        as_of: AsOf = None,
        caller: Caller = Depends(allow(Permission.SEE_ACTIVITY, export=True)),
    ) -> StatisticsView:
        """同样的数字，用来做成文件带走：导出要留痕."""
        exports.take(caller.principal.account_id)
        view = _figures(runtime, caller, period, agency, as_of or today(runtime))
        caller.exports(len(view.organisations), len(view.organisations))
        return view

    return router


def _figures(runtime: Runtime, caller: Caller, period: str | None, agency: str | None, day: date) -> StatisticsView:
    agency_id = caller.agency(agency)
    within = written(period) if period else stretch_of("yearly", day)
    until = min(within.last, day)
    then = standing(runtime, caller.principal, agency_id, until)
    own = [o for o in then.organisations if caller.reach.covers(agency_id, o.id)]
    for organisation in own:
        caller.touches(agency_id, organisation.id)
    committees, records = known(then, held(runtime, agency_id, caller.reach, until))
    with runtime.reader.read(ACTIVITIES.name, caller.reach) as reading:
        counted = activity_ledger.counted_between(reading, agency_id, within.first, until)
        there = activity_ledger.attendance_between(reading, agency_id, within.first, until)
    rules = dict(frequency_rules(shipped_rules(), until))
    kinds = [_kind(k, rules.get(k)) for k in ACTIVITY_KINDS if k in rules or any(c.kind is k for c in counted)]
    asking = _Asking(rules, committees, records, within, until)
    by_place = {(c.organisation_id, c.kind): c for c in counted}
    rows = [
        OrganisationFigures(
            o.id,
            o.name,
            o.depth,
            [_figure(k.kind, by_place.get((o.id, k.kind)), asking.of(o, k.kind)) for k in kinds],
            *there.get(o.id, (0, 0)),
        )
        for o in own
    ]
    return StatisticsView(agency_id, within.first, within.last, until, kinds, rows)


@dataclass(frozen=True, slots=True)
class _Asking:
    rules: dict[EvidenceKind, Rule]
    committees: set[str]
    records: Records
    within: Stretch
    until: date

    def of(self, organisation: OrganisationRow, kind: EvidenceKind) -> Asked | None:
        """Return what is asked of an organisation; None where nothing is."""
        rule = self.rules.get(kind)
        if rule is None or organisation.kind not in rule.parameters["where"]:
            return None
        if kind is EvidenceKind.COMMITTEE_MEETING and organisation.id not in self.committees:
            return None
        return asked_within(rule, kind, organisation.id, self.records, self.within, self.until)


def _kind(kind: EvidenceKind, rule: Rule | None) -> KindView:
    name = EVIDENCE_KIND_NAMES[kind]
    if rule is None:
        return KindView(kind, name, None, None, None)
    return KindView(kind, name, rule.title, rule.article, rule.parameters["cadence"])


def _figure(kind: EvidenceKind, counted: Counted | None, asked: Asked | None) -> Figure:
    return Figure(kind, counted.held if counted else 0, counted.confirmed if counted else 0, asked)
