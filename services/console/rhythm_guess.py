"""How often a clause's own words ask for something: its rhythm (每两个月) and its count (六期, 不少于两次)."""

import re
from dataclasses import dataclass

from shared.contracts.organization import Cadence

_UNITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2}
_NUMBER = r"(?:\d{1,3}|[一二两三四五六七八九十]{1,4})"
_AT_LEAST = (
    r"(?P<limit>(?:不超过|不多于|最多|至多)[^，；。]{0,4})?(?P<said>(?<![第前上\d一二两三四五六七八九十])"
    r"(?P<number>" + _NUMBER + r")(?:\s*[-－—–~～至到或]\s*" + _NUMBER + r")?\s*"
)
_PARTY_MEETING = "[^，；。]{0,2}(?:全会|全体会|党代会|代表大会|会议精神)"
_OCCASIONS = re.compile(
    _AT_LEAST + "(?:次(?!性|产业|分配|" + _PARTY_MEETING + ")|期(?!间|工程|项目)|场|堂|轮|回))",
)
"""How often something is held: 次 and its like. Not 第三次, 五次全会, 十五五期间, 一次性, 不超过三次."""

_PAPERS = re.compile(_AT_LEAST + "(?:篇|份))")
"""How many papers are due; asked only where the words name no occasions."""

_EACH = re.compile(r"每一?(?:次|期|场|堂|轮|回|人|名)[^，；。]*")
"""What is said of each occasion or each person counts nothing that the organisation owes."""

_NOT_AFTER_NUMBER = r"(?<![\d一二三四五六七八九十])"
_RHYTHMS: tuple[tuple[str, Cadence, int], ...] = (
    (r"每一?周|每个?星期|逐周", "monthly", 4),
    (r"每旬", "monthly", 3),
    (r"每半个?月|" + _NOT_AFTER_NUMBER + "半月(?!谈)", "monthly", 2),
    (r"每一?个?月|逐月|按月|" + _NOT_AFTER_NUMBER + "月初", "monthly", 1),
    (r"每[两二2２]\s*个?月|隔月|双月|两个?月(?=一)", "bimonthly", 1),
    (r"每一?个?季度?|逐季|按季|每[三3３]\s*个月|" + _NOT_AFTER_NUMBER + "季度末", "quarterly", 1),
    (
        r"每一?个?半年|每[六6６]\s*个月|(?<!上)(?<!下)半年(?=[一1])|上、?下半年|上半年(?:、|和|及|与)下半年",
        "half-yearly",
        1,
    ),
    (r"每一?年|逐年", "yearly", 1),
)
"""The most frequent first: where a clause names several, what asks most is proposed. Weeks are counted by the month."""

_SEGMENT = re.compile(r"[，,；;。：:]")
_FOLLOWS = re.compile(r"[，,](?:原则上)?(?:至少|不少于|不低于|共|各)?(?=" + _NUMBER + ")")


Span = tuple[int, int]
"""Where words stand in the text: the first character and the one after the last."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A proposal: ``count`` records in each stretch of the cadence; ``marks`` are the words that ask for it."""

    cadence: Cadence
    count: int
    marks: tuple[Span, ...]


def rhythm(text: str) -> Rhythm:
    """Return what the words ask for; once where they name neither a rhythm nor a count."""
    plain = _EACH.sub(lambda m: " " * len(m[0]), text)
    for pattern, cadence, times in _RHYTHMS:
        if named := re.search(pattern, text):
            beside = _beside(plain, named.span())
            marks = sorted([named.span(), *(span for _, span in beside)])
            return Rhythm(cadence, times * beside[0][0] if beside else times, tuple(marks))
    counts = _counts(_OCCASIONS, plain, (0, len(text))) or _counts(_PAPERS, plain, (0, len(text)))
    most, span = max(counts, default=(1, (0, 0)))
    return Rhythm("once", most, (span,) if most > 1 else ())


def _beside(text: str, named: Span) -> list[tuple[int, Span]]:
    """Return the count that belongs to a rhythm, if any: in the same stretch of words, or right after its comma."""
    ends = [m.start() for m in _SEGMENT.finditer(text)] + [len(text)]
    first = max((end + 1 for end in ends if end < named[0]), default=0)
    last = min(end for end in ends if end >= named[1])
    after, before = (named[1], last), (first, named[0])
    found = _counts(_OCCASIONS, text, after) or _counts(_OCCASIONS, text, before) or _counts(_PAPERS, text, after)
    if not found and _FOLLOWS.match(text, last):
        found = _counts(_OCCASIONS, text, (last + 1, min(end for end in ends if end > last)))
    return found[:1]


def _counts(pattern: re.Pattern[str], text: str, within: Span) -> list[tuple[int, Span]]:
    found = [m for m in pattern.finditer(text, *within) if not m["limit"]]
    return [(value, m.span("said")) for m in found if (value := number(m["number"]))]


def number(text: str) -> int:
    """Return a number of up to three digits or below a hundred in Chinese numerals; of 两三 the lower."""
    if text.isdecimal():
        return int(text)
    tens, ten, units = text.partition("十")
    if not ten:
        return _UNITS[text[0]]
    return (_UNITS[tens[0]] if tens else 1) * 10 + _UNITS.get(units[:1], 0)
