"""Why a search found nothing: the questions to count, the same for every engine."""

from collections.abc import Callable, Sequence

from shared.search.ast import leaves
from shared.search.plan import Clause, clause_of, filters_of, scope_clause
from shared.search.port import SearchRequest, ZeroExplanation
from shared.search.understood import describe

_FILTER_LABELS = {"kind": "类型", "agency": "机关", "org": "党组织", "date": "日期"}

Count = Callable[[Sequence[Sequence[Clause]]], list[int]]
"""Counts, for each list of clauses, the documents that meet all of them and are not deleted."""


def explanation(request: SearchRequest, count: Count) -> ZeroExplanation:
    """Count each condition alone, and the query without each filter, within the scope of `request` only."""
    scope = scope_clause(request.scope)
    asked = clause_of(request.query)
    conditions = leaves(request.query)
    filters = filters_of(request)
    questions: list[list[Clause]] = [[scope, clause_of(leaf)] for leaf in conditions]
    questions += [[scope, asked, *(filters[other] for other in filters if other != name)] for name in filters]
    counts = count(questions) if questions else []
    return ZeroExplanation(
        leaves=tuple(zip(map(describe, conditions), counts, strict=False)),
        filters=tuple(zip((_FILTER_LABELS[name] for name in filters), counts[len(conditions) :], strict=True)),
    )
