"""What every engine behind the search index port does alike."""

import random
import re
import socket
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.projection.family_elasticsearch import ElasticsearchFamily
from shared.projection.family_tantivy import TantivyFamily
from shared.search.ast import EVERYTHING, NOTHING, And, Dates, Near, Node, Not, Or, Phrase, Value, Word
from shared.search.plan import DRAFTS
from shared.search.port import (
    FACETS,
    IndexDocument,
    IndexFamily,
    IndexUnavailable,
    Scope,
    SearchError,
    SearchIndex,
    SearchRequest,
)
from shared.search.query import parse
from shared.text.normalise import normal_form
from tests.support import prose
from tests.support.search_oracle import holds, plain

KEY = b"a key for tests"
ALL = Scope(classes=frozenset({"public", "internal", "talks"}), everything=True, drafts=DRAFTS)
LIBRARY = prose.documents(240)
ENGINES = ["tantivy", pytest.param("elasticsearch", marks=pytest.mark.elasticsearch)]
EXAMPLES = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

Opened = Callable[[], IndexFamily]


@contextmanager
def opened(engine: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[Opened]:
    """Give a maker of connections to one new, empty family."""
    families: list[IndexFamily] = []
    alias = f"contract-{uuid.uuid4().hex}"
    url = request.getfixturevalue("elasticsearch_url") if engine == "elasticsearch" else ""

    def connect() -> IndexFamily:
        made: IndexFamily = ElasticsearchFamily(url, alias, KEY) if url else TantivyFamily(folder, KEY)
        families.append(made)
        return made

    yield connect
    for family in families:
        family.close()
    if url:
        with Elasticsearch(url) as client:
            for name in client.indices.get(index=f"{alias}-*"):
                client.indices.delete(index=name)


@pytest.fixture(scope="module", params=ENGINES)
def library(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchIndex]:
    """The library of this module, indexed once; tests only read it."""
    with opened(request.param, request, tmp_path_factory.mktemp("library")) as connect:
        index = connect().serving()
        index.write(LIBRARY)
        index.refresh()
        yield index


@pytest.fixture(params=ENGINES)
def connect(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opened]:
    with opened(request.param, request, tmp_path) as connect:
        yield connect


@pytest.fixture
def index(connect: Opened) -> SearchIndex:
    return connect().serving()


def ids(index: SearchIndex, node: Node, scope: Scope = ALL, **asked: object) -> list[str]:
    request = SearchRequest(node, scope, size=1000, **asked)  # type: ignore[arg-type]
    answer = index.search(request)
    assert answer.total == len(answer.hits)
    return [hit.id for hit in answer.hits]


def find(index: SearchIndex, query: str, **asked: object) -> set[str]:
    return set(ids(index, parse(query).root, **asked))


def expected(node: Node, scope: Scope = ALL, among: list[IndexDocument] = LIBRARY) -> set[str]:
    return {each.id for each in among if scope.permits(each) and holds(node, each)}


# --- queries at random

SOURCES = {
    "han": sorted({run for each in LIBRARY for run in re.findall("[\u3400-\u9fff]+", plain(each))}),
    "sentence": sorted({s for each in LIBRARY for s in re.findall(r"[^a-z0-9\u2029]{3,}", plain(each))}),
    "name": ["张晓梅", "李建国", "单继红"],
}


@st.composite
def pieces(draw: st.DrawFn, of: str, longest: int = 12) -> str:
    run = draw(st.sampled_from(SOURCES[of]))
    start = draw(st.integers(0, len(run) - 1))
    return run[start : start + draw(st.integers(1, longest))]


@st.composite
def shuffled(draw: st.DrawFn) -> str:
    return "".join(draw(st.permutations(draw(pieces("han")))))


HAN = pieces("han") | shuffled()
FIELD = st.sampled_from(["text", "text", "title"])
LEAVES = (
    st.builds(Word, HAN, FIELD)
    | st.builds(Phrase, HAN | pieces("sentence"), FIELD)
    | st.builds(Near, st.lists(pieces("han", 4), min_size=2, max_size=3, unique=True).map(tuple), st.integers(0, 40))
    | st.builds(Word, pieces("name", 3), st.just("author"))
    | st.sampled_from(
        [
            Value("kind", "报告", frozenset({"report"})),
            Value("agency", "两家", frozenset({"agency-a", "agency-b"})),
            Value("task", "任务一", frozenset({"task-1"})),
            Value("topic", "学习", frozenset({"学习"})),
            Dates("2026-03-01", "2026-06-30"),
            Dates(None, "2026-02-10"),
            EVERYTHING,
            NOTHING,
        ]
    )
)
NODES = st.recursive(
    LEAVES,
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(And, st.lists(inner, max_size=3).map(tuple))
        | st.builds(Or, st.lists(inner, max_size=3).map(tuple))
    ),
    max_leaves=5,
)
ORGS = [f"{agency}-{n}" for agency in prose.AGENCIES for n in (1, 2)]
SCOPES = st.builds(
    Scope,
    classes=st.frozensets(st.sampled_from(prose.CLASSES)),
    agencies=st.frozensets(st.sampled_from(prose.AGENCIES)),
    orgs=st.frozensets(st.sampled_from(ORGS)),
    everything=st.booleans(),
    drafts=st.frozensets(st.sampled_from(sorted(DRAFTS))),
    also=st.sampled_from([(), (Scope(classes=frozenset({"public"}), everything=True),)]),
)


