"""What a clause's words say of how often: its rhythm and its count, and which words say so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.console.rhythm_guess import number, rhythm
from shared.contracts.organization import CADENCE_NAMES
from tests.support.plans import generated_plans


@pytest.mark.parametrize(
    ("text", "cadence", "count"),
    [
        ("全年举办讲坛六期，每期预留二十分钟提问", "once", 6),
        ("中心组全年集中研讨不少于四次，每次围绕一个专题", "once", 4),
        ("中心组每年至少组织3次以上专题研讨", "yearly", 3),
        ("青年小组每两个月举办一次读书会", "bimonthly", 1),
        ("隔月组织一次座谈", "bimonthly", 1),
        ("机关党总支每半年随机抽取记录检查", "half-yearly", 1),
        ("支部书记每半年与每名党员谈心一次", "half-yearly", 1),
        ("上半年和下半年各开展一次调研", "half-yearly", 1),
        ("每季度末举办交流会，推荐三篇以上心得", "quarterly", 1),
        ("每季度召开碰头会，全年不少于四次", "quarterly", 1),
        ("每月报送信息不少于两篇", "monthly", 2),
        ("每年开展专题培训，不少于12次", "yearly", 12),
        ("每周集中学习一次", "monthly", 4),
        ("每半月学习一次", "monthly", 2),
        ("月初提醒，每季度抽查，年底述职", "monthly", 1),
        ("全年走访1-2次", "once", 1),
        ("全年走访两至三次", "once", 2),
        ("全年走访两三次", "once", 2),
        ("组织二十四场宣讲", "once", 24),
        ("全年提交调研报告不少于两篇", "once", 2),
        ("全年至少到联系点开展２次主题党日", "once", 2),
    ],
)
def test_a_rhythm_and_a_count_are_read_from_the_words(text: str, cadence: str, count: int) -> None:
    found = rhythm(text)
    assert (found.cadence, found.count) == (cadence, count)


@pytest.mark.parametrize(
    "text",
    [
        "贯彻中央纪委五次全会精神",
        "在“十五五”期间抓出成效",
        "第三次专题研讨由支部承办",
        "推进会议不超过三次",
        "一次性办结",
        "三月初提出安排",
        "一季度末完成自评",
        "每名党员参加两次志愿服务",
        "邀请两名以上老同志座谈",
        "订阅《半月谈》",
        "坚持严管与厚爱结合",
    ],
)
def test_what_counts_no_occasions_of_the_organisation_asks_for_one(text: str) -> None:
    assert rhythm(text) == rhythm("")


def test_the_words_that_ask_are_marked() -> None:
    text = "青年小组每两个月举办两次读书会，书目由组员推选"
    assert [text[start:end] for start, end in rhythm(text).marks] == ["每两个月", "两次"]


_CHINESE = "零一二三四五六七八九"


def _in_chinese(value: int) -> str:
    tens, units = divmod(value, 10)
    if not tens:
        return _CHINESE[units]
    return ("" if tens == 1 else _CHINESE[tens]) + "十" + (_CHINESE[units] if units else "")


@given(st.integers(1, 99))
def test_a_number_is_the_same_in_either_numerals(value: int) -> None:
    assert number(_in_chinese(value)) == number(str(value)) == value


@given(
    st.integers(1, 99),
    st.booleans(),
    st.sampled_from(["", "不少于", "至少", "共"]),
    st.sampled_from("次期场"),
    st.sampled_from([("全年", "once"), ("每月", "monthly"), ("每两个月", "bimonthly"), ("每季度", "quarterly")]),
    st.sampled_from(["", "以上", "，由办公室牵头"]),
)
def test_a_count_is_found_whatever_stands_around_it(value, chinese, before, unit, rhythm_said, behind) -> None:
    written = _in_chinese(value) if chinese else str(value)
    found = rhythm(f"各支部{rhythm_said[0]}组织讲座{before}{written}{unit}{behind}")
    assert (found.cadence, found.count) == (rhythm_said[1], value)


@given(st.text() | generated_plans())
def test_whatever_the_text_a_rhythm_is_proposed_from_words_that_are_there(text: str) -> None:
    found = rhythm(text)
    assert found.cadence in CADENCE_NAMES
    assert 1 <= found.count <= 999 * 4
    assert all(0 <= start < end <= len(text) for start, end in found.marks)
    assert list(found.marks) == sorted(found.marks)
