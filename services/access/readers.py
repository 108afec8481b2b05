"""Who may read a record, and by which role or mandate: the answer to "谁能看到这条记录及原因"."""

from datetime import date

from services.access.ledgers import accounts, organisation_tree
from services.access.mandate_readers import Record, readers_under_mandates
from services.access.schemas import ReaderItem
from shared.decider import Unknown
from shared.http.auth import Caller
from shared.http.problems import NOT_FOUND
from shared.security.extent import Unbounded
from shared.security.policy import AGENCY_WIDE_READS, TABLE
from shared.security.principal import PLATFORM, ROLE_NAMES, Role
from shared.service import Runtime

WHOEVER_READS = Unbounded(
    "who reads a record may have an account of any agency; the asker was checked against the record"
)


def readers_of(runtime: Runtime, caller: Caller, record: Record, today: date) -> list[ReaderItem]:
    """Return every grant and mandate of today that carries the permission to a record, by the name of its holder.

    Of mandates those alone that the caller may know of. What belongs to no organisation is reached from the tree's
    root; what is the agency's own to read, from anywhere.

    Raises:
        Unknown: the agency has no such organisation.
    """
    roles = {r.value for r in TABLE[record.permission]}
    with runtime.reader.read(accounts.NAME, WHOEVER_READS) as reading:
        held = accounts.carrying(reading, {record.agency_id, PLATFORM}, roles, today)
    with runtime.reader.read(organisation_tree.NAME, WHOEVER_READS) as tree:
        reaching = organisation_tree.above(tree, record.agency_id, record.organisation_id)
        names = organisation_tree.place_names(tree, {grant.organisation_id for _, _, grant in held})
    if (
        record.organisation_id is not None and record.organisation_id not in reaching
    ):  # another agency's: the pair is none
        raise Unknown("not-found", NOT_FOUND)
    anywhere = record.permission in AGENCY_WIDE_READS
    by_role = [
        ReaderItem(
            account=account,
            display_name=name,
            role=Role(grant.role),
            role_name=ROLE_NAMES[Role(grant.role)],
            organisation=grant.organisation_id,
            organisation_name=names.get(grant.organisation_id, ("", ""))[1],
            until=grant.until,
        )
        for account, name, grant in sorted(held, key=lambda h: h[2].grant_id)
        if anywhere or grant.agency_id == PLATFORM or grant.organisation_id in reaching
    ]
    mandated = readers_under_mandates(runtime, caller, record, today)
    return sorted([*by_role, *mandated], key=lambda r: r.display_name or "")
