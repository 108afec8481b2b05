"""The search index port: what is indexed, what is asked, and what any engine answers.

Two engines implement it: tantivy embedded, Elasticsearch for a city. For the same documents and the same
request both give the same ids, totals and facets; only scores, and so the order by relevance, may differ.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from shared.search.ast import Node

DocClass = Literal[
    "public",
    "internal",
    "work-secret",
    "talks",
    "care",
    "development",
    "dues-bases",
    "discipline",
    "criticism",
    "appraisal-votes",
    "survey-texts",
    "opinion-sources",
    "interviews",
]
"""Who a document is for: 公开, 内部, 工作秘密, or one of the restricted classes (``shared.security.classes``)."""

Draft = Literal["plan", "document"]
"""What marks a document that is not finished: a plan not yet adopted, a document without a final version."""

Sort = Literal["relevance", "newest", "oldest"]

FACETS = ("kind", "agency", "org", "doc_class", "task", "topic", "author", "year", "month")
"""What hits can be counted by; year is yyyy, month yyyy-mm."""

LARGEST_PAGE = 1000


class SearchError(Exception):
    """A request or a write the index refuses: `code` is stable kebab-case, the message a Chinese sentence.

    Codes: bad-cursor, bad-page-size, unknown-facet, bad-date, index-locked, bad-index-name.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class IndexUnavailable(SearchError):
    """The engine cannot be reached, or takes nothing, at the moment (code index-unavailable); ask again later."""

    def __init__(self) -> None:
        super().__init__("index-unavailable", "检索引擎暂时连接不上，请稍后再试。")


@dataclass(frozen=True, slots=True)
class IndexDocument:
    """One document of the register as it is to be searched.

    `counter` is the register's own counter of this document: a write is taken only if it is greater than that
    of the document indexed. A deleted document is written with `deleted`, its text is dropped. `date` is ISO
    yyyy-mm-dd (ValueError otherwise). `org_id` is the stable organisation; subtrees are expanded in `Scope`.
    """

    id: str
    counter: int
    deleted: bool
    kind: str
    agency_id: str
    org_id: str | None
    doc_class: DocClass
    title: str
    body: str
    date: str
    author: str | None = None
    tasks: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    draft: Draft | None = None

    def __post_init__(self) -> None:
        if date.fromisoformat(self.date).isoformat() != self.date:
            raise ValueError(f"not an ISO day: {self.date}")


@dataclass(frozen=True, slots=True)
class Scope:
    """What a principal may see: the documents of these classes, of these agencies or organisations.

    `everything` stands for all agencies; classes are still obeyed. Nothing given is nothing seen. Drafts are left
    out but those of the kinds in `drafts`. `also` adds scopes of other kinds, for instance the public documents of
    every agency.
    """

    classes: frozenset[DocClass] = frozenset()
    agencies: frozenset[str] = frozenset()
    orgs: frozenset[str] = frozenset()
    everything: bool = False
    drafts: frozenset[Draft] = frozenset()
    also: "tuple[Scope, ...]" = ()

    def permits(self, document: IndexDocument) -> bool:
        """Whether `document` may be seen: what every engine's filter must agree with."""
        of_mine = (
            self.everything
            or document.agency_id in self.agencies
            or (document.org_id is not None and document.org_id in self.orgs)
        )
        own = (
            of_mine and document.doc_class in self.classes and (document.draft is None or document.draft in self.drafts)
        )
        return own or any(scope.permits(document) for scope in self.also)


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """One question. `scope` has no default: a search without one cannot be written.

    `first` and `last` bound the document date (ISO, included). `cursor` continues a former answer to the same
    request. `facets` are names of `FACETS`, each answered with its `facet_size` most frequent values.
    """

    query: Node
    scope: Scope
    kinds: frozenset[str] = frozenset()
    agencies: frozenset[str] = frozenset()
    orgs: frozenset[str] = frozenset()
    first: str | None = None
    last: str | None = None
    size: int = 20
    cursor: str | None = None
    facets: tuple[str, ...] = ()
    facet_size: int = 50
    sort: Sort = "relevance"

    def __post_init__(self) -> None:
        if not 0 <= self.size <= LARGEST_PAGE:
            raise SearchError("bad-page-size", f"每页条数须在 0 至 {LARGEST_PAGE} 之间。")
        for name in self.facets:
            if name not in FACETS:
                raise SearchError("unknown-facet", f"没有名为“{name}”的分面。")
        for day in filter(None, (self.first, self.last)):
            _check_day(day)


