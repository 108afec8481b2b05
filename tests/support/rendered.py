"""The manifests as the cluster would get them: rendered by kubectl's own kustomize, without a cluster."""

import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.support.engines import REPOSITORY

Document = dict[str, Any]
WORKLOADS = {"Deployment", "StatefulSet"}
OVERLAYS = ("office", "city")


@cache
def text(overlay: str) -> str:
    """Return an overlay's rendered text."""
    kubectl = Path(sys.executable).with_name("kubectl")
    folder = REPOSITORY / "k8s" / "overlays" / overlay
    return subprocess.run([kubectl, "kustomize", folder], check=True, capture_output=True, text=True).stdout


@cache
def documents(overlay: str) -> tuple[Document, ...]:
    """Return an overlay's documents."""
    return tuple(yaml.safe_load_all(text(overlay)))


def of(overlay: str, *kinds: str) -> list[Document]:
    """Return the documents of these kinds."""
    return [each for each in documents(overlay) if each["kind"] in kinds]


def pods(overlay: str) -> Iterator[tuple[str, Document]]:
    """Yield the specification of every pod that is ours, under its workload's name."""
    for each in of(overlay, *WORKLOADS):
        yield each["metadata"]["name"], each["spec"]["template"]["spec"]
    for each in of(overlay, "CronJob"):
        yield each["metadata"]["name"], each["spec"]["jobTemplate"]["spec"]["template"]["spec"]


def containers(overlay: str) -> Iterator[tuple[str, Document]]:
    """Yield every container of a pod of ours."""
    for name, pod in pods(overlay):
        for container in pod.get("initContainers", []) + pod["containers"]:
            yield f"{name}/{container['name']}", container
