"""Plain text in the encodings Chinese offices use: UTF-8, GB 18030, UTF-16."""

import codecs

from shared.documents.refusal import DocumentRefused

_MARKED = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_GUESSED = ("gb18030", "utf-16-le", "utf-16-be")
_PLAUSIBLE_SHARE = 0.9
"""Share of characters an office text consists of; noise decoded by accident stays far below."""
_PLAUSIBLE = ((0x20, 0x7E), (0x3000, 0x303F), (0x4E00, 0x9FFF), (0xFF00, 0xFFEF), (0x2010, 0x2027), (0x09, 0x0D))
_SAMPLE = 20_000


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _plausibility(text: str) -> float:
    sample = text[:_SAMPLE]
    plain = sum(any(low <= ord(char) <= high for low, high in _PLAUSIBLE) for char in sample)
    return plain / len(sample) if sample else 0.0


def read_plain_text(data: bytes) -> str:
    """The text of the bytes. Raises DocumentRefused `document-type-unsupported`, `document-broken`."""
    for mark, encoding in _MARKED:
        if data.startswith(mark):
            text = _decoded(data, encoding)
            if text is None:
                raise DocumentRefused("document-broken")
            return text
    unicode_text = _decoded(data, "utf-8")
    if unicode_text is not None and "\x00" not in unicode_text:
        return unicode_text
    candidates = [text for encoding in _GUESSED if (text := _decoded(data, encoding)) is not None]
    best = max(candidates, key=_plausibility, default="")
    if _plausibility(best) < _PLAUSIBLE_SHARE:
        raise DocumentRefused("document-type-unsupported", hint="这份文件不是可读的文本。")
    return best
