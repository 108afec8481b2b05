from shared.documents.page_edges import without_edges


def test_a_page_number_does_not_stand_inside_a_sentence() -> None:
    pages, _ = without_edges(["每月学习\n— 1 —", "一次，\n第 2 页 共 2 页", "记录。\n3"])
    assert pages == ["每月学习", "一次，", "记录。"]


def test_a_number_far_from_the_page_count_is_text() -> None:
    pages, _ = without_edges(["参加人数\n42"])
    assert pages == ["参加人数\n42"]


def test_a_running_head_is_taken_off_and_named() -> None:
    pages, notes = without_edges([f"清河党建 {n}\n正文{word}" for n, word in enumerate("甲乙丙", start=1)])
    assert pages == ["正文甲", "正文乙", "正文丙"]
    assert notes == ("页眉页脚未录入正文：“清河党建 #”。",)


def test_a_line_on_fewer_than_three_pages_is_text() -> None:
    pages, notes = without_edges(["同一句\n甲", "同一句\n乙"])
    assert pages == ["同一句\n甲", "同一句\n乙"]
    assert notes == ()
