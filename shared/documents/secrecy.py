"""State-secret markings (密级标志): such a document must not be on this network at all (涉密不上网)."""

import re

_CLASS = r"(?:绝\s*密|机\s*密|秘\s*密)"
_IN_TEXT = (
    re.compile(rf"(?:工\s*作\s*)?{_CLASS}\s*[★☆✩✭⭐＊*]"),
    re.compile(rf"(?m)^\s*{_CLASS}\s*$"),
    re.compile(r"密\s*级\s*[:：]?\s*[【\[（(]?(?:绝密|机密|秘密)(?![、，/或])"),
)
_IN_NAME = re.compile(rf"(?:^|[^\u4e00-\u9fff]){_CLASS}(?:级|件)?(?=[^\u4e00-\u9fff]|$)")
_STAR_IN_NAME = re.compile(rf"(?:工作)?{_CLASS}\s*[★☆✩✭⭐＊*]")
FIRST_PAGES = 3_000
"""Characters that count as the first pages where a format has none."""


def secrecy_marks(name: str, first_pages: str) -> list[str]:
    """The markings found in a file name or on the first pages: 机密★10年, a line of its own, 密级：秘密.

    The words in a sentence (保密, 工作秘密, 国家秘密) are none; a class with a star is one, 工作秘密★ too.
    """
    found = [match[0] for pattern in _IN_TEXT for match in pattern.finditer(first_pages)]
    found += [match[0] for pattern in (_IN_NAME, _STAR_IN_NAME) for match in pattern.finditer(name)]
    marks = ("".join(mark.split()).strip("_-.()（）[]【】《》") for mark in found)
    return list(dict.fromkeys(mark for mark in marks if mark))
