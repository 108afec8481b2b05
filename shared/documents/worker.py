"""The process that opens a DOCX, PDF or XLSX: bytes on standard input, one JSON object on standard output.

Bounded in memory and processor time, without the service's environment: a document that makes a parser
run away or crash ends this process and nothing else.
"""

import json
import resource
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

from shared.documents.docx_reader import read_docx
from shared.documents.kind import Kind
from shared.documents.limits import Limits
from shared.documents.pdf_reader import read_pdf
from shared.documents.reading import Reading
from shared.documents.refusal import DocumentRefused
from shared.documents.xlsx_reader import read_xlsx

R = TypeVar("R")
_READERS = {Kind.DOCX: read_docx, Kind.PDF: read_pdf}


def read(kind: Kind, data: bytes, limits: Limits) -> Reading:
    """The text of a DOCX or PDF. Raises DocumentRefused and nothing else."""
    return _refusing(_READERS[kind], data, limits)


def sheets(data: bytes, limits: Limits) -> dict[str, list[list[str]]]:
    """The sheets of an XLSX. Raises DocumentRefused and nothing else."""
    return _refusing(read_xlsx, data, limits)


def _refusing(reader: Callable[[bytes, Limits], R], data: bytes, limits: Limits) -> R:
    try:
        return reader(data, limits)
    except DocumentRefused:
        raise
    except Exception as error:  # no reader of formats promises a closed set
        raise DocumentRefused("document-broken") from error


def main() -> None:
    """Arguments: the kind and the limits as JSON."""
    kind, limits = Kind(sys.argv[1]), Limits(**json.loads(sys.argv[2]))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.seconds, limits.seconds))
    try:
        data = sys.stdin.buffer.read()
        answer: dict[str, Any] = (
            {"sheets": sheets(data, limits)} if kind is Kind.XLSX else asdict(read(kind, data, limits))
        )
    except DocumentRefused as refused:
        answer = {"code": refused.code, "facts": refused.facts}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
