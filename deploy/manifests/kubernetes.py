"""One context's processes for Kubernetes: a Deployment or StatefulSet each, its probes, its walls; a nightly check."""

from typing import Any

from deploy.manifests.programs import ELASTICSEARCH_CA, KAFKA_CA, PORT, USER, VAULT_KEY, Program, programs, topics
from services.runtime.registry import SERVICES
from shared.service import Service

Document = dict[str, Any]

IMAGE = "liuhen"
SETTINGS = "liuhen-settings"
DRAIN_SECONDS = 10
"""How long a process says that it leaves, before its door closes; the probe asks every third second."""

METRICS_TOKEN = ("liuhen-metrics", "token")
"""The secret and its key that every process asks of whoever reads its metrics; the monitors show the same."""

GRACE_SECONDS = 60
"""More than the notice, the requests' end and the loops' end together."""

SECURITY = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
POD_SECURITY = {
    "runAsNonRoot": True,
    "runAsUser": USER,
    "runAsGroup": USER,
    "fsGroup": USER,
    "fsGroupChangePolicy": "OnRootMismatch",
    "seccompProfile": {"type": "RuntimeDefault"},
}
RESOURCES = {
    "requests": {"cpu": "100m", "memory": "256Mi"},
    "limits": {"memory": "1Gi"},
}


def context(service: Service) -> list[Document]:
    """Return everything of one context."""
    documents: list[Document] = [_api_service(service)]
    documents += [_workload(program) for program in programs(service)]
    if not service.stateless:
        documents.append(_check(service))
    return documents


def availability(service: Service) -> list[Document]:
    """Return what lets a context's API grow and keeps one of it while machines are emptied."""
    name = f"{service.name}-api"
    scaled = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
    target = {"type": "Utilization", "averageUtilization": 70}
    metrics = [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]
    grown = {"scaleTargetRef": scaled, "minReplicas": 2, "maxReplicas": 6, "metrics": metrics}
    kept = {"maxUnavailable": 1, "selector": {"matchLabels": _selector(service, "api")}}
    return [
        _document("autoscaling/v2", "HorizontalPodAutoscaler", name, service, spec=grown),
        _document("policy/v1", "PodDisruptionBudget", name, service, spec=kept),
    ]


def twice() -> Document:
    """Return the component that runs twice what may: a second relay or sequencer goes on when the first ends."""
    names = [p.name for s in SERVICES.values() for p in programs(s) if p.role != "api" and not p.stateful_set]
    return {
        "apiVersion": "kustomize.config.k8s.io/v1alpha1",
        "kind": "Component",
        "resources": [f"{name}.yaml" for name in SERVICES],
        "replicas": [{"name": name, "count": 2} for name in names],
        "patches": [
            {
                "target": {"kind": "Deployment", "name": f"{name}-api"},
                "patch": "- {op: remove, path: /spec/replicas}\n",
            }
            for name in SERVICES
        ],
    }


def ingress() -> Document:
    """Return the one way in: the console, and each context's API for programs with a token."""
    paths = [(f"/api/{name}", f"{name}-api") for name in SERVICES if name != "console"] + [("/", "console-api")]
    rules = [
        {
            "path": path,
            "pathType": "Prefix",
            "backend": {"service": {"name": name, "port": {"name": "http"}}},
        }
        for path, name in paths
    ]
    host = "dangjian.example"
    spec = {
        "tls": [{"hosts": [host], "secretName": "liuhen-tls"}],
        "rules": [{"host": host, "http": {"paths": rules}}],
    }
    return {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "liuhen"}, "spec": spec}


def kafka_topics(partitions: int = 12) -> list[Document]:
    """Return the topics; nothing in them expires, and the number of their partitions never changes."""
    config = {
        "retention.ms": -1,
        "retention.bytes": -1,
        "cleanup.policy": "delete",
        "max.message.bytes": 1048588,
        "min.insync.replicas": 2,
    }
    return [
        {
            "apiVersion": "kafka.strimzi.io/v1",
            "kind": "KafkaTopic",
            "metadata": {"name": topic, "labels": {"strimzi.io/cluster": "kafka"}},
            "spec": {"partitions": partitions, "replicas": 3, "config": config},
        }
        for topic in topics()
    ]


def _api_service(service: Service) -> Document:
    ports = [{"name": "http", "port": PORT, "targetPort": "http"}]
    spec = {"selector": _selector(service, "api"), "ports": ports}
    return _document("v1", "Service", f"{service.name}-api", service, role="api", spec=spec)


def _workload(program: Program) -> Document:
    labels = _labels(program.service, program.role)
    selector = _selector(program.service, program.role)
    template = {"metadata": {"labels": labels | _reaches(program)}, "spec": _pod(program)}
    spec: Document = {"replicas": 1, "selector": {"matchLabels": selector}, "template": template}
    kind = "StatefulSet" if program.stateful_set else "Deployment"
    if program.stateful_set:
        spec["serviceName"] = program.name
    else:
        spec["strategy"] = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}
    return _document("apps/v1", kind, program.name, program.service, role=program.role, spec=spec)


