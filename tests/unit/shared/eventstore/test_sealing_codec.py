import base64
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.clock import start_of_day
from shared.contracts.base import Event, Sealed, Text, event
from shared.eventstore.port import RecordedEvent
from shared.eventstore.sealing import Integrity, SealingCodec, Unstorable
from shared.ids import new_id
from shared.vault.commitments import verify
from shared.vault.port import KeysDestroyed
from shared.vault.sealing import Tampered
from shared.vault.sql import SqlVault
from tests.golden.files import as_recorded
from tests.golden.fixed import MOMENT, FixedVault

STREAM = "toy:person:1"


def renamed(payload: dict) -> dict:
    return {("full_name" if k == "name" else k): v for k, v in payload.items()}


@event("toy.enrolled")
class Enrolled(Event):
    name: Sealed[Text]
    nickname: Sealed[Text] | None
    branch: str
    count: int
    held_on: date
    tags: tuple[str, ...]

    def happened_at(self) -> datetime:
        return start_of_day(self.held_on)


@event("toy.renamed", version=2, upcasters={1: renamed})
class Renamed(Event):
    full_name: Sealed[Text]


@event("toy.loose")
class Loose(Event):
    value: object


def enrolled(**changes: object) -> Enrolled:
    fields = {
        "name": Sealed[Text](subject="person:1", value="王某"),
        "nickname": None,
        "branch": "第一支部",
        "count": 3,
        "held_on": date(2026, 3, 5),
        "tags": ("a", "b"),
    }
    return Enrolled(**{**fields, **changes})


@pytest.fixture
def vault() -> FixedVault:
    return FixedVault()


@pytest.fixture
def codec(vault: FixedVault) -> SealingCodec:
    return SealingCodec(vault, lambda: MOMENT)


def store(codec: SealingCodec, fact: Event, stream: str = STREAM) -> RecordedEvent:
    return as_recorded(codec.encode(fact, stream), stream)


def with_payload(row: RecordedEvent, **changes: object) -> RecordedEvent:
    return row._replace(payload={**row.payload, **changes})


names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))


@given(names, st.integers(-(2**53) + 1, 2**53 - 1), st.dates(), st.lists(st.sampled_from("甲乙"), max_size=4))
def test_what_is_encoded_is_decoded(name: str, count: int, day: date, tags: list[str]) -> None:
    codec = SealingCodec(FixedVault(), lambda: MOMENT)
    fact = enrolled(name=Sealed[Text](subject="person:1", value=name), count=count, held_on=day, tags=tuple(tags))
    row = store(codec, fact)
    assert codec.decode(row) == fact
    assert codec.check(row) is Integrity.INTACT


def test_a_sealed_value_lies_nowhere_in_the_stored_payload(codec: SealingCodec) -> None:
    row = store(codec, enrolled())
    assert "王某" not in str(row.payload)
    assert row.payload["name"]["subject"] == "person:1"
    assert row.payload["nickname"] is None


def test_two_encodings_share_neither_id_nor_ciphertext_nor_root(codec: SealingCodec) -> None:
    one, two = store(codec, enrolled()), store(codec, enrolled())
    assert one.event_id < two.event_id
    assert one.payload["name"]["sealed"] != two.payload["name"]["sealed"]
    assert one.payload_root != two.payload_root


def test_valid_time_is_the_facts_own_else_the_clocks(codec: SealingCodec) -> None:
    assert store(codec, enrolled()).valid_at == start_of_day(date(2026, 3, 5))
    assert store(codec, Renamed(full_name=Sealed[Text](subject="person:1", value="甲"))).valid_at == MOMENT


def test_a_reader_without_a_vault_sees_sealed_values_as_none(codec: SealingCodec) -> None:
    seen = SealingCodec(None, lambda: MOMENT).decode(store(codec, enrolled()))
    assert seen == enrolled(name=Sealed[Text](subject="person:1", value=None))


def test_a_codec_without_a_vault_does_not_write() -> None:
    with pytest.raises(RuntimeError):
        SealingCodec(None, lambda: MOMENT).encode(enrolled(), STREAM)


def test_an_erased_value_reads_as_none_and_the_root_still_verifies(codec: SealingCodec, vault: FixedVault) -> None:
    row = store(codec, enrolled())
    vault.destroy("person:1")
    assert codec.decode(row) == enrolled(name=Sealed[Text](subject="person:1", value=None))
    assert codec.check(row) is Integrity.INTACT


def test_after_an_erasure_another_field_changed_is_still_detected(codec: SealingCodec, vault: FixedVault) -> None:
    row = store(codec, enrolled())
    vault.destroy("person:1")
    assert codec.check(with_payload(row, branch="第二支部")) is Integrity.BROKEN


def test_nothing_is_recorded_about_an_erased_person(codec: SealingCodec, vault: FixedVault) -> None:
    vault.destroy("person:1")
    with pytest.raises(KeysDestroyed):
        codec.encode(enrolled(), STREAM)


def test_a_value_cannot_be_passed_off_as_erased_by_naming_an_erased_subject(
    codec: SealingCodec, vault: FixedVault
) -> None:
    row = store(codec, enrolled())
    vault.destroy("person:erased")
    forged = with_payload(row, name={**row.payload["name"], "subject": "person:erased"})
    assert codec.check(forged) is Integrity.BROKEN


@pytest.mark.parametrize(
    "change",
    [{"branch": "第二支部"}, {"count": 4}, {"held_on": "2026-03-06"}, {"tags": ["b", "a"]}, {"nickname": "甲"}],
)
def test_any_plain_field_changed_breaks_the_root(codec: SealingCodec, change: dict) -> None:
    assert codec.check(with_payload(store(codec, enrolled()), **change)) is Integrity.BROKEN


