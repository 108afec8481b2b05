"""An id in a page's address stays one id in the service's: no sign in it breaks the page or asks something else."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import APIRouter, Depends, Request

from services.console import install, pages
from services.console.cookie import SESSION
from shared.http.app import build_app
from shared.http.auth import public
from shared.http.client import Services
from shared.http.probes import Health
from shared.http.problems import NOT_FOUND, Problem
from shared.security.principal import Grant, Principal, Role
from shared.settings import Settings
from tests.support.asgi import Client
from tests.support.visitors import AGENCY, BRANCH
from tests.unit.shared.http.lone import Named

GRANT = Grant(
    role=Role.GENERAL_BRANCH,
    agency_id=AGENCY,
    agency_name="某机关",
    organisation_id=BRANCH,
    organisation_name="机关党总支",
    whole_agency=True,
    organisations=frozenset({BRANCH}),
)
SUPERVISOR = Principal(account_id="a", session_id="s", member_id=None, display_name="罗岚", grants=(GRANT,))
ODD = ("%00", "%3Fas_of=1", "%23x", "%2E%2E", "%7F", "%25%30%30")
GETS = (
    "/plans/{}",
    "/plans/{}/review",
    "/plans/{}/change",
    "/plans/{}/tasks",
    "/plans/{}/tasks/1-1",
    "/plans/{}/ledger.xlsx",
    "/activities/{}",
    "/activities/{}/handbook",
    "/activities/{}/correction",
    "/activities/{}/withdrawal",
    "/search/documents/{}",
)
POSTS = (
    "/plans/{}/adopt",
    "/plans/{}/tasks",
    "/plans/{}/change/add",
    "/activities/{}/correction",
    "/activities/{}/withdrawal",
)


class Behind:
    """The services as the console meets them: they know the visitor, and nothing else."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def routes(self) -> Iterator[APIRouter]:
        router = APIRouter(dependencies=[Depends(public)])

        @router.get("/api/access/me")
        def _me() -> Principal:
            return SUPERVISOR

        @router.api_route("/api/{rest:path}", methods=["GET", "POST"])
        def _nothing(rest: str, request: Request) -> Any:
            self.asked.append((rest, request.url.query))
            raise Problem(404, "not-found", NOT_FOUND)

        yield router


def page(behind: Behind, method: str, path: str) -> int:
    routers = [*behind.routes(), *(module.routes(None) for module in pages.ALL)]
    app = build_app(Settings(), routers, Named(), Health(started=True))
    install.static_files(app)
    install.refusals(app)
    app.state.services = Services({}, local=app)
    headers = {"Cookie": f"{SESSION.name}=token", "Accept": "text/html"}
    form = {} if method == "POST" else None
    return Client(app).browser().request(method, path, headers=headers, data=form).status_code


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize(("method", "path"), [("GET", p) for p in GETS] + [("POST", p) for p in POSTS])
def test_an_odd_id_is_not_found_and_asks_for_nothing_else(method: str, path: str, odd: str) -> None:
    behind = Behind()
    assert page(behind, method, path.format(odd)) == 404
    assert behind.asked
    for rest, query in behind.asked:
        assert query in {"", "q=", "records=false"}
        assert rest.startswith(("organization/work-plans/", "organization/activities/", "search/documents/"))
