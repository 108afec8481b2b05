"""The demo's research directions: what each branch of the office pursues this year, and on which subject."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from services.runtime.demo.cast import OFFICE
from services.runtime.demo.organisations import demo_id


@dataclass(frozen=True, slots=True)
class Direction:
    """One direction. ``whole``: not only its reports are linked to it, its other outputs are too."""

    title: str
    question: str
    subject: str
    whole: bool = True

    @property
    def id(self) -> str:
        """Return its id, the same each time."""
        return demo_id("direction", self.title)


DIRECTIONS: Mapping[str, Sequence[Direction]] = dict(
    zip(
        (branch.name for branch in OFFICE.branches),
        (
            (
                Direction("基层报表怎样减下来", "一张表的字段从哪里来，谁用，能不能不填", "数字政府"),
                Direction("晚间议事能不能长久", "议成的事后来怎样了，没有议成的卡在哪里", "基层治理"),
            ),
            (
                Direction("企业开办后的头一百天", "领照到正常收款之间还有哪些环节", "营商环境"),
                Direction("老旧小区改完以后谁来管", "管护的人和钱怎样写进方案", "城市更新"),
            ),
            (
                Direction("村集体的钱从哪里来", "租金之外还有没有自己长出来的收入", "乡村振兴"),
                Direction("一老一小照护的最后十分钟", "服务离家门口还差几步", "民生保障"),
            ),
            (
                Direction("中试平台为什么排队", "设备、人、钱哪一样更缺", "科技创新"),
                Direction("园区节能账怎样算得清", "改造先花的钱多久能回来", "绿色转型", whole=False),
            ),
        ),
        strict=False,
    )
)
"""By the branch's name; the branch of the retired has none."""


def served(branch: str, subjects: Collection[str]) -> list[Direction]:
    """Return a branch's directions that something on these subjects serves."""
    return [d for d in DIRECTIONS.get(branch, ()) if d.subject in subjects]
