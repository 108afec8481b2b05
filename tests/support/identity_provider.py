"""An identity provider over real HTTP on 127.0.0.1, that signs real tokens: what Keycloak does, as far as we use it."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey
from joserfc.jws import JWSRegistry

CLIENT, SECRET = "liuhen", "一个 密钥/%+"
REALM = "/realms/city"
PROTOCOL = f"{REALM}/protocol/openid-connect"
LIFETIME = 300
_ANY = JWSRegistry(algorithms=["RS256"], strict_check_header=False)

Spoiled = Callable[[dict[str, Any], dict[str, Any]], Any]
"""Gets the header and the claims of an ID token and may change them; what it returns, if anything, is sent instead."""


@dataclass(frozen=True)
class Login:
    """One authorization: what the client asked for, and who signed in."""

    asked: dict[str, str]
    person: dict[str, Any]


@dataclass
class IdentityProvider:
    """The realm. ``person`` signs in next; ``spoil`` is what goes wrong with a token, ``amiss`` with discovery."""

    issuer: str
    person: dict[str, Any] = field(default_factory=lambda: {"sub": "f:1:zhang", "preferred_username": "zhang"})
    spoil: Spoiled | None = None
    amiss: dict[str, Any] = field(default_factory=dict)
    down: bool = False
    denies: str | None = None
    asks_first: bool = False
    asked: list[str] = field(default_factory=list)
    ended: list[dict[str, str]] = field(default_factory=list)
    _codes: dict[str, Login] = field(default_factory=dict)
    _keys: list[RSAKey] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rotate()

    def rotate(self) -> None:
        """Sign with a new key from now on; the one before is not published any more."""
        self._keys = [RSAKey.generate_key(2048, {"kid": secrets.token_hex(8), "use": "sig", "alg": "RS256"})]

    def discovery(self) -> dict[str, Any]:
        at = f"{self.issuer}/protocol/openid-connect"
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{at}/auth",
            "token_endpoint": f"{at}/token",
            "jwks_uri": f"{at}/certs",
            "end_session_endpoint": f"{at}/logout",
            "token_endpoint_auth_methods_supported": ["private_key_jwt", "client_secret_basic", "client_secret_post"],
            "code_challenge_methods_supported": ["plain", "S256"],
        } | self.amiss

    def keys(self) -> dict[str, Any]:
        return {"keys": [key.as_dict(private=False) for key in self._keys]}

    def authorize(self, asked: dict[str, str]) -> str:
        """Return the address that the browser is sent back to, after the person signed in."""
        assert asked["client_id"] == CLIENT
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        back = {"state": asked["state"], "session_state": secrets.token_hex(8), "iss": self.issuer}
        if self.denies is not None:
            back |= {"error": self.denies}
        else:
            code = secrets.token_urlsafe(40)
            self._codes[code] = Login(asked, dict(self.person))
            back |= {"code": code}
        return f"{asked['redirect_uri']}?{urlencode(back)}"

    def token(self, authorization: str, asked: dict[str, str]) -> tuple[int, dict[str, Any]]:
        kind, _, credentials = authorization.partition(" ")
        name, _, secret = base64.b64decode(credentials).decode().partition(":")
        if kind != "Basic" or (unquote_plus(name), unquote_plus(secret)) != (CLIENT, SECRET):
            return 401, {"error": "unauthorized_client"}
        login = self._codes.pop(asked.get("code", ""), None)
        if login is None or login.asked["redirect_uri"] != asked.get("redirect_uri") or not _proves(login, asked):
            return 400, {"error": "invalid_grant", "error_description": "Code not valid"}
        access_token = secrets.token_urlsafe(60)
        return 200, {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": LIFETIME,
            "id_token": self._signed(login, access_token),
        }

    def _signed(self, login: Login, access_token: str) -> str:
        now, key = int(time.time()), self._keys[0]
        header = {"alg": "RS256", "typ": "JWT", "kid": key.kid}
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "azp": CLIENT,
            "typ": "ID",
            "nonce": login.asked["nonce"],
            "iat": now,
            "exp": now + LIFETIME,
            "sid": secrets.token_hex(16),
            "at_hash": _half(access_token),
        } | login.person
        instead = self.spoil(header, claims) if self.spoil else None
        return str(instead) if instead else jwt.encode(header, claims, key, registry=_ANY)

    def leave(self, asked: dict[str, str]) -> str:
        """Return the address that the browser is sent to after it signed out here."""
        self.ended.append(asked)
        if hint := asked.get("id_token_hint"):
            jwt.decode(hint, self._keys[0], registry=_ANY)
        return asked["post_logout_redirect_uri"]


def _proves(login: Login, asked: dict[str, str]) -> bool:
    digest = hashlib.sha256(asked.get("code_verifier", "").encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == login.asked["code_challenge"]


def _half(access_token: str) -> str:
    digest = hashlib.sha256(access_token.encode()).digest()[:16]
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class _Door(BaseHTTPRequestHandler):
    provider: IdentityProvider

    def do_GET(self) -> None:
        path, asked = self._asked()
        if self.provider.down:
            self._answer(503, b"")
        elif path == f"{REALM}/.well-known/openid-configuration":
            self._json(200, self.provider.discovery())
        elif path == f"{PROTOCOL}/certs":
            self._json(200, self.provider.keys())
        elif path == f"{PROTOCOL}/auth" and self.provider.asks_first and "done" not in asked:
            again = f"{self.path}&done=1"
            page = f'<title>统一身份认证</title><a id="me" href="{escape(again)}">我是张工</a>'
            self._answer(200, page.encode(), **{"Content-Type": "text/html; charset=utf-8"})
        elif path == f"{PROTOCOL}/auth":
            self._answer(302, b"", Location=self.provider.authorize(asked))
        elif path == f"{PROTOCOL}/logout":
            self._answer(302, b"", Location=self.provider.leave(asked))
        elif path == f"{REALM}/elsewhere":
            self._answer(302, b"", Location=f"{PROTOCOL}/certs")
        else:
            self._answer(404, b"")

    def do_POST(self) -> None:
        self._asked()
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        sent = {name: values[0] for name, values in parse_qs(body, keep_blank_values=True).items()}
        self._json(*self.provider.token(self.headers.get("Authorization", ""), sent))

    def _asked(self) -> tuple[str, dict[str, str]]:
        parts = urlsplit(self.path)
        self.provider.asked.append(parts.path.removeprefix(REALM))
        return parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()}

    def _json(self, status: int, said: Any) -> None:
        self._answer(status, json.dumps(said).encode(), **{"Content-Type": "application/json"})

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def identity_provider() -> Iterator[IdentityProvider]:
    """Run a provider until the end of the block."""
    door = type("Door", (_Door,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), door) as server:
        server.daemon_threads = True
        provider = IdentityProvider(f"http://127.0.0.1:{server.server_port}{REALM}")
        door.provider = provider  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()
