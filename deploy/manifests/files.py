"""The files that are written from the declarations, each with its whole text."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from deploy.manifests import compose, kubernetes
from deploy.manifests.programs import PORT, every_program, service_urls
from services.runtime.registry import SERVICES

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "deploy" / "prometheus" / "rules.yaml"
DASHBOARD = ROOT / "deploy" / "grafana" / "dashboards" / "liuhen.json"
WRITTEN = "# Written by `make manifests` from the declarations of the services; change those.\n"
BEGIN = "  # >>> processes: written by `make manifests` from the declarations of the services\n"
END = "  # <<< processes\n"


def files() -> dict[Path, str]:
    """Return every written file; what is by hand in deploy/compose.yaml stays."""
    base, twice = ROOT / "k8s/base/contexts", ROOT / "k8s/components/availability"
    made = {base / f"{name}.yaml": text(kubernetes.context(service)) for name, service in SERVICES.items()}
    made |= {twice / f"{name}.yaml": text(kubernetes.availability(service)) for name, service in SERVICES.items()}
    made[base / "kustomization.yaml"] = text([_contexts()])
    made[twice / "kustomization.yaml"] = text([kubernetes.twice()])
    made[ROOT / "k8s/components/ingress/ingress.yaml"] = text([kubernetes.ingress()])
    made[ROOT / "k8s/components/engines/topics.yaml"] = text(kubernetes.kafka_topics())
    made[ROOT / "k8s/components/monitoring/rules.yaml"] = text([_rules()])
    made[ROOT / "k8s/components/monitoring/liuhen.json"] = DASHBOARD.read_text(
        "utf-8"
    )  # kustomize reads its own folder
    made[ROOT / "deploy/prometheus/targets.json"] = json.dumps(_targets(), indent=2) + "\n"
    made[ROOT / "deploy/compose.yaml"] = _compose((ROOT / "deploy/compose.yaml").read_text("utf-8"))
    return made


def stale() -> list[Path]:
    """Return written files of contexts that are no more."""
    folders = [ROOT / "k8s/base/contexts", ROOT / "k8s/components/availability"]
    return sorted({path for folder in folders for path in folder.glob("*.yaml")} - set(files()))


def text(documents: Iterable[dict[str, Any]]) -> str:
    """Return YAML that people can read and compare: keys in the order they were said in, no anchors."""
    return WRITTEN + "---\n".join(_dumped(each) for each in documents)


def _dumped(value: Any) -> str:
    return yaml.dump(value, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=120)


class _Plain(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _contexts() -> dict[str, Any]:
    settings = {
        "name": kubernetes.SETTINGS,
        "envs": ["settings.env"],
        "literals": [f"LIUHEN_SERVICE_URLS={service_urls()}"],
    }
    return {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [f"{name}.yaml" for name in SERVICES],
        "configMapGenerator": [settings],
    }


def _rules() -> dict[str, Any]:
    groups = yaml.safe_load(RULES.read_text("utf-8"))["groups"]
    metadata = {"name": "liuhen", "labels": {"app.kubernetes.io/part-of": "liuhen"}}
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": metadata,
        "spec": {"groups": groups},
    }


def _targets() -> list[dict[str, Any]]:
    return [
        {
            "targets": [f"{program.name}:{PORT}"],
            "labels": {"liuhen_context": program.service.name, "liuhen_role": program.role},
        }
        for program in every_program()
    ]


def _compose(held: str) -> str:
    before, rest = held.split(BEGIN)
    after = rest.split(END)[1]
    indented = "".join(f"  {line}" for line in _dumped(compose.services()).splitlines(keepends=True))
    return before + BEGIN + indented + END + after
