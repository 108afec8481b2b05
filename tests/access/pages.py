"""Every page of the console: what it needs, whose record it opens. A new page needs a row, or ``test_table.py`` fails.

The console decides nothing: it asks the services in the visitor's name. What a form sends is decided by the
operation behind it; here a form of somebody who may not must come back refused and leave nothing recorded.
"""

from typing import Any

from shared.security.policy import Permission
from tests.access.expected import Answer, Guarded, Row, Whose, reaches
from tests.access.operations import (
    TAKEN,
    WHY,
    asks,
    direction,
    issued,
    of,
    office,
    reads_draft,
    replays_agency,
    side_of_mandate,
    studied,
    study_plan,
    talk,
    written,
)
from tests.access.people import Person

P = Permission
PUBLIC, MYSELF = Guarded.PUBLIC, Guarded.MYSELF
BRANCH, AGENCY, ANOTHERS = Whose.BRANCH, Whose.AGENCY, Whose.ANOTHERS


def form(fields: Any = WHY, **path: str) -> Any:
    """A form with these fields."""
    return lambda w: {**of(**path)(w), "data": fields(w) if callable(fields) else fields}


def at_branch(fields: Any) -> Any:
    """What a form says of something of the first branch."""
    return lambda w: {k: v for k, v in fields(w).items() if k != "agency"} | {"organisation": w.ids["branch"]}


def shown_plan(person: Person) -> Answer:
    return Answer.ADMITTED if reaches(person, P.SEE_PLAN, AGENCY) else Answer.UNKNOWN


