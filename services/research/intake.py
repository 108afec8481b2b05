"""A document's text as it comes in, pasted or uploaded: read, watched for 密级标志, the file kept."""

from collections.abc import Callable

from services.research.domain.document_commands import Wording
from services.research.domain.quarantine import QUARANTINE
from services.research.schemas import TEXT, WordingForm
from shared.application.commands import Outcome, Request
from shared.contracts.base import BlobRef, nfc
from shared.decider import RuleBroken
from shared.documents.secrecy import refuse_marks
from shared.quarantine import Offered, Uploaded, text_of, watch_typed, watched, with_original
from shared.service import Runtime

PASTED = "粘贴的正文.txt"
ENTRY = "登记文稿"
"""Where a marked text was met, as the 保密员 reads it."""


def offered_of(form: WordingForm) -> Uploaded:
    """Return what is offered: the file, else the pasted text as a file of its own."""
    if form.file is not None and form.file.filename:
        return Uploaded.of(form.file)
    return Uploaded(PASTED, form.text.encode())


def watch_beside(runtime: Runtime, request: Request, form: WordingForm, offered: Uploaded) -> None:
    """Watch what was typed beside title and text, which ``take_in`` reads: what was changed, and whatever comes later.

    Raises:
        DocumentRefused: there is a 密级标志; it is put aside and the 保密员 told.
    """
    watch_typed(
        runtime,
        QUARANTINE,
        request,
        ENTRY,
        form.model_copy(update={"title": "", "text": ""}),
        offered,
    )


def take_in(
    runtime: Runtime,
    request: Request,
    document_id: str,
    title: str,
    offered: Uploaded,
    carry_out: Callable[[Wording, BlobRef | None], Outcome],
) -> Outcome:
    """Read what is offered and carry out what is made of it; an uploaded file is kept, pasted text is none.

    Raises:
        DocumentRefused: it cannot or must not be read; for a 密级标志 it is put aside and the 保密员 told.
        RuleBroken: ``text-too-long``.
    """
    if not offered.data.strip():
        return carry_out(Wording(title, ""), None)
    with watched(runtime, QUARANTINE, request, Offered(offered.name, offered.data, ENTRY)):
        refuse_marks(title, title)
        read = text_of(runtime, offered)
    text = nfc(read.text)
    if len(text) > TEXT:
        raise RuleBroken("text-too-long", f"正文有 {len(text)} 字，超过 {TEXT // 10_000} 万字，请分篇登记。")
    wording = Wording(title, text)
    if offered.name == PASTED:
        return carry_out(wording, None)
    return with_original(runtime, document_id, offered, read.media_type, lambda source: carry_out(wording, source))
