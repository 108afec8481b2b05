"""How far a read goes: as far as a caller's reach, or, for the platform's own few reads, over everything."""

from dataclasses import dataclass

from shared.security.policy import Reach


@dataclass(frozen=True, slots=True)
class Unbounded:
    """A read that no caller's reach bounds; ``reason`` says why there is none. tests/architecture lists every one."""

    reason: str

    def covers(self, agency_id: str, organisation_id: str | None = None) -> bool:
        """Return True: the platform itself reads it."""
        return True


Extent = Reach | Unbounded
