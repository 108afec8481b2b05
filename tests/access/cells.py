"""One cell of the matrix: asked, and compared with what the reviewed table says."""

import httpx

from tests.access.expected import Answer, Guarded, Row, expected, sees
from tests.access.people import NOBODY, Person
from tests.access.world import World

SHOWN = {401: Answer.SIGN_IN, 403: Answer.FORBIDDEN, 404: Answer.UNKNOWN}


def wrong(world: World, row: Row, person: Person) -> str | None:
    """Return what is wrong with the cell, or None."""
    must = expected(row, person)
    world.token(person)
    before = world.heads() if row.method == "POST" and must is not Answer.ADMITTED else None
    answer = world.ask(person, row)
    if answer.status_code >= 500:
        return f"{person}: {answer.status_code} {answer.text[:200]}"
    if row.needs is Guarded.PUBLIC:
        alike = person is NOBODY or answer.status_code == world.ask(NOBODY, row).status_code
        return None if alike else f"{person}: {answer.status_code}, unlike nobody"
    if before is not None and world.recorded_since(before):
        return f"{person}: refused, and something was recorded"
    got = answered(answer)
    if row.path.startswith("/api/") or row.method == "GET":
        if got is not must:
            return f"{person}: {got.value}（{answer.status_code}），应为{must.value}"
    elif must is not Answer.ADMITTED and answer.status_code < 300:
        return f"{person}: a form of somebody who may not was taken"
    if must is Answer.ADMITTED and row.method == "GET" and answer.status_code == 422:
        return f"{person}: let in, and the page or list asked for something that is not there"
    if must is Answer.ADMITTED and row.shows:
        there = world.ids[row.shows] in answer.text
        if there != sees(person, row):
            return f"{person}: {row.shows} {'shown' if there else 'not shown'}"
    return None


def answered(answer: httpx.Response) -> Answer:
    """Return what an answer says; a page sends to the sign-in. A 404 with a code of its own is told to those within."""
    if answer.status_code == 303 and answer.headers["location"].startswith("/sign-in"):
        return Answer.SIGN_IN
    document = answer.headers.get("content-type", "").startswith("application/problem+json")
    if answer.status_code == 404 and document and answer.json()["code"] != "not-found":
        return Answer.ADMITTED
    return SHOWN.get(answer.status_code, Answer.ADMITTED)
