"""Signing in and out at the identity provider in a real browser: its rules of cookies, redirects and content hold."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from pydantic import SecretStr

from services.access.domain.account import LinkIdentity
from services.access.logins import login_key
from services.access.oidc.identities import link_identity
from services.access.sessions import account_of_login
from services.runtime.registry import service
from shared.application.commands import Request
from tests.support.browser import axe_findings
from tests.support.embedded import embedded
from tests.support.free_ports import free_port
from tests.support.identity_provider import SECRET, IdentityProvider, identity_provider
from tests.support.served import served

pytestmark = pytest.mark.browser


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    with identity_provider() as running:
        running.asks_first = True
        yield running


@pytest.fixture
def url(tmp_path: Path, provider: IdentityProvider) -> Iterator[str]:
    """The address of a platform whose supervisor is linked with the provider's Zhang."""
    port = free_port()
    there = f"http://127.0.0.1:{port}"
    named = {"oidc_issuer": provider.issuer, "oidc_client_secret": SecretStr(SECRET), "public_url": there}
    with embedded(tmp_path, **named) as platform, served(platform, port):
        runtime = platform.assembly.runtime(service("access"))
        account = account_of_login(runtime, login_key(runtime.vault, "supervisor"))
        link = LinkIdentity(provider.issuer, provider.person["sub"])
        link_identity(runtime, account.account_id, link, Request(actor="test", agency_id=account.agency_id))
        yield there


def test_a_person_signs_in_at_the_provider_and_out_of_both(
    url: str, browser: Browser, provider: IdentityProvider
) -> None:
    context = browser.new_context(locale="zh-CN")
    page, complaints = context.new_page(), []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Failed to load" not in said.text else None)
    page.goto(f"{url}/plans")
    expect(page.get_by_role("link", name="统一身份认证登录")).to_be_visible()
    assert axe_findings(page) == []
    page.get_by_role("link", name="统一身份认证登录").click()
    page.get_by_text("我是张工").click()
    page.wait_for_url(f"{url}/plans")
    expect(page.locator(".who summary")).to_contain_text("supervisor同志")
    page.locator(".who summary").click()
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url(f"{url}/sign-in?signed_out=1")
    expect(page.get_by_text("您已退出登录")).to_be_visible()
    assert len(provider.ended) == 1
    page.goto(f"{url}/plans")
    expect(page.get_by_role("link", name="统一身份认证登录")).to_be_visible()
    provider.person = {"sub": "f:1:nobody"}
    page.get_by_role("link", name="统一身份认证登录").click()
    page.get_by_text("我是张工").click()
    expect(page.get_by_role("alert")).to_contain_text("还没有关联本平台的账号")
    context.close()
    assert complaints == []
