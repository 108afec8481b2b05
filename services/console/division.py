"""The division of tasks as the form sends it: what holds for the whole batch, and what each row says."""

from dataclasses import dataclass
from typing import Any

from services.console import words
from services.console.forms import Typed, given
from services.console.guesses import guess
from services.console.rhythm_guess import Span, rhythm

ALL, OFFICE, CHOSEN = "all", "office", "chosen"
"""What a row's 承担组织 may say besides one organisation's id: every branch, the agency's own, those ticked above."""

BRANCHES = {"branch", "temporary-branch"}


@dataclass(frozen=True, slots=True)
class Row:
    """One task to divide. ``picked`` rows are sent; ``organisations`` are those it was divided to before.

    ``counted`` is the kind of record that supports it without being linked, empty where there is none.
    ``marks`` are the words of the text that the cadence and count were proposed from.
    """

    clause: str
    text: str
    measure: str
    bound: str
    cadence: str
    count: str
    due: str
    counted: str
    picked: bool
    organisations: tuple[str, ...] = ()
    marks: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """A sent form."""

    typed: Typed
    root: str
    branches: tuple[str, ...]

    @classmethod
    def of(cls, typed: Typed, tree: dict[str, Any]) -> "Batch":
        """Return the form beside the tree its choices speak of."""
        return cls(typed, tree["agency"]["root_organisation_id"], tuple(branches_of(tree)))

    def assignment(self, clause: str) -> dict[str, Any]:
        """Return one task's assignment as the API takes it."""
        typed = self.typed
        period = {
            "start": typed.text("start"),
            "due": typed.text(f"due-{clause}"),
            "cadence": typed.text(f"cadence-{clause}"),
            "count": typed.text(f"count-{clause}"),
        }
        return given(
            lead_organisation_id=typed.text("lead") or self.root,
            responsible_member_id=typed.maybe("responsible"),
            organisations=self._bound(typed.text(f"bound-{clause}")),
            period=period,
            evidence_kinds=[*typed.all("evidence"), *filter(None, [typed.text(f"counted-{clause}")])],
        )

    def _bound(self, said: str) -> list[str]:
        if said == ALL:
            return list(self.branches) or [self.root]
        if said == OFFICE:
            return [self.root]
        return self.typed.all("organisation") if said == CHOSEN else [said]


def branches_of(tree: dict[str, Any]) -> list[str]:
    """Return the ids of a tree's branches."""
    return [o["id"] for o in tree["organisations"] if o["kind"] in BRANCHES]


def rows_to_divide(
    ledger: dict[str, Any], tree: dict[str, Any], adjust: str | None, typed: Typed | None = None
) -> list[Row]:
    """Return the tasks still to divide with what their words suggest, or the one to adjust with what it has."""
    rows = [r for r in ledger["rows"] if r["superseded_on"] is None]
    if adjust:
        return [_adjusted(r, tree) for r in rows if r["clause"] == adjust and r["status"]]
    return [_proposed(r, ledger["plan"]["year"], typed) for r in rows if r["status"] is None]


def asked_beyond(row: dict[str, Any]) -> str:
    """Return the words of a task that ask for more where its division says once; empty where none do."""
    if (row["cadence"], row["count"]) != ("once", 1):
        return ""
    asked = rhythm(row["text"])
    more = (asked.cadence, asked.count) != ("once", 1)
    return "、".join(row["text"][start:end] for start, end in asked.marks) if more else ""


def _adjusted(row: dict[str, Any], tree: dict[str, Any]) -> Row:
    bound = [c["organisation"] for c in row["cells"] if c["status"] != "not-applicable"]
    if sorted(bound) == sorted(branches_of(tree)):
        said = ALL
    elif bound == [tree["agency"]["root_organisation_id"]]:
        said = OFFICE
    else:
        said = bound[0] if len(bound) == 1 else CHOSEN
    measure, cadence, count, due = row["measure_title"], row["cadence"], str(row["count"]), row["due"]
    marks, counted = rhythm(row["text"]).marks, next((k for k in row["evidence"] if k in words.COUNTED_KINDS), "")
    return Row(row["clause"], row["text"], measure, said, cadence, count, due, counted, True, tuple(bound), marks)


def _proposed(row: dict[str, Any], year: int, typed: Typed | None) -> Row:
    clause, text, proposal = row["clause"], row["text"], guess(row["text"], year)
    if typed and typed.text(f"due-{clause}"):
        bound, cadence = typed.text(f"bound-{clause}"), typed.text(f"cadence-{clause}")
        count, due, picked = typed.text(f"count-{clause}"), typed.text(f"due-{clause}"), clause in typed.all("pick")
        counted = typed.text(f"counted-{clause}")
    else:
        bound = ALL if proposal.branches else OFFICE
        cadence, count = proposal.rhythm.cadence, str(proposal.rhythm.count)
        due, counted, picked = proposal.due.isoformat(), proposal.counted, True
    marks, measure = proposal.rhythm.marks, row["measure_title"]
    return Row(clause, text, measure, bound, cadence, count, due, counted, picked, marks=marks)
