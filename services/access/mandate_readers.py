"""Who may read a record under a running mandate, told to whom the mandate itself is not hidden from.

That an inspection is under way is no secret from the inspected side once the mandate is approved; who else asks (the
security administrator, another agency) is not on a side of it and does not learn of it here either. What was read is
told nowhere here: it stays sealed until the mandate has ended (ADR 9).
"""

from dataclasses import dataclass
from datetime import date

from services.access.domain.account import AccountState
from services.access.ledgers import mandates, organisation_tree
from services.access.mandates import Side, mandate_of, opened_places, side_of
from services.access.schemas import ReaderItem
from services.access.sessions import account_of
from shared.http.auth import Caller
from shared.projection.reading import Reading
from shared.security.classes import CLASS_NAMES
from shared.security.extent import Unbounded
from shared.security.policy import Permission, reaches
from shared.security.principal import ROLE_NAMES, Mandate, Principal
from shared.service import Runtime

WHAT_A_MANDATE_OPENS = Unbounded("how far another's mandate and role reach; the asker was checked against the record")


@dataclass(frozen=True, slots=True)
class Record:
    """What decides who reads a record: under which permission, and whose it is.

    ``document_class`` is a document's own class, where a mandate must name it.
    """

    permission: Permission
    agency_id: str
    organisation_id: str | None
    document_class: str | None = None


def readers_under_mandates(runtime: Runtime, caller: Caller, record: Record, today: date) -> list[ReaderItem]:
    """Return who is named by a running mandate that opens the record, where the caller may know of it."""
    with runtime.reader.read(mandates.NAME, caller.reach) as db:
        named = mandates.named_by_mandates(db, record.agency_id, today)
    states = {id_: mandate_of(runtime, id_) for id_ in {m for m, _ in named}}
    shown = {i: s for i, s in states.items() if s.opened(today) and side_of(caller.principal, s) is not Side.NEITHER}
    found = []
    with runtime.reader.read(organisation_tree.NAME, WHAT_A_MANDATE_OPENS) as tree:
        for mandate_id, account_id in named:
            account = account_of(runtime, account_id)
            for place in opened_places(tree, shown[mandate_id]) if mandate_id in shown and account.in_use else ():
                reader = _reader(tree, account, place, today)
                if place.agency_id == record.agency_id and _opens(reader, record):
                    found.append(_item(account, place))
    return found


def _reader(tree: Reading, account: AccountState, place: Mandate, today: date) -> Principal:
    """Return the person with the body's role and this place alone: what other roles give is told beside it."""
    held = [g for g in account.grants.values() if g.role == place.role and g.in_force(today)]
    return Principal(
        account_id=account.account_id,
        session_id="",
        member_id=None,
        display_name="",
        grants=organisation_tree.reaching(tree, held),
        mandates=(place,),
    )


def _opens(reader: Principal, record: Record) -> bool:
    return reaches(reader, record.permission, record.agency_id, record.organisation_id, record.document_class)


def _item(account: AccountState, place: Mandate) -> ReaderItem:
    return ReaderItem(
        account=account.account_id,
        display_name=account.display_name,
        role=place.role,
        role_name=ROLE_NAMES[place.role],
        organisation=place.organisation_id,
        organisation_name=place.organisation_name,
        until=place.last_day,
        mandate=place.id,
        classes=[CLASS_NAMES.get(c, c) for c in sorted(place.classes)],
    )
