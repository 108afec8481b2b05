"""What the demo's documents say: composed sentence by sentence from ``documents.toml``, the same for the same seed."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from services.research.domain.document_commands import Wording
from shared.contracts.research import DocumentKind

HERE = Path(__file__).parent
_SLOT = re.compile(r"\{(\d+)-(\d+)\}")
_NOTES = (
    "补充了走访中的两处细节，改写了建议部分",
    "按处室讨论意见压缩篇幅，删去重复的话",
    "数据重新核对，个别提法改得更实",
)
K = DocumentKind


@dataclass(frozen=True, slots=True)
class Subject:
    """One subject with its sentences; ``{place}`` and ``{12-40}`` stand for a place and a number."""

    name: str
    titles: Sequence[str]
    places: Sequence[str]
    facts: Sequence[str]
    problems: Sequence[str]
    measures: Sequence[str]
    voices: Sequence[str]
    reflections: Sequence[str]


@dataclass(frozen=True, slots=True)
class Paper:
    """A document as it will be written: its revisions in order, the last one final, and what the second changed."""

    kind: DocumentKind
    wordings: tuple[Wording, ...]
    note: str


def subjects() -> Mapping[str, Subject]:
    """Return the subjects by name."""
    entries: list[dict[str, Any]] = tomllib.loads((HERE / "documents.toml").read_text("utf-8"))["subject"]
    return {entry["name"]: Subject(**entry) for entry in entries}


def write(kind: DocumentKind, subject: Subject, draw: Random, taken: set[str]) -> Paper:
    """Compose a document; its title is none of those taken, and is added to them."""
    for _ in range(200):
        place = draw.choice(subject.places)
        title = _titled(kind, subject, place, draw)
        if title not in taken:
            break
    taken.add(title)
    first = _text(kind, subject, place, draw)
    if draw.random() < 0.3:
        return Paper(kind, (Wording(title, first), Wording(title, _revised(first, subject, draw))), draw.choice(_NOTES))
    return Paper(kind, (Wording(title, first),), "")


def copied(original: Paper, title: str, draw: Random) -> Paper:
    """Return a document that repeats most of another: what a search for repeated text is to find."""
    lines = (original.wordings[-1].text or "").split("\n")
    kept = [line for line in lines if draw.random() < 0.85]
    return Paper(original.kind, (Wording(title, "\n".join(kept)),), "")


def _titled(kind: DocumentKind, subject: Subject, place: str, draw: Random) -> str:
    topic = draw.choice(subject.titles)
    choices = {
        K.RESEARCH_REPORT: (
            f"{topic}——{place}调研报告",
            f"{place}{subject.name}情况调研",
            f"关于{topic}的调研报告（{place}）",
        ),
        K.OPINION_BRIEF: (f"{place}群众对{subject.name}的几点反映", f"社情民意：{topic}（{place}）"),
        K.PRACTICE_REFLECTION: (f"在{place}补上的一课", f"{topic}：从{place}回来以后", f"下{place}三日记"),
        K.SPEECH: (f"在{place}{subject.name}现场会上的讲话", f"在{subject.name}工作座谈会上的讲话（{place}）"),
        K.DRAFT: (
            f"关于{topic}的汇报提纲（{place}）",
            f"{place}{subject.name}工作要情",
            f"{subject.name}工作方案（{place}部分）",
        ),
    }
    return draw.choice(choices[kind])


def _text(kind: DocumentKind, subject: Subject, place: str, draw: Random) -> str:
    def some(sentences: Sequence[str], count: int) -> list[str]:
        return [_filled(s, place, draw) for s in draw.sample(list(sentences), count)]

    facts, problems, measures = some(subject.facts, 4), some(subject.problems, 3), some(subject.measures, 3)
    voices, reflections = some(subject.voices, 3), some(subject.reflections, 2)
    about = subject.name
    bodies: dict[DocumentKind, tuple[str, ...]] = {
        K.RESEARCH_REPORT: (
            f"围绕{about}，我们到{place}作了一次不打招呼的调研，看现场、翻台账、听当事人讲，现将情况报告如下。",
            "一、看到的情况",
            *facts,
            "二、听到的声音",
            *voices[:2],
            "三、问题在哪里",
            *problems,
            "四、几点建议",
            *measures,
            "以上建议涉及的部门意见，将在征求后另行报告。",
        ),
        K.OPINION_BRIEF: (
            f"近期我们在{place}听取群众意见，集中在{about}方面，摘要如下。",
            *voices,
            "上述反映经核实，有以下事实可以对照：",
            *facts[:2],
            "建议：",
            *measures[:2],
        ),
        K.PRACTICE_REFLECTION: (
            f"这次随支部到{place}，题目是{about}。",
            *reflections,
            facts[0],
            voices[0],
            problems[0],
            "回来以后和支部同志议了一晚，打算先做一件事：" + measures[0],
        ),
        K.SPEECH: (
            "同志们：",
            f"今天把会开在{place}，就是要把{about}的事当面说清楚。先看事实。",
            *facts[:2],
            "再看问题。",
            *problems[:2],
            "下一步，抓好三件事。",
            *(f"第{n}，{measure}" for n, measure in zip("一二三", measures, strict=True)),
            "事情定下来就要有人管到底。请各单位会后一周内报具体安排。",
        ),
        K.DRAFT: (
            f"关于{place}{about}工作，现将有关情况汇总如下。",
            "一、进展",
            *facts[:3],
            "二、困难",
            *problems[:2],
            "三、打算",
            *measures,
        ),
    }
    return "\n".join(bodies[kind])


def _revised(text: str, subject: Subject, draw: Random) -> str:
    """Change a text as an editor does: a sentence more, a phrase said more plainly."""
    lines = text.split("\n")
    lines.insert(len(lines) - 2, _filled(draw.choice(list(subject.measures)), draw.choice(subject.places), draw))
    return "\n".join(lines).replace("建立", "先建起", 1).replace("推行", "试行", 1)


def _filled(sentence: str, place: str, draw: Random) -> str:
    numbered = _SLOT.sub(lambda m: str(draw.randint(int(m[1]), int(m[2]))), sentence)
    return numbered.replace("{place}", place)
