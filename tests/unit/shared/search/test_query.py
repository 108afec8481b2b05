"""The query language: every query has one reading, whatever is typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.search.ast import (
    EVERYTHING,
    NOTHING,
    And,
    Dates,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Value,
    Word,
    leaves,
    needles,
    resolved,
)
from shared.search.plan import clause_of
from shared.search.query import LONGEST, MOST, parse
from shared.search.understood import Chip, understood

A, B, C = Word("甲"), Word("乙"), Word("丙")
PARTS = [
    "甲",
    "乙 ",
    "OR ",
    "|",
    "-",
    "(",
    "）",
    '"',
    "“",
    "”",
    "~3",
    "～",
    "标题：",
    "日期:",
    "日期>=",
    "2026-02-30",
    "机关:",
    "，",
    "\u3000",
    "NOT ",
]


def value(field: str, label: str) -> Value:
    return Value(field, label, frozenset({label}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("query", "meaning"),
    [
        ("", EVERYTHING),
        ("甲", A),
        ("甲 乙", And((A, B))),
        ("甲　乙 甲", And((A, B))),
        ("甲 AND 乙", And((A, B))),
        ("甲、乙。丙", And((A, B, C))),
        ("甲 -乙", And((A, Not(B)))),
        ("甲 －乙", And((A, Not(B)))),
        ("NOT 甲", Not(A)),
        ("--甲", Not(A)),
        ("党-群", Word("党-群")),
        ("甲 OR 乙", Or((A, B))),
        ("甲|乙", Or((A, B))),
        ("甲 乙 OR 丙", Or((And((A, B)), C))),
        ("甲 (乙 OR 丙)", And((A, Or((B, C))))),
        ("甲（乙 ＯＲ 丙）", And((A, Or((B, C))))),
        ("-(甲 乙)", Not(And((A, B)))),
        ('"甲、乙"', Phrase("甲、乙")),
        ("“甲”", Phrase("甲")),
        ("＂甲＂", Phrase("甲")),
        ("”甲”", Phrase("甲")),
        ("““两个确立”的意义”", Phrase("“两个确立”的意义")),
        ('"领悟“两个确立”"', Phrase("领悟“两个确立”")),
        ("甲“乙”", And((A, Phrase("乙")))),
        ("标题:甲", Word("甲", "title")),
        ("标题： “甲”", Phrase("甲", "title")),
        ("标题:(甲 OR -乙)", Or((Word("甲", "title"), Not(Word("乙", "title"))))),
        ("作者：张三", Word("张三", "author")),
        ("机关:市委办 类型：报告", And((value("agency", "市委办"), value("kind", "报告")))),
        ("-类型:报告", Not(value("kind", "报告"))),
        ("任务:t1 主题:廉政", And((value("task", "t1"), value("topic", "廉政")))),
        ("注意：事项", And((Word("注意"), Word("事项")))),
        ("10:30 1,000", And((Word("10:30"), Word("1,000")))),
        ('"甲 乙"~10', Near(("甲", "乙"), 10)),
        ("“甲　乙” ～ 5", Near(("甲", "乙"), 5)),
        ('标题:"甲 乙"~3', Near(("甲", "乙"), 3, "title")),
    ],
)
def test_a_query_means(query: str, meaning: Node) -> None:
    assert parse(query).root == meaning


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ("日期:2026", "2026-01-01", "2026-12-31"),
        ("日期：2026-02", "2026-02-01", "2026-02-28"),
        ("日期:2028年2月", "2028-02-01", "2028-02-29"),
        ("日期:2026年3月5日", "2026-03-05", "2026-03-05"),
        ("日期:20260305", "2026-03-05", "2026-03-05"),
        ("日期:2026-01-01..2026-06-30", "2026-01-01", "2026-06-30"),
        ("日期:2026-01..2026-06", "2026-01-01", "2026-06-30"),
        ("日期:２０２６年１月至３月", None, None),
        ("日期:2026.1.5～2026.2", "2026-01-05", "2026-02-28"),
        ("日期:2026-06-30..2026-01-01", "2026-01-01", "2026-06-30"),
        ("日期:2026-03..", "2026-03-01", None),
        ("日期:..2026-03", None, "2026-03-31"),
        ("日期>=2026-03", "2026-03-01", None),
        ("日期≥2026-03", "2026-03-01", None),
        ("日期>2026-03", "2026-04-01", None),
        ("日期<=2026-03", None, "2026-03-31"),
        ("日期＜2026-03", None, "2026-02-28"),
    ],
)
def test_dates_are_read_as_people_write_them(query: str, first: str | None, last: str | None) -> None:
    assert parse(query).root == (Dates(first, last) if first or last else NOTHING)


@pytest.mark.parametrize(
    ("query", "meaning", "note"),
    [
        ('"甲 乙', Phrase("甲 乙"), "引号没有收尾"),
        ("“甲“", Phrase("甲"), ""),
        ("甲”", A, ""),
        ("(甲 乙", And((A, B)), "括号没有收尾"),
        ("甲) 乙", And((A, B)), "右括号"),
        ("甲 OR", A, "OR 的一侧"),
        ("OR 甲", A, "OR 的一侧"),
        ("甲 -", A, ""),
        ("甲 NOT", A, ""),
        ("甲 标题:", A, "字段后面没有内容"),
        ("甲 日期:昨天", A, "看不懂日期"),
        ("甲 日期:2026-02-30", A, "看不懂日期"),
        ("甲 日期:", A, "日期后面没有内容"),
        ('甲 ""', A, "空的引号"),
        ('"甲"~5', Phrase("甲"), "两个以上的词"),
        ("，。", NOTHING, "没有可以检索的字词"),
        ("-", NOTHING, "没有可以检索的字词"),
        ("日期:昨天", NOTHING, "没有可以检索的字词"),
        ("甲 乙 OR 丙", Or((And((A, B)), C)), "请加括号"),
    ],
)
def test_a_query_gone_wrong_gets_its_most_sensible_reading_and_a_note(query: str, meaning: Node, note: str) -> None:
    result = parse(query)
    assert result.root == meaning
    assert any(note in each for each in result.notes) if note else result.notes == ()


@given(st.text() | st.lists(st.sampled_from(PARTS), max_size=40).map("".join))
def test_nothing_that_is_typed_raises(query: str) -> None:
    result = parse(query)
    clause_of(result.root)
    understood(result.root)
    if result.root == EVERYTHING:
        assert not query.strip()


def test_length_depth_and_number_are_bounded_and_said() -> None:
    assert "过长" in parse("甲" * (LONGEST + 1)).notes[0]
    many = parse(" ".join(f"词{n}" for n in range(200)))
    assert len(leaves(many.root)) == MOST
    assert any("过多" in note for note in many.notes)
    deep = parse("".join(f"甲{n} OR -(" for n in range(100)))
    assert any("层次过多" in note for note in deep.notes)


def test_the_page_says_how_a_query_was_understood() -> None:
    query = '党建 “模范机关” -会议 标题:要点 日期:2026-01-01..2026-06-30 "学习 落实"~10 （甲 OR 乙） 类型:报告'
    assert understood(parse(query).root) == [
        Chip("word", "含“党建”"),
        Chip("phrase", "一字不差含“模范机关”"),
        Chip("not", "不含“会议”"),
        Chip("field", "标题含“要点”"),
        Chip("date", "日期在 2026-01-01 至 2026-06-30"),
        Chip("near", "“学习”“落实”相距不超过 10 字"),
        Chip("or", "含“甲” 或 含“乙”"),
        Chip("field", "类型为“报告”"),
    ]


def test_what_is_excluded_is_not_highlighted() -> None:
    root = parse('甲 -乙 标题:丙 "丁 戊"~3').root
    assert needles(root) == ("甲", "丁", "戊")
    assert needles(root, "title") == ("甲", "丙", "丁", "戊")


def test_names_in_a_query_stand_for_ids() -> None:
    known = {("agency", "市委办"): frozenset({"a1", "a2"})}
    node = resolved(parse("机关:市委办 -类型:报告").root, lambda field, label: known.get((field, label), frozenset()))
    assert node == And((Value("agency", "市委办", frozenset({"a1", "a2"})), Not(value("kind", "报告"))))