def _pod(program: Program) -> Document:
    environment = _environment(program)
    if program.stateful_set and program.role != "index":
        environment += [
            {"name": "LIUHEN_ORDINAL", "valueFrom": {"fieldRef": {"fieldPath": POD_INDEX}}},
            {"name": "LIUHEN_REPLICAS", "value": "1"},
        ]
    running = {
        "name": program.role,
        **_container(program, program.command, environment),
        "ports": [{"name": "http", "containerPort": PORT}],
        "startupProbe": {"httpGet": {"path": "/livez", "port": "http"}, "periodSeconds": 2, "failureThreshold": 90},
        "livenessProbe": {"httpGet": {"path": "/livez", "port": "http"}, "periodSeconds": 10, "failureThreshold": 6},
        "readinessProbe": {"httpGet": {"path": "/readyz", "port": "http"}, "periodSeconds": 3, "failureThreshold": 1},
    }
    pod: Document = {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": POD_SECURITY,
        "terminationGracePeriodSeconds": GRACE_SECONDS,
        "topologySpreadConstraints": [_spread(program)],
        "containers": [running],
        "volumes": _volumes(program),
    }
    if not program.service.stateless:
        command = [program.service.name, "migrate"]
        pod["initContainers"] = [{"name": "migrate", **_container(program, command, _environment(program))}]
    return pod


POD_INDEX = "metadata.labels['apps.kubernetes.io/pod-index']"


def _spread(program: Program) -> Document:
    return {
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": _selector(program.service, program.role)},
    }


def _container(program: Program, command: list[str], environment: list[Document]) -> Document:
    return {
        "image": IMAGE,
        "args": command,
        "envFrom": [{"configMapRef": {"name": SETTINGS}}],
        "env": environment,
        "resources": RESOURCES,
        "securityContext": SECURITY,
        "volumeMounts": _mounts(program),
    }


def _environment(program: Program) -> list[Document]:
    """Return what is no plain setting: what secrets hold, by reference, and the addresses made of them."""
    environment: list[Document] = [_secret("LIUHEN_METRICS_TOKEN", *METRICS_TOKEN)]
    if "postgres" in program.engines:
        url = "postgresql+psycopg://$(POSTGRES_USER):$(POSTGRES_PASSWORD)@postgres-rw:5432/liuhen_{context}"
        environment += [
            _secret("POSTGRES_USER", "postgres-app", "username"),
            _secret("POSTGRES_PASSWORD", "postgres-app", "password"),
            {"name": "LIUHEN_DATABASE_URL", "value": url},
        ]
    if "kafka" in program.engines:
        environment.append(_secret("LIUHEN_KAFKA_PASSWORD", "liuhen", "password"))
    if "elasticsearch" in program.engines:
        url = "https://elastic:$(ELASTICSEARCH_PASSWORD)@elasticsearch-es-http:9200"
        environment += [
            _secret("ELASTICSEARCH_PASSWORD", "elasticsearch-es-elastic-user", "elastic"),
            {"name": "LIUHEN_ELASTICSEARCH_URL", "value": url},
        ]
    return environment


def _secret(name: str, secret: str, key: str) -> Document:
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}


def _volumes(program: Program) -> list[Document]:
    volumes: list[Document] = [{"name": "tmp", "emptyDir": {"sizeLimit": "2Gi"}}]
    if program.opens_vault:
        vault = {"secretName": "liuhen-vault", "items": [{"key": "key", "path": "key"}], "defaultMode": 0o440}
        volumes.append({"name": "vault", "secret": vault})
    if "kafka" in program.engines:
        ca = {"secretName": "kafka-cluster-ca-cert", "items": [{"key": "ca.crt", "path": "ca.crt"}]}
        volumes.append({"name": "kafka", "secret": ca})
    if "elasticsearch" in program.engines:
        ca = {"secretName": "elasticsearch-es-http-certs-public", "items": [{"key": "ca.crt", "path": "ca.crt"}]}
        volumes.append({"name": "elasticsearch", "secret": ca})
    return volumes


def _mounts(program: Program) -> list[Document]:
    folders = {"vault": VAULT_KEY, "kafka": KAFKA_CA, "elasticsearch": ELASTICSEARCH_CA}
    mounts: list[Document] = [{"name": "tmp", "mountPath": "/tmp"}]  # a volume of the pod alone  # noqa: S108  # nosec B108
    for volume in _volumes(program)[1:]:
        folder = folders[volume["name"]].rpartition("/")[0]
        mounts.append({"name": volume["name"], "mountPath": folder, "readOnly": True})
    return mounts


def _check(service: Service) -> Document:
    """Return the nightly check of what is always true; the hours differ, so that the databases are read in turn."""
    program = Program(service, "check")
    pod = {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": POD_SECURITY,
        "restartPolicy": "Never",
        "containers": [{"name": "check", **_container(program, program.command, _environment(program))}],
        "volumes": _volumes(program),
    }
    template = {"metadata": {"labels": _labels(service, "check") | _reaches(program)}, "spec": pod}
    spec = {
        "schedule": f"0 {list(SERVICES).index(service.name) % 6} * * *",
        "timeZone": "Asia/Shanghai",
        "concurrencyPolicy": "Forbid",
        "jobTemplate": {"spec": {"backoffLimit": 0, "template": template}},
    }
    return _document("batch/v1", "CronJob", program.name, service, role="check", spec=spec)


def _labels(service: Service, role: str) -> dict[str, str]:
    return {"app.kubernetes.io/part-of": "liuhen", **_selector(service, role)}


def _selector(service: Service, role: str) -> dict[str, str]:
    return {"app.kubernetes.io/name": "liuhen", "liuhen/context": service.name, "liuhen/role": role}


def _reaches(program: Program) -> dict[str, str]:
    """Return the labels that the walls of the network are told by."""
    return {f"liuhen/reaches-{engine}": "yes" for engine in program.engines}


def _document(
    version: str, kind: str, name: str, service: Service, *, role: str = "api", spec: dict[str, Any]
) -> Document:
    labels = _labels(service, role)
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, "labels": labels}, "spec": spec}
