"""A query without a scope cannot be written: rows come out of a ledger through a `Reading` alone, which bounds them.

What no reach bounds is listed here by name. Whoever adds to a list says why; a reviewer reads it in this one place.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Table

from services.runtime.registry import SERVICES
from tests.architecture.sources import ROOT, calls, imports, parsed, python, shown

PRODUCT = ("services", "shared")

NOBODYS_TABLES = {
    "search.register.generation": "names the index that was filled from the slot: no row of it is anybody's",
}
"""Tables of ledgers whose rows are of no agency. No reach opens them."""

UNBOUNDED = {
    "services/access/mandate_readers.py": {"WHAT_A_MANDATE_OPENS"},  # the asker was checked against record and mandate
    "services/access/mandates.py": {"HOW_FAR_MANDATES_REACH"},  # before it there is no reach
    "services/access/own_account_api.py": {"NAMES_IN_ONES_OWN_RECORD"},  # by ids out of the caller's own account
    "services/access/principals.py": {"HOW_FAR_ROLES_REACH"},  # before it there is no reach
    "services/access/queries_api.py": {"NAMES_IN_A_RECORD"},  # by ids out of rows that a reach has bounded
    "services/access/tokens_api.py": {"ONES_OWN"},  # by the id of the account that asks
    "services/access/readers.py": {"WHOEVER_READS"},  # the asker was checked against the record
    "services/audit/trail_api.py": {
        "ONES_OWN",  # by the id of the account that asks
        "WHAT_IT_LED_TO",  # a step is shown where the context that owns its record lets the caller replay it
    },
    "services/points/own_api.py": {"ONES_OWN"},  # by the member id of the account that asks
    "services/points/reactions.py": {"WHERE_THEY_BELONG"},  # by ids out of a record of the agency that is asked for
    "services/runtime/checks.py": {"ALL_OF_IT"},  # a command on the machine; prints counts and refused ids
    "services/runtime/demo/year.py": {"DEMO"},  # fills empty databases
    "services/runtime/plan_import.py": {"OF_THE_MACHINE"},  # a command on the machine
    "services/runtime/process.py": {"HOW_MANY_REFUSED"},  # one number on the status page
    "services/runtime/readiness.py": {"IS_ANYTHING_DIRTY"},  # one yes or no at the platform's start
}
"""Reads that no caller's reach bounds."""

MAKES_REACHES = {
    "shared/security/policy.py",  # from grants and the table of permissions
    "services/access/mandates.py",  # the agencies of a mandate, for the side of it on which the caller stands
    "services/search/answers.py",  # from two of those: search opens an agency's plans and drafts apart
}

TRAIL = {
    "services/access/bootstrap.py::_was_granted": "a command on the machine; one yes or no",
    "services/access/bootstrap.py::refuse_where_opened": "a command on the machine; one yes or no",
    "services/access/mandates.py::_folded": "callers ask on which side of it somebody stands, or make a principal",
    "services/access/oidc/identities.py::holding_of": "a claim by an HMAC of issuer and name; says whether it is held",
    "services/access/own_account.py::own_account": "whose account it is has been settled before",
    "services/access/second_step.py::second_step_of": "whose account it is has been settled before",
    "services/access/sessions.py::account_of_login": "who signs in has no reach yet",
    "services/access/sessions.py::account_of": "makes a principal; other callers require its agency first",
    "services/access/sessions.py::session_by_id": "callers show its token, or compare its account with their own",
    "services/access/sessions.py::session_of": "who shows a token has no reach yet",
    "services/access/tokens.py::_token_by_id": "callers show it, or compare its account with their own",
    "services/access/tokens.py::token_shown": "who shows a token has no reach yet",
    "services/organization/import_plan.py::import_plan": "the claim's key begins with the caller's agency",
    "services/research/queries_api.py::original": "the document was read within the caller's reach before",
    "services/runtime/checks.py::_published": "a check on the machine",
    "services/runtime/checks.py::_trail": "a check on the machine",
    "services/runtime/demo/lifecycle.py::_open": "fills empty databases",
    "services/runtime/demo/more.py::_seen_by_the_committee": "a command on the machine; is the demo's account there",
    "services/runtime/demo/year.py::record": "fills empty databases",
    "shared/application/commands.py::_attempt": "routes have bound the caller to the stream",
    "shared/application/commands.py::done": "keys are the actor's own",
    "shared/http/states.py::event_at": "what the caller's own command did",
    "shared/http/states.py::state_within": "compares what it found with an extent",
    "shared/replay/routes.py::found": "asks whose the stream is before it shows anything of it",
}
"""Where the trail itself is read on a request or a command, each with what bounds it."""

