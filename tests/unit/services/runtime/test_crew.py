"""The background threads of a process: one that fails is told of, all are drained."""

import threading

from structlog.testing import capture_logs

from services.runtime.crew import Crew


def test_a_loop_runs_until_it_is_asked_to_stop_and_finishes_what_it_began() -> None:
    crew, ended = Crew(), []

    def loop(stop: threading.Event) -> None:
        stop.wait(30)
        ended.append("finished")

    crew.start("one", loop)
    crew.start("two", loop)
    assert crew.names() == ["one", "two"]
    assert crew.alive("one")
    crew.drain(30)
    assert ended == ["finished", "finished"]
    assert not crew.alive("one")
    assert crew.failed == {}


def test_a_loop_that_breaks_is_told_of_once_and_the_others_go_on() -> None:
    told, done = [], threading.Event()
    crew = Crew(on_failure=lambda name: (told.append(name), done.set()))

    def breaks(_: threading.Event) -> None:
        raise ConnectionError("postgresql://user:secret@db")

    crew.start("whole", lambda stop: stop.wait(30) and None)
    with capture_logs() as logged:
        crew.start("broken", breaks)
        assert done.wait(30)
    assert told == ["broken"]
    assert crew.alive("whole")
    assert [entry["loop"] for entry in logged if entry["event"] == "loop failed"] == ["broken"]
    crew.drain(30)


def test_what_everyone_may_read_names_the_kind_of_failure_only() -> None:
    crew = Crew()
    crew.start("broken", lambda _: _fail())
    crew.drain(30)
    assert crew.failed == {"broken": "ConnectionError"}


def _fail() -> None:
    raise ConnectionError("postgresql://user:secret@db")
