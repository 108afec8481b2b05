"""The one catalogue of what people read on screen for the codes that services speak in."""

import re
from collections.abc import Mapping
from typing import Any

from services.console.names import Names
from shared.contracts.organization import ACTIVITY_KINDS as _ACTIVITY_KINDS
from shared.contracts.organization import CADENCE_NAMES, EVIDENCE_KIND_NAMES, STUDY_EVIDENCE
from shared.contracts.organization import COUNTED_KINDS as _COUNTED_KINDS
from shared.contracts.research import DOCUMENT_KIND_NAMES
from shared.ids import is_id
from shared.replay.fields import flatten
from shared.security.classes import CLASS_NAMES
from shared.security.principal import ROLE_NAMES

ACTIVITY_KINDS = {kind.value: EVIDENCE_KIND_NAMES[kind] for kind in _ACTIVITY_KINDS}
"""组织生活的类型, in the order people name them."""

EVIDENCE_KINDS = {kind.value: name for kind, name in EVIDENCE_KIND_NAMES.items()}
"""佐证类型, as a task may name them."""

COUNTED_KINDS = {kind.value: EVIDENCE_KIND_NAMES[kind] for kind in _COUNTED_KINDS}
"""佐证类型 whose records support without being linked."""

STUDY_KINDS = {kind.value: tier.value for tier, kind in STUDY_EVIDENCE.items()}
"""佐证类型 that are study sessions, with the tier that the form is opened with."""

LINKED_KINDS = {code: name for code, name in EVIDENCE_KINDS.items() if code not in COUNTED_KINDS}
"""佐证类型 whose records name the task that they support."""

DOCUMENT_KINDS = {kind.value: name for kind, name in DOCUMENT_KIND_NAMES.items()}
"""文稿的类型, in the order people name them."""

KINDS = (
    {
        "work-plan": "工作要点",
        "talk": "谈心谈话",
        "study-session": "学习记录",
        "study-trigger": "第一时间学习",
    }
    | LINKED_KINDS
    | DOCUMENT_KINDS
)

EVENTS = {
    "organization.agency-registered": "登记机关",
    "organization.organisation-established": "设立党组织",
    "organization.organisation-renamed": "更名",
    "organization.organisation-moved": "调整隶属",
    "organization.member-enrolled": "编入名册",
    "organization.member-moved": "调整所在支部",
    "organization.office-taken": "登记任职",
    "organization.office-left": "登记离任",
    "organization.work-plan-imported": "导入工作要点",
    "organization.clause-reclassified": "核定条款性质",
    "organization.work-plan-adopted": "审定启用",
    "organization.task-assigned": "任务分解",
    "organization.work-plan-amended": "修订",
    "organization.task-added": "增补任务",
    "organization.task-superseded": "任务废止",
    "organization.activity-recorded": "登记活动",
    "organization.activity-corrected": "更正",
    "organization.activity-withdrawn": "撤回",
    "organization.minutes-confirmed": "确认纪要",
    "organization.minutes-returned": "退回修改",
    "organization.activity-not-held": "说明未召开",
    "organization.plan-filed": "报备活动方案",
    "organization.plan-returned": "退回方案",
    "organization.talk-held": "登记谈话",
    "organization.upload-quarantined": "拒收并隔离",
    "organization.quarantine-settled": "登记处置",
    "research.draft-created": "登记文稿",
    "research.revision-submitted": "提交文稿",
    "research.document-linked": "关联",
    "research.political-review-signed": "政治把关",
    "research.draft-finalized": "定稿",
    "research.speech-delivered": "登记讲话场合",
    "research.report-submitted": "报送",
    "research.report-published": "刊发",
    "research.document-withdrawn": "撤回",
    "research.direction-set": "确定调研方向",
    "research.direction-dropped": "停止调研方向",
    "research.upload-quarantined": "拒收并隔离",
    "research.quarantine-settled": "登记处置",
    "study.session-planned": "列入学习计划",
    "study.session-held": "登记学习",
    "study.first-agenda-studied": "第一议题",
    "study.session-minuted": "学习记录",
    "study.leader-statement-recorded": "登记发言",
    "study.session-withdrawn": "撤回",
    "study.study-triggered": "登记文件",
    "study.document-conveyed": "即时传达",
    "study.thematic-discussion-held": "专题研讨",
    "study.benchmark-reviewed": "对标对表",
    "study.upload-quarantined": "拒收并隔离",
    "study.quarantine-settled": "登记处置",
    "points.points-posted": "积分入账",
    "points.points-reversed": "冲销",
    "points.points-objected": "提出异议",
    "points.upload-quarantined": "拒收并隔离",
    "points.quarantine-settled": "登记处置",
    "points.objection-answered": "答复异议",
    "access.account-opened": "开立账号",
    "access.password-set": "设置密码",
    "access.password-change-required": "要求修改密码",
    "access.role-requested": "申请角色",
    "access.role-granted": "授予角色",
    "access.role-declined": "退回角色申请",
    "access.role-ended": "终止角色",
    "access.account-suspended": "停用账号",
    "access.account-reinstated": "恢复使用账号",
    "access.member-set": "对应党员",
    "access.identity-linked": "关联统一身份",
    "access.identity-unlinked": "解除统一身份",
    "access.second-step-prepared": "取得两步验证密钥",
    "access.second-step-confirmed": "开启两步验证",
    "access.recovery-code-used": "用恢复码登录",
    "access.recovery-codes-renewed": "更换恢复码",
    "access.second-step-removed": "关闭两步验证",
    "access.token-issued": "建立访问令牌",
    "access.token-revoked": "撤销访问令牌",
    "access.mandate-requested": "提出检查授权",
    "access.mandate-approved": "批准",
    "access.mandate-declined": "不予批准",
    "access.mandate-ended": "提前结束",
    "access.mandate-cleared": "清退",
}