# --- recall and precision


@EXAMPLES
@given(text=HAN | pieces("sentence"))
def test_a_phrase_finds_exactly_the_documents_that_contain_it(library: SearchIndex, text: str) -> None:
    assert set(ids(library, Phrase(text))) == expected(Phrase(text))


@EXAMPLES
@given(node=NODES)
def test_any_query_finds_what_it_means_whatever_the_engine(library: SearchIndex, node: Node) -> None:
    assert set(ids(library, node)) == expected(node)


@EXAMPLES
@given(node=NODES, scope=SCOPES)
def test_what_a_person_finds_is_what_all_would_find_less_what_the_person_may_not_see(
    library: SearchIndex, node: Node, scope: Scope
) -> None:
    permitted = {each.id for each in LIBRARY if scope.permits(each)}
    assert set(ids(library, node, scope)) == set(ids(library, node)) & permitted
    assert {hit.id for hit in library.scan(SearchRequest(node, scope))} == expected(node, scope)


@EXAMPLES
@given(
    node=NODES,
    scope=SCOPES,
    agencies=st.frozensets(st.sampled_from(prose.AGENCIES), max_size=2),
    orgs=st.frozensets(st.sampled_from(ORGS), max_size=3),
)
def test_agencies_and_organisations_that_are_named_narrow_what_is_found_and_widen_nothing(
    library: SearchIndex, node: Node, scope: Scope, agencies: frozenset[str], orgs: frozenset[str]
) -> None:
    named = {
        each.id
        for each in LIBRARY
        if (not agencies or each.agency_id in agencies) and (not orgs or each.org_id in orgs)
    }
    assert set(ids(library, node, scope, agencies=agencies, orgs=orgs)) == expected(node, scope) & named


def test_a_hit_says_that_it_is_a_draft(library: SearchIndex) -> None:
    marks = {each.id: each.draft for each in LIBRARY}
    assert {hit.id: hit.draft for hit in library.scan(SearchRequest(EVERYTHING, ALL))} == marks
    assert set(marks.values()) > {None}


def test_a_scope_of_nothing_sees_nothing(library: SearchIndex) -> None:
    assert ids(library, EVERYTHING, Scope()) == []
    assert ids(library, EVERYTHING, Scope(classes=frozenset({"public"}))) == []
    assert ids(library, EVERYTHING, Scope(everything=True)) == []


def test_a_title_finds_its_document_first(library: SearchIndex) -> None:
    titles = Counter(each.title for each in LIBRARY)
    ranks = []
    for each in LIBRARY:
        if titles[each.title] == 1:
            hits = library.search(SearchRequest(parse(each.title).root, ALL)).hits
            ranks.append(1 / (1 + [hit.id for hit in hits].index(each.id)))
    assert sum(ranks) / len(ranks) >= 0.95


