"""Forms and headers as no page of ours sends them: an answer that says what is wrong, never an error of the server."""

from collections.abc import Iterator

import pytest

from tests.support.console_routes import Browsers, furnished
from tests.support.embedded import embedded

NO_ADDRESS = "http://[x"
STRANGE = "键★\u200b"


@pytest.fixture(scope="module")
def browsers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browsers]:
    with embedded(tmp_path_factory.mktemp("platform")) as platform:
        yield furnished(platform)


def test_minutes_longer_than_a_record_takes_are_told_and_stay_in_the_form(browsers: Browsers) -> None:
    pasted = "甲" + "\n" * 40_000 + "记到这里为止"
    answer = browsers.ask("organiser", "POST", "/activities/minutes", data={"original": pasted})
    assert answer.status_code == 422
    assert "粘贴的文字有 40007 字，超过 4 万字，请只留这一次会议的内容；文字还在框里。" in answer.text
    assert pasted in answer.text


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("POST", "/plans/import", {"Referer": NO_ADDRESS}),
        ("GET", "/plans", {"HX-Request": "true", "HX-Current-URL": NO_ADDRESS}),
    ],
)
def test_who_comes_from_no_address_at_all_comes_back_to_the_desk(
    browsers: Browsers, method: str, path: str, headers: dict[str, str]
) -> None:
    answer = browsers.ask(None, method, path, headers=headers)
    assert answer.status_code < 400
    assert {answer.headers.get("location"), answer.headers.get("hx-redirect")} & {"/sign-in?next=%2F"}


@pytest.mark.parametrize("field", ["key", "version"])
def test_whatever_stands_in_the_hidden_fields_of_a_form_it_is_answered(browsers: Browsers, field: str) -> None:
    broken = []
    for method, path in browsers.routes(reading=False):
        for who in ("supervisor", "organiser"):
            if path != "/sign-out":
                answer = browsers.ask(who, method, path, data={field: STRANGE, "reason": "核对"})
                broken += [(method, path, who)] if answer.status_code >= 500 else []
    assert broken == []


def test_a_version_that_is_none_changes_nothing_and_says_so(browsers: Browsers) -> None:
    path = f"/activities/{browsers.known['activity_id']}/withdrawal"
    answer = browsers.ask("organiser", "POST", path, data={"reason": "记错了", "version": STRANGE})
    assert answer.status_code == 400
    assert "表单里的版本号不对，请刷新页面后再提交。" in answer.text
    assert "记错了" in answer.text
