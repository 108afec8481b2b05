"""Every page of the console with a role that opens it: what is looked at, measured and read by axe-core."""

import re
from typing import Any

from tests.access.pages import PAGES as ROWS
from tests.support.browser import (
    ADMINISTRATOR,
    AUDITOR,
    INSPECTOR,
    MEMBER,
    ORGANISER,
    SECRECY_OFFICER,
    SECRETARY,
    SECURITY,
    SUPERVISOR,
    Platform,
)

PAGES: tuple[tuple[str | None, str], ...] = (
    (None, "/sign-in"),
    (SUPERVISOR, "/"),
    (SECRETARY, "/"),
    (ORGANISER, "/"),
    (MEMBER, "/"),
    (INSPECTOR, "/"),
    (ADMINISTRATOR, "/"),
    (SUPERVISOR, "/plans"),
    (SUPERVISOR, "/plans/{plan}"),
    (ORGANISER, "/plans/{plan}?status=overdue"),
    (INSPECTOR, "/plans/{plan}?as_of={year}-06-30"),
    (SUPERVISOR, "/plans/{plan}/tasks/3-2"),
    (SUPERVISOR, "/plans/{plan}/review"),
    (SUPERVISOR, "/plans/{plan}/review?edit=1"),
    (SUPERVISOR, "/plans/{plan}/tasks"),
    (SUPERVISOR, "/plans/{plan}/tasks?adjust=3-2"),
    (SUPERVISOR, "/plans/{plan}/change"),
    (SUPERVISOR, "/plans/import"),
    (MEMBER, "/organisations"),
    (ADMINISTRATOR, "/organisations"),
    (SUPERVISOR, "/organisations/{branch}"),
    (ORGANISER, "/organisations/{branch}?as_of={year}-06-30"),
    (SUPERVISOR, "/organisations/import"),
    (ORGANISER, "/members?organisation={branch}&sort=name"),
    (SECRETARY, "/members/{member}"),
    (SUPERVISOR, "/members/{member}"),
    (MEMBER, "/activities"),
    (ORGANISER, "/activities/new"),
    (SUPERVISOR, "/activities/{activity}"),
    (SUPERVISOR, "/activities/{activity}/correction"),
    (SUPERVISOR, "/activities/{activity}/withdrawal"),
    (SUPERVISOR, "/activities/{activity}/handbook"),
    (ORGANISER, "/activities/not-held"),
    (SECRETARY, "/activities/{activity}/confirmation"),
    (ORGANISER, "/filings"),
    (SUPERVISOR, "/filings"),
    (SUPERVISOR, "/study"),
    (MEMBER, "/study?tier=branch"),
    (ORGANISER, "/study/new"),
    (ORGANISER, "/study/plan"),
    (SUPERVISOR, "/study/sessions/{session}"),
    (MEMBER, "/study/triggers"),
    (SUPERVISOR, "/study/triggers/{trigger}"),
    (MEMBER, "/documents"),
    (SUPERVISOR, "/documents?kind=research-report&stage=draft"),
    (ORGANISER, "/documents/new"),
    (SECRETARY, "/documents/{document}"),
    (SUPERVISOR, "/documents/{document}/difference"),
    (ORGANISER, "/documents/{document}/revise"),
    (ORGANISER, "/documents/{document}/links"),
    (SECRETARY, "/directions"),
    (SUPERVISOR, "/directions/{direction}"),
    (MEMBER, "/points"),
    (SECRETARY, "/points/branch"),
    (SECRETARY, "/points/members/{member}"),
    (SUPERVISOR, "/statistics"),
    (SECRETARY, "/statistics?period={year}-Q1"),
    (INSPECTOR, "/statistics?as_of={year}-06-30"),
    (MEMBER, "/search"),
    (MEMBER, "/search?q=支部"),
    (MEMBER, "/search?q=支部 没有这样的词"),
    (MEMBER, "/search/documents/{activity}"),
    (SUPERVISOR, "/history"),
    (INSPECTOR, "/history?stream=organization:activity:{activity}"),
    (SUPERVISOR, "/history?stream=organization:work-plan:{plan}&known_at={year}-06-30&effective_at={year}-06-30"),
    (SUPERVISOR, "/history/readers?stream=organization:activity:{activity}"),
    (AUDITOR, "/history/readers?stream=organization:work-plan:{plan}"),
    (AUDITOR, "/history/looks"),
    (AUDITOR, "/history/trail"),
    (MEMBER, "/account/trail"),
    (SUPERVISOR, "/history/related?stream=organization:work-plan:{plan}&version=1"),
    (AUDITOR, "/history/looks?stream=organization:work-plan:{plan}"),
    (SUPERVISOR, "/mandates"),
    (INSPECTOR, "/mandates"),
    (INSPECTOR, "/mandates/new"),
    (SUPERVISOR, "/mandates/{mandate}"),
    (SECRETARY, "/talks"),
    (SECRECY_OFFICER, "/quarantine"),
    (ADMINISTRATOR, "/system"),
    (ORGANISER, "/account"),
    (MEMBER, "/account/password"),
    (MEMBER, "/account/second-step"),
    (ADMINISTRATOR, "/agencies"),
    (ADMINISTRATOR, "/accounts"),
    (ADMINISTRATOR, "/accounts/new"),
    (ADMINISTRATOR, "/accounts/{account}"),
    (SECURITY, "/accounts/{account}"),
    (SECURITY, "/accounts?waiting=true"),
    (AUDITOR, "/accounts?waiting=true"),
    (AUDITOR, "/history?stream=access:account:{account}"),
)

