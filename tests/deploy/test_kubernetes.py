"""The manifests of a city: valid, closed by default, and starting what the end-to-end test has run.

Kubernetes' own kinds are checked against its schemas. For the operators' kinds no schemas can be had offline: of them
only the shape that this repository means is checked.
"""

import json
import re
from collections import Counter
from typing import Any

import kubernetes_validate
import pytest

from deploy.manifests.kubernetes import METRICS_TOKEN
from deploy.manifests.programs import every_program, topics
from services.runtime.registry import SERVICES
from services.runtime.server import DRAIN_SECONDS
from shared.messaging.kafka import NEEDED
from shared.settings import Settings
from tests.support import rendered
from tests.support.city import CHORES, ROLES, named_settings
from tests.support.engines import REPOSITORY

OPERATORS = {
    "Cluster": "postgresql.cnpg.io/v1",
    "Elasticsearch": "elasticsearch.k8s.elastic.co/v1",
    "Kafka": "kafka.strimzi.io/v1",
    "KafkaNodePool": "kafka.strimzi.io/v1",
    "KafkaTopic": "kafka.strimzi.io/v1",
    "KafkaUser": "kafka.strimzi.io/v1",
    "PodMonitor": "monitoring.coreos.com/v1",
    "PrometheusRule": "monitoring.coreos.com/v1",
    "ServiceMonitor": "monitoring.coreos.com/v1",
}
ONLY_IN_A_CLUSTER = {
    "LIUHEN_KAFKA_CA_FILE": "the engines of the tests speak without TLS",
    "LIUHEN_KAFKA_USER": "they ask nobody's name",
    "LIUHEN_KAFKA_PASSWORD": "they ask nobody's password",
    "LIUHEN_ELASTICSEARCH_CA_FILE": "without TLS",
}
HELPERS = {"POSTGRES_USER", "POSTGRES_PASSWORD", "ELASTICSEARCH_PASSWORD", "FORWARDED_ALLOW_IPS"}
"""Read by no setting: parts of an address, and the server's own variable."""

overlays = pytest.mark.parametrize("overlay", rendered.OVERLAYS)


@overlays
def test_every_document_is_valid(overlay: str) -> None:
    version = kubernetes_validate.latest_version()
    for each in rendered.documents(overlay):
        if each["kind"] in OPERATORS:
            assert each["apiVersion"] == OPERATORS[each["kind"]]
            assert each["metadata"]["name"]
            assert each["spec"]
        else:
            kubernetes_validate.validate(each, version, strict=True)


@overlays
def test_no_document_stands_there_twice(overlay: str) -> None:
    named = Counter((each["kind"], each["metadata"]["name"]) for each in rendered.documents(overlay))
    assert [name for name, count in named.items() if count > 1] == []


def test_the_release_is_what_the_city_renders() -> None:
    held = (REPOSITORY / "k8s" / "release" / "city.yaml").read_text("utf-8")
    assert held == rendered.text("city"), "run `make manifests` and commit what it writes"


@overlays
def test_every_registered_service_has_all_its_processes(overlay: str) -> None:
    started = {each["metadata"]["name"] for each in rendered.of(overlay, *rendered.WORKLOADS)}
    assert started == {f"{context}-{role}" for context, roles in ROLES.items() for role in roles}


@overlays
def test_each_process_is_one_that_the_end_to_end_test_runs_with_the_same_names_of_settings(overlay: str) -> None:
    ran = [[context, role] for context, roles in ROLES.items() for role in roles] + [list(each) for each in CHORES]
    shared = set(_settings(overlay))
    for name, container in rendered.containers(overlay):
        assert container["args"] in ran, name
        assert "command" not in container, name
        given = shared | {variable["name"] for variable in container["env"]}
        assert given - set(named_settings()) - set(ONLY_IN_A_CLUSTER) - HELPERS == set(), name


def test_what_only_a_cluster_sets_are_settings_that_exist() -> None:
    fields = {f"LIUHEN_{name.upper()}" for name in Settings.model_fields}
    assert set(ONLY_IN_A_CLUSTER) | set(named_settings()) <= fields


