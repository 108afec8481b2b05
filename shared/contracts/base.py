"""What every event contract is made of: frozen models, sealed values, upcasters, the registry.

An event's fields can never be changed later. A new shape is a new ``version`` with an upcaster from the
one before, and a golden file for each under ``tests/golden``.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import datetime
from itertools import groupby
from typing import Annotated, Any, ClassVar, Generic, TypeVar, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict

T = TypeVar("T")
E = TypeVar("E", bound="Event")
Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
_MAY_STACK = re.compile("[^\u0000-\u02ff\u3000-\u3029\u3030-\u3098\u309b-\ua66e\uac00-\ud7a3\uff00-\uffff]{64,}")
"""A run long enough to be slow that no character breaks of which it is certain that it is no combining mark."""

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def nfc(text: str) -> str:
    """Return the text in NFC, in time in proportion to its length.

    ``unicodedata`` takes the square of it to put a run of combining marks in order, so they are put in order first.

    Raises:
        ValueError: it holds a lone surrogate or NUL, which neither JSON canonical form nor PostgreSQL can hold.
    """
    if _UNSTORABLE.search(text):
        raise ValueError("文字中有不能保存的字符")
    return unicodedata.normalize("NFC", _MAY_STACK.sub(_in_order, text))


def _in_order(run: re.Match[str]) -> str:
    apart = "".join(unicodedata.normalize("NFD", char) for char in run[0])
    marks = groupby(apart, key=lambda char: unicodedata.combining(char) > 0)
    return "".join("".join(sorted(found, key=unicodedata.combining) if stacked else found) for stacked, found in marks)


Text = Annotated[str, AfterValidator(nfc)]
"""Text as it is committed to: NFC, no NUL, no lone surrogates."""


class Sealed(BaseModel, Generic[T]):
    """A value kept under the key of a person or a document (``person:ID``, ``document:ID``).

    In memory it is plain; in the events table and on Kafka it is ciphertext. ``value`` is None when the key
    has been destroyed (erased) or the reader has no vault.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    subject: str
    value: T | None


class BlobRef(BaseModel):
    """What an event carries of a file: where it is, how big (bytes, plain), what type, under whose key."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sha256: str
    size: int
    media_type: str
    name: Text
    subject: str


class Event(BaseModel):
    """A fact that happened. Subclasses are registered with ``@event``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    TYPE: ClassVar[str]
    VERSION: ClassVar[int]
    SEALED: ClassVar[frozenset[str]]
    UPCASTERS: ClassVar[dict[int, Upcaster]]

    def happened_at(self) -> datetime | None:
        """Return the moment the fact was true from (有效时间), or None when it is the moment of recording."""
        return None


_REGISTRY: dict[str, type[Event]] = {}


def event(name: str, *, version: int = 1, upcasters: dict[int, Upcaster] | None = None) -> Callable[[type[E]], type[E]]:
    """Register a contract under ``<context>.<kebab-name>``; ``upcasters[n]`` turns version n into n+1.

    Raises:
        TypeError: the name is taken, an upcaster is missing, or a field is a float.
    """

    def register(cls: type[E]) -> type[E]:
        steps = upcasters or {}
        if name in _REGISTRY and _REGISTRY[name].__qualname__ != cls.__qualname__:
            raise TypeError(f"event {name} is already declared")
        if set(steps) != set(range(1, version)):
            raise TypeError(f"event {name} v{version} needs one upcaster a step")
        for field_name, info in cls.model_fields.items():
            if _holds_float(info.annotation):
                raise TypeError(f"{name}.{field_name}: no floats in events")
        cls.TYPE, cls.VERSION, cls.UPCASTERS = name, version, steps
        cls.SEALED = frozenset(f for f, i in cls.model_fields.items() if _is_sealed(i.annotation))
        _REGISTRY[name] = cls
        return cls

    return register


def contract(name: str) -> type[Event]:
    """Return the contract registered under the name.

    Raises:
        KeyError: no such contract has been imported in this process.
    """
    return _REGISTRY[name]


def contracts() -> dict[str, type[Event]]:
    """Return every registered contract by name."""
    return dict(_REGISTRY)


def upcast(name: str, version: int, payload: dict[str, Any]) -> dict[str, Any]:
    """Return the payload in the shape of the contract's present version.

    Raises:
        ValueError: the payload is newer than this program knows.
    """
    cls = contract(name)
    if version > cls.VERSION:
        raise ValueError(f"{name} v{version} is newer than this program (v{cls.VERSION})")
    for step in range(version, cls.VERSION):
        payload = cls.UPCASTERS[step](payload)
    return payload


def _is_sealed(annotation: Any) -> bool:
    candidates = (annotation, *get_args(annotation))
    return any(isinstance(c, type) and issubclass(c, Sealed) for c in candidates)


def _holds_float(annotation: Any) -> bool:
    if annotation is float:
        return True
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return any(_holds_float(i.annotation) for i in annotation.model_fields.values())
    return any(_holds_float(a) for a in get_args(annotation))
