"""Logs and metrics from which no classed value can leak.

A log line holds only keys of `SAFE_KEYS`, each with a value of its known shape: a member
id, a count, an error code. Anything else is dropped and counted (`dropped`), and a value of
another shape is replaced by its type and length, so a careless `log.info("seen", make=text)`
writes nothing of the text. Of an exception only the type, the code and the places in our
sources are written, never its words, except for a `ConfigurationError`, which speaks of
what the operator wrote. Lines of libraries are written as where they come from, not as
what they say.

Metrics carry labels of `SAFE_LABELS` only.

    configure_logging("relay", sys.stderr.buffer)
    log = structlog.get_logger()
    log.info("mail-kept", member="xaa", count=3)
"""

from __future__ import annotations

import contextlib
import logging
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, BinaryIO, cast

import orjson
import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from structlog.typing import EventDict, WrappedLogger

from tracepost.protocol.errors import ConfigurationError, TracepostError

Shape = Callable[[object], bool]


def _text(pattern: str) -> Shape:
    compiled = re.compile(pattern)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


class _Words(str):
    """Text of a `ConfigurationError`: the only sentences in a log, and made here only."""

    __slots__ = ()


def _words(value: object) -> bool:
    return isinstance(value, _Words)


def _number(value: object) -> bool:
    return isinstance(value, int | float)


def _places(value: object) -> bool:
    return isinstance(value, list) and all(_PLACE(item) for item in value)


