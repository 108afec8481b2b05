"""Which account somebody of the identity provider is: linked once, found again by a claim, never in the clear."""

import hmac
from dataclasses import dataclass
from itertools import count

from services.access.domain.account import ACCOUNT, AccountState, LinkIdentity
from services.access.logins import login_key
from services.access.oidc.configuration import provider_of
from services.access.sessions import account_of, account_of_login
from shared.application.commands import Outcome, Request
from shared.contracts.access import IdentityLinked
from shared.contracts.base import Event
from shared.decider import RuleBroken, Unknown
from shared.eventstore.port import Claim, ClaimTaken
from shared.ids import StreamName
from shared.service import Runtime
from shared.vault.port import Vault

IDENTITY_CLAIM = "identity"
OFF = "本平台没有启用统一身份认证。"
COMMAND_LINE = "command-line"
TAKEN = "这个统一身份已经关联了另一个账号，请先在那里解除关联。"
_SUBJECT = "stream:access-identities"


@dataclass(frozen=True, slots=True)
class Holding:
    """Who has an identity now (the empty state: nobody), and the claim that the next link of it takes."""

    account: AccountState
    next_claim: Claim


def holding_of(runtime: Runtime, issuer: str, identity: str) -> Holding:
    """Return who has an identity.

    A claim is taken for good, and a link may end: so each link of an identity takes the next of a row of claims, and
    the last taken names the account that has it, as long as that account's own events say so too.
    """
    account = AccountState()
    for link in count():
        claim = Claim(IDENTITY_CLAIM, _key(runtime.vault, issuer, identity, link))
        taken = runtime.store.claimed(claim.kind, claim.key)
        if taken is None:
            return Holding(account if account.identities.get(issuer) == identity else AccountState(), claim)
        account = account_of(runtime, StreamName.parse(taken.stream_id).id)
    raise AssertionError("unreachable")


def link_identity(runtime: Runtime, account_id: str, command: LinkIdentity, request: Request) -> Outcome:
    """Link an identity to an account; again is nothing.

    Raises:
        RuleBroken: ``identity-taken``: another account has it; ``identity-linked-already``: this account has another
            of the same issuer; ``account-suspended``; ``duties-apart``, unless the command line asks.
        Unknown: there is no such account.
    """
    holding = holding_of(runtime, command.issuer, command.identity)
    if holding.account.account_id not in {"", account_id}:
        raise RuleBroken("identity-taken", TAKEN)

    def claims(events: tuple[Event, ...]) -> tuple[Claim, ...]:
        return (holding.next_claim,) if any(isinstance(e, IdentityLinked) for e in events) else ()

    try:
        return runtime.commands.handle(ACCOUNT, account_id, command, request, claims)
    except ClaimTaken as lost:
        raise RuleBroken("identity-taken", TAKEN) from lost


def link_by_login(runtime: Runtime, login: str, identity: str) -> Outcome:
    """Link an identity to the account of a log-in name, as the machine's own command line asks.

    Raises:
        Unknown: ``oidc-off``: no provider is set; ``account-unknown``.
        RuleBroken: as ``link_identity``.
    """
    issuer = issuer_of(runtime)
    account = account_of_login(runtime, login_key(runtime.vault, login))
    if not account.account_id:
        raise Unknown("account-unknown", "没有这个账号。")
    request = Request(actor=COMMAND_LINE, agency_id=account.agency_id)
    command = LinkIdentity(issuer, identity.strip(), at_the_machine=True)
    return link_identity(runtime, account.account_id, command, request)


def issuer_of(runtime: Runtime) -> str:
    """Return the issuer of the configured provider.

    Raises:
        Unknown: ``oidc-off``: none is configured.
    """
    provider = provider_of(runtime.settings)
    if provider is None:
        raise Unknown("oidc-off", OFF)
    return provider.issuer


def _key(vault: Vault, issuer: str, identity: str, link: int) -> str:
    """Return what stands for the n-th link of an identity in claims: an HMAC-SHA-256 under a key of the vault."""
    spelled = f"{link}\n{issuer}\n{identity}"
    return hmac.digest(vault.ensure(_SUBJECT).seed, spelled.encode(), "sha256").hex()
