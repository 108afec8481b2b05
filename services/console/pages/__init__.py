"""The pages, one module a screen."""

from services.console.pages import (
    account_roles,
    accounts,
    activities,
    activity_form,
    agencies,
    desk,
    history,
    oidc,
    password,
    plan_changes,
    plan_import,
    plan_tasks,
    plans,
    search,
    second_step,
    sign_in,
    system,
)

ALL = (
    sign_in,
    oidc,
    password,
    second_step,
    desk,
    plan_import,
    plan_tasks,
    plan_changes,
    plans,
    activity_form,
    activities,
    search,
    history,
    accounts,
    account_roles,
    agencies,
    system,
)
"""In the order routes are tried: a fixed address before one with a name in it."""
