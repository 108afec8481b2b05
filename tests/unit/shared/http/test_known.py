"""Who asks is found out once for all that one request leads to, and anew for whatever changes something."""

from collections import Counter

from shared.application.tokens import Token
from shared.http.known import knowing, known
from shared.ids import StreamName
from shared.security.principal import Role
from tests.unit.shared.http.lone import principal


class Asked:
    """Whoever tells principals, and how often it was asked."""

    def __init__(self) -> None:
        self.times: Counter[str] = Counter()
        self.ended: set[str] = set()

    def __call__(self, bearer, _):
        self.times[bearer] += 1
        return None if bearer in self.ended else principal(Role.MEMBER)


def test_what_one_request_leads_to_asks_once_a_token():
    asked = Asked()
    with knowing():
        with knowing():
            known("a", None, "GET", asked)
        known("a", None, "HEAD", asked)
        known("b", None, "GET", asked)
    assert asked.times == {"a": 1, "b": 1}


def test_the_next_request_asks_anew():
    asked = Asked()
    for _ in range(2):
        with knowing():
            known("a", None, "GET", asked)
    assert asked.times["a"] == 2


def test_outside_of_a_request_nothing_is_remembered():
    asked = Asked()
    known("a", None, "GET", asked)
    known("a", None, "GET", asked)
    assert asked.times["a"] == 2


def test_a_command_asks_anew_and_so_does_what_is_read_after_it():
    asked = Asked()
    with knowing():
        known("a", None, "GET", asked)
        known("a", None, "POST", asked)
        asked.ended.add("a")
        assert known("a", None, "GET", asked) is None
    assert asked.times["a"] == 3


def test_nobody_is_not_remembered():
    asked = Asked()
    asked.ended.add("a")
    with knowing():
        assert known("a", None, "GET", asked) is None
        asked.ended.clear()
        assert known("a", None, "GET", asked) is not None


def test_what_comes_after_a_token_asks_anew_once_and_is_remembered_for_what_names_none():
    asked, token = Asked(), Token(StreamName("organization", "agency", "a"), 1)
    with knowing():
        known("a", None, "GET", asked)
        known("a", token, "GET", asked)
        assert asked.times["a"] == 2
        known("a", token, "GET", asked)
        known("a", None, "GET", asked)
    assert asked.times["a"] == 2
