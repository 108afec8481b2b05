"""From a bearer token to the caller: the one place where sessions and grants become a ``Principal``."""

from datetime import timedelta

from services.access.domain.account import AccountState
from services.access.ledgers import organisation_tree
from services.access.mandates import MANDATED, running_of
from services.access.presence import Presence
from services.access.sessions import account_of, admits, session_of
from services.access.token_uses import TokenUses
from services.access.tokens import PREFIX, token_shown
from shared.application.tokens import Token
from shared.clock import day_in_china
from shared.security.extent import Unbounded
from shared.security.principal import Principal
from shared.service import Runtime

ERASED_NAME = "（姓名已删除）"
HOW_FAR_ROLES_REACH = Unbounded("this is how a reach comes about: there is none yet to stay within")


class AccessPrincipals:
    """Resolves tokens in the access service's own process; others ask ``GET /api/access/principal``.

    Sessions and accounts are read from the event store, so a sign-out, a suspension or a new password counts at
    once; only the organisation tree is as old as its ledger, unless a token of the tree's own is to be waited for.
    """

    def __init__(self, runtime: Runtime) -> None:
        settings = runtime.settings
        self._uses = TokenUses(settings.context_url(runtime.service.name))
        self._runtime = runtime
        self._presence = Presence(
            settings.context_url(runtime.service.name),
            idle=timedelta(minutes=settings.session_idle_minutes),
            kept=timedelta(hours=settings.session_absolute_hours),
        )

    def resolve(self, bearer: str, after: Token | None = None) -> Principal | None:
        """Return the principal of a session or a token for machines that is in force, or None."""
        if after and organisation_tree.grows_by(after.stream):
            self._runtime.reader.wait_for(organisation_tree.NAME, after)
        return self._of_token(bearer) if bearer.startswith(PREFIX) else self._of_session(bearer)

    def _of_session(self, bearer: str) -> Principal | None:
        now = self._runtime.clock()
        current = session_of(self._runtime, bearer)
        if current is None or not current.state.in_force(now):
            return None
        account = account_of(self._runtime, current.state.account_id)
        if not admits(account, current.state):
            return None
        if not self._presence.use(current.state.session_id, current.started_at, now):
            return None
        vouched_for = current.state.vouched_by is not None
        return self._principal(account, current.state.session_id, asks_password=not vouched_for)

    def _of_token(self, bearer: str) -> Principal | None:
        now = self._runtime.clock()
        token = token_shown(self._runtime, bearer)
        if token is None or not token.in_force(now):
            return None
        account = account_of(self._runtime, token.account_id)
        if not account.admits_token(token.account_version):
            return None
        self._uses.note(token.token_id, day_in_china(now))
        return self._principal(account, token.token_id, scopes=token.scopes)

    def _principal(
        self, account: AccountState, session_id: str, asks_password: bool = True, scopes: frozenset[str] | None = None
    ) -> Principal:
        today = day_in_china(self._runtime.clock())
        with self._runtime.reader.read(organisation_tree.NAME, HOW_FAR_ROLES_REACH) as tree:
            grants = organisation_tree.reaching(tree, [g for g in account.grants.values() if g.in_force(today)])
        mandated = any(g.role in MANDATED for g in grants)
        return Principal(
            account_id=account.account_id,
            session_id=session_id,
            member_id=account.member_id,
            display_name=account.display_name or ERASED_NAME,
            grants=grants,
            mandates=running_of(self._runtime, account.account_id) if mandated else (),
            must_change_password=account.must_change_password and asks_password,
            scopes=scopes,
        )

    def close(self) -> None:
        """Close what is held."""
        self._presence.close()
