"""The audit service's one door: it forwards to the context that owns a stream, in the caller's own name."""

from types import SimpleNamespace
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Depends, Query, Request

from services.audit.queries_api import routes
from shared.http.app import build_app
from shared.http.auth import Caller, allow, bearer_of
from shared.http.client import Services
from shared.http.probes import Health
from shared.http.problems import Problem
from shared.security.policy import Permission
from shared.security.principal import Role
from shared.settings import Settings
from tests.support.asgi import Client
from tests.unit.shared.http.lone import Named, principal

ID = "00000000-0000-7000-8000-000000000001"
STREAM = f"toy:jar:{ID}"


class Watched(Services):
    """The way to other contexts, keeping which were spoken to."""

    def __init__(self) -> None:
        super().__init__({})
        self.spoken_to: list[str] = []

    async def request(self, context: str, *given: Any, **options: Any) -> httpx.Response:
        self.spoken_to.append(context)
        return await super().request(context, *given, **options)


class Door:
    """The audit service beside a toy context that keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str | None, dict[str, str]]] = []
        toy = APIRouter(prefix="/api/toy/replay")

        @toy.get("/{what}")
        def replay(
            what: str,
            request: Request,
            stream: Annotated[str, Query()],
            _: Annotated[Caller, Depends(allow(Permission.REPLAY))],
        ) -> dict[str, Any]:
            self.asked.append((bearer_of(request), dict(request.query_params)))
            if stream.endswith("9"):
                raise Problem(404, "not-found", "没有找到。")
            return {"what": what}

        services = self.services = Watched()
        runtime = SimpleNamespace(extras={"services": services, "replayable": frozenset({"toy", "away"})})
        people = Named(boss=principal(Role.GENERAL_BRANCH), member=principal(Role.MEMBER))
        app = build_app(Settings(), [routes(runtime), toy], people, Health())  # type: ignore[arg-type]
        services.attach(app)
        self.client = Client(app)

    def get(self, path: str, who: str | None = "boss") -> Any:
        headers = {"Authorization": f"Bearer {who}"} if who else {}
        return self.client.get(f"/api/audit{path}", headers=headers)


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.mark.parametrize("what", ["history", "state", "diff"])
def test_a_question_goes_to_the_context_of_the_stream_in_the_callers_name(door: Door, what: str) -> None:
    answer = door.get(f"/{what}?stream={STREAM}&left=0&right=1")
    assert (answer.status_code, answer.json()) == (200, {"what": what})
    ((bearer, asked),) = door.asked
    assert (bearer, asked["stream"]) == ("boss", STREAM)


def test_a_page_of_a_long_history_is_asked_for_where_it_goes_on(door: Door) -> None:
    door.get(f"/history?stream={STREAM}&since=200&limit=50")
    assert door.asked == [("boss", {"stream": STREAM, "since": "200", "limit": "50"})]


def test_what_was_not_asked_is_not_passed_on(door: Door) -> None:
    door.get(f"/state?stream={STREAM}")
    assert door.asked == [("boss", {"stream": STREAM})]


def test_both_clocks_are_passed_on_as_moments_with_their_zone(door: Door) -> None:
    door.get(f"/state?stream={STREAM}&known_at=2026-03-05T09:00:00%2B08:00&effective_at=2026-01-01T00:00:00Z&version=2")
    ((_, asked),) = door.asked
    assert asked == {
        "stream": STREAM,
        "version": "2",
        "known_at": "2026-03-05T09:00:00+08:00",
        "effective_at": "2026-01-01T00:00:00+00:00",
    }


def test_the_owners_refusal_is_the_answer(door: Door) -> None:
    refused = door.get(f"/history?stream=toy:jar:{ID[:-1]}9")
    assert (refused.status_code, refused.json()["code"]) == (404, "not-found")
    assert refused.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("context", ["nowhere", "audit", "console"])
def test_a_context_that_keeps_no_trail_answers_as_what_does_not_exist(door: Door, context: str) -> None:
    refused = door.get(f"/history?stream={context}:jar:{ID}")
    assert (refused.status_code, refused.json()["code"]) == (404, "not-found")
    assert door.services.spoken_to == []


@pytest.mark.parametrize(
    "stream", ["", "toy", "toy:jar", f"toy:jar:{ID}:x", f"../x:jar:{ID}", f"toy:jar:{ID}%00", f"toy/..:jar:{ID}"]
)
def test_what_is_no_streams_name_reaches_no_context(door: Door, stream: str) -> None:
    assert door.get(f"/history?stream={stream}").status_code == 422
    assert door.asked == []


def test_a_moment_without_a_zone_or_beyond_every_calendar_is_refused(door: Door) -> None:
    for moment in ("2026-03-05T09:00:00", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00%2B14:00", "x"):
        for clock in ("known_at", "effective_at"):
            assert door.get(f"/state?stream={STREAM}&{clock}={moment}").status_code == 422, moment


def test_nobody_and_a_member_are_refused_here_already(door: Door) -> None:
    assert door.get(f"/history?stream={STREAM}", who=None).status_code == 401
    assert door.get(f"/history?stream={STREAM}", who="member").status_code == 403
    assert door.asked == []
