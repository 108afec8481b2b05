import docx
import pytest

from shared.documents import DEFAULT_LIMITS, DocumentRefused, secrecy_marks
from shared.documents.kind import Kind
from shared.documents.worker import read
from tests.support.hostile import LENGTH, out_of_proportion
from tests.support.sample_documents import pdf_of_pages, saved


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
        ("a.txt", "密级（机 密）", ["密级（机密"]),
        ("a.txt", "請示\u2028機密\u2028", ["机密"]),
        ("a.txt", "絕密★十年", ["绝密★"]),
        ("密級：祕密.docx", "密級: 祕密", ["密级：秘密", "秘密"]),
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


@pytest.mark.parametrize("title", ["国家秘密的密级分为绝密、机密、秘密三级", "“秘密”一词的由来"])
def test_a_title_may_speak_of_the_grades(title: str) -> None:
    assert secrecy_marks(title, title) == []


@pytest.mark.parametrize(
    "unseen",
    ["\u200b", "\u2060", "\u00ad", "\ufe0f", "\U000e0100", "\U000e0041", "\u034f", "\u0336", "\u3164", "\x01"],
)
@pytest.mark.parametrize("mark", ["机{}密★10年", "机密{}★10年", "工作秘{}密★", "{}绝密{}\n", "密{}级：{}秘密"])
def test_what_nobody_sees_inside_a_marking_does_not_hide_it(mark: str, unseen: str) -> None:
    assert secrecy_marks("a.txt", mark.format(unseen, unseen))
    assert secrecy_marks(mark.format(unseen, unseen).strip(), "")


def test_however_much_blank_there_is_a_front_is_read_in_proportion_to_its_length() -> None:
    fronts = ["\n" * LENGTH, ("机" + " " * 100) * 400]
    fronts += [mark + blank * LENGTH + "甲" for mark in ("密级", "工", "机密", "密级：") for blank in (" ", "\n")]
    assert out_of_proportion(lambda front: secrecy_marks(front[:200], front), among=fronts) is None


def headed(header: str) -> bytes:
    document = docx.Document()
    document.add_paragraph("机密★10年")
    document.sections[0].header.paragraphs[0].text = "甲"
    run = document.sections[0].header.paragraphs[0].runs[0]
    run._r.t_lst[0].text = header  # the setter of text would make breaks of them
    return saved(document)


def test_a_header_without_end_neither_holds_up_the_reading_nor_hides_the_first_page() -> None:
    def refused(header: str) -> None:
        with pytest.raises(DocumentRefused, match="机密★"):
            read(Kind.DOCX, headed(header), DEFAULT_LIMITS)

    assert out_of_proportion(refused, among=["\n" * LENGTH]) is None


def test_a_long_first_page_of_a_pdf_does_not_hide_the_second() -> None:
    pages = [["甲" * 40] * 100, ["机密★10年"]]
    with pytest.raises(DocumentRefused, match="机密★"):
        read(Kind.PDF, pdf_of_pages(pages), DEFAULT_LIMITS)
