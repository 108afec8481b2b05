"""Fields: two values are the same when their JSON is, whatever Python thinks of them."""

import pytest

from shared.replay.fields import ABSENT, FieldChange, changes, flatten


@pytest.mark.parametrize(("before", "after"), [(1, True), (1, 1.0), (0, False), ("1", 1), ("", None), ([], None)])
def test_values_that_only_python_takes_for_equal_differ_alone_and_inside_lists_and_objects(before, after):
    assert changes({"糖": before}, {"糖": after}) == [FieldChange("糖", before, after)]
    assert len(changes({"糖": ["甲", before]}, {"糖": ["甲", after]})) == 1
    assert len(changes({"糖": [{"乙": before}]}, {"糖": [{"乙": after}]})) == 1


def test_equal_values_do_not_differ_though_they_are_other_objects():
    first, second = ({"糖": ["".join("甲乙"), 1, {"盐": 2}], "茶": "".join("丙丁")} for _ in range(2))
    assert changes(first, second) == []


def test_a_list_that_became_longer_differs():
    assert changes({"糖": ["甲"]}, {"糖": ["甲", "甲"]}) == [FieldChange("糖", ["甲"], ["甲", "甲"])]


def test_later_fields_come_first_in_their_order_then_those_that_are_gone():
    found = changes({"糖": "甲", "盐": "乙"}, {"茶": "丙", "盐": "丁"})
    assert [(c.path, c.before, c.after) for c in found] == [
        ("茶", ABSENT, "丙"),
        ("盐", "乙", "丁"),
        ("糖", "甲", ABSENT),
    ]


def test_objects_are_walked_by_dots_while_lists_and_empty_objects_are_values():
    assert flatten({"a": {"b": {"c": 1}, "d": {}}, "e": [{"f": 2}], "g": {}}) == {
        "a.b.c": 1,
        "a.d": {},
        "e": [{"f": 2}],
        "g": {},
    }
