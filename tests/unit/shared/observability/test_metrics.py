"""Every metric is declared once, in one list that documents it."""

import re

from prometheus_client import REGISTRY

from shared.observability.metrics import METRICS

SUFFIX = {"counter": "_total", "histogram": "_seconds"}


def test_every_metric_is_named_after_the_product_and_its_unit() -> None:
    names = [m.name for m in METRICS]
    assert len(set(names)) == len(names)
    assert [n for n in names if not re.fullmatch(r"liuhen_[a-z_]+", n)] == []
    assert [m.name for m in METRICS if not m.name.endswith(SUFFIX.get(m.kind, ""))] == []


def test_every_metric_says_what_it_counts() -> None:
    assert [m.name for m in METRICS if len(m.help) < 20 or not m.help.endswith(".")] == []


def test_what_the_process_serves_under_the_products_name_is_in_the_list() -> None:
    served = {f.name for f in REGISTRY.collect() if f.name.startswith("liuhen_")}
    assert served <= {m.name.removesuffix("_total") for m in METRICS}


def test_no_metric_is_told_apart_by_a_person_or_a_record() -> None:
    allowed = {"method", "route", "status", "context", "ledger", "cause", "reaction", "outcome", "topic", "role"}
    assert {label for m in METRICS for label in m.labels} <= allowed
