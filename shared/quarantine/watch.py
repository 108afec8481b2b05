"""Watching what is uploaded: a file that is refused for its 密级标志 is put aside before the refusal goes on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from pydantic import BaseModel

from shared.application.commands import Request
from shared.contracts.base import nfc
from shared.decider import Decider
from shared.documents import DocumentRefused
from shared.documents.secrecy import refuse_typed
from shared.ids import new_id
from shared.quarantine.decider import PutAside
from shared.service import Runtime

SECRECY = "secrecy-mark"
"""The code of the refusal that puts a file aside."""
TYPED = "粘贴的文字.txt"
NAMELESS = "隔离文件"
SEALED_TYPE = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Offered:
    """A file as it was offered: its name, its bytes, and where (``entry``, such as 导入工作要点)."""

    name: str
    data: bytes
    entry: str


@contextmanager
def watched(runtime: Runtime, decider: Decider[Any], request: Request, offered: Offered) -> Iterator[None]:
    """Read the file within this: should it be refused for a 密级标志, it is put aside, and the refusal goes on.

    Raises:
        DocumentRefused: as reading raised it.
    """
    try:
        yield
    except DocumentRefused as refused:
        if refused.code == SECRECY:
            _put_aside(runtime, decider, request, offered, str(refused.facts["mark"]))
        raise


def watch_typed(runtime: Runtime, decider: Decider[Any], request: Request, entry: str, body: BaseModel) -> None:
    """Watch what was typed or pasted into a form as a file is watched: every field of it, so that none is forgotten.

    Of the longest the beginning is read, as of a file; of the others, which are lines, all.

    Raises:
        DocumentRefused: there is a 密级标志; all of it is put aside.
    """
    *lines, text = sorted(_typed(body.model_dump(mode="json")), key=len) or [""]
    whole = "\n".join((*lines, text))
    with watched(runtime, decider, request, Offered(TYPED, whole.encode(), entry)):
        refuse_typed(text, *lines)


def _typed(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            yield from chain.from_iterable(map(_typed, value.values()))
        case list():
            yield from chain.from_iterable(map(_typed, value))


def _put_aside(runtime: Runtime, decider: Decider[Any], request: Request, offered: Offered, mark: str) -> None:
    upload_id = new_id()
    file = runtime.blobs.put(f"document:{upload_id}", NAMELESS, SEALED_TYPE, offered.data)
    command = PutAside(upload_id, request.agency_id, request.actor, offered.entry, nfc(mark), nfc(offered.name), file)
    own = replace(request, expected_version=None, idempotency_key=None, fingerprint="")
    runtime.commands.handle(decider, upload_id, command, own)