AUTOMATIC = {"automatic": "平台按规则自动"}
"""Who did what no person did: the actor of reactions."""

SECOND_STEP = ("确认本人", "连接手机", "收好恢复码")
"""The steps of switching on 两步验证."""

STATUSES = {
    "overdue": "超期",
    "in-progress": "进行中",
    "not-due": "未到期",
    "done": "已落实",
    "not-applicable": "不适用",
    "unassigned": "待分解",
}
"""任务状态, in the order that asks for attention first."""

SAID = {
    "talk": "已登记；只有限制类表中列明的角色看得到。",
    "settled": "已登记处置。",
    "imported": "已导入。请逐条核对性质，核对完再审定启用。",
    "adopted": "已审定启用。下一步：把任务分解到组织。",
    "assigned": "已分解。台账从此由记录得出，不需要填写。",
    "recorded": "已登记。",
    "corrected": "已更正；更正之前的内容仍在历史里。",
    "confirmed": "已确认。已归入组织生活台账和所支撑的任务，可打印手册页签字。",
    "not-held": "已如实登记；不用补写，也不要补造。",
    "filed": "已报备。党总支没有退回就按方案办。",
    "minutes-returned": "已退回，附上的话会出现在登记人的工作台上。",
    "plan-returned": "已退回，原因会出现在支部的工作台上。",
    "withdrawn": "已撤回；这条记录不再作为佐证，历史里仍能查到。",
    "amended": "已按文件修订；原来的文字仍在历史里。",
    "added": "已增补。",
    "superseded": "已停止执行；此前的记录仍然有效。",
    "second-step-removed": "两步验证已关闭，登录只需要密码。",
    "session-ended": "已结束，那里要重新登录。",
    "sessions-ended": "其他登录已全部结束。",
    "token-revoked": "令牌已撤销，立即失效。",
    "opened": "账号已开立。角色经安全管理员批准后生效。",
    "opened-only": "账号已开立，但角色没有申请成功，请在下面重新申请。",
    "asked": "已提交申请，安全管理员批准后生效。",
    "approved": "已批准，立即生效。",
    "declined": "已退回；申请人在工作台和这个账号上看到事由。",
    "ended": "已终止，立即生效。",
    "reset": "密码已重设，现有登录全部结束。",
    "suspended": "已停用，现有登录全部结束，访问令牌全部失效。",
    "reinstated": "已恢复使用，本人可以重新登录；停用前的登录和访问令牌不恢复。",
    "member-set": "已保存。积分档案和异议从现在起按这里对应的党员显示。",
    "linked": "已关联，本人可以用统一身份登录。",
    "unlinked": "已解除关联，由它开始的登录已经结束。",
    "mandate-requested": "已提出，等候批准。",
    "mandate-approved": "已批准；从开始之日起可以查阅。",
    "mandate-declined": "已不予批准。",
    "mandate-ended": "已结束，立即停止查阅。请把调阅的材料退回或销毁后登记清退。",
    "mandate-called-off": "已撤销；还没有开始查阅，没有需要清退的。",
    "mandate-cleared": "已登记清退。",
    "studied": "已登记；列进全年学习日历，检索和历史里都查得到。",
    "study-planned": "已列入计划；开展以后在这里登记。",
    "first-agenda": "第一议题已补登。",
    "minuted": "学习记录已登记。",
    "stated": "发言已登记。",
    "objected": "异议已提交，由本支部书记答复；答复写在这里。",
    "answered": "已答复。",
    "raised": "已登记。传达以后在这里记下日期。",
    "conveyed": "已登记传达。",
    "discussed": "已登记研讨。",
    "reviewed": "已登记对标。",
    "written": "已登记。请负责同志政治把关，然后定稿；定稿前只有本组织写稿的人看得到。",
    "revised": "已提交新一稿；以前各稿都在，可以对照。",
    "belongs": "已重新关联。",
    "signed": "已签署政治把关。",
    "finalized": "已定稿；有权查看的人现在看得到、检索得到。",
    "delivered": "已登记讲话场合。",
    "handed-in": "已登记报送。",
    "printed": "已登记刊发。",
    "taken-back": "已撤回；历史里仍能查到。",
    "direction-set": "已确定调研方向。",
    "direction-ended": "已停止；已有的记录都在。",
    "registered": "机关已登记。",
    "established": "已设立。",
    "renamed": "已更名；原来的名称仍在历史里。",
    "moved": "已调整隶属。",
    "enrolled": "已编入名册。",
    "member-moved": "已调整；原来所在的组织仍在历史里。",
    "office-taken": "已登记任职。",
    "office-left": "已登记离任；任职经历里仍能查到。",
}
"""What a page says after something was done; the address carries only the code."""

