"""Sign-in on every request: a route names its permission, or says that it is public; nothing else is served."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from fastapi import APIRouter, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from shared.application.tokens import Token
from shared.decider import Unknown
from shared.http import reads
from shared.http.known import known
from shared.http.problems import NOT_FOUND, Problem
from shared.security.policy import RESTRICTED_READS, Permission, Reach, reach
from shared.security.principal import PLATFORM, Grant, Principal


class Principals(Protocol):
    """Tells who a bearer token belongs to; in this process or by asking the access service."""

    def resolve(self, bearer: str, after: Token | None = None) -> Principal | None:
        """Return the principal of a session in force, or None.

        ``after``: what roles reach is as new as this token, if that can be had within the wait of a query.
        """


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and how far the endpoint's permission reaches for them."""

    principal: Principal
    permission: Permission
    reach: Reach
    look: reads.Look | None = None

    def touches(
        self,
        agency_id: str,
        organisation_id: str | None = None,
        permission: Permission | None = None,
        record: str | None = None,
    ) -> None:
        """Say whose matter the answer holds; what must be recorded of it is recorded as theirs, and nobody else's.

        ``permission`` is that under which it is read, where it is another than the route's, ``record`` its stream.
        """
        if self.look:
            self.look.held.add(reads.Matter(agency_id, organisation_id, permission or self.permission, record))

    def shows(self, agency_id: str, organisation_id: str | None, permission: Permission, record: str) -> None:
        """Say that the answer shows a record among others of which it does not say whose they are."""
        if self.look:
            self.look.among_others.add(reads.Matter(agency_id, organisation_id, permission, record))

    def exports(self, rows: int, total: int) -> None:
        """Say how many rows of how many the file holds."""
        if self.look:
            self.look.rows = (rows, total)

    def agency(self, named: str | None = None) -> str:
        """Return the agency a request means: the one it names, else the first where the permission is held.

        Raises:
            Unknown: it is not within reach (404: whether it exists is not told).
        """
        grants = self.principal.grants
        held = (g.agency_id for g in grants if g.agency_id != PLATFORM and self._reached(g))
        meant = named or next(held, self.principal.home_agency)
        own = {g.agency_id for g in grants}
        if meant is None or not (meant in self.reach.agencies or meant in own):
            raise Unknown("not-found", NOT_FOUND)
        return meant

    def _reached(self, grant: Grant) -> bool:
        return grant.agency_id in self.reach.agencies or not grant.organisations.isdisjoint(self.reach.organisations)

    def require(self, agency_id: str, organisation_id: str | None = None) -> None:
        """Refuse what is out of reach.

        Raises:
            Unknown: 404, as for what does not exist.
        """
        if not self.reach.covers(agency_id, organisation_id):
            raise Unknown("not-found", NOT_FOUND)


class Guard:
    """What marks a route as guarded: ``Allow``, ``Public``, or a service's own kind of sign-in."""


class Allow(Guard):
    """A dependency that lets through whoever holds the permission anywhere, and returns the ``Caller``.

    What a mandate opens, and what is of a restricted class, is recorded as read. ``content=False`` marks a route that
    gives none of its own: names of accounts, or what another route answers and records. ``export=True`` marks one
    whose answer is a file to take away: that is recorded of everybody.

    Raises:
        ValueError: what a restricted class's permission opens is always recorded.
    """

    def __init__(self, permission: Permission, *, content: bool = True, export: bool = False) -> None:
        if not content and (export or permission in RESTRICTED_READS.values()):
            raise ValueError(f"{permission}: what it opens is recorded")
        self.permission, self.export, self._content = permission, export, content

    def __call__(self, request: Request) -> Caller:
        """Return the caller, or refuse with 401 or 403."""
        principal = signed_in(request)
        if principal.must_change_password:
            raise Problem(403, "password-change-needed", "请先修改密码：现在的密码是管理员设置的。")
        extent = reach(principal, self.permission)
        if extent.nothing:
            raise Problem(403, "not-permitted", "您的角色没有这项权限；如确有需要，请联系本机关管理员。")
        look = None
        if self._content:
            look = reads.begin(request.scope, principal, self.permission, export=self.export)
        return Caller(principal, self.permission, extent, look)


class Public(Guard):
    """A dependency that marks a route as open to people who are not signed in."""

    def __call__(self) -> None:
        """Let everyone through."""


allow = Allow
public = Public()


def bearer_of(request: Request) -> str | None:
    """Return the bearer token of the request, or None.

    Raises:
        Problem: 400, there are two: whoever stands in between might go by the other one.
    """
    sent = request.headers.getlist("authorization")
    if len(sent) > 1:
        raise Problem(400, "authorization-twice", "请求带了两个 Authorization，无法确定是谁，没有办理。")
    scheme, _, token = (sent[0] if sent else "").partition(" ")
    token = token.strip()
    return token if scheme.lower() == "bearer" and token and token.isascii() else None


def signed_in(request: Request) -> Principal:
    """Return who is signed in.

    Raises:
        Problem: 401 when nobody is.
    """
    bearer = bearer_of(request)
    principals: Principals = request.app.state.principals
    principal = known(bearer, _after(request), request.method, principals.resolve) if bearer else None
    if principal is None:
        raise Problem(401, "sign-in-needed", "请先登录；登录可能已经过期。", {"WWW-Authenticate": "Bearer"})
    return principal


def _after(request: Request) -> Token | None:
    """Return the token a query waits for: whoever has set up an agency and looks at it must be known to reach it."""
    try:
        return Token.parse(request.query_params.get("after", ""))
    except ValueError:
        return None


class Unguarded(Exception):
    """A route neither names a permission nor says that it is public: the application refuses to start."""


def refuse_unguarded(router: APIRouter) -> None:
    """Check that every route is guarded; what is not a plain route (a mount, a router in a router) is refused too.

    Raises:
        Unguarded: naming the first that is not.
    """
    for route in router.routes:
        if not isinstance(route, APIRoute) or not any(_guards(route.dependant)):
            raise Unguarded(str(route))


def _guards(dependant: Dependant) -> Iterator[bool]:
    for inner in dependant.dependencies:
        if isinstance(inner.call, Guard):
            yield True
        yield from _guards(inner)