ASKS_TABLES = {
    "services/access/presence.py": "a table beside the trail: when a session was last used",
    "services/access/session_list.py": "a table beside the trail: where a session began; asked by its own account",
    "services/access/throttle.py": "a table beside the trail: attempts to sign in",
    "services/access/token_uses.py": "a table beside the trail: when a token was last used; asked by its own account",
    "services/search/answers.py": "the register, through a reading",
    "services/search/freshness.py": "the register, through a reading",
    "services/search/indexer.py": "the register's own writer",
}
"""Modules outside ledgers/ that write queries."""

OPENS_SLOTS = {
    "services/runtime/assembly.py": "puts the projection together",
    "services/runtime/roles.py": "gives the indexer and the reactions their slots",
    "services/search/indexer.py": "the register's own writer",
}


def test_every_table_of_a_ledger_says_whose_its_rows_are() -> None:
    silent = {name for name, table in tables() if "agency_id" not in table.c or table.c["agency_id"].nullable}
    assert silent == NOBODYS_TABLES.keys()


def tables() -> Iterator[tuple[str, Table]]:
    for service in SERVICES.values():
        for ledger in service.ledgers:
            for table in ledger.metadata.sorted_tables:
                yield f"{service.name}.{ledger.name}.{table.name}", table


def test_a_reach_is_made_by_the_policy() -> None:
    assert made("Reach") == MAKES_REACHES


def test_what_no_reach_bounds_is_named_and_used_where_it_is_made() -> None:
    found: dict[str, set[str]] = {}
    for path in python(*PRODUCT):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Assign) and _makes(node.value, "Unbounded"):
                found.setdefault(shown(path), set()).update(ast.unparse(target) for target in node.targets)
    assert found == UNBOUNDED
    assert made("Unbounded") == UNBOUNDED.keys()
    names = set().union(*UNBOUNDED.values())
    lent = [
        shown(path, node.lineno)
        for path in python(*PRODUCT)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom) and names & {alias.name for alias in node.names}
    ]
    assert lent == []


def test_a_reading_is_opened_by_the_readers_and_shows_its_connection_to_nobody() -> None:
    of_ledgers = {shown(path) for path in python(*PRODUCT) if "shared.projection.reading" in set(imports(path))}
    assert made("Reading") & of_ledgers == {"shared/projection/reader.py", "shared/projection/past.py"}
    peeking = {
        shown(path)
        for path in python(*PRODUCT)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute) and node.attr == "_connection" and ast.unparse(node.value) != "self"
    }
    assert peeking == set()


def test_a_search_is_asked_within_the_scope_that_search_compiles() -> None:
    assert made("Scope") == {"services/search/answers.py"}
    assert made("SearchRequest") == {"services/search/queries_api.py"}


def test_the_trail_is_read_where_it_is_known_who_asks() -> None:
    assert set(reads_of_the_trail()) == TRAIL.keys()


READS = {"load", "read", "read_streams", "claimed", "position_of", "position_at"}


def reads_of_the_trail() -> Iterator[str]:
    """Each function outside the machinery of feeds that asks an event store or a file."""
    for path in python(*PRODUCT):
        if path.relative_to(ROOT).parts[:2] in {
            ("shared", part) for part in ("eventstore", "projection", "relay", "blobs")
        }:
            continue
        for function in _functions(path):
            if any(_asks_the_trail(call) for call in _own_calls(function)):
                yield f"{shown(path)}::{function.name}"


def _asks_the_trail(call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute):
        return False
    asked = ast.unparse(call.func.value).split(".")[-1]
    return (asked == "store" and call.func.attr in READS) or (
        asked == "blobs" and call.func.attr not in {"put", "purge"}
    )


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _own_calls(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.Call]:
    """The calls of a function's body, without those of functions within it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(node, ast.Call):
            yield node
        waiting += ast.iter_child_nodes(node)


def test_queries_are_written_in_ledgers() -> None:
    asking = {
        shown(path)
        for path in python("services")
        if "ledgers" not in path.parts and any(name in {"select", "sqlalchemy.select"} for name, _ in calls(path))
    }
    assert asking == ASKS_TABLES.keys()


def test_no_slot_is_opened_past_the_readers() -> None:
    opening = set()
    for path in python("services"):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("shared.projection.slots"):
                opening |= {shown(path) for alias in node.names if alias.name != "LedgerNotReady"}
    assert opening == OPENS_SLOTS.keys()


def made(kind: str) -> set[str]:
    return {shown(path) for path in python(*PRODUCT) for node in ast.walk(parsed(path)) if _makes(node, kind)}


def _makes(node: ast.AST, kind: str) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == kind
