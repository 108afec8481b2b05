"""The first guess at a clause's nature, against labels set by hand (first six characters → nature).

T 任务, R 总要求, P 目的. A clause is labelled 任务 where features.md names events that support it.
"""

from pathlib import Path

import pytest

from services.organization.plan_document import parse
from services.organization.plan_document.nature import guess_nature
from shared.contracts.organization import ClauseNature
from tests.support.plans import DEMO, SEED

NATURES = {"T": ClauseNature.TASK, "R": ClauseNature.REQUIREMENT, "P": ClauseNature.PURPOSE}
SEED_LABELS = """
1 坚持将学习习 T 建立健全“第 T 学习过程杜绝 T 探索建立“政 T 此项行动的核 R
2 充分利用本地 R 组织党员干部 T 将“循迹溯源 T 在青年干部中 T 这项活动旨在 P
3 系统化运用室 R 室务会侧重学 R 理论学习中心 T 各党支部依托 T 青年理论学习 T
3 党员个人利用 T 关键在“联动 T 建立“学思践 T 目标是形成上 P
4 围绕党的二十 T 邀请上级政策 T 讲座内容紧密 T 将“政研讲堂 P
5 严格对照“政 T 在全面规范落 T 主题党日设计 T 实行组织生活 T 开展支部间“ T 此项工程的目 P
6 鼓励各党支部 T 例如,综合文 R 品牌创建需有 T 机关党总支加 T 通过品牌创建 P
7 严把党员发展 T 加强党员日常 T 健全党内关怀 T 大力激发党员 R 持续开展“头 T 在重大文稿起 T 通过精细化管 P
8 全面推行使用 T 实现工作留痕 P 机关党总支建 T 检查结果以通 T 通过数字化赋 P
9 在承接市委交 T 任务启动阶段 T 任务推进中, T 任务完成后, T 将组织生活嵌 T 通过“党建先 P
10 将党支部活动 R 各支部每年确 T 实践活动中, T 活动后,不仅 T 机关党总支定 T 此举旨在践行 P
"""
DEMO_LABELS = """
1 中心主任办公 T 上级重要文件 T 领导班子成员 R 办公室建立上 T 目标是让学习 P
2 上半年组织一 T 各支部邀请两 T 青年党员每人 T 通过现场研学 P
3 中心组全年集 T 各支部每月至 T 青年小组每两 T 党办每季度初 T 每季度末举办 T
4 全年举办讲坛 T 主讲人从高校 T 每期预留二十 T 努力把讲坛建 P
5 一季度各支部 T 支部党员大会 T 各支部每月二 T 机关党总支每 T 力争年底前所 P
6 鼓励各支部从 R 例如，综合处 R 四月底前各支 T 十月开展品牌 T 通过品牌培育 P
7 认真执行发展 T 建立党员积分 T 支部书记每半 T 设立“我给清 T 坚持严管与厚 R
8 自3月起，组 T 机关党总支每 T 发现的问题逐 T 旨在让支部少 P
9 承担全市性规 T 任务开始和过 T 任务结束后两 T 起草和调研期 T 确保关键岗位 P
10 每个支部年初 T 各支部全年至 T 每个调研方向 T 机关党总支十 T 通过这项活动 P
"""
LEAST_AGREEMENT = 0.9


def labelled(table: str) -> list[tuple[int, str, ClauseNature]]:
    rows = [row.split() for row in table.strip().splitlines()]
    return [
        (int(row[0]), label, NATURES[nature])
        for row in rows
        for label, nature in zip(row[1::2], row[2::2], strict=True)
    ]


@pytest.mark.parametrize(
    ("path", "table"),
    [
        pytest.param(
            SEED, SEED_LABELS, marks=pytest.mark.skipif(not SEED.exists(), reason="the real plan is not here")
        ),
        (DEMO, DEMO_LABELS),
    ],
)
def test_nine_of_ten_guesses_agree_with_a_person(path: Path, table: str) -> None:
    plan = parse(path.read_text(encoding="utf-8"))
    labels = labelled(table)
    clauses = [(measure.number, clause) for measure in plan.measures() for clause in measure.clauses]
    assert [(number, clause.text[:6]) for number, clause in clauses] == [(n, label) for n, label, _ in labels][
        : len(clauses)
    ]
    assert len(clauses) == len(labels)
    wrong = [c.text[:6] for (_, c), (_, _, nature) in zip(clauses, labels, strict=True) if c.nature is not nature]
    assert len(wrong) <= (1 - LEAST_AGREEMENT) * len(labels), wrong


@pytest.mark.parametrize(
    ("sentence", "letter"),
    [
        ("每季度召开一次支委会。", "T"),
        ("制定支部年度学习计划并印发各处室。", "T"),
        ("严格对照上级标准,制定整改方案。", "T"),
        ("确保每季度开展一次交流。", "T"),
        ("坚持把上级文件作为支部集中学习的首要内容。", "T"),
        ("坚持学用结合，力戒形式主义。", "R"),
        ("此项工作的核心在于提高干部能力。", "R"),
        ("例如，综合支部可以设立示范岗。", "R"),
        ("目标是形成人人爱学的风气。", "P"),
        ("通过结对共建，促进党建与业务融合。", "P"),
        ("将讲坛打造成为干部成长的平台。", "P"),
        ("推动支部工作再上台阶。", "P"),
    ],
)
def test_cue_words_tell_a_task_from_a_demand_and_a_purpose(sentence: str, letter: str) -> None:
    assert guess_nature(sentence) is NATURES[letter]
