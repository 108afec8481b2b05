"""Sessions: redirects stay on this site, forged forms are refused, a role is said as people say it."""

from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import Request
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.applications import Starlette

from services.console.session import Refused, local_path, problem_of, refuse_forged
from shared.http.hosts import Hosts
from shared.http.problems import Problem
from shared.security.principal import Role
from shared.settings import Settings
from tests.support.visitors import visitor


@given(st.text() | st.builds("/{}".format, st.text()) | st.builds("//{}".format, st.text()))
@example("//evil.example")
@example("/\\evil.example")
@example("/\\/evil.example")
@example("https://evil.example")
@example("/\t/evil.example")
@example("/\n//evil.example")
def test_a_redirect_after_signing_in_never_leaves_this_site(target):
    path = local_path(target)
    shown = path.replace("\t", "").replace("\n", "").replace("\r", "").replace("\\", "/")
    assert path.startswith("/")
    assert not shown.startswith("//")
    assert not urlsplit(shown).netloc


@pytest.mark.parametrize("target", ["/", "/plans?status=overdue", "/history?stream=a:b:c"])
def test_a_path_of_this_site_is_kept(target):
    assert local_path(target) == target


def _request(method, headers):
    raw = [(k.encode(), v.encode()) for k, v in ({"host": "localhost"} | headers).items()]
    app = Starlette()
    app.state.hosts = Hosts.of(Settings())
    return Request({"type": "http", "method": method, "path": "/", "headers": raw, "app": app})


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}, {}])
def test_a_form_that_no_page_of_ours_sent_is_refused(method, headers):
    with pytest.raises(Problem) as refused:
        refuse_forged(_request(method, headers))
    assert (refused.value.status, refused.value.code) == (403, "cross-site")


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "same-origin"}, {"origin": "http://localhost"}])
def test_a_form_of_this_site_is_taken(headers):
    refuse_forged(_request("POST", headers))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_reading_is_never_taken_for_a_forgery(method):
    refuse_forged(_request(method, {"sec-fetch-site": "cross-site"}))


@pytest.mark.parametrize(
    ("role", "organisation", "said"),
    [
        (Role.BRANCH_ORGANISER, "第三支部", "第三支部组织委员"),
        (Role.BRANCH_SECRETARY, "第三支部", "第三支部书记"),
        (Role.MEMBER, "第三支部", "第三支部党员"),
        (Role.GENERAL_BRANCH, "中心机关党总支", "中心机关党总支干事"),
        (Role.GENERAL_BRANCH_SECRETARY, "中心机关党总支", "中心机关党总支书记"),
        (Role.DISCIPLINE_OFFICER, "第三支部", "第三支部 纪检委员"),
        (Role.ADMINISTRATOR, "中心机关党总支", "系统管理员"),
        (Role.AUDIT_ADMINISTRATOR, "中心机关党总支", "审计管理员"),
        (Role.INSPECTOR, "中心机关党总支", "工委检查组"),
    ],
)
def test_a_role_is_said_as_people_say_it(role, organisation, said):
    assert visitor(role, organisation_name=organisation).role_name == said


def test_somebody_without_a_role_is_told_so():
    assert visitor().role_name == "尚无角色"


def test_a_page_without_its_permission_is_refused_before_anything_is_asked():
    with pytest.raises(Refused) as refused:
        visitor(Role.MEMBER).require("manage-plan")
    assert refused.value.status == 403
    visitor(Role.GENERAL_BRANCH).require("manage-plan")


def test_a_refusal_that_is_no_problem_document_still_has_a_sentence():
    assert Refused(502, {}).sentence


def test_an_answer_that_is_no_json_object_is_an_empty_problem():
    class Answer:
        def json(self):
            raise ValueError

    assert problem_of(Answer()) == {}


@dataclass
class Asked:
    """Services that remember what they were asked."""

    asked: list[tuple[str, Any]] = field(default_factory=list)

    async def request(self, context, method, path, bearer, **options):
        self.asked.append((method, options.get("params")))
        return httpx.Response(200, json={"items": [len(self.asked)]})


def test_a_page_asks_once_for_what_its_parts_need_and_anew_after_a_command():
    services = Asked()
    someone = replace(visitor(Role.MEMBER), services=services)

    async def page():
        first = await someone.get("organization", "/tree", agency="a", cursor=None)
        first["items"].append("typed by a part of the page")
        assert await someone.get("organization", "/tree", agency="a") == {"items": [1]}
        assert await someone.get("organization", "/tree", agency="b") == {"items": [2]}
        await someone.send("organization", "/tree")
        assert await someone.get("organization", "/tree", agency="a") == {"items": [4]}

    with pytest.raises(StopIteration):
        page().send(None)  # nothing in it waits, so it needs no loop
    assert [method for method, _ in services.asked] == ["GET", "GET", "POST", "GET"]
