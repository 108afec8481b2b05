from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from services.access.oidc.configuration import provider_of
from shared.settings import Misconfigured, Settings

WHOLE = {
    "oidc_issuer": "https://id.example/realms/city",
    "oidc_client_secret": "一个密钥",
    "public_url": "https://dj.example/",
}


def provider(**changed: Any) -> Any:
    return provider_of(Settings(**{**WHOLE, **changed}))


def test_without_an_issuer_there_is_no_provider() -> None:
    assert provider_of(Settings()) is None


def test_the_way_back_is_built_on_the_configured_public_url() -> None:
    found = provider()
    assert found.redirect_uri == "https://dj.example/sign-in/oidc/callback"
    assert found.signed_out_uri == "https://dj.example/sign-in?signed_out=1"


def test_the_secret_may_lie_in_a_file_and_is_shown_nowhere(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("来自文件\n")
    found = provider(oidc_client_secret=None, oidc_client_secret_file=file)
    assert found.client_secret == "来自文件"
    assert "来自文件" not in repr(found)
    assert "一个密钥" not in repr(Settings(**WHOLE))


@pytest.mark.parametrize(
    "changed",
    [
        {"public_url": None},
        {"public_url": "http://dj.example"},
        {"public_url": "https://dj.example:99999"},
        {"oidc_issuer": "http://id.example/realms/city"},
        {"oidc_issuer": "id.example/realms/city"},
        {"oidc_issuer": "ftp://id.example/"},
        {"oidc_issuer": "https://id.example/?realm=city"},
        {"oidc_issuer": "https://user:word@id.example/"},
        {"oidc_issuer": "https://[id/"},
        {"oidc_issuer": ""},
        {"oidc_client_secret": None},
        {"oidc_client_secret": ""},
        {"oidc_client_secret_file": Path("no-such-file")},
        {"oidc_client_secret": None, "oidc_client_secret_file": Path("no-such-file")},
        {"oidc_issuer": None, "password_sign_in": False},
        {"oidc_ca_file": Path("no-such-file")},
    ],
)
def test_settings_that_contradict_one_another_keep_the_service_down(changed: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured):
        provider(**changed)


@pytest.mark.parametrize("scope", ["profile", "openid  profile", "openid 姓名", 'openid "x"'])
def test_a_scope_that_is_not_openids_is_no_setting(scope: str) -> None:
    with pytest.raises(ValidationError):
        Settings(oidc_scope=scope)


def test_plain_http_is_for_this_machine_only() -> None:
    assert provider(oidc_issuer="http://127.0.0.1:9001/realms/city").owns("http://127.0.0.1:9001/certs")


@pytest.mark.parametrize(
    ("address", "own"),
    [
        ("https://id.example/certs", True),
        ("https://id.example:443/certs", True),
        ("https://ID.example/certs", True),
        ("http://id.example/certs", False),
        ("https://id.example:8443/certs", False),
        ("https://id.example.evil/certs", False),
        ("https://id.example@evil/certs", False),
        ("//id.example/certs", False),
        ("file:///etc/passwd", False),
    ],
)
def test_only_addresses_of_the_issuer_itself_are_its_own(address: str, own: bool) -> None:
    assert provider().owns(address) is own
