"""A document in the browser: pasted once, signed by the secretary, finalised, found; what was refused stays typed."""

import io

import pytest
from docx import Document
from playwright.sync_api import expect

from tests.support.browser import (
    MEMBER,
    NARROW,
    ORGANISER,
    OTHER_AGENCY,
    SECRECY_OFFICER,
    SECRETARY,
    SUPERVISOR,
    axe_findings,
)

pytestmark = pytest.mark.browser
WORDS = "渡口的路灯亮到末班船靠岸"


def word_file(text: str) -> bytes:
    document, saved = Document(), io.BytesIO()
    document.add_paragraph(text)
    document.save(saved)
    return saved.getvalue()


def written(someone, title: str, text: str) -> None:
    """Two steps: open the form, send it."""
    someone.open("/documents")
    someone.page.get_by_role("link", name="登记文稿").click()
    someone.page.get_by_label("标题").fill(title)
    someone.page.get_by_label("正文").fill(text)
    someone.page.get_by_role("button", name="登记", exact=True).click()
    expect(someone.page.get_by_role("status")).to_contain_text("已登记")


def test_a_document_goes_from_paste_to_print_and_everybody_sees_what_is_theirs(person):
    member, secretary, other = person(MEMBER), person(SECRETARY, NARROW), person(OTHER_AGENCY)
    written(member, "渡口夜间照明调研", WORDS)
    assert axe_findings(member.page) == []
    there = member.page.url.removeprefix(member.url).split("?")[0]
    expect(member.page.locator("main")).to_contain_text("由支部书记或机关党总支对标对表后签署")
    assert other.open(there) == 404

    secretary.open(there)
    secretary.page.get_by_role("button", name="定稿", exact=True).click()
    expect(secretary.page.locator("#wrong-unreviewed_reason")).to_contain_text("还没有政治把关")
    secretary.page.get_by_label("意见 可不写").fill("数据已核")
    secretary.page.get_by_role("button", name="签署").click()
    expect(secretary.page.get_by_role("status")).to_contain_text("已签署")
    secretary.page.get_by_role("button", name="定稿", exact=True).click()
    expect(secretary.page.get_by_role("status")).to_contain_text("已定稿")
    secretary.page.get_by_text("登记报送").first.click()
    secretary.page.get_by_label("报送给").fill("市委办公室")
    secretary.page.get_by_role("button", name="登记报送").click()
    expect(secretary.page.locator("main")).to_contain_text("市委办公室")
    assert axe_findings(secretary.page) == []

    member.open(f"/search?q=“{WORDS}”")
    member.page.get_by_role("link", name="渡口夜间照明调研").click()
    expect(member.page.locator("#preview")).to_contain_text(WORDS)
    member.page.locator("#preview").get_by_role("link", name="文稿").click()
    member.page.get_by_role("link", name="提交新一稿").click()
    member.page.get_by_label("这一稿改了什么").fill("补上时间")
    member.page.get_by_label("正文").fill(WORDS + "，夜里十一点。")
    member.page.get_by_role("button", name="提交").click()
    expect(member.page.get_by_role("status")).to_contain_text("新一稿")
    member.page.get_by_role("link", name="与第 1 稿对照").click()
    expect(member.page.locator(".doc ins")).to_contain_text("夜里十一点")
    assert axe_findings(member.page) == []

    secretary.open(there)
    secretary.page.get_by_role("link", name="历史", exact=True).click()
    expect(secretary.page.locator("main")).to_contain_text("政治把关")


