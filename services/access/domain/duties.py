"""三员分立: who runs the platform, who gives rights and who audits are three accounts that do nothing else."""

from collections.abc import Collection

from shared.decider import RuleBroken

DUTIES = {
    "administrator": "系统管理员",
    "security-administrator": "安全管理员",
    "audit-administrator": "审计管理员",
}
"""The three administrators by their role; the words are those of the screen."""

_BEYOND_THE_SYSTEM_ADMINISTRATOR = DUTIES.keys() - {"administrator"}


def stands_apart(held: Collection[str]) -> bool:
    """Tell whether the system administrator chooses no way in to an account: each would lead into the other duties."""
    return not _BEYOND_THE_SYSTEM_ADMINISTRATOR.isdisjoint(held)


def refuse_apart(held: Collection[str]) -> None:
    """Check that the system administrator may decide how an account is signed in to, and whether it is.

    Raises:
        RuleBroken: ``duties-apart``: the account stands apart.
    """
    if stands_apart(held):
        raise RuleBroken(
            "duties-apart", "三员分立：安全管理员、审计管理员怎样登录、是否停用、对应哪名党员，不能由系统管理员决定。"
        )


def takes_up_duty(role: str, held: Collection[str]) -> bool:
    """Tell whether an account that gets a role passes out of the system administrator's hands with it (ADR 13)."""
    return stands_apart({role}) and not stands_apart(held)


def refuse_mixed_duties(role: str, held: Collection[str]) -> None:
    """Check that an account which gets a role keeps to one of the three duties, or to none.

    Raises:
        RuleBroken: ``duties-apart``: it would be two of the three; ``administrator-only``: an administrator's account
            would do business as well (GB/T 22239 §8.1.5, GB/T 39784, 待核).
    """
    mixed = {role, *held} & DUTIES.keys()
    if len(mixed) > 1:
        names = "、".join(DUTIES[r] for r in DUTIES if r in mixed)
        raise RuleBroken("duties-apart", f"三员分立：一个账号不能同时担任{names}，请为另一位同志开立账号。")
    if mixed and {role, *held} - mixed:
        raise RuleBroken("administrator-only", "管理员账号只做管理，不能兼有业务角色；请另开一个账号。")
