"""The division of tasks as the form sends it: what holds for the whole batch, and what each row says."""

from dataclasses import dataclass
from typing import Any

from services.console.forms import Typed, given
from services.console.guesses import guess

ALL, OFFICE, CHOSEN = "all", "office", "chosen"
"""What a row's 承担组织 may say besides one organisation's id: every branch, the agency's own, those ticked above."""

BRANCHES = {"branch", "temporary-branch"}


@dataclass(frozen=True, slots=True)
class Row:
    """One task to divide. ``picked`` rows are sent; ``organisations`` are those it was divided to before."""

    clause: str
    text: str
    measure: str
    bound: str
    cadence: str
    due: str
    picked: bool
    organisations: tuple[str, ...] = ()


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
        }
        return given(
            lead_organisation_id=typed.text("lead") or self.root,
            responsible_member_id=typed.maybe("responsible"),
            organisations=self._bound(typed.text(f"bound-{clause}")),
            period=period,
            evidence_kinds=typed.all("evidence"),
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


def _adjusted(row: dict[str, Any], tree: dict[str, Any]) -> Row:
    bound = [c["organisation"] for c in row["cells"] if c["status"] != "not-applicable"]
    if sorted(bound) == sorted(branches_of(tree)):
        said = ALL
    elif bound == [tree["agency"]["root_organisation_id"]]:
        said = OFFICE
    else:
        said = bound[0] if len(bound) == 1 else CHOSEN
    measure, cadence, due = row["measure_title"], row["cadence"], row["due"]
    return Row(row["clause"], row["text"], measure, said, cadence, due, True, tuple(bound))


def _proposed(row: dict[str, Any], year: int, typed: Typed | None) -> Row:
    clause = row["clause"]
    if typed and typed.text(f"due-{clause}"):
        bound, cadence = typed.text(f"bound-{clause}"), typed.text(f"cadence-{clause}")
        due, picked = typed.text(f"due-{clause}"), clause in typed.all("pick")
    else:
        proposal = guess(row["text"], year)
        bound = ALL if proposal.branches else OFFICE
        cadence, due, picked = proposal.cadence, proposal.due.isoformat(), True
    return Row(clause, row["text"], row["measure_title"], bound, cadence, due, picked)
