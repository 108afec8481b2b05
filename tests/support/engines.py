"""The running engines, for tests: where they are, and how to stop and kill them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


def kafka_bootstrap() -> str:
    """Answer the bootstrap list, or end the test as `required` says."""
    return required("LIUHEN_KAFKA_BOOTSTRAP")


def elasticsearch_url() -> str:
    """Answer the node's address, or end the test as `required` says."""
    return required("LIUHEN_ELASTICSEARCH_URL")


def postgres_url(context: str) -> str:
    """Answer the SQLAlchemy address of the context's database, or end the test as `required` says."""
    return required("LIUHEN_DATABASE_URL").replace("{context}", context)


def required(variable: str) -> str:
    """Answer the setting; absent, the test fails where engines are demanded and is skipped elsewhere."""
    value = os.environ.get(variable, "")
    if value:
        return value
    if os.environ.get("LIUHEN_TEST_ENGINES") == "1":
        pytest.fail(f"LIUHEN_TEST_ENGINES=1, but {variable} is not set: the engine does not run")
    pytest.skip(f"{variable} is not set; `make test-engines` starts the engines")


def command_engine(action: str, name: str) -> None:
    """Do ``stop``, ``kill``, ``start`` or ``restart`` to one engine; ``start`` returns when it answers.

    Only for engines of `make test-engines`, whose folder LIUHEN_ENGINES_DIR names; the port stays the same.
    """
    required("LIUHEN_ENGINES_DIR")
    subprocess.run([sys.executable, "-m", "deploy.engines", action, name], check=True, cwd=REPOSITORY, timeout=300)
