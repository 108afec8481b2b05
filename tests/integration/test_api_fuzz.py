"""The whole API under schemathesis: whatever is sent, no 5xx, and every answer is one that OpenAPI promises."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode, Response
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support.embedded import Embedded, embedded
from tests.support.plans import DEMO

HAN = re.compile(r"[㐀-鿿]")
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
OPEN = {"/livez", "/readyz", "/status", "/metrics", "/api/access/sign-in", "/api/access/ways-in"}
AT_THE_PROVIDER = "/api/access/oidc/"
"""Open too, and 404 where no identity provider is set."""

GATES = ["after", "If-Match", "Idempotency-Key", "organisation", "known_at", "as_of"]
"""Optional parameters that are mostly refused, so that what lies behind them is seldom reached: left out at times."""

bounded = settings(
    max_examples=15,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    with embedded(tmp_path_factory.mktemp("platform")) as running:
        yield running


@pytest.fixture(scope="module")
def operations(platform: Embedded) -> list[Any]:
    api = schemathesis.openapi.from_asgi("/openapi.json", platform.app)
    return [operation.ok() for operation in api.get_all_operations()]


@pytest.fixture(scope="module")
def known(platform: Embedded) -> dict[str, str]:
    """Ids that exist, so that a request comes further than to the 404."""
    plan = platform.upload("supervisor", "计划.txt", DEMO.read_bytes()).json()["id"]
    activity = platform.post("supervisor", "/api/organization/activities", json=theme_day(platform))["id"]
    return {
        "plan_id": plan,
        "activity_id": activity,
        "agency_id": platform.agencies["first"],
        "organisation_id": platform.branches["first"],
        "member_id": platform.members["first"],
        "number": "1-1",
    }


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_whatever_a_supervisor_sends_is_answered_as_promised(
    operations: list[Any], platform: Embedded, known: dict[str, str], mode: GenerationMode
) -> None:
    headers = {"Authorization": f"Bearer {platform.token('supervisor')}"}
    asked = [o for o in operations if o.path != "/api/access/sign-out"]
    assert [said for o in asked for said in refuted(o, mode, known, headers)] == []


def test_whatever_nobody_sends_is_refused(operations: list[Any]) -> None:
    asked = [o for o in operations if o.path not in OPEN and not o.path.startswith(AT_THE_PROVIDER)]
    assert [said for o in asked for said in refuted(o, GenerationMode.POSITIVE, {}, {}, {400, 401, 422})] == []


def refuted(
    operation: Any,
    mode: GenerationMode,
    known: dict[str, str],
    headers: dict[str, str],
    expected: set[int] | None = None,
) -> list[str]:
    """What was not answered as promised; one entry an operation at most."""
    names = re.findall(r"{(\w+)}", operation.path)
    strategy = operation.as_strategy(generation_mode=mode)
    if names and all(name in known for name in names):
        strategy |= operation.as_strategy(generation_mode=mode, path_parameters={n: known[n] for n in names})

    @bounded
    @given(case=strategy, dropped=st.sets(st.sampled_from(GATES)))
    def holds(case: Case, dropped: set[str]) -> None:
        for name in dropped:
            (case.query or {}).pop(name, None)
            (case.headers or {}).pop(name, None)
        answer = case.call(headers=headers)
        promised(case, answer)
        assert expected is None or answer.status_code in expected, (case.as_curl_command(), answer.status_code)

    try:
        holds()
    except Unsatisfiable:  # nothing can be sent that is wrong
        return []
    except (FailureGroup, AssertionError) as refuting:
        return [f"{operation.label} ({mode}): {refuting}"]
    return []


def promised(case: Case, answer: Response) -> None:
    case.validate_response(answer, checks=CHECKS)
    if answer.status_code >= 400:
        problem = answer.json()
        assert CODE.fullmatch(problem["code"]), problem
        assert HAN.search(problem["detail"]), problem


def theme_day(platform: Embedded) -> dict[str, Any]:
    return {
        "organisation_id": platform.branches["first"],
        "kind": "theme-day",
        "held_on": "2026-03-05",
        "title": "到石桥村看冷库",
        "place": "石桥村",
        "minutes": "先算清电费，再谈入股。",
        "attendees": [platform.members["first"]],
    }
