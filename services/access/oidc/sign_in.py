"""Signing in at the provider: a person is sent there, comes back with a code, and has an ordinary session."""

from dataclasses import dataclass

import structlog
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from services.access.domain.account import AccountState, LinkIdentity
from services.access.logins import login_key
from services.access.oidc.attempts import Attempts, Begun, CameBack, attempts_of
from services.access.oidc.configuration import Provider
from services.access.oidc.exchange import CodeRefused, Exchange, ProviderUnavailable, Tokens
from services.access.oidc.identities import holding_of, link_identity
from services.access.oidc.tokens import Expected, KeyUnknown, TokenRefused, Vouched, read_id_token
from services.access.origins import Origin
from services.access.session_list import SessionList, list_of
from services.access.sessions import SignedIn, account_of, account_of_login, start_session
from services.access.throttle import FREE_ATTEMPTS_OF_AN_ADDRESS, Throttle, Tries
from shared.application.commands import Request
from shared.decider import RuleBroken
from shared.http.problems import Problem
from shared.service import Runtime

FREE_BEGINNINGS_OF_AN_ADDRESS = 1000
"""Many people of an office begin and are called away: only who begins in order to fill the table comes this far."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Returned:
    """What a browser brings back from the provider, and what it kept itself (``browser``)."""

    state: str
    browser: str
    code: str
    issuer: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """What signing in at the provider needs."""

    runtime: Runtime
    exchange: Exchange
    attempts: Attempts
    sessions: SessionList
    throttle: Throttle

    @classmethod
    def of(cls, runtime: Runtime, provider: Provider) -> "Desk":
        """Return the desk of the running service."""
        throttle = Throttle(runtime.clock, runtime.settings.context_url(runtime.service.name))
        exchange = Exchange(provider, runtime.clock)
        return cls(runtime, exchange, attempts_of(runtime), list_of(runtime), throttle)


@dataclass(frozen=True, slots=True)
class Arrived:
    """A session just started, where the person wanted to go, and the token to show at the provider's sign-out."""

    started: SignedIn
    back_to: str
    id_token: str


def begin(desk: Desk, back_to: str, address: str) -> tuple[str, Begun]:
    """Return where to send the browser, and what it must keep (``Begun.browser``).

    Raises:
        TooManyAttempts: very many sign-ins were begun at this address and never done.
        Problem: 503 ``oidc-unavailable``.
    """
    provider = desk.exchange.provider
    try:
        endpoints = desk.exchange.endpoints()
    except ProviderUnavailable as away:
        raise _unavailable(away) from away
    desk.throttle.begin(_begun_at(address))
    begun = desk.attempts.begin(back_to, desk.runtime.clock())
    there = prepare_grant_uri(
        endpoints.authorization_endpoint,
        client_id=provider.client_id,
        response_type="code",
        redirect_uri=provider.redirect_uri,
        scope=provider.scope,
        state=begun.state,
        nonce=begun.nonce,
        code_challenge=create_s256_code_challenge(begun.code_verifier),
        code_challenge_method="S256",
    )
    return there, begun


def finish(desk: Desk, returned: Returned, address: str, origin: Origin) -> Arrived:
    """Start a session for whom the provider vouches.

    Raises:
        TooManyAttempts: many from this address were refused.
        Problem: each with a code of its own: see the guide ``sign-in-with-keycloak.md``.
    """
    desk.throttle.begin(_refused_at(address))
    came_back = desk.attempts.take(returned.state, returned.browser, desk.runtime.clock())
    if came_back is None:
        raise Problem(
            401, "oidc-state-unknown", "这次登录已经用过、超过十分钟，或者不是在这个浏览器里开始的，请重新登录。"
        )
    provider = desk.exchange.provider
    if returned.error is not None or not returned.code or returned.issuer not in {None, provider.issuer}:
        log.warning("sign-in not done at the provider", address=address, error=(returned.error or "")[:80])
        raise Problem(401, "oidc-not-done", "在统一身份认证没有完成登录，请重新登录。")
    tokens, vouched = _vouched(desk, returned.code, came_back)
    account = _account(desk.runtime, provider, vouched)
    if account.suspended:
        raise Problem(403, "oidc-account-suspended", "您在本平台的账号已经停用，请联系本机关管理员。")
    for tries in (_refused_at(address), _begun_at(address)):
        desk.throttle.take_back(tries)
    started = start_session(desk.runtime, desk.sessions, account, origin, provider.issuer)
    return Arrived(started, came_back.back_to, tokens.id_token)


