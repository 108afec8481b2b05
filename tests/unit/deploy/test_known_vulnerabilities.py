"""What was not checked never passes for harmless."""

import subprocess

import pytest

from deploy import known_vulnerabilities
from deploy.known_vulnerabilities import audit, judged, main

FINE = {"name": "jinja2", "version": "3.1.6", "vulns": []}
SKIPPED = {"name": "lxml", "skip_reason": "Dependency not found and could not be audited"}
KNOWN = {"name": "h11", "version": "0.14.0", "vulns": [{"id": "CVE-2025-43859", "fix_versions": ["0.16.0"]}]}


def test_each_package_is_counted_as_checked_or_not() -> None:
    found = judged({"dependencies": [FINE, SKIPPED, SKIPPED]})
    assert (found.checked, found.unchecked) == (1, 2)
    assert "2 个包没有核对，这不是通过" in found.sentence
    assert judged({"dependencies": [FINE]}).sentence == "1 个包都没有已知漏洞"


def test_what_is_known_is_named_with_the_version_that_mends_it() -> None:
    assert (
        judged({"dependencies": [FINE, KNOWN]}).sentence == "1 个已知漏洞：h11 0.14.0 CVE-2025-43859（修复于 0.16.0）"
    )


@pytest.mark.parametrize(
    ("packages", "must", "status"),
    [([FINE], "1", 0), ([FINE, KNOWN], "0", 1), ([FINE, SKIPPED], "0", 0), ([FINE, SKIPPED], "1", 1), (None, "1", 1)],
)
def test_it_fails_where_something_is_known_or_where_it_must_be_asked_and_cannot(
    packages, must, status, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = judged({"dependencies": packages}) if packages else "没有网络"
    monkeypatch.setattr(known_vulnerabilities, "audit", lambda _: answer)
    monkeypatch.setenv("LIUHEN_AUDIT_REQUIRED", must)
    assert main(["requirements.lock"]) == status
    assert ("没有核对" in capsys.readouterr().out) == (packages is None or SKIPPED in packages)


def test_an_audit_that_ends_without_a_report_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = subprocess.CompletedProcess([], 1, "", "Traceback\nConnectionError: no such host\n")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: ended)
    assert audit("requirements.lock") == "ConnectionError: no such host"
