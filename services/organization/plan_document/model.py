"""What a work plan says, in its own words (§0a)."""

from collections.abc import Iterator
from dataclasses import dataclass

from shared.contracts.organization import ClauseNature


@dataclass(frozen=True, slots=True)
class Clause:
    """One sentence of a measure, original wording with its closing mark; `number` is "measure-sentence" (3-2)."""

    number: str
    nature: ClauseNature
    text: str


@dataclass(frozen=True, slots=True)
class Measure:
    """One numbered item (条目): `marker` as printed ("3.", "（一）"), `title` with its closing mark.

    `number` is the plan's own where that is unique in the plan, else a running number.
    `title` is empty where the item is a single sentence: that sentence is then its only clause.
    """

    number: int
    marker: str
    title: str
    clauses: tuple[Clause, ...]

    @property
    def heading(self) -> str:
        """The title as a heading is shown: without its full stop."""
        return self.title.rstrip("。")


@dataclass(frozen=True, slots=True)
class Part:
    """One part (部分); `number` is 1, 2, … or 0 for a plan without parts, `preamble` what precedes its items."""

    number: int
    marker: str
    title: str
    preamble: str
    measures: tuple[Measure, ...]


@dataclass(frozen=True, slots=True)
class PlanDocument:
    """A whole plan. `incomplete` (来源不全, §0e): the text breaks off inside a sentence; `notes` say where.

    `closing` is the signature and date (落款). Nothing of the source is missing from `mended()` but whitespace.
    """

    title: str
    year: int | None
    preamble: str
    parts: tuple[Part, ...]
    closing: str
    incomplete: bool
    notes: tuple[str, ...]

    def measures(self) -> Iterator[Measure]:
        """Every measure in the order of the plan."""
        for part in self.parts:
            yield from part.measures

    def clauses(self) -> Iterator[Clause]:
        """Every clause in the order of the plan."""
        for measure in self.measures():
            yield from measure.clauses

    def mended(self) -> str:
        """The whole text, one block a line, its hard line breaks mended."""
        blocks = [self.title, self.preamble]
        for part in self.parts:
            blocks += [part.marker + part.title, part.preamble]
            blocks += [m.marker + m.title + "".join(c.text for c in m.clauses) for m in part.measures]
        return "\n".join(block for block in (*blocks, self.closing) if block)
