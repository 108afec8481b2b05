"""The demo's documents: enough of them, none like another but where one copies, the same on every machine."""

from collections import Counter
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.runtime.demo import papers
from services.runtime.demo.directions import DIRECTIONS
from services.runtime.demo.documents import COUNT, DESKS, Desk, at_work
from services.runtime.demo.papers import K
from shared.clock import start_of_day

SUBJECTS = papers.subjects()


def year_of_papers(seed: int) -> list[papers.Paper]:
    draw, taken = Random(seed), set[str]()
    names = sorted(SUBJECTS)
    return [papers.write(draw.choice(list(K)), SUBJECTS[draw.choice(names)], draw, taken) for _ in range(COUNT)]


def test_there_are_at_least_three_hundred() -> None:
    assert sum(desk.share for desk in DESKS) == COUNT >= 300


def test_the_same_seed_writes_the_same() -> None:
    assert year_of_papers(7) == year_of_papers(7)
    assert year_of_papers(7) != year_of_papers(8)


def test_no_two_are_called_alike_or_say_the_same() -> None:
    written = year_of_papers(7)
    titles, texts = ([getattr(p.wordings[0], field) for p in written] for field in ("title", "text"))
    assert len(set(titles)) == len(titles)
    assert len(set(texts)) == len(texts)


def test_every_slot_is_filled_and_no_text_is_longer_than_a_document_may_be() -> None:
    for paper in year_of_papers(7):
        for wording in paper.wordings:
            assert "{" not in wording.title + (wording.text or "")
            assert 100 < len(wording.text or "") < 3000


def test_two_texts_on_one_subject_share_sentences_and_are_yet_apart() -> None:
    shares = Counter(
        line for p in year_of_papers(7) for line in (p.wordings[0].text or "").split("\n") if len(line) > 20
    )
    assert max(shares.values()) < COUNT // 4


def test_a_copy_repeats_most_of_another() -> None:
    original = year_of_papers(7)[0]
    copy = papers.copied(original, "摘编", Random(1))
    lines = set((original.wordings[-1].text or "").split("\n"))
    repeated = [line for line in (copy.wordings[0].text or "").split("\n") if line in lines]
    assert len(repeated) > len(lines) // 2


@pytest.mark.parametrize("desk", DESKS, ids=lambda d: d.organisation)
def test_every_desk_writes_on_subjects_that_there_are(desk: Desk) -> None:
    assert set(desk.subjects) <= SUBJECTS.keys()
    directions = DIRECTIONS.get(desk.organisation, ())
    assert {each.subject for each in directions} <= set(desk.subjects)
    assert len(directions) <= 2


@given(st.integers(0, 364 * 24 * 60))
def test_an_office_works_on_weekdays_by_day_and_soon(minutes: int) -> None:
    moment = start_of_day(date(2026, 1, 1)) + timedelta(minutes=minutes)
    then = at_work(moment)
    assert then.weekday() < 5
    assert 8 <= then.hour < 18
    assert timedelta(0) <= then - moment < timedelta(days=4)
