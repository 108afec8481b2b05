"""How one character (字) is folded for search: width, script variant, letter case, quotation marks.

Everything here is a function of a single character or of one character with its combining marks, so that
the normaliser can keep an exact map from every folded character back to the original text.
"""

import unicodedata
from functools import cache, lru_cache

from opencc import OpenCC

HAN_RANGES = (
    "\u2e80-\u2fdf\u3005\u3007\u3021-\u3029\u3038-\u303b\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Han characters (汉字) with their extensions, 々 and 〇, as the inside of a regular-expression class."""

_SAME_SHAPE = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»「」『』﹁﹂﹃﹄〝〞″", '"'),
        **dict.fromkeys("‘’‚‛′", "'"),
        **dict.fromkeys("‐‑‒–—―−─", "-"),
        **dict.fromkeys("•‧∙・‣", "·"),
        **dict.fromkeys("○◯", "〇"),  # official years are often typed 二○二六 with a drawn circle
        **dict.fromkeys("〜∼", "~"),
    }
)
_TO_SIMPLIFIED = OpenCC("t2s")
_MAX_PASSES = 8


@cache
def is_ignorable(char: str) -> bool:
    """Whether `char` is invisible: format characters, variation selectors and stray control characters."""
    if char.isspace():
        return False
    return (
        unicodedata.category(char) in {"Cf", "Cc"}
        or "\ufe00" <= char <= "\ufe0f"
        or ("\U000e0100" <= char <= "\U000e01ef")
    )


@cache
def is_continuing(char: str) -> bool:
    """Whether `char` belongs to the character before it: combining marks, jamo, invisible characters."""
    if is_ignorable(char):
        return True
    first = unicodedata.normalize("NFKC", char)[:1]
    return bool(first) and (unicodedata.category(first)[0] == "M" or "\u1160" <= first <= "\u11ff")


@lru_cache(maxsize=1 << 17)
def fold(cluster: str) -> str:
    """Return one character, with the marks that follow it, folded; invisible characters give "".

    Compatibility forms (NFKC), traditional to simplified character by character, quotation marks, dashes,
    middle dots and circles to one shape each, lower case. A fixed point: `fold(fold(x)) == fold(x)`.
    """
    visible = "".join(char for char in cluster if not is_ignorable(char))
    for _ in range(_MAX_PASSES):
        composed = unicodedata.normalize("NFKC", visible).translate(_SAME_SHAPE)
        folded = "".join(_fold_one(char) for char in composed)
        if folded == visible:
            break
        visible = folded
    return visible


@cache
def is_regular(char: str) -> bool:
    """Whether `char` always folds to exactly one character, whatever stands beside it."""
    return not is_continuing(char) and len(fold(char)) == 1


class FoldTable(dict[int, str]):
    """A table for `str.translate` that folds regular characters, filled as they are met."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = fold(chr(code))
        return folded


def _fold_one(char: str) -> str:
    if "\ud800" <= char <= "\udfff":
        return "\ufffd"  # a lone surrogate cannot be stored as UTF-8 by any index
    simplified: str = _TO_SIMPLIFIED.convert(char)
    return simplified.lower()
