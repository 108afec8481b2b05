"""A theme day of the first agency's branch, as its organiser would record it."""

from typing import Any

from tests.support.embedded import Embedded

WORDS = "冷库的电费由村里和公司各担一半"


def theme_day(platform: Embedded, **changes: Any) -> dict[str, Any]:
    return {
        "organisation_id": platform.branches["first"],
        "kind": "theme-day",
        "held_on": "2026-03-05",
        "title": "到石桥村看冷库",
        "place": "石桥村",
        "minutes": f"会上说定：{WORDS}。",
        "attendees": [platform.members["first"]],
    } | changes
