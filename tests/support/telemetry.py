"""What running processes are asked for: every metric that the list promises of their role."""

from collections.abc import Collection
from itertools import groupby

import httpx
from prometheus_client.parser import text_string_to_metric_families

from shared.observability.metrics import METRICS, Metric


def samples(url: str, token: str = "") -> dict[str, list[dict[str, str]]]:
    """Return the labels of every sample that a process serves to whoever shows the token, by the sample's name."""
    shown = {"Authorization": f"Bearer {token}"} if token else {}
    answer = httpx.get(f"{url}/metrics", headers=shown, timeout=30).raise_for_status()
    found = [(s.name, s.labels) for family in text_string_to_metric_families(answer.text) for s in family.samples]
    return {name: [labels for _, labels in each] for name, each in groupby(sorted(found, key=_name), key=_name)}


def promised(roles: Collection[str]) -> list[Metric]:
    """Return the metrics that processes of these roles serve."""
    return [metric for metric in METRICS if set(metric.roles) & set(roles)]


def missing(url: str, roles: Collection[str], token: str = "") -> list[str]:
    """Return the promised metrics of which the process serves no sample, or none with exactly the labels listed."""
    served = samples(url, token)
    return [m.name for m in promised(roles) if set(m.labels) not in [set(s) for s in served.get(_one_sample(m), [])]]


def _one_sample(metric: Metric) -> str:
    return f"{metric.name}_count" if metric.kind == "histogram" else metric.name


def _name(found: tuple[str, dict[str, str]]) -> str:
    return found[0]
