"""The parser: text of any kind in, a plan with its wording intact out (§0a)."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from services.organization.plan_document.front import split_closing, split_title, year_of
from services.organization.plan_document.headings import Heading, Level, find_headings, levels_of
from services.organization.plan_document.lines import TERMINALS, Line, ends_sentence, join, read_lines
from services.organization.plan_document.model import Clause, Measure, Part, PlanDocument
from services.organization.plan_document.nature import guess_nature
from services.organization.plan_document.sentences import first_sentence, split_sentences

_TAIL = 12
"""Characters quoted from the place where a text breaks off."""


@dataclass(slots=True)
class _Block:
    """Lines under one heading; a deeper heading starts a new segment, so that it starts a new clause."""

    heading: Heading | None
    segments: list[list[Line]] = field(default_factory=lambda: [[]])

    def lines(self) -> list[Line]:
        return [line for segment in self.segments for line in segment]


def parse(text: str) -> PlanDocument:
    """Read a plan. Total: any string gives a document, and nothing of it is lost but whitespace."""
    lines, closing = split_closing(read_lines(text))
    headings = find_headings(lines)
    part_level, measure_level = levels_of(headings)
    blocks = _blocks(lines, headings, part_level, measure_level)
    title, front = split_title(blocks[0].lines())
    preamble = _text(front)
    parts, notes = _renumber(_parts(blocks[1:], part_level))
    incomplete = not (lines and ends_sentence(lines[-1].text))
    plan = PlanDocument(title, year_of(title, preamble), preamble, parts, closing, incomplete, notes)
    return replace(plan, notes=(*notes, *_remarks(plan)))


def _text(lines: Sequence[Line]) -> str:
    return join([line.text for line in lines])


def _blocks(
    lines: Sequence[Line], headings: Sequence[Heading], part_level: Level | None, measure_level: Level | None
) -> list[_Block]:
    starts = {heading.line: heading for heading in headings}
    blocks = [_Block(None)]
    for index, line in enumerate(lines):
        heading = starts.get(index)
        if heading and heading.level in (part_level, measure_level):
            blocks.append(_Block(heading))
            line = replace(line, text=line.text[len(heading.marker) :].strip())  # noqa: PLW2901 the marker is kept apart
        elif heading:
            blocks[-1].segments.append([])
        blocks[-1].segments[-1].append(line)
    return blocks


def _split_heading(lines: Sequence[Line]) -> tuple[str, str]:
    """(title, body) of a block: a line that stands alone is the title, else the first sentence is."""
    alone = 0
    while alone < len(lines) and not lines[alone].short:
        alone += 1
    head = _text(lines[: alone + 1])
    if not any(mark in head for mark in TERMINALS):
        return head, _text(lines[alone + 1 :])
    return first_sentence(_text(lines))


def _parts(blocks: Sequence[_Block], part_level: Level | None) -> list[Part]:
    found: list[tuple[Part, list[Measure]]] = []
    for block in blocks:
        heading = block.heading
        if heading and heading.level is part_level:
            title, body = _split_heading(block.lines())
            found.append((Part(heading.number, heading.marker, title, body.strip(), ()), []))
            continue
        if not found:
            found.append((Part(0, "", "", "", ()), []))
        found[-1][1].append(_measure(block))
    return [_with_own_measure(replace(part, measures=tuple(measures))) for part, measures in found]


def _with_own_measure(part: Part) -> Part:
    """A part of plain sentences, without items, is one item: none of its sentences may be forgotten."""
    if part.measures or not part.preamble:
        return part
    return replace(part, preamble="", measures=(Measure(0, "", "", _clauses(0, [part.preamble])),))


def _measure(block: _Block) -> Measure:
    first, *deeper = block.segments
    title, body = _split_heading(first)
    texts = [body, *(_text(segment) for segment in deeper)]
    if ends_sentence(title) and not any(text.strip() for text in texts):
        title, texts = "", [title]
    number, marker = (block.heading.number, block.heading.marker) if block.heading else (0, "")
    return Measure(number, marker, title, _clauses(number, texts))


def _clauses(number: int, texts: Sequence[str]) -> tuple[Clause, ...]:
    sentences = [sentence for text in texts for sentence in split_sentences(text)]
    return tuple(Clause(f"{number}-{n}", guess_nature(text), text) for n, text in enumerate(sentences, start=1))


def _renumber(parts: Sequence[Part]) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    """Keep the plan's own numbers where they are unique, else count the items through."""
    own = [measure.number for part in parts for measure in part.measures if measure.number]
    unique = len(own) == len(set(own))
    counter = max(own, default=0) if unique else 0
    renumbered = []
    for part in parts:
        measures = []
        for measure in part.measures:
            keep = unique and measure.number
            counter += 0 if keep else 1
            measures.append(measure if keep else _numbered(measure, counter))
        renumbered.append(replace(part, measures=tuple(measures)))
    notes = () if unique else ("各部分的条目重新编号，平台按先后顺序连续编号，原编号照录。",)
    return tuple(renumbered), notes


def _numbered(measure: Measure, number: int) -> Measure:
    clauses = tuple(replace(c, number=f"{number}-{n}") for n, c in enumerate(measure.clauses, start=1))
    return replace(measure, number=number, clauses=clauses)


def _remarks(plan: PlanDocument) -> list[str]:
    text = plan.mended()
    if not text:
        return ["文件中没有可读的文字。"]
    remarks = [] if plan.parts else ["没有识别出条目编号（如“一、”“1.”），全文列为前言，请在预览中分条。"]
    if plan.incomplete:
        last = next(reversed(list(plan.measures())), None)
        where, end = (
            (f"第{last.number}项第{len(last.clauses)}句", last.clauses[-1].text)
            if last and last.clauses
            else ("文末", text)
        )
        remarks.append(f"来源不全：文件在{where}“…{end[-_TAIL:]}”处中断，未见句末标点，收到余下部分后请补充。")
    return remarks
