"""Words, pinyin and the analyzer version."""

import pytest

from shared.text import words as module
from shared.text.pinyin import initial_terms, name_syllables, pinyin_terms, readings, syllables
from shared.text.words import analyzer_version, dictionary, words


def test_fixed_formulations_stay_whole() -> None:
    assert words("深刻领悟两个确立落实第一议题") == ["深刻", "领悟", "两个确立", "落实", "第一议题"]
    assert all(term in words(f"我们，{term}。") for term in dictionary())


def test_words_have_no_punctuation() -> None:
    assert words('党建，"引领"2026') == ["党建", "引领", "2026"]


def test_the_dictionary_has_each_term_once() -> None:
    assert len(set(dictionary())) == len(dictionary()) > 150


def test_another_dictionary_is_another_analyzer_version(monkeypatch: pytest.MonkeyPatch) -> None:
    before = analyzer_version()
    analyzer_version.cache_clear()
    monkeypatch.setattr(module, "dictionary", lambda: (*dictionary(), "新词"))
    assert analyzer_version() != before
    analyzer_version.cache_clear()


def test_titles_are_read_without_tones_and_family_names_as_names() -> None:
    assert syllables("党建工作2026") == ["dang", "jian", "gong", "zuo"]
    assert name_syllables("单继红") == ["shan", "ji", "hong"]
    assert name_syllables("欧阳静") == ["ou", "yang", "jing"]
    assert name_syllables("张晓梅") == ["zhang", "xiao", "mei"]


def test_title_and_name_are_kept_apart() -> None:
    assert pinyin_terms("党建", "单红") == ["dang", "jian", "¶¶", "shan", "hong"]
    assert initial_terms("党建", "单红") == ["d", "j", "¶¶", "sh"]
    assert initial_terms("党建", None) == ["d", "j", "¶¶"]


def test_letters_are_read_as_syllables_in_every_likely_way() -> None:
    assert readings("dangjian")[0] == ("dang", "jian")
    assert ("fang", "an") in readings("fangan")
    assert ("fan", "gan") in readings("fangan")
    assert readings("ppt") == []
    assert len(readings("ananananananananananananananan")) <= 8
