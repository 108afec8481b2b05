"""The repository's own files, as tests of its shape read them."""

import ast
import subprocess
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@lru_cache
def kept() -> tuple[Path, ...]:
    """Every file that is under version control or would be; a clone without git history is read whole."""
    asked = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(asked, capture_output=True, text=True, check=False)
    names = listed.stdout.splitlines() if listed.returncode == 0 else _walked()
    return tuple(path for name in names if (path := ROOT / name).is_file())


def _walked() -> list[str]:
    tops = ("services", "shared", "tests", "deploy", "docs")
    return [str(p.relative_to(ROOT)) for top in tops for p in (ROOT / top).rglob("*") if "__pycache__" not in p.parts]


def python(*tops: str) -> list[Path]:
    """The Python files under these folders."""
    return [p for p in kept() if p.suffix == ".py" and p.relative_to(ROOT).parts[0] in tops]


@lru_cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Every call with its dotted name."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def imports(path: Path) -> Iterator[str]:
    """Every absolute module that a file imports."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def shown(path: Path, line: int | None = None) -> str:
    where = str(path.relative_to(ROOT))
    return where if line is None else f"{where}:{line}"