PERMISSIONS = {
    "see-own-account": "查看本人账号",
    "see-organisation": "查看组织与党员",
    "manage-organisation": "管理组织与名册",
    "export-roster": "导出党员名册",
    "see-plan": "查看工作要点与台账",
    "manage-plan": "导入、审定、分解、修订要点",
    "see-activity": "查看组织生活",
    "own-points": "查看本人积分档案、提出异议",
    "see-points": "查看本支部党员的积分档案",
    "answer-points": "答复积分异议",
    "see-study": "查看学习",
    "record-study": "登记学习",
    "record-activity": "登记组织生活，报备月度方案",
    "confirm-minutes": "确认、退回纪要",
    "return-filing": "退回报备的月度方案",
    "search": "检索",
    "replay": "历史追溯",
    "see-accounts": "查看账号与角色",
    "manage-accounts": "开立、停用、恢复账号，重设密码",
    "grant-roles": "批准、终止角色，撤销访问令牌",
    "see-permissions": "查看权限表",
    "see-readers": "查看谁能看到一条记录",
    "see-trail": "查看留痕（业务内容遮蔽）",
    "audit-accounts": "审计账号的变动",
    "audit-the-auditor": "审计审计管理员",
    "see-system": "查看系统状态",
    "request-mandate": "提出检查授权",
    "approve-mandate": "批准检查授权",
    "see-mandates": "查看检查授权",
    "see-talk": "查看谈心谈话（限制类）",
    "record-talk": "登记谈心谈话",
    "handle-quarantine": "处置隔离文件",
    "see-document": "查看定稿的文稿和调研方向",
    "write-document": "写稿：登记、修改文稿，看未定稿",
    "manage-research": "定稿、报送、撤回文稿，确定调研方向",
    "review-document": "签署政治把关",
    "answer-inspection": "接受检查：查看对本机关的授权和调阅记录",
}