SEEDS = (
    Path(__file__).resolve().parents[3] / "shared" / "seed" / "2026-work-points.txt",
    Path(__file__).resolve().parents[2] / "services" / "organization" / "demo" / "plan.txt",
)


def test_any_stretch_of_a_real_plan_is_found_as_a_phrase_and_none_shuffled(index: SearchIndex) -> None:
    text = next(path for path in SEEDS if path.exists()).read_text(encoding="utf-8")
    write(index, a_document("plan", body=text))
    whole, rng = normal_form(text), random.Random(20260101)
    runs = [run for run in re.findall("[\u3400-\u9fff]+", whole) if len(run) > 3]
    for number in range(250):
        run = rng.choice(runs)
        length = rng.randint(2, min(12, len(run)))
        start = rng.randint(0, len(run) - length)
        part = run[start : start + length]
        if number >= 200:
            part = "".join(rng.sample(part, length))
        assert find(index, f"“{part}”") == ({"plan"} if part in whole else set())


# --- the query language, end to end


def test_words_of_other_script_and_width_find_the_same(library: SearchIndex) -> None:
    assert find(library, "深刻領悟 兩個確立") == find(library, "深刻领悟 两个确立") != set()
    assert find(library, "“２０２６年”") == find(library, "2026年") != set()
    assert find(library, "ｐｐｔ") == find(library, "PPT") != set()


def test_a_latin_word_or_a_number_is_found_whole_only(index: SearchIndex) -> None:
    write(index, a_document("1", body="2026年第12批PPT"), a_document("2", body="12026年第123批pptx"))
    assert find(index, "2026年") == find(index, "第12批") == find(index, "ppt") == {"1"}


def test_a_phrase_does_not_cross_punctuation_it_does_not_contain(index: SearchIndex) -> None:
    write(index, a_document("1", body="改进作风、建设队伍。"), a_document("2", body="改进作风建设队伍。"))
    assert find(index, '"作风建设"') == {"2"}
    assert find(index, '"作风、建设"') == {"1"}
    assert find(index, "作风、建设") == {"1", "2"}


def test_a_phrase_crosses_neither_a_paragraph_nor_the_end_of_the_title(index: SearchIndex) -> None:
    write(
        index,
        a_document("1", title="工作要点", body="学习制度\n\n考核办法"),
        a_document("2", body="学习制度\n考核办法"),
    )
    assert find(index, "制度考核") == {"2"}
    assert find(index, "要点学习") == set()


def test_one_han_character_is_found(library: SearchIndex) -> None:
    assert find(library, "汛") == expected(Word("汛")) != set()


def test_not_or_and_groups(library: SearchIndex) -> None:
    node = And((Or((Word("党课"), Word("谈心谈话"))), Not(Word("支部"))))
    assert find(library, "（党课 OR 谈心谈话） -支部") == expected(node) != set()
    assert find(library, "-支部") == expected(Not(Word("支部"))) != set()


def test_fields_and_dates(library: SearchIndex) -> None:
    query = "标题：支部 作者:张晓梅 日期:2026-01-01..2026-06-30"
    node = And((Word("支部", "title"), Word("张晓梅", "author"), Dates("2026-01-01", "2026-06-30")))
    assert find(library, query) == expected(node) != set()
    assert find(library, "支部", first="2026-03-01", last="2026-03-31") == expected(
        And((Word("支部"), Dates("2026-03-01", "2026-03-31")))
    )
    assert find(library, "支部", kinds=frozenset({"report"}), agencies=frozenset({"agency-a"})) == {
        each.id
        for each in LIBRARY
        if holds(Word("支部"), each) and each.kind == "report" and each.agency_id == "agency-a"
    }


def test_proximity_counts_the_characters_between(index: SearchIndex) -> None:
    write(index, a_document("1", body="学习一二三四五落实"), a_document("2", body="落实一二三四五六学习"))
    assert find(index, '"学习 落实"~4') == set()
    assert find(index, '"学习 落实"~5') == {"1"}
    assert find(index, "“学习　落实”～6") == {"1", "2"}
    assert find(index, '标题:"学习 落实"~6') == set()


