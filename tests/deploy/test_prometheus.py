"""Alerts and dashboards: expressions are PromQL, metrics such as the program registers, every alert has its page."""

import json
import re
from collections.abc import Iterator
from typing import Any

import promql_parser
import pytest
import yaml

from deploy.manifests.programs import PORT, every_program
from shared.observability.metrics import METRICS
from tests.support.engines import REPOSITORY

DEPLOY = REPOSITORY / "deploy"
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((DEPLOY / "prometheus" / "rules.yaml").read_text("utf-8"))["groups"]
    for rule in group["rules"]
]
DASHBOARD: dict[str, Any] = json.loads((DEPLOY / "grafana" / "dashboards" / "liuhen.json").read_text("utf-8"))
ELSEWHERE = {
    "up": "Prometheus itself",
    "process_resident_memory_bytes": "the client library",
    "kube_job_status_failed": "kube-state-metrics",
    "kubelet_volume_stats_available_bytes": "the kubelet",
    "kubelet_volume_stats_capacity_bytes": "the kubelet",
}
PARTS = {"histogram": ("_bucket", "_count", "_sum"), "counter": ("",), "gauge": ("",)}
SERVED = {m.name + part: set(m.labels) for m in METRICS for part in PARTS[m.kind]}


def selectors(node: Any) -> Iterator[Any]:
    """Yield the vector selectors of an expression."""
    if isinstance(node, promql_parser.VectorSelector):
        yield node
    for part in ("lhs", "rhs", "expr", "param", "vector_selector"):
        if (inner := getattr(node, part, None)) is not None:
            yield from selectors(inner)
    for argument in getattr(node, "args", None) or []:
        yield from selectors(argument)


def expressions() -> dict[str, str]:
    panels = {
        f"panel {panel['title']} {target['refId']}": target["expr"]
        for panel in DASHBOARD["panels"]
        for target in panel["targets"]
    }
    return {f"alert {rule['alert']}": rule["expr"] for rule in RULES} | panels


@pytest.mark.parametrize("where", expressions())
def test_an_expression_names_only_metrics_and_labels_that_exist(where: str) -> None:
    found = list(selectors(promql_parser.parse(expressions()[where])))
    assert found
    for each in found:
        if each.name in ELSEWHERE:
            continue
        assert each.name in SERVED, each.name
        told = {matcher.name for matcher in each.matchers.matchers}
        assert told <= SERVED[each.name] | {"job", "instance"}, each.name
    if any(each.name in SERVED for each in found):
        grouped = {
            name.strip() for names in re.findall(r"by \(([^)]*)\)", expressions()[where]) for name in names.split(",")
        }
        known = set().union(*(SERVED.get(each.name, set()) for each in found)) | {"le", "job"}
        assert grouped <= known


def test_every_metric_of_ours_is_watched_or_shown() -> None:
    used = {each.name for expression in expressions().values() for each in selectors(promql_parser.parse(expression))}
    assert [m.name for m in METRICS if not {m.name + part for part in PARTS[m.kind]} & used] == []


def test_every_alert_has_a_page_and_every_page_an_alert() -> None:
    named = {rule["annotations"]["runbook"] for rule in RULES}
    pages = {f"docs/runbooks/{path.name}" for path in (REPOSITORY / "docs" / "runbooks").glob("*.md")}
    assert named == pages - {"docs/runbooks/README.md"}
    assert len({rule["alert"] for rule in RULES}) == len(RULES) == len(named)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_an_alert_says_how_grave_it_is_and_what_happens(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert re.fullmatch(r"[0-9]+[mh]", rule["for"])
    labels = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
    left = set(re.findall(r"\w+", " ".join(re.findall(r"by \(([^)]*)\)", rule["expr"])))) | {"instance"}
    assert labels <= left


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_a_page_says_where_to_look_what_to_do_and_when_it_is_over(rule: dict[str, Any]) -> None:
    page = (REPOSITORY / rule["annotations"]["runbook"]).read_text("utf-8")
    assert re.findall(r"^## (.*)$", page, re.M) == ["Look", "Do", "Over when"]


def test_prometheus_asks_every_process() -> None:
    targets = json.loads((DEPLOY / "prometheus" / "targets.json").read_text("utf-8"))
    assert [each["targets"] for each in targets] == [[f"{program.name}:{PORT}"] for program in every_program()]
    config = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text("utf-8"))
    assert config["rule_files"] == ["rules.yaml"]
    assert config["scrape_configs"][0]["file_sd_configs"] == [{"files": ["targets.json"]}]


def test_the_panels_of_a_dashboard_do_not_lie_on_one_another() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
