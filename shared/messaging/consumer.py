"""What a consumer of a topic does with a record: at least once on the wire, exactly once in effect."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Head:
    """The last event of a stream that a consumer has applied."""

    version: int
    event_id: str


class Verdict(Enum):
    """What to do with a record."""

    NEXT = "next"
    """Apply it: it continues its stream."""

    DUPLICATE = "duplicate"
    """Drop it: it was applied before."""


class GapFound(Exception):
    """A stream's next event is missing before this one; nothing may be applied in its place.

    A relay that stopped between two sends sends both again, in order, so a gap that was only a hiccup closes
    by itself: refuse this record, remember that the stream waits, and go on. One that stays is a loss.
    """

    code = "stream-gap"

    def __init__(self, stream: str, expected: int, found: int) -> None:
        super().__init__(f"{stream} 缺少第 {expected} 个事件:收到的是第 {found} 个,未作处理")
        self.stream, self.expected, self.found = stream, expected, found


class ForkDetected(Exception):
    """Two different events claim one place of the trail: a restored backup was written to again.

    Nothing may go on by itself from here: people decide which history holds. ``place`` says where, ``ours`` is
    the event's id in the database (None: missing there), ``theirs`` the id on the topic or in the cursor.
    """

    code = "history-forked"

    def __init__(self, place: str, ours: str | None, theirs: str) -> None:
        held = f"事件 {ours}" if ours else "没有这个事件"
        super().__init__(
            f"{place} 出现两种历史:本地库中{held},已经发布的是事件 {theirs}。"
            "通常是数据库从旧备份恢复,丢了其后的事件。已停止处理,没有改动任何数据;"
            "请用更新的备份恢复,或者确认以哪一份为准并重建主题之后再启动。"
        )
        self.place, self.ours, self.theirs = place, ours, theirs


class StreamHeads:
    """How far each stream has been applied, during one batch.

    ``known`` looks a stream's head up in the consumer's own database (None: never seen). Throw the object
    away when the batch is rolled back; ``moved`` holds the heads to be written in the batch's transaction.
    """

    def __init__(self, known: Callable[[str], Head | None]) -> None:
        self._known = known
        self._read: dict[str, Head | None] = {}
        self.moved: dict[str, Head] = {}

    def judge(self, stream: str, version: int, event_id: str) -> Verdict:
        """Say whether the event is the stream's next one, and move the head over it if it is.

        An older version is taken for a duplicate without looking at its id: only heads are kept.

        Raises:
            GapFound: events before it are missing.
            ForkDetected: the stream's head has this version and another id.
        """
        head = self.head(stream)
        expected = head.version + 1 if head else 1
        if version > expected:
            raise GapFound(stream, expected, version)
        if version == expected:
            self.moved[stream] = Head(version, event_id)
            return Verdict.NEXT
        if head and version == head.version and event_id != head.event_id:
            raise ForkDetected(f"{stream} 第 {version} 个事件", head.event_id, event_id)
        return Verdict.DUPLICATE

    def head(self, stream: str) -> Head | None:
        """Return the stream's head as this batch leaves it."""
        if stream in self.moved:
            return self.moved[stream]
        if stream not in self._read:
            self._read[stream] = self._known(stream)
        return self._read[stream]