def test_latin_letters_find_titles_by_pinyin_and_initials_and_names(index: SearchIndex) -> None:
    write(index, a_document("1", title="党建工作要点", author="单继红"), a_document("2", title="会议纪要"))
    for letters in ("dangjian", "gongzuoyaodian", "djgz", "shanjihong", "sjh"):
        assert find(index, letters) == {"1"}
    assert find(index, '"dangjian"') == set()


def test_the_most_complicated_query_allowed_is_answered(library: SearchIndex) -> None:
    nested = "".join(f"甲{n} OR -(乙{n} (" for n in range(30))
    long = " ".join(f"word{n}" for n in range(300))
    for query in (nested, long, '"' + "党" * 1900 + '"', "-(" * 500, "标题:(" * 300):
        find(library, query)


# --- order, pages, facets


@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
@pytest.mark.parametrize("query", ["支部", ""])
def test_pages_hold_every_document_once_in_one_order(library: SearchIndex, sort: str, query: str) -> None:
    node = parse(query).root
    whole = [hit.id for hit in library.scan(SearchRequest(node, ALL, sort=sort))]  # type: ignore[arg-type]
    request = SearchRequest(node, ALL, size=7, sort=sort)  # type: ignore[arg-type]
    seen: list[str] = []
    cursor: str | None = None
    while not seen or cursor:
        answer = library.search(SearchRequest(node, ALL, size=7, sort=sort, cursor=cursor))  # type: ignore[arg-type]
        assert answer.total == len(whole)
        seen += [hit.id for hit in answer.hits]
        cursor = answer.cursor
    assert seen == whole
    assert len(set(seen)) == len(seen) == len(expected(node))
    assert [hit.id for hit in library.search(request).hits] == whole[:7]


def test_equal_documents_come_in_the_order_of_their_ids(index: SearchIndex) -> None:
    same = [a_document(f"{n:03d}", body="同一份通知") for n in range(60)]
    random.Random(1).shuffle(same)
    for each in same:
        index.write([each])
    index.refresh()
    found = [hit.id for hit in index.search(SearchRequest(Word("通知"), ALL, size=20)).hits]
    assert found == [f"{n:03d}" for n in range(20)]
    assert ids(index, EVERYTHING, sort="newest") == sorted(each.id for each in same)


def test_dates_order_before_ids(library: SearchIndex) -> None:
    dates = {each.id: each.date for each in LIBRARY}
    newest = ids(library, EVERYTHING, sort="newest")
    assert newest == sorted(sorted(dates), key=lambda each: dates[each], reverse=True)
    assert ids(library, EVERYTHING, sort="oldest") == sorted(dates, key=lambda each: (dates[each], each))


def test_a_cursor_that_was_changed_or_is_of_another_search_is_refused(library: SearchIndex) -> None:
    cursor = library.search(SearchRequest(Word("支部"), ALL, size=2)).cursor
    assert cursor
    changed = cursor[:-2] + ("AA" if cursor[-2:] != "AA" else "BB")
    with pytest.raises(SearchError):
        library.search(SearchRequest(Word("支部"), ALL, size=2, cursor=cursor, orgs=frozenset({ORGS[0]})))
    for query, bad in (("支部", changed), ("支部", "%"), ("支部", "中文"), ("支部", ""), ("党课", cursor)):
        with pytest.raises(SearchError) as refused:
            library.search(SearchRequest(Word(query), ALL, size=2, cursor=bad))
        assert refused.value.code == "bad-cursor"


def test_facets_count_what_was_found_within_the_scope(library: SearchIndex) -> None:
    scope = Scope(classes=frozenset({"public"}), agencies=frozenset({"agency-a", "agency-b"}))
    answer = library.search(SearchRequest(Word("支部"), scope, facets=FACETS, size=0))
    found = [each for each in LIBRARY if scope.permits(each) and holds(Word("支部"), each)]
    have = {
        "kind": Counter(each.kind for each in found),
        "agency": Counter(each.agency_id for each in found),
        "org": Counter(each.org_id for each in found if each.org_id),
        "doc_class": Counter(each.doc_class for each in found),
        "task": Counter(task for each in found for task in each.tasks),
        "topic": Counter(topic for each in found for topic in each.topics),
        "author": Counter(each.author for each in found if each.author),
        "year": Counter(each.date[:4] for each in found),
        "month": Counter(each.date[:7] for each in found),
    }
    assert found
    assert answer.total == len(found)
    assert answer.hits == ()
    assert answer.facets == {
        name: tuple(sorted(counted.items(), key=lambda value: (-value[1], value[0]))) for name, counted in have.items()
    }


