"""What may be asked of the API: bounded, in NFC, no unknown field."""

from typing import Annotated

from fastapi import Query
from pydantic import AfterValidator, Field

from shared.contracts.base import Text
from shared.documents.characters import legible
from shared.http.fields import Year
from shared.http.requests import Body

Words = Annotated[Text, Field(min_length=1, max_length=2000), AfterValidator(legible)]
YearParameter = Annotated[Year | None, Query(description="年度；不填为今年")]


class ObjectBody(Body):
    """What is wrong with an entry, or which one is missing."""

    entry_id: Annotated[Text | None, Field(max_length=200)] = None
    text: Words


class AnswerBody(Body):
    """Whether the member is right, and why."""

    upheld: bool
    answer: Words
