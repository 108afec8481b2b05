"""Downloads an engine's artifacts with Maven into the cache, once a version."""

import hashlib
import os
import platform
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deploy.engines.commands import run_tool
from deploy.engines.errors import OTHER_WAY, EngineError
from deploy.engines.java import java
from deploy.engines.place import Place, exclusive

POMS = Path(__file__).parent / "poms"
PLATFORMS = {"x86_64": "linux-amd64", "aarch64": "linux-arm64v8"}


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How the downloaded jars are shaped in place, and the files that decide the outcome besides the pom."""

    shape: Callable[[Path], None]
    inputs: tuple[Path, ...]


def fetch(place: Place, name: str, arrangement: Arrangement | None = None) -> Path:
    """Answer the cached folder of ``poms/<name>.xml``'s runtime artifacts, downloaded and arranged if absent.

    The folder's name carries a digest of all that decides its content, so a new version is a new folder,
    and it appears under that name only when it is whole.
    Raises EngineError: maven-missing, download-failed, unknown-platform.
    """
    pom = POMS / f"{name}.xml"
    home = place.cache / f"{name}-{_digest(pom, *(arrangement.inputs if arrangement else ()))}"
    if home.is_dir():
        return home
    with exclusive(place.cache / "lock"):
        if not home.is_dir():
            with tempfile.TemporaryDirectory(dir=place.cache) as partial:
                unpublished = Path(partial) / name
                _copy_dependencies(place, pom, unpublished)
                if arrangement:
                    arrangement.shape(unpublished)
                unpublished.rename(home)
    return home


def _digest(*files: Path) -> str:
    whole = hashlib.sha256(b"\0".join(file.read_bytes() for file in files))
    return whole.hexdigest()[:12]


def _copy_dependencies(place: Place, pom: Path, target: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise EngineError("maven-missing", f"未找到 Maven（mvn）：请先安装 Maven；{OTHER_WAY}")
    command = [maven, "--batch-mode", "--quiet", "--strict-checksums", f"--file={pom}"]
    command += [f"-Dmaven.repo.local={place.cache / 'm2'}", f"-Dplatform={_platform()}"]
    command += ["dependency:copy-dependencies", f"-DoutputDirectory={target}"]
    environment = dict(os.environ)
    if shutil.which("java") is None:
        environment["JAVA_HOME"] = str(java().parents[1])
    run_tool(command, "download-failed", f"Maven 下载 {pom.stem} 失败", env=environment)


def _platform() -> str:
    machine = platform.machine()
    if platform.system() != "Linux" or machine not in PLATFORMS:
        here = f"{platform.system()} {machine}"
        raise EngineError("unknown-platform", f"本机（{here}）没有可用的二进制；{OTHER_WAY}")
    return PLATFORMS[machine]
