"""Every refusal in the code: a stable code of one meaning, a sentence in Chinese."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator

import pytest

from shared.documents.refusal import SENTENCES
from shared.http.problems import NOT_FOUND
from shared.rules.loader import shipped_rules
from tests.architecture.sources import calls, parsed, python, shown

KEBAB = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
HAN = re.compile(r"[㐀-鿿]")
WHERE = {"RuleBroken": 0, "Unknown": 0, "SearchError": 0, "Problem": 1, "problem_response": 1}
"""Which argument of each refusal is its code; the sentence is the next."""


def refusals() -> Iterator[tuple[str, str, ast.Call]]:
    """Every refusal that is written out: where, its kind, the call."""
    for path in python("services", "shared"):
        for name, call in calls(path):
            kind = name.split(".")[-1]
            if kind in WHERE and len(call.args) > WHERE[kind] and isinstance(call.args[WHERE[kind]], ast.Constant):
                yield shown(path, call.lineno), kind, call


def code_of(kind: str, call: ast.Call) -> str:
    code = call.args[WHERE[kind]]
    assert isinstance(code, ast.Constant)
    return str(code.value)


def test_refusals_are_found_where_they_are_written() -> None:
    assert {code_of(k, c) for _, k, c in refusals()} >= {"not-found", "sign-in-needed", "bad-json", "plan-exists"}


def test_every_code_is_kebab_case() -> None:
    codes = {code_of(k, c) for _, k, c in refusals()} | SENTENCES.keys()
    assert [code for code in codes if not KEBAB.fullmatch(code)] == []


def test_every_refusal_says_in_chinese_what_would_do() -> None:
    mute = []
    for where, kind, call in refusals():
        sentence = call.args[WHERE[kind] + 1]
        if isinstance(sentence, ast.Constant | ast.JoinedStr) and not HAN.search(ast.unparse(sentence)):
            mute.append(where)
    assert mute == []
    assert all(HAN.search(sentence) for sentence in (*SENTENCES.values(), NOT_FOUND))


def test_one_code_stands_for_one_kind_of_answer() -> None:
    kinds = defaultdict(set)
    for _, kind, call in refusals():
        status = ast.unparse(call.args[0]) if WHERE[kind] else {"Unknown": "404"}.get(kind, "422")
        kinds[code_of(kind, call)].add(status)
    assert {code: found for code, found in kinds.items() if len(found) > 1} == {}


def test_no_code_of_a_document_means_something_else_elsewhere() -> None:
    assert {code_of(k, c) for _, k, c in refusals()} & SENTENCES.keys() == set()


@pytest.mark.parametrize("rule", shipped_rules().rules, ids=lambda rule: f"{rule.code}@{rule.version}")
def test_every_rule_cites_its_article_and_its_source(rule: object) -> None:
    assert HAN.search(rule.article)  # type: ignore[attr-defined]
    assert HAN.search(rule.source)  # type: ignore[attr-defined]


def test_a_broad_except_gives_its_reason() -> None:
    silent = []
    for path in python("services", "shared"):
        lines = path.read_text("utf-8").splitlines()
        for node in ast.walk(parsed(path)):
            broad = isinstance(node, ast.ExceptHandler) and (node.type is None or ast.unparse(node.type) in BROAD)
            if (
                broad
                and "#" not in lines[node.lineno - 1]
                and not any(isinstance(n, ast.Raise) for n in ast.walk(node))
            ):
                silent.append(shown(path, node.lineno))
    assert silent == []


BROAD = {"Exception", "BaseException"}
