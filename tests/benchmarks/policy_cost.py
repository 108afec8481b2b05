"""What deciding costs: one policy decision, and the scope filter of a search beside the same search without it.

The two kinds of search are taken in turns, and the ratio is that of their medians.
"""

import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from statistics import median

from shared.projection.family_tantivy import TantivyFamily
from shared.search.port import IndexDocument, Scope, SearchIndex, SearchRequest
from shared.search.query import parse
from shared.security.policy import Permission, reach
from shared.security.principal import Grant, Principal, Role
from tests.benchmarks.figures import Figure

DOCUMENTS, ORGANISATIONS, ROUNDS = 4_800, 2_400, 150
WORDS = ("冷库", "电费", "石桥", "党章", "调研", "座谈", "入股", "帮扶", "学习", "专题")


def figures() -> Iterator[Figure]:
    """Measure a decision in microseconds, a search in milliseconds."""
    yield Figure("policy decision", "–", decision(), None, None, "µs", 50, more_is_better=False, aim_of_ours=True)
    with tempfile.TemporaryDirectory() as folder, closing(TantivyFamily(Path(folder), b"k" * 32)) as family:
        index = family.serving()
        index.write([document(n) for n in range(DOCUMENTS)])
        index.refresh()
        for what, scope in (("one agency", agency()), (f"{ORGANISATIONS:,} organisations", organisations())):
            bare, scoped = searches(index, scope)
            name = f"search within {what}, beside the same without a scope"
            yield Figure(name, "tantivy", scoped, bare, scoped / bare, "ms", 1.1, more_is_better=False)


def decision() -> float:
    """Return the median of a decision for somebody with three roles, in microseconds."""
    grants = tuple(
        Grant(
            role=role, agency_id=f"a{n}", agency_name="某机关", organisation_id=f"o{n}", organisation_name="支部",
            whole_agency=not n, organisations=frozenset({f"o{n}-{k}" for k in range(5)}),
        )
        for n, role in enumerate((Role.GENERAL_BRANCH, Role.BRANCH_SECRETARY, Role.MEMBER))
    )  # fmt: skip
    someone = Principal(account_id="x", session_id="s", member_id=None, display_name="某", grants=grants)
    taken = []
    for _ in range(2_000):
        began = time.perf_counter()
        reach(someone, Permission.SEE_ACTIVITY).covers("a1", "o1-2")
        taken.append((time.perf_counter() - began) * 1e6)
    return median(taken)


def searches(index: SearchIndex, scope: Scope) -> tuple[float, float]:
    """Return the medians without and with the filter, in milliseconds; both find the same documents' words."""
    kinds = {"bare": Scope(frozenset({"public", "internal"}), everything=True), "scoped": scope}
    taken: dict[str, list[float]] = {"bare": [], "scoped": []}
    for n in range(ROUNDS):
        root = parse(f"{WORDS[n % 10]} {WORDS[(n * 3 + 1) % 10]}").root
        for kind, each in kinds.items():
            began = time.perf_counter()
            index.search(SearchRequest(query=root, scope=each))
            taken[kind].append((time.perf_counter() - began) * 1000)
    return median(taken["bare"]), median(taken["scoped"])


def document(n: int) -> IndexDocument:
    """Return one of the documents: every second is of an organisation that the scope names."""
    text = "".join(WORDS[(n * k) % 10] for k in range(1, 40))
    return IndexDocument(
        id=f"d{n}", counter=1, deleted=False, kind="theme-day", agency_id=f"a{n % 60}", org_id=f"o{n % 4_800}",
        doc_class="internal", title=text[:12], body=text, date="2026-03-05",
    )  # fmt: skip


def agency() -> Scope:
    """Return the scope of somebody of one agency."""
    return Scope(frozenset({"public", "internal"}), agencies=frozenset({"a1"}))


def organisations() -> Scope:
    """Return a scope that names organisations one by one."""
    return Scope(frozenset({"public", "internal"}), orgs=frozenset(f"o{n}" for n in range(ORGANISATIONS)))
