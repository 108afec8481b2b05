"""Runs the worker and turns whatever becomes of it into a reading or a refusal."""

import json
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from shared.documents.kind import Kind
from shared.documents.limits import Limits
from shared.documents.reading import Reading
from shared.documents.refusal import DocumentRefused

_ROOT = Path(__file__).resolve().parents[2]
_WORKER = "shared.documents.worker"


def read_isolated(kind: Kind, data: bytes, limits: Limits) -> Reading:
    """Read a DOCX or PDF in its own process. Blocks up to `limits.seconds`; raises DocumentRefused only."""
    answer = _answer(kind, data, limits)
    return Reading(answer["text"], answer["pages"], tuple(answer["notes"]))


def sheets_isolated(data: bytes, limits: Limits) -> dict[str, list[list[str]]]:
    """Read an XLSX in its own process: the rows of each sheet by its name. As ``read_isolated``."""
    sheets: dict[str, list[list[str]]] = _answer(Kind.XLSX, data, limits)["sheets"]
    return sheets


def _answer(kind: Kind, data: bytes, limits: Limits) -> dict[str, Any]:
    command = [sys.executable, "-P", "-m", _WORKER, kind.value, json.dumps(asdict(limits))]
    try:
        done = subprocess.run(  # noqa: S603 a fixed program; the document is on standard input
            command,
            input=data,
            capture_output=True,
            timeout=limits.seconds,
            env={"PYTHONPATH": str(_ROOT)},
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise DocumentRefused("document-too-slow", limit=limits.seconds) from late
    if done.returncode == -signal.SIGXCPU:
        raise DocumentRefused("document-too-slow", limit=limits.seconds)
    if done.returncode != 0:
        raise DocumentRefused("document-broken")
    answer: dict[str, Any] = json.loads(done.stdout)
    if "code" in answer:
        raise DocumentRefused(answer["code"], **answer["facts"])
    return answer
