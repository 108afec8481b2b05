"""What a request and a scope refuse by themselves."""

from dataclasses import replace

import pytest

from shared.search.ast import EVERYTHING, Word
from shared.search.cursor import CursorCodec
from shared.search.plan import Either, scope_clause
from shared.search.port import IndexDocument, Scope, SearchError, SearchRequest
from shared.search.rows import row_of

DOCUMENT = IndexDocument(
    id="1",
    counter=3,
    deleted=False,
    kind="report",
    agency_id="a",
    org_id="o",
    doc_class="internal",
    title="标题",
    body="正文",
    date="2026-05-01",
)
INTERNAL = Scope(classes=frozenset({"internal"}))


def test_a_search_without_a_scope_cannot_be_written() -> None:
    with pytest.raises(TypeError):
        SearchRequest(EVERYTHING)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"size": -1}, "bad-page-size"),
        ({"size": 1001}, "bad-page-size"),
        ({"facets": ("secret",)}, "unknown-facet"),
        ({"first": "昨天"}, "bad-date"),
        ({"last": "2026-02-30"}, "bad-date"),
    ],
)
def test_a_wrong_request_is_refused_with_a_code(wrong: dict[str, object], code: str) -> None:
    with pytest.raises(SearchError) as refused:
        SearchRequest(EVERYTHING, Scope(), **wrong)  # type: ignore[arg-type]
    assert refused.value.code == code


def test_a_document_has_a_real_day() -> None:
    for day in ("2026-02-30", "20260501", ""):
        with pytest.raises(ValueError, match=r"."):
            replace(DOCUMENT, date=day)


def test_a_scope_is_denied_by_default() -> None:
    assert scope_clause(Scope()) == scope_clause(INTERNAL) == scope_clause(Scope(everything=True)) == Either()
    assert not INTERNAL.permits(DOCUMENT)
    assert not Scope(everything=True).permits(DOCUMENT)


def test_a_scope_permits_by_agency_or_organisation_within_its_classes() -> None:
    assert replace(INTERNAL, agencies=frozenset({"a"})).permits(DOCUMENT)
    assert replace(INTERNAL, orgs=frozenset({"o"})).permits(DOCUMENT)
    assert replace(INTERNAL, everything=True).permits(DOCUMENT)
    public = Scope(classes=frozenset({"public"}), agencies=frozenset({"a"}))
    assert not public.permits(DOCUMENT)
    assert replace(public, also=(replace(INTERNAL, everything=True),)).permits(DOCUMENT)


def test_a_scope_leaves_drafts_out_unless_it_says_otherwise() -> None:
    everywhere, draft = replace(INTERNAL, everything=True), replace(DOCUMENT, draft="plan")
    assert not everywhere.permits(draft)
    assert not replace(everywhere, drafts=frozenset({"document"})).permits(draft)
    assert replace(everywhere, drafts=frozenset({"plan"})).permits(draft)
    assert replace(everywhere, drafts=frozenset({"plan"})).permits(DOCUMENT)


def test_nothing_but_its_counter_is_kept_of_a_deleted_document() -> None:
    row = row_of(replace(DOCUMENT, deleted=True))
    assert (row.id, row.counter, row.values) == ("1", 3, {"deleted": True})


def test_a_cursor_is_of_its_request_and_its_key_but_not_of_page_size_or_scope() -> None:
    request = SearchRequest(Word("甲"), Scope(), kinds=frozenset({"x", "y"}))
    cursor = CursorCodec(b"one").seal(request, {"at": 20})
    again = replace(request, cursor=cursor, size=5, scope=INTERNAL)
    assert CursorCodec(b"one").open(again) == {"at": 20}
    for other in (replace(again, query=Word("乙")), replace(again, sort="newest"), replace(again, kinds=frozenset())):
        with pytest.raises(SearchError):
            CursorCodec(b"one").open(other)
    with pytest.raises(SearchError):
        CursorCodec(b"another").open(again)
