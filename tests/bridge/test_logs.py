from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bridge import logs
from bridge.errors import NotFound

SECRET = "sesame-7f3a"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logs.configure(as_json=True, stream=stream)
    yield stream
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(log: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_a_line_says_when_how_grave_and_what(log: io.StringIO):
    structlog.get_logger().info("edit ended", edit_id="abc", seconds=1.5)
    (line,) = lines(log)
    assert line["event"] == "edit ended"
    assert line["level"] == "info"
    assert str(line["timestamp"]).endswith("Z")
    assert (line["edit_id"], line["seconds"]) == ("abc", 1.5)


def test_pixels_and_long_texts_do_not_get_into_the_log(log: io.StringIO):
    structlog.get_logger().info(
        "odd", data=b"\x00" * 999, text=SECRET.rjust(5000), many=[SECRET.rjust(999)] * 99, thing=object(), d={"a": b"x"}
    )
    (line,) = lines(log)
    assert line["data"] == "<999 bytes>"
    assert line["thing"] == "<object>"
    assert line["d"] == {"a": "<1 bytes>"}
    assert SECRET not in log.getvalue()
    assert len(log.getvalue()) < 4000


def test_a_bug_is_told_by_its_frames_and_not_by_what_it_quotes(log: io.StringIO):
    try:
        try:
            int(SECRET)
        except ValueError as error:
            raise RuntimeError(SECRET) from error
    except RuntimeError:
        structlog.get_logger().exception("failed")
        logging.getLogger("library").exception("failed too")
    first, second = lines(log)
    for line in (first, second):
        text = str(line["exception"])
        assert "ValueError" in text
        assert "RuntimeError" in text
        assert "test_logs.py" in text
    assert SECRET not in log.getvalue()


def test_what_our_own_errors_say_is_told(log: io.StringIO):
    try:
        raise NotFound("layer")
    except NotFound:
        structlog.get_logger().exception("failed")
    assert "NotFound: There is no such layer." in str(lines(log)[0]["exception"])


def test_debug_lines_and_chatter_of_libraries_are_left_out(log: io.StringIO):
    structlog.get_logger().debug("detail")
    logging.getLogger("library").info("chatter")
    assert log.getvalue() == ""


def test_without_json_lines_are_for_people(log: io.StringIO):
    logs.configure(stream=log)
    structlog.get_logger().warning("disk nearly full", left="1 GB")
    assert "disk nearly full" in log.getvalue()
    assert "\x1b[" not in log.getvalue()
