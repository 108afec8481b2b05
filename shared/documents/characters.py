"""Characters that may not come in with a text, and invisible ones that are taken out of it."""

import re
import unicodedata

from shared.documents.refusal import DocumentRefused

REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Bidirectional overrides: what a person sees would differ from what is stored and searched."""
_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u2060-\u2064\ufeff]")
_LINE_BREAK = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_REFUSED = (
    (re.compile("\x00"), "空字符"),
    (re.compile("[\ud800-\udfff]"), "残缺的 Unicode 字符"),
    (re.compile(f"[{''.join(sorted(REORDERING))}]"), "改变文字方向的控制字符"),
    (re.compile("[\x01-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]"), "控制字符"),
    (re.compile("[\ufdd0-\ufdef\ufffe\uffff]"), "非字符码位"),
)
_SEPARATOR = re.compile("[\x0b\x0c\x85\u2028\u2029]")
_UNSEEN = frozenset({"Cc", "Cf", "Mn", "Me", "Zs", "Zl", "Zp"})
_FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs that leave the place they take empty."""
_BESIDE_OTHERS = frozenset({"Cc", "Cf", "Cn", "Co", "Mn", "Me", "Mc"})
"""Of characters without a place of their own: controls, invisible ones, marks on another, variation selectors."""
_KANGXI = re.compile("[\u2f00-\u2fd5]")
_SUPPLEMENT = str.maketrans(
    "⺎⺒⺓⺝⺟⺠⺩⺬⻁⻄⻅⻆⻉⻋⻑⻓⻔⻗⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻪⻬⻮⻰⻱⻲⻳",
    "兀巳幺月母民王示虎西见角贝车長长门雨青韦页风飞食马骨鬼鱼鸟卤麦黄黾齐齿龙龜亀龟",
)
"""Radicals of the CJK supplement that are whole characters; Unicode gives these no decomposition."""


def clean(text: str) -> tuple[str, list[str]]:
    """(the text with plain line breaks and without invisible characters, notes on what was mended).

    Raises DocumentRefused `document-unsafe-characters`.
    """
    for pattern, what in _REFUSED:
        if pattern.search(text):
            raise DocumentRefused("document-unsafe-characters", what=what)
    notes = []
    text, removed = _INVISIBLE.subn("", _LINE_BREAK.sub("\n", text))
    if removed:
        notes.append(f"已去除 {removed} 个不可见字符。")
    if "\ufffd" in text:
        notes.append("文中有无法辨认的字符（显示为 \ufffd），请对照原件核对。")
    return text, notes


def as_seen(text: str) -> str:
    """The text as a person sees it: plain line breaks, and nothing that takes no place or leaves it empty."""
    return "".join(c for c in _LINE_BREAK.sub("\n", text) if c.isspace() or not _unseen(c))


def _unseen(char: str) -> bool:
    return char in _FILLERS or unicodedata.category(char) in _BESIDE_OTHERS


def legible(text: str) -> str:
    """Return a short text that a person typed, as it is: there is something to read, and it reads as it is stored.

    Raises:
        ValueError: nothing in it can be seen, or it holds a control character, a line separator, a non-character, or
            a bidirectional override.
    """
    for pattern, what in _REFUSED:
        if pattern.search(text):
            raise ValueError(f"不能含有{what}")
    if _SEPARATOR.search(text):
        raise ValueError("不能含有特殊的换行符")
    if all(c in _FILLERS or unicodedata.category(c) in _UNSEEN for c in text):
        raise ValueError("不能为空，也不能只有空白")
    return text


def one_line(text: str) -> str:
    """Return a legible text that stands on one line.

    Raises:
        ValueError: it is not legible, or holds a tab or a line break.
    """
    if re.search("[\t\n\r]", text):
        raise ValueError("不能换行，也不能含有制表符")
    return legible(text)


def fold_radicals(text: str) -> str:
    """Radicals as the characters they look like: PDF fonts often name ⽂ (U+2F42) or ⻔ (U+2ED4) where 文, 门 stood."""
    text = _KANGXI.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)
    return text.translate(_SUPPLEMENT)