def way_out(desk: Desk, id_token: str | None) -> str | None:
    """Return where the browser signs out at the provider too, or None: it knows no sign-out, or cannot be asked.

    With the ID token the provider need not ask whether it was meant (OpenID Connect RP-Initiated Logout §2).
    """
    provider = desk.exchange.provider
    try:
        there = desk.exchange.endpoints().end_session_endpoint
    except ProviderUnavailable as away:
        log.warning("signed out here only", cause=str(away)[:300])
        return None
    if there is None:
        return None
    hint = {"id_token_hint": id_token} if id_token else {}
    asked = {"client_id": provider.client_id, "post_logout_redirect_uri": provider.signed_out_uri} | hint
    return str(add_params_to_uri(there, list(asked.items())))


def _vouched(desk: Desk, code: str, came_back: CameBack) -> tuple[Tokens, Vouched]:
    provider = desk.exchange.provider
    expected = Expected(provider.issuer, provider.client_id, came_back.nonce, desk.runtime.clock())
    try:
        tokens = desk.exchange.tokens(code, came_back.code_verifier)
        try:
            return tokens, read_id_token(tokens.id_token, tokens.access_token, desk.exchange.keys(), expected)
        except KeyUnknown:
            if (newer := desk.exchange.newer_keys()) is None:
                raise
            return tokens, read_id_token(tokens.id_token, tokens.access_token, newer, expected)
    except CodeRefused:
        raise Problem(401, "oidc-code-refused", "统一身份认证给出的登录凭据已经失效，请重新登录。") from None
    except TokenRefused as wrong:
        log.error("what the provider signed does not hold", reason=str(wrong)[:200])
        raise Problem(401, "oidc-token-refused", "统一身份认证给出的登录凭据没有通过核验，没有登录。") from wrong
    except ProviderUnavailable as away:
        raise _unavailable(away) from away


def _account(runtime: Runtime, provider: Provider, vouched: Vouched) -> AccountState:
    """Return the account of whom the provider vouches for; nobody gets one by signing in.

    Raises:
        Problem: 403 ``oidc-not-linked``.
    """
    account = holding_of(runtime, provider.issuer, vouched.subject).account
    if not account.account_id and provider.link_by_claim:
        account = _linked_by_claim(runtime, provider, vouched)
    if not account.account_id:
        log.warning("signed in at the provider without an account here")
        raise Problem(403, "oidc-not-linked", "您的统一身份还没有关联本平台的账号，请联系本机关管理员。")
    return account


def _linked_by_claim(runtime: Runtime, provider: Provider, vouched: Vouched) -> AccountState:
    """Link the account whose log-in name the configured claim is; the empty state where there is none to link.

    An account that has another identity keeps it; one whose ways in are not the system administrator's to choose, who
    chose the log-in name, gets none so; an address that the provider has not verified names nobody.
    """
    claim, nobody = provider.account_claim, AccountState()
    login = vouched.claims.get(claim)
    if (
        not isinstance(login, str)
        or not login
        or (claim == "email" and vouched.claims.get("email_verified") is not True)
    ):
        return nobody
    account = account_of_login(runtime, login_key(runtime.vault, login))
    if not account.account_id or account.suspended:
        return account
    command = LinkIdentity(provider.issuer, vouched.subject, claim)
    try:
        link_identity(
            runtime, account.account_id, command, Request(actor=account.account_id, agency_id=account.agency_id)
        )
    except RuleBroken as other:
        log.warning("not linked at sign-in", account=account.account_id, reason=other.code)
        return nobody
    return account_of(runtime, account.account_id)


def _begun_at(address: str) -> Tries:
    return Tries(f"oidc-begun/{address}", FREE_BEGINNINGS_OF_AN_ADDRESS)


def _refused_at(address: str) -> Tries:
    return Tries(f"oidc/{address}", FREE_ATTEMPTS_OF_AN_ADDRESS)


def _unavailable(away: ProviderUnavailable) -> Problem:
    log.error("the identity provider cannot be used", cause=str(away)[:300])
    sentence = "统一身份认证暂时联系不上，请过几分钟再试；仍然不行请联系系统管理员。"
    return Problem(503, "oidc-unavailable", sentence, {"Retry-After": "60"})
