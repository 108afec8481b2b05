import pytest

from shared.documents import secrecy_marks


@pytest.mark.parametrize(
    ("name", "front", "marks"),
    [
        ("a.txt", "机密★5年\n关于", ["机密★"]),
        ("a.txt", "秘 密 ★\n", ["秘密★"]),
        ("a.txt", "绝密☆", ["绝密☆"]),
        ("a.txt", "清河市文件\n  机　密  \n", ["机密"]),
        ("a.txt", "密级：秘密", ["密级：秘密"]),
        ("a.txt", "工作秘密★3年", ["工作秘密★"]),
        ("【机密】会议纪要.docx", "", ["机密"]),
        ("要点_秘密.docx", "", ["秘密"]),
        ("纪要（绝密★）.docx", "", ["绝密", "绝密★"]),
    ],
)
def test_a_marking_is_found_in_the_name_and_on_the_first_pages(name: str, front: str, marks: list[str]) -> None:
    assert secrecy_marks(name, front) == marks


@pytest.mark.parametrize(
    "words",
    [
        "加强保密教育，严守国家秘密和工作秘密。",
        "定密时写明密级（绝密、机密、秘密）和保密期限。",
        "机密文件一律不得带出。",
        "保守党的秘密",
    ],
)
def test_the_words_in_a_sentence_are_no_marking(words: str) -> None:
    assert secrecy_marks("保守国家秘密宣传.docx", words) == []
