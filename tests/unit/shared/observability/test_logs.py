"""Logs: one line an event; JSON keeps Chinese readable and a value in its place."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from shared.observability.logs import configure
from shared.settings import Settings


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure(Settings(log_format="json", log_level="INFO"))
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_in_production_a_line_is_one_json_object_with_readable_chinese(lines: io.StringIO) -> None:
    structlog.get_logger("t").warning("refused", sentence="请先登录\n第二行")
    (entry,) = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert (entry["event"], entry["sentence"], entry["level"]) == ("refused", "请先登录\n第二行", "warning")
    assert "请先登录" in lines.getvalue()


def test_what_libraries_log_has_the_same_form(lines: io.StringIO) -> None:
    logging.getLogger("somebody").error("down")
    assert json.loads(lines.getvalue())["event"] == "down"


def test_a_failure_is_logged_with_its_trace(lines: io.StringIO) -> None:
    try:
        raise ValueError("why")
    except ValueError as why:
        structlog.get_logger("t").error("broke", exc_info=why)
    assert "ValueError: why" in json.loads(lines.getvalue())["exception"]


def test_chatter_of_libraries_is_left_out(lines: io.StringIO) -> None:
    logging.getLogger("kafka.conn").info("connecting")
    logging.getLogger("alembic.runtime.migration").info("running")
    assert lines.getvalue() == ""
