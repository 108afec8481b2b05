"""Between a caller and the index: one filter for the hits and for the single document, marks in their place."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import StaticPool, create_engine

from services.console.words import KINDS
from services.search import answers
from services.search.ledgers import register
from services.search.ledgers.register import agency_at_large
from shared.http.auth import Caller
from shared.projection.reading import Reading
from shared.search.ast import And
from shared.search.port import Draft, Hit, IndexDocument, SearchAnswer, ZeroExplanation
from shared.search.query import parse
from shared.security.policy import TABLE, Permission, reach
from shared.security.principal import Grant, Principal, Role

AGENCIES = ("a", "b")


@pytest.fixture(autouse=True, scope="module")
def _registered() -> Iterator[None]:
    register.METADATA.create_all(REGISTERED)
    yield
    REGISTERED.dispose()


REGISTERED = create_engine("sqlite://", poolclass=StaticPool)


def grant(role: Role, agency: str, whole: bool, organisations: tuple[str, ...]) -> Grant:
    return Grant(
        role=role,
        agency_id=agency,
        agency_name=f"{agency}市研究室",
        organisation_id="o",
        organisation_name="某支部",
        whole_agency=whole,
        organisations=frozenset(organisations),
    )


GRANTS = st.builds(
    lambda role, agency, whole, organisations: grant(role, agency, whole, () if whole else organisations),
    st.sampled_from(Role),
    st.sampled_from(AGENCIES),
    st.booleans(),
    st.lists(st.sampled_from(["o1", "o2"]), unique=True).map(tuple),
)


def document(agency: str, organisation: str | None, doc_class: Any, draft: Draft | None = None) -> IndexDocument:
    """A document of the agency: of its own organisation, or ("") of the agency at large."""
    return IndexDocument(
        id="d",
        counter=1,
        deleted=False,
        kind="theme-day",
        agency_id=agency,
        org_id=agency_at_large(agency) if organisation == "" else organisation,
        doc_class=doc_class,
        title="题",
        body="文",
        date="2026-01-01",
        draft=draft,
    )


DOCUMENTS = st.builds(
    document,
    st.sampled_from(AGENCIES),
    st.sampled_from((None, "", "o1", "o2")),
    st.sampled_from(["public", "internal", "talks"]),
    st.sampled_from([None, "plan", "document"]),
)


def caller(*grants: Grant) -> Caller:
    someone = Principal(account_id="x", session_id="s", member_id=None, display_name="某", grants=grants)
    return Caller(someone, Permission.SEARCH, reach(someone, Permission.SEARCH))


def visible(
    who: Caller, agency: str, organisation: str | None, doc_class: str = "internal", draft: Draft | None = None
) -> bool:
    """Whether the register shows the caller a document that is whose it is said to be."""
    row = {
        "id": "d", "stream": "s", "kind": "theme-day", "agency_id": agency, "organisation_id": organisation,
        "doc_class": doc_class, "draft": draft, "title": "", "body": "", "date": "2026-01-01", "tasks": "[]",
        "counter": 1, "dirty": False, "deleted": False,
    }  # fmt: skip
    mine = answers.scope(who)
    with REGISTERED.begin() as conn:
        conn.execute(register.DOCUMENTS.delete())
        conn.execute(register.DOCUMENTS.insert(), [row])
        return answers.document_row(Reading(conn, answers.register_reach(mine)), "d", mine) is not None


@given(st.lists(GRANTS, max_size=3), DOCUMENTS)
def test_a_document_is_shown_alone_exactly_if_a_search_may_find_it(
    grants: list[Grant], document: IndexDocument
) -> None:
    who = caller(*grants)
    shown = visible(who, document.agency_id, document.org_id, document.doc_class, document.draft)
    assert shown == answers.scope(who).permits(document)


@pytest.mark.parametrize(
    ("stream", "scopes", "opened"),
    [
        ("organization:activity:d", {"search"}, False),
        ("organization:activity:d", {"search", "see-plan"}, False),
        ("organization:activity:d", {"search", "see-activity"}, True),
        ("organization:work-plan:d", {"search", "see-activity"}, False),
        ("organization:work-plan:d", {"search", "see-plan"}, True),
        ("study:session:d", {"search", "see-study"}, True),
        ("study:trigger:d", {"search", "see-study"}, True),
        ("study:session:d", {"search", "see-activity"}, False),
        ("elsewhere:something-new:d", {"search", "see-plan", "see-activity"}, False),
        ("elsewhere:something-new:d", None, True),
    ],
)
def test_a_token_reads_a_document_whole_only_with_the_permission_of_what_it_came_from(
    stream: str, scopes: set[str] | None, opened: bool
) -> None:
    held = grant(Role.GENERAL_BRANCH, "a", True, ("o1",))
    someone = caller(held).principal.model_copy(update={"scopes": None if scopes is None else frozenset(scopes)})
    row: Any = SimpleNamespace(stream=stream, agency_id="a", organisation_id="o1")
    assert answers.opens(someone, row) is opened


@pytest.mark.parametrize(("kind", "name"), KINDS.items())
def test_a_kind_is_asked_for_by_the_name_that_people_read(kind: str, name: str) -> None:
    assert answers.KIND_NAMES[name] == kind


def test_a_token_that_may_search_finds_what_its_owners_grant_of_the_whole_agency_reaches_but_no_plan() -> None:
    owner = caller(grant(Role.GENERAL_BRANCH, "a", True, ("o1",))).principal
    token = owner.model_copy(update={"scopes": frozenset({"search", "see-activity"})})
    who = Caller(token, Permission.SEARCH, reach(token, Permission.SEARCH))
    assert visible(who, "a", "o1")
    assert not visible(who, "a", agency_at_large("a"))
    assert not visible(who, "a", "o1", draft="document")


@given(st.lists(GRANTS, max_size=3), DOCUMENTS)
def test_nothing_of_an_agency_is_seen_without_a_grant_there_or_of_its_organisation(
    grants: list[Grant], document: IndexDocument
) -> None:
    there = [g for g in grants if g.agency_id == document.agency_id or document.org_id in g.organisations]
    assert there or not answers.scope(caller(*grants)).permits(document)


@given(DOCUMENTS)
def test_the_administrator_of_an_agency_finds_nothing_in_it(document: IndexDocument) -> None:
    boss = caller(*(grant(Role.ADMINISTRATOR, a, True, ("o1", "o2")) for a in AGENCIES))
    assert not answers.scope(boss).permits(document)


@given(st.sampled_from(Role), st.sampled_from(("o1", "o2")))
def test_restricted_matter_is_found_by_the_roles_of_its_class_where_they_hold_them(role: Role, where: str) -> None:
    who = caller(grant(role, "a", False, ("o1",)))
    found = answers.scope(who).permits(document("a", where, "talks"))
    assert found == (role in TABLE[Permission.SEE_TALK] and where == "o1")


@given(DOCUMENTS)
def test_all_roles_together_find_every_document_and_no_draft_of_a_restricted_class(document: IndexDocument) -> None:
    everyone = caller(*(grant(role, a, True, ()) for role in Role for a in AGENCIES))
    assert answers.scope(everyone).permits(document) == (not document.draft or document.doc_class != "talks")


@pytest.mark.parametrize("whole", [True, False])
def test_a_document_without_a_final_version_is_found_by_its_own_people_and_no_plan_with_it(whole: bool) -> None:
    member = caller(grant(Role.MEMBER, "a", whole, ("o1",)))
    overseer = caller(grant(Role.DISCIPLINE_OFFICER, "a", True, ("o1", "o2")), grant(Role.MEMBER, "a", False, ("o2",)))
    assert visible(member, "a", "o1", draft="document")
    assert visible(member, "a", "o2", draft="document") is whole
    assert not visible(member, "a", agency_at_large("a"), draft="plan")
    assert [visible(overseer, "a", o, draft="document") for o in ("o1", "o2")] == [False, True]


def test_a_member_of_a_branch_finds_the_agencys_plan_and_the_branchs_own_records_only() -> None:
    member = answers.scope(caller(grant(Role.MEMBER, "a", False, ("o1",))))
    scopes = (member, *member.also)
    assert {o for each in scopes for o in each.orgs} == {"o1", agency_at_large("a")}
    assert {a for each in scopes for a in each.agencies} == set()


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("whole", [True, False])
def test_a_draft_is_found_by_who_manages_the_agencys_plans_and_by_nobody_else(role: Role, whole: bool) -> None:
    who = caller(grant(role, "a", whole, ("o1",)), grant(Role.GENERAL_BRANCH, "b", True, ("o2",)))
    assert visible(who, "a", agency_at_large("a"), draft="plan") == (role in TABLE[Permission.MANAGE_PLAN] and whole)


@pytest.mark.parametrize("role", [Role.WORK_COMMITTEE, Role.GENERAL_BRANCH])
def test_a_grant_of_the_whole_agency_finds_the_records_of_every_organisation_and_the_plan(role: Role) -> None:
    who = caller(grant(role, "a", True, ()))
    for organisation in ("o1", "o2", agency_at_large("a")):
        assert visible(who, "a", organisation)


def test_names_in_a_query_stand_for_agencies_of_the_caller_and_no_others() -> None:
    values = answers.lookup(caller(grant(Role.MEMBER, "a", False, ())).principal)
    assert values("agency", "a市") == {"a"}
    assert values("agency", "b市") == frozenset()
    assert values("kind", "主题党日") == {"theme-day"}
    assert values("kind", "不知道") == frozenset()


BODY = "开头" * 200 + "请先算清电费，再谈入股。" + "结尾" * 200


def shown(text: str, body: str = BODY, title: str = "电费问题") -> answers.SearchAnswerBody:
    query = parse(text)
    hit = Hit("d", 1.0, "theme-day", "a", "o1", "internal", title, body, "2026-01-01", None)
    return answers.body(SearchAnswer(1, (hit,), {}, None), query, query.root, {"d": "organization:activity:d"}, None)


@given(st.sampled_from(["电费", '"先算清电费"', "入股 电费", "开头", "结尾"]))
def test_every_mark_stands_on_words_of_the_query_also_where_the_text_is_cut(text: str) -> None:
    wanted = {w for part in text.replace('"', "").split() for w in (part,)}
    (found,) = shown(text).hits
    assert found.highlights
    for fragment in found.highlights:
        assert fragment.marks
        for start, end in fragment.marks:
            assert 0 <= start < end <= len(fragment.text)
            assert any(fragment.text[start:end] in w or w in fragment.text[start:end] for w in wanted)
            assert "…" not in fragment.text[start:end]


def test_a_fragment_says_where_it_was_cut() -> None:
    (fragment,) = shown('"先算清电费"').hits[0].highlights
    assert fragment.text.startswith("…")
    assert fragment.text.endswith("…")


def test_a_title_is_marked_whole() -> None:
    (found,) = shown("电费").hits
    assert [found.title[s:e] for s, e in found.title_marks] == ["电费"]


def test_a_hit_leads_to_its_stream_and_a_hit_whose_stream_is_unknown_to_none() -> None:
    assert shown("电费").hits[0].stream == "organization:activity:d"


def test_a_draft_is_marked_as_one() -> None:
    query = parse("电费")
    for draft in ("document", "plan", None):
        hit = Hit("d", 1.0, "draft", "a", "o1", "internal", "电费", BODY, "2026-01-01", None, draft)
        (found,) = answers.body(SearchAnswer(1, (hit,), {}, None), query, query.root, {}, None).hits
        assert found.draft is (draft is not None)


def test_a_zero_says_what_each_condition_finds_alone() -> None:
    zero = ZeroExplanation((("电费", 3),), (("类型", 2),))
    query = parse("电费")
    said = answers.body(SearchAnswer(0, (), {}, None), query, query.root, {}, zero)
    assert [(r.label, r.count) for r in said.zero] == [("电费", 3), ("类型", 2)]


def test_a_document_is_shown_paragraph_by_paragraph_without_losing_a_character() -> None:
    row = SimpleNamespace(
        id="d", stream="s", title="题", kind="theme-day", agency_id="a", organisation_id="o1", date="2026-01-01",
        draft=None,
        body="第一段。\n\n先算清电费\n",
    )  # fmt: skip
    text = answers.document_text(row, parse("电费").root)  # type: ignore[arg-type]
    assert "\n".join(p.text for p in text.paragraphs) == row.body
    assert [p.text[s:e] for p in text.paragraphs for s, e in p.marks] == ["电费"]
    unmarked = answers.document_text(row, And())  # type: ignore[arg-type]
    assert [p.marks for p in unmarked.paragraphs] == [[], [], [], []]
