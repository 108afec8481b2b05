"""Page cursors: opaque, bound to their request, and refused if anything in them was changed."""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import fields, is_dataclass
from typing import Any

from shared.search.port import SearchError, SearchRequest

_SEAL = 16


class CursorCodec:
    """Seals the position of a page with `key`; processes that serve the same people share the key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def seal(self, request: SearchRequest, position: dict[str, Any]) -> str:
        """Return the cursor that continues `request` at `position` (JSON values)."""
        body = json.dumps(position, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._mac(request, body) + body).rstrip(b"=").decode()

    def open(self, request: SearchRequest) -> dict[str, Any] | None:
        """Return the position in the cursor of `request`, None without one; SearchError bad-cursor."""
        if request.cursor is None:
            return None
        try:
            padded = request.cursor.encode() + b"=" * (-len(request.cursor) % 4)
            sealed = base64.b64decode(padded, altchars=b"-_", validate=True)
        except (UnicodeEncodeError, binascii.Error):
            raise _bad() from None
        mac, body = sealed[:_SEAL], sealed[_SEAL:]
        if not hmac.compare_digest(mac, self._mac(request, body)):
            raise _bad()
        position: dict[str, Any] = json.loads(body)
        return position

    def _mac(self, request: SearchRequest, body: bytes) -> bytes:
        return hmac.digest(self._key, _fingerprint(request) + body, "sha256")[:_SEAL]


def _fingerprint(request: SearchRequest) -> bytes:
    """Return a digest of what decides the list of hits; the scope is applied afresh to every page."""
    narrowed = [request.kinds, request.agencies, request.orgs, request.first, request.last]
    asked = [request.query, *narrowed, request.sort]
    return hashlib.sha256(json.dumps(_canonical(asked), ensure_ascii=True).encode()).digest()


def _canonical(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return [type(value).__name__, *(_canonical(getattr(value, each.name)) for each in fields(value))]
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, list | tuple):
        return [_canonical(each) for each in value]
    return value


def _bad() -> SearchError:
    return SearchError("bad-cursor", "翻页标记无效或不属于这次检索，请从第一页重新检索。")
