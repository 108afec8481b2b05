"""Every operation of every service: one row says what it needs, whose thing it asks for, and how it is asked well.

A new endpoint needs a row, or ``test_table.py`` fails. The row asks as somebody would who may: ``w`` is the world
(``world.py``). Say ``whose`` for the thing that the request names, and ``shows`` for what a list holds.
"""

from collections.abc import Mapping
from typing import Any

from shared.security.policy import Permission
from shared.security.principal import Role
from tests.access.expected import Answer, Guarded, Row, Whose, holds, reaches
from tests.access.people import Person, Situation
from tests.support.workbooks import roster_of

P = Permission
ACCESS, ORG, STUDY = "/api/access", "/api/organization", "/api/study"
PLANS, ACTIVITIES, ACCOUNTS = f"{ORG}/work-plans", f"{ORG}/activities", f"{ACCESS}/accounts"
MANDATES, TALKS = f"{ACCESS}/mandates", f"{ORG}/talks"
RESEARCH = "/api/research"
DOCUMENTS, DIRECTIONS = f"{RESEARCH}/documents", f"{RESEARCH}/directions"
POINTS = "/api/points"
STUDIES, TRIGGERS = f"{STUDY}/sessions", f"{STUDY}/triggers"
PUBLIC, MYSELF = Guarded.PUBLIC, Guarded.MYSELF
BRANCH, AGENCY, ANOTHERS = Whose.BRANCH, Whose.AGENCY, Whose.ANOTHERS
FIRST = "清早的石桥 2026"
WHY = {"reason": "因工作调整"}


def of(**path: str) -> Any:
    """A request that needs no body: what stands in the address, by the names of the world."""
    return lambda w: {"at": {name: w.ids.get(thing, thing) for name, thing in path.items()}}


def sends(body: Any, **path: str) -> Any:
    """A request with a JSON body; what is callable is asked of the world."""
    return lambda w: {**of(**path)(w), "json": body(w) if callable(body) else body}


def asks(**query: str) -> Any:
    """A query with parameters; those named like a thing of the world stand for it."""
    return lambda w: {"params": {name: w.ids.get(value, value) for name, value in query.items()}}


def activity(w: Any) -> Mapping[str, Any]:
    return {"organisation_id": w.ids["branch"], "kind": "theme-day", "agency": w.ids["agency"], **entry(w)}


def entry(w: Any) -> Mapping[str, Any]:
    told = {"held_on": "2026-03-05", "title": "学习党章", "place": "会议室", "minutes": "逐章学习。"}
    return {**told, "attendees": [w.ids["member"]]}


def sheet(w: Any) -> Mapping[str, Any]:
    """A workbook that says of one member what is so already."""
    data = roster_of(("周宁", "第一支部", "正式党员"))
    return {"at": {"agency_id": w.ids["agency"]}, "files": {"file": ("名册.xlsx", data)}}


def office(w: Any) -> Mapping[str, Any]:
    return {"organisation_id": w.ids["branch"], "office": "publicity", "reason": "支部党员大会选举"}


def not_held(w: Any) -> Mapping[str, Any]:
    whose = {"organisation_id": w.ids["branch"], "agency": w.ids["agency"]}
    return {**whose, "kind": "theme-day", "day": "2026-02-01", "reason": "防汛值守"}


def filing(w: Any) -> Mapping[str, Any]:
    whose = {"organisation_id": w.ids["branch"], "agency": w.ids["agency"]}
    return {**whose, "month": "2026-04-01", "items": [{"kind": "theme-day"}]}


def talk(w: Any) -> Mapping[str, Any]:
    told = {"held_on": "2026-03-05", "topic": "近期思想状况", "content": "家里老人住院。"}
    return {"member": w.ids["member"], **told}


def written(w: Any) -> Mapping[str, Any]:
    """The form of a document of the first branch."""
    asked = {"title": "冷库用电调研", "text": "冷库的电费由村里和公司各担一半。"}
    return {"data": {**asked, "organisation_id": w.ids["branch"], "kind": "research-report"}}


def direction(w: Any) -> Mapping[str, Any]:
    told = {"year": 2026, "title": w.new_name(), "question": "缺在哪里"}
    return {"organisation_id": w.ids["branch"], **told, "reason": "市里新交办"}


def studied(w: Any) -> Mapping[str, Any]:
    held = {"held_on": "2026-03-05", "title": "青年读书会", "place": "图书室", "participants": [w.ids["member"]]}
    return {"organisation_id": w.ids["branch"], "agency": w.ids["agency"], "tier": "youth-group", **held}


def study_plan(w: Any) -> Mapping[str, Any]:
    planned = {"tier": "youth-group", "planned_on": "2026-12-20", "title": "年终交流"}
    return {"organisation_id": w.ids["branch"], "agency": w.ids["agency"], **planned}


