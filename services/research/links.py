"""Whether what a document names is there: members of the agency, activities, directions and tasks within reach."""

from collections.abc import Collection

from services.research.domain.document_commands import Links
from services.research.ledgers import cited
from services.research.ledgers import directions as direction_ledger
from services.research.ledgers.cited import CITED
from services.research.ledgers.directions import DIRECTIONS_LEDGER
from shared.decider import RuleBroken, Unknown
from shared.http.auth import Caller
from shared.roster import ROSTER, members_among
from shared.security.policy import Permission, reach
from shared.service import Runtime


def check_authors(runtime: Runtime, caller: Caller, agency_id: str, authors: Collection[str]) -> None:
    """Refuse an author who is not on the agency's roster.

    Raises:
        RuleBroken: ``author-not-on-roster``.
    """
    if not authors:
        return
    with runtime.reader.read(ROSTER.name, reach(caller.principal, Permission.SEE_ORGANISATION)) as reading:
        strangers = len(set(authors) - members_among(reading, agency_id, authors).keys())
    if strangers:
        raise RuleBroken("author-not-on-roster", f"执笔人中有 {strangers} 人不在本机关的党员名册上，请核对。")


def check_links(runtime: Runtime, caller: Caller, agency_id: str, links: Links) -> None:
    """Refuse what is not there, or not for this caller, or another agency's where the caller serves as well.

    Raises:
        Unknown: an activity, a direction or a task is unknown.
    """
    principal = caller.principal
    if links.activities:
        with runtime.reader.read(CITED.name, reach(principal, Permission.SEE_ACTIVITY)) as reading:
            known = {a.id for a in cited.activities(reading, links.activities) if a.agency == agency_id}
        if set(links.activities) - known:
            raise Unknown("activity-unknown", "没有找到要关联的活动记录，请从列表中选择。")
    if links.directions:
        with runtime.reader.read(DIRECTIONS_LEDGER.name, reach(principal, Permission.SEE_DOCUMENT)) as reading:
            ours = (d for d in direction_ledger.directions(reading) if d.agency == agency_id)
            pursued = {d.id for d in ours if d.dropped is None}
        if set(links.directions) - pursued:
            raise Unknown("direction-unknown", "没有找到要关联的调研方向，请从列表中选择。")
    if links.tasks:
        with runtime.reader.read(CITED.name, reach(principal, Permission.SEE_PLAN)) as reading:
            assigned = cited.known_tasks(reading, agency_id, links.tasks)
        if set(links.tasks) - assigned:
            raise Unknown("task-unknown", "没有找到要支撑的任务，请从任务台账中选择。")
