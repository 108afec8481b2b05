"""The desk when there is nothing to do: true of what stands beside it, and no button that its reader may not press."""

from datetime import date
from types import SimpleNamespace

import pytest
from starlette.datastructures import URL

from services.console.desk_items import heading
from services.console.menu import menu_for
from services.console.pages.desk import NO_RECORDS
from services.console.rendering import templates
from shared.security.principal import Role
from tests.support.visitors import visitor


def desk(role, *statuses, **more):
    someone = visitor(role)
    mandates = [
        {"id": "m", "body_name": "督查组", "status": s, "may": [], "first_day": "2026-11-01", "last_day": "2026-11-20"}
        for s in statuses
    ]
    return templates.get_template("desk.html").render(
        request=SimpleNamespace(url=URL("http://desk/"), url_for=lambda *_, **__: ""),
        visitor=someone,
        menu=menu_for(someone, "/"),
        heading=heading([]),
        groups=[],
        mandates=mandates,
        day=date(2026, 11, 24),
        **NO_RECORDS | more,
    )


@pytest.mark.parametrize("role", Role)
def test_an_empty_desk_offers_no_page_that_is_not_in_the_readers_menu(role):
    inside = desk(role).partition('class="card empty left"')[2]
    offered = {p for p in ("/plans", "/search", "/history", "/accounts", "/system") if f'href="{p}"' in inside}
    assert offered <= {entry["path"] for entry in menu_for(visitor(role), "/")}


@pytest.mark.parametrize("role", [Role.INSPECTOR, Role.AUDIT_ADMINISTRATOR])
@pytest.mark.parametrize(("status", "said"), [("running", "有检查授权正在生效"), ("requested", "等待批准")])
def test_whoever_has_a_mandate_running_or_asked_for_is_not_urged_to_ask_for_one(role, status, said):
    shown = desk(role, status)
    assert said in shown
    assert 'class="btn go" href="/mandates/new"' not in shown


def test_whoever_has_none_is_led_to_ask_for_one():
    assert 'class="btn go" href="/mandates/new"' in desk(Role.INSPECTOR)


def test_a_year_of_more_records_than_are_read_is_not_drawn_as_if_nothing_was_held():
    shown = desk(Role.WORK_COMMITTEE, too_many=True)
    assert "今年记录太多" in shown
    assert 'class="year"' not in shown