LOOKED_AT_ELSEWHERE = {
    "/sign-in/oidc": "goes to the identity provider",
    "/sign-in/oidc/callback": "comes from the identity provider",
    "/plans/{plan_id}/ledger.xlsx": "a file",
    "/organisations/{agency_id}/roster.xlsx": "a file",
    "/organisations/{agency_id}/roster-template.xlsx": "a file",
    "/documents/{document_id}/original": "a file",
    "/statistics.xlsx": "a file",
    "/activities/new/people": "a part of the form of an activity",
    "/talks/{talk_id}": "test_talks.py records one and reads it",
}
"""Addresses that are no page of their own, or whose record the demo has not, each with its reason."""


def known_ids(platform: Platform) -> dict[str, Any]:
    """What the addresses name, of the demo."""

    def first(role: str, path: str, rows: str, **asked: Any) -> Any:
        return platform.get(role, f"/api/{path}", **asked)[rows][0]

    plan = platform.get(SUPERVISOR, "/api/organization/work-plans")["plans"][-1]
    member = first(SUPERVISOR, "organization/roster", "members", q="zn")
    studied = platform.get(SUPERVISOR, "/api/study/sessions")["sessions"]
    documents = platform.get(ORGANISER, "/api/research/documents", organisation=member["organisation_id"])["documents"]
    return {
        "plan": plan["id"],
        "year": plan["year"],
        "activity": first(ORGANISER, "organization/activities", "activities")["id"],
        "account": first(ADMINISTRATOR, "access/accounts", "items", q=platform.accounts[MEMBER]["account"])["id"],
        "mandate": first(SUPERVISOR, "access/mandates", "items")["id"],
        "member": member["id"],
        "branch": member["organisation_id"],
        "session": next(s["session"]["id"] for s in studied if s["session"]["tier"] == "central-group"),
        "trigger": first(SUPERVISOR, "study/triggers", "triggers")["trigger"]["id"],
        "document": next(d["id"] for d in documents if d["latest"] > 1),
        "direction": first(SUPERVISOR, "research/directions", "directions")["direction"]["id"],
    }


def unseen() -> set[str]:
    """The console's addresses that nobody opens: neither above nor named with a reason."""
    opened = {re.sub(r"\{\w+\}|(?<=/)\d+-\d+", "X", path.partition("?")[0]) for _, path in PAGES}
    named = {row.path for row in ROWS if row.method == "GET"} - LOOKED_AT_ELSEWHERE.keys()
    return {path for path in named if re.sub(r"\{\w+\}", "X", path) not in opened}
