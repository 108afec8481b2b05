import pytest

from services.access.origins import coarse_address, coarse_agent

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; x64) AppleWebKit/537.36 (KHTML) Chrome/140.0.0.0 Safari/537.36"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.1.2.3", "10.1.2.*"),
        ("::ffff:10.1.2.3", "10.1.2.*"),
        ("2001:db8:1:2::5", "2001:db8:1::/48"),
        ("127.0.0.1", "本机"),
        ("::1", "本机"),
        ("testclient", "未知"),
        ("", "未知"),
    ],
)
def test_of_an_address_only_the_network_is_kept(address: str, network: str) -> None:
    assert coarse_address(address) == network


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (WINDOWS, "Chrome · Windows"),
        (f"{WINDOWS} Edg/140.0.0.0", "Edge · Windows"),
        (PHONE, "Safari · iOS"),
        (f"{PHONE} MicroMessenger/8.0", "微信 · iOS"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox · Linux"),
        ("Firefox/140.0", "Firefox"),
        ("python-httpx/0.28.1", "程序"),
        ("", "未知"),
    ],
)
def test_of_a_browser_only_its_kind_and_system_are_kept(said: str, shown: str) -> None:
    assert coarse_agent(said) == shown
