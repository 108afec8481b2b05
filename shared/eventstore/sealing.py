"""The codec of the house: seals what is personal, commits to every field, opens what the reader may read.

A sealed field is stored as ``{"subject", "sealed", "commitment"}``. Its commitment stands beside it so that the
root can be checked after an erasure, and its subject is a committed field of its own (``<field>.subject``),
so that nobody passes a value off as erased by naming another subject.
"""

import base64
import hmac
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from shared.clock import Clock
from shared.contracts.base import Event, contract, upcast
from shared.eventstore.codec import Integrity
from shared.eventstore.port import NewEvent, RecordedEvent
from shared.ids import new_id
from shared.vault.commitments import Opening, commit, event_seed, payload_root, plain_salt, sealed_salt
from shared.vault.port import Vault
from shared.vault.sealing import Tampered, place_of, seal, unseal

MAX_INTEGER = 2**53 - 1
"""Beyond it JSON readers disagree (RFC 8785, RFC 7493)."""

GIVEN_OUT = "stream:tokens-given-out"
"""The vault's subject whose key tells what this platform gave out from what somebody made up."""

_SEALED_SHAPE = frozenset({"subject", "sealed", "commitment"})


class Unstorable(ValueError):
    """A value that cannot be committed to: a float, NUL, a lone surrogate, text not in NFC, an erased value."""


class SealingCodec:
    """A ``Codec`` over a vault; without one it still decodes, with every sealed value None."""

    def __init__(self, vault: Vault | None, clock: Clock, ids: Callable[[], str] = new_id) -> None:
        self._vault, self._clock, self._ids = vault, clock, ids

    def encode(self, event: Event, stream_id: str) -> NewEvent:
        """Seal, commit, give an id; ``valid_at`` is ``happened_at()`` or now.

        Raises:
            Unstorable: a value cannot be committed to.
            KeysDestroyed: a subject was erased.
        """
        vault = self._writing_vault()
        event_id = self._ids()
        plain = event.model_dump(mode="json")
        _refuse_unstorable(plain, event.TYPE)
        seed = event_seed(vault.ensure(stream_subject(stream_id)), event_id)
        stored = {
            name: _sealed(vault, event_id, name, value) if name in event.SEALED and value is not None else value
            for name, value in plain.items()
        }
        root = payload_root(_commitments(stored, seed))
        valid_at = event.happened_at() or self._clock()
        return NewEvent(event_id, event.TYPE, event.VERSION, stored, root, valid_at)

    def decode(self, recorded: RecordedEvent) -> Event:
        """Open, upcast (upcasters see sealed values as ``{"subject", "value"}``), read as the contract.

        Raises:
            Tampered: a ciphertext is not what was sealed here.
            ValueError: the payload does not fit the contract, or is newer than this program.
        """
        opened = {
            name: self._opened(recorded.event_id, name, value) if isinstance(value, dict) else value
            for name, value in recorded.payload.items()
        }
        return contract(recorded.type).model_validate(upcast(recorded.type, recorded.schema_version, opened))

    def mac(self, text: str) -> str:
        """Return the first 128 bits of an HMAC-SHA-256 of the text under a key of the vault, in base64url."""
        whole = hmac.digest(self._writing_vault().ensure(GIVEN_OUT).seed, text.encode(), "sha256")
        return base64.urlsafe_b64encode(whole[:16]).decode().rstrip("=")

    def check(self, recorded: RecordedEvent) -> Integrity:
        """Recompute the root of a row; an erased value counts by the commitment stored beside it."""
        stream = self._vault.keys(stream_subject(recorded.stream_id)) if self._vault else None
        if stream is None:
            return Integrity.UNKNOWN
        try:
            for name, value in recorded.payload.items():
                self._check_commitment(recorded.event_id, name, value)
            commitments = _commitments(recorded.payload, event_seed(stream, recorded.event_id))
        except (Tampered, ValueError):
            return Integrity.BROKEN
        return Integrity.INTACT if payload_root(commitments) == recorded.payload_root else Integrity.BROKEN

    def commitments(self, recorded: RecordedEvent) -> dict[str, bytes] | None:
        """Return the row's commitments by path, or None where the stream's keys are gone."""
        stream = self._vault.keys(stream_subject(recorded.stream_id)) if self._vault else None
        return None if stream is None else _commitments(recorded.payload, event_seed(stream, recorded.event_id))

    def opening(self, recorded: RecordedEvent, path: str) -> Opening | None:
        """Return what shows one committed field of the row to a stranger; None where its keys are gone.

        ``path`` is a field's name, or ``<field>.subject`` of a sealed field.

        Raises:
            KeyError: the row has no such path.
        """
        name, _, part = path.partition(".")
        value = recorded.payload[name]
        if self._vault is None or (part and not (part == "subject" and _is_sealed(value))):
            raise KeyError(path)
        if _is_sealed(value) and not part:
            keys = self._vault.keys(value["subject"])
            if keys is None:
                return None
            shown = unseal(keys.cipher, place_of(recorded.event_id, name), value["sealed"])
            return Opening(path, shown, sealed_salt(keys, recorded.event_id, name))
        stream = self._vault.keys(stream_subject(recorded.stream_id))
        if stream is None:
            return None
        salt = plain_salt(event_seed(stream, recorded.event_id), path)
        return Opening(path, value["subject"] if part else value, salt)

    def _writing_vault(self) -> Vault:
        if self._vault is None:
            raise RuntimeError("a codec without a vault only reads")
        return self._vault

    def _opened(self, event_id: str, name: str, value: Any) -> Any:
        if not _is_sealed(value):
            return value
        keys = self._vault.keys(value["subject"]) if self._vault else None
        shown = unseal(keys.cipher, place_of(event_id, name), value["sealed"]) if keys else None
        return {"subject": value["subject"], "value": shown}

    def _check_commitment(self, event_id: str, name: str, value: Any) -> None:
        """Hold a sealed value that can still be opened against the commitment beside it."""
        if not _is_sealed(value) or self._vault is None or (keys := self._vault.keys(value["subject"])) is None:
            return
        shown = unseal(keys.cipher, place_of(event_id, name), value["sealed"])
        if commit(sealed_salt(keys, event_id, name), name, shown) != _stored_commitment(value):
            raise Tampered(f"{name} is not what its commitment says")


