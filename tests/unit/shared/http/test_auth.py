"""Nobody is let through unless a row of the table lets them, and nobody reaches an agency without a grant."""

from typing import Annotated

import pytest
from fastapi import APIRouter, Depends
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette

from shared.decider import Unknown
from shared.http.app import build_app
from shared.http.auth import Allow, Caller, Guard, Unguarded, allow, public, refuse_unguarded
from shared.http.probes import Health
from shared.security.policy import TABLE, Permission, reach
from shared.security.principal import Grant, Principal, Role
from shared.settings import Settings
from tests.support.asgi import Client
from tests.unit.shared.http.lone import AGENCY, BRANCH, OTHER, ROOT_ORG, Named, client, grant, principal

AGENCIES = (AGENCY, OTHER, "agency-three")
ORGANISATIONS = ("o1", "o2", "o3")
GRANTS = st.builds(
    lambda role, agency, whole, organisations: grant(role, agency, whole=whole, organisations=tuple(organisations)),
    st.sampled_from(Role),
    st.sampled_from(AGENCIES),
    st.booleans(),
    st.lists(st.sampled_from(ORGANISATIONS), max_size=2, unique=True),
)
PRINCIPALS = st.lists(GRANTS, max_size=4).map(lambda grants: _someone(*grants))


def _someone(*grants: Grant) -> Principal:
    return Principal(account_id="a", session_id="s", member_id=None, display_name="某同志", grants=grants)


def guarded(permission: Permission = Permission.MANAGE_PLAN) -> APIRouter:
    router = APIRouter()

    @router.get("/mine")
    def _mine(caller: Annotated[Caller, Depends(allow(permission))]) -> str:
        return caller.principal.account_id

    return router


def ask(app: Client, authorization: str | None) -> tuple[int, str]:
    headers = {"Authorization": authorization.encode()} if authorization is not None else {}
    answer = app.get("/mine", headers=headers)
    return answer.status_code, answer.json()["code"] if answer.is_error else "let through"


def test_without_a_token_nobody_is_let_through() -> None:
    app = client(guarded(), people=Named(boss=principal(Role.GENERAL_BRANCH)))
    assert ask(app, None) == (401, "sign-in-needed")
    assert app.get("/mine").headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer ", "Bearer  ", "Basic boss", "boss", "Bearer wrong", "Bearer bo ss", "Bearer 罗岚"],
)
def test_what_is_no_token_in_force_lets_nobody_through(authorization: str) -> None:
    app = client(guarded(), people=Named(boss=principal(Role.GENERAL_BRANCH)))
    assert ask(app, authorization) == (401, "sign-in-needed")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_token_in_force_is_let_through_however_its_scheme_is_spelled(scheme: str) -> None:
    app = client(guarded(), people=Named(boss=principal(Role.GENERAL_BRANCH)))
    assert ask(app, f"{scheme} boss") == (200, "let through")


def test_two_credentials_are_refused_whichever_of_them_is_good() -> None:
    app = client(guarded(), people=Named(boss=principal(Role.GENERAL_BRANCH)))
    for pair in (("boss", "wrong"), ("wrong", "boss"), ("boss", "boss")):
        answer = app.get("/mine", headers=[("Authorization", f"Bearer {token}") for token in pair])
        assert (answer.status_code, answer.json()["code"]) == (400, "authorization-twice")


def test_a_token_that_no_header_can_hold_is_not_even_asked_about() -> None:
    people = Named()
    ask(client(guarded(), people=people), "Bearer 罗岚")
    assert people.asked == []


def test_a_role_without_the_permission_is_refused_and_told_so() -> None:
    app = client(guarded(), people=Named(m=principal(Role.MEMBER), none=principal(None)))
    assert ask(app, "Bearer m") == (403, "not-permitted")
    assert ask(app, "Bearer none") == (403, "not-permitted")


@pytest.mark.parametrize("permission", Permission)
@pytest.mark.parametrize("role", Role)
def test_every_role_is_let_through_exactly_where_the_table_says_so(permission: Permission, role: Role) -> None:
    app = client(guarded(permission), people=Named(x=principal(role)))
    assert ask(app, "Bearer x")[0] == (200 if role in TABLE[permission] else 403)