NATURES = {"requirement": "总要求", "task": "任务", "purpose": "目的"}
CADENCES = CADENCE_NAMES


def kind(code: str) -> str:
    """Return a document kind's name."""
    return KINDS.get(code, code)


def event(code: str) -> str:
    """Return an event's name."""
    return EVENTS.get(code, code)


_DOCUMENT_NUMBER = re.compile(r"[^（）()，、；;。：:\s〔\[]*(?:[〔\[（(]\d{4}[〕\]）)]\s*第?\s*\d+\s*号|第\s*\d+\s*号)")
"""As GB/T 9704 writes it: the sender's code, the year in brackets, the number; or 第 and a number. 12号 is a day."""

LONGEST_CALL = 30


def document_number(basis: str) -> str:
    """Return the 文号 of what a mandate rests on; where it names none the text itself, at most 30 characters."""
    found = _DOCUMENT_NUMBER.search(re.sub("《[^》]*》", " ", basis))
    called = found[0] if found else basis
    return called if len(called) <= LONGEST_CALL else f"{called[: LONGEST_CALL - 1]}…"


FIELDS = {
    "scopes": "可以做什么",
    "expires_at": "有效到",
    "title": "名称",
    "year": "年度",
    "incomplete": "来源不全",
    "incomplete_note": "缺在哪里",
    "documents": "修订依据",
    "preamble": "导语",
    "measures": "第 {} 条",
    "clauses": "条款 {}",
    "adopted_on": "启用日期",
    "nature": "性质",
    "text": "原文",
    "lead": "牵头",
    "responsible": "责任人",
    "organisations": "承担组织",
    "start": "自",
    "due": "时限",
    "cadence": "频次",
    "evidence": "佐证类型",
    "superseded_on": "废止日期",
    "held_on": "召开日期",
    "place": "地点",
    "minutes": "纪要",
    "attendees": "到会",
    "absentees": "缺席",
    "absence_reasons": "缺席原因 {}",
    "chair": "主持",
    "recorder": "记录",
    "first_agenda": "第一议题",
    "topics": "议题",
    "fieldwork": "到基层一线",
    "confirmed": "纪要已确认",
    "returned": "退回时附的话",
    "directions": "调研方向",
    "tasks": "支撑任务",
    "withdrawn": "撤回事由",
    "kind": "类型",
    "organisation": "党组织",
    "agency": "机关",
    "name": "名称",
    "parent": "上级党组织",
    "standing": "党员类别",
    "offices": "党内职务",
    "login": "登录名",
    "display_name": "姓名",
    "member": "对应党员",
    "password": "密码",
    "identity": "统一身份",
    "status": "状态",
    "grants": "角色 {}",
    "requests": "待批准的角色 {}",
    "role": "角色",
    "until": "截至",
    "body": "检查组",
    "basis": "依据",
    "places": "检查哪里",
    "classes": "文件类别",
    "first_day": "从哪天起",
    "last_day": "到哪天止",
    "people": "检查人员",
    "contact": "联络员",
    "items": "调阅清单",
    "requested_by": "提出",
    "approved_by": "批准",
    "declined": "不予批准的事由",
    "ended": "提前结束的事由",
    "cleared": "清退",
    "entry": "从哪里上传",
    "mark": "密级标志",
    "settled": "处置情况",
    "entries": "积分 {}",
    "head": "类别",
    "points": "分值",
    "reversed": "冲销事由",
    "objection": "异议",
    "upheld": "异议成立",
    "answer": "答复",
    "tier": "学习层级",
    "planned_on": "计划日期",
    "participants": "参加",
    "statements": "发言 {}",
    "understanding": "认识",
    "gap": "差距",
    "measure": "举措",
    "domain": "领域",
    "issued_on": "发布日期",
    "due_on": "传达时限",
    "conveyed": "传达",
    "discussed": "研讨",
    "benchmarked": "对标",
    "talked_with": "谈话对象",
    "topic": "谈话主题",
    "content": "谈话要点",
    "class": "文件类别",
    "authors": "执笔",
    "revision": "稿次",
    "characters": "字数",
    "note": "改了什么",
    "final": "定稿稿次",
    "final_title": "定稿题目",
    "reviewed": "政治把关",
    "remark": "把关意见",
    "unreviewed_reason": "未经把关定稿的原因",
    "activities": "关联活动",
    "chosen": "方向 {}",
    "speaker": "讲话人",
    "occasion": "场合",
    "delivered_on": "讲话日期",
    "submitted": "报送",
    "published": "刊发",
    "question": "要回答的问题",
    "reason": "原因",
    "dropped": "停止的原因",
}
"""Field names of replayed states; ``{}`` takes the key of the entry below it (条款 3-2), an id is not said."""


