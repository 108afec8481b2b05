"""The only place that reads the environment. Every setting is ``LIUHEN_`` and its name in capitals."""

from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

_NAME = r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])"


class Misconfigured(ValueError):
    """The settings contradict one another or lack something; the sentence says what."""


class Settings(BaseSettings):
    """How this process runs. Without any variable: one machine, SQLite, in-process bus, embedded index."""

    model_config = SettingsConfigDict(env_prefix="LIUHEN_", frozen=True, extra="ignore")

    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    data_dir: Path = Path("data")
    demo: bool = True

    database_url: str | None = None
    """``postgresql+psycopg://user@host:port/liuhen_{context}``; None: one SQLite file a context in ``data_dir``."""

    vault_url: str | None = None
    """The vault's own database; None: ``database_url`` with ``{context}`` = ``vault``, or SQLite."""

    vault_key_file: Path | None = None
    """The master key's file (0600); None: ``data_dir/vault.key``, made at an embedded process's first start."""

    kafka_bootstrap: str | None = None
    """``host:port[,host:port]``; None: the durable in-process bus."""

    kafka_security: Literal["PLAINTEXT", "SSL", "SASL_SSL"] = "PLAINTEXT"
    """Over which connection Kafka is spoken to; with SASL_SSL as ``kafka_user``, by SCRAM-SHA-512."""

    kafka_ca_file: Path | None = None
    """The certificates (PEM) that Kafka's is checked against; None: those of the public web."""

    kafka_user: str | None = None
    kafka_password: SecretStr | None = None
    kafka_replication: int = 1
    topic_prefix: str = Field("", pattern=r"^([a-z0-9-]+\.)?$")
    """What a deployment's topics begin with where several share one Kafka, for instance ``north.``."""

    topic_partitions: int = 12

    elasticsearch_url: str | None = None
    """None: the embedded index under ``data_dir/index``."""

    elasticsearch_ca_file: Path | None = None
    """The certificates (PEM) that Elasticsearch's is checked against; None: those of the public web."""

    index_prefix: str = "liuhen"
    index_shards: int = Field(1, ge=1)
    index_replicas: int = Field(0, ge=0)
    """How many parts a new index has, and how many further copies of each; an index that is there keeps its own."""

    service_urls: dict[str, str] = {}
    """Where other contexts' APIs are, by context (JSON); a context not named is in this process."""

    ordinal: int = Field(0, ge=0)
    """Which share of the partitions this consumer process takes; a StatefulSet's ordinal."""

    replicas: int = Field(1, ge=1)

    upload_limit_mb: int = Field(20, ge=1, le=200)
    search_burst: int = Field(60, ge=1)
    export_burst: int = Field(10, ge=1)
    """How many an account may ask for at once; then 10 searches a second, an export every 2 seconds, and of the
    comparisons of two drafts, as many at once as exports, one a second."""

    work_secrets: bool = False
    """Whether documents of the class 工作秘密 may be kept here; 涉密 never are."""

    session_idle_minutes: int = Field(60, ge=1)
    session_absolute_hours: int = Field(12, ge=1)
    secure_cookies: bool = False
    """True behind HTTPS; a city's overlay sets it."""

    allowed_hosts: str = Field("", pattern=rf"^({_NAME}(, ?{_NAME})*)?$")
    """What stands in people's address bars, ``name[,name]`` without port, beside this machine's own names."""

    public_url: str | None = Field(None, pattern=r"^https?://[A-Za-z0-9.:\[\]-]+/?$")
    """Where people find the platform, ``https://name[:port]``: the way back from elsewhere is built on it alone."""

    password_sign_in: bool = True
    """False where a city signs in at its identity provider alone: no password opens a session any more."""

    oidc_issuer: str | None = None
    """The identity provider (统一身份认证), for instance ``https://id.example/realms/city``; None: there is none."""

    oidc_client_id: str = "liuhen"
    oidc_client_secret: SecretStr | None = None
    oidc_client_secret_file: Path | None = None
    """The secret's file, instead of ``oidc_client_secret``."""

    oidc_scope: str = Field("openid profile", pattern=r"^openid( [\x21\x23-\x5b\x5d-\x7e]+)*$")
    oidc_account_claim: str = "preferred_username"
    oidc_link_by_claim: bool = False
    """True: a first sign-in whose ``oidc_account_claim`` is a log-in name here links the two. Only for a claim that
    people cannot change themselves at the provider: whoever can would take another's account."""

    oidc_ca_file: Path | None = None
    """The certificates (PEM) that the provider's is checked against; None: those of the public web."""

    drain_seconds: float = Field(0, ge=0, le=60)
    """How long a process that is told to stop still answers while ``/readyz`` says no, so that whoever shares requests
    out between several has turned to another before the door closes. Where there is only one, none."""

    metrics_token: SecretStr | None = None
    """What Prometheus shows as its bearer token for ``/metrics``; None: open to whoever reaches the port.

    An empty one counts as none on one machine; in a city, where a secret may have come out empty, nothing starts.
    """

    log_format: Literal["text", "json"] = "text"
    log_level: str = "INFO"
    transaction_timeout_seconds: int = Field(10, ge=1)
    """PostgreSQL ends a longer transaction; the sequencer's low water trails by this."""

    @property
    def embedded(self) -> bool:
        """Tell whether everything runs on the embedded defaults in one process."""
        return self.database_url is None

    def context_url(self, context: str) -> str:
        """Return the SQLAlchemy URL of a context's database."""
        if self.database_url is None:
            return f"sqlite:///{self.data_dir / context}.db"
        return self.database_url.replace("{context}", context)

    @property
    def resolved_vault_url(self) -> str:
        """Return the SQLAlchemy URL of the vault's database."""
        return self.vault_url or self.context_url("vault")

    @property
    def resolved_vault_key_file(self) -> Path:
        """Return where the vault's master key lies."""
        return self.vault_key_file or self.data_dir / "vault.key"


@lru_cache
def settings() -> Settings:
    """Return this process's settings, read once."""
    return Settings()
