"""Texts that a reader of texts must not take longer over than over any other of their length."""

import gc
import time
from collections.abc import Callable

LENGTH = 40_000
"""Characters of each text: what a form takes."""

PART = 8
"""The text is measured against the same text of this fraction of its length."""

GROWTH = 4 * PART
"""Times the part's cost that the whole may take: in proportion it takes ``PART`` times as much, growing with the square
of the length ``PART`` squared."""

NOTHING = 0.05
"""Seconds of CPU: who answers within them has held nobody up."""

_TRIES = 3

_UNITS = (
    "\n", " ", "\u3000", "甲", "一", "1", "1 ", "1.甲。\n", "（", "：", "，", "。", "、", "；\n", "“甲", "甲乙 ",
    "，甲乙 ", "活动方案", "中心组", "室务会", "每年", "两次", "2026年1", "议题：", "缺席：甲乙", "地点 ", "实到 ",
    "书记、", "书记 ", "制定", "通过甲甲", "\u0300\u0316", "\u0f73",
)  # fmt: skip
_BLANKS = ("\n", " ", "\u3000")
_MARKS = (("1.", "甲"), ("地点：", "乙：乙"), ("书记；", "乙"), ("实到", "乙"), ("密级", "乙"), ("2026年1", "乙"))


def texts() -> list[str]:
    """Return each unit repeated, bare and between others; blanks after each mark, before what should have come."""
    pairs = [(unit, around) for unit in _UNITS for around in (("", ""), ("甲", "乙"))]
    pairs += [(blank, around) for blank in _BLANKS for around in _MARKS]
    return [before + unit * (LENGTH // len(unit)) + after for unit, (before, after) in pairs]


def out_of_proportion(read: Callable[[str], object], *, among: list[str] | None = None) -> str | None:
    """Return how the first text begins and ends that costs ``read`` more CPU than in proportion to its length.

    Its bare counterpart is the same text, a ``PART`` as long, read beside it; the garbage of the tests before is not
    collected meanwhile. What looks too dear is read again before it is believed.
    """
    dear = (text for text in (texts() if among is None else among) if _grows(read, text))
    return next((f"{text[:8]!r} … {text[-8:]!r}" for text in dear), None)


def _grows(read: Callable[[str], object], text: str) -> bool:
    half = len(text) // PART // 2
    part = text[:half] + text[-half:]
    return all(_cost(read, text) > max(NOTHING, GROWTH * _cost(read, part)) for _ in range(_TRIES))


def _cost(read: Callable[[str], object], text: str) -> float:
    collects = gc.isenabled()
    gc.disable()
    try:
        begun = time.thread_time()
        read(text)
        return time.thread_time() - begun
    finally:
        if collects:
            gc.enable()
