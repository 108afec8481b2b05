"""From a bearer token to the caller: the one place where sessions and grants become a ``Principal``."""

from datetime import timedelta

from services.access.ledgers import organisation_tree
from services.access.mandates import MANDATED, running_of
from services.access.presence import Presence
from services.access.sessions import current_account, session_of
from shared.clock import day_in_china
from shared.security.extent import Unbounded
from shared.security.principal import Principal
from shared.service import Runtime

ERASED_NAME = "（姓名已删除）"
HOW_FAR_ROLES_REACH = Unbounded("this is how a reach comes about: there is none yet to stay within")


class AccessPrincipals:
    """Resolves tokens in the access service's own process; others ask ``GET /api/access/principal``.

    Sessions and accounts are read from the event store, so a sign-out, a suspension or a new password counts at
    once; only the organisation tree is as old as its ledger.
    """

    def __init__(self, runtime: Runtime) -> None:
        settings = runtime.settings
        self._runtime = runtime
        self._presence = Presence(
            settings.context_url(runtime.service.name),
            idle=timedelta(minutes=settings.session_idle_minutes),
            kept=timedelta(hours=settings.session_absolute_hours),
        )

    def resolve(self, bearer: str) -> Principal | None:
        """Return the principal of a session in force, or None."""
        now = self._runtime.clock()
        current = session_of(self._runtime, bearer)
        if current is None or not current.state.in_force(now):
            return None
        found = current_account(self._runtime, current.state.account_id)
        if not found.admits(current):
            return None
        if not self._presence.use(current.state.session_id, current.started_at, now):
            return None
        with self._runtime.reader.read(organisation_tree.NAME, HOW_FAR_ROLES_REACH) as tree:
            account = found.state
            today = day_in_china(now)
            grants = organisation_tree.reaching(tree, [g for g in account.grants.values() if g.in_force(today)])
        mandated = any(g.role in MANDATED for g in grants)
        return Principal(
            account_id=account.account_id,
            session_id=current.state.session_id,
            member_id=account.member_id,
            display_name=account.display_name or ERASED_NAME,
            grants=grants,
            mandates=running_of(self._runtime, account.account_id) if mandated else (),
            must_change_password=account.must_change_password and current.state.vouched_by is None,
        )

    def close(self) -> None:
        """Close what is held."""
        self._presence.close()