def issued(w: Any) -> Mapping[str, Any]:
    told = {"source": "关于改进调查研究的意见", "domain": "reform", "issued_on": "2026-03-01", "due_on": "2026-03-08"}
    return {"organisation_id": w.ids["branch"], "agency": w.ids["agency"], **told}


TAKEN = {"taken_on": "2026-03-04"}


def assignment(w: Any) -> Mapping[str, Any]:
    period = {"start": "2026-01-01", "due": "2026-12-31", "cadence": "once"}
    return {
        "lead_organisation_id": w.ids["root"],
        "organisations": [w.ids["branch"]],
        "period": period,
        "evidence_kinds": ["theme-day"],
    }


def document(w: Any) -> Mapping[str, Any]:
    return {"document_number": "清政研〔2026〕8号", "issued_on": "2026-03-01"}


def upload(**fields: Any) -> Any:
    def asked(w: Any) -> Mapping[str, Any]:
        said = {k: v(w) if callable(v) else v for k, v in fields.items() if k != "plan_id"}
        at = {"plan_id": w.ids["spent_plan"]} if "plan_id" in fields else {}
        return {"at": at, "files": {"file": ("计划.txt", w.plan_text, "text/plain")}, "data": said}

    return asked


def platform_administrator(person: Person) -> Answer:
    """An agency is registered by the administrator of the platform alone."""
    first = person.role is Role.ADMINISTRATOR and person.situation is Situation.CITY
    return Answer.ADMITTED if first else Answer.FORBIDDEN


def replays_agency(live: P, *, business: bool = True) -> Any:
    """An agency's own stream: who reads it live, from wherever in the agency; the audit administrator, masked."""

    def verdict(person: Person) -> Answer:
        in_agency = person.situation is not Situation.OTHER_AGENCY
        masked = business and holds(person, P.SEE_TRAIL) and reaches(person, P.SEE_TRAIL, AGENCY)
        reads = in_agency and holds(person, live) and reaches(person, live, AGENCY)
        return Answer.ADMITTED if reads or masked else Answer.UNKNOWN

    return verdict


def manages_plans(person: Person) -> Answer:
    """A draft is for who manages the agency's plans."""
    manages = holds(person, P.MANAGE_PLAN) and reaches(person, P.MANAGE_PLAN, AGENCY)
    return Answer.ADMITTED if manages else Answer.UNKNOWN


def anywhere_in_agency(person: Person) -> Answer:
    """What is the agency's own: from wherever in it the role is held."""
    return Answer.UNKNOWN if person.situation is Situation.OTHER_AGENCY else Answer.ADMITTED


def replays_branch(live: P) -> Any:
    """A branch's record: who replays and reads it there; the audit administrator, masked."""

    def verdict(person: Person) -> Answer:
        reads = holds(person, live) and reaches(person, P.REPLAY, BRANCH)
        masked = holds(person, P.SEE_TRAIL) and reaches(person, P.SEE_TRAIL, BRANCH)
        return Answer.ADMITTED if reads or masked else Answer.UNKNOWN

    return verdict


def reads_draft(person: Person) -> Answer:
    """A document without a final version: for whoever writes in its branch."""
    own = holds(person, P.WRITE_DOCUMENT) and reaches(person, P.WRITE_DOCUMENT, BRANCH)
    return Answer.ADMITTED if own else Answer.UNKNOWN


def side_of_mandate(person: Person) -> Answer:
    """A running mandate over the agency: seen by the inspected and who may approve it, not by any other inspector."""
    sides = (P.APPROVE_MANDATE, P.ANSWER_INSPECTION)
    seen = any(holds(person, p) and reaches(person, p, AGENCY) for p in sides)
    return Answer.ADMITTED if seen else Answer.UNKNOWN


def asks_for_mandate(person: Person) -> Answer:
    """For the 工委检查组 ask itself and the 工委, within reach; the others are told that it is not theirs to ask."""
    theirs = person.role in {Role.WORK_COMMITTEE, Role.INSPECTOR}
    out = theirs and not reaches(person, P.REQUEST_MANDATE, AGENCY)
    return Answer.UNKNOWN if out else Answer.ADMITTED


def mandate(w: Any) -> Mapping[str, Any]:
    return {
        "body": "inspector",
        "basis": "年度检查",
        "places": [{"agency": w.ids["agency"], "organisation": w.ids["root"]}],
        "classes": ["internal"],
        "first_day": "2026-11-01",
        "last_day": "2026-12-31",
        "people": [w.ids["account"]],
    }


