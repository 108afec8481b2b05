"""What a query means, from the normal form of the texts alone: the measure of every search engine."""

import itertools
import re

from shared.search.ast import And, Dates, Near, Node, Not, Or, Phrase, Value, Word
from shared.search.port import IndexDocument
from shared.text.normalise import PARAGRAPH, normal_form


def plain(document: IndexDocument) -> str:
    return (normal_form(document.title) + PARAGRAPH + normal_form(document.body)).replace(" ", "")


def text_of(document: IndexDocument, field: str) -> str:
    whole = {"text": plain(document), "title": normal_form(document.title), "author": document.author or ""}
    return whole[field]


def holds(node: Node, document: IndexDocument) -> bool:
    match node:
        case Word(text, field) | Phrase(text, field):
            return normal_form(text) in text_of(document, field)
        case Near(phrases, distance, field):
            return near(text_of(document, field), phrases, distance)
        case Value(field, _, values):
            have = {"agency": (document.agency_id,), "kind": (document.kind,), "task": document.tasks}
            return bool(values & set(have.get(field, document.topics)))
        case Dates(first, last):
            return (first or "") <= document.date <= (last or "9")
        case Not(child):
            return not holds(child, document)
        case And(children):
            return all(holds(child, document) for child in children)
        case Or(children):
            return any(holds(child, document) for child in children)


def near(text: str, phrases: tuple[str, ...], distance: int) -> bool:
    counted = re.sub(r"[a-z0-9]+", "#", text)
    starts = [[m.start() for m in re.finditer(f"(?={re.escape(phrase)})", counted)] for phrase in phrases]
    lengths = list(map(len, phrases))
    return any(
        max(start + length for start, length in zip(chosen, lengths, strict=True)) - min(chosen) - sum(lengths)
        <= distance
        for chosen in itertools.product(*starts)
    )
