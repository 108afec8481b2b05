"""From headers to a command and back: If-Match, Idempotency-Key, tokens, ``after=`` through a real route."""

import threading
from collections.abc import Callable
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Depends, Response

from shared.application.commands import CommandHandler
from shared.application.tokens import Token
from shared.eventstore.port import Claim
from shared.http.auth import Caller, allow
from shared.http.requests import SYNCING, Accepted, After, Body, CommandHeaders, accepted, etag
from shared.ids import StreamName
from shared.security.policy import Permission
from shared.security.principal import Role
from tests.support.asgi import Client
from tests.support.jar import JAR, Fill, jar_store
from tests.unit.shared.http.lone import AGENCY, Named, client, principal

KEY = {"Idempotency-Key": "0123456789"}


class Amount(Body):
    """How much goes in."""

    amount: int


class Kitchen:
    """A jar that is filled over HTTP."""

    def __init__(self) -> None:
        self.store, codec = jar_store()
        self.handler = CommandHandler(self.store, codec)
        self.claimed: Callable[[int], tuple[Claim, ...]] = lambda _: ()
        self.seen: set[str] = set()
        router = APIRouter()

        @router.post("/jars/{id}/fill")
        def fill(
            id: str,
            body: Amount,
            headers: Annotated[CommandHeaders, Depends()],
            caller: Annotated[Caller, Depends(allow(Permission.MANAGE_PLAN))],
        ) -> Accepted:
            request = headers.request(caller, caller.agency(), body)
            return accepted(
                self.handler.handle(JAR, id, Fill(body.amount), request, lambda _: self.claimed(body.amount))
            )

        @router.get("/jars/{id}")
        def show(
            id: str,
            response: Response,
            after: Annotated[After, Depends()],
            caller: Annotated[Caller, Depends(allow(Permission.SEE_PLAN))],
        ) -> dict[str, Any]:
            after.wait(self, "jars", response)  # type: ignore[arg-type]
            rows = self.store.load(f"toy:jar:{id}")
            response.headers["ETag"] = etag(len(rows))
            return {"events": len(rows)}

        people = Named(
            one=principal(Role.GENERAL_BRANCH),
            two=principal(Role.GENERAL_BRANCH).model_copy(update={"account_id": "someone-else"}),
        )
        self.client: Client = client(router, people=people)

    def wait_for(self, ledger: str, token: Token, seconds: float = 2.0) -> bool:
        self.seen.add(str(token.stream))
        return len(self.store.load(str(token.stream))) >= token.version

    def fill(self, amount: int, *, id: str = "a", who: str = "one", **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(
            f"/jars/{id}/fill", json={"amount": amount}, headers={"Authorization": f"Bearer {who}", **named}
        )

    def show(self, id: str = "a", **params: str) -> httpx.Response:
        return self.client.get(f"/jars/{id}", params=params, headers={"Authorization": "Bearer one"})

    @property
    def effects(self) -> int:
        return self.store.head()


@pytest.fixture
def kitchen() -> Kitchen:
    return Kitchen()


def test_a_request_repeated_under_its_key_is_answered_as_the_first_time_and_done_once(kitchen: Kitchen) -> None:
    first = kitchen.fill(1, **KEY)
    again = kitchen.fill(1, **KEY)
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    assert kitchen.effects == 1


def test_a_repeated_request_is_answered_as_the_first_time_though_more_has_happened_since(kitchen: Kitchen) -> None:
    first = kitchen.fill(1, **KEY, If_Match='"0"')
    kitchen.fill(2)
    assert kitchen.fill(1, **KEY, If_Match='"0"').json() == first.json()
    assert kitchen.effects == 2


def test_another_request_under_the_same_key_is_refused(kitchen: Kitchen) -> None:
    kitchen.fill(1, **KEY)
    other = kitchen.fill(2, **KEY)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert kitchen.effects == 1


def test_the_same_request_at_another_address_is_another_request(kitchen: Kitchen) -> None:
    kitchen.fill(1, **KEY)
    other = kitchen.fill(1, id="b", **KEY)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert kitchen.effects == 1


def test_the_key_of_another_account_is_another_key(kitchen: Kitchen) -> None:
    kitchen.fill(1, **KEY)
    assert kitchen.fill(2, who="two", **KEY).status_code == 200
    assert kitchen.effects == 2


def test_requests_without_a_key_are_each_carried_out(kitchen: Kitchen) -> None:
    kitchen.fill(1)
    kitchen.fill(1)
    assert kitchen.effects == 2


def test_of_many_requests_under_one_key_at_once_one_has_an_effect_and_all_have_its_answer(kitchen: Kitchen) -> None:
    answers, start = [], threading.Barrier(6)

    def post() -> None:
        start.wait(10)
        answers.append(kitchen.fill(1, **KEY))

    threads = [threading.Thread(target=post) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [a.status_code for a in answers] == [200] * 6
    assert len({a.text for a in answers}) == 1
    assert kitchen.effects == 1


def test_a_request_that_lost_to_its_own_twin_is_not_told_that_its_claim_is_taken(kitchen: Kitchen) -> None:
    kitchen.claimed = lambda amount: (Claim("jar-label", str(amount)),)
    twins = []

    def twin(_: int) -> tuple[Claim, ...]:
        kitchen.claimed = lambda amount: (Claim("jar-label", str(amount)),)
        twins.append(kitchen.fill(1, **KEY))
        return (Claim("jar-label", "1"),)

    kitchen.claimed = twin
    late = kitchen.fill(1, **KEY)
    assert late.status_code == 200, late.text
    assert late.json() == twins[0].json()


def test_a_claim_that_another_request_took_is_a_conflict(kitchen: Kitchen) -> None:
    kitchen.claimed = lambda amount: (Claim("jar-label", str(amount)),)
    kitchen.fill(1)
    refused = kitchen.fill(1, id="b")
    assert (refused.status_code, refused.json()["code"]) == (409, "already-taken")


@pytest.mark.parametrize("key", ["short", "x" * 129])
def test_a_key_that_could_be_anybodys_is_refused(kitchen: Kitchen, key: str) -> None:
    assert kitchen.fill(1, Idempotency_Key=key).status_code == 422
    assert kitchen.effects == 0


def test_a_change_made_on_an_older_version_than_the_present_is_refused(kitchen: Kitchen) -> None:
    kitchen.fill(1)
    seen = kitchen.show().headers["ETag"]
    assert kitchen.fill(2, If_Match=seen).status_code == 200
    late = kitchen.fill(3, If_Match=seen)
    assert (late.status_code, late.json()["code"]) == (412, "changed-meanwhile")


@pytest.mark.parametrize("version", ['"1"', "1", 'W/"1"', "*"])
def test_a_version_is_understood_however_clients_write_it(kitchen: Kitchen, version: str) -> None:
    kitchen.fill(1)
    assert kitchen.fill(2, If_Match=version).status_code == 200


@pytest.mark.parametrize("version", ['"one"', "-1", '""', "9" * 10, '"1", "2"', "1.0", '"""1', '1"', '"1', "W/1"])
def test_what_is_no_version_is_refused_before_anything_happens(kitchen: Kitchen, version: str) -> None:
    refused = kitchen.fill(1, If_Match=version)
    assert (refused.status_code, refused.json()["code"]) == (400, "bad-if-match")
    assert kitchen.effects == 0


def test_a_query_waits_for_the_token_it_is_given(kitchen: Kitchen) -> None:
    token = kitchen.fill(1).json()["token"]
    answer = kitchen.show(after=token)
    assert answer.json() == {"events": 1}
    assert SYNCING not in answer.headers
    assert kitchen.seen == {"toy:jar:a"}


def test_a_query_that_waited_in_vain_says_that_it_is_behind(kitchen: Kitchen) -> None:
    ahead = str(Token(StreamName("toy", "jar", "a"), 5))
    answer = kitchen.show(after=ahead)
    assert answer.status_code == 200
    assert answer.headers[SYNCING] == "1"


@pytest.mark.parametrize("token", ["nonsense", "AAAA", "x" * 400, "令牌", "YTpiOmNAMQ==", "YTpiOmNAMQ "])
def test_what_is_no_token_of_ours_is_refused(kitchen: Kitchen, token: str) -> None:
    assert (kitchen.show(after=token).status_code, kitchen.show(after=token).json()["code"]) == (400, "bad-token")


def test_an_empty_token_waits_for_nothing(kitchen: Kitchen) -> None:
    assert kitchen.show(after="").status_code == 200
    assert kitchen.seen == set()


def test_a_command_is_recorded_under_its_agency_and_its_account(kitchen: Kitchen) -> None:
    kitchen.fill(1)
    (row,) = kitchen.store.read(0, 10)
    assert (row.agency_id, row.actor) == (AGENCY, Role.GENERAL_BRANCH.value)
