"""The name of an uploaded file: shown to people, never used as a path."""

import unicodedata

from shared.documents.characters import REORDERING
from shared.documents.refusal import DocumentRefused

_LONGEST = 200
"""Characters."""
_SEPARATORS = frozenset("/\\")
_FORBIDDEN_CATEGORIES = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})


def display_name(name: str) -> str:
    """The name in NFC, trimmed. Raises DocumentRefused `document-name-invalid` for paths and control characters."""
    shown = unicodedata.normalize("NFC", name[: 4 * _LONGEST]).strip()  # composed, it is a third as long at the least
    unsafe = any(
        char in _SEPARATORS or char in REORDERING or unicodedata.category(char) in _FORBIDDEN_CATEGORIES
        for char in shown
    )
    if unsafe or not shown.strip(".") or len(shown) > _LONGEST:
        raise DocumentRefused("document-name-invalid")
    return shown
