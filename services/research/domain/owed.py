"""What a research direction owes (§10c): a report, and a brief or a reflection; what is missing only warns."""

from collections.abc import Collection

from shared.contracts.research import DOCUMENT_KIND_NAMES, DocumentKind
from shared.rules.model import Rule, Verdict


def missing(rule: Rule | None, kinds: Collection[DocumentKind]) -> Verdict | None:
    """Return what the rule misses among the kinds of a direction's final documents, None where nothing is missing."""
    if rule is None:
        return None
    wanted = [_name(kind) for kind in rule.parameters["all_of"] if DocumentKind(kind) not in kinds]
    choices = [DocumentKind(kind) for kind in rule.parameters["any_of"]]
    if choices and not set(choices) & set(kinds):
        wanted.append("或".join(DOCUMENT_KIND_NAMES[c] for c in choices))
    return rule.verdict(f"还缺{'、'.join(wanted)}；定稿并关联到这个方向后不再提示。") if wanted else None


def _name(kind: str) -> str:
    return DOCUMENT_KIND_NAMES[DocumentKind(kind)]