@overlays
def test_the_plain_settings_are_such_as_the_program_takes(overlay: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in _settings(overlay).items():
        monkeypatch.setenv(name, value)
    taken = Settings()
    assert set(taken.service_urls) == set(SERVICES)
    assert (taken.secure_cookies, taken.kafka_security) == (True, "SASL_SSL")
    assert taken.kafka_replication == _one(overlay, "KafkaNodePool")["spec"]["replicas"]
    assert taken.index_replicas < _one(overlay, "Elasticsearch")["spec"]["nodeSets"][0]["count"]
    assert taken.kafka_user == _one(overlay, "KafkaUser")["metadata"]["name"]


@overlays
def test_every_pod_is_restricted_and_writes_to_a_volume_of_its_own_alone(overlay: str) -> None:
    for name, pod in rendered.pods(overlay):
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["runAsUser"] > 0, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert (pod["automountServiceAccountToken"], pod["enableServiceLinks"]) == (False, False), name
        assert {"hostNetwork", "hostPID", "hostIPC", "hostPath"} & (set(pod) | _kinds(pod)) == set(), name
    for name, container in rendered.containers(overlay):
        walls = container["securityContext"]
        assert (walls["readOnlyRootFilesystem"], walls["allowPrivilegeEscalation"]) == (True, False), name
        assert walls["capabilities"] == {"drop": ["ALL"]}, name
        assert set(container["resources"]["requests"]) == {"cpu", "memory"}, name
        assert "memory" in container["resources"]["limits"], name
        writable = [m["name"] for m in container["volumeMounts"] if not m.get("readOnly")]
        assert writable == ["tmp"], name
        assert re.fullmatch(r"liuhen:[0-9.]+", container["image"]), name


@overlays
def test_only_processes_that_read_plain_values_are_given_the_vaults_key(overlay: str) -> None:
    holding = {name for name, pod in rendered.pods(overlay) if any(v["name"] == "vault" for v in pod["volumes"])}
    expected = {p.name for p in every_program() if p.opens_vault}
    assert holding - {name for name in holding if name.endswith("-check")} == expected
    assert not {name for name in holding if name.endswith(("-relay", "-sequence"))}
    assert not {name for name in holding if name.startswith(("console-", "audit-"))}


@overlays
def test_no_secret_stands_in_a_manifest_but_by_reference(overlay: str) -> None:
    assert rendered.of(overlay, "Secret") == []
    for name, container in rendered.containers(overlay):
        for variable in container["env"]:
            if variable["name"].endswith(("PASSWORD", "SECRET", "TOKEN")):
                assert set(variable) == {"name", "valueFrom"}, name


@overlays
def test_every_process_is_asked_whether_it_is_alive_and_ready_and_is_given_time_to_leave(overlay: str) -> None:
    notice = float(_settings(overlay)["LIUHEN_DRAIN_SECONDS"])
    for each in rendered.of(overlay, *rendered.WORKLOADS):
        pod = each["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        probes = {kind: container[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "liveness", "readiness")}
        assert probes == {"startup": "/livez", "liveness": "/livez", "readiness": "/readyz"}
        asked = container["readinessProbe"]
        assert asked["periodSeconds"] * asked["failureThreshold"] < notice
        assert pod["terminationGracePeriodSeconds"] >= notice + 2 * DRAIN_SECONDS


@overlays
def test_whoever_shares_partitions_out_knows_its_ordinal_and_how_many_there_are(overlay: str) -> None:
    for each in rendered.of(overlay, "StatefulSet"):
        name, (container,) = each["metadata"]["name"], each["spec"]["template"]["spec"]["containers"]
        given = {variable["name"]: variable for variable in container["env"]}
        if name.endswith("-index"):
            assert each["spec"]["replicas"] == 1
            continue
        assert given["LIUHEN_REPLICAS"]["value"] == str(each["spec"]["replicas"]), name
        assert "pod-index" in given["LIUHEN_ORDINAL"]["valueFrom"]["fieldRef"]["fieldPath"], name


def test_in_a_city_everything_runs_twice_that_may() -> None:
    scaled = {
        each["spec"]["scaleTargetRef"]["name"]: each["spec"] for each in rendered.of("city", "HorizontalPodAutoscaler")
    }
    kept = {each["metadata"]["name"] for each in rendered.of("city", "PodDisruptionBudget")}
    assert set(scaled) == kept == {f"{name}-api" for name in SERVICES}
    assert {spec["minReplicas"] for spec in scaled.values()} == {2}
    for each in rendered.of("city", "Deployment"):
        expected = None if each["metadata"]["name"] in scaled else 2
        assert each["spec"].get("replicas") == expected, each["metadata"]["name"]


@overlays
def test_nothing_is_let_through_but_what_is_named(overlay: str) -> None:
    policies = {each["metadata"]["name"]: each["spec"] for each in rendered.of(overlay, "NetworkPolicy")}
    assert policies["deny"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    for name, spec in policies.items():
        for rule in spec.get("ingress", []):
            assert rule["from"], name
        for rule in spec.get("egress", []):
            assert rule.get("to") or rule["ports"], name


@overlays
@pytest.mark.parametrize("engine", ["postgres", "kafka", "elasticsearch"])
def test_a_process_reaches_the_engines_that_it_is_told_the_address_of_and_no_other(overlay: str, engine: str) -> None:
    told = {
        "postgres": "LIUHEN_DATABASE_URL",
        "kafka": "LIUHEN_KAFKA_PASSWORD",
        "elasticsearch": "LIUHEN_ELASTICSEARCH_URL",
    }
    policies = {each["metadata"]["name"]: each["spec"] for each in rendered.of(overlay, "NetworkPolicy")}
    (label,) = policies[f"reach-{engine}"]["podSelector"]["matchLabels"]
    for each in rendered.of(overlay, *rendered.WORKLOADS):
        template = each["spec"]["template"]
        variables = {v["name"] for c in template["spec"]["containers"] for v in c["env"]}
        assert (label in template["metadata"]["labels"]) == (told[engine] in variables), each["metadata"]["name"]


@overlays
def test_prometheus_shows_the_token_that_every_process_asks_for(overlay: str) -> None:
    for each in rendered.of(overlay, *rendered.WORKLOADS):
        for container in each["spec"]["template"]["spec"]["containers"]:
            (asked,) = [v["valueFrom"]["secretKeyRef"] for v in container["env"] if v["name"] == "LIUHEN_METRICS_TOKEN"]
            assert (asked["name"], asked["key"]) == METRICS_TOKEN, each["metadata"]["name"]
    for each in rendered.of(overlay, "ServiceMonitor", "PodMonitor"):
        for endpoint in each["spec"].get("endpoints") or each["spec"]["podMetricsEndpoints"]:
            shown = endpoint["authorization"]["credentials"]
            assert (shown["name"], shown["key"]) == METRICS_TOKEN


@overlays
def test_every_topic_is_made_as_the_relay_demands_it(overlay: str) -> None:
    made = {each["metadata"]["name"]: each["spec"] for each in rendered.of(overlay, "KafkaTopic")}
    assert set(made) == set(topics())
    brokers = _one(overlay, "KafkaNodePool")["spec"]["replicas"]
    for spec in made.values():
        assert spec["partitions"] == Settings().topic_partitions
        assert spec["replicas"] == brokers
        assert {name: spec["config"][name] for name in NEEDED} == NEEDED
        assert spec["config"]["cleanup.policy"] == "delete"
        assert spec["config"]["min.insync.replicas"] == max(1, brokers - 1)


@overlays
def test_the_services_are_where_the_settings_say_they_are(overlay: str) -> None:
    urls = json.loads(_settings(overlay)["LIUHEN_SERVICE_URLS"])
    ports = {each["metadata"]["name"]: each["spec"]["ports"][0]["port"] for each in rendered.of(overlay, "Service")}
    assert urls == {name: f"http://{name}-api:{ports[f'{name}-api']}" for name in SERVICES}


def _settings(overlay: str) -> dict[str, str]:
    (found,) = [e for e in rendered.of(overlay, "ConfigMap") if e["metadata"]["name"].startswith("liuhen-settings-")]
    return dict(found["data"])


def _one(overlay: str, kind: str) -> dict[str, Any]:
    (found,) = rendered.of(overlay, kind)
    return found


def _kinds(pod: dict[str, Any]) -> set[str]:
    return {kind for volume in pod["volumes"] for kind in volume}
