"""Organised life in the browser, its steps counted: minutes in three, confirmed in two on a phone, a plan in one."""

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from tests.support.browser import NARROW, ORGANISER, SECRETARY, SUPERVISOR, axe_findings
from tests.support.slice import today

pytestmark = pytest.mark.browser
YESTERDAY = today() - timedelta(days=1)
MINUTES = f"""综合文稿支部支委会记录
时间：{YESTERDAY.year}年{YESTERDAY.month}月{YESTERDAY.day}日
地点：支部活动室
主持人：顾明远
第一议题：学习调查研究有关要求
一、述职材料怎样写短
"""


def test_minutes_are_uploaded_ticked_and_recorded_and_confirmed_on_a_phone(person):
    organiser, secretary = person(ORGANISER), person(SECRETARY, NARROW)
    organiser.open("/activities/new")
    file = {"name": "支委会.txt", "mimeType": "text/plain", "buffer": MINUTES.encode()}
    organiser.page.get_by_label("或上传文件").set_input_files(file)
    organiser.page.get_by_role("button", name="识别并填表").click()  # 1
    expect(organiser.page.get_by_label("题目", exact=True)).to_have_value("综合文稿支部支委会记录")
    expect(organiser.page.get_by_label("类型")).to_have_value("committee-meeting")
    expect(organiser.page.get_by_label("日期")).to_have_value(YESTERDAY.isoformat())
    assert axe_findings(organiser.page) == []
    organiser.page.get_by_label("邵一帆", exact=True).check()  # 2
    organiser.page.get_by_role("button", name="登记").click()  # 3
    expect(organiser.page.locator("main")).to_contain_text("缺席：邵一帆")
    there = organiser.page.url.removeprefix(organiser.url).partition("?")[0]

    secretary.open("/")
    assert axe_findings(secretary.page) == []
    secretary.page.locator(f"a[href='{there}/confirmation']").click()  # 1
    expect(secretary.page.locator("main")).to_contain_text("缺席：邵一帆")
    assert axe_findings(secretary.page) == []
    secretary.page.get_by_role("button", name="确认", exact=True).click()  # 2
    expect(secretary.page.get_by_role("status")).to_contain_text("已确认")


def test_who_was_left_off_a_record_is_added_by_a_correction(person):
    organiser = person(ORGANISER)
    organiser.open("/activities?kind=committee-meeting")
    organiser.page.locator(".acts-list a").first.click()
    organiser.page.get_by_role("link", name="更正").first.click()
    left_off = organiser.page.locator("details", has_text="名单上漏了人")
    left_off.locator("summary").click()
    assert axe_findings(organiser.page) == []
    present, absent = left_off.locator("[name=also]").nth(0), left_off.locator("[name=absentees]").nth(1)
    came, missed = (each.locator("xpath=..").inner_text().strip() for each in (present, absent))
    present.check()
    absent.check()
    organiser.page.get_by_label("为什么更正").fill("登记时漏了两名同志")
    organiser.page.get_by_role("button", name="更正").click()
    expect(organiser.page.locator("main")).to_contain_text(re.compile(f"缺席：.*{missed}"))
    expect(organiser.page.locator("main")).to_contain_text(re.compile(f"到会：.*{came}"))


def test_a_months_plan_is_filed_with_one_press_and_returned_with_a_reason(person):
    organiser, supervisor = person(ORGANISER), person(SUPERVISOR)
    organiser.open("/filings")
    assert axe_findings(organiser.page) == []
    organiser.page.get_by_role("button", name="报备").first.click()
    expect(organiser.page.get_by_role("status")).to_contain_text("已报备")
    expect(organiser.page.locator("main")).to_contain_text("已备案")
    _change(organiser.page)
    supervisor.open("/filings")
    assert axe_findings(supervisor.page) == []
    mine = supervisor.page.locator(".list > li", has_text="综合文稿支部")
    mine.get_by_text("退回").first.click()
    mine.get_by_label("退回的原因").fill("两项活动排在同一天")
    mine.get_by_role("button", name="退回").click()
    expect(supervisor.page.locator("main")).to_contain_text("两项活动排在同一天")


def test_what_was_not_held_is_said_from_the_list(person):
    supervisor = person(SUPERVISOR)
    supervisor.open("/activities/not-held?kind=theme-day")
    expect(supervisor.page.get_by_label("为什么没有召开")).to_be_visible()
    assert axe_findings(supervisor.page) == []
    supervisor.open("/activities")
    assert axe_findings(supervisor.page) == []


def _change(page):
    """A filed month is changed by filing it again, from its own place; a day of another month is refused beside it."""
    month = page.locator("#month")
    expect(month).to_have_attribute("type", "month")
    mine = page.locator(".list > li", has_text="综合文稿支部")
    mine.get_by_text("改方案").click()
    day = mine.get_by_label("主题党日日期").first
    following = date.fromisoformat(f"{month.input_value()}-01") + timedelta(days=40)
    day.fill(following.isoformat())
    mine.get_by_label("主题党日题目").first.fill("到白杨沟看滴灌")
    mine.get_by_text("加一项").click()
    mine.locator(".act .act").get_by_text("党课", exact=True).click()
    mine.get_by_role("button", name="按改后的报备").click()
    expect(mine.get_by_role("alert")).to_contain_text("主题党日的日期不在")
    expect(mine.locator(".act .act").get_by_label("党课", exact=True)).to_be_checked()
    assert axe_findings(page) == []
    day.fill("")
    mine.get_by_role("button", name="按改后的报备").click()
    expect(page.get_by_role("status")).to_contain_text("已报备")
    expect(mine).to_contain_text("到白杨沟看滴灌")
    expect(mine.locator(".plain-list > li", has_text="党课")).to_have_count(1)