def test_a_zero_is_explained_within_the_scope_only(library: SearchIndex) -> None:
    scope = Scope(classes=frozenset({"public"}), agencies=frozenset({"agency-a"}))
    request = SearchRequest(parse("支部 查无此词").root, scope, kinds=frozenset({"none"}), first="2026-03-01")
    explained = library.explain_zero(request)
    assert explained.leaves == (("含“支部”", len(expected(Word("支部"), scope))), ("含“查无此词”", 0))
    assert [label for label, _ in explained.filters] == ["类型", "日期"]
    only_org = library.explain_zero(SearchRequest(Word("支部"), scope, orgs=frozenset({"none"})))
    assert only_org.filters == (("党组织", len(expected(Word("支部"), scope))),)
    only_kind = library.explain_zero(SearchRequest(Word("支部"), scope, kinds=frozenset({"none"})))
    assert only_kind.filters == (("类型", len(expected(Word("支部"), scope))),)


# --- writing


def a_document(id_: str, counter: int = 1, **fields: object) -> IndexDocument:
    values: dict[str, object] = {"title": "", "body": "", "author": None, "deleted": False}
    return IndexDocument(
        id=id_,
        counter=counter,
        kind="report",
        agency_id="agency-a",
        org_id=None,
        doc_class="public",
        date="2026-05-01",
        **(values | fields),  # type: ignore[arg-type]
    )


def write(index: SearchIndex, *documents: IndexDocument) -> None:
    assert index.write(documents).stale == ()
    index.refresh()


def test_a_hit_shows_the_text_as_it_was_written(index: SearchIndex) -> None:
    original = a_document("1", title="兩個維護 \ud800", body="Ａ\u0000行\r\n　乙", author="張三")
    write(index, original)
    (hit,) = index.search(SearchRequest(EVERYTHING, ALL)).hits
    assert (hit.title, hit.body, hit.author) == ("兩個維護 \ufffd", original.body, "張三")
    assert (hit.kind, hit.agency_id, hit.org_id, hit.date) == ("report", "agency-a", None, "2026-05-01")


def test_a_deleted_document_is_gone_from_every_answer(index: SearchIndex) -> None:
    write(index, a_document("1", body="甲支部"), a_document("2", body="乙支部"))
    write(index, a_document("1", 2, body="甲支部", deleted=True))
    assert find(index, "支部") == find(index, "") == {"2"}
    assert find(index, "-乙支部") == set()
    assert index.count() == 1
    assert index.search(SearchRequest(EVERYTHING, ALL, facets=("kind",))).facets == {"kind": (("report", 1),)}
    assert index.explain_zero(SearchRequest(Word("甲支部"), ALL)).leaves == (("含“甲支部”", 0),)


def test_a_late_write_is_refused_also_after_a_deletion(index: SearchIndex) -> None:
    write(index, a_document("1", 5, body="新稿"))
    assert index.write([a_document("1", 4, body="旧稿")]).stale == ("1",)
    assert index.write([a_document("1", 5, body="同号")]).stale == ("1",)
    index.refresh()
    assert (find(index, "新稿"), find(index, "旧稿"), find(index, "同号")) == ({"1"}, set(), set())
    write(index, a_document("1", 6, deleted=True))
    assert index.write([a_document("1", 5, body="又来")]).stale == ("1",)
    index.refresh()
    assert find(index, "") == set()


def test_the_last_of_one_batch_wins_and_a_batch_may_be_repeated(index: SearchIndex) -> None:
    batch = [a_document("1", 1, body="一稿"), a_document("1", 3, body="三稿"), a_document("1", 2, body="二稿")]
    report = index.write(batch)
    assert (report.written, report.stale) == (2, ("1",))
    assert index.write(batch).stale == ("1", "1", "1")
    index.refresh()
    assert (find(index, "三稿"), find(index, "一稿"), index.count()) == ({"1"}, set(), 1)


