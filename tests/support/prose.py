"""Chinese prose of the field for search tests: whole sentences, varied in script, width and punctuation."""

import random
from dataclasses import replace

from shared.search.port import IndexDocument

SUBJECTS = (
    "机关第一党支部", "办公室全体党员", "政策研究一处", "青年理论学习小组", "机关党委", "综合处支委会",
    "退休干部党小组", "各党支部书记", "新任处级干部", "改革协调处", "预备党员张晓梅", "信息中心",
)  # fmt: skip
ACTIONS = (
    "围绕年度课题开展集中学习", "到社区服务站听取居民意见", "逐条对照整改清单销号", 
    "专题研究意识形态工作责任制的落实",
    "组织观看警示教育片并交流体会", "赴革命旧址开展现场教学",
    "与结对村共商产业发展的办法", "把调研报告转化为可操作的建议",
    "开展谈心谈话和批评与自我批评", "梳理基层反映集中的难点堵点", 
    "讲授题为《守初心、强本领》的党课", "推选优秀共产党员候选人",
)  # fmt: skip
AIMS = (
    "推动党建与业务同频共振", "让支部工作有抓手、有台账、有回音", "确保各项任务按期完成", "切实减轻基层负担",
    "深刻领悟“两个确立”的决定性意义", "坚决做到“两个维护”", "以高质量党建促进高质量发展", "培育和发展新质生产力",
    "持续巩固主题教育成果", "防止学习与工作“两张皮”",
)  # fmt: skip
TIMES = ("三月上旬", "第2季度", "2026年5月8日", "年中考核之前", "节后第一周", "每月10日", "汛期来临前", "十月底")
CLOSINGS = (
    "会后形成纪要，责任到人。", "有关材料已报机关党委备案；",
    "与会同志普遍认为很有收获！", "下一步如何深化？还要再研究。",
    "参加人数：23人。", "相关PPT已上传学习平台。",
)  # fmt: skip
VARIANTS = (
    "",
    "深刻領悟「兩個確立」的決定性意義，堅決做到「兩個維護」。",
    "支部于２０２６年５月８日召开会议（扩大）。",
    "参会人员：张　三、李　四。",
)
KINDS = ("report", "minutes", "study-note", "lecture")
AGENCIES = ("agency-a", "agency-b", "agency-c")
CLASSES = ("public", "internal", "talks")
AUTHORS = ("张晓梅", "李建国", "单继红", None)


def paragraph(rng: random.Random) -> str:
    """Return two to four sentences."""
    sentences = [
        f"{rng.choice(TIMES)}，{rng.choice(SUBJECTS)}{rng.choice(ACTIONS)}，{rng.choice(AIMS)}。"
        for _ in range(rng.randint(2, 4))
    ]
    return "".join([*sentences, rng.choice(CLOSINGS), rng.choice(VARIANTS)])


def document(rng: random.Random, number: int) -> IndexDocument:
    """Return one document of one to three paragraphs, its fields drawn at random."""
    agency = rng.choice(AGENCIES)
    return IndexDocument(
        id=f"doc-{number:05d}",
        counter=rng.randint(1, 9),
        deleted=False,
        kind=rng.choice(KINDS),
        agency_id=agency,
        org_id=rng.choice((None, f"{agency}-1", f"{agency}-2")),
        doc_class=rng.choice(CLASSES),  # type: ignore[arg-type]
        title=f"{rng.choice(SUBJECTS)}关于{rng.choice(AIMS)}的情况（{rng.randint(1, 40)}）",
        body="\n\n".join(paragraph(rng) for _ in range(rng.randint(1, 3))),
        date=f"2026-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}",
        author=rng.choice(AUTHORS),
        tasks=tuple(rng.sample(("task-1", "task-2", "task-3"), rng.randint(0, 2))),
        topics=tuple(rng.sample(("学习", "廉政"), rng.randint(0, 2))),
        draft=rng.choice((None, None, "plan", "document")),  # type: ignore[arg-type]
    )


def documents(count: int, seed: int = 7) -> list[IndexDocument]:
    """Return `count` documents, the same for the same `seed`."""
    rng = random.Random(seed)
    return [document(rng, number) for number in range(count)]


def later(document: IndexDocument, **changes: object) -> IndexDocument:
    """Return `document` one counter later, changed."""
    return replace(document, counter=document.counter + 1, **changes)  # type: ignore[arg-type]
