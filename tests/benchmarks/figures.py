"""A figure of the benchmark: ours, and its bare counterpart measured in the same run, in turns.

The machine is shared and noisy, so a figure is the median over rounds of the ratio *within* a round: what disturbs one
half of a round mostly disturbs the other.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. ``ratio`` is ours divided by bare, None where there is nothing to compare with.

    ``more_is_better`` holds for rates; a time is the better the smaller it is. ``aim`` bounds the ratio, with
    ``aim_of_ours`` ours itself: at least for rates, at most for times.
    """

    name: str
    backend: str
    ours: float
    bare: float | None
    ratio: float | None
    unit: str
    aim: float | None = None
    more_is_better: bool = True
    aim_of_ours: bool = False

    @property
    def met(self) -> bool | None:
        """Tell whether the aim is met; None where there is none."""
        measured = self.ours if self.aim_of_ours else self.ratio
        if self.aim is None or measured is None:
            return None
        return measured >= self.aim if self.more_is_better else measured <= self.aim

    def as_json(self) -> dict[str, object]:
        """Return the figure as ``build/bench.json`` lists it."""
        shown = ("name", "backend", "ours", "bare", "ratio", "unit")
        return {name: value for name, value in asdict(self).items() if name in shown}


Accepted = Mapping[str, Mapping[str, float]]
"""The ratios that are held, by name and backend."""

WORSE_AT_MOST = 0.2


def worse(figures: Sequence[Figure], accepted: Accepted) -> list[str]:
    """Return a sentence for each figure whose ratio is more than a fifth worse than accepted."""
    said = []
    for each in figures:
        was = accepted.get(each.name, {}).get(each.backend)
        if was is None or each.ratio is None:
            continue
        better_or_near = (
            each.ratio >= was * (1 - WORSE_AT_MOST) if each.more_is_better else each.ratio <= was * (1 + WORSE_AT_MOST)
        )
        if not better_or_near:
            said.append(f"{each.name} ({each.backend}): ratio {each.ratio:.2f}, accepted {was:.2f}")
    return said


def unmeasured(figures: Sequence[Figure], accepted: Accepted) -> list[str]:
    """Return a sentence for each accepted ratio that no figure bears: it would hold nothing."""
    measured = {(each.name, each.backend) for each in figures if each.ratio is not None}
    wanted = [(name, backend) for name, ratios in accepted.items() for backend in ratios]
    return [
        f"{name} ({backend}): accepted, but not measured" for name, backend in wanted if (name, backend) not in measured
    ]


Measure = Callable[[], float]
"""Does the work once and returns its rate or its time."""


def paired(ours: Measure, bare: Measure, rounds: int) -> tuple[float, float, float]:
    """Return the medians of ours and bare and of their ratio, each round taking both, in an order that alternates."""
    pairs = []
    for turn in range(rounds):
        if turn % 2:
            theirs, mine = bare(), ours()
        else:
            mine, theirs = ours(), bare()
        pairs.append((mine, theirs))
    return median(m for m, _ in pairs), median(t for _, t in pairs), median(m / t for m, t in pairs)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the least value that this share of the values does not exceed."""
    return sorted(values)[math.ceil(share * len(values)) - 1]
