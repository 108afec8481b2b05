"""The cookies: no script reads one, no sibling site sets one, each is dropped with the flags it was kept with."""

from http.cookies import SimpleCookie

import pytest
from fastapi import Request, Response
from starlette.applications import Starlette

from services.console.cookie import SESSION, drop_session, keep_session, session_of
from services.console.identity_provider import HINT
from shared.settings import Settings

COOKIE, HOST_ONLY = SESSION.name, f"__Host-{SESSION.name}"


def request(*, secure, cookie=""):
    app = Starlette()
    app.state.settings = Settings(secure_cookies=secure, session_absolute_hours=2)
    return Request({"type": "http", "app": app, "headers": [(b"cookie", cookie.encode())]})


def answered(act, secure, *given):
    response = Response()
    act(request(secure=secure), response, *given)
    (cookie,) = SimpleCookie(response.headers["set-cookie"]).values()
    return cookie


@pytest.mark.parametrize(("secure", "name"), [(False, COOKIE), (True, HOST_ONLY)])
def test_no_script_reads_it_and_no_other_site_has_it_sent_with_a_form(secure, name):
    kept = answered(keep_session, secure, "token")
    assert (kept.key, kept.value, kept["max-age"]) == (name, "token", "7200")
    assert (kept["httponly"], kept["samesite"], bool(kept["secure"])) == (True, "lax", secure)


def test_behind_https_only_this_very_host_can_have_set_it():
    kept = answered(keep_session, True, "token")
    assert kept.key.startswith("__Host-")
    assert (kept["secure"], kept["path"], kept["domain"]) == (True, "/", "")


@pytest.mark.parametrize("secure", [False, True])
def test_it_is_dropped_with_the_name_and_the_flags_it_was_kept_with(secure):
    kept, dropped = answered(keep_session, secure, "token"), answered(drop_session, secure)
    assert (dropped.value, dropped["max-age"]) == ("", "0")
    assert dropped.key == kept.key
    flags = ("path", "domain", "secure", "httponly", "samesite")
    assert [dropped[flag] for flag in flags] == [kept[flag] for flag in flags]


@pytest.mark.parametrize(("secure", "name", "other"), [(False, COOKIE, HOST_ONLY), (True, HOST_ONLY, COOKIE)])
def test_a_cookie_under_another_name_signs_nobody_in(secure, name, other):
    assert session_of(request(secure=secure, cookie=f"{name}=token; {other}=planted")) == "token"
    assert session_of(request(secure=secure, cookie=f"{other}=planted")) is None


def test_what_one_page_alone_needs_is_sent_to_that_page_alone():
    kept = answered(lambda asked, response: HINT.keep(asked, response, "token", 60), True)
    assert (kept.key, kept["path"], kept["secure"]) == ("__Secure-liuhen_oidc_hint", "/sign-out", True)
