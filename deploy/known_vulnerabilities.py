"""Asks pip-audit about the lock files, and says of each how many packages were really checked.

pip-audit ends well also where the database knew none of the packages, as behind a mirror of the package index that
carries no advisories: what was not checked is counted here, and never passes for harmless.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SECONDS = 240
UNCHECKED = "没有核对，这不是通过：请在能连上漏洞库的机器上再执行 make security。"


@dataclass(frozen=True, slots=True)
class Judged:
    """What a report says: how many packages were checked, how many not, and what is known of which."""

    checked: int
    unchecked: int
    known: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """Return it for people."""
        if self.known:
            return f"{len(self.known)} 个已知漏洞：" + "；".join(self.known)
        if self.unchecked:
            return f"{self.checked} 个包没有已知漏洞，{self.unchecked} 个包{UNCHECKED}"
        return f"{self.checked} 个包都没有已知漏洞"


def judged(report: dict[str, Any]) -> Judged:
    """Read pip-audit's JSON."""
    packages = report["dependencies"]
    known = tuple(
        f"{p['name']} {p['version']} {v['id']}（修复于 {'、'.join(v['fix_versions']) or '尚无'}）"
        for p in packages
        for v in p.get("vulns", ())
    )
    unchecked = sum("skip_reason" in p for p in packages)
    return Judged(len(packages) - unchecked, unchecked, known)


def audit(lock: str) -> Judged | str:
    """Return what is known of a lock file's packages, or why nobody could be asked."""
    asked = [sys.executable, "-m", "pip_audit", "--requirement", lock, "--require-hashes", "--disable-pip"]
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        quiet = ["--timeout", "15", "--progress-spinner", "off", "--format", "json", "--output", str(report)]
        try:
            command = [*asked, *quiet]
            ended = subprocess.run(command, check=False, capture_output=True, text=True, timeout=SECONDS)  # noqa: S603
        except subprocess.TimeoutExpired:
            return f"{SECONDS} 秒没有答复"
        if not report.exists() or not report.stat().st_size:
            return (ended.stderr.strip().splitlines() or ["没有答复"])[-1]
        return judged(json.loads(report.read_text("utf-8")))


def main(locks: Iterable[str]) -> int:
    """Audit each lock file; 1 where something is known, or nothing could be asked though it must be."""
    status, must = 0, os.environ.get("LIUHEN_AUDIT_REQUIRED", "0") != "0"
    for lock in locks:
        found = audit(lock)
        if isinstance(found, str):
            sys.stdout.write(f"  {lock}：{UNCHECKED}（{found}）\n")
            status |= must
        else:
            sys.stdout.write(f"  {lock}：{found.sentence}\n")
            status |= bool(found.known) or (must and found.unchecked > 0)
    return int(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
