"""Recording what is read and taken out: in this process, or for another service that asks in the reader's name."""

from collections.abc import Iterator, Sequence

from services.access.domain.reading import READING, Asked, Command, RecordExport, RecordReading, RecordRestrictedRead
from shared.http.auth import Principals
from shared.http.problems import Problem
from shared.http.reads import Read
from shared.http.requests import asked_by
from shared.ids import new_id
from shared.security.policy import RESTRICTED_READS, Permission, agencies_held_in
from shared.security.principal import PLATFORM, Principal
from shared.service import Runtime

EXPORTS = {
    "GET /api/organization/agencies/{agency_id}/roster.xlsx": Permission.EXPORT_ROSTER,
    "GET /api/organization/work-plans/{plan_id}/ledger.xlsx": Permission.SEE_PLAN,
    "GET /api/organization/statistics/export": Permission.SEE_ACTIVITY,
    "GET /api/research/documents/{document_id}/original": Permission.SEE_DOCUMENT,
}
"""What answers with a file, by what opens it: nobody is said to have taken anything out by another way."""


class AccessReadings:
    """Records into the access service's own store. A mandate that has ended meanwhile lets nothing be answered."""

    def __init__(self, runtime: Runtime, principals: Principals) -> None:
        self._runtime, self._principals = runtime, principals

    def record(self, bearer: str, reads: Sequence[Read]) -> None:
        """Record what one request led to.

        Raises:
            Problem: the reader is signed out, or a mandate no longer runs.
        """
        principal = self._principals.resolve(bearer)
        if principal is None:
            raise Problem(401, "sign-in-needed", "请先登录；登录可能已经过期。")
        record(self._runtime, principal, reads)


def record(runtime: Runtime, principal: Principal, reads: Sequence[Read]) -> None:
    """Record what one request of somebody led to, whatever it read, an agency a stream.

    What is read under mandates lies in no agency's own trail: nothing there tells of it before the end. What is read
    or taken out by a role of one's own lies in the agency's.

    Raises:
        Problem: 403, one of the mandates does not run for them (any more), or not for an agency that is named; or no
            role of theirs opens what they are to have read.
    """
    trails: dict[str, list[Command]] = {}
    for read in reads:
        _refuse_what_runs_no_more(principal, read)
        _refuse_what_is_not_theirs(principal, read)
        for agency_id, command in _commands(principal.account_id, read):
            trails.setdefault(agency_id, []).append(command)
    for agency_id, commands in trails.items():
        request = asked_by(principal, agency_id)
        runtime.commands.handle(READING, commands[0].asked.reading_id, commands, request)


def _refuse_what_runs_no_more(principal: Principal, read: Read) -> None:
    running = {(m.id, m.agency_id) for m in principal.mandates}
    if not {(id_, agency) for id_, agencies in read.agencies.items() for agency in agencies} <= running:
        raise Problem(403, "mandate-not-running", "检查授权已经结束，不能再查阅。")


def _refuse_what_is_not_theirs(principal: Principal, read: Read) -> None:
    """Refuse to write into the trail of an agency what its asker cannot have read there."""
    own = principal.model_copy(update={"mandates": ()})
    opens = EXPORTS.get(read.operation)
    held = agencies_held_in(own, opens) if opens else ()
    reads = [(m.agency, RESTRICTED_READS.get(m.class_)) for m in read.restricted]  # None: nothing shows that class yet
    restricted = all(opened and agency in agencies_held_in(own, opened) for agency, opened in reads)
    if not restricted or not all(e.agency in held for e in read.exported):
        raise Problem(403, "reading-not-yours", "登记的查阅超出了您的权限，没有登记。")


def _commands(account_id: str, read: Read) -> Iterator[tuple[str, Command]]:
    def asked() -> Asked:
        return Asked(new_id(), account_id, read.operation, read.path, read.asked)

    if read.agencies:
        agencies = tuple((id_, tuple(each)) for id_, each in read.agencies.items())
        yield PLATFORM, RecordReading(asked(), agencies, read.records)
    for matter in read.restricted:
        yield matter.agency, RecordRestrictedRead(asked(), matter.agency, matter.class_.value, tuple(matter.records))
    for out in read.exported:
        yield out.agency, RecordExport(asked(), out.agency, tuple(out.records), out.rows, out.total)
