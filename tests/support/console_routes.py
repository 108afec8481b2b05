"""Every route that browsers may ask, found in the application itself: a new page is covered without a word here."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi.routing import APIRoute, iter_route_contexts

from shared.ids import new_id
from tests.support.asgi import Client
from tests.support.embedded import PASSWORD, Embedded
from tests.support.plans import DEMO

PEOPLE = ("supervisor", "organiser", "member", "inspector", "administrator", "stranger")
FOR_PROGRAMS = ("/api/", "/livez", "/readyz", "/status", "/metrics", "/openapi.json")
READING = {"GET", "HEAD"}
CONTEXTS = ("access", "organization", "study", "points", "research")


@dataclass
class Browsers:
    """The platform, what it keeps, and a signed-in browser a person."""

    platform: Embedded
    known: dict[str, str]
    cookies: dict[str, str] = field(default_factory=dict)

    def routes(self, *, reading: bool) -> list[tuple[str, str]]:
        """Every method and address, with ids that exist where any do."""
        found = []
        for route in iter_route_contexts(self.platform.app.routes):
            if isinstance(route.original_route, APIRoute) and not route.path.startswith(FOR_PROGRAMS):
                path = re.sub(r"{(\w+)[^}]*}", lambda name: self.known.get(name[1], new_id()), route.path)
                found += [(method, path) for method in sorted(route.methods) if (method in READING) == reading]
        return found

    def ask(self, who: str | None, method: str, path: str, **options: Any) -> httpx.Response:
        """One request of a person's browser; ``headers`` add to what it sends of itself, or take its place."""
        sent = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin", "Cookie": self.cookie(who)}
        headers = {name: value for name, value in (sent | options.pop("headers", {})).items() if value}
        return Client(self.platform.app).request(method, path, headers=headers, **options)

    def cookie(self, who: str | None) -> str:
        """The cookie that a person's browser keeps; empty for nobody's."""
        if who is not None and who not in self.cookies:
            answer = self.ask(None, "POST", "/sign-in", data={"account": who, "password": PASSWORD})
            assert answer.status_code == 303, answer.text
            self.cookies[who] = answer.headers["set-cookie"].partition(";")[0]
        return self.cookies[who] if who is not None else ""

    def recorded(self) -> Counter[str]:
        """How many events of each type are on record, over all contexts."""
        stores = [self.platform.assembly.store(context) for context in CONTEXTS]
        return Counter(event.type for store in stores for event in store.read(0, store.head()))


def furnished(platform: Embedded) -> Browsers:
    """The platform with a plan in force and one activity, so that pages have something to show."""
    plans = "/api/organization/work-plans"
    imported = platform.upload("supervisor", "计划.txt", DEMO.read_bytes()).json()["id"]
    platform.post("supervisor", f"{plans}/{imported}/adopt")
    entry = {
        "organisation_id": platform.branches["first"],
        "kind": "theme-day",
        "held_on": "2026-03-05",
        "title": "到石桥村看冷库",
        "place": "石桥村",
        "minutes": "先算清电费，再谈入股。",
        "attendees": [platform.members["first"]],
    }
    activity = platform.post("organiser", "/api/organization/activities", json=entry)["id"]
    platform.await_ledgers()
    (someone, *_) = platform.get("administrator", "/api/access/accounts", q="member")["items"]
    ids = {"plan_id": imported, "activity_id": activity, "id": activity, "account_id": someone["id"]}
    ids |= {"agency_id": platform.agencies["first"]}
    return Browsers(platform, ids | {"clause": "1-1", "number": "1-1", "what": "add"})


def everyone(browsers: Browsers, *, reading: bool = True) -> Iterator[tuple[str | None, str, str]]:
    """Every person, and nobody, at every route."""
    for who in (None, *PEOPLE):
        for method, path in browsers.routes(reading=reading):
            yield who, method, path
