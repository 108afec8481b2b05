"""State-secret markings (密级标志): such a document must not be on this network at all (涉密不上网)."""

import re
import unicodedata

from shared.documents.characters import as_seen
from shared.documents.refusal import DocumentRefused

_CLASS = r"(?:绝\s*密|机\s*密|秘\s*密)"
_STAR = "[★☆✩-✰⭐⭑⭒*]"
_IN_TEXT = (
    re.compile(rf"(?:工\s*作\s*)?{_CLASS}\s*{_STAR}"),
    re.compile(rf"(?m)^[^\S\n]*{_CLASS}[^\S\n]*$"),
    re.compile(rf"密\s*级\s*(?:：\s*)?[【\[（]?{_CLASS}(?![、，/或])"),
)
_IN_NAME = re.compile(rf"(?:^|[^\u4e00-\u9fff、“‘「『]){_CLASS}(?:级|件)?(?=[^\u4e00-\u9fff、”’」』]|$)")
_STAR_IN_NAME = re.compile(rf"(?:工作)?{_CLASS}\s*{_STAR}")
_PRINTED = str.maketrans("機絕絶祕級:,()", "机绝绝秘级：，（）")
"""Traditional forms, and the punctuation that NFKC made narrow."""

FIRST_PAGES = 3_000
"""Characters that count as the first pages where a format has none; of a page or of headers no more are watched."""


def secrecy_marks(name: str, first_pages: str) -> list[str]:
    """The markings found in a file name or on the first pages: 机密★10年, a line of its own, 密级：秘密.

    The words in a sentence (保密, 工作秘密, 国家秘密) are none; a class with a star is one, 工作秘密★ too. Both are
    read as a person sees them, in time in proportion to their length: no two unbounded blanks stand side by side.
    """
    name, first_pages = _folded(name), _folded(first_pages)
    found = [match[0] for pattern in _IN_TEXT for match in pattern.finditer(first_pages)]
    found += [match[0] for pattern in (_IN_NAME, _STAR_IN_NAME) for match in pattern.finditer(name)]
    marks = ("".join(mark.split()).strip("_-.（）[]【】《》：，") for mark in found)
    return list(dict.fromkeys(mark for mark in marks if mark))


def refuse_marks(name: str, first_pages: str) -> None:
    """Raises DocumentRefused `secrecy-mark` where a file's name or first pages carry a 密级标志."""
    for mark in secrecy_marks(name, first_pages):
        raise DocumentRefused("secrecy-mark", mark=mark)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", as_seen(text)).translate(_PRINTED)
