"""What a ledger (台账) is: tables, handlers, and nothing typed by hand.

A ledger lives in a slot: a small database of its own (a SQLite file; on PostgreSQL a schema). The same
handlers fill the serving slot, a green one beside it during a rebuild, and a scratch one for the past.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, MetaData

from shared.contracts.base import Event
from shared.eventstore.port import RecordedEvent


@dataclass(frozen=True, slots=True)
class Occurrence:
    """An event as a handler meets it: its row and its contract, opened."""

    row: RecordedEvent
    event: Any


UNOPENED: Final = Event()
"""What a ledger without keys is given for the event: nothing."""

BESIDE_THE_TRAIL: Final = {"beside_the_trail": True}
"""The ``info`` of a table or column that another than the handlers writes: a rebuild does not bring it back."""

Handler = Callable[[Connection, Occurrence], None]


@dataclass(frozen=True, slots=True)
class Ledger:
    """One read model. ``version`` rises with every change of table or handler: the runner then rebuilds it.

    ``handlers`` names the events it follows; events of its own context come from the events table, those of
    other contexts from their topics. A ledger follows one context or several, never its own twice. One that does not
    ``opens`` what it follows is given the rows alone, without keys: that something happened, never what.
    """

    name: str
    version: int
    metadata: MetaData
    handlers: Mapping[type[Event], Handler]
    opens: bool = True

    def contexts(self) -> frozenset[str]:
        """Return the contexts whose events this ledger follows."""
        return frozenset(e.TYPE.split(".", 1)[0] for e in self.handlers)
