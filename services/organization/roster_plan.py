"""What the sheet of members would change, against those who are on a roster; names are compared as ``folded`` says."""

from datetime import date

from services.organization.domain.agency import AgencyState
from services.organization.domain.member import EnrolMember, LeaveOffice, MoveMember, TakeOffice
from services.organization.import_steps import REASON, PersonSteps, Plan
from services.organization.roster_layout import (
    MEMBER_ID,
    MEMBER_NAME,
    MEMBER_OFFICES,
    MEMBER_PLACE,
    MEMBER_STANDING,
    TREE_SHEET,
    Column,
    folded,
    offices_of,
)
from services.organization.roster_sheets import Row, SheetRows
from services.organization.roster_views import Filters, House, MemberView
from shared.contracts.organization import OFFICE_NAMES, STANDING_NAMES, Office
from shared.decider import RuleBroken, Unknown
from shared.ids import new_id

STANDINGS = {name: standing for standing, name in STANDING_NAMES.items()}


class RosterPlan:
    """A member is known by number or, in one organisation, by name; nobody is left out who the sheet leaves out."""

    def __init__(self, plan: Plan, state: AgencyState, house: House, sheet: SheetRows, today: date) -> None:
        self.plan, self.state, self.sheet, self.today = plan, state, sheet, today
        self.agency_id = state.agency_id
        self.places = {folded(o.name): id_ for id_, o in state.organisations.items()}
        members = house.members(Filters())
        self.by_id = {m.id: m for m in members}
        self.by_name: dict[str, list[MemberView]] = {}
        for member in members:
            self.by_name.setdefault(folded(member.name or ""), []).append(member)
        self.taken: dict[str, int] = {}
        self.new: dict[str, int] = {}
        self.offices = MEMBER_OFFICES.heading in sheet.headings

    def read(self) -> None:
        """Go through the rows: those with a number first, for a number says for certain who is meant."""
        self.plan.rows = len(self.sheet.rows)
        rows = [r for r in self.sheet.rows if r.number not in self.sheet.wrong_rows]
        steps = [s for row in sorted(rows, key=lambda r: not r[MEMBER_ID]) if (s := self._row(row))]
        self.plan.absent = len(self.by_id.keys() - self.taken.keys())
        self._check_secretaries(steps)
        self.plan.people = sorted((s for s in steps if not s.nothing), key=lambda s: s.row)

    def _row(self, row: Row) -> PersonSteps | None:
        place = self.places.get(folded(row[MEMBER_PLACE]))
        standing = STANDINGS.get(row[MEMBER_STANDING])
        if place is None:
            detail = f"没有名为“{row[MEMBER_PLACE]}”的党组织，请核对，或在“{TREE_SHEET}”表中设立。"
            self.sheet.wrong(row.number, MEMBER_PLACE, "place-unknown", detail)
        if standing is None:
            detail = f"没有“{row[MEMBER_STANDING]}”这个类别，应是{'或'.join(STANDINGS)}。"
            self.sheet.wrong(row.number, MEMBER_STANDING, "standing-unknown", detail)
        if place is None or standing is None:
            return None
        name = folded(row[MEMBER_NAME])
        if not row[MEMBER_ID] and name in self.new:
            self._repeated(row, self.new[name])
            return None
        member, found = self._member(row, name, place)
        if not found or (member is None and self.sheet.refuses_formula(row, MEMBER_NAME)):
            return None
        if member is None:
            self.new[name] = row.number
            steps = PersonSteps(row.number, new_id(), name)
            steps.enrol = EnrolMember(steps.member_id, self.agency_id, place, name, standing)
            steps.said.append(f"编入{self.state.organisations[place].name}（{row[MEMBER_STANDING]}）")
        else:
            steps = PersonSteps(row.number, member.id, name)
            if member.standing != standing:
                detail = f"名册上是{member.standing_name}；类别的变化按发展党员程序办理，不能由导入改变。"
                self.sheet.wrong(row.number, MEMBER_STANDING, "standing-stays", detail)
                return None
            if member.organisation_id != place:
                above = self.state.above(place)
                steps.move = MoveMember(place, REASON, above, self.today)
                was = self.state.organisations[member.organisation_id].name
                steps.said.append(f"由{was}调整到{self.state.organisations[place].name}")
        return steps if not self.offices or self._offices(row, steps, member, place) else None

    def _member(self, row: Row, name: str, place: str) -> tuple[MemberView | None, bool]:
        """Return whom the row means (None: somebody new), and whether that could be told."""
        if number := row[MEMBER_ID]:
            member = self.by_id.get(number)
            if member is None:
                detail = "编号不是本机关名册上的党员；新编入的党员，编号请留空。"
                return self._wrong(row, MEMBER_ID, "member-number-unknown", detail)
            if folded(member.name or "") != name:
                detail = f"这个编号在名册上是“{member.name or '已依规清除'}”，请核对；姓名不能由导入改变。"
                return self._wrong(row, MEMBER_NAME, "name-stays", detail)
            return self._take(row, member)
        alike = [m for m in self.by_name.get(name, ()) if m.id not in self.taken]
        here = [m for m in alike if m.organisation_id == place]
        if len(here) > 1:
            detail = f"{row[MEMBER_PLACE]}有 {len(here)} 名叫“{name}”的党员，请填写党员编号。"
            return self._wrong(row, MEMBER_ID, "member-number-needed", detail)
        if here:
            return self._take(row, here[0])
        repeated = [self.taken[m.id] for m in self.by_name.get(name, ()) if m.id in self.taken]
        if repeated:
            self._repeated(row, repeated[0])
            return None, False
        if alike:
            where = self.state.organisations[alike[0].organisation_id].name
            detail = (
                f"{where}名册上已有“{name}”。同一个人调整组织的，请填写党员编号（可先导出）；"
                "另一个人的，请在姓名后加以区分，如“张伟（办公室）”。"
            )
            return self._wrong(row, MEMBER_NAME, "same-name-elsewhere", detail)
        return None, True

    def _wrong(self, row: Row, column: Column, code: str, detail: str) -> tuple[None, bool]:
        self.sheet.wrong(row.number, column, code, detail)
        return None, False

    def _take(self, row: Row, member: MemberView) -> tuple[MemberView | None, bool]:
        if member.id in self.taken:
            self._repeated(row, self.taken[member.id])
            return None, False
        self.taken[member.id] = row.number
        return member, True

    def _repeated(self, row: Row, first: int) -> None:
        detail = f"与第 {first} 行是同一个人，请只留一行；确是两个人的，请在姓名后加以区分。"
        self.sheet.wrong(row.number, MEMBER_NAME, "row-repeated", detail)

    def _offices(self, row: Row, steps: PersonSteps, member: MemberView | None, place: str) -> bool:
        written = offices_of(row[MEMBER_OFFICES])
        if written is None:
            detail = "党内职务没有读懂，应写成：书记、组织委员；或：机关党总支：委员。"
            self.sheet.wrong(row.number, MEMBER_OFFICES, "office-unreadable", detail)
            return False
        wanted: list[tuple[str, Office]] = []
        for where, office in written:
            organisation_id = self.places.get(folded(where)) if where else place
            try:
                if organisation_id is None:
                    raise Unknown("office-place-unknown", f"没有名为“{where}”的党组织，请核对党内职务。")
                self.state.check_office(organisation_id, office, place)
            except (RuleBroken, Unknown) as broken:
                self.sheet.wrong(row.number, MEMBER_OFFICES, broken.code, broken.sentence)
                return False
            wanted.append((organisation_id, office))
        held = [(o.organisation_id, o.office) for o in member.offices] if member else []
        for organisation_id, office in held:
            if (organisation_id, office) not in wanted:
                steps.leave.append(LeaveOffice(organisation_id, office, self.today, REASON, self.today))
                steps.said.append(f"离任：{self._title(organisation_id, office)}")
        for organisation_id, office in wanted:
            if (organisation_id, office) not in held:
                steps.take.append(TakeOffice(organisation_id, office, None, REASON, self.today))
                steps.said.append(f"任职：{self._title(organisation_id, office)}")
        return True

    def _title(self, organisation_id: str, office: Office) -> str:
        return f"{self.state.organisations[organisation_id].name}{OFFICE_NAMES[office]}"

    def _check_secretaries(self, steps: list[PersonSteps]) -> None:
        """Have one 书记 in each organisation after the import, whoever the sheet leaves out."""
        secretaries: dict[str, set[str]] = {}
        for member in self.by_id.values():
            for held in member.offices:
                if held.office is Office.SECRETARY:
                    secretaries.setdefault(held.organisation_id, set()).add(member.id)
        for step in steps:
            for left in step.leave:
                secretaries.get(left.organisation_id, set()).discard(step.member_id)
        for step in steps:
            for taken in step.take:
                if taken.office is Office.SECRETARY:
                    others = secretaries.setdefault(taken.organisation_id, set())
                    if others - {step.member_id}:
                        name = self.state.organisations[taken.organisation_id].name
                        detail = f"{name}另有书记，请先登记其离任（把那一行的党内职务改掉），一个党组织只有一名书记。"
                        self.sheet.wrong(step.row, MEMBER_OFFICES, "secretary-held-already", detail)
                    others.add(step.member_id)
