"""A work plan as the one text that is searched: its paragraphs in order, sentences unbroken, marks as printed."""

from collections.abc import Iterator

from shared.contracts.organization import PlanBody


def of(body: PlanBody) -> str:
    """Return the plan's text: heading, preamble, part titles, each measure as one paragraph, closing."""
    return "\n".join(paragraph for paragraph in _paragraphs(body) if paragraph)


def _paragraphs(body: PlanBody) -> Iterator[str]:
    yield body.heading
    yield body.preamble
    for part in body.parts:
        yield part.marker + part.title
        yield part.preamble
        for measure in part.measures:
            yield measure.marker + measure.title + "".join(clause.text for clause in measure.clauses)
    yield body.closing