def test_a_permission_rewrite_takes_effect_at_the_next_counter(index: SearchIndex) -> None:
    document = a_document("1", body="通报")
    write(index, document)
    write(index, prose.later(document, agency_id="agency-b", doc_class="internal"))
    mine = Scope(classes=frozenset({"public", "internal"}), agencies=frozenset({"agency-a"}))
    theirs = Scope(classes=frozenset({"internal"}), agencies=frozenset({"agency-b"}))
    assert (ids(index, Word("通报"), mine), ids(index, Word("通报"), theirs)) == ([], ["1"])


def test_what_was_refreshed_is_there_after_reopening(connect: Opened) -> None:
    first = connect()
    write(first.serving(), a_document("1", body="存档"))
    first.close()
    again = connect().serving()
    assert find(again, "存档") == {"1"}
    assert again.write([a_document("1", body="旧")]).stale == ("1",)


# --- families


def test_a_sibling_is_filled_beside_the_serving_index_and_switched_in_one_step(connect: Opened) -> None:
    family = connect()
    blue = family.serving()
    write(blue, a_document("1", body="旧分析"))
    green = family.create()
    write(green, a_document("1", body="新分析"))
    assert family.serving().name == blue.name != green.name
    assert find(family.serving(), "新分析") == set()
    family.switch(green.name)
    assert family.serving().name == green.name
    assert family.serving().analyzer_version == green.analyzer_version
    assert find(family.serving(), "新分析") == {"1"}
    write(family.serving(), a_document("2", body="切换以后"))
    assert find(family.open(green.name), "切换以后") == {"2"}
    family.switch(blue.name)
    assert find(family.serving(), "旧分析") == {"1"}
    family.drop(green.name)
    assert family.names() == [blue.name]


def test_the_serving_index_is_never_dropped_nor_an_unknown_one_opened(connect: Opened) -> None:
    family = connect()
    serving = family.serving()
    for refused in (
        lambda: family.drop(serving.name),
        lambda: family.drop("no-such"),
        lambda: family.switch("../elsewhere"),
        lambda: family.open("no-such"),
    ):
        with pytest.raises(SearchError) as error:
            refused()
        assert error.value.code == "bad-index-name"
    assert family.serving().count() == 0


def test_the_serving_index_outlives_the_process(connect: Opened) -> None:
    first = connect()
    name = first.create().name
    first.switch(name)
    first.close()
    assert connect().serving().name == name


def test_tantivy_takes_one_writer_at_a_time(tmp_path: Path) -> None:
    one, other = TantivyFamily(tmp_path, KEY), TantivyFamily(tmp_path, KEY)
    one.serving().write([a_document("1")])
    with pytest.raises(SearchError) as refused:
        other.serving().write([a_document("2")])
    assert refused.value.code == "index-locked"
    one.close()
    other.close()


@pytest.mark.elasticsearch
def test_an_item_elasticsearch_refuses_is_reported_without_its_words_and_the_others_are_written(
    elasticsearch_url: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with opened("elasticsearch", request, tmp_path) as connect:
        index = connect().serving()
        report = index.write([a_document("1"), a_document("2", author="长" * 20000), a_document("3")])
        assert (report.written, report.stale) == (2, ())
        assert report.refused == (("2", "400 document_parsing_exception"),)
        index.refresh()
        assert index.count() == 2


@pytest.mark.elasticsearch
def test_an_index_that_is_gone_refuses_no_document_but_is_away(
    elasticsearch_url: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with opened("elasticsearch", request, tmp_path) as connect:
        index = connect().serving()
        with Elasticsearch(elasticsearch_url) as client:
            client.indices.delete(index=index.name)
        with pytest.raises(IndexUnavailable):
            index.write([a_document("1")])


def test_an_engine_that_is_away_is_said_to_be_away() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        family = ElasticsearchFamily(f"http://127.0.0.1:{closed.getsockname()[1]}", "away", KEY)
        with pytest.raises(IndexUnavailable):
            family.serving()
        family.close()
