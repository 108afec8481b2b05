"""Where a session comes from, as coarse as its owner needs to tell devices apart: no exact address is kept."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

UNKNOWN = "未知"
LONGEST_AGENT = 1000

_BROWSERS = (
    ("MicroMessenger/", "微信"),
    ("DingTalk/", "钉钉"),
    ("QQBrowser/", "QQ 浏览器"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
"""In this order: most browsers name others too."""

_SYSTEMS = (
    (re.compile(r"OpenHarmony|HarmonyOS"), "鸿蒙"),
    (re.compile(r"Windows"), "Windows"),
    (re.compile(r"Android"), "Android"),
    (re.compile(r"iPhone|iPad"), "iOS"),
    (re.compile(r"Mac OS X"), "macOS"),
    (re.compile(r"Linux|X11"), "Linux"),
)


@dataclass(frozen=True, slots=True)
class Origin:
    """A network and a kind of program, in words to show."""

    address: str = UNKNOWN
    agent: str = UNKNOWN


def origin_of(address: str | None, user_agent: str | None) -> Origin:
    """Return what is kept of an address and of what the program says of itself."""
    return Origin(coarse_address(address or ""), coarse_agent((user_agent or "")[:LONGEST_AGENT]))


def coarse_address(address: str) -> str:
    """Return the network an address lies in: its first three parts, or the first 48 bits of IPv6."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return UNKNOWN
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    if parsed.is_loopback:
        return "本机"
    if isinstance(parsed, IPv4Address):
        return f"{str(parsed).rpartition('.')[0]}.*"
    return str(ip_network((int(parsed), 48), strict=False))


def coarse_agent(user_agent: str) -> str:
    """Return browser and system as people call them, without versions; a program that is no browser is 程序."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), None)
    system = next((name for sign, name in _SYSTEMS if sign.search(user_agent)), None)
    if browser is None:
        return "程序" if user_agent else UNKNOWN
    return f"{browser} · {system}" if system else browser
