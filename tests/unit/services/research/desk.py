"""The research service on memory, over the agency of the organization service's tests."""

from datetime import date
from pathlib import Path
from typing import Any

import httpx

from services.organization.domain.activity import ACTIVITY, ActivityDetails, RecordActivity
from services.organization.domain.plan_commands import AdoptWorkPlan
from services.organization.domain.work_plan import WORK_PLAN
from services.research.service import SERVICE
from shared.application.commands import Request
from shared.contracts.organization import EvidenceKind
from tests.support.organisation_world import AGENCY, FIRST, MEETING, PLAN, ZHOU, import_command
from tests.unit.services.organization.office import NOW, Office

TEXT = "走访企业十二家，缺技工的有九家。\n缺口集中在数控和焊接。"
MARKED = "机密★5年\n关于某项工作的报告".encode()


class Desk(Office):
    """Documents are begun by the organiser of the first branch, unless somebody else is named."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, SERVICE)

    def adopt_plan(self) -> None:
        """The agency puts its plan of 2026 into force."""
        request = Request(actor="test", agency_id=AGENCY)
        self.runtime.commands.handle(WORK_PLAN, PLAN, import_command(), request)
        self.runtime.commands.handle(WORK_PLAN, PLAN, AdoptWorkPlan(date(2026, 1, 15), NOW.date()), request)

    def hold_activity(self) -> str:
        """An activity that a document may belong to."""
        details = ActivityDetails(NOW.date(), "到园区开主题党日", "开发区", "讨论用工。", (ZHOU,), (), ())
        command = RecordActivity(MEETING, AGENCY, FIRST, EvidenceKind.THEME_DAY, details, NOW.date())
        self.runtime.commands.handle(ACTIVITY, MEETING, command, Request(actor="test", agency_id=AGENCY))
        return MEETING

    def submit(
        self, path: str = "/documents", who: str = "organiser", file: Any = None, headers: Any = None, **changes: Any
    ) -> httpx.Response:
        """Send the form of a document or a revision."""
        asked = {"title": "园区企业用工调研", "text": TEXT}
        asked |= {"organisation_id": FIRST, "kind": "research-report"} if path == "/documents" else {}
        fields = {k: v for k, v in (asked | changes).items() if v is not None}
        files = {"file": file} if file else None
        return self.ask(who, "POST", path, data=fields, files=files, headers=headers or {})

    def document(self, **changes: Any) -> str:
        answer = self.submit(**changes)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def finished(self, **changes: Any) -> str:
        """A document signed by the secretary and finalised."""
        id_ = self.document(**changes)
        self.post("supervisor", f"/documents/{id_}/review", {"revision": 1})
        self.post("supervisor", f"/documents/{id_}/final", {"revision": 1})
        return id_

    def listed(self, who: str = "organiser", **params: str) -> list[str]:
        return [d["id"] for d in self.get(who, "/documents", **params)["documents"]]
