"""An annual work plan (年度工作要点) read from its text: parts, measures, clauses (§0a, §0d, §0e)."""

from services.organization.plan_document.model import Clause, Measure, Part, PlanDocument
from services.organization.plan_document.parse import parse

__all__ = ["Clause", "Measure", "Part", "PlanDocument", "parse"]
