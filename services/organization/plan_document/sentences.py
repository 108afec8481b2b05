"""Sentences of a measure: what a branch secretary would tick off as one thing is one clause."""

import re

from services.organization.plan_document.lines import CLOSERS, TERMINALS

_DIVIDERS = "；;"
_OPENERS = "“‘（(《【「『["
_PAIRED_CLOSERS = "”’）)》】」』]"
_LEAST_HAN = 8
"""A piece between semicolons with fewer Han characters is an item of a list, not a thing of its own."""
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_EXAMPLE = re.compile(r"\s*(例如|譬如|比如|诸如)")


def _cut(text: str, marks: str, *, nested: bool) -> list[str]:
    """Cut behind every mark that stands outside quotes and brackets (inside them too when `nested`)."""
    pieces: list[str] = []
    start, depth, index = 0, 0, 0
    while index < len(text):
        char = text[index]
        depth = max(0, depth + (char in _OPENERS) - (char in _PAIRED_CLOSERS))
        index += 1
        if char not in marks:
            continue
        end = index
        while end < len(text) and (text[end] in CLOSERS or text[end] in marks):
            depth = max(0, depth - (text[end] in _PAIRED_CLOSERS))
            end += 1
        index = end
        if nested or depth == 0:
            pieces.append(text[start:end])
            start = end
    if depth and not nested:
        return _cut(text, marks, nested=True)
    return [*pieces, text[start:]] if text[start:] else pieces


def _divide(sentence: str) -> list[str]:
    """The parts between semicolons, unless they are the items of one enumeration or example."""
    pieces = _cut(sentence, _DIVIDERS, nested=False)
    enumeration = any(len(_HAN.findall(piece)) < _LEAST_HAN for piece in pieces)
    return [sentence] if enumeration or _EXAMPLE.match(sentence) else pieces


def first_sentence(text: str) -> tuple[str, str]:
    """(the first sentence, all the rest)."""
    sentences = _cut(text, TERMINALS, nested=False)
    return (sentences[0], text[len(sentences[0]) :]) if sentences else ("", "")


def split_sentences(text: str) -> list[str]:
    """The clauses of a text in order; joined they are the text again, whitespace between them aside."""
    pieces = [piece for sentence in _cut(text, TERMINALS, nested=False) for piece in _divide(sentence)]
    return [piece.strip() for piece in pieces if piece.strip()]
