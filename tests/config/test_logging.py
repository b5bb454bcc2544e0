"""Logs are one line per event, and hold no secret."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from config.logging import configure


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_an_event_is_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    configure(level="info", style="json")

    structlog.get_logger().info("feed_polled", feed=7)
    logging.getLogger("some.library").warning("it %s", "happened")

    first, second = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (first["event"], first["feed"], first["level"]) == ("feed_polled", 7, "info")
    assert (second["event"], second["level"]) == ("it happened", "warning")


@pytest.mark.parametrize("style", ["text", "json"])
def test_values_with_a_secret_name_are_blanked_at_any_depth(
    capsys: pytest.CaptureFixture[str], style: str
) -> None:
    configure(level="info", style="json" if style == "json" else "text")

    structlog.get_logger().info(
        "call",
        access_token="s3cret-a",
        headers={"Authorization": "s3cret-b"},
        tried=[{"password": "s3cret-c"}],
    )

    said = capsys.readouterr().err
    assert "***" in said
    assert "s3cret" not in said


@pytest.mark.parametrize("style", ["text", "json"])
def test_a_traceback_shows_no_local_variables(capsys: pytest.CaptureFixture[str], style: str) -> None:
    configure(level="info", style="json" if style == "json" else "text")

    def fail(word: str) -> None:
        held = word * 2
        raise ValueError(len(held))

    try:
        fail("hush")
    except ValueError:
        structlog.get_logger().exception("it_broke")

    said = capsys.readouterr().err
    assert "ValueError" in said
    assert "hushhush" not in said


def test_addresses_of_http_calls_are_not_logged(capsys: pytest.CaptureFixture[str]) -> None:
    configure(level="debug", style="text")

    logging.getLogger("httpx").info("HTTP Request: POST https://api.test/botTOKEN/send")
    logging.getLogger("httpcore.connection").debug("connect_tcp.started")

    assert capsys.readouterr().err == ""


def test_events_below_the_level_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    configure(level="warning", style="text")

    structlog.get_logger().info("quiet")

    assert capsys.readouterr().err == ""