def test_a_field_added_or_taken_away_breaks_the_root(codec: SealingCodec) -> None:
    row = store(codec, enrolled())
    less = row._replace(payload={k: v for k, v in row.payload.items() if k != "count"})
    assert codec.check(less) is Integrity.BROKEN
    assert codec.check(with_payload(row, more=1)) is Integrity.BROKEN


def test_a_ciphertext_swapped_between_events_is_detected(codec: SealingCodec) -> None:
    one = store(codec, enrolled())
    two = store(codec, enrolled(name=Sealed[Text](subject="person:1", value="李某")))
    swapped = with_payload(one, name={**one.payload["name"], "sealed": two.payload["name"]["sealed"]})
    with pytest.raises(Tampered):
        codec.decode(swapped)
    assert codec.check(swapped) is Integrity.BROKEN
    assert codec.check(with_payload(one, name=two.payload["name"])) is Integrity.BROKEN


def test_a_ciphertext_swapped_between_fields_is_detected(codec: SealingCodec) -> None:
    row = store(codec, enrolled(nickname=Sealed[Text](subject="person:1", value="小王")))
    swapped = with_payload(row, name=row.payload["nickname"], nickname=row.payload["name"])
    with pytest.raises(Tampered):
        codec.decode(swapped)


def test_a_root_made_with_another_streams_salts_is_detected(codec: SealingCodec) -> None:
    row = store(codec, enrolled())
    assert codec.check(row._replace(stream_id="toy:person:2")) is Integrity.BROKEN
    assert codec.check(row._replace(event_id=new_id())) is Integrity.BROKEN


def test_a_value_sealed_anew_that_does_not_fit_its_commitment_is_detected(codec: SealingCodec) -> None:
    row = store(codec, enrolled())
    fixed = SealingCodec(FixedVault(), lambda: MOMENT, lambda: row.event_id)
    other = store(fixed, enrolled(name=Sealed[Text](subject="person:1", value="李某")))
    forged = with_payload(row, name={**row.payload["name"], "sealed": other.payload["name"]["sealed"]})
    assert codec.check(forged) is Integrity.BROKEN


def test_a_commitment_that_is_not_one_is_broken_rather_than_an_error(codec: SealingCodec) -> None:
    row = store(codec, enrolled())
    for wrong in ("", "不是", 5, None, base64.b64encode(b"x" * 32).decode()):
        assert codec.check(with_payload(row, name={**row.payload["name"], "commitment": wrong})) is Integrity.BROKEN


def test_without_the_streams_keys_nothing_can_be_said(codec: SealingCodec, vault: FixedVault) -> None:
    row = store(codec, enrolled())
    vault.destroy(f"stream:{STREAM}")
    assert codec.check(row) is Integrity.UNKNOWN
    assert SealingCodec(None, lambda: MOMENT).check(row) is Integrity.UNKNOWN


@pytest.mark.parametrize("path", ["branch", "tags", "name", "name.subject", "nickname"])
def test_each_field_can_be_shown_on_its_own(codec: SealingCodec, path: str) -> None:
    row = store(codec, enrolled())
    opening, known = codec.opening(row, path), codec.commitments(row)
    assert opening is not None
    assert known is not None
    assert verify(opening, known, row.payload_root)
    assert not verify(replace(opening, value="别的"), known, row.payload_root)


def test_an_erased_field_cannot_be_shown_but_the_others_can(codec: SealingCodec, vault: FixedVault) -> None:
    row = store(codec, enrolled())
    vault.destroy("person:1")
    assert codec.opening(row, "name") is None
    assert codec.opening(row, "branch") is not None


@pytest.mark.parametrize("path", ["absent", "branch.subject", "name.other"])
def test_a_path_the_event_does_not_have_cannot_be_shown(codec: SealingCodec, path: str) -> None:
    with pytest.raises(KeyError):
        codec.opening(store(codec, enrolled()), path)


def test_an_upcaster_may_rename_a_sealed_field(codec: SealingCodec) -> None:
    old = {"name": Sealed[Text](subject="person:1", value="王某")}

    class Earlier(Event):
        name: Sealed[Text]

    Earlier.TYPE, Earlier.VERSION, Earlier.SEALED = "toy.renamed", 1, frozenset({"name"})
    row = store(codec, Earlier(**old))
    assert codec.decode(row) == Renamed(full_name=old["name"])
    assert codec.check(row) is Integrity.INTACT


@pytest.mark.parametrize(
    "value",
    [
        1.5,
        [1, {"a": 0.5}],
        "a\x00",
        "\ud800",
        "e\u0301",
        {"e\u0301": 1},
        2**53,
        -(2**53),
        {"subject": "s", "sealed": "x", "commitment": "y"},
    ],
)
def test_what_has_no_one_canonical_form_is_refused(codec: SealingCodec, value: object) -> None:
    with pytest.raises(Unstorable):
        codec.encode(Loose(value=value), STREAM)


def test_an_erased_value_is_not_recorded_again(codec: SealingCodec) -> None:
    with pytest.raises(Unstorable):
        codec.encode(enrolled(name=Sealed[Text](subject="person:1", value=None)), STREAM)


def test_what_was_given_out_is_known_again_by_whoever_has_the_vault_and_by_nobody_else():
    vault, other = SqlVault("sqlite://", b"m" * 32), SqlVault("sqlite://", b"m" * 32)
    with closing(vault), closing(other):
        macs = {SealingCodec(v, lambda: MOMENT).mac(text) for v in (vault, other) for text in ("a:b:c@1", "a:b:c@2")}
        assert len(macs) == 4
        assert {len(mac) for mac in macs} == {22}
        assert SealingCodec(vault, lambda: MOMENT).mac("a:b:c@1") in macs
