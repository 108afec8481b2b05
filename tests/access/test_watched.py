"""What is typed at length is watched for 密级标志: a new command that takes text in watches it, or is named here.

Asked over the API itself: of every operation whose body has a field longer than a line, that field is sent marked.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from services.access.domain.account import ACCOUNT, SetMember
from services.runtime import process
from services.runtime.registry import SERVICES, service
from shared.application.commands import Request
from shared.security.principal import Role
from tests.access.expected import Answer, Row, expected
from tests.access.operations import ACCESS, ACCOUNTS, MANDATES, ORG, POINTS, RESEARCH, ROWS, STUDY, P
from tests.access.people import PEOPLE, Person, Situation
from tests.access.world import World

OWNER = Person(Role.MEMBER, Situation.OWN_BRANCH)
LINE, MANY = 200, 25
"""A field that takes more characters takes more than a title."""
MARKED = "机密★一年"
REFUSED = "secrecy-mark, put aside"

ABOUT_ACCOUNTS = "账号、角色和检查授权的事由：access 不收业务内容，也没有隔离"
SETTLES = "保密员写明处置情况，要写得出是哪个标志"
SECRET = "密码、令牌、编号：不是文字，隔离了反而留存"
NOT_WATCHED: Mapping[str, str] = {
    f"{ACCESS}/sign-in": SECRET,
    f"{ACCESS}/password": SECRET,
    f"{ACCESS}/second-step/prepare": SECRET,
    f"{ACCESS}/second-step/recovery-codes": SECRET,
    f"{ACCESS}/second-step/remove": SECRET,
    f"{ACCESS}/tokens": SECRET,
    f"{ACCESS}/oidc/begin": SECRET,
    f"{ACCESS}/oidc/finish": SECRET,
    f"{ACCESS}/oidc/way-out": SECRET,
    ACCOUNTS: SECRET,
    f"{ACCOUNTS}/{{id}}/identity": SECRET,
    f"{ACCOUNTS}/{{id}}/role-requests/{{request_id}}/approve": SECRET,
    f"{ACCOUNTS}/{{id}}/password": ABOUT_ACCOUNTS,
    f"{ACCOUNTS}/{{id}}/member": ABOUT_ACCOUNTS,
    f"{ACCOUNTS}/{{id}}/suspend": ABOUT_ACCOUNTS,
    f"{ACCOUNTS}/{{id}}/reinstate": ABOUT_ACCOUNTS,
    f"{ACCOUNTS}/{{id}}/second-step/remove": ABOUT_ACCOUNTS,
    f"{ACCOUNTS}/{{id}}/identity/end": ABOUT_ACCOUNTS,
    f"{ACCOUNTS}/{{id}}/grants/{{grant_id}}/end": ABOUT_ACCOUNTS,
    f"{ACCOUNTS}/{{id}}/tokens/{{token_id}}/revoke": ABOUT_ACCOUNTS,
    f"{ACCOUNTS}/{{id}}/role-requests": ABOUT_ACCOUNTS,
    f"{ACCOUNTS}/{{id}}/role-requests/{{request_id}}/decline": ABOUT_ACCOUNTS,
    MANDATES: ABOUT_ACCOUNTS,
    f"{MANDATES}/{{id}}/refusal": ABOUT_ACCOUNTS,
    f"{MANDATES}/{{id}}/end": ABOUT_ACCOUNTS,
    f"{MANDATES}/{{id}}/clearance": ABOUT_ACCOUNTS,
    f"{ORG}/quarantine/{{upload_id}}/settlement": SETTLES,
    f"{RESEARCH}/quarantine/{{upload_id}}/settlement": SETTLES,
    f"{STUDY}/quarantine/{{upload_id}}/settlement": SETTLES,
    f"{POINTS}/quarantine/{{upload_id}}/settlement": SETTLES,
}


@pytest.fixture(scope="module")
def typed(the_world: World) -> dict[str, set[str]]:
    """The fields longer than a line, by the operation that takes them in."""
    routers = (r for each in SERVICES.values() for r in process.routers_of(the_world.assembly, each))
    app = FastAPI()
    app.router.routes.extend(route for r in routers for route in r.routes if isinstance(route, APIRoute))
    document = app.openapi()
    found = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for body in operation.get("requestBody", {}).get("content", {}).values():
                if texts := set(_texts(body["schema"], document["components"]["schemas"])):
                    assert method == "post", "tell this test how to send it"
                    found[path] = texts
    return found


def _texts(schema: Mapping[str, Any], models: Mapping[str, Any], at: str = "") -> Iterator[str]:
    if "$ref" in schema:
        schema = models[schema["$ref"].rpartition("/")[2]]
    for inner in (*schema.get("anyOf", ()), *schema.get("allOf", ()), *filter(None, [schema.get("items")])):
        yield from _texts(inner, models, at)
    for name, inner in schema.get("properties", {}).items():
        yield from _texts(inner, models, f"{at}.{name}" if at else name)
    bounded = {"enum", "const", "format", "pattern", "contentMediaType"} & schema.keys()
    if schema.get("type") == "string" and not bounded and schema.get("maxLength", LINE + 1) > LINE:
        yield at


def test_a_command_that_takes_text_in_watches_it_or_is_named_with_a_reason(
    the_world: World, typed: dict[str, set[str]]
) -> None:
    _becomes_a_member(the_world)
    asked = {f"{path} {field}": (path, field) for path in typed.keys() - NOT_WATCHED.keys() for field in typed[path]}
    answers = {said: _answer(the_world, path, field) for said, (path, field) in asked.items()}
    assert {said: answer for said, answer in answers.items() if answer != REFUSED} == {}
    assert len(answers) > MANY
    assert NOT_WATCHED.keys() - typed.keys() == set(), "named, and takes no text in"


def _answer(world: World, path: str, field: str) -> str:
    """Send what the table's row sends, the field marked, in the name of somebody who may; say how it was answered."""
    row = next(r for r in ROWS if (r.method, r.path) == ("POST", path))
    before = _put_aside(world)

    def marked(w: World) -> Mapping[str, Any]:
        sent = dict(row.asks(w))
        kind = "data" if "data" in sent else "json"
        return sent | {kind: {**sent[kind], field: MARKED}}

    answer = world.ask(_who_may(row), replace(row, asks=marked))
    kept = "put aside" if _put_aside(world) > before else "not put aside"
    return f"{answer.json().get('code', answer.status_code)}, {kept}"


def _who_may(row: Row) -> Person:
    return OWNER if row.needs is P.OWN_POINTS else next(p for p in PEOPLE if expected(row, p) is Answer.ADMITTED)


def _put_aside(world: World) -> int:
    contexts = (each.name for each in SERVICES.values() if each.deciders)
    rows = (row for context in contexts for row in world.assembly.store(context).read(0, 10_000))
    return sum(row.type.endswith(".upload-quarantined") for row in rows)


def _becomes_a_member(world: World) -> None:
    """Tie an account to the member whose points it objects to."""
    account, request = world.ids[f"account of {OWNER}"], Request(actor="test", agency_id=world.ids["agency"])
    access = world.assembly.runtime(service("access"))
    access.commands.handle(ACCOUNT, account, SetMember(world.ids["member"], "入册"), request)
