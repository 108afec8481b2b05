"""The first guess at what a clause is (§0d): cue words decide, the person corrects it in the preview."""

import re

from shared.contracts.organization import ClauseNature

_EFFECT = "推动|促进|确保|保证|实现|使|让|强化|增强|提升|提高|压紧|压实|形成|营造|建设|打造|带动|引导|凝聚|锻造|夯实"
_STATED_PURPOSE = re.compile(
    r"^[^,，。]{0,16}(旨在|意在|目的是|目的在于|目标是|为的是)"
    rf"|^通过[^,，]{{2,30}}[,，](进一步|切实|不断|持续|努力)?({_EFFECT})"
    r"|^(努力|力争|力求|着力)?(将|把)[^,，]{2,30}(打造|建设|锻造|建)成"
    r"|^(力争|力求)|^以此|^从而|^最终|^(以便|为了?)[^,，]{2,40}(奠定|提供|贡献|注入|积累)"
)
_HOPED_EFFECT = re.compile(r"^(切实|不断|持续|努力|进一步|真正|全面)?(推动|促进|确保|保证|实现|使|让|营造)")
_RHYTHM = re.compile(
    r"每(个?季度?|个?月|年|半年|周|次|两|名|个支部)|定期|按[月季年]|[月年季]度?(初|底|末|前)|至少|不少于|常态化|"
    r"第[一二三四]季度|[上下]半年|一次|[0-9一二两三四五六七八九十](次|场|期|篇|个工作日|天内|日前|月底前)|即时|同步"
)
_ACTION = re.compile(
    "制定|制订|印发|建立|健全|完善|设立|设置|成立|组建|举办|召开|组织|开展|开设|邀请|评选|表彰|备案|报送|提交|上报|下发|"
    "通报|反馈|整改|考核|抽查|检查|走访|慰问|培训|谈心|明确专人|推行|实行|创建|确定|编印|征集|收集|梳理|撰写|推荐|公示|"
    "签订|收缴|换届|轮训|宣讲|讲授|交流会|落实[^,，]{0,8}[”》]|作为[^,，]{0,30}内容|台账|培养|推送|结对|认领|挂牌|归档|登记"
)
_PRODUCT = re.compile(
    "(制定|制订|印发|出台|建立|健全)[^,，]{0,20}(计划|方案|机制|制度|办法|清单|档案|台账)|作为[^,，]{0,30}(内容|议题)"
)
"""Something that is there afterwards, to be shown: weighs as much as the demand it may be wrapped in."""
_EXPLANATION = re.compile(r"^(例如|譬如|比如|诸如)|^[^,，]{0,14}(核心在于|核心是|根本在于)")
_DEMAND = re.compile(
    r"^[^,，]{0,14}(关键在|关键是|重点是)"
    r"|^(始终)?坚持|^牢牢|^充分(利用|发挥|运用)|^注重|^突出|^大力|^倡导|[,，]倡导|^系统化?|^深刻|^紧紧|^认真|^准确"
    r"|^[^,，]{0,10}(侧重|必须|应当?|不得|严禁|要(?!点|件|素|闻))|^严[格守]"
)
_DEMAND_WEIGHT = 2
_RHYTHM_WEIGHT = 3


def guess_nature(sentence: str) -> ClauseNature:
    """The likely nature of one clause; in doubt a task, since a task taken for a demand would be forgotten."""
    if _STATED_PURPOSE.search(sentence):
        return ClauseNature.PURPOSE
    has_rhythm = _RHYTHM.search(sentence) is not None
    if _HOPED_EFFECT.match(sentence) and not has_rhythm:
        return ClauseNature.PURPOSE
    if _EXPLANATION.search(sentence) and not has_rhythm:
        return ClauseNature.REQUIREMENT
    doing = len(set(_ACTION.findall(sentence))) + (_RHYTHM_WEIGHT if has_rhythm else 0)
    doing += _PRODUCT.search(sentence) is not None
    demanding = _DEMAND_WEIGHT if _DEMAND.search(sentence) else 0
    return ClauseNature.TASK if doing and doing >= demanding else ClauseNature.REQUIREMENT
