"""How an amended plan's text meets the one before it (§0e): a clause that still exists keeps its number and nature."""

from collections.abc import Callable, Collection, Sequence

from shared.contracts.organization import ClauseNature, PlanBody, PlanClause, PlanMeasure


def align(old: PlanBody, new: PlanBody, taken: Collection[str]) -> PlanBody:
    """Return the new text under the old numbers.

    A clause with the same words, or clearly the same reworded, keeps its number and the nature a person gave
    it. Every other clause gets a number that was never used (``taken`` holds all that ever were): records and
    assignments name clauses by number and must not come to mean other words.
    """
    before = {m.number: m.clauses for m in old.measures()}
    return _map_measures(new, lambda m: _align_measure(before.get(m.number, ()), m, taken))


def with_nature(body: PlanBody, number: str, nature: ClauseNature) -> PlanBody:
    """Return the text with one clause's nature changed."""

    def change(measure: PlanMeasure) -> PlanMeasure:
        clauses = tuple(c.model_copy(update={"nature": nature}) if c.number == number else c for c in measure.clauses)
        return measure.model_copy(update={"clauses": clauses})

    return _map_measures(body, change)


def with_clause(body: PlanBody, measure_number: int, clause: PlanClause) -> PlanBody:
    """Return the text with a clause added at a measure's end."""

    def add(measure: PlanMeasure) -> PlanMeasure:
        if measure.number != measure_number:
            return measure
        return measure.model_copy(update={"clauses": (*measure.clauses, clause)})

    return _map_measures(body, add)


def fresh_number(measure: int, taken: Collection[str]) -> str:
    """Return a clause number of the measure that was never used."""
    used = [int(n.partition("-")[2]) for n in taken if n.partition("-")[0] == str(measure)]
    return f"{measure}-{max(used, default=0) + 1}"


def _map_measures(body: PlanBody, change: Callable[[PlanMeasure], PlanMeasure]) -> PlanBody:
    parts = tuple(p.model_copy(update={"measures": tuple(change(m) for m in p.measures)}) for p in body.parts)
    return body.model_copy(update={"parts": parts})


def _align_measure(old: Sequence[PlanClause], new: PlanMeasure, taken: Collection[str]) -> PlanMeasure:
    kept = _pairs(old, new.clauses)
    used = set(taken)
    clauses = []
    for index, clause in enumerate(new.clauses):
        if before := kept.get(index):
            clauses.append(before.model_copy(update={"text": clause.text}))
            continue
        number = fresh_number(new.number, used)
        used.add(number)
        clauses.append(clause.model_copy(update={"number": number}))
    return new.model_copy(update={"clauses": tuple(clauses)})


def _pairs(old: Sequence[PlanClause], new: Sequence[PlanClause]) -> dict[int, PlanClause]:
    """Return, by index of a new clause, the old clause that it still is: the same words first, then reworded ones."""
    found: dict[int, PlanClause] = {}
    left = list(old)
    for still in (str.__eq__, _reworded):
        for index, clause in enumerate(new):
            if index in found:
                continue
            before = next((c for c in left if still(c.text, clause.text)), None)
            if before is not None:
                found[index] = before
                left.remove(before)
    return found


def _reworded(old: str, new: str) -> bool:
    """Tell whether at least half of the shorter wording stands at the front or the end of the other."""
    shorter = min(len(old), len(new))
    front = _common(old, new)
    back = min(_common(old[::-1], new[::-1]), shorter - front)
    return 2 * (front + back) >= shorter


def _common(left: str, right: str) -> int:
    return next((i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))
