"""Pinyin (拼音) and initials of titles and personal names, so that dangjian, djgz or zhangsan find them."""

from functools import lru_cache

from pypinyin import lazy_pinyin

from shared.text.grams import PARAGRAPH_TERM

_SURNAMES = {
    "欧阳": "ou yang",
    "尉迟": "yu chi",
    "万俟": "mo qi",
    "长孙": "zhang sun",
    "单于": "chan yu",
    "令狐": "ling hu",
    "单": "shan",
    "解": "xie",
    "仇": "qiu",
    "曾": "zeng",
    "区": "ou",
    "查": "zha",
    "朴": "piao",
    "盖": "ge",
    "任": "ren",
    "华": "hua",
    "翟": "zhai",
    "缪": "miao",
    "乐": "yue",
    "覃": "qin",
    "冼": "xian",
    "召": "shao",
    "种": "chong",
    "折": "she",
    "员": "yun",
    "隗": "wei",
}
"""Readings of family names that differ from the usual reading of the character."""

_MAX_READINGS = 8
_VOWELS = frozenset("aeiouv")
_FIRST_HAN, _LAST_HAN = 0x4E00, 0x9FA5


def syllables(title: str) -> list[str]:
    """Return the reading of the Han characters of `title`, one syllable a character, without tones."""
    return list(lazy_pinyin(title, errors="ignore"))


def name_syllables(name: str) -> list[str]:
    """Return the reading of a person's `name`, its family name read as a family name."""
    for length in (2, 1):
        reading = _SURNAMES.get(name[:length])
        if reading:
            return [*reading.split(), *lazy_pinyin(name[length:], errors="ignore")]
    return list(lazy_pinyin(name, errors="ignore"))


def pinyin_terms(title: str, name: str | None) -> list[str]:
    """Return the terms of the pinyin field: the syllables of the title and of the author's name."""
    return [*syllables(title), PARAGRAPH_TERM, *(name_syllables(name) if name else ())]


def initial_terms(title: str, name: str | None) -> list[str]:
    """Return the terms of the initials field: one letter a character; a name also as one term (zs)."""
    title_letters = [syllable[0] for syllable in syllables(title)]
    name_letters = "".join(syllable[0] for syllable in name_syllables(name)) if name else ""
    return [*title_letters, PARAGRAPH_TERM, *([name_letters] if name_letters else [])]


def readings(letters: str) -> list[tuple[str, ...]]:
    """Return the ways to read lower-case `letters` as syllables, fewest first; [] if there is none."""
    found: list[tuple[str, ...]] = []
    level: list[tuple[str, ...]] = [()]
    while level and len(found) < _MAX_READINGS:
        level = [(*read, syllable) for read in level for syllable in _next(letters, sum(map(len, read)))]
        found += [read for read in level if sum(map(len, read)) == len(letters)]
        level = [read for read in level if sum(map(len, read)) < len(letters)][:_MAX_READINGS]
    return found[:_MAX_READINGS]


def _next(letters: str, start: int) -> list[str]:
    """Return the syllables that stand at `start`, the longest first."""
    return [letters[start:end] for end in range(start + 6, start, -1) if _is_syllable(letters, start, end)]


def _is_syllable(letters: str, start: int, end: int) -> bool:
    return end <= len(letters) and letters[start:end] in _all_syllables()


@lru_cache(maxsize=1)
def _all_syllables() -> frozenset[str]:
    every = "".join(map(chr, range(_FIRST_HAN, _LAST_HAN + 1)))
    read = lazy_pinyin(every, errors="ignore")
    return frozenset(syllable for syllable in read if syllable.isascii() and _VOWELS & set(syllable))