@given(PRINCIPALS, st.sampled_from(Permission), st.sampled_from(AGENCIES), st.sampled_from((None, *ORGANISATIONS)))
def test_nothing_is_reached_without_a_grant_whose_role_holds_the_permission(
    someone: Principal, permission: Permission, agency: str, organisation: str | None
) -> None:
    reached = reach(someone, permission).covers(agency, organisation)
    holding = [g for g in someone.grants if g.role in TABLE[permission]]
    allowed = any(g.agency_id == agency for g in holding) or any(organisation in g.organisations for g in holding)
    assert allowed or not reached


@given(PRINCIPALS, st.sampled_from(Permission))
def test_an_agency_is_reached_as_a_whole_only_by_a_grant_of_that_agency(
    someone: Principal, permission: Permission
) -> None:
    whole = reach(someone, permission).agencies
    assert whole <= {g.agency_id for g in someone.grants if g.role in TABLE[permission]}


@given(PRINCIPALS, st.sampled_from(Permission), st.sampled_from((*AGENCIES, None)))
def test_the_agency_a_request_means_is_one_of_the_callers_own(
    someone: Principal, permission: Permission, named: str | None
) -> None:
    caller = Caller(someone, permission, reach(someone, permission))
    own = {g.agency_id for g in someone.grants}
    if own and (named is None or named in own):
        assert caller.agency(named) in own
    else:
        with pytest.raises(Unknown, match="没有找到"):
            caller.agency(named)


@given(st.sampled_from(Permission))
def test_nobody_without_a_grant_reaches_anything(permission: Permission) -> None:
    extent = reach(_someone(), permission)
    assert extent.nothing
    assert not any(extent.covers(a, o) for a in AGENCIES for o in (None, *ORGANISATIONS))


def test_what_is_out_of_reach_answers_as_what_does_not_exist() -> None:
    someone = principal(Role.BRANCH_ORGANISER, whole=False, organisations=(BRANCH,))
    caller = Caller(someone, Permission.RECORD_ACTIVITY, reach(someone, Permission.RECORD_ACTIVITY))
    caller.require(AGENCY, BRANCH)
    for agency, organisation in ((AGENCY, ROOT_ORG), (AGENCY, None), (OTHER, None), ("no-such-agency", None)):
        with pytest.raises(Unknown) as refused:
            caller.require(agency, organisation)
        assert refused.value.code == "not-found"


def test_a_route_that_names_no_permission_keeps_the_application_from_starting() -> None:
    router = APIRouter()

    @router.get("/open")
    def _forgotten() -> None: ...

    with pytest.raises(Unguarded, match="/open"):
        client(router)


def test_a_dependency_that_only_looks_like_a_guard_is_none() -> None:
    router = APIRouter()

    @router.get("/open", dependencies=[Depends(lambda: None)])
    def _forgotten() -> None: ...

    with pytest.raises(Unguarded):
        refuse_unguarded(router)


def test_a_mount_hides_its_routes_and_is_refused() -> None:
    router = APIRouter()
    router.mount("/sub", Starlette())
    with pytest.raises(Unguarded):
        refuse_unguarded(router)


def test_a_plain_starlette_route_is_refused() -> None:
    router = APIRouter()
    router.add_route("/plain", lambda _: None)
    with pytest.raises(Unguarded):
        refuse_unguarded(router)


def test_a_websocket_is_refused() -> None:
    router = APIRouter()

    @router.websocket("/ws")
    async def _ws() -> None: ...

    with pytest.raises(Unguarded):
        refuse_unguarded(router)


def test_routes_of_an_included_router_are_looked_at_too() -> None:
    inner, outer = APIRouter(), APIRouter()

    @inner.get("/open")
    def _forgotten() -> None: ...

    outer.include_router(inner)
    with pytest.raises(Unguarded):
        refuse_unguarded(outer)


def test_a_guard_deep_within_the_dependencies_counts() -> None:
    def deeper(caller: Annotated[Caller, Depends(Allow(Permission.SEE_PLAN))]) -> Caller:
        return caller

    router = APIRouter()

    @router.get("/mine")
    def _mine(caller: Annotated[Caller, Depends(deeper)]) -> None: ...

    refuse_unguarded(router)
    assert isinstance(public, Guard)


def test_the_permission_stands_in_the_application_whatever_else_is_built() -> None:
    app = build_app(Settings(), [guarded()], Named(), Health())
    assert {"/mine", "/livez"} <= set(app.openapi()["paths"])