_LABEL = _text(r"[a-z][a-z0-9-]{0,59}")
_PLACE = _text(r"[\w.<>-]{1,80}:[0-9]{1,7}( [\w.<>]{1,80})?")
_DIGEST = _text(r"[0-9a-f]{8,64}|[A-Za-z0-9_-]{43}")
_UUID = _text(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_WHERE = _text(r"[A-Za-z0-9_.:/ \[\]()-]{0,160}")
_NAME = _text(r"[A-Za-z_][A-Za-z0-9_.]{0,99}")
_FLAG: Shape = lambda value: isinstance(value, bool)  # noqa: E731 - a shape like the others

SAFE_KEYS: dict[str, Shape] = {
    "event": _LABEL,
    "level": _LABEL,
    "timestamp": _text(r"[0-9TZ:.+-]{10,40}"),
    "daemon": _LABEL,
    "version": _text(r"[0-9A-Za-z.+-]{1,40}"),
    # who and where
    "node": _LABEL,
    "member": _LABEL,
    "from_member": _LABEL,
    "to_member": _LABEL,
    "via": _LABEL,
    "desk": _LABEL,
    "officer": _text(r"[0-9]{1,20}"),
    "role": _LABEL,
    "lane": _LABEL,
    "address": _text(r"[A-Za-z0-9_.:\[\]%-]{1,120}"),
    "path": _text(r"[\w./ ~-]{1,200}"),
    # what
    "method": _text(r"/[A-Za-z0-9_.]{1,100}/[A-Za-z0-9_]{1,60}"),
    "kind": _text(r"[a-z][a-z.-]{0,40}/[0-9]{1,3}"),
    "action": _LABEL,
    "name": _LABEL,
    "state": _LABEL,
    "outcome": _LABEL,
    "envelope": _DIGEST,
    "statement": _DIGEST,
    "certificate": _DIGEST,
    "policy": _DIGEST,
    "head": _DIGEST,
    "call": _DIGEST,
    "thread": _UUID,
    "jti": _UUID,
    # what went wrong
    "code": _LABEL,
    "reason": _LABEL,
    "where": _WHERE,
    "error": _NAME,
    "logger": _NAME,
    "at": _places,
    "words": _words,
    "remedy": _words,
    # how much
    **dict.fromkeys(
        (
            "attempt",
            "bytes",
            "count",
            "dropped",
            "epoch",
            "expires_at",
            "index",
            "line",
            "port",
            "queued",
            "retry_after_seconds",
            "seconds",
            "seq",
            "sequence",
            "signal",
            "size",
        ),
        _number,
    ),
    "exercise": _FLAG,
}
"""Every key that a log line may have, and the shape of its value. Anything else is not written."""

SAFE_LABELS = frozenset(
    {
        "member",
        "method",
        "lane",
        "code",
        "reason",
        "role",
        "direction",
        "state",
        "via",
        "desk",
        "paper",
        "place",
    }
)
"""Labels that a metric may have; none of them carries content."""

_PLACES_KEPT = 12


def configure_logging(daemon: str, stream: BinaryIO, *, level: int = logging.INFO) -> None:
    """Send every log line of the process to `stream` as one JSON object, through the allow-list.

    Args:
        daemon: name of the program in each line, such as "relay".
        stream: an unbuffered binary stream: `sys.stderr.buffer` or a file opened to append.
        level: lines below are not written.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _name_daemon(daemon),
            describe_exception,
            keep_safe,
            structlog.processors.JSONRenderer(serializer=orjson.dumps),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.BytesLoggerFactory(cast("BinaryIO", _PatientStream(stream))),
        cache_logger_on_first_use=False,
    )
    logging.root.handlers[:] = [_LibraryLines()]
    logging.root.setLevel(max(level, logging.WARNING))
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_uncaught


def keep_safe(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Return `line` with only known keys; a value of another shape becomes its type and length."""
    kept = {key: _shown(key, value) for key, value in line.items() if key in SAFE_KEYS}
    dropped = len(line) - len(kept)
    return {**kept, "dropped": dropped} if dropped else kept


def describe_exception(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Replace `exc_info` by type, code and places in the sources; the words are not written."""
    exception = _exception_of(line.pop("exc_info", None))
    if exception is None:
        return line
    line.update(error=type(exception).__name__, at=_places_of(exception))
    if isinstance(exception, TracepostError):
        line.update(code=exception.code, reason=exception.reason, where=exception.where)
    if isinstance(exception, ConfigurationError):  # about what the operator wrote, for the operator to read
        line.update(words=_Words(exception.message), remedy=_Words(exception.what_to_do))
    return line


class Meter:
    """Makes the metrics of one daemon in one registry."""

    def __init__(self, daemon: str) -> None:
        self.registry = CollectorRegistry()
        self._prefix = f"tracepost_{daemon}"
        ProcessCollector(namespace=self._prefix, registry=self.registry)

    def counter(self, name: str, words: str, labels: Sequence[str] = ()) -> Counter:
        """Return a counter; raise `ConfigurationError` for a label that is not safe."""
        return Counter(f"{self._prefix}_{name}", words, self._safe(labels), registry=self.registry)

    def gauge(self, name: str, words: str, labels: Sequence[str] = ()) -> Gauge:
        """Return a gauge; raise `ConfigurationError` for a label that is not safe."""
        return Gauge(f"{self._prefix}_{name}", words, self._safe(labels), registry=self.registry)

    def histogram(self, name: str, words: str, labels: Sequence[str] = ()) -> Histogram:
        """Return a histogram of seconds; raise `ConfigurationError` for a label that is not safe."""
        return Histogram(f"{self._prefix}_{name}", words, self._safe(labels), registry=self.registry)

    def board(self) -> Board:
        """Return a place for gauges that are set together."""
        return Board(self._prefix, self.registry)

    @staticmethod
    def _safe(labels: Sequence[str]) -> Sequence[str]:
        return check_labels(labels)


def check_labels(labels: Sequence[str]) -> Sequence[str]:
    """Return `labels`; raise `ConfigurationError` for one that is not safe."""
    if not SAFE_LABELS.issuperset(labels):
        raise ConfigurationError("a metric has a label that may carry content", where="telemetry")
    return labels


@dataclass(frozen=True, slots=True)
class Reading:
    """One gauge as it was looked at: a value by the values of its labels."""

    name: str
    words: str
    labels: tuple[str, ...]
    values: Mapping[Any, float]


class Board:
    """Gauges that are looked at together and shown together: what is no longer read is no longer shown."""

    def __init__(self, prefix: str, registry: CollectorRegistry) -> None:
        self._prefix = prefix
        self._shown: tuple[Metric, ...] = ()
        registry.register(self)

    def show(self, readings: Sequence[Reading]) -> None:
        """Put `readings` in the place of those before; raise `ConfigurationError` for a label that is not safe."""
        self._shown = tuple(map(self._family, readings))

    def collect(self) -> Iterator[Metric]:
        """Give what is shown (interface of prometheus_client)."""
        yield from self._shown

    def _family(self, reading: Reading) -> Metric:
        family = GaugeMetricFamily(
            f"{self._prefix}_{reading.name}", reading.words, labels=check_labels(reading.labels)
        )
        for labels, value in sorted(reading.values.items()):
            family.add_metric(labels, value)
        return family


class _PatientStream:
    """A line that a full disk does not take is lost; the daemon must outlive it, and say so when there is room."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._is_cut = False

    def write(self, line: bytes) -> int:
        with contextlib.suppress(OSError):
            if self._is_cut:  # there was room for some of the last line: nothing is glued to it
                self._stream.write(b"\n")
                self._is_cut = False
            written = self._stream.write(line) or 0
            self._is_cut = 0 < written < len(line)
        return len(line)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            self._stream.flush()


class _LibraryLines(logging.Handler):
    """Lines of libraries: where they come from, not what they say, for they may repeat our data."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger().log(
            min(record.levelno, logging.ERROR),
            "library-line",
            logger=record.name,
            at=[f"{record.filename}:{record.lineno}"],
            exc_info=record.exc_info,
        )


def _name_daemon(daemon: str) -> Callable[[WrappedLogger, str, EventDict], EventDict]:
    def name(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
        line["daemon"] = daemon
        return line

    return name


def _shown(key: str, value: object) -> object:
    if SAFE_KEYS[key](value):
        return value
    length = f" {len(value)}" if isinstance(value, str | bytes | bytearray | list | tuple | dict) else ""
    return f"<{type(value).__name__}{length}>"


def _exception_of(exc_info: Any) -> BaseException | None:
    if exc_info is True:
        return sys.exc_info()[1]
    if isinstance(exc_info, tuple):
        return exc_info[1] if isinstance(exc_info[1], BaseException) else None
    return exc_info if isinstance(exc_info, BaseException) else None


def _places_of(exception: BaseException) -> list[str]:
    frames = traceback.extract_tb(exception.__traceback__)[-_PLACES_KEPT:]
    return [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames]


def _log_uncaught(_kind: type[BaseException], exception: BaseException, _where: TracebackType | None) -> None:
    structlog.get_logger().critical("uncaught", exc_info=exception)
