"""What a command must know of a stream before it is decided: folded from the store, never from a ledger.

Each is asked with how far the asker reaches: what is beyond is as unknown as what is not there.
"""

from collections.abc import Callable
from typing import TypeVar

from shared.application.tokens import Token
from shared.contracts.base import Event
from shared.decider import Decider, Unknown
from shared.http.problems import NOT_FOUND
from shared.ids import StreamName, is_id
from shared.security.extent import Extent
from shared.service import Runtime

S = TypeVar("S")


def state_within(
    runtime: Runtime, decider: Decider[S], id_: str, extent: Extent, whose: Callable[[S], tuple[str, str | None]]
) -> S:
    """Return the state of a stream; ``whose`` tells its agency, and its organisation where it belongs to one.

    Raises:
        Unknown: there is none of this id within the extent.
    """
    if not is_id(id_):
        raise Unknown("not-found", NOT_FOUND)
    stream = StreamName(decider.context, decider.aggregate, id_)
    state = decider.fold(runtime.codec.decode(row) for row in runtime.store.load(str(stream)))
    agency_id, organisation_id = whose(state)
    if not agency_id or not extent.covers(agency_id, organisation_id):
        raise Unknown("not-found", NOT_FOUND)
    return state


def event_at(runtime: Runtime, token: Token) -> Event:
    """Return the event a token points at: what a repeated command did the first time."""
    rows = runtime.store.load(str(token.stream), after=token.version - 1, until=token.version)
    return runtime.codec.decode(rows[0])
