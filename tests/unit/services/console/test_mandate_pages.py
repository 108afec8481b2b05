"""What the pages of mandates say: of an end what came of it, of a moment no span."""

from types import SimpleNamespace

import pytest

from services.console.pages.mandates import said_of_the_end
from services.console.rendering import templates
from services.console.session import Refused
from services.console.words import SAID


class Inspector:
    """Who reads a mandate back after ending it."""

    def __init__(self, status):
        self.status = status

    async def get(self, context, path):
        assert (context, path) == ("access", "/api/access/mandates/m")
        if self.status is None:
            raise Refused(503, {"detail": "暂时无法读取"})
        return {"status": self.status}


def said(visitor):
    with pytest.raises(StopIteration) as told:
        said_of_the_end(visitor, "m").send(None)
    return SAID[told.value.value]


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("called-off", "没有需要清退的"),
        ("ended", "立即停止查阅"),
        ("cleared", "立即停止查阅"),
        (None, "立即停止查阅"),
    ],
)
def test_whoever_ends_a_mandate_is_told_what_came_of_it_whatever_the_page_promised(status, told):
    """A form opened before the first day and sent on it ends a mandate that runs."""
    assert told in said(Inspector(status))


@pytest.mark.parametrize(
    ("last", "told"), [("2026-11-23T05:55:40+00:00", "11-23 13:55"), ("2026-11-23T06:02:00+00:00", "11-23 13:55—14:02")]
)
def test_what_was_read_within_one_minute_has_one_time(last, told):
    line = SimpleNamespace(first="2026-11-23T05:55:01+00:00", last=last)
    shown = templates.get_template("mandate_parts.html").module.when(line)
    assert told in shown
    assert shown.count("13:55") == 1


@pytest.mark.parametrize(("agencies", "told"), [(["one"], " · 研究中心"), (["one", "other"], " · 研究中心、档案馆")])
def test_under_a_mandate_over_two_agencies_a_line_says_of_which_something_was_read(agencies, told):
    places = [
        {"agency": "one", "agency_name": "研究中心", "organisation": "a"},
        {"agency": "one", "agency_name": "研究中心", "organisation": "b"},
        {"agency": "other", "agency_name": "档案馆", "organisation": "c"},
    ]
    parts, line = templates.get_template("mandate_parts.html").module, SimpleNamespace(agencies=agencies)
    assert parts.whose(SimpleNamespace(places=places), line) == told
    assert parts.whose(SimpleNamespace(places=places[:2]), line) == "", "to the inspected it is their own agency"
