"""What the pages of accounts share: passwords handed over, the roster, the role of a form, whose trail it is."""

import secrets
from dataclasses import dataclass
from typing import Any

from services.console.forms import Typed, given
from services.console.places import Place, place_of
from services.console.session import Refused, Visitor
from shared.security.policy import Permission
from shared.security.principal import PLATFORM, Role

API = "/api/access/accounts"
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""What a first password is made of: nothing that is mistaken for another when it is read out."""


@dataclass(frozen=True, slots=True)
class Handed:
    """A log-in name and the password just chosen for it: shown once, in the answer itself, and kept nowhere."""

    login: str
    password: str
    opened: bool = False
    """Whether the account was opened with it: a duty that is asked for along with that voids it (ADR 13)."""


async def roster_of(visitor: Visitor, agency_id: str) -> list[dict[str, Any]]:
    """Return the members an account of the agency may be of; the platform has none."""
    if agency_id == PLATFORM:
        return []
    found = await visitor.get("organization", "/api/organization/members", agency=agency_id)
    return list(found["members"])


def first_password() -> str:
    """Return a password that is read out and typed once: three groups of four, about 59 bits."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))


def role_asked(typed: Typed) -> dict[str, Any]:
    """Return the role of a form as the API takes it."""
    agency, organisation = place_of(typed.text("place"))
    return given(role=typed.text("role"), agency=agency, organisation=organisation, until=typed.maybe("until"))


def role_typed(asked: dict[str, Any]) -> dict[str, str]:
    """Return a request for a role as its form would have had it typed, to be changed and sent again."""
    place = Place(asked["agency"], asked["organisation"], asked["organisation_name"])
    return {"role": asked["role"], "place": place.code, "until": asked["until"] or "", "reason": asked["reason"]}


def refuse_incomplete_role(typed: Typed) -> None:
    """Refuse a role without a place, which must not be the whole agency by default, or without a reason to judge by.

    Raises:
        Refused: with a sentence a field.
    """
    errors = []
    if typed.text("role") and not typed.text("place"):
        errors.append({"field": "organisation", "detail": "请选定在哪个党组织任职。"})
    if typed.text("role") and not typed.text("reason"):
        errors.append({"field": "reason", "detail": "请写明为什么需要这项角色，批准的人要看。"})
    if errors:
        raise Refused(422, {"detail": "角色的申请还没有填全，账号没有开立。", "errors": errors})


def audits(visitor: Visitor, account: dict[str, Any]) -> bool:
    """Tell whether an account's trail is the visitor's to read: an auditor's is the security administrator's."""
    auditor = any(g["role"] == Role.AUDIT_ADMINISTRATOR for g in account["grants"])
    return visitor.may(Permission.AUDIT_THE_AUDITOR if auditor else Permission.AUDIT_ACCOUNTS)
