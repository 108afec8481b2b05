"""Speaking to the provider: discovery, keys, a code for tokens. Nothing else is fetched, and only from the issuer."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from threading import BoundedSemaphore
from typing import Any, Generic, TypeVar
from urllib.parse import quote_plus

import httpx
from authlib.oauth2 import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_token_request
from joserfc.jwk import KeySet
from pydantic import BaseModel, ValidationError

from services.access.oidc.configuration import Provider
from services.access.oidc.tokens import keys_of
from shared.clock import Clock

DISCOVERY = "/.well-known/openid-configuration"
TIMEOUT = httpx.Timeout(5.0, connect=3.0)
KEPT = timedelta(hours=1)
"""How long discovery and keys are believed: a key that the provider withdraws is trusted no longer than this."""

KEYS_ANEW_AFTER = timedelta(seconds=30)
"""An unknown key is asked about at most this often: whoever makes up names of keys must not make us fetch."""

AT_ONCE = 4
TURN_SECONDS = 1.0
"""A provider that hangs holds up this many requests, each other one this long, and not every thread of the house."""

T = TypeVar("T")


class ProviderUnavailable(Exception):
    """The provider cannot be reached, or does not speak as a provider does; the cause is for the log."""


class CodeRefused(Exception):
    """The provider does not take the code: used, too old, or not given to us."""


class Endpoints(BaseModel):
    """What discovery tells (OpenID Connect Discovery §3), as far as it is used."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None = None
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)

    def addresses(self) -> tuple[str, ...]:
        """Return every address that is asked or sent to."""
        known = (self.authorization_endpoint, self.token_endpoint, self.jwks_uri)
        return (*known, self.end_session_endpoint) if self.end_session_endpoint else known


class Tokens(BaseModel):
    """What a code was changed for; the access token only proves that the ID token came with it."""

    id_token: str
    access_token: str | None = None


@dataclass(frozen=True, slots=True)
class _Fetched(Generic[T]):
    value: T
    at: datetime


class Exchange:
    """The way to one provider. Safe from several threads; no connection is kept open."""

    def __init__(self, provider: Provider, clock: Clock) -> None:
        self.provider, self._clock = provider, clock
        self._turns = BoundedSemaphore(AT_ONCE)
        self._endpoints: _Fetched[Endpoints] | None = None
        self._keys: _Fetched[KeySet] | None = None
        self._keys_asked_at: datetime | None = None

    def endpoints(self) -> Endpoints:
        """Return the provider's addresses.

        Raises:
            ProviderUnavailable: it does not tell them, or tells some that are not the issuer's own.
        """
        now, held = self._clock(), self._endpoints
        if held is None or now - held.at >= KEPT:
            document = self._get(self.provider.issuer.rstrip("/") + DISCOVERY)
            held = self._endpoints = _Fetched(self._checked(document), now)
        return held.value

    def keys(self) -> KeySet:
        """Return the keys that the provider signs with.

        Raises:
            ProviderUnavailable: it does not tell them.
        """
        now, held = self._clock(), self._keys
        return held.value if held is not None and now - held.at < KEPT else self._ask_for_keys(now)

    def newer_keys(self) -> KeySet | None:
        """Return the keys asked for anew, since one is not among them; None where that was done a moment ago.

        Raises:
            ProviderUnavailable: it does not tell them.
        """
        now, asked = self._clock(), self._keys_asked_at
        return self._ask_for_keys(now) if asked is None or now - asked >= KEYS_ANEW_AFTER else None

    def tokens(self, code: str, code_verifier: str) -> Tokens:
        """Change the code of a sign-in for its tokens (OpenID Connect Core §3.1.3, RFC 7636).

        Raises:
            CodeRefused: the provider does not take the code.
            ProviderUnavailable: it cannot be asked, or does not take this client.
        """
        endpoints = self.endpoints()
        body = prepare_token_request(
            "authorization_code", redirect_uri=self.provider.redirect_uri, code=code, code_verifier=code_verifier
        )
        address, headers, body = self._as_client(endpoints).prepare(
            "POST", endpoints.token_endpoint, {"Content-Type": "application/x-www-form-urlencoded"}, body
        )
        answer = self._send("POST", address, headers=headers, content=body)
        said = _object(answer)
        if answer.status_code == 400 and said.get("error") == "invalid_grant":
            raise CodeRefused
        if answer.status_code != 200:
            raise ProviderUnavailable(f"token endpoint: {answer.status_code} {str(said.get('error'))[:80]!r}")
        try:
            return Tokens.model_validate(said)
        except ValidationError as incomplete:
            raise ProviderUnavailable("token endpoint: no ID token") from incomplete

    def _as_client(self, endpoints: Endpoints) -> ClientAuth:
        """Return how this client shows who it is: its name and secret in a header, as OAuth prefers, or in the form.

        In the header both are spelled as in a form first (RFC 6749 §2.3.1), which Authlib leaves to its caller.
        """
        known, secret = self.provider.client_id, self.provider.client_secret
        if "client_secret_basic" in endpoints.token_endpoint_auth_methods_supported:
            return ClientAuth(quote_plus(known), quote_plus(secret), "client_secret_basic")
        return ClientAuth(known, secret, "client_secret_post")

    def _ask_for_keys(self, now: datetime) -> KeySet:
        self._keys_asked_at = now
        try:
            keys = keys_of(self._get(self.endpoints().jwks_uri))
        except ValueError as none:
            raise ProviderUnavailable(str(none)) from none
        self._keys = _Fetched(keys, now)
        return keys

    def _checked(self, document: Mapping[str, Any]) -> Endpoints:
        try:
            found = Endpoints.model_validate(document)
            foreign = [address for address in found.addresses() if not self.provider.owns(address)]
        except ValueError as wrong:
            raise ProviderUnavailable("discovery: not as a provider says it") from wrong
        if found.issuer != self.provider.issuer:
            raise ProviderUnavailable(f"discovery: another issuer, {found.issuer[:200]!r}")
        if foreign:
            raise ProviderUnavailable(f"discovery: not the issuer's own address, {foreign[0][:200]!r}")
        return found

    def _get(self, address: str) -> Mapping[str, Any]:
        answer = self._send("GET", address)
        if answer.status_code != 200:
            raise ProviderUnavailable(f"{address}: {answer.status_code}")
        return _object(answer)

    def _send(self, method: str, address: str, **options: Any) -> httpx.Response:
        """Send one request; no redirect is followed, no proxy of the environment asked."""
        if not self._turns.acquire(timeout=TURN_SECONDS):
            raise ProviderUnavailable("too many sign-ins wait for the provider")
        try:
            with httpx.Client(verify=self._trusted, timeout=TIMEOUT, trust_env=False) as client:
                return client.request(method, address, **options)
        except (httpx.HTTPError, httpx.InvalidURL) as broken:
            raise ProviderUnavailable(f"{address}: {broken!r}") from broken
        finally:
            self._turns.release()

    @cached_property
    def _trusted(self) -> ssl.SSLContext:
        if self.provider.ca_file is not None:
            return ssl.create_default_context(cafile=self.provider.ca_file)
        return httpx.create_ssl_context(trust_env=False)


def _object(answer: httpx.Response) -> Mapping[str, Any]:
    """Return the JSON object of an answer, an empty one where it is none."""
    try:
        said = answer.json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
