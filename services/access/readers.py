"""Who may read a record, and by which role: the answer to "谁能看到这条记录及原因"."""

from datetime import date

from services.access.ledgers import accounts, organisation_tree
from services.access.schemas import ReaderItem
from shared.decider import Unknown
from shared.http.problems import NOT_FOUND
from shared.security.extent import Unbounded
from shared.security.policy import AGENCY_WIDE_READS, TABLE, Permission
from shared.security.principal import PLATFORM, ROLE_NAMES, Role
from shared.service import Runtime

WHOEVER_READS = Unbounded(
    "who reads a record may have an account of any agency; the asker was checked against the record"
)


def readers_of(
    runtime: Runtime, permission: Permission, agency_id: str, organisation_id: str | None, today: date
) -> list[ReaderItem]:
    """Return every grant of today that carries the permission to a place, by the name of its holder.

    What belongs to no organisation is reached from the tree's root; what is the agency's own to read, from anywhere.

    Raises:
        Unknown: the agency has no such organisation.
    """
    roles = {r.value for r in TABLE[permission]}
    with runtime.reader.read(accounts.NAME, WHOEVER_READS) as reading:
        held = accounts.carrying(reading, {agency_id, PLATFORM}, roles, today)
    with runtime.reader.read(organisation_tree.NAME, WHOEVER_READS) as tree:
        reaching = organisation_tree.above(tree, agency_id, organisation_id)
        names = organisation_tree.place_names(tree, {grant.organisation_id for _, _, grant in held})
    if organisation_id is not None and organisation_id not in reaching:  # another agency's: the pair is none
        raise Unknown("not-found", NOT_FOUND)
    anywhere = permission in AGENCY_WIDE_READS
    return [
        ReaderItem(
            account=account,
            display_name=name,
            role=Role(grant.role),
            role_name=ROLE_NAMES[Role(grant.role)],
            organisation=grant.organisation_id,
            organisation_name=names.get(grant.organisation_id, ("", ""))[1],
            until=grant.until,
        )
        for account, name, grant in sorted(held, key=lambda h: (h[1] or "", h[2].grant_id))
        if anywhere or grant.agency_id == PLATFORM or grant.organisation_id in reaching
    ]
