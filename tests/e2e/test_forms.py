"""Forms: keyboard only, markup is text, refusals stand beside the field, sending twice is sending once."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.browser import NARROW, ORGANISER, SUPERVISOR
from tests.support.slice import today

pytestmark = pytest.mark.browser

MARKUP = "<b>粗</b><img src=x onerror=alert(1)>&amp;{{ 7*7 }}"


def _fill(page, title="记录一次学习", minutes="纪要正文"):
    page.fill("#place", "支部活动室")
    page.fill("#title", title)
    page.fill("#minutes", minutes)


def test_an_activity_is_recorded_with_the_keyboard_alone(person):
    someone = person(ORGANISER)
    someone.open("/")
    page = someone.page
    page.get_by_role("link", name="记一次活动").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/activities/new"))
    _tab_to(page, "place")
    page.keyboard.type("支部活动室")
    _tab_to(page, "title")
    page.keyboard.type("只用键盘登记的一次学习")
    _tab_to(page, "minutes")
    page.keyboard.type("逐段读了一遍，议了两条。")
    _tab_to(page, "absentees")
    page.keyboard.press("Space")
    _tab_to(page, "登记")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("said=recorded"))
    expect(page.get_by_role("status")).to_contain_text("已登记")
    came, asked = re.search(r"(\d+) / (\d+) 人", page.locator(".kv").inner_text()).groups()
    assert int(came) == int(asked) - 1
    expect(page.locator(".went a").first).to_be_visible()


def _tab_to(page, wanted):
    reached = "(w) => { const e = document.activeElement; return [e.name, e.textContent.trim()].includes(w); }"
    for _ in range(80):
        if page.evaluate(reached, wanted):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the Tab key never reached {wanted}")


def test_markup_typed_into_every_field_is_shown_as_text(person):
    someone = person(ORGANISER)
    someone.open("/activities/new")
    page = someone.page
    page.fill("#place", MARKUP)
    _fill(page, MARKUP, MARKUP)
    page.fill("#place", MARKUP)
    page.get_by_role("button", name="登记").click()
    page.wait_for_url(re.compile("said=recorded"))
    assert page.locator("h1").inner_text() == MARKUP
    assert page.locator(".minutes").inner_text() == MARKUP
    record = page.url
    for label in ("历史", "打印手册页", "更正"):
        page.goto(record)
        page.get_by_role("link", name=label, exact=True).click()
        page.wait_for_load_state()
        assert page.locator("main b, main img").filter(has_text="粗").count() == 0
        assert MARKUP in page.locator("main").inner_text() + page.locator("main").evaluate(
            "m => [...m.querySelectorAll('input, textarea')].map(e => e.value).join(' ')"
        )
    page.fill("#find", MARKUP)
    page.press("#find", "Enter")
    page.wait_for_url(re.compile("/search"))
    assert page.locator("#q").input_value() == MARKUP


def test_a_refusal_keeps_what_was_typed_and_stands_beside_its_field(person):
    someone = person(ORGANISER, NARROW)
    someone.open("/activities/new")
    page = someone.page
    _fill(page, title="写在明天的一次活动", minutes="两行\n纪要")
    page.fill("#held_on", today().replace(year=today().year + 1).isoformat())
    page.locator("input[name=absentees]").nth(1).check()
    page.get_by_role("button", name="登记").click()
    expect(page.locator("#wrong-held_on")).to_contain_text("晚于今天")
    expect(page.locator("#held_on")).to_have_attribute("aria-describedby", "wrong-held_on")
    expect(page.locator("#minutes")).to_have_value("两行\n纪要")
    expect(page.locator("input[name=absentees]").nth(1)).to_be_checked()


def test_an_empty_form_names_every_field_it_needs(person):
    someone = person(ORGANISER)
    someone.open("/activities/new")
    someone.page.get_by_role("button", name="登记").click()
    expect(someone.page.locator("#wrong-title")).to_be_visible()
    expect(someone.page.locator("#wrong-place")).to_be_visible()


def test_a_form_sent_twice_records_once(person, platform):
    someone = person(ORGANISER)
    someone.open("/activities/new")
    page = someone.page
    _fill(page, title="点了两次登记的一次活动")
    page.evaluate("""async () => {
        const form = document.querySelector('form.activity[data-draft]');
        const send = () => fetch(form.action, {method: 'POST', body: new URLSearchParams(new FormData(form))});
        const answers = await Promise.all([send(), send()]);
        if (answers[0].url.split('?')[0] !== answers[1].url.split('?')[0]) throw new Error('two records');
    }""")
    listed = platform.get(ORGANISER, "/api/organization/activities")["activities"]
    assert [a["title"] for a in listed].count("点了两次登记的一次活动") == 1


def test_a_refused_file_stays_chosen_and_the_sentence_is_told(person, tmp_path):
    someone = person(SUPERVISOR)
    file = tmp_path / "空.txt"
    file.write_text("没有任何条款的一段话", encoding="utf-8")
    someone.open("/plans/import")
    page = someone.page
    page.set_input_files("#file", file)
    page.get_by_role("button", name="上传并识别").click()
    expect(page.locator("#refused")).to_contain_text(re.compile("没有从文件中|条款"))
    assert page.evaluate("document.getElementById('file').files[0].name") == "空.txt"


def test_choosing_another_branch_brings_its_roster_and_keeps_the_minutes(person):
    someone = person(SUPERVISOR)
    someone.open("/activities/new")
    page = someone.page
    page.fill("#minutes", "已经写好的纪要")
    before = page.locator("[data-absent]").inner_text()
    others = page.locator("#organisation option:not(:checked)").all()
    page.select_option("#organisation", others[-1].get_attribute("value"))
    expect(page.locator("[data-absent]")).not_to_have_text(before)
    expect(page.locator("#minutes")).to_have_value("已经写好的纪要")


def test_a_form_that_another_site_sends_is_not_carried_out(person):
    someone = person(ORGANISER)
    someone.open("/activities/new")
    answer = someone.page.context.request.post(
        f"{someone.url}/activities", headers={"Origin": "http://elsewhere.example"}, form={"title": "x"}
    )
    assert answer.status == 403
