"""A small application over one toy route, to try the edge on: who calls is named by the bearer token."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field

from shared.application.tokens import Token
from shared.contracts.base import Text
from shared.http.app import build_app
from shared.http.auth import Principals, public
from shared.http.probes import Health
from shared.http.requests import Body
from shared.security.principal import Grant, Principal, Role
from shared.settings import Settings
from tests.support.asgi import Client
from tests.support.mandates import KeptReadings

AGENCY, OTHER = "agency-one", "agency-two"
ROOT_ORG, BRANCH = "root-one", "branch-one"


def principal(
    role: Role | None, agency: str = AGENCY, *, whole: bool = True, organisations: tuple[str, ...] = (ROOT_ORG, BRANCH)
) -> Principal:
    grants = () if role is None else (grant(role, agency, whole=whole, organisations=organisations),)
    name = role.value if role else "nobody"
    return Principal(account_id=name, session_id="s", member_id=None, display_name=name, grants=grants)


def grant(role: Role, agency: str = AGENCY, *, whole: bool = True, organisations: tuple[str, ...] = ()) -> Grant:
    return Grant(
        role=role,
        agency_id=agency,
        agency_name="某局",
        organisation_id=organisations[0] if organisations else ROOT_ORG,
        organisation_name="某支部",
        whole_agency=whole,
        organisations=frozenset(organisations),
    )


class Named:
    """Principals by the token they are known under."""

    def __init__(self, **people: Principal) -> None:
        self.people = people
        self.asked: list[str] = []

    def resolve(self, bearer: str, _: Token | None = None) -> Principal | None:
        self.asked.append(bearer)
        return self.people.get(bearer)


class Note(Body):
    """A toy request body."""

    text: Text
    count: int = 0
    line: Annotated[Text, Field(min_length=2, max_length=4)] = "一行"
    lines: Annotated[tuple[Text, ...], Field(min_length=1)] = ("一行",)


def client(
    *routers: APIRouter, people: Principals | None = None, health: Health | None = None, **set_to: Any
) -> Client:
    settings = Settings(upload_limit_mb=1, **set_to)
    return Client(build_app(settings, routers, people or Named(), health or Health(started=True), KeptReadings()))


def raising(error: Exception) -> APIRouter:
    """A router whose one route, ``/raise``, raises."""
    router = APIRouter()

    @router.get("/raise", dependencies=[Depends(public)])
    def _raise() -> None:
        raise error

    return router


def echoing() -> APIRouter:
    """A router whose one route, ``/echo``, answers with the note it got."""
    router = APIRouter()

    @router.post("/echo", dependencies=[Depends(public)])
    def _echo(note: Note) -> dict[str, Any]:
        return note.model_dump()

    return router
