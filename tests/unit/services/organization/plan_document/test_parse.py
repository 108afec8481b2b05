from services.organization.plan_document import parse
from tests.support.hostile import out_of_proportion

PLAN = """清河市二〇二六年党建工作要点（试行）
全年工作安排如下。
一、加强学习
1.抓好集中学习。支部每月学习一次；每季度交流一次，形成体会。
2、办好讲坛。全年举办六期。
二、建强支部
3．规范组织生活。会议记录当月完成。
清河市机关党委
2026年1月12日"""


def test_a_plan_has_a_title_a_year_a_preamble_parts_measures_and_clauses() -> None:
    plan = parse(PLAN)
    assert (plan.title, plan.year, plan.preamble) == (
        "清河市二〇二六年党建工作要点（试行）",
        2026,
        "全年工作安排如下。",
    )
    assert [(part.number, part.marker, part.title) for part in plan.parts] == [
        (1, "一、", "加强学习"),
        (2, "二、", "建强支部"),
    ]
    assert [(m.number, m.marker, m.heading) for m in plan.measures()] == [
        (1, "1.", "抓好集中学习"),
        (2, "2、", "办好讲坛"),
        (3, "3．", "规范组织生活"),
    ]
    assert [(clause.number, clause.text) for clause in plan.clauses()] == [
        ("1-1", "支部每月学习一次；"),
        ("1-2", "每季度交流一次，形成体会。"),
        ("2-1", "全年举办六期。"),
        ("3-1", "会议记录当月完成。"),
    ]


def test_the_signature_and_date_close_a_plan_and_do_not_make_it_incomplete() -> None:
    plan = parse(PLAN)
    assert plan.closing == "清河市机关党委\n2026年1月12日"
    assert (plan.incomplete, plan.notes) == (False, ())


def test_a_text_that_stops_inside_a_sentence_is_incomplete_and_says_where() -> None:
    plan = parse("要点\n1.抓学习。每月一次。每季度交流一次、")
    assert plan.incomplete
    assert plan.notes == ("来源不全：文件在第1项第2句“…每季度交流一次、”处中断，未见句末标点，收到余下部分后请补充。",)


def test_a_closing_quotation_mark_after_the_full_stop_completes_a_sentence() -> None:
    assert not parse("要点\n1.抓学习。他说：“要学好。”").incomplete


def test_bracketed_han_numbers_below_the_parts_are_the_measures() -> None:
    plan = parse("要点\n一、学习\n（一）读书\n每月一次。\n1.先读原文。\n2.再作交流。\n二、支部\n（一）自评\n每年一次。")
    assert [(m.number, m.marker, m.title) for m in plan.measures()] == [(1, "（一）", "读书"), (2, "（一）", "自评")]
    assert [c.number + c.text for c in plan.clauses()] == [
        "1-1每月一次。",
        "1-21.先读原文。",
        "1-32.再作交流。",
        "2-1每年一次。",
    ]
    assert "平台按先后顺序连续编号" in plan.notes[0]


def test_a_numbered_line_below_a_measure_is_a_clause_even_without_a_full_stop() -> None:
    plan = parse("要点\n一、学习\n（一）读书\n每月一次，按下列顺序进行。\n1.先读原文\n2.再作交流\n3.年底总结。")
    assert [clause.text for clause in plan.clauses()][1:] == ["1.先读原文", "2.再作交流", "3.年底总结。"]


def test_a_plan_with_one_level_of_numbers_has_measures_and_no_parts() -> None:
    plan = parse("要点\n一、学习。每月一次。\n二、支部。每年自评。")
    assert [(part.number, part.title) for part in plan.parts] == [(0, "")]
    assert [measure.title for measure in plan.measures()] == ["学习。", "支部。"]


def test_the_sentences_of_a_part_without_items_become_clauses() -> None:
    plan = parse("要点\n一、学习\n1.读书。每月一次。\n二、保障\n每季度检查一次。年底考核。")
    assert [c.number + c.text for c in plan.clauses()] == ["1-1每月一次。", "2-1每季度检查一次。", "2-2年底考核。"]


def test_an_item_of_one_sentence_is_a_clause_and_has_no_title() -> None:
    [measure] = parse("要点\n1.支部每月学习一次。").measures()
    assert (measure.title, [clause.text for clause in measure.clauses]) == ("", ["支部每月学习一次。"])


def test_what_precedes_the_items_of_a_part_is_kept() -> None:
    [part] = parse("要点\n一、学习\n总的要求如下。\n1.读书。每月一次。").parts
    assert part.preamble == "总的要求如下。"


def test_numbers_in_the_prose_are_no_headings() -> None:
    plan = parse(
        "工作要点\n1.确定方向。各支部每年确定\n1-2个方向，参加人数达到\n3.5万，第\n一、二季度各交流一次。\n2.总结。年底一次。"
    )
    assert [measure.title for measure in plan.measures()] == ["确定方向。", "总结。"]


def test_an_enumeration_inside_a_sentence_is_no_heading() -> None:
    plan = parse("工作要点\n1.学习。今年着重抓好以下三件事情：\n2.是读书，3.是交流，以上各项都要落实。")
    assert [measure.number for measure in plan.measures()] == [1]


def test_a_number_out_of_sequence_is_text() -> None:
    plan = parse("工作要点\n1.学习。每月一次。\n15.三会一课照常。\n2.总结。年底一次。")
    assert [measure.number for measure in plan.measures()] == [1, 2]


def test_a_decimal_at_the_start_of_a_paragraph_is_text() -> None:
    plan = parse("工作要点\n1.学习。每月一次。\n2.5万元经费专款专用。")
    assert [measure.number for measure in plan.measures()] == [1]


def test_a_missing_full_stop_before_a_heading_does_not_swallow_it() -> None:
    plan = parse("工作要点\n1.读书。每月集中读书一次\n2.总结。年底前由支部书记向全体党员报告全年读书情况。")
    assert [measure.number for measure in plan.measures()] == [1, 2]


def test_a_text_without_numbers_is_all_preamble_and_says_so() -> None:
    plan = parse("支部每月学习一次。")
    assert (plan.preamble, plan.parts) == ("支部每月学习一次。", ())
    assert "没有识别出条目编号" in plan.notes[0]


def test_an_empty_text_says_so() -> None:
    assert parse(" \n ").notes == ("文件中没有可读的文字。",)


def test_no_text_holds_up_the_reading_of_a_plan() -> None:
    assert out_of_proportion(parse) is None
