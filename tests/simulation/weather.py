"""What happens to a world from outside: outages, losses, late arrivals, the power, a restored copy, a forged record."""

import copy
from dataclasses import dataclass, replace
from typing import Any

from shared.messaging.cloudevents import to_record
from shared.messaging.partitioner import partition_of
from shared.relay.cursor import Cursor
from tests.simulation.postgres_model import Database, Row
from tests.simulation.world import PARTITIONS, TOPIC, Kind, World

OF_ROWS = ("rows", "streams", "claims", "positions", "sequenced", "low_water")


@dataclass(frozen=True)
class Backup:
    """A consistent copy of the organization's database, its relay's cursor included."""

    values: dict[str, Any]
    cursor: Cursor


class Weather:
    """The weather of one world."""

    def __init__(self, world: World) -> None:
        self.world, self.random, self.scheduler = world, world.random, world.scheduler
        self.backup: Backup | None = None
        self.done = False

    def storm(self) -> None:
        """Let the processes run while the weather is bad."""
        for _ in range(self.random.randrange(6, 14)):
            self.scheduler.run(self.random.randrange(100, 500))
            self._change()
        self.world.broker.down = False
        self.scheduler.wind_down()

    def _change(self) -> None:
        world, roll = self.world, self.random.randrange(100)
        if world.kind is not Kind.ORDINARY and not self.done and roll < 50:
            self._once()
        elif roll < 15:
            world.broker.down = not world.broker.down
        elif roll < 22 and world.kind is Kind.ORDINARY:
            world.broker.lose_tails(4)
        elif roll < 30 and world.kind is Kind.ORDINARY:
            world.lost_records |= world.broker.lose_one()
        elif roll < 45:
            world.broker.land_late()
        elif roll < 75:
            for index in list(world.family.indices.values()):
                index.land_late()
        elif roll < 80:
            self._lose_power()
        elif roll < 85:
            self._move_to_another_server()

    def _once(self) -> None:
        """What this kind of world is about, once in its life."""
        world = self.world
        if world.kind is Kind.FORGED:
            self.done = self._forge()
        elif self.backup is None:
            kept = {name: copy.copy(getattr(world.organization, name)) for name in OF_ROWS}
            kept["streams"] = {stream: list(rows) for stream, rows in kept["streams"].items()}
            self.backup = Backup(kept, world.cursors.read(TOPIC))
        else:
            self._restore(self.backup)
            self.done = True

    def _lose_power(self) -> None:
        """Everyone dies; what was committed but not flushed is gone."""
        self.scheduler.note("the power goes")
        self.scheduler.kill_all()
        self.world.family.crash()
        for space in self.world.spaces.values():
            for disk in space.disks.values():
                disk.lose_power()

    def _move_to_another_server(self) -> None:
        """Dump and restore: the rows are the same, transaction ids begin anew."""
        self.scheduler.note("dumped, restored on another server")
        self.scheduler.kill_all()
        self.world.cluster.next_xid = 4
        for database in (self.world.organization, self.world.toy):
            self._take(database, {n: replace(row, xid=3) for n, row in database.rows.items()})

    def _restore(self, backup: Backup) -> None:
        """Put the backup in place of the database; what was recorded since is lost."""
        self.scheduler.note(f"restored to {len(backup.values['rows'])} events")
        self.scheduler.kill_all()
        self.world.went_back = True
        database = self.world.organization
        for name, value in backup.values.items():
            setattr(database, name, value)
        self._take(database, database.rows)
        self.world.cursors.rewind(TOPIC)
        if backup.cursor.position:
            self.world.cursors.move(TOPIC, backup.cursor)

    @staticmethod
    def _take(database: Database, rows: dict[int, Row]) -> None:
        database.rows = rows
        database._number = max(rows, default=0)
        for stream, of_stream in database.streams.items():
            database.streams[stream] = [rows[row.insert_id] for row in of_stream]

    def _forge(self) -> bool:
        """A copy of the database, started elsewhere by mistake, publishes another next event of a stream."""
        world = self.world
        rows = world.store.read(0, 10**6)
        if not rows or world.broker.down:
            return False
        row = self.random.choice(rows)
        version = len(world.organization.streams[row.stream_id]) + 1
        forged = row._replace(version=version, event_id=f"forged{version}", position=rows[-1].position + 1)
        world.broker.write(TOPIC, partition_of(row.stream_id, PARTITIONS), [to_record(forged)])
        world.forged = row.stream_id
        return True
