"""The fields that bodies of several services are made of: bounded, in NFC, without characters that deceive."""

from collections.abc import Callable, Sequence
from typing import Annotated, get_args, get_origin

from pydantic import AfterValidator, Field

from shared.contracts.base import Text
from shared.documents.characters import legible, one_line


def is_line(annotation: object, metadata: Sequence[object] = ()) -> bool:
    """Tell whether a field takes lines, such as a title, or several: what ``one_line`` checks."""
    if get_origin(annotation) is Annotated:
        annotation, *metadata = get_args(annotation)
    if any(isinstance(each, AfterValidator) and each.func is one_line for each in metadata):
        return True
    return any(map(is_line, get_args(annotation)))


def if_any(check: Callable[[str], str]) -> Callable[[str], str]:
    """Return the check for a text that may be left empty: blanks alone are nothing."""
    return lambda text: check(text) if text.strip() else ""


Id = Annotated[Text, Field(min_length=36, max_length=36)]
Name = Annotated[Text, Field(min_length=1, max_length=100), AfterValidator(one_line)]
Line = Annotated[Text, Field(min_length=1, max_length=200), AfterValidator(one_line)]
Reason = Annotated[Text, Field(min_length=1, max_length=1000), AfterValidator(legible)]
Remark = Annotated[Text, Field(max_length=1000), AfterValidator(if_any(legible))]
"""What may be left empty."""
Year = Annotated[int, Field(ge=1921, le=2100)]
Task = Annotated[Text, Field(max_length=64)]
"""``<plan_id>/<clause>`` of a task that a record supports."""
