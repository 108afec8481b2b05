"""What holds of every file of the repository."""

import ast
import re
import statistics
import sys

from tests.architecture.sources import ROOT, calls, imports, kept, parsed, python, shown

PRODUCT = ("services", "shared")
LONGEST_FILE = 600
TEXT = {".py", ".md", ".toml", ".txt", ".lock", ".json", ".sh", ".html", ".css", ".js", ".yaml", ".yml", ".xml", ".ini"}
HOSTS = re.compile(
    r"pypi\.org|pythonhosted\.org|registry\.(npmjs|yarnpkg)|repo[0-9]*\.maven|npmmirror|tuna\.tsinghua|mirrors\.", re.I
)
ABSOLUTE = re.compile(r"(?<![\w./:-])/(work|root|home|Users|mnt)/[\w.-]+")
ROUTES = {"routes", "replay_routes"}
"""Functions that only hold other functions: the routes of one router."""
PURE = ("shared.contracts", "shared.decider", "shared.quarantine.decider", "shared.rules")


def test_only_the_settings_read_the_environment() -> None:
    readers = set()
    for path in python(*PRODUCT):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Attribute) and ast.unparse(node) in {"os.environ", "os.getenv", "os.environb"}:
                readers.add(shown(path))
            if isinstance(node, ast.ImportFrom) and node.module == "os":
                readers |= {shown(path) for name in node.names if name.name in {"environ", "getenv", "environb"}}
        if any(name.split(".")[0] == "pydantic_settings" for name in imports(path)):
            readers.add(shown(path))
    assert readers <= {"shared/settings.py"}


def test_engines_are_made_where_their_errors_are_kept_from_naming_values() -> None:
    makers = {shown(p) for p in python(*PRODUCT) for name, _ in calls(p) if name == "create_engine"}
    assert makers == {"shared/database.py"}


def test_the_product_prints_nothing() -> None:
    printing = [shown(p, c.lineno) for p in python(*PRODUCT) for name, c in calls(p) if name in {"print", "pprint"}]
    assert printing == []


def test_no_test_sleeps_it_waits_for_what_it_needs() -> None:
    sleeping = [shown(p, c.lineno) for p in python("tests") for name, c in calls(p) if name.split(".")[-1] == "sleep"]
    assert sleeping == []


def test_no_file_is_longer_than_a_person_reads() -> None:
    lengths = {
        shown(p): len(p.read_text("utf-8").splitlines()) for p in python("services", "shared", "tests", "deploy")
    }
    assert {name: n for name, n in lengths.items() if n > LONGEST_FILE} == {}
    product = sorted(n for name, n in lengths.items() if name.startswith(PRODUCT) and n > 3)
    assert statistics.median(product) <= 110
    assert product[int(len(product) * 0.95)] <= 400


def test_functions_are_short() -> None:
    lengths = sorted(
        (node.end_lineno or node.lineno) - node.lineno + 1
        for path in python(*PRODUCT)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name not in ROUTES
    )
    assert lengths[int(len(lengths) * 0.95)] <= 40
    assert statistics.median(lengths) <= 10


def test_domain_code_imports_only_the_standard_library_contracts_deciders_and_rules() -> None:
    impure = []
    for path in python("services"):
        parts = path.relative_to(ROOT).parts
        if "domain" not in parts:
            continue
        allowed = (*PURE, f"services.{parts[1]}.domain")
        for name in imports(path):
            known = name.split(".")[0] in sys.stdlib_module_names or name.startswith(allowed)
            impure += [] if known else [f"{shown(path)}: {name}"]
    assert impure == []


def test_domain_code_asks_no_clock_and_no_dice() -> None:
    asked = {"datetime.now", "datetime.utcnow", "date.today", "time.time", "time.monotonic", "uuid4", "new_id"}
    asking = [
        shown(path, call.lineno)
        for path in python("services")
        if "domain" in path.relative_to(ROOT).parts
        for name, call in calls(path)
        if name in asked or name.startswith(("random.", "secrets.", "uuid."))
    ]
    assert asking == []


def test_no_file_names_a_registry_or_a_folder_of_somebodys_machine() -> None:
    named = []
    for path in kept():
        if path.suffix not in TEXT and path.name not in {"Makefile", "run"}:
            continue
        if path == ROOT / "tests" / "architecture" / "test_sources.py":
            continue
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
            if HOSTS.search(line) or ABSOLUTE.search(line):
                named.append(f"{shown(path, number)}: {line.strip()[:80]}")
    assert named == []


def test_every_service_says_in_its_folder_what_it_owns() -> None:
    folders = [p for p in (ROOT / "services").iterdir() if (p / "service.py").exists()]
    assert len(folders) >= 5
    assert [f.name for f in folders if not (f / "README.md").exists()] == []
