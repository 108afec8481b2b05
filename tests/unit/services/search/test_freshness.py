"""``after=`` on a search waits for the register, then for the index; bounded."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import StaticPool, create_engine

from services.search import freshness
from services.search.ledgers.register import DOCUMENTS, METADATA
from shared.application.tokens import Token
from shared.ids import StreamName
from shared.projection.reading import Reading
from shared.security.extent import Extent
from shared.security.policy import NOWHERE, Reach

MINE = Reach(frozenset(), frozenset({"o"}))
TOKEN = Token(StreamName("organization", "activity", "1"), 2)
ROW = {
    "id": "1", "stream": str(TOKEN.stream), "kind": "theme-day", "agency_id": "a", "organisation_id": "o", "title": "",
    "doc_class": "internal", "body": "", "date": "2026-01-01", "tasks": "[]", "counter": 1, "deleted": False,
}  # fmt: skip


class Register:
    """A register whose document becomes clean after it has been looked at so many times."""

    def __init__(self, *, applied: bool = True, clean_after: int = 0) -> None:
        self.applied, self.clean_after, self.looks = applied, clean_after, 0
        self.engine = create_engine("sqlite://", poolclass=StaticPool)
        METADATA.create_all(self.engine)
        with self.engine.begin() as tx:
            tx.execute(DOCUMENTS.insert(), [ROW | {"dirty": True}])

    @contextmanager
    def read(self, ledger: str, extent: Extent) -> Iterator[Reading]:
        with self.engine.begin() as tx:
            if self.looks >= self.clean_after:
                tx.execute(DOCUMENTS.update().values(dirty=False))
            self.looks += 1
            yield Reading(tx, extent)

    def wait_for(self, ledger: str, token: Token, seconds: float = 2.0) -> bool:
        return self.applied


@pytest.fixture
def bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(freshness, "SECONDS", 0.05)


@pytest.mark.parametrize("looks", [0, 3])
def test_a_search_waits_until_the_index_has_the_document(looks: int) -> None:
    register = Register(clean_after=looks)
    assert freshness.wait_until_indexed(register, TOKEN, MINE)
    assert register.looks == looks + 1
    register.engine.dispose()


@pytest.mark.usefixtures("bounded")
def test_a_search_that_waited_long_enough_answers_with_what_there_is() -> None:
    register = Register(clean_after=1_000_000)
    assert not freshness.wait_until_indexed(register, TOKEN, MINE)
    register.engine.dispose()


def test_a_register_that_is_behind_is_not_asked_for_the_index() -> None:
    register = Register(applied=False)
    assert not freshness.wait_until_indexed(register, TOKEN, MINE)
    assert register.looks == 0
    register.engine.dispose()


def test_another_document_that_is_still_dirty_is_not_waited_for() -> None:
    register = Register(clean_after=1_000_000)
    other = Token(StreamName("organization", "activity", "2"), 1)
    assert freshness.wait_until_indexed(register, other, MINE)
    register.engine.dispose()


def test_a_document_out_of_reach_is_not_waited_for_since_no_search_would_see_it() -> None:
    register = Register(clean_after=1_000_000)
    assert freshness.wait_until_indexed(register, TOKEN, NOWHERE)
    register.engine.dispose()
