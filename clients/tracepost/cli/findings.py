"""A finding of `tracepost doctor`: what was looked at, how it is, what it means, and what to do."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from tracepost.cli.remedies import what_to_do
from tracepost.cli.render.fields import when
from tracepost.cli.words import _, plural
from tracepost.protocol.errors import TracepostError

DAY_SECONDS = 86400
WARN_DAYS = 30
_DISK_WARN_BYTES, _DISK_FAIL_BYTES = 2 * 1024**3, 256 * 1024**2


class Level(enum.StrEnum):
    """How it is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the examination: what was looked at, how it is, in words, and what to do."""

    subject: str
    level: Level
    words: str
    remedy: str = ""


def look_at_disk(subject: str, free_bytes: int) -> Finding:
    """Say whether there is room."""
    words = f"{free_bytes / 1024**3:.1f} GiB {_('free')}"
    if free_bytes >= _DISK_WARN_BYTES:
        return Finding(subject, Level.OK, words)
    level = Level.FAIL if free_bytes < _DISK_FAIL_BYTES else Level.WARN
    return Finding(subject, level, words, _("Make room; a full disk stops the post."))


def expiry(subject: str, at: int, now: int, warn_days: int = WARN_DAYS) -> Finding:
    """Say when something ends, and whether that is soon."""
    days = (at - now) // DAY_SECONDS
    if at <= now:
        return Finding(subject, Level.FAIL, when(at), _("It has expired: get a new one from your authority."))
    words = f"{when(at)} ({plural('in {n} day', 'in {n} days', days)})"
    if days < warn_days:
        return Finding(subject, Level.WARN, words, _("Renew it soon."))
    return Finding(subject, Level.OK, words)


def failed(subject: str, fault: TracepostError) -> Finding:
    """Say what a refusal says."""
    words = f"{fault.message} {fault.where}".strip()
    return Finding(subject, Level.FAIL, words, what_to_do(fault))
