"""Approving a role: a duty begins with a way in that the approver gives, and without a second step from before."""

from dataclasses import dataclass, replace

from services.access.chosen_password import ChosenPassword
from services.access.domain.account import ACCOUNT, DUTY_TAKEN_UP, AccountState
from services.access.domain.duties import takes_up_duty
from services.access.domain.roles import ApproveRole, NewWayIn, granted_already
from services.access.domain.second_step import SECOND_STEP, RemoveSecondStep
from services.access.oidc.identities import issuer_of
from services.access.passwords import PASSWORDS_OFF
from services.access.schemas import Approval
from shared.application.commands import Outcome, Request
from shared.eventstore.port import VersionConflict
from shared.http.problems import Problem
from shared.http.requests import Accepted
from shared.ids import new_id
from shared.service import Runtime


@dataclass(frozen=True, slots=True)
class Approving:
    """Gives roles that were asked for."""

    runtime: Runtime
    chosen: ChosenPassword

    def approve(self, account: AccountState, request_id: str, said: Approval, request: Request) -> Accepted:
        """Give an account the role of a request; whoever asks is the approver.

        Raises:
            RuleBroken: as the account's decider; ``request-granted``: sent again with another password.
            VersionConflict, KeyReused: as ``CommandHandler.handle``; the second step is as it was.
            Problem: 422 ``password-not-new``; 403 ``password-sign-in-off``; 429 ``too-many-attempts``.
        """
        outcome = self.runtime.commands.done(request)
        if outcome is None:
            command = ApproveRole(request_id, request.actor, self._way_in(account, said))
            asked = account.roles.requests.get(request_id)
            takes_up = asked is not None and takes_up_duty(asked.held.role, account.roles.held)
            if takes_up:
                self._refuse(account, said, command, request)
                outcome = self._give_duty(account, command, request)
            else:
                outcome = self.runtime.commands.handle(ACCOUNT, account.account_id, command, request)
        return self.chosen.accepted(outcome, said.password, granted_already())

    def _way_in(self, account: AccountState, said: Approval) -> NewWayIn | None:
        if said.password is None and said.identity is None:
            return None
        if said.password is not None and not self.runtime.settings.password_sign_in:
            raise Problem(403, "password-sign-in-off", PASSWORDS_OFF)
        hashed = None
        if said.password is not None:
            hashed = self.chosen.passwords.hash(account.login or "", said.password)
        return NewWayIn(hashed, (issuer_of(self.runtime), said.identity) if said.identity is not None else None)

    def _refuse(self, account: AccountState, said: Approval, command: ApproveRole, request: Request) -> None:
        """Refuse what would come to nothing before the second step goes, and the password that there is.

        Whoever opened the account chose that one, and knows it.
        """
        ACCOUNT.decide(account, command)
        if request.expected_version is not None and request.expected_version != account.version:
            raise VersionConflict(ACCOUNT.stream(account.account_id), request.expected_version, account.version)
        if said.password is not None and self.chosen.is_of(account, said.password):
            raise Problem(422, "password-not-new", "须另设一个密码：这个账号现在的密码，开立账号的人可能知道。")

    def _give_duty(self, account: AccountState, command: ApproveRole, request: Request) -> Outcome:
        request = replace(request, correlation_id=new_id())
        # Before the grant: who dies between the two leaves a request that waits, of an account that holds no role.
        self._remove_second_step(account, request)
        outcome = self.runtime.commands.handle(ACCOUNT, account.account_id, command, request)
        # After it too: the grant ended every session, but one of them may have set up another step meanwhile.
        self._remove_second_step(account, request)
        return outcome

    def _remove_second_step(self, account: AccountState, request: Request) -> None:
        """Remove the second step, which would keep the duty's owner out."""
        plain = replace(request, expected_version=None, idempotency_key=None)
        self.runtime.commands.handle(SECOND_STEP, account.account_id, RemoveSecondStep(DUTY_TAKEN_UP), plain)
