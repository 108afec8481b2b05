"""What arrivals take is counted from when they were due."""

from dataclasses import dataclass, field

from tests.benchmarks.arrivals import NOT_BEGUN, Arrivals, Came, errors, moments, worst


@dataclass
class Server:
    """Answers in turn, each arrival in its time; its clock goes on as it answers and as one waits."""

    takes: list[float]
    now: float = 100.0
    asked: list[int] = field(default_factory=list)

    def ask(self, number: int) -> None:
        self.asked.append(number)
        self.now += self.takes[number]

    def wait(self, seconds: float) -> None:
        self.now += seconds

    def met(self, until: float = 1000.0) -> list[Came]:
        due = [float(n) for n in range(len(self.takes))]
        arrivals = Arrivals(self.ask, due, until, lambda: self.now, self.wait)
        arrivals.work(self.now)
        return arrivals.came


def test_arrivals_are_due_evenly_from_the_first_moment_on() -> None:
    assert moments(4, 1.5) == [0, 0.25, 0.5, 0.75, 1, 1.25]


def test_a_rate_that_leaves_a_fraction_is_rounded_to_whole_arrivals() -> None:
    assert len(moments(45.4, 10)) == 454


def test_a_quick_server_is_asked_at_the_moments_that_are_due() -> None:
    assert [each.took for each in Server([0.5, 0.25, 0.5]).met()] == [0.5, 0.25, 0.5]


def test_a_stall_shows_in_everyone_who_came_meanwhile() -> None:
    assert [each.took for each in Server([3.5, 0, 0, 0, 0.5]).met()] == [3.5, 2.5, 1.5, 0.5, 0.5]


def test_what_nobody_could_begin_before_the_end_is_an_error_and_is_not_asked() -> None:
    server = Server([3.5, 0, 0])
    came = server.met(until=3.0)
    assert errors(came) == [NOT_BEGUN, NOT_BEGUN]
    assert server.asked == [0]


def test_what_fails_is_told_and_the_next_is_asked() -> None:
    def refuse(number: int) -> None:
        if not number:
            raise AssertionError("503: busy")

    arrivals = Arrivals(refuse, [0, 0], 1.0, lambda: 0.0)
    assert [each.error for each in arrivals.meet(1)] == ["503: busy", ""]


def test_several_workers_meet_each_arrival_once() -> None:
    asked: list[int] = []
    Arrivals(asked.append, [0.0] * 50, 1.0, lambda: 0.0).meet(4)
    assert sorted(asked) == list(range(50))


def test_the_worst_of_a_share_counts_those_that_failed_as_they_ended() -> None:
    came = [Came(0, n / 100) for n in range(99)] + [Came(0, 9.0, "503")]
    assert (worst(came, 0.5), worst(came, 0.99), worst(came, 1)) == (0.49, 0.98, 9.0)
