"""From the words of the minutes to the fields of the form: nothing that the text does not say."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from services.console.minutes_guess import KIND_WORDS, propose
from tests.support.hostile import out_of_proportion

TODAY = date(2026, 11, 23)
NAMES = {"z": "周宁", "l": "林舒", "g": "顾明远", "x": None}
MEMBERS = [{"id": id_, "name": name} for id_, name in NAMES.items()]
TEXT = """综合文稿支部 11 月支委会记录
时间：2026年11月20日 下午
地点：支部活动室
主持人：顾明远    记录人另记
记录人：周宁
缺席：林舒（出差）
第一议题：学习中央全会精神
会议议定以下事项：
一、文稿互校的数据底稿。起草人交稿时附上。
二、年底述职准备
"""


def test_the_minutes_fill_the_form() -> None:
    found = propose(TEXT, MEMBERS, TODAY)
    values = found.values
    assert (values["held_on"], values["kind"], values["place"]) == ("2026-11-20", "committee-meeting", "支部活动室")
    assert (values["chair"], values["recorder"], values["absentees"]) == ("g", "z", ["l"])
    assert values["first_agenda"] == "学习中央全会精神"
    assert values["topics"] == "文稿互校的数据底稿\n年底述职准备"
    assert values["title"] == "综合文稿支部 11 月支委会记录"
    assert (values["minutes"], found.doubts) == (TEXT, [])


SEVERAL_ON_A_LINE = """11 月主题党日记录
主持人：顾明远  记录：周宁
应到3人，实到2人，请假：林舒、老温
议题：1.到企业走访；2.议定清单
"""


def test_labels_are_found_wherever_they_stand_in_a_line() -> None:
    found = propose(SEVERAL_ON_A_LINE, MEMBERS, TODAY)
    assert (found.values["chair"], found.values["recorder"], found.values["absentees"]) == ("g", "z", ["l"])
    assert found.values["topics"] == "到企业走访\n议定清单"
    assert "没有认出缺席的老温，请在名单里勾选。" in found.doubts
    assert not any("实到" in doubt for doubt in found.doubts)


def test_a_number_of_people_that_is_not_the_number_ticked_is_asked_about() -> None:
    found = propose(SEVERAL_ON_A_LINE.replace("请假：林舒、老温", "余请假"), MEMBERS, TODAY)
    assert "纪要写实到 2 人，现按 3 人到会，请核对谁没有到。" in found.doubts


def test_what_is_not_said_is_asked_not_invented() -> None:
    found = propose("今天大家一起讨论了很多事情，没有写标题。", MEMBERS, TODAY)
    assert found.values == {"minutes": "今天大家一起讨论了很多事情，没有写标题。", "absentees": []}
    assert len(found.doubts) == 3


def test_a_day_without_a_year_is_the_last_one_that_has_come() -> None:
    assert propose("时间：12月3日", MEMBERS, TODAY).values["held_on"] == "2025-12-03"
    assert propose("时间：11.20", MEMBERS, TODAY).values["held_on"] == "2026-11-20"
    assert "held_on" not in propose("时间：13月40日", MEMBERS, TODAY).values


def test_who_is_missing_from_the_list_of_those_who_came_is_ticked_and_asked_about() -> None:
    found = propose("参加人员：周宁、顾明远", MEMBERS, TODAY)
    assert found.values["absentees"] == ["l"]
    assert "林舒" in found.doubts[-1]


def test_every_kind_is_recognised_by_its_names() -> None:
    for kind, names in KIND_WORDS:
        assert propose(names[0], MEMBERS, TODAY).values["kind"] == kind


@given(st.text(max_size=400))
def test_any_text_is_kept_as_it_is_and_proposes_only_its_own_words(text: str) -> None:
    values = propose(text, MEMBERS, TODAY).values
    assert values["minutes"] == text
    said = [v for k, v in values.items() if k in {"title", "place", "first_agenda"}]
    assert all(word in text for word in said)


def test_no_text_holds_up_the_reading_of_minutes() -> None:
    assert out_of_proportion(lambda text: propose(text, MEMBERS, TODAY)) is None
