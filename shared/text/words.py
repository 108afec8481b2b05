"""Words (词) of a normalised text: only for ranking, never for deciding whether a document matches.

A word boundary depends on its context, so a phrase of words misses most substrings; pairs do not.
"""

import hashlib
from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files

from rjieba import Jieba

from shared.text.grams import GRAMS
from shared.text.normalise import NORMALISER, normal_form


@lru_cache(maxsize=1)
def dictionary() -> tuple[str, ...]:
    """Return the fixed formulations of the field, in normal form, in the order of `dictionary.txt`."""
    lines = (line.strip() for line in _dictionary_text().splitlines())
    return tuple(normal_form(line) for line in lines if line and not line.startswith("#"))


@lru_cache(maxsize=1)
def analyzer_version() -> str:
    """Return the version of everything that decides index terms: a change of it asks for a new index."""
    digest = hashlib.sha256("\n".join(dictionary()).encode()).hexdigest()[:8]
    variants = version("opencc-python-reimplemented")
    return f"{NORMALISER}-t{variants}-{GRAMS}-w{version('rjieba')}-d{digest}-p{version('pypinyin')}"


def words(normalised: str) -> list[str]:
    """Return the words of `normalised`, without punctuation, the fixed formulations kept whole."""
    return [word for word in _segmenter().cut(normalised) if word[0].isalnum()]


@lru_cache(maxsize=1)
def _segmenter() -> Jieba:
    segmenter = Jieba()
    for term in dictionary():
        segmenter.add_word(term, None, None)
    return segmenter


def _dictionary_text() -> str:
    return files("shared.text").joinpath("dictionary.txt").read_text(encoding="utf-8")