def stream_subject(stream_id: str) -> str:
    """Return the vault's subject of a stream, whose seed the salts of its plain fields come from."""
    return f"stream:{stream_id}"


def _is_sealed(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == _SEALED_SHAPE and all(isinstance(v, str) for v in value.values())


def _sealed(vault: Vault, event_id: str, name: str, field: Mapping[str, Any]) -> dict[str, str]:
    subject, value = field["subject"], field["value"]
    if value is None:
        raise Unstorable(f"{name}: an erased value cannot be recorded again")
    keys = vault.ensure(subject)
    return {
        "subject": subject,
        "sealed": seal(keys.cipher, place_of(event_id, name), value),
        "commitment": base64.b64encode(commit(sealed_salt(keys, event_id, name), name, value)).decode(),
    }


def _stored_commitment(value: Mapping[str, Any]) -> bytes:
    return base64.b64decode(value["commitment"], validate=True)


def _commitments(stored: Mapping[str, Any], seed: bytes) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for name, value in stored.items():
        if _is_sealed(value):
            found[name] = _stored_commitment(value)
            subject_path = f"{name}.subject"
            found[subject_path] = commit(plain_salt(seed, subject_path), subject_path, value["subject"])
        else:
            found[name] = commit(plain_salt(seed, name), name, value)
    return found


def _refuse_unstorable(value: Any, where: str) -> None:
    if isinstance(value, str):
        if "\x00" in value or (not value.isascii() and _ambiguous(value)):
            raise Unstorable(f"{where}: text with NUL, a lone surrogate, or not in NFC")
    elif isinstance(value, float):
        raise Unstorable(f"{where}: no floats in events")
    elif isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise Unstorable(f"{where}: a number beyond ±(2⁵³-1) is recorded as text")
    elif isinstance(value, dict):
        if value.keys() == _SEALED_SHAPE:
            raise Unstorable(f"{where}: a plain value in the shape of a sealed one")
        for name, inner in value.items():
            _refuse_unstorable(name, where)
            _refuse_unstorable(inner, f"{where}.{name}")
    elif isinstance(value, list):
        for inner in value:
            _refuse_unstorable(inner, where)


def _ambiguous(text: str) -> bool:
    return not unicodedata.is_normalized("NFC", text) or any("\ud800" <= c <= "\udfff" for c in text)
