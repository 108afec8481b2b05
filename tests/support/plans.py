"""Plans for tests: the real one where it is present, the demo's own, and generated ones."""

from pathlib import Path

from hypothesis import strategies as st

_ROOT = Path(__file__).resolve().parents[2]
SEED = _ROOT.parent / "shared" / "seed" / "2026-work-points.txt"
"""The office's actual work plan; kept outside the repository."""
DEMO = _ROOT / "services" / "organization" / "demo" / "plan.txt"


def plan_texts() -> list[str]:
    """The demo plan, and the real one where it is present."""
    return [path.read_text(encoding="utf-8") for path in (DEMO, SEED) if path.exists()]


_HAN = "党支部学习调研组织开展制定落实每月季度安排记录干部青年业务建设提升通过推动确保坚持旨在"
_SEPARATOR = st.sampled_from("，、,；;：")
_NUMBERS = st.sampled_from(["每月1-2次", "在第一、二季度", "3.5万元", "每年至少4次"])
_PHRASE = st.text(alphabet=_HAN, min_size=2, max_size=12) | _NUMBERS
_QUOTED = st.builds("“{}”{}".format, _PHRASE, _PHRASE)
_SENTENCE = st.builds(
    lambda pieces, comma, end: comma.join(pieces) + end,
    st.lists(_PHRASE | _QUOTED, min_size=1, max_size=5),
    _SEPARATOR,
    st.sampled_from("。！？"),
)
_HEADING = st.text(alphabet="学习调研组织开展制定落实", min_size=4, max_size=12)
_MEASURE = st.tuples(_HEADING, st.lists(_SENTENCE, min_size=1, max_size=5))
_PART = st.tuples(_HEADING, st.lists(_MEASURE, min_size=1, max_size=4))
_NUMERALS = "一二三四五六"


@st.composite
def generated_plans(draw: st.DrawFn) -> str:
    """The text of a plan with parts and measures numbered through, one block a line."""
    lines = [f"{draw(_HEADING)}工作要点", "".join(draw(st.lists(_SENTENCE, min_size=1, max_size=3)))]
    number = 0
    for numeral, (heading, measures) in zip(_NUMERALS, draw(st.lists(_PART, min_size=1, max_size=4)), strict=False):
        lines.append(f"{numeral}、{heading}")
        for title, sentences in measures:
            number += 1
            lines.append(f"{number}.{title}。{''.join(sentences)}")
    return "\n".join(lines)
