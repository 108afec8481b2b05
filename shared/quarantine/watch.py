"""Watching what is uploaded: a file that is refused for its 密级标志 is put aside before the refusal goes on."""

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel

from shared.application.commands import Request
from shared.contracts.base import nfc
from shared.decider import Decider
from shared.documents import DocumentRefused
from shared.documents.secrecy import FIRST_PAGES, refuse_marks
from shared.http.fields import is_line
from shared.ids import new_id
from shared.quarantine.decider import PutAside
from shared.quarantine.uploads import Uploaded
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


def watch_typed(
    runtime: Runtime,
    decider: Decider[Any],
    request: Request,
    entry: str,
    body: BaseModel,
    sent_with: Uploaded | None = None,
) -> None:
    """Watch what was typed or pasted into a form as files are watched: every field of it, so that none is forgotten.

    A line is read as a file's name is, any other text as a file's first pages, whatever stands in the fields beside.
    ``sent_with`` is a file in the same form, which nobody will have read when this refuses.

    Raises:
        DocumentRefused: there is a 密级标志; all of it is put aside, and the file that came with it.
    """
    typed = list(_typed(body))
    offers = [Offered(TYPED, "\n".join(text for text, _ in typed).encode(), entry)]
    if sent_with and sent_with.data:
        offers.append(Offered(sent_with.name, sent_with.data, entry))
    with ExitStack() as watching:
        for offered in offers:
            watching.enter_context(watched(runtime, decider, request, offered))
        for text, line in typed:
            refuse_marks(text if line else "", text[:FIRST_PAGES])


def _typed(value: object, line: bool = False) -> Iterator[tuple[str, bool]]:
    """Return what was typed, and whether it is a line."""
    match value:
        case str():
            yield value, line
        case tuple():
            for each in value:
                yield from _typed(each, line)
        case BaseModel():
            for name, field in type(value).model_fields.items():
                yield from _typed(getattr(value, name), is_line(field.annotation, field.metadata))


def _told_apart(runtime: Runtime, offered: Offered) -> str:
    """Return what tells one offer from another of the same form; a plain hash would let its text be guessed at."""
    return runtime.codec.mac(f"aside:{hashlib.sha256(offered.data).hexdigest()}:{offered.name}")


def _put_aside(runtime: Runtime, decider: Decider[Any], request: Request, offered: Offered, mark: str) -> None:
    key = request.idempotency_key and f"aside:{_told_apart(runtime, offered)}:{request.idempotency_key}"
    own = replace(request, expected_version=None, idempotency_key=key, fingerprint="")
    if runtime.commands.done(own):
        return  # the same, pressed again: the 保密员 has been told of it
    upload_id = new_id()
    file = runtime.blobs.put(f"document:{upload_id}", NAMELESS, SEALED_TYPE, offered.data)
    command = PutAside(upload_id, request.agency_id, request.actor, offered.entry, nfc(mark), nfc(offered.name), file)
    runtime.commands.handle(decider, upload_id, command, own)