ROLES = {role.value: name for role, name in ROLE_NAMES.items()}

_NUMERALS = "零一两三四五六七八九十"


def count(number: int) -> str:
    """Return a small number as people say it before a measure word: 两件, 十二件 as 12 件."""
    return _NUMERALS[number] if number < len(_NUMERALS) else f" {number} "


def field(path: str) -> str:
    """Return a dotted field path as people say it: ``clauses.3-2.nature`` → 条款 3-2 · 性质."""
    said: list[str] = []
    parts = iter(path.split("."))
    for part in parts:
        name = FIELDS.get(part, part)
        if "{}" in name:
            entry = next(parts, "")
            name = name.replace(" {}", "") if is_id(entry) else name.replace("{}", entry)
        said.append(name)
    return " · ".join(said)


def value(path: str, shown: Any, names: Names) -> str:
    """Return the value of the field at a path as people read it; ids of organisations as their names."""
    if shown is None or shown in ("", [], {}):
        return "—"
    if isinstance(shown, bool):
        return "是" if shown else "否"
    if path == "class":
        return CLASS_NAMES.get(str(shown), str(shown))
    if path == "classes":
        return "、".join(CLASS_NAMES.get(str(each), str(each)) for each in shown)
    if path == "scopes":
        return "、".join(PERMISSIONS.get(str(each), str(each)) for each in shown)
    if isinstance(shown, list):
        return "、".join(value("", each, names) for each in shown)
    if path.rpartition(".")[2] in {"role", "body"}:
        return ROLES.get(str(shown), str(shown))
    return names.any(_task(str(shown)))


def _task(text: str) -> str:
    """Return ``<plan>/<clause>`` as 任务 3-2, any other text as it is."""
    plan, _, clause = text.partition("/")
    return f"任务 {clause}" if is_id(plan) and clause else text


def state_rows(state: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Return a state as labelled rows in its own order; empty fields are left out."""
    flat = flatten(state or {})
    return [{"path": p, "label": field(p), "value": v} for p, v in flat.items() if v not in (None, "", [], {})]


def record_title(stream: str, state: Mapping[str, Any] | None) -> str:
    """Return what a record is called: its own title or name, else its kind."""
    found = state or {}
    own = found.get("title") or found.get("name") or found.get("display_name")
    return str(own or AGGREGATES.get(stream.split(":")[1], "记录"))


MANDATE_STATUSES = {
    "requested": "待批准",
    "lapsed": "逾期未批",
    "declined": "不予批准",
    "coming": "尚未开始",
    "called-off": "已撤销，未开始",
    "running": "生效中",
    "ended": "已结束，待清退",
    "cleared": "已清退",
}


AGGREGATES = {
    "mandate": "检查授权",
    "quarantine": "隔离文件",
    "talk": "谈心谈话",
    "document": "文稿",
    "directions": "调研方向",
    "posting": "积分入账",
    "objection": "积分异议",
    "session": "学习记录",
    "trigger": "第一时间学习",
    "work-plan": "工作要点",
    "activity": "组织生活",
    "not-held": "未召开的说明",
    "activity-plan": "月度活动方案",
    "agency": "机关与党组织",
    "member": "党员",
    "account": "账号",
    "token": "访问令牌",
    "second-step": "两步验证",
}
