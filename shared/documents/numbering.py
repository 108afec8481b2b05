"""Automatic numbering of Word (自动编号): the 一、 that is on the page but not in the paragraph's text."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from docx.document import Document
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

_HAN: Final = "〇一二三四五六七八九"
_MOST_LEVELS: Final = 9


def han_numeral(number: int) -> str:
    """1 → 一, 10 → 十, 23 → 二十三; from 100 on digit by digit."""
    if not 0 < number < 100:
        return "".join(_HAN[int(digit)] for digit in str(abs(number)))
    tens, ones = divmod(number, 10)
    return (_HAN[tens] if tens > 1 else "") + ("十" if tens else "") + (_HAN[ones] if ones else "")


_FORMATS: Final[dict[str, Callable[[int], str]]] = {
    "decimal": str,
    "decimalZero": "{:02d}".format,
    "chineseCounting": han_numeral,
    "chineseCountingThousand": han_numeral,
    "japaneseCounting": han_numeral,
    "ideographDigital": han_numeral,
    "taiwaneseCounting": han_numeral,
}


@dataclass(frozen=True, slots=True)
class _Level:
    start: int
    form: str
    pattern: str


def _value(parent: BaseOxmlElement | None, *path: str) -> str | None:
    for tag in path:
        parent = parent.find(qn(tag)) if parent is not None else None
    return parent.get(qn("w:val")) if parent is not None else None


def _levels(abstract: BaseOxmlElement) -> dict[int, _Level]:
    levels = {}
    for level in abstract.findall(qn("w:lvl")):
        start, form, pattern = (_value(level, tag) for tag in ("w:start", "w:numFmt", "w:lvlText"))
        levels[int(level.get(qn("w:ilvl"), "0"))] = _Level(int(start or 1), form or "decimal", pattern or "")
    return levels


@dataclass(slots=True)
class Numbering:
    """The numbers of a document's paragraphs, counted in the order the paragraphs are asked for."""

    lists: dict[str, str] = field(default_factory=dict)
    levels: dict[str, dict[int, _Level]] = field(default_factory=dict)
    styles: dict[str, BaseOxmlElement] = field(default_factory=dict)
    counts: dict[str, dict[int, int]] = field(default_factory=dict)

    def marker(self, paragraph: BaseOxmlElement) -> str:
        """What Word prints before the paragraph; empty for plain paragraphs, bullets and unknown formats."""
        where = self._place(paragraph)
        if where is None:
            return ""
        abstract, depth = where
        levels = self.levels[abstract]
        counts = self.counts.setdefault(abstract, {})
        counts[depth] = counts.get(depth, levels[depth].start - 1) + 1
        for deeper in [level for level in counts if level > depth]:
            del counts[deeper]
        return self._printed(levels, counts, depth)

    def _place(self, paragraph: BaseOxmlElement) -> tuple[str, int] | None:
        properties = paragraph.find(qn("w:pPr"))
        chain = [properties, *self._style_properties(_value(properties, "w:pStyle"))]
        list_id = next((v for p in chain if (v := _value(p, "w:numPr", "w:numId")) is not None), None)
        depth = next((v for p in chain if (v := _value(p, "w:numPr", "w:ilvl")) is not None), "0")
        abstract = self.lists.get(list_id or "", "")
        return (abstract, int(depth)) if int(depth) in self.levels.get(abstract, {}) else None

    def _style_properties(self, style_id: str | None) -> Iterator[BaseOxmlElement]:
        for _ in range(_MOST_LEVELS):
            style = self.styles.get(style_id or "")
            if style is None:
                return
            if (properties := style.find(qn("w:pPr"))) is not None:
                yield properties
            style_id = _value(style, "w:basedOn")

    @staticmethod
    def _printed(levels: dict[int, _Level], counts: dict[int, int], depth: int) -> str:
        text = levels[depth].pattern
        for level, shape in levels.items():
            place = f"%{level + 1}"
            if place not in text:
                continue
            if shape.form not in _FORMATS:
                return ""
            text = text.replace(place, _FORMATS[shape.form](counts.get(level, shape.start)))
        return text if levels[depth].form in _FORMATS else ""


def numbering_of(document: Document) -> Numbering:
    """The numbering definitions of a Word document; empty where it has none."""
    styles = {style.get(qn("w:styleId"), ""): style for style in document.styles.element.findall(qn("w:style"))}
    part = next((rel.target_part for rel in document.part.rels.values() if rel.reltype.endswith("/numbering")), None)
    root = getattr(part, "element", None)
    if root is None:
        return Numbering(styles=styles)
    levels = {a.get(qn("w:abstractNumId"), ""): _levels(a) for a in root.findall(qn("w:abstractNum"))}
    lists = {n.get(qn("w:numId"), ""): _value(n, "w:abstractNumId") or "" for n in root.findall(qn("w:num"))}
    return Numbering(lists, levels, styles)
