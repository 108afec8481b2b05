"""The reviewed table of access is whole, and says what the product asks for: an endpoint without a row fails here."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from services.access.guards import Myself
from services.access.readings import EXPORTS
from services.console.session import Anyone, SignedIn
from services.runtime import process
from services.runtime.assembly import Assembly
from services.runtime.registry import SERVICES
from shared.http.auth import Allow, Guard, Public
from shared.security.policy import AGENCY_WIDE_READS, TABLE, UNDER_MANDATE, Permission
from shared.security.principal import Role
from tests.access import page
from tests.access.expected import AGENCY_WIDE, Guarded, Needs, reviewed
from tests.access.operations import ROWS
from tests.access.pages import PAGES
from tests.access.people import MANDATED, PEOPLE, Situation
from tests.support.deployment import embedded_settings


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> list[APIRoute]:
    """Every route of every service."""
    assembly = Assembly(embedded_settings(tmp_path_factory.mktemp("platform")))
    try:
        for each in SERVICES.values():
            assembly.migrate(each)
        routers = [r for each in SERVICES.values() for r in process.routers_of(assembly, each)]
        return [route for router in routers for route in router.routes if isinstance(route, APIRoute)]
    finally:
        assembly.close()


@pytest.fixture(scope="module")
def served(routes: list[APIRoute]) -> dict[tuple[str, str], Guard]:
    """Every route of every service by method and path, with what guards it."""
    return {(m, route.path): next(_guards(route.dependant)) for route in routes for m in route.methods}


def _guards(dependant: Dependant) -> Iterator[Guard]:
    for inner in dependant.dependencies:
        if isinstance(inner.call, Guard):
            yield inner.call
        yield from _guards(inner)


def test_every_endpoint_and_every_page_has_a_row_and_every_row_an_endpoint(
    served: dict[tuple[str, str], Guard],
) -> None:
    stated = {(row.method, row.path) for row in (*ROWS, *PAGES)}
    assert served.keys() - stated == set(), "give each a row in tests/access/operations.py or pages.py"
    assert stated - served.keys() == set()


def test_a_row_says_what_its_endpoint_asks_for(served: dict[tuple[str, str], Guard]) -> None:
    said = {str(row): (row.needs, guarded(served[row.method, row.path])) for row in ROWS}
    assert {row: both for row, both in said.items() if both[0] != both[1]} == {}


NO_MATTER_IN_IT = {"/api/organization/agencies/{agency_id}/roster-template.xlsx"}
"""Files without anybody's matter: an empty form, with the tree's names."""


def test_what_answers_with_a_file_is_an_export_and_recorded_as_one(routes: list[APIRoute]) -> None:
    files = [r for r in routes if r.path.startswith("/api/") and r.response_class is Response]
    exports = {r.path for r in files if getattr(next(_guards(r.dependant)), "export", False)}
    assert {r.path for r in files} == exports | NO_MATTER_IN_IT
    assert len(exports) == 3


def test_the_list_of_exports_is_whole(routes: list[APIRoute]) -> None:
    """By it alone somebody is said to have taken something out, and one that is missing there would answer 503."""
    guarded_by = {f"{m} {r.path}": next(_guards(r.dependant)) for r in routes for m in r.methods}
    exports = {op: g.permission for op, g in guarded_by.items() if isinstance(g, Allow) and g.export}
    assert exports == EXPORTS


def test_no_answer_says_how_many_events_a_store_holds(routes: list[APIRoute]) -> None:
    """A position counts what is sealed, and what is other agencies', too."""
    app = FastAPI()
    app.router.routes.extend(routes)
    models = app.openapi()["components"]["schemas"]
    assert {"HistoryEntry", "AccountList"} <= models.keys()
    assert {name for name, model in models.items() if "position" in model.get("properties", ())} == set()


def test_a_page_is_for_whoever_is_signed_in_or_for_everyone(served: dict[tuple[str, str], Guard]) -> None:
    for row in PAGES:
        guard = served[row.method, row.path]
        assert isinstance(guard, Anyone if row.needs is Guarded.PUBLIC else SignedIn), row


def guarded(guard: Guard) -> Needs:
    if isinstance(guard, Allow):
        return guard.permission
    assert isinstance(guard, Public | Myself)
    return Guarded.PUBLIC if isinstance(guard, Public) else Guarded.MYSELF


def test_the_page_that_people_review_is_the_table_that_decides() -> None:
    assert page.PAGE.read_text("utf-8") == page.text(), "python -m tests.access.page writes it anew"
    assert reviewed() == TABLE
    assert {p: roles for p, roles in reviewed("○").items() if roles} == UNDER_MANDATE
    assert AGENCY_WIDE == AGENCY_WIDE_READS


def test_every_role_and_none_is_asked_for_in_every_situation() -> None:
    assert {p.role for p in PEOPLE} == {*Role, None}
    assert {p.situation for p in PEOPLE} == {*Situation}
    under = {p.role for p in PEOPLE if p.situation in MANDATED}
    assert under == {role for roles in UNDER_MANDATE.values() for role in roles}
    assert len(set(PEOPLE)) == len(PEOPLE)


@pytest.mark.parametrize("permission", Permission)
def test_every_permission_is_asked_for_somewhere_or_shown(permission: Permission) -> None:
    named = {row.needs for row in (*ROWS, *PAGES)} | {row.shown_by for row in ROWS}
    beside = {
        Permission.AUDIT_ACCOUNTS,
        Permission.AUDIT_THE_AUDITOR,
        Permission.ANSWER_INSPECTION,  # which side of a mandate somebody is on
        Permission.SEE_SYSTEM,  # what of the system page is shown
    }
    assert permission in named or permission in beside