def _replay(base: str) -> list[Row]:
    told = {"history": {}, "state": {}, "diff": {"left": "0", "right": "1"}}
    streams: tuple[tuple[str, Any], ...] = (
        ("plan_stream", replays_agency(P.SEE_PLAN)),
        ("activity_stream", replays_branch(P.SEE_ACTIVITY)),
        ("agency_stream", replays_agency(P.SEE_ORGANISATION)),
    )
    of_research = (
        ("document_stream", replays_branch(P.SEE_DOCUMENT)),
        ("unfinished_stream", replays_branch(P.WRITE_DOCUMENT)),
        ("directions_stream", replays_branch(P.SEE_DOCUMENT)),
    )
    if base == f"{ACCESS}/replay":
        streams = ()
    if base == f"{RESEARCH}/replay":
        streams = of_research
    if base == f"{STUDY}/replay":
        streams = (("study_stream", replays_branch(P.SEE_STUDY)),)
    if base == f"{POINTS}/replay":
        streams = (("posting_stream", replays_branch(P.SEE_POINTS)),)
    if base == "/api/audit":
        streams += of_research
    if base in {f"{ACCESS}/replay", "/api/audit"}:
        streams += (("account_stream", replays_agency(P.AUDIT_ACCOUNTS, business=False)),)
    return [
        Row("GET", f"{base}/{what}", P.REPLAY, AGENCY, asks(stream=stream, **more), also=verdict, name=stream)
        for what, more in told.items()
        for stream, verdict in streams
    ]


def _readers(path: str, *streams: str) -> list[Row]:
    """Who may read a record, asked of a branch's record or of an agency's own."""
    own = dict.fromkeys(("activity_stream", "document_stream", "study_stream", "posting_stream"))
    return [
        Row("GET", path, P.SEE_READERS, BRANCH, asks(stream=s), also=own.get(s, anywhere_in_agency), name=s)
        for s in streams
    ]


def _found(permission: P, name: str, whose: Whose) -> Row:
    words = {"activity": "冷库", "plan": "工作", "draft": "另作安排", "document": "用工"}[name]
    return Row(
        "GET",
        "/api/search",
        P.SEARCH,
        asks=asks(q=words),
        shows=name,
        shown_whose=whose,
        shown_by=permission,
        name=name,
    )


