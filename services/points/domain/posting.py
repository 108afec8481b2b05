"""What one record has given (积分入账): corrected and withdrawn with it, each rule once a member."""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from shared.contracts.base import Event
from shared.contracts.points import POINTS_HEAD_NAMES, PointsHead, PointsPosted, PointsReversed
from shared.decider import Decider, RuleBroken, Unknown

Key = tuple[str, str]
"""A member and the code of a rule."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; ``reversed`` says why it counts no more, ``objected`` that the member was right about it."""

    posted: PointsPosted
    reversed: str | None = None
    objected: bool = False


@dataclass(frozen=True, slots=True)
class PostingState:
    """Every entry that one record has given, the last of a member and rule."""

    agency_id: str = ""
    entries: dict[Key, Entry] = field(default_factory=dict)

    @property
    def organisation_id(self) -> str | None:
        """Return the organisation that all of its entries are of, None where they are of several."""
        whose = {e.posted.organisation_id for e in self.entries.values()}
        return whose.pop() if len(whose) == 1 else None


@dataclass(frozen=True, slots=True)
class Line:
    """What a rule gives to a member who belongs to an organisation."""

    member_id: str
    organisation_id: str
    rule: str
    head: PointsHead
    points: int


@dataclass(frozen=True, slots=True)
class Post:
    """Post what a record gives as it now stands; whoever it gives nothing any more loses the entry."""

    agency_id: str
    source: str
    source_event: str
    title: str
    happened_on: date
    rule_set: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class AddFor:
    """Post what a later event of the record gives to a member who has an entry from it already."""

    source_event: str
    member_id: str
    rule_set: int
    rules: tuple[tuple[str, PointsHead, int], ...]


@dataclass(frozen=True, slots=True)
class Retract:
    """Reverse everything: the record was withdrawn."""

    source_event: str
    reason: str


@dataclass(frozen=True, slots=True)
class Uphold:
    """Reverse an entry because its member objected and was right."""

    entry_id: str
    objection_id: str
    reason: str


Command = Post | AddFor | Retract | Uphold
CORRECTED = "来源记录已更正"


def decide(state: PostingState, command: Command) -> tuple[Event, ...]:
    """Decide on one record's entries."""
    match command:
        case Post():
            return _post(state, command)
        case AddFor():
            return _add(state, command)
        case Retract():
            standing = [e for e in state.entries.values() if e.reversed is None]
            return tuple(_reverse(e, command.source_event, f"来源记录已撤回：{command.reason}") for e in standing)
        case Uphold():
            return _uphold(state, command)


def _post(state: PostingState, command: Post) -> tuple[Event, ...]:
    wanted = {(line.member_id, line.rule): line for line in command.lines}
    gone = [e for key, e in state.entries.items() if key not in wanted and e.reversed is None]
    new = [line for key, line in wanted.items() if _is_open(state, key)]
    return (
        *(_reverse(e, command.source_event, CORRECTED) for e in gone),
        *(_posted(command, line) for line in new),
    )


def _is_open(state: PostingState, key: Key) -> bool:
    """Tell whether an entry may be posted: there is none, or its source took it away, not an objection."""
    there = state.entries.get(key)
    return there is None or (there.reversed is not None and not there.objected)


def _posted(command: Post, line: Line) -> PointsPosted:
    return PointsPosted(
        entry_id=f"{command.source_event}~{line.rule}~{line.member_id}",
        agency_id=command.agency_id,
        organisation_id=line.organisation_id,
        member_id=line.member_id,
        head=line.head,
        points=line.points,
        rule=line.rule,
        rule_set=command.rule_set,
        source=command.source,
        source_event=command.source_event,
        title=command.title,
        happened_on=command.happened_on,
    )


def _add(state: PostingState, command: AddFor) -> tuple[Event, ...]:
    of_member = next((e.posted for e in state.entries.values() if e.posted.member_id == command.member_id), None)
    if of_member is None:
        raise RuleBroken("nothing-posted", "这位党员在这条记录里没有积分，不能追加。")
    same = Post(
        agency_id=of_member.agency_id,
        source=of_member.source,
        source_event=command.source_event,
        title=of_member.title,
        happened_on=of_member.happened_on,
        rule_set=command.rule_set,
        lines=(),
    )
    lines = [Line(command.member_id, of_member.organisation_id, *rule) for rule in command.rules]
    return tuple(_posted(same, line) for line in lines if _is_open(state, (line.member_id, line.rule)))


def _uphold(state: PostingState, command: Uphold) -> tuple[Event, ...]:
    entry = next((e for e in state.entries.values() if e.posted.entry_id == command.entry_id), None)
    if entry is None:
        raise Unknown("entry-unknown", "没有这笔积分。")
    if entry.reversed is not None:
        return ()
    reversal = _reverse(entry, command.objection_id, command.reason)
    return (reversal.model_copy(update={"by_objection": True}),)


def _reverse(entry: Entry, cause: str, reason: str) -> PointsReversed:
    posted = entry.posted
    return PointsReversed(
        entry_id=posted.entry_id, member_id=posted.member_id, cause=cause, by_objection=False, reason=reason
    )


def evolve(state: PostingState, event: Event) -> PostingState:
    """Return the record's entries after an event."""
    match event:
        case PointsPosted():
            entries = state.entries | {(event.member_id, event.rule): Entry(event)}
            return PostingState(event.agency_id, entries)
        case PointsReversed():
            changed = {
                key: replace(e, reversed=event.reason, objected=event.by_objection)
                for key, e in state.entries.items()
                if e.posted.entry_id == event.entry_id
            }
            return replace(state, entries=state.entries | changed)
    return state


def snapshot(state: PostingState) -> dict[str, Any]:
    """Return the entries as replay shows them."""
    if not state.entries:
        return {}
    first = next(iter(state.entries.values())).posted
    return {
        "title": first.title,
        "held_on": first.happened_on.isoformat(),
        "entries": {
            f"{member}~{rule}": {
                "member": member,
                "head": POINTS_HEAD_NAMES[e.posted.head],
                "points": e.posted.points,
                "reversed": e.reversed,
            }
            for (member, rule), e in state.entries.items()
        },
    }


POSTING: Decider[PostingState] = Decider("points", "posting", PostingState(), decide, evolve, snapshot)
