"""Where a record is read, by its stream: what ledgers and accounts of other services link to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.contracts.organization import DOCUMENT_EVIDENCE, STUDY_EVIDENCE, EvidenceKind

PAGES = {
    "organization:activity": "/activities/",
    "study:session": "/study/sessions/",
    "research:document": "/documents/",
}
"""Pages of one record; its id follows."""


@dataclass(frozen=True, slots=True)
class Read:
    """A record's page and its stream; ``done`` is what is said behind its day."""

    page: str
    stream: str
    done: str = ""


def evidence(record: Mapping[str, Any]) -> Read:
    """Return where a record behind a task is read: a meeting, a document, a study session, a month's plan."""
    kind, id_ = EvidenceKind(record["kind"]), record["id"]
    if kind is EvidenceKind.MONTH_PLAN:
        return Read(f"/filings?month={record['month']}", f"organization:activity-plan:{id_}", "报备")
    if kind in DOCUMENT_EVIDENCE:
        aggregate, done = "research:document", "定稿"
    else:
        aggregate, done = "study:session" if kind in STUDY_EVIDENCE.values() else "organization:activity", ""
    return Read(f"{PAGES[aggregate]}{id_}", f"{aggregate}:{id_}", done)
