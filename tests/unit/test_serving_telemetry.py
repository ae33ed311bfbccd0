"""Nothing but known keys with values of known shapes reaches a log; no label carries content."""

from __future__ import annotations

import io
import json
import logging
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from prometheus_client import generate_latest

from tracepost.protocol.errors import ConfigurationError, EnvelopeError
from tracepost.serving.telemetry import SAFE_KEYS, Meter, configure_logging
from tracepost.wire.v1.envelope_pb2 import Envelope

CANARY = "CANARY-4711"


class FillingDisk(io.BytesIO):
    """A file on a disk that has room for `room` bytes more; None: for any."""

    room: int | None = None

    def write(self, data: Any) -> int:
        if self.room == 0:
            raise OSError(28, "No space left on device")
        written = super().write(data[: self.room])
        self.room = None if self.room is None else self.room - written
        return written


@pytest.fixture
def log_file() -> Iterator[FillingDisk]:
    """Log to memory, then put everything back."""
    stream = FillingDisk()
    handlers, level, hook = logging.root.handlers[:], logging.root.level, sys.excepthook
    show = warnings.showwarning
    configure_logging("test", stream)
    yield stream
    structlog.reset_defaults()
    logging.captureWarnings(capture=False)
    logging.root.handlers[:], sys.excepthook, warnings.showwarning = handlers, hook, show
    logging.root.setLevel(level)


@pytest.fixture
def lines(log_file: FillingDisk) -> Any:
    """Give a function that returns the lines."""
    return lambda: [json.loads(line) for line in log_file.getvalue().splitlines()]


def test_known_keys_of_known_shapes_are_written(lines: Any) -> None:
    structlog.get_logger().info(
        "mail-kept", member="un-panel-som", count=3, where="step 4", reason="no-member"
    )
    (line,) = lines()
    assert line["event"] == "mail-kept"
    assert (line["daemon"], line["level"]) == ("test", "info")
    assert (line["member"], line["count"], line["where"]) == ("un-panel-som", 3, "step 4")
    assert "dropped" not in line


def test_unknown_keys_are_dropped_and_counted(lines: Any) -> None:
    structlog.get_logger().info("seen", make=CANARY, serial=CANARY)
    (line,) = lines()
    assert line["dropped"] == 2
    assert CANARY not in json.dumps(line)


@pytest.mark.parametrize(
    "value",
    [CANARY, CANARY.encode(), [CANARY], {"a": CANARY}, Envelope(body=CANARY.encode()), ValueError(CANARY)],
)
def test_values_of_another_shape_become_type_and_length(lines: Any, value: object) -> None:
    structlog.get_logger().info("seen", member=value, count=value, at=value)
    (line,) = lines()
    assert line["member"].startswith(f"<{type(value).__name__}")
    assert CANARY not in json.dumps(line)


def test_bytes_are_never_written_whatever_the_key(lines: Any) -> None:
    structlog.get_logger().info("seen", **dict.fromkeys(SAFE_KEYS.keys() - {"event"}, bytes(32)))
    (line,) = lines()
    assert all(line[key] == "<bytes 32>" for key in ("envelope", "statement", "member"))


def test_an_event_that_is_a_sentence_is_not_written(lines: Any) -> None:
    structlog.get_logger().info(f"make is {CANARY}")
    assert CANARY not in json.dumps(lines())


def test_an_exception_shows_type_and_places_and_not_its_words(lines: Any) -> None:
    try:
        raise KeyError(CANARY)
    except KeyError:
        structlog.get_logger().exception("failed")
    (line,) = lines()
    assert line["error"] == "KeyError"
    assert line["at"][0].startswith("test_serving_telemetry.py:")
    assert CANARY not in json.dumps(line)


def test_an_error_of_the_tree_shows_its_codes(lines: Any) -> None:
    error = EnvelopeError("words", where="step 9 body", reason="other-body")
    structlog.get_logger().error("refused", exc_info=error)
    (line,) = lines()
    assert (line["code"], line["reason"], line["where"]) == ("envelope", "other-body", "step 9 body")
    assert "words" not in json.dumps(line)


def test_an_error_of_the_configuration_is_told_in_words_and_nobody_else_has_words(lines: Any) -> None:
    error = ConfigurationError("a text is needed here", where="listen.post", remedy="Write it down.")
    structlog.get_logger().error("stopped", exc_info=error)
    structlog.get_logger().error("stopped", words=CANARY, remedy=CANARY)
    told, forged = lines()
    assert (told["words"], told["remedy"]) == ("a text is needed here", "Write it down.")
    assert (forged["words"], forged["remedy"]) == (f"<str {len(CANARY)}>", f"<str {len(CANARY)}>")


def test_lines_of_libraries_show_where_they_come_from_and_not_what_they_say(lines: Any) -> None:
    try:
        raise ValueError(CANARY)
    except ValueError:
        logging.getLogger("some.library").exception("failed with %s", CANARY)
    logged = lines()
    assert logged[0]["logger"] == "some.library"
    assert logged[0]["error"] == "ValueError"
    assert CANARY not in json.dumps(logged)


def test_an_uncaught_exception_is_logged_without_its_words(lines: Any) -> None:
    sys.excepthook(ValueError, ValueError(CANARY), None)
    (line,) = lines()
    assert (line["event"], line["error"]) == ("uncaught", "ValueError")
    assert CANARY not in json.dumps(line)


def test_quiet_levels_are_not_written(lines: Any) -> None:
    structlog.get_logger().debug("seen")
    assert lines() == []


def test_metrics_have_safe_labels_only() -> None:
    meter = Meter("test")
    meter.counter("mails", "Mails.", ("member", "lane")).labels("xaa", "urgent").inc()
    meter.gauge("waiting", "Waiting.").set(2)
    meter.histogram("seconds", "Seconds.", ("method",)).labels("/a.B/C").observe(0.1)
    text = generate_latest(meter.registry).decode()
    assert 'tracepost_test_mails_total{lane="urgent",member="xaa"} 1.0' in text
    with pytest.raises(ConfigurationError):
        meter.counter("marks", "Marks.", ("serial",))


def test_nothing_is_glued_to_a_line_of_which_a_full_disk_took_a_part(log_file: FillingDisk) -> None:
    log = structlog.get_logger()
    log_file.room = 10
    log.info("cut")
    log.info("lost")
    log_file.room = None
    log.info("seen", count=1)
    log.info("seen", count=2)
    cut, *whole = log_file.getvalue().splitlines()
    assert len(cut) == 10
    assert [json.loads(line)["count"] for line in whole] == [1, 2]
