"""A retried command after a crash: the key is taken together with the effect, or it lies about it."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert

from services.organization.domain.agency import AGENCY, RegisterAgency
from shared.application.commands import IDEMPOTENCY, CommandHandler, KeyReused, Outcome, Request
from shared.clock import system_clock
from shared.contracts.organization import OrganisationKind
from shared.database import open_engine
from shared.eventstore.migrate import migrate
from shared.eventstore.port import EventStore
from shared.eventstore.postgres import PostgresStore
from shared.eventstore.schema import claims
from shared.eventstore.sealing import SealingCodec
from shared.eventstore.sqlite import SqliteStore
from shared.ids import new_id
from shared.vault.sql import SqlVault
from tests.support.appends import InBackground
from tests.support.pipeline import Killed, killed_at

REQUEST = Request(actor="t", agency_id="a", idempotency_key="one", fingerprint="f")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    postgres = request.param == "postgres"
    made: str = request.getfixturevalue("postgres_url")("idempotency") if postgres else f"sqlite:///{tmp_path}/o.db"
    migrate(made)
    return made


class Life:
    """One life of a process: its handler over the store."""

    def __init__(self, store: EventStore, vault: SqlVault) -> None:
        self.store = store
        self._handler = CommandHandler(store, SealingCodec(vault, system_clock))

    def register(self, request: Request = REQUEST) -> Outcome:
        """Register an agency, under a new id each time, as every request does."""
        id_ = new_id()
        command = RegisterAgency(id_, "甲机关", new_id(), OrganisationKind.GENERAL_BRANCH, "甲总支")
        return self._handler.handle(AGENCY, id_, command, request)

    def happened(self, outcome: Outcome) -> bool:
        return bool(self.store.load(str(outcome.token.stream)))


@pytest.fixture
def life(url: str) -> Iterator[Life]:
    with ExitStack() as stack:
        kind = SqliteStore if url.startswith("sqlite") else PostgresStore
        store = stack.enter_context(closing(kind(url, system_clock)))
        yield Life(store, stack.enter_context(closing(SqlVault("sqlite://", bytes(32)))))


def test_a_key_written_before_the_append_answers_for_an_effect_that_never_happened(life: Life, url: str) -> None:
    _take_in_a_transaction_of_its_own(url, f"organization:agency:{new_id()}")
    with killed_at(life.store, "append", before=True), pytest.raises(Killed):
        life.register(replace(REQUEST, idempotency_key=None))
    retried = life.register()
    assert retried.repeated
    assert not life.happened(retried)


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_a_key_claimed_in_the_append_answers_for_what_happened_and_only_once(life: Life, before: bool) -> None:
    with killed_at(life.store, "append", before=before), pytest.raises(Killed):
        life.register()
    retried = life.register()
    assert life.happened(retried)
    assert retried.repeated is not before
    assert life.register().token == retried.token


def test_one_key_sent_many_times_at_once_takes_effect_once(life: Life) -> None:
    outcomes: list[Outcome] = []
    with InBackground(*[lambda: outcomes.append(life.register())] * 8):
        pass
    assert len({str(outcome.token) for outcome in outcomes}) == 1
    assert [outcome.repeated for outcome in outcomes].count(False) == 1


def test_a_key_that_comes_with_another_request_is_refused(life: Life) -> None:
    life.register()
    with pytest.raises(KeyReused):
        life.register(replace(REQUEST, fingerprint="another"))


def test_a_key_is_its_senders_own(life: Life) -> None:
    life.register()
    another = life.register(replace(REQUEST, actor="u"))
    assert not another.repeated


def _take_in_a_transaction_of_its_own(url: str, stream_id: str) -> None:
    """What the naive way commits first."""
    row = {"kind": IDEMPOTENCY, "key": "t/one", "fingerprint": "f", "stream_id": stream_id, "version": 1}
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(insert(claims), [row])
    engine.dispose()
