"""Forms: what was typed stays, a refusal stands beside the field it is about, sending twice is sending once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request, UploadFile
from starlette.datastructures import FormData
from starlette.datastructures import UploadFile as Uploaded

from services.console.session import Refused
from shared.ids import new_id

MAX_FIELDS = 5000
KEY = "key"
"""The hidden field that carries the form's idempotency key."""

ID_LENGTH = 36
MARKED = "secrecy-mark"
"""The code of a refusal for a 密级标志."""

FIELD_OF_CODE = {
    "password-wrong": "password",
    "token-name-needed": "name",
    "token-scopes-needed": "scopes",
    "activity-in-future": "held_on",
    "no-attendees": "absentees",
    "present-and-absent": "absentees",
    "member-not-on-roster": "absentees",
    "officer-absent": "absentees",
    "reason-without-absence": "absentees",
    "not-an-activity": "kind",
    "minutes-too-long": "file",
    "task-not-assigned": "tasks",
    "task-not-bound": "tasks",
    "task-unknown": "tasks",
    "task-superseded": "tasks",
    "evidence-kind": "tasks",
    "reason-needed": "reason",
    "text-needed": "text",
    "text-too-long": "text",
    "title-needed": "title",
    "note-needed": "note",
    "author-not-on-roster": "authors",
    "direction-unknown": "directions",
    "review-missing": "unreviewed_reason",
    "direction-reason-needed": "reason",
    "direction-repeated": "title",
    "document-needed": "document_number",
    "document-in-future": "issued_on",
    "document-out-of-order": "issued_on",
    "plan-title-needed": "title",
    "plan-year-needed": "year",
    "measure-unknown": "measure",
    "adopted-in-future": "adopted_on",
    "talk-in-future": "held_on",
    "objection-empty": "text",
    "answer-needed": "answer",
    "session-in-future": "held_on",
    "no-participants": "participants",
    "participant-not-on-roster": "participants",
    "branch-study-once": "tier",
    "first-agenda-needed": "material",
    "minutes-needed": "minutes",
    "speaker-absent": "member_id",
    "statement-recorded": "member_id",
    "issued-in-future": "issued_on",
    "due-before-issued": "due_on",
    "step-in-future": "taken_on",
    "step-before-issued": "taken_on",
    "mandate-period": "last_day",
    "mandate-over": "last_day",
    "mandate-people": "people",
    "class-not-for-body": "classes",
    "work-secrets-off": "classes",
    "login-taken": "login",
    "password-too-weak": "password",
    "password-not-new": "password",
    "until-in-past": "until",
    "role-not-at-platform": "role",
    "role-held-already": "role",
    "role-requested-already": "role",
    "duties-apart": "role",
    "administrator-only": "role",
    "agency-taken": "name",
    "organisation-name-taken": "name",
    "member-not-of-agency": "member",
    "identity-taken": "identity",
    "identity-linked-already": "identity",
    "identity-not-confirmed": "identity",
}
"""The field a rule's refusal is shown beside; any other refusal stands above the form."""


def key_of(typed: "Typed | None") -> str:
    """Return the key of a page's forms: the one it was sent with, for a refused form is sent again as the same command.

    What stood behind a refusal may have been written after all (503); a new key would write it twice. Forms that share
    a page add a suffix to it.
    """
    return (typed.text(KEY)[:ID_LENGTH] if typed else "") or new_id()


@dataclass(frozen=True, slots=True)
class Refusals:
    """What was refused: sentences by field, and ``whole`` for what is about no single field."""

    whole: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    status: int = 422
    marked: bool = False
    """Whether it carried a 密级标志: the browser keeps no draft of it."""

    def __bool__(self) -> bool:
        return bool(self.whole or self.fields)

    @classmethod
    def of(cls, refused: Refused) -> "Refusals":
        """Return a service's refusal as the form shows it."""
        errors = {_top(e["field"]): str(e["detail"]) for e in refused.problem.get("errors") or ()}
        code = str(refused.problem.get("code", ""))
        if not errors and code in FIELD_OF_CODE:
            errors = {FIELD_OF_CODE[code]: refused.sentence}
        whole = "" if errors and code != "invalid-request" else refused.sentence
        return cls(whole, errors, refused.status, code == MARKED)


def _top(path: str) -> str:
    """Return the form's field of a problem's path: ``tasks.0`` and ``period.due`` are ``tasks`` and ``due``."""
    parts = [p for p in path.split(".") if not p.isdigit() and p not in {"body", "period"}]
    return {"attendees": "absentees"}.get(parts[0], parts[0]) if parts else ""


@dataclass(frozen=True, slots=True)
class Typed:
    """What a person typed: text fields trimmed, line ends as one character, several values as lists."""

    form: FormData

    @classmethod
    async def of(cls, request: Request) -> "Typed":
        """Read the form of a request."""
        return cls(await request.form(max_fields=MAX_FIELDS))

    def text(self, name: str) -> str:
        """Return a field's text, empty where it was not sent."""
        value = self.form.get(name)
        return value.replace("\r\n", "\n").strip() if isinstance(value, str) else ""

    def maybe(self, name: str) -> str | None:
        """Return a field's text, None where it is empty."""
        return self.text(name) or None

    def all(self, name: str) -> list[str]:
        """Return every value of a field."""
        return [v for v in self.form.getlist(name) if isinstance(v, str) and v]

    def lines(self, name: str) -> list[str]:
        """Return the lines of a field that say something."""
        return [line.strip() for line in self.text(name).split("\n") if line.strip()]

    def file(self, name: str) -> Any:
        """Return an uploaded file as httpx sends it on, or None where none was chosen."""
        found: UploadFile | Uploaded | str | None = self.form.get(name)
        if not isinstance(found, Uploaded) or not found.filename:
            return None
        return (found.filename, found.file, found.content_type or "application/octet-stream")

    def values(self) -> dict[str, str]:
        """Return the text fields, for a form that is shown again."""
        return {k: self.text(k) for k in self.form if isinstance(self.form[k], str)}


@dataclass(frozen=True, slots=True)
class Returned:
    """A form that comes back refused: which of its page's, what was typed, and why. ``FRESH``: none comes back."""

    what: str = ""
    typed: Typed | None = None
    refused: Refused | None = None

    @property
    def status(self) -> int:
        """Return the page's HTTP status."""
        return self.refused.status if self.refused else 200

    def shown(self) -> dict[str, Any]:
        """Return what the page's template shows of it: ``what``, ``typed``, ``refused``, and the forms' ``key``."""
        return {
            "what": self.what,
            "typed": self.typed.values() if self.typed else {},
            "refused": Refusals.of(self.refused) if self.refused else Refusals(),
            "key": key_of(self.typed),
        }


FRESH = Returned()


def given(**fields: Any) -> dict[str, Any]:
    """Return a command's fields without those that were left empty."""
    return {k: v for k, v in fields.items() if v not in (None, "")}