@dataclass(frozen=True, slots=True)
class Hit:
    """One document found, with the text to show and highlight; `score` is None in an order by date.

    `draft` says what it is a draft of, where it is one.
    """

    id: str
    score: float | None
    kind: str
    agency_id: str
    org_id: str | None
    doc_class: str
    title: str
    body: str
    date: str
    author: str | None
    draft: str | None = None


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """An answer: the exact `total`, one page of hits, facets as (value, count), and where to go on.

    Hits are in the order asked for, equal ones by id; facet values by count, equal ones by value. `cursor` is
    None on the last page.
    """

    total: int
    hits: tuple[Hit, ...]
    facets: dict[str, tuple[tuple[str, int], ...]]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class WriteReport:
    """What a write did: how many were taken, and the ids left out because one as new is indexed.

    `refused`: (id, the engine's short reason, without the document's words) of those it will never take as they are.
    """

    written: int
    stale: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ZeroExplanation:
    """Why nothing was found, counted within the scope only.

    `leaves`: each condition in Chinese with the documents that meet it alone. `filters`: each filter set (kind,
    agency, org, date) with what the query finds without it.
    """

    leaves: tuple[tuple[str, int], ...] = ()
    filters: tuple[tuple[str, int], ...] = ()


class SearchIndex(Protocol):
    """One index of one analyzer version. Safe to use from several threads."""

    @property
    def name(self) -> str:
        """Name within its family."""

    @property
    def analyzer_version(self) -> str:
        """The analyzer version the index was created with; queries must be analysed by the same."""

    def write(self, documents: Sequence[IndexDocument]) -> WriteReport:
        """Write documents, each only if its counter is greater than the indexed one.

        Durable and visible after `refresh`, so dirty flags are cleared after that. Writing again is harmless.
        A document the engine refuses keeps no other from being written. Raises IndexUnavailable if any was not
        taken for a reason that passes: all are then written again.
        """

    def refresh(self) -> None:
        """Make everything written durable and visible to searches."""

    def search(self, request: SearchRequest) -> SearchAnswer:
        """Answer one page. Raises SearchError bad-cursor."""

    def scan(self, request: SearchRequest) -> Iterator[Hit]:
        """Yield every hit once, as of one moment; `size` and `cursor` are not looked at."""

    def explain_zero(self, request: SearchRequest) -> ZeroExplanation:
        """Say what keeps `request` from finding anything."""

    def count(self) -> int:
        """Return the number of documents indexed and not deleted, whoever may see them."""

    def close(self) -> None:
        """Release files and connections."""


class IndexFamily(Protocol):
    """The indices of one kind of document: one serves, a sibling may be filled beside it (blue/green)."""

    def serving(self) -> SearchIndex:
        """Return the index that answers; the first is created, with the present analyzer version."""

    def create(self) -> SearchIndex:
        """Create an empty sibling with the present analyzer version and fields."""

    def open(self, name: str) -> SearchIndex:
        """Return the sibling `name`. Raises SearchError bad-index-name."""

    def switch(self, name: str) -> None:
        """Let the sibling `name` serve, in one step. Raises SearchError bad-index-name."""

    def names(self) -> list[str]:
        """Return the names of all siblings, the oldest first."""

    def drop(self, name: str) -> None:
        """Remove the sibling `name`. Raises SearchError bad-index-name if it serves or is unknown."""

    def close(self) -> None:
        """Close every index opened here."""


def _check_day(day: str) -> None:
    try:
        date.fromisoformat(day)
    except ValueError:
        raise SearchError("bad-date", f"日期“{day}”写法不对，应为 2026-01-31 这样的写法。") from None