def test_a_report_supports_the_task_that_asks_for_one_once_it_is_final(person):
    """Linked in its own form, nowhere else."""
    organiser, secretary = person(ORGANISER), person(SECRETARY)
    organiser.open("/plans")
    organiser.page.locator(".plans a.big").last.click()
    task = f"{organiser.page.url}/tasks/10-3".removeprefix(organiser.url)
    organiser.open("/documents/new")
    organiser.page.get_by_label("10-3").check()
    expect(organiser.page.locator("label.task", has_text="10-3")).to_contain_text(
        "调研报告、社情民意专报、党建实践体会定稿后作为佐证"
    )
    organiser.page.get_by_label("标题").fill("报表减负回访")
    organiser.page.get_by_label("正文").fill("回访十二个村，三张报表确已停报。")
    assert axe_findings(organiser.page) == []
    organiser.page.get_by_role("button", name="登记", exact=True).click()
    expect(organiser.page.locator(".went")).to_contain_text("定稿后作为佐证")
    there = organiser.page.url.removeprefix(organiser.url).split("?")[0]
    organiser.open(task)
    expect(organiser.page.locator("main")).not_to_contain_text("报表减负回访")

    secretary.open(there)
    secretary.page.get_by_role("button", name="签署").click()
    secretary.page.get_by_role("button", name="定稿", exact=True).click()
    expect(secretary.page.get_by_role("status")).to_contain_text("已定稿")
    expect(secretary.page.locator(".went")).to_contain_text("已作为佐证")
    secretary.page.locator(".went").get_by_role("link", name="任务 10-3").click()
    expect(secretary.page.locator("main").get_by_role("link", name="报表减负回访")).to_be_visible()
    assert axe_findings(secretary.page) == []
    secretary.open(f"/history?stream=research:document:{there.rpartition('/')[2]}")
    expect(secretary.page.locator("main")).to_contain_text("10-3")


def test_a_word_file_is_read_and_given_back(person):
    organiser = person(ORGANISER)
    organiser.open("/documents/new")
    organiser.page.get_by_label("标题").fill("灯光账")
    organiser.page.get_by_label("或者上传文件").set_input_files(
        {"name": "灯光账.docx", "mimeType": "application/octet-stream", "buffer": word_file("一盏灯一年四十度电。")}
    )
    organiser.page.get_by_role("button", name="登记", exact=True).click()
    expect(organiser.page.locator("main")).to_contain_text("一盏灯一年四十度电。")
    with organiser.page.expect_download() as got:
        organiser.page.get_by_role("link", name="原件：灯光账.docx").click()
    assert got.value.suggested_filename == "灯光账.docx"


def test_a_marked_text_is_put_aside_and_what_was_typed_stays(person):
    organiser, keeper = person(ORGANISER), person(SECRECY_OFFICER)
    organiser.open("/documents/new")
    organiser.page.get_by_label("标题").fill("某项工作的报告")
    organiser.page.get_by_label("正文").fill("机密★五年\n\n关于某项工作")
    organiser.page.get_by_role("button", name="登记", exact=True).click()
    expect(organiser.page.locator("#refused")).to_contain_text("涉密内容严禁上网")
    assert organiser.page.get_by_label("标题").input_value() == "某项工作的报告"
    organiser.page.get_by_role("button", name="登记", exact=True).click()
    expect(organiser.page.locator("#refused")).to_contain_text("涉密内容严禁上网")
    organiser.open("/documents/new")
    assert organiser.page.get_by_label("正文").input_value() == ""
    assert "机密" not in organiser.page.evaluate("JSON.stringify(localStorage)")
    keeper.open("/quarantine")
    card = keeper.page.locator("section.card", has_text="登记文稿").first
    card.get_by_label("处置情况").fill("核实为误标")
    card.get_by_role("button", name="登记处置").click()
    expect(keeper.page.get_by_role("status")).to_contain_text("已登记处置")


def test_a_third_direction_asks_for_a_reason_and_names_what_is_owed(person):
    secretary = person(SECRETARY)
    secretary.open("/directions")
    secretary.page.get_by_label("方向", exact=True).fill("渡口还能不能留")
    secretary.page.get_by_label("要回答的问题").fill("谁还在坐船")
    secretary.page.get_by_role("button", name="确定").click()
    expect(secretary.page.locator("#wrong-reason")).to_contain_text("每个支部每年 1 至 2 个")
    assert secretary.page.get_by_label("要回答的问题").input_value() == "谁还在坐船"
    secretary.page.get_by_label("原因").fill("市里新交办")
    secretary.page.get_by_role("button", name="确定").click()
    expect(secretary.page.locator("main")).to_contain_text("还缺调研报告、社情民意专报或党建实践体会")
    assert axe_findings(secretary.page) == []


PAGES = ["/documents", "/documents?stage=draft", "/documents/new", "/directions"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_documents_fits_desk_and_phone_and_is_accessible(person, path):
    supervisor = person(SUPERVISOR)
    for viewport in ({"width": 1440, "height": 900}, NARROW):
        supervisor.page.set_viewport_size(viewport)
        assert supervisor.open(path) == 200
        assert supervisor.page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
        assert axe_findings(supervisor.page) == []
