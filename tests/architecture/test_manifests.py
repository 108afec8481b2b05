"""What a city is started with is derived from the declarations: a service that is new is never forgotten."""

from deploy.manifests.files import files, stale
from services.runtime.registry import SERVICES
from services.runtime.roles import processes_of
from tests.architecture.sources import shown
from tests.support.city import ROLES

AGAIN = "run `make manifests` and commit what it writes"


def test_the_written_manifests_are_what_the_declarations_say() -> None:
    different = [shown(path) for path, text in files().items() if not path.exists() or path.read_text("utf-8") != text]
    assert different == [], AGAIN
    assert [shown(path) for path in stale()] == [], AGAIN


def test_the_city_of_the_tests_runs_every_process_of_every_service() -> None:
    assert {name: processes_of(service) for name, service in SERVICES.items()} == ROLES
