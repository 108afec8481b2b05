"""Each scope filter carries weight: with any single one taken off there is a leak here, with all on there is none."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Table, func, select, true

from services.organization import states
from services.runtime.registry import SERVICES
from services.search import answers
from shared.http.auth import Caller
from shared.http.states import state_within
from shared.projection import reading
from shared.replay import routes as replay
from shared.search.plan import DRAFTS
from shared.search.port import Scope
from shared.security.extent import Extent, Unbounded
from shared.security.policy import NOWHERE, Reach
from tests.access.cells import answered
from tests.access.expected import Answer, Row, expected, sees
from tests.access.operations import ROWS
from tests.access.people import PEOPLE, Person, Situation
from tests.access.world import World

OUTSIDE = {Situation.OTHER_BRANCH, Situation.OTHER_AGENCY}
TABLES = {
    (service.name, ledger.name, table.name): table
    for service in SERVICES.values()
    for ledger in service.ledgers
    for table in ledger.metadata.sorted_tables
    if reading.AGENCY in table.c
}
"""Every table that a reading bounds. A new one is here by itself."""


def rows_beyond(world: World, where: tuple[str, str, str], table: Table) -> int:
    """How many rows a reading that reaches nowhere gives."""
    service, ledger, _ = where
    reader = world.assembly.projection(SERVICES[service]).reader
    with reader.read(ledger, NOWHERE) as opened:
        return int(opened.scalar(select(func.count()).select_from(table)))


@contextmanager
def filled(world: World, where: tuple[str, str, str], table: Table) -> Iterator[None]:
    """Have a row in the table, made up and taken out again where this world writes none."""
    service, ledger, _ = where
    database = world.assembly.projection(SERVICES[service]).reader._slot(ledger)
    with database.write() as db:
        made_up = not db.scalar(select(func.count()).select_from(table))
        if made_up:
            db.execute(table.insert(), [{c.name: SOMETHING[c.type.python_type] for c in table.c}])
    yield
    if made_up:
        with database.write() as db:
            db.execute(table.delete())


SOMETHING: dict[type, object] = {str: "x", int: 1, bool: False, date: date(2026, 1, 1)}


@pytest.mark.parametrize("where", TABLES, ids=".".join)
def test_a_table_whose_filter_is_taken_off_gives_rows_to_who_reaches_nowhere(
    the_world: World, monkeypatch: pytest.MonkeyPatch, where: tuple[str, str, str]
) -> None:
    table, within = TABLES[where], reading.within
    with filled(the_world, where, table):
        assert rows_beyond(the_world, where, table) == 0
        monkeypatch.setattr(reading, "within", lambda reach, t: true() if t is table else within(reach, t))
        assert rows_beyond(the_world, where, table) > 0


def everywhere(_: Caller) -> Scope:
    return Scope(classes=frozenset({"public", "internal"}), everything=True)


def of_anybody(runtime: Any, decider: Any, id_: str, _: Extent, whose: Any) -> Any:
    return state_within(runtime, decider, id_, Unbounded("the filter is off"), whose)


def with_drafts(*what: Any, drafts: object, **more: Any) -> Scope:
    return Scope(*what, drafts=DRAFTS, **more)


FILTERS: dict[str, tuple[Any, str, Callable[..., Any], str]] = {
    "a folded stream compared with a reach": (states, "state_within", of_anybody, "/work-plans/{plan_id}/adopt"),
    "a named place compared with a reach": (Caller, "require", lambda *_: None, "/agencies/{agency_id}/organisations"),
    "the scope of a search": (answers, "scope", everywhere, "/api/search"),
    "drafts left out of a search": (answers, "Scope", with_drafts, "/api/search draft"),
    "which document a search may find": (answers, "permits", lambda *_: True, "/documents/{id} draft"),
    "whose a history is": (replay, "_masked", lambda *_: False, "/api/organization/replay/state"),
    "how far a ledger goes": (
        Reach,
        "covers",
        lambda *_: True,
        "/api/organization/activities/{activity_id}/withdrawal",
    ),
}


def probe(ending: str) -> list[tuple[Row, Person]]:
    """Six who may do such a thing elsewhere, and ask for what is beyond their reach."""
    found = [
        (row, person)
        for row in ROWS
        for person in PEOPLE
        if ending in {row.path[-len(ending) :], str(row)[-len(ending) :]}
        and person.situation in OUTSIDE
        and _is_kept_from(row, person)
    ]
    return found[:: max(1, len(found) // 6)]


def _is_kept_from(row: Row, person: Person) -> bool:
    must = expected(row, person)
    return must is Answer.UNKNOWN or (must is Answer.ADMITTED and bool(row.shows) and not sees(person, row))


def leaks(world: World, ending: str) -> Iterator[str]:
    for row, person in probe(ending):
        answer = world.ask(person, row)
        let_through = answered(answer) is not Answer.UNKNOWN
        if world.ids[row.shows] in answer.text if row.shows else let_through:
            yield f"{row} {person}"


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_that_is_taken_off_lets_somebody_through(
    the_world: World, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    where, attribute, off, ending = FILTERS[name]
    assert probe(ending)
    assert list(leaks(the_world, ending)) == []
    monkeypatch.setattr(where, attribute, off)
    assert list(leaks(the_world, ending))
