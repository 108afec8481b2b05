"""What every context records of an upload that must not be here; each context registers events of its own."""

from shared.contracts.base import BlobRef, Event, Sealed, Text


class UploadQuarantined(Event):
    """A file with a 密级标志 was turned away and put aside under a key of its own (涉密不上网).

    ``entry`` is where it was offered, ``mark`` what was found; its name is sealed with it, and the blob is named by
    nothing: no page, ledger or search leads to either.
    """

    upload_id: str
    agency_id: str
    uploaded_by: str
    entry: Text
    mark: Text
    name: Sealed[Text]
    file: BlobRef


class QuarantineSettled(Event):
    """The 保密员 settled what became of it (处置)."""

    upload_id: str
    settled_by: str
    note: Text
