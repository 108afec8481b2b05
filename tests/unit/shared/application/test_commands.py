"""The command handler: load, fold, decide, append; a lost race is decided anew, a stated version is obeyed."""

from dataclasses import replace
from typing import Any

import pytest

from shared.application.commands import CommandHandler, KeyReused, Request, caused_by, fingerprint
from shared.decider import RuleBroken
from shared.eventstore.memory import MemoryStore
from shared.eventstore.port import Append, Claim, ClaimTaken, RecordedEvent, VersionConflict
from shared.ids import StreamName
from tests.support.jar import JAR, Fill, jar_store

REQUEST = Request(actor="someone", agency_id="agency")


class Contested(MemoryStore):
    """A store where somebody else writes first, so many times."""

    def __init__(self, lost: int) -> None:
        super().__init__(jar_store()[0]._clock)
        self.lost, self.tries, self.loads = lost, 0, 0

    def load(self, stream_id: str, *, after: int = 0, until: int | None = None) -> list[RecordedEvent]:
        self.loads += 1
        return super().load(stream_id, after=after, until=until)

    def append(self, append: Append) -> int:
        self.tries += 1
        if self.lost and append.actor != "rival":
            self.lost -= 1
            super().append(replace(append, actor="rival", claims=()))
        return super().append(
            replace(append, events=tuple(replace(e, event_id=f"{e.event_id}{self.tries}") for e in append.events))
        )


def handler(store: MemoryStore | None = None) -> CommandHandler:
    plain, codec = jar_store()
    return CommandHandler(store or plain, codec)


def content(given: CommandHandler, id_: str = "a") -> int:
    rows = given.store.load(str(StreamName("toy", "jar", id_)))
    return JAR.fold(given.codec.decode(row) for row in rows).content


def test_what_is_decided_is_recorded_and_the_token_names_it() -> None:
    h = handler()
    outcome = h.handle(JAR, "a", Fill(3), REQUEST)
    assert (str(outcome.token.stream), outcome.token.version) == ("toy:jar:a", 1)
    assert content(h) == 3


def test_a_command_that_changes_nothing_records_nothing_and_names_the_present_version() -> None:
    h = handler()
    h.handle(JAR, "a", Fill(3), REQUEST)
    outcome = h.handle(JAR, "a", Fill(0), REQUEST)
    assert (outcome.token.version, outcome.events) == (1, ())
    assert h.store.head() == 1


def test_a_rule_that_refuses_leaves_no_trace_and_takes_no_key() -> None:
    h = handler()
    request = replace(REQUEST, idempotency_key="k" * 8)
    with pytest.raises(RuleBroken):
        h.handle(JAR, "a", Fill(-1), request)
    assert h.store.head() == 0
    assert h.handle(JAR, "a", Fill(1), request).token.version == 1


@pytest.mark.parametrize("lost", range(5))
def test_a_lost_race_is_decided_anew_on_the_newer_state(lost: int) -> None:
    store = Contested(lost)
    outcome = handler(store).handle(JAR, "a", Fill(1), REQUEST)
    assert outcome.token.version == lost + 1
    assert content(handler(store)) == lost + 1


def test_after_five_lost_races_the_caller_is_told() -> None:
    store = Contested(5)
    with pytest.raises(VersionConflict):
        handler(store).handle(JAR, "a", Fill(1), REQUEST)
    assert [row.actor for row in store.load("toy:jar:a")] == ["rival"] * 5


def test_who_named_a_version_is_told_at_once_when_the_race_is_lost() -> None:
    store = Contested(1)
    with pytest.raises(VersionConflict):
        handler(store).handle(JAR, "a", Fill(1), replace(REQUEST, expected_version=0))
    assert store.loads == 1
    assert [row.actor for row in store.load("toy:jar:a")] == ["rival"]


@pytest.mark.parametrize("stated", [0, 2, 99])
def test_a_version_that_is_not_the_present_one_is_refused_before_anything_is_decided(stated: int) -> None:
    h = handler()
    h.handle(JAR, "a", Fill(1), REQUEST)
    with pytest.raises(VersionConflict) as refused:
        h.handle(JAR, "a", Fill(-1), replace(REQUEST, expected_version=stated))
    assert (refused.value.expected, refused.value.actual) == (stated, 1)


def test_a_key_that_took_effect_answers_before_the_stated_version_is_looked_at() -> None:
    h = handler()
    keyed = replace(REQUEST, idempotency_key="k" * 8, expected_version=0)
    first = h.handle(JAR, "a", Fill(1), keyed)
    again = h.handle(JAR, "a", Fill(1), keyed)
    assert again.token == first.token
    assert again.repeated


def test_what_a_request_came_to_is_known_before_it_is_decided_again() -> None:
    h = handler()
    keyed = replace(REQUEST, idempotency_key="k" * 8, fingerprint="one")
    assert h.done(keyed) is None
    first = h.handle(JAR, "a", Fill(1), keyed)
    done = h.done(keyed)
    assert done is not None
    assert (done.token, done.repeated) == (first.token, True)
    assert h.done(REQUEST) is None
    with pytest.raises(KeyReused):
        h.done(replace(keyed, fingerprint="two"))


def test_a_key_under_another_fingerprint_is_refused() -> None:
    h = handler()
    h.handle(JAR, "a", Fill(1), replace(REQUEST, idempotency_key="k" * 8, fingerprint="one"))
    with pytest.raises(KeyReused):
        h.handle(JAR, "a", Fill(1), replace(REQUEST, idempotency_key="k" * 8, fingerprint="two"))


def test_a_claim_that_is_taken_refuses_the_whole_command() -> None:
    h = handler()
    label = (Claim("label", "糖"),)
    h.handle(JAR, "a", Fill(1), REQUEST, lambda _: label)
    with pytest.raises(ClaimTaken) as refused:
        h.handle(JAR, "b", Fill(1), REQUEST, lambda _: label)
    assert refused.value.taken.stream_id == "toy:jar:a"
    assert content(h, "b") == 0


def test_claims_are_made_of_the_events_that_were_decided() -> None:
    seen: list[Any] = []
    handler().handle(JAR, "a", Fill(7), REQUEST, lambda events: seen.extend(events) or ())
    assert [e.amount for e in seen] == [7]


def test_what_a_reaction_does_stands_in_the_correlation_of_what_caused_it() -> None:
    h = handler()
    h.handle(JAR, "a", Fill(1), caused_by(REQUEST, "event-1", "correlation-1"))
    (row,) = h.store.read(0, 9)
    assert (row.causation_id, row.correlation_id) == ("event-1", "correlation-1")


def test_a_request_of_a_person_begins_a_correlation_of_its_own() -> None:
    h = handler()
    h.handle(JAR, "a", Fill(1), REQUEST)
    h.handle(JAR, "a", Fill(1), REQUEST)
    first, second = h.store.read(0, 9)
    assert first.correlation_id != second.correlation_id


def test_a_fingerprint_does_not_depend_on_the_order_of_names() -> None:
    assert fingerprint({"a": 1, "b": [2]}) == fingerprint({"b": [2], "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": "1"})