PAGES: tuple[Row, ...] = (
    Row("GET", "/sign-in", PUBLIC),
    Row("POST", "/sign-in", PUBLIC),
    Row("POST", "/sign-in/code", PUBLIC),
    Row("POST", "/sign-out", PUBLIC, ends_session=True),
    Row("GET", "/sign-in/oidc", PUBLIC),
    Row("GET", "/sign-in/oidc/callback", PUBLIC),
    Row("GET", "/account/password", MYSELF),
    Row("POST", "/account/password", MYSELF),
    Row("GET", "/account", MYSELF),
    Row("POST", "/account/sessions/end-others", MYSELF),
    Row("POST", "/account/sessions/{session_id}/end", MYSELF, ANOTHERS, of(session_id="session")),
    Row("POST", "/account/tokens", MYSELF),
    Row("POST", "/account/tokens/{token_id}/revoke", MYSELF, ANOTHERS, of(token_id="token")),
    Row("GET", "/account/second-step", MYSELF),
    Row("POST", "/account/second-step/prepare", MYSELF),
    Row("POST", "/account/second-step/confirm", MYSELF),
    Row("POST", "/account/second-step/recovery-codes", MYSELF),
    Row("POST", "/account/second-step/remove", MYSELF),
    Row("GET", "/", MYSELF),
    Row("GET", "/plans/import", P.MANAGE_PLAN),
    Row("POST", "/plans/import", P.MANAGE_PLAN, asks=form()),
    Row("GET", "/plans/{plan_id}/review", P.SEE_PLAN, AGENCY, of(plan_id="plan")),
    Row("POST", "/plans/{plan_id}/clauses/{number}/nature", P.MANAGE_PLAN, AGENCY,
        form({"nature": "task"}, plan_id="spent_plan", number="task")),
    Row("POST", "/plans/{plan_id}/adopt", P.MANAGE_PLAN, AGENCY, form(plan_id="spent_plan")),
    Row("GET", "/plans/{plan_id}/tasks", P.MANAGE_PLAN, AGENCY, of(plan_id="plan"), also=shown_plan),
    Row("POST", "/plans/{plan_id}/tasks", P.MANAGE_PLAN, AGENCY, form(plan_id="spent_plan")),
    Row("GET", "/plans/{plan_id}/change", P.MANAGE_PLAN, AGENCY, of(plan_id="plan"), also=shown_plan),
    Row("POST", "/plans/{plan_id}/change/{what}", P.MANAGE_PLAN, AGENCY, form(plan_id="spent_plan", what="added")),
    Row("GET", "/plans", P.SEE_PLAN, shows="plan", shown_whose=AGENCY),
    Row("GET", "/plans/{plan_id}/ledger.xlsx", P.SEE_PLAN, AGENCY, of(plan_id="plan")),
    Row("GET", "/plans/{plan_id}/tasks/{clause}", P.SEE_PLAN, AGENCY, of(plan_id="plan", clause="task")),
    Row("GET", "/plans/{plan_id}", P.SEE_PLAN, AGENCY, of(plan_id="plan")),
    Row("GET", "/activities/new", P.RECORD_ACTIVITY),
    Row("GET", "/activities/new/people", P.RECORD_ACTIVITY),
    Row("POST", "/activities", P.RECORD_ACTIVITY, BRANCH, form()),
    Row("GET", "/activities/{activity_id}/correction", P.RECORD_ACTIVITY, BRANCH, of(activity_id="activity")),
    Row("POST", "/activities/{activity_id}/correction", P.RECORD_ACTIVITY, BRANCH, form(activity_id="spent_activity")),
    Row("GET", "/activities/{activity_id}/withdrawal", P.RECORD_ACTIVITY, BRANCH, of(activity_id="activity")),
    Row("POST", "/activities/{activity_id}/withdrawal", P.RECORD_ACTIVITY, BRANCH, form(activity_id="spent_activity")),
    Row("POST", "/activities/minutes", P.RECORD_ACTIVITY, asks=form({"original": "地点：活动室"})),
    Row("GET", "/activities/not-held", P.RECORD_ACTIVITY),
    Row("POST", "/activities/not-held", P.RECORD_ACTIVITY, BRANCH, form()),
    Row("GET", "/activities/{activity_id}/confirmation", P.CONFIRM_MINUTES, BRANCH, of(activity_id="activity")),
    Row("POST", "/activities/{activity_id}/confirmation", P.CONFIRM_MINUTES, BRANCH,
        form({"entry": "1"}, activity_id="judged_activity")),
    Row("GET", "/activities", P.SEE_ACTIVITY, shows="activity", shown_whose=BRANCH),
    Row("GET", "/activities/{activity_id}", P.SEE_ACTIVITY, BRANCH, of(activity_id="activity")),
    Row("GET", "/activities/{activity_id}/handbook", P.SEE_ACTIVITY, BRANCH, of(activity_id="activity")),
    Row("GET", "/documents/new", P.WRITE_DOCUMENT),
    Row("POST", "/documents", P.WRITE_DOCUMENT, BRANCH, written),
    Row("GET", "/documents/{document_id}/revise", P.WRITE_DOCUMENT, BRANCH, of(document_id="document")),
    Row("POST", "/documents/{document_id}/revise", P.WRITE_DOCUMENT, BRANCH, form(document_id="spent_document")),
    Row("GET", "/documents/{document_id}/links", P.WRITE_DOCUMENT, BRANCH, of(document_id="document")),
    Row("POST", "/documents/{document_id}/links", P.WRITE_DOCUMENT, BRANCH, form({}, document_id="spent_document")),
    Row("GET", "/documents", P.SEE_DOCUMENT, shows="document", shown_whose=BRANCH),
    Row("GET", "/documents", P.SEE_DOCUMENT, shows="unfinished", shown_by=reads_draft, name="unfinished"),
    Row("GET", "/documents/{document_id}", P.SEE_DOCUMENT, BRANCH, of(document_id="document")),
    Row("GET", "/documents/{document_id}/difference", P.SEE_DOCUMENT, BRANCH, of(document_id="document")),
    Row("GET", "/documents/{document_id}/original", P.SEE_DOCUMENT, BRANCH, of(document_id="document")),
    Row("POST", "/documents/{document_id}/{what}", P.MANAGE_RESEARCH, BRANCH,
        form(document_id="spent_document", what="withdrawal")),
    Row("GET", "/directions", P.SEE_DOCUMENT, shows="direction", shown_whose=BRANCH),
    Row("POST", "/directions", P.MANAGE_RESEARCH, BRANCH, form(direction)),
    Row("GET", "/directions/{direction_id}", P.SEE_DOCUMENT, BRANCH, of(direction_id="direction")),
    Row("POST", "/directions/{direction_id}/end", P.MANAGE_RESEARCH, BRANCH, form(direction_id="spent_direction")),
    Row("GET", "/filings", P.SEE_ACTIVITY),
    Row("POST", "/filings", P.RECORD_ACTIVITY, BRANCH, form()),
    Row("POST", "/filings/{filing_id}/return", P.RETURN_FILING, BRANCH, form({"filing": "1"}, filing_id="filing")),
    Row("GET", "/search", P.SEARCH, asks=asks(q="冷库"), shows="activity", shown_whose=BRANCH),
    Row("GET", "/search/documents/{id}", P.SEARCH, BRANCH, of(id="activity")),
    Row("GET", "/history", P.REPLAY, AGENCY, asks(stream="plan_stream"), also=replays_agency(P.SEE_PLAN)),
    Row("GET", "/history/readers", P.SEE_READERS, BRANCH, asks(stream="activity_stream")),
    Row("GET", "/mandates", P.SEE_MANDATES, shows="mandate", shown_by=side_of_mandate),
    Row("GET", "/mandates/new", P.REQUEST_MANDATE),
    Row("POST", "/mandates/new", P.REQUEST_MANDATE, asks=form()),
    Row("GET", "/mandates/{mandate_id}", P.SEE_MANDATES, AGENCY, of(mandate_id="mandate"), also=side_of_mandate),
    Row("POST", "/mandates/{mandate_id}/{what}", P.SEE_MANDATES, AGENCY,
        form(mandate_id="spent_mandate", what="end"), also=side_of_mandate),
    Row("GET", "/talks", P.SEE_TALK, shows="talk", shown_whose=BRANCH),
    Row("POST", "/talks", P.RECORD_TALK, BRANCH, form(talk)),
    Row("GET", "/talks/{talk_id}", P.SEE_TALK, BRANCH, of(talk_id="talk")),
    Row("GET", "/study/new", P.RECORD_STUDY),
    Row("POST", "/study/new", P.RECORD_STUDY, BRANCH, form(at_branch(studied))),
    Row("GET", "/study/plan", P.RECORD_STUDY),
    Row("POST", "/study/plan", P.RECORD_STUDY, BRANCH, form(at_branch(study_plan))),
    Row("GET", "/study/triggers", P.SEE_STUDY, shows="trigger", shown_whose=BRANCH),
    Row("POST", "/study/triggers", P.RECORD_STUDY, BRANCH, form(at_branch(issued))),
    Row("GET", "/study/triggers/{trigger_id}", P.SEE_STUDY, BRANCH, of(trigger_id="trigger")),
    Row("POST", "/study/triggers/{trigger_id}/{what}", P.RECORD_STUDY, BRANCH,
        form(TAKEN, trigger_id="spent_trigger", what="conveyed")),
    Row("GET", "/study", P.SEE_STUDY, asks=asks(year="2026"), shows="study", shown_whose=BRANCH),
    Row("GET", "/study/sessions/{session_id}", P.SEE_STUDY, BRANCH, of(session_id="study")),
    Row("POST", "/study/sessions/{session_id}/{what}", P.RECORD_STUDY, BRANCH,
        form(session_id="spent_study", what="withdrawal")),
    Row("GET", "/points", P.OWN_POINTS),
    Row("POST", "/points/objections", P.OWN_POINTS, asks=form({"text": "缺了一次"})),
    Row("GET", "/points/branch", P.SEE_POINTS, shows="member", shown_whose=BRANCH),
    Row("GET", "/points/members/{member_id}", P.SEE_POINTS, BRANCH, of(member_id="member")),
    Row("POST", "/points/members/{member_id}/objections/{objection_id}", P.ANSWER_POINTS, BRANCH,
        form({"upheld": "no", "answer": "查过签到"}, member_id="member", objection_id="objection")),
    Row("GET", "/quarantine", P.HANDLE_QUARANTINE, shows="upload", shown_whose=AGENCY),
    Row("POST", "/quarantine/{context}/{upload_id}/settlement", P.HANDLE_QUARANTINE, AGENCY,
        form({"note": "已交还"}, context="organization", upload_id="upload")),
    Row("GET", "/accounts", P.SEE_ACCOUNTS, shows="account", shown_whose=AGENCY),
    Row("GET", "/accounts/new", P.MANAGE_ACCOUNTS),
    Row("POST", "/accounts/new", P.MANAGE_ACCOUNTS, asks=form()),
    Row("GET", "/accounts/{account_id}", P.SEE_ACCOUNTS, AGENCY, of(account_id="account")),
    Row("POST", "/accounts/{account_id}/{what}", P.MANAGE_ACCOUNTS, AGENCY,
        form(account_id="spent_account", what="suspend")),
    Row("GET", "/agencies", P.MANAGE_ORGANISATION),
    Row("POST", "/agencies", P.MANAGE_ORGANISATION, asks=form()),
    Row("POST", "/agencies/{agency_id}/organisations", P.MANAGE_ORGANISATION, AGENCY, form(agency_id="agency")),
    Row("GET", "/organisations", P.SEE_ORGANISATION, AGENCY, asks(agency="agency")),
    Row("GET", "/organisations/import", P.MANAGE_ORGANISATION),
    Row("POST", "/organisations/import", P.MANAGE_ORGANISATION, asks=form()),
    Row("GET", "/organisations/{agency_id}/roster.xlsx", P.SEE_ORGANISATION, AGENCY, of(agency_id="agency")),
    Row("GET", "/organisations/{agency_id}/roster-template.xlsx", P.MANAGE_ORGANISATION, AGENCY,
        of(agency_id="agency")),
    Row("GET", "/organisations/{organisation_id}", P.SEE_ORGANISATION, AGENCY, of(organisation_id="branch")),
    Row("POST", "/organisations/{organisation_id}/{what}", P.MANAGE_ORGANISATION, BRANCH,
        form({"name": "第一支部"} | WHY, organisation_id="branch", what="rename")),
    Row("GET", "/members", P.SEE_ORGANISATION, AGENCY, asks(agency="agency")),
    Row("GET", "/members/{member_id}", P.SEE_ORGANISATION, AGENCY, of(member_id="member")),
    Row("POST", "/members/{member_id}/{what}", P.MANAGE_ORGANISATION, BRANCH,
        form(office, member_id="member", what="leave-office")),
    Row("GET", "/system", P.SEE_PERMISSIONS),
)  # fmt: skip
