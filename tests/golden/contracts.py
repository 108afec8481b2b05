"""Every contract the product declares, and one deterministic sample of each."""

import importlib
import pkgutil
import types
from datetime import UTC, date, datetime
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

import shared.contracts
from shared.contracts.base import Event, Sealed, contracts

PLAIN: dict[Any, Any] = {
    str: "样例文字",
    int: 7,
    bool: True,
    date: date(2026, 3, 5),
    datetime: datetime(2026, 3, 5, 1, 2, 3, 456789, tzinfo=UTC),
    type(None): None,
}


def declared() -> dict[str, type[Event]]:
    for module in pkgutil.iter_modules(shared.contracts.__path__):
        importlib.import_module(f"shared.contracts.{module.name}")
    return {name: cls for name, cls in contracts().items() if cls.__module__.startswith("shared.contracts.")}


def sample(annotation: Any) -> Any:
    """The same value for the same type, every time; optional fields are filled."""
    if annotation in PLAIN:
        return PLAIN[annotation]
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return sample(arguments[0])
    if origin in (Union, types.UnionType):
        return sample(next(a for a in arguments if a is not type(None)))
    if origin is Literal:
        return arguments[0]
    if origin is tuple:
        return (sample(arguments[0]), sample(arguments[0]))
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return next(iter(annotation))
    if isinstance(annotation, type) and issubclass(annotation, Sealed):
        return annotation(subject="person:golden", value=sample(annotation.model_fields["value"].annotation))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation(**{n: sample(f.rebuild_annotation()) for n, f in annotation.model_fields.items()})
    raise TypeError(f"no golden sample for {annotation}: add one to tests/golden/contracts.py")
