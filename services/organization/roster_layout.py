"""The layout that a workbook of 组织与名册 has, going out and coming in: sheets, columns, how offices are written."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from services.organization.ledgers.rosters import OfficeRow
from shared.contracts.base import nfc
from shared.contracts.organization import OFFICE_NAMES, Office


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its heading; ``needed`` where an import cannot do without it, ``filled`` where in no row."""

    heading: str
    width: int
    needed: bool = True
    filled: bool = True


TREE_SHEET, ROSTER_SHEET, NOTES_SHEET = "党组织", "党员名册", "填写说明"
TREE_ID = Column("组织编号", 38, needed=False, filled=False)
TREE_NAME = Column("组织名称", 28)
TREE_KIND = Column("类型", 14)
TREE_PARENT = Column("上级党组织", 28, filled=False)
TREE_COLUMNS = (TREE_ID, TREE_NAME, TREE_KIND, TREE_PARENT)
MEMBER_ID = Column("党员编号", 38, needed=False, filled=False)
MEMBER_NAME = Column("姓名", 14)
MEMBER_PLACE = Column("所在党组织", 28)
MEMBER_STANDING = Column("党员类别", 12)
MEMBER_OFFICES = Column("党内职务", 32, needed=False, filled=False)
ROSTER_COLUMNS = (MEMBER_ID, MEMBER_NAME, MEMBER_PLACE, MEMBER_STANDING, MEMBER_OFFICES)

NOTES = (
    "1．一行一个党组织、一行一名党员；第一行是列名，请不要改动，也不要合并单元格。",
    "2．新设的党组织、新编入的党员，编号留空；从本平台导出的编号请保留，凭编号认定是同一个。",
    "3．上级党组织、所在党组织写名称，名称在本机关内不能重复；最上一级的上级留空。",
    "4．党内职务写在所在党组织的，直接写，如：书记、组织委员；在上级组织任职的，写明组织，如：机关党总支：委员。几处任职用分号隔开。",
    "5．不登记身份证号、电话、住址等个人信息，表中有这些列会被拒收。严禁涉密。",
    "6．先试读，逐行列出问题，没有问题才能导入；同一份表导入两次，第二次没有变化。",
    "7．名册上有、表里没有的党员和党组织不会被删除。",
)

_HAN = "\u3400-\u9fff\U00020000-\U0003ffff"
_GAP = re.compile(rf"(?<=[{_HAN}])\s+(?=[{_HAN}])")
_OFFICES = {name: office for office, name in OFFICE_NAMES.items()}
_OFFICE = "|".join(sorted(_OFFICES, key=len, reverse=True))
_ENTRY = re.compile(
    rf"\s?(?:(?P<place>.+?)\s?[：:])??\s?(?P<offices>(?:{_OFFICE})(?:\s?[、,，]\s?(?:{_OFFICE}))*)\s?(?:[；;\n]|$)",
    re.DOTALL,
)
_DIVIDER = re.compile(r"\s?[、,，]\s?")
_BLANKS = re.compile(r"\s+")


def folded(text: str) -> str:
    """Return a name as people read it: trimmed, one blank for many, none where it aligns a name of two characters."""
    return _BLANKS.sub(" ", _GAP.sub("", nfc(text).strip()))


def offices_text(offices: Iterable[OfficeRow], home: str, names: dict[str, str]) -> str:
    """Return a member's offices as a cell has them: those at home first, the others with their organisation."""
    by_place: dict[str, list[str]] = {}
    for held in sorted(offices, key=lambda o: (o.organisation_id != home, o.organisation_id)):
        by_place.setdefault(held.organisation_id, []).append(held.office_name)
    said = {place: "、".join(titles) for place, titles in by_place.items()}
    return "；".join(t if place == home else f"{names.get(place, '')}：{t}" for place, t in said.items())


def offices_of(cell: str) -> list[tuple[str | None, Office]] | None:
    """Return the offices that a cell names, each with its organisation (None: at home); None where it is none.

    Runs of blanks are one before it is read: reading a long one would take time to the third power of its length.
    """
    found: list[tuple[str | None, Office]] = []
    at = 0
    text = _BLANKS.sub(lambda run: "\n" if "\n" in run[0] else " ", cell.strip())
    while at < len(text):
        entry = _ENTRY.match(text, at)
        if entry is None:
            return None
        titles = _DIVIDER.split(entry["offices"])
        found += [(entry["place"], _OFFICES[title]) for title in titles]
        at = entry.end()
    return list(dict.fromkeys(found))
