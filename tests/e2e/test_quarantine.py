"""A file with a 密级标志 in the browser: refused on the spot, and the 保密员 finds it on the desk."""

import pytest
from playwright.sync_api import expect

from tests.support.browser import SECRECY_OFFICER, SUPERVISOR, axe_findings

pytestmark = pytest.mark.browser


def test_a_marked_file_is_refused_and_the_secrecy_officer_settles_it(person):
    uploader, keeper = person(SUPERVISOR), person(SECRECY_OFFICER)
    uploader.open("/plans/import")
    secret = {"name": "计划.txt", "mimeType": "text/plain", "buffer": "机密★\n工作计划".encode()}
    uploader.page.set_input_files("#file", secret)
    uploader.page.get_by_role("button", name="上传并识别").click()
    expect(uploader.page.get_by_role("alert")).to_contain_text("机密★")
    keeper.open("/")
    keeper.page.get_by_role("link", name="去处置").click()
    expect(keeper.page.locator("main")).to_contain_text("发现“机密★”")
    assert "工作计划" not in keeper.page.locator("main").inner_text()
    assert axe_findings(keeper.page) == []
    keeper.page.get_by_label("处置情况").first.fill("核实为误标，已报告")
    keeper.page.get_by_role("button", name="登记处置").first.click()
    expect(keeper.page.get_by_role("status")).to_contain_text("已登记处置")
    assert uploader.open("/quarantine") == 403