SPENT = {"plan_id": "spent_plan"}
ROWS: tuple[Row, ...] = (
    # 登录和本人
    Row("POST", f"{ACCESS}/sign-in", PUBLIC, asks=sends({})),
    Row("POST", f"{ACCESS}/sign-in/code", PUBLIC, asks=sends({})),
    Row("GET", f"{ACCESS}/ways-in", PUBLIC),
    Row("POST", f"{ACCESS}/oidc/begin", PUBLIC, asks=sends({"next": 1})),
    Row("POST", f"{ACCESS}/oidc/finish", PUBLIC, asks=sends({"state": 1})),
    Row("POST", f"{ACCESS}/oidc/way-out", PUBLIC, asks=sends({"token": 1})),
    Row("POST", f"{ACCESS}/sign-out", MYSELF, ends_session=True),
    Row("GET", f"{ACCESS}/me", MYSELF),
    Row("GET", f"{ACCESS}/principal", MYSELF),
    Row("POST", f"{ACCESS}/password", MYSELF, asks=sends({})),
    Row("GET", f"{ACCESS}/sessions", MYSELF),
    Row("POST", f"{ACCESS}/sessions/end-others", MYSELF),
    Row("POST", f"{ACCESS}/sessions/{{id}}/end", MYSELF, ANOTHERS, of(id="session")),
    Row("GET", f"{ACCESS}/account", MYSELF),
    Row("GET", f"{ACCESS}/second-step", MYSELF),
    Row("POST", f"{ACCESS}/second-step/prepare", MYSELF, asks=sends({})),
    Row("POST", f"{ACCESS}/second-step/confirm", MYSELF, asks=sends({})),
    Row("POST", f"{ACCESS}/second-step/recovery-codes", MYSELF, asks=sends({})),
    Row("POST", f"{ACCESS}/second-step/remove", MYSELF, asks=sends({})),
    Row("GET", f"{ACCESS}/tokens", MYSELF),
    Row("POST", f"{ACCESS}/tokens", MYSELF, asks=sends({})),
    Row("POST", f"{ACCESS}/tokens/{{id}}/revoke", MYSELF, ANOTHERS, of(id="token")),
    # 账号和角色
    Row("GET", ACCOUNTS, P.SEE_ACCOUNTS, shows="account", shown_whose=AGENCY),
    Row("GET", f"{ACCOUNTS}/{{id}}", P.SEE_ACCOUNTS, AGENCY, of(id="account")),
    Row("GET", f"{ACCESS}/names", P.SEE_ORGANISATION, asks=asks(ids="account"), shows="account", shown_whose=AGENCY),
    Row(
        "POST",
        ACCOUNTS,
        P.MANAGE_ACCOUNTS,
        AGENCY,
        sends(lambda w: {"login": w.new_name(), "display_name": "林舒", "password": FIRST, "agency": w.ids["agency"]}),
    ),
    Row("POST", f"{ACCOUNTS}/{{id}}/member", P.MANAGE_ACCOUNTS, AGENCY,
        sends({"member": None, **WHY}, id="spent_account")),
    Row("POST", f"{ACCOUNTS}/{{id}}/password", P.MANAGE_ACCOUNTS, AGENCY,
        sends({"password": "清早的石桥 2027", **WHY}, id="spent_account")),
    Row("POST", f"{ACCOUNTS}/{{id}}/suspend", P.MANAGE_ACCOUNTS, AGENCY, sends(WHY, id="spent_account")),
    Row("POST", f"{ACCOUNTS}/{{id}}/reinstate", P.MANAGE_ACCOUNTS, AGENCY, sends(WHY, id="spent_account")),
    Row("POST", f"{ACCOUNTS}/{{id}}/second-step/remove", P.MANAGE_ACCOUNTS, AGENCY, sends(WHY, id="spent_account")),
    Row("POST", f"{ACCOUNTS}/{{id}}/identity", P.MANAGE_ACCOUNTS, AGENCY, sends({"identity": "x"}, id="spent_account")),
    Row("POST", f"{ACCOUNTS}/{{id}}/identity/end", P.MANAGE_ACCOUNTS, AGENCY, sends(WHY, id="spent_account")),
    Row("POST", f"{ACCOUNTS}/{{id}}/role-requests", P.MANAGE_ACCOUNTS, AGENCY,
        sends(lambda w: {**w.member_role(), **WHY}, id="spent_account")),
    Row("POST", f"{ACCOUNTS}/{{id}}/role-requests/{{request_id}}/approve", P.GRANT_ROLES, AGENCY,
        of(id="spent_account", request_id="request")),
    Row("POST", f"{ACCOUNTS}/{{id}}/role-requests/{{request_id}}/decline", P.GRANT_ROLES, AGENCY,
        sends(WHY, id="spent_account", request_id="request")),
    Row("POST", f"{ACCOUNTS}/{{id}}/tokens/{{token_id}}/revoke", P.GRANT_ROLES, AGENCY,
        sends(WHY, id="spent_account", token_id="token")),
    Row("POST", f"{ACCOUNTS}/{{id}}/grants/{{grant_id}}/end", P.GRANT_ROLES, AGENCY,
        sends(WHY, id="spent_account", grant_id="grant")),
    # 检查授权
    Row("POST", MANDATES, P.REQUEST_MANDATE, AGENCY, sends(mandate), also=asks_for_mandate),
    Row("GET", f"{MANDATES}/options", P.REQUEST_MANDATE, shows="root", shown_whose=AGENCY),
    Row("GET", MANDATES, P.SEE_MANDATES, shows="mandate", shown_by=side_of_mandate),
    Row("GET", f"{MANDATES}/{{id}}", P.SEE_MANDATES, AGENCY, of(id="mandate"), also=side_of_mandate),
    Row("GET", f"{MANDATES}/{{id}}/readings", P.SEE_MANDATES, AGENCY, of(id="mandate"), also=side_of_mandate),
    Row("POST", f"{MANDATES}/{{id}}/approval", P.APPROVE_MANDATE, AGENCY, of(id="spent_mandate")),
    Row("POST", f"{MANDATES}/{{id}}/refusal", P.APPROVE_MANDATE, AGENCY, sends(WHY, id="spent_mandate")),
    Row("POST", f"{MANDATES}/{{id}}/end", P.SEE_MANDATES, AGENCY, sends(WHY, id="spent_mandate"), also=side_of_mandate),
    Row("POST", f"{MANDATES}/{{id}}/clearance", P.SEE_MANDATES, AGENCY,
        sends({"note": "已退回"}, id="spent_mandate"), also=side_of_mandate),
    Row("POST", f"{ACCESS}/readings", MYSELF, asks=sends({})),
    Row("GET", f"{ACCESS}/looks", P.SEE_TRAIL),
    # 组织和党员
    Row("POST", f"{ORG}/agencies", P.MANAGE_ORGANISATION, also=platform_administrator,
        asks=lambda w: {"json": {"name": w.new_name(), "root_kind": "general-branch", "root_name": "机关党总支"}}),
    Row("POST", f"{ORG}/agencies/{{agency_id}}/organisations", P.MANAGE_ORGANISATION, AGENCY,
        lambda w: {"at": {"agency_id": w.ids["agency"]},
                   "json": {"parent_id": w.ids["root"], "kind": "branch", "name": w.new_name()}}),
    Row("POST", f"{ORG}/agencies/{{agency_id}}/organisations/{{organisation_id}}/name", P.MANAGE_ORGANISATION, BRANCH,
        sends({"name": "第一支部", **WHY}, agency_id="agency", organisation_id="branch")),
    Row("POST", f"{ORG}/agencies/{{agency_id}}/organisations/{{organisation_id}}/parent", P.MANAGE_ORGANISATION, AGENCY,
        sends(lambda w: {"parent_id": w.ids["root"], **WHY}, agency_id="agency", organisation_id="branch")),
    Row("POST", f"{ORG}/agencies/{{agency_id}}/members", P.MANAGE_ORGANISATION, BRANCH,
        sends(lambda w: {"organisation_id": w.ids["branch"], "name": "林舒", "standing": "full"}, agency_id="agency")),
    Row("POST", f"{ORG}/members/{{member_id}}/organisation", P.MANAGE_ORGANISATION, BRANCH,
        sends(lambda w: {"organisation_id": w.ids["branch"], **WHY}, member_id="member")),
    Row("GET", f"{ORG}/agencies", P.SEE_ORGANISATION, shows="agency", shown_whose=AGENCY),
    Row("GET", f"{ORG}/tree", P.SEE_ORGANISATION, AGENCY, asks(agency="agency")),
    Row("POST", f"{ORG}/members/{{member_id}}/offices", P.MANAGE_ORGANISATION, BRANCH,
        sends(office, member_id="member")),
    Row("POST", f"{ORG}/members/{{member_id}}/offices/end", P.MANAGE_ORGANISATION, BRANCH,
        sends(office, member_id="member")),
    Row("GET", f"{ORG}/members", P.SEE_ORGANISATION, AGENCY, asks(agency="agency")),
    Row("GET", f"{ORG}/members/{{member_id}}", P.SEE_ORGANISATION, AGENCY, of(member_id="member")),
    Row("GET", f"{ORG}/organisations", P.SEE_ORGANISATION, AGENCY, asks(agency="agency")),
    Row("GET", f"{ORG}/organisations/{{organisation_id}}", P.SEE_ORGANISATION, AGENCY, of(organisation_id="branch")),
    Row("GET", f"{ORG}/roster", P.SEE_ORGANISATION, AGENCY, asks(agency="agency")),
    Row("GET", f"{ORG}/agencies/{{agency_id}}/roster.xlsx", P.EXPORT_ROSTER, AGENCY, of(agency_id="agency")),
    Row("GET", f"{ORG}/agencies/{{agency_id}}/roster-template.xlsx", P.MANAGE_ORGANISATION, AGENCY,
        of(agency_id="agency")),
    Row("POST", f"{ORG}/agencies/{{agency_id}}/roster-preview", P.MANAGE_ORGANISATION, AGENCY, sheet),
    Row("POST", f"{ORG}/agencies/{{agency_id}}/roster-import", P.MANAGE_ORGANISATION, AGENCY, sheet),
    Row("GET", f"{ORG}/desk", P.SEE_ORGANISATION),
    # 工作计划
    Row("POST", f"{PLANS}/preview", P.MANAGE_PLAN, asks=upload()),
    Row("POST", PLANS, P.MANAGE_PLAN, AGENCY, upload(agency=lambda w: w.ids["agency"])),
    Row("POST", f"{PLANS}/{{plan_id}}/adopt", P.MANAGE_PLAN, AGENCY, of(**SPENT)),
    Row("POST", f"{PLANS}/{{plan_id}}/clauses/{{number}}/nature", P.MANAGE_PLAN, AGENCY,
        sends({"nature": "task"}, **SPENT, number="task")),
    Row("POST", f"{PLANS}/{{plan_id}}/tasks/{{number}}/assignment", P.MANAGE_PLAN, AGENCY,
        sends(assignment, **SPENT, number="task")),
    Row("POST", f"{PLANS}/{{plan_id}}/amendments", P.MANAGE_PLAN, AGENCY,
        upload(plan_id="", document_number="清政研〔2026〕8号", issued_on="2026-03-01", reason="调整")),
    Row("POST", f"{PLANS}/{{plan_id}}/tasks", P.MANAGE_PLAN, AGENCY,
        sends(lambda w: {"measure": 1, "text": "加一条。", **document(w)}, **SPENT)),
    Row("POST", f"{PLANS}/{{plan_id}}/tasks/{{number}}/supersession", P.MANAGE_PLAN, AGENCY,
        sends(lambda w: {**document(w), "effective_on": "2026-04-01", **WHY}, **SPENT, number="task")),
    Row("GET", PLANS, P.SEE_PLAN, shows="plan", shown_whose=AGENCY),
    Row("GET", f"{PLANS}/{{plan_id}}", P.SEE_PLAN, AGENCY, of(plan_id="plan")),
    Row("GET", f"{PLANS}/{{plan_id}}/ledger", P.SEE_PLAN, AGENCY, of(plan_id="plan")),
    Row("GET", f"{PLANS}/{{plan_id}}/ledger.xlsx", P.SEE_PLAN, AGENCY, of(plan_id="plan")),
    Row("GET", PLANS, P.SEE_PLAN, shows="draft", shown_whose=AGENCY, shown_by=P.MANAGE_PLAN, name="draft"),
    # 隔离文件
    Row("GET", f"{ORG}/quarantine", P.HANDLE_QUARANTINE, shows="upload", shown_whose=AGENCY),
    Row("POST", f"{ORG}/quarantine/{{upload_id}}/settlement", P.HANDLE_QUARANTINE, AGENCY,
        sends({"note": "已交还起草人"}, upload_id="upload")),
    # 组织生活
    Row("POST", ACTIVITIES, P.RECORD_ACTIVITY, BRANCH, sends(activity)),
    Row("POST", f"{ACTIVITIES}/{{activity_id}}/corrections", P.RECORD_ACTIVITY, BRANCH,
        sends(lambda w: {**entry(w), **WHY}, activity_id="spent_activity")),
    Row("POST", f"{ACTIVITIES}/{{activity_id}}/withdrawal", P.RECORD_ACTIVITY, BRANCH,
        sends(WHY, activity_id="spent_activity")),
    Row("POST", f"{ACTIVITIES}/text", P.RECORD_ACTIVITY, asks=upload()),
    Row("POST", f"{ACTIVITIES}/{{activity_id}}/confirmation", P.CONFIRM_MINUTES, BRANCH,
        sends({"entry": 1}, activity_id="judged_activity")),
    Row("POST", f"{ACTIVITIES}/{{activity_id}}/return", P.CONFIRM_MINUTES, BRANCH,
        sends({"entry": 1, "remark": "议题写漏一项"}, activity_id="returned_activity")),
    Row("POST", f"{ACTIVITIES}/not-held", P.RECORD_ACTIVITY, BRANCH, sends(not_held)),
    Row("GET", f"{ACTIVITIES}/due", P.SEE_ACTIVITY, AGENCY, asks(agency="agency"), also=anywhere_in_agency),
    Row("GET", ACTIVITIES, P.SEE_ACTIVITY, asks=asks(organisation="branch"), shows="activity", shown_whose=BRANCH),
    Row("GET", f"{ACTIVITIES}/{{activity_id}}", P.SEE_ACTIVITY, BRANCH, of(activity_id="activity")),
    Row("GET", f"{ORG}/filings", P.SEE_ACTIVITY, AGENCY, asks(agency="agency"), also=anywhere_in_agency),
    Row("GET", f"{ORG}/statistics", P.SEE_ACTIVITY, AGENCY, asks(agency="agency"), also=anywhere_in_agency),
    Row("GET", f"{ORG}/statistics/export", P.SEE_ACTIVITY, AGENCY, asks(agency="agency"), also=anywhere_in_agency),
    Row("POST", f"{ORG}/filings", P.RECORD_ACTIVITY, BRANCH, sends(filing)),
    Row("POST", f"{ORG}/filings/{{filing_id}}/return", P.RETURN_FILING, BRANCH,
        sends({"filing": 1, **WHY}, filing_id="filing")),
    # 谈心谈话
    Row("POST", TALKS, P.RECORD_TALK, BRANCH, sends(talk)),
    Row("GET", TALKS, P.SEE_TALK, shows="talk", shown_whose=BRANCH),
    Row("GET", f"{TALKS}/{{talk_id}}", P.SEE_TALK, BRANCH, of(talk_id="talk")),
    # 课题与文稿
    Row("POST", DOCUMENTS, P.WRITE_DOCUMENT, BRANCH, written),
    Row("POST", f"{DOCUMENTS}/{{document_id}}/revisions", P.WRITE_DOCUMENT, BRANCH,
        lambda w: {"at": {"document_id": w.ids["spent_document"]},
                   "data": {"title": "用工调研", "text": w.new_name(), "note": "改"}}),
    Row("POST", f"{DOCUMENTS}/{{document_id}}/links", P.WRITE_DOCUMENT, BRANCH,
        sends({}, document_id="spent_document")),
    Row("POST", f"{DOCUMENTS}/{{document_id}}/review", P.REVIEW_DOCUMENT, BRANCH,
        sends({"revision": 1}, document_id="spent_document")),
    Row("POST", f"{DOCUMENTS}/{{document_id}}/final", P.MANAGE_RESEARCH, BRANCH,
        sends({"revision": 1, "unreviewed_reason": "急用"}, document_id="spent_document")),
    Row("POST", f"{DOCUMENTS}/{{document_id}}/delivery", P.MANAGE_RESEARCH, BRANCH,
        sends({"speaker": "顾明远", "occasion": "推进会", "delivered_on": "2026-03-05"}, document_id="spent_document")),
    Row("POST", f"{DOCUMENTS}/{{document_id}}/submissions", P.MANAGE_RESEARCH, BRANCH,
        sends({"recipient": "市委办公室", "submitted_on": "2026-03-05"}, document_id="spent_document")),
    Row("POST", f"{DOCUMENTS}/{{document_id}}/publications", P.MANAGE_RESEARCH, BRANCH,
        sends({"publication": "《清河调研》", "published_on": "2026-03-05"}, document_id="spent_document")),
    Row("POST", f"{DOCUMENTS}/{{document_id}}/withdrawal", P.MANAGE_RESEARCH, BRANCH,
        sends(WHY, document_id="spent_document")),
    Row("GET", f"{RESEARCH}/statistics", P.SEE_DOCUMENT, asks=asks(agency="agency"),
        shows="branch", shown_whose=BRANCH),
    Row("GET", DOCUMENTS, P.SEE_DOCUMENT, shows="document", shown_whose=BRANCH),
    Row("GET", DOCUMENTS, P.SEE_DOCUMENT, shows="unfinished", shown_by=reads_draft, name="unfinished"),
    Row("GET", f"{DOCUMENTS}/{{document_id}}", P.SEE_DOCUMENT, BRANCH, of(document_id="document")),
    Row("GET", f"{DOCUMENTS}/{{document_id}}", P.SEE_DOCUMENT, BRANCH, of(document_id="unfinished"),
        also=reads_draft, name="unfinished"),
    Row("GET", f"{DOCUMENTS}/{{document_id}}/difference", P.SEE_DOCUMENT, BRANCH,
        lambda w: {"at": {"document_id": w.ids["document"]}, "params": {"left": "1", "right": "1"}}),
    Row("GET", f"{DOCUMENTS}/{{document_id}}/original", P.SEE_DOCUMENT, BRANCH,
        lambda w: {"at": {"document_id": w.ids["document"]}, "params": {"revision": "1"}}),
    Row("POST", DIRECTIONS, P.MANAGE_RESEARCH, BRANCH, sends(direction)),
    Row("POST", f"{DIRECTIONS}/{{direction_id}}/end", P.MANAGE_RESEARCH, BRANCH,
        sends(WHY, direction_id="spent_direction")),
    Row("GET", DIRECTIONS, P.SEE_DOCUMENT, shows="direction", shown_whose=BRANCH),
    Row("GET", f"{DIRECTIONS}/{{direction_id}}", P.SEE_DOCUMENT, BRANCH, of(direction_id="direction")),
    Row("POST", f"{RESEARCH}/quarantine/{{upload_id}}/settlement", P.HANDLE_QUARANTINE, AGENCY,
        sends({"note": "已交还起草人"}, upload_id="research_upload")),
    # 学习
    Row("POST", f"{STUDIES}/plans", P.RECORD_STUDY, BRANCH, sends(study_plan)),
    Row("POST", STUDIES, P.RECORD_STUDY, BRANCH, sends(studied)),
    Row("POST", f"{STUDIES}/{{session_id}}/held", P.RECORD_STUDY, BRANCH,
        sends(lambda w: {k: v for k, v in studied(w).items() if k not in {"organisation_id", "agency", "tier"}},
              session_id="study_plan")),
    Row("POST", f"{STUDIES}/{{session_id}}/first-agenda", P.RECORD_STUDY, BRANCH,
        sends({"material": "在全市调研工作座谈会上的讲话"}, session_id="spent_study")),
    Row("POST", f"{STUDIES}/{{session_id}}/minutes", P.RECORD_STUDY, BRANCH,
        sends({"minutes": "逐段学习。"}, session_id="spent_study")),
    Row("POST", f"{STUDIES}/{{session_id}}/statements", P.RECORD_STUDY, BRANCH,
        sends(lambda w: {"member_id": w.ids["member"], "gap": "下去得少"}, session_id="spent_study")),
    Row("POST", f"{STUDIES}/{{session_id}}/withdrawal", P.RECORD_STUDY, BRANCH, sends(WHY, session_id="spent_study")),
    Row("GET", STUDIES, P.SEE_STUDY, asks=asks(year="2026"), shows="study", shown_whose=BRANCH),
    Row("GET", f"{STUDIES}/{{session_id}}", P.SEE_STUDY, BRANCH, of(session_id="study")),
    Row("GET", f"{STUDY}/statistics", P.SEE_STUDY, asks=asks(agency="agency"), shows="branch", shown_whose=BRANCH),
    Row("POST", TRIGGERS, P.RECORD_STUDY, BRANCH, sends(issued)),
    Row("POST", f"{TRIGGERS}/{{trigger_id}}/conveyed", P.RECORD_STUDY, BRANCH,
        sends(TAKEN, trigger_id="spent_trigger")),
    Row("POST", f"{TRIGGERS}/{{trigger_id}}/discussed", P.RECORD_STUDY, BRANCH,
        sends(TAKEN, trigger_id="spent_trigger")),
    Row("POST", f"{TRIGGERS}/{{trigger_id}}/reviewed", P.RECORD_STUDY, BRANCH,
        sends({**TAKEN, "gap": "下去得少", "measure": "每月一次"}, trigger_id="spent_trigger")),
    Row("POST", f"{STUDY}/quarantine/{{upload_id}}/settlement", P.HANDLE_QUARANTINE, AGENCY,
        sends({"note": "已交还起草人"}, upload_id="study_upload")),
    Row("GET", TRIGGERS, P.SEE_STUDY, shows="trigger", shown_whose=BRANCH),
    Row("GET", f"{TRIGGERS}/{{trigger_id}}", P.SEE_STUDY, BRANCH, of(trigger_id="trigger")),
    # 积分档案
    Row("GET", f"{POINTS}/archive", P.OWN_POINTS),
    Row("POST", f"{POINTS}/objections", P.OWN_POINTS, asks=sends({"text": "缺了一次"})),
    Row("GET", f"{POINTS}/members", P.SEE_POINTS, shows="member", shown_whose=BRANCH),
    Row("GET", f"{POINTS}/members/{{member_id}}", P.SEE_POINTS, BRANCH, of(member_id="member")),
    Row("POST", f"{POINTS}/objections/{{objection_id}}/answer", P.ANSWER_POINTS, BRANCH,
        sends({"upheld": False, "answer": "查过签到"}, objection_id="objection")),
    Row("POST", f"{POINTS}/quarantine/{{upload_id}}/settlement", P.HANDLE_QUARANTINE, AGENCY,
        sends({"note": "已交还本人"}, upload_id="points_upload")),
    # 检索、历史追溯
    _found(P.SEE_DOCUMENT, "document", BRANCH),
    Row("GET", "/api/search", P.SEARCH, asks=asks(q="用工"), shows="unfinished", shown_by=reads_draft,
        name="unfinished"),
    _found(P.SEARCH, "activity", BRANCH),
    _found(P.SEE_PLAN, "plan", AGENCY),
    _found(P.MANAGE_PLAN, "draft", AGENCY),
    Row("GET", "/api/search/documents/{id}", P.SEARCH, BRANCH, of(id="activity")),
    Row("GET", "/api/search/documents/{id}", P.SEARCH, AGENCY, of(id="plan"), name="plan",
        also=lambda p: Answer.ADMITTED if reaches(p, P.SEE_PLAN, AGENCY) else Answer.UNKNOWN),
    Row("GET", "/api/search/documents/{id}", P.SEARCH, AGENCY, of(id="draft"), name="draft", also=manages_plans),
    *_replay(f"{ORG}/replay"),
    *_replay(f"{ACCESS}/replay"),
    *_replay(f"{RESEARCH}/replay"),
    *_replay(f"{STUDY}/replay"),
    *_replay(f"{POINTS}/replay"),
    *_replay("/api/audit"),
    *_readers(f"{ORG}/replay/visibility", "plan_stream", "activity_stream"),
    *_readers(f"{RESEARCH}/replay/visibility", "document_stream"),
    *_readers(f"{ACCESS}/replay/visibility", "account_stream"),
    *_readers(f"{STUDY}/replay/visibility", "study_stream"),
    *_readers(f"{POINTS}/replay/visibility", "posting_stream"),
    *_readers("/api/audit/readers", "plan_stream", "activity_stream", "account_stream"),
    Row("GET", "/api/audit/trail", P.SEE_TRAIL),
    Row("GET", "/api/audit/own-trail", P.SEE_OWN_ACCOUNT),
    Row("GET", "/api/audit/correlated", P.REPLAY, AGENCY, asks(stream="plan_stream", version="1"),
        also=replays_agency(P.SEE_PLAN)),
    Row("GET", f"{ACCESS}/readers", P.SEE_READERS, AGENCY, asks(permission="see-plan", agency="agency"),
        also=anywhere_in_agency),
)  # fmt: skip
