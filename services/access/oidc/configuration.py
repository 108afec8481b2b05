"""What the settings say about the city's identity provider, checked once: half of them keep the service down."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from shared.settings import Misconfigured, Settings

CALLBACK = "/sign-in/oidc/callback"
SIGNED_OUT = "/sign-in?signed_out=1"
THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Provider:
    """The identity provider, and this platform as its client (relying party).

    ``redirect_uri`` and ``signed_out_uri`` are built on the configured public URL, never on a request's Host.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    signed_out_uri: str
    scope: str
    account_claim: str
    link_by_claim: bool
    ca_file: Path | None

    def owns(self, address: str) -> bool:
        """Tell whether an address is the issuer's own: the same scheme, host and port."""
        return _origin(address) == _origin(self.issuer)


def provider_of(settings: Settings) -> Provider | None:
    """Return the provider that the settings name, or None where they name none.

    Raises:
        Misconfigured: the issuer or the public URL is no HTTPS address (plain HTTP is for this machine only), the
            secret is missing, or passwords are turned off though there is no provider.
    """
    if settings.oidc_issuer is None:
        if not settings.password_sign_in:
            raise Misconfigured("LIUHEN_PASSWORD_SIGN_IN=0 时必须设置 LIUHEN_OIDC_ISSUER，否则谁也无法登录。")
        return None
    if settings.public_url is None:
        raise Misconfigured("使用统一身份认证必须设置 LIUHEN_PUBLIC_URL（用户访问本平台的网址）。")
    if settings.oidc_ca_file is not None and not settings.oidc_ca_file.is_file():
        raise Misconfigured("没有 LIUHEN_OIDC_CA_FILE 指定的文件。")
    public = _safe("LIUHEN_PUBLIC_URL", settings.public_url).rstrip("/")
    return Provider(
        issuer=_safe("LIUHEN_OIDC_ISSUER", settings.oidc_issuer),
        client_id=settings.oidc_client_id,
        client_secret=_secret(settings),
        redirect_uri=public + CALLBACK,
        signed_out_uri=public + SIGNED_OUT,
        scope=settings.oidc_scope,
        account_claim=settings.oidc_account_claim,
        link_by_claim=settings.oidc_link_by_claim,
        ca_file=settings.oidc_ca_file,
    )


def _safe(name: str, address: str) -> str:
    try:
        scheme, host, _ = _origin(address)
        parts = urlsplit(address)
    except ValueError:
        raise Misconfigured(f"{name} 不是一个网址。") from None
    if not host or scheme not in {"https", "http"} or parts.query or parts.fragment or parts.username is not None:
        raise Misconfigured(f"{name} 应是 https:// 开头的网址，不带参数。")
    if scheme == "http" and host not in THIS_MACHINE:
        raise Misconfigured(f"{name} 必须是 https:// 开头的网址；http:// 只能指向本机。")
    return address


def _origin(address: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port.

    Raises:
        ValueError: it is no address.
    """
    parts = urlsplit(address)
    return parts.scheme, (parts.hostname or ""), parts.port or {"https": 443, "http": 80}.get(parts.scheme)


def _secret(settings: Settings) -> str:
    given, file = settings.oidc_client_secret, settings.oidc_client_secret_file
    if (given is None) == (file is None):
        raise Misconfigured("LIUHEN_OIDC_CLIENT_SECRET 与 LIUHEN_OIDC_CLIENT_SECRET_FILE 必须且只能设置一个。")
    try:
        secret = given.get_secret_value() if given is not None else file.read_text("utf-8").strip() if file else ""
    except (OSError, UnicodeDecodeError) as unreadable:
        raise Misconfigured("无法读取 LIUHEN_OIDC_CLIENT_SECRET_FILE 指定的文件。") from unreadable
    if not secret:
        raise Misconfigured("统一身份认证的客户端密钥是空的。")
    return secret
