"""Whatever comes in, a text or a DocumentRefused comes out."""

import logging
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.documents import DEFAULT_LIMITS, DocumentRefused, extract
from shared.documents.kind import Kind, kind_of
from shared.documents.worker import read
from tests.support.sample_documents import docx_of, pdf_of

TEXT = "清河市工作安排\n一、加强学习\n1.每月学习一次，认真记录。"
SAMPLES = {Kind.DOCX: docx_of(TEXT), Kind.PDF: pdf_of(TEXT)}
UNHURRIED = settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(autouse=True)
def _quiet_parser() -> None:
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)


def survives(kind: Kind, data: bytes) -> None:
    with suppress(DocumentRefused):
        read(kind, data, DEFAULT_LIMITS)


@UNHURRIED
@given(st.sampled_from(list(SAMPLES)), st.floats(0, 1))
def test_a_truncated_file_is_read_or_refused(kind: Kind, share: float) -> None:
    sample = SAMPLES[kind]
    survives(kind, sample[: int(len(sample) * share)])


@UNHURRIED
@given(
    st.sampled_from(list(SAMPLES)),
    st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=30),
)
def test_a_mutated_file_is_read_or_refused(kind: Kind, changes: list[tuple[float, int]]) -> None:
    data = bytearray(SAMPLES[kind])
    for place, value in changes:
        data[int(place * len(data))] = value
    survives(kind, bytes(data))


@UNHURRIED
@given(st.sampled_from(list(SAMPLES)), st.binary(max_size=300), st.floats(0, 1))
def test_a_file_with_noise_inside_is_read_or_refused(kind: Kind, noise: bytes, share: float) -> None:
    sample = SAMPLES[kind]
    at = int(len(sample) * share)
    survives(kind, sample[:at] + noise + sample[at:])


@given(st.binary(max_size=400))
def test_any_bytes_taken_for_text_are_read_or_refused(data: bytes) -> None:
    with suppress(DocumentRefused):
        if kind_of(data) is Kind.TEXT:
            assert extract("a.txt", data).text.strip()


@given(st.text(min_size=1, max_size=200))
def test_any_unicode_text_is_read_without_control_characters_or_refused(text: str) -> None:
    try:
        read_text = extract("a.txt", text.encode("utf-8", "surrogatepass")).text
    except DocumentRefused:
        return
    assert not set(read_text) & {"\x00", "\u202e", "\ufeff"}
