"""What the sheet of organisations would change: each row tried on the tree as the rows before it left it."""

from services.organization.domain.agency import (
    AGENCY,
    AgencyState,
    EstablishOrganisation,
    MoveOrganisation,
    RenameOrganisation,
    TreeChange,
)
from services.organization.import_steps import REASON, Plan
from services.organization.roster_layout import TREE_ID, TREE_KIND, TREE_NAME, TREE_PARENT, Column, folded
from services.organization.roster_sheets import Row, SheetRows
from shared.contracts.organization import ORGANISATION_KIND_NAMES
from shared.decider import RuleBroken, Unknown
from shared.ids import new_id

KINDS = {name: kind for kind, name in ORGANISATION_KIND_NAMES.items()}


class TreePlan:
    """An organisation is known by its number or its name; none is taken away because the sheet leaves it out."""

    def __init__(self, plan: Plan, state: AgencyState, sheet: SheetRows) -> None:
        self.plan, self.state, self.sheet = plan, state, sheet
        self.by_name = {folded(o.name): id_ for id_, o in state.organisations.items()}

    def read(self) -> AgencyState:
        """Rename first, for other rows name their superior as it will be called; then superiors before those below."""
        self.plan.organisations = len(self.sheet.rows)
        waiting = [row for row in self._distinct() if self._readable(row)]
        waiting = [row for row in waiting if self._rename(row)]
        while ready := [row for row in waiting if not row[TREE_PARENT] or folded(row[TREE_PARENT]) in self.by_name]:
            for row in ready:
                self._place(row)
            placed = {row.number for row in ready}
            waiting = [row for row in waiting if row.number not in placed]
        for row in waiting:
            detail = f"没有名为“{row[TREE_PARENT]}”的党组织，请核对上级。"
            self.sheet.wrong(row.number, TREE_PARENT, "superior-unknown", detail)
        return self.state

    def _distinct(self) -> list[Row]:
        first: dict[str, int] = {}
        found = []
        for row in self.sheet.rows:
            for column in (TREE_NAME, TREE_ID):
                said = f"{column.heading}{folded(row[column])}"
                if row[column] and first.setdefault(said, row.number) != row.number:
                    detail = f"与第 {first[said]} 行的{column.heading}相同，请只留一行。"
                    self.sheet.wrong(row.number, column, "row-repeated", detail)
                    break
            else:
                found.append(row)
        return found

    def _readable(self, row: Row) -> bool:
        if row[TREE_KIND] and row[TREE_KIND] not in KINDS:
            detail = f"没有“{row[TREE_KIND]}”这种党组织，应是{'、'.join(KINDS)}之一。"
            self.sheet.wrong(row.number, TREE_KIND, "kind-unknown", detail)
        if row[TREE_ID] and row[TREE_ID] not in self.state.organisations:
            detail = "编号不是本机关的党组织；新设的党组织，编号请留空。"
            self.sheet.wrong(row.number, TREE_ID, "organisation-number-unknown", detail)
        return row.number not in self.sheet.wrong_rows

    def _rename(self, row: Row) -> bool:
        name = folded(row[TREE_NAME])
        if not row[TREE_ID] or folded(now := self.state.organisations[row[TREE_ID]].name) == name:
            return True
        return self._change(row, TREE_NAME, f"更名：{now} → {name}", RenameOrganisation(row[TREE_ID], name, REASON))

    def _place(self, row: Row) -> None:
        name, kind = folded(row[TREE_NAME]), KINDS[row[TREE_KIND]]
        parent = self.by_name[folded(row[TREE_PARENT])] if row[TREE_PARENT] else None
        id_ = row[TREE_ID] or self.by_name.get(name)
        now = self.state.organisations[id_] if id_ else None
        if now and now.kind is not kind:
            detail = f"“{now.name}”现在是{ORGANISATION_KIND_NAMES[now.kind]}，类型不能由导入改变。"
            self.sheet.wrong(row.number, TREE_KIND, "kind-stays", detail)
        elif parent is None:
            if now is None or now.parent_id is not None:
                detail = "请填写上级党组织；只有最上一级可以留空。"
                self.sheet.wrong(row.number, TREE_PARENT, "superior-needed", detail)
        elif id_ is None or now is None:
            said = f"设立{row[TREE_KIND]}：{name}（上级：{self.state.organisations[parent].name}）"
            self._change(row, TREE_PARENT, said, EstablishOrganisation(new_id(), parent, kind, name))
        elif now.parent_id != parent:
            said = f"调整隶属：{name} → {self.state.organisations[parent].name}"
            self._change(row, TREE_PARENT, said, MoveOrganisation(id_, parent, REASON))

    def _change(self, row: Row, column: Column, said: str, change: TreeChange) -> bool:
        if not isinstance(change, MoveOrganisation) and self.sheet.refuses_formula(row, TREE_NAME):
            return False
        try:
            events = AGENCY.decide(self.state, change)
        except (RuleBroken, Unknown) as broken:
            self.sheet.wrong(row.number, column, broken.code, broken.sentence)
            return False
        self.state = AGENCY.fold(events, self.state)
        self._name(change)
        self.plan.tree.append(change)
        self.plan.tree_said.append((row.number, said))
        return True

    def _name(self, change: TreeChange) -> None:
        if isinstance(change, RenameOrganisation):
            self.by_name = {name: id_ for name, id_ in self.by_name.items() if id_ != change.organisation_id}
        if not isinstance(change, MoveOrganisation):
            self.by_name[folded(change.name)] = change.organisation_id
