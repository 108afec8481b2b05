"""Log-in names: one spelling, taken once, never in the clear outside the person's sealed values."""

import hmac
import unicodedata

from shared.eventstore.port import Claim
from shared.vault.port import Vault

LOGIN_CLAIM = "login"
_SUBJECT = "stream:access-logins"


def normalised(login: str) -> str:
    """Return the one spelling of a log-in name: NFKC, without case, without blanks around it."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", login.strip()).casefold())


def login_key(vault: Vault, login: str) -> str:
    """Return what stands for a log-in name in claims: an HMAC-SHA-256 under a key of the vault, in hex."""
    return hmac.digest(vault.ensure(_SUBJECT).seed, normalised(login).encode(), "sha256").hex()


def login_claim(vault: Vault, login: str) -> Claim:
    """Return the claim that makes a log-in name unique over the platform."""
    return Claim(LOGIN_CLAIM, login_key(vault, login))
