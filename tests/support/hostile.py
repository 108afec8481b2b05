"""Texts that a reader of texts must not take longer over than over any other of their length."""

import time
from collections.abc import Callable

LENGTH = 40_000
"""Characters of each text: what a form takes."""

SECONDS = 2.0
"""Of CPU, for one text: many times what is needed in proportion to its length, and far less than any other growth."""

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


def slowest(read: Callable[[str], object], *, among: list[str] | None = None) -> tuple[float, str]:
    """Return the CPU time that the text takes which takes most, in seconds, and how that text begins and ends.

    Ends at the first that takes more than ``SECONDS``, as soon as it does.
    """
    worst = (0.0, "")
    for text in texts() if among is None else among:
        begun = time.thread_time()
        read(text)
        worst = max(worst, (time.thread_time() - begun, f"{text[:8]!r} … {text[-8:]!r}"))
        if worst[0] > SECONDS:
            break
    return worst
