"""Classes of documents (文件类别), and the restricted classes with the one table of the roles that see each."""

from enum import StrEnum

from shared.security.principal import INSPECTORS, Role


class DocumentClass(StrEnum):
    """How far a document may go. 涉密 is no class: such a thing is never taken in."""

    PUBLIC = "public"
    INTERNAL = "internal"
    WORK_SECRET = "work-secret"  # noqa: S105  # a class of documents


DOCUMENT_CLASS_NAMES = {
    DocumentClass.PUBLIC: "公开",
    DocumentClass.INTERNAL: "内部",
    DocumentClass.WORK_SECRET: "工作秘密",
}


class RestrictedClass(StrEnum):
    """What only the roles of ``RESTRICTED`` see, wherever it stands: a page, a ledger, a search, a replay."""

    TALKS = "talks"
    CARE = "care"
    DEVELOPMENT = "development"
    DUES_BASES = "dues-bases"
    DISCIPLINE = "discipline"
    CRITICISM = "criticism"
    APPRAISAL_VOTES = "appraisal-votes"
    SURVEY_TEXTS = "survey-texts"
    OPINION_SOURCES = "opinion-sources"
    INTERVIEWS = "interviews"


RESTRICTED_CLASS_NAMES = {
    RestrictedClass.TALKS: "谈心谈话",
    RestrictedClass.CARE: "关怀帮扶",
    RestrictedClass.DEVELOPMENT: "发展党员材料",
    RestrictedClass.DUES_BASES: "党费核定基数",
    RestrictedClass.DISCIPLINE: "纪律处分",
    RestrictedClass.CRITICISM: "批评与自我批评",
    RestrictedClass.APPRAISAL_VOTES: "民主评议投票",
    RestrictedClass.SURVEY_TEXTS: "测评意见原文",
    RestrictedClass.OPINION_SOURCES: "社情民意来源",
    RestrictedClass.INTERVIEWS: "调研访谈记录",
}

_SECRETARIES = frozenset({Role.BRANCH_SECRETARY, Role.GENERAL_BRANCH_SECRETARY})

RESTRICTED: dict[RestrictedClass, frozenset[Role]] = {
    RestrictedClass.TALKS: _SECRETARIES | {Role.PATROL_GROUP},
    RestrictedClass.CARE: _SECRETARIES | {Role.BRANCH_ORGANISER},
    RestrictedClass.DEVELOPMENT: _SECRETARIES | {Role.BRANCH_ORGANISER, Role.ORGANISATION_OFFICER} | INSPECTORS,
    RestrictedClass.DUES_BASES: _SECRETARIES | {Role.BRANCH_ORGANISER, Role.INSPECTOR, Role.PATROL_GROUP},
    RestrictedClass.DISCIPLINE: frozenset({Role.DISCIPLINE_OFFICER, Role.GENERAL_BRANCH_SECRETARY, Role.PATROL_GROUP}),
    RestrictedClass.CRITICISM: _SECRETARIES | {Role.PATROL_GROUP},
    RestrictedClass.APPRAISAL_VOTES: frozenset({Role.GENERAL_BRANCH_SECRETARY, Role.ORGANISATION_OFFICER}),
    RestrictedClass.SURVEY_TEXTS: frozenset({Role.GENERAL_BRANCH_SECRETARY, Role.GENERAL_BRANCH}),
    RestrictedClass.OPINION_SOURCES: frozenset({Role.GENERAL_BRANCH_SECRETARY, Role.GENERAL_BRANCH}),
    RestrictedClass.INTERVIEWS: frozenset({Role.GENERAL_BRANCH_SECRETARY, Role.GENERAL_BRANCH}),
}
"""Roles a restricted class. An inspecting body named here sees it under a running mandate that names the class."""

CLASS_NAMES: dict[str, str] = {
    **{c.value: name for c, name in DOCUMENT_CLASS_NAMES.items()},
    **{c.value: name for c, name in RESTRICTED_CLASS_NAMES.items()},
}
"""Every class's name by its code."""
