"""What the search API answers."""

from pydantic import BaseModel


class Fragment(BaseModel):
    """A piece of a document; ``marks`` are [start, end) character ranges within ``text`` to highlight."""

    text: str
    marks: list[tuple[int, int]]


class FoundDocument(BaseModel):
    """One hit; ``draft`` where it is not finished: a plan not adopted, a document without a final version."""

    id: str
    stream: str
    title: str
    kind: str
    agency: str
    organisation: str | None
    date: str
    author: str | None
    draft: bool
    title_marks: list[tuple[int, int]]
    highlights: list[Fragment]


class FacetValue(BaseModel):
    """One value of a facet and how many hits carry it."""

    value: str
    count: int


class UnderstoodPart(BaseModel):
    """One condition of the query as it was understood (这样理解)."""

    kind: str
    label: str


class Understood(BaseModel):
    """How the query was read, with what had to be guessed."""

    parts: list[UnderstoodPart]
    notes: list[str]


class ZeroReason(BaseModel):
    """A condition or filter and how many documents meet it alone: why nothing was found, within what one may see."""

    label: str
    count: int


class SearchAnswerBody(BaseModel):
    """The exact total, one page of hits, facets, how the query was understood; ``cursor`` None on the last page."""

    total: int
    hits: list[FoundDocument]
    facets: dict[str, list[FacetValue]]
    understood: Understood
    cursor: str | None
    zero: list[ZeroReason]


class DocumentText(BaseModel):
    """One document in full, for the preview pane; paragraphs with the ranges to highlight."""

    id: str
    stream: str
    title: str
    kind: str
    agency: str
    organisation: str | None
    date: str
    draft: bool
    paragraphs: list[Fragment]
