"""The cursor only goes forward, and one relay at a time holds its topic."""

from contextlib import closing

from shared.clock import system_clock
from shared.relay.cursor import START, Cursor, CursorStore


def test_a_topic_nothing_was_published_to_is_at_the_start(cursors: CursorStore) -> None:
    assert cursors.read("t") == START


def test_a_cursor_is_found_again_where_it_was_left(cursors: CursorStore, cursor_url: str) -> None:
    cursors.move("t", Cursor(5, "e"))
    cursors.move("t", Cursor(9, "f"))

    with closing(CursorStore(cursor_url, system_clock)) as again:
        assert again.read("t") == Cursor(9, "f")
        assert again.read("u") == START


def test_a_cursor_never_goes_back(cursors: CursorStore) -> None:
    cursors.move("t", Cursor(9, "f"))
    cursors.move("t", Cursor(5, "e"))

    assert cursors.read("t") == Cursor(9, "f")


def test_a_rewound_cursor_is_at_the_start(cursors: CursorStore) -> None:
    cursors.move("t", Cursor(9, "f"))
    cursors.rewind("t")

    assert cursors.read("t") == START


def test_one_relay_holds_a_topic_until_it_lets_go(cursors: CursorStore, cursor_url: str) -> None:
    with closing(CursorStore(cursor_url, system_clock)) as other:
        with cursors.hold("t") as mine, other.hold("t") as theirs, other.hold("u") as elsewhere:
            assert (mine, theirs, elsewhere) == (True, False, True)
        with other.hold("t") as now_theirs:
            assert now_theirs
