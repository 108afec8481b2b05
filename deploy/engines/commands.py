"""Runs the tools that the engines bring, to their end."""

import pwd
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.engines.errors import EngineError

TOOL_SECONDS = 900.0  # the longest is a first download on a slow line


def run_tool(
    argv: Sequence[str],
    code: str,
    failed: str,
    *,
    cwd: Path | None = None,
    account: str | None = None,
    env: Mapping[str, str] | None = None,
) -> str:
    """Answer both outputs of a tool that ended well.

    Raises EngineError(``code``) otherwise, ``failed`` followed by what the tool said.
    """
    said = subprocess.run(  # noqa: S603 — every argument is made in this package
        argv,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=TOOL_SECONDS,
        cwd=cwd,
        env=env,
        user=account,
        group=group_of(account),
        extra_groups=None if account is None else [],
    )
    if said.returncode != 0:
        raise EngineError(code, f"{failed}：{said.stdout.strip()}")
    return said.stdout


def group_of(account: str | None) -> int | None:
    """Answer the account's own group, None for no account."""
    return None if account is None else pwd.getpwnam(account).pw_gid
