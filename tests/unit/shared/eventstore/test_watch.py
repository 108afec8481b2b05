from shared.eventstore.watch import Watch
from tests.support.appends import InBackground


def test_of_many_who_wait_one_looks() -> None:
    looked: list[int] = []

    def head() -> int:
        looked.append(1)
        return 0

    watch = Watch(head, 0.05, 0.05)
    with InBackground(*[lambda: watch.wait(0, 1)] * 10):
        pass
    assert len(looked) <= 100, "some when they come, go and take over, one in between; each for itself would be 210"


def test_looks_lie_further_apart_while_nothing_happens() -> None:
    looked: list[int] = []

    def head() -> int:
        looked.append(1)
        return 0

    Watch(head, 0.001, 0.2).wait(0, 1)
    assert len(looked) <= 2 + 8 + 6, "doubling from one millisecond to two hundred, then five a second"


def test_who_is_told_of_a_position_looks_no_more() -> None:
    heads = [0]
    watch = Watch(lambda: heads[0], 30, 30)
    woken: list[int] = []
    with InBackground(lambda: woken.append(watch.wait(0, 60))):
        heads[0] = 1
        watch.tell(1)
    assert woken == [1]
