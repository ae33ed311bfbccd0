"""Who is told that something waits, as the operator writes it in `node.toml`.

[told]                                   # leave out, and no officer is told
console = "https://console.xaa.example"  # stands in each mail; leave out: no address does

[[told.desk]]
desk = "poc"
language = "fr"                          # of the mail: en, fr, es, ar, ru, zh; leave out: en
time_zone = "Europe/Paris"               # of the hours below; leave out: UTC
minutes_between = 60                     # one telling in so long; of urgent items at once
unopened_hours = 4                       # then a deputy is told
due_days = 3                             # so many days before its day an answer that we owe is told
webhook = "https://pager.xaa.example/tracepost"
webhook_secret_file = "pager.secret"     # goes along as a bearer token

[[told.desk.duty]]                       # who is told when; leave out, and the webhook is at every hour
to = ["duty@xaa.example"]                # by the mail server of [notices]
days = ["mon", "tue", "wed", "thu", "fri"]   # leave out: every day
from = "08:00"
until = "18:00"                          # leave out both: all day

[[told.desk.duty]]
to = ["night@xaa.example"]
urgent_only = true

[[told.officer]]                         # where an officer is told who acts for a desk as its deputy
number = "0012"
to = "officer-12@xaa.example"
"""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

from tracepost.locale import choose, has
from tracepost.node.telling.roster import DAY_MINUTES, EVERY_DAY, Duty, Roster
from tracepost.protocol.errors import ConfigurationError, InvalidInputError
from tracepost.protocol.ids import DeskId
from tracepost.protocol.settings import Section
from tracepost.serving.notices import NoticeSettings, is_mailbox

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_LINE: Final = re.compile(r"[!-~]{1,200}")
_LONGEST_MINUTES: Final = 7 * DAY_MINUTES
_LONGEST_HOURS: Final = 24 * 31
_MOST_DAYS: Final = 31


@dataclass(frozen=True, slots=True)
class ToldDesk:
    """How a desk of ours is told."""

    desk: DeskId
    roster: Roster
    language: str = "en"
    minutes_between: int = 60
    unopened_hours: int = 4
    due_days: int = 3
    webhook: str = field(default="", repr=False)  # such addresses often hold a secret
    webhook_secret_file: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ToldSettings:
    """Which desks are told, and where officers are who act for one; no desk: nobody is told."""

    desks: tuple[ToldDesk, ...] = ()
    officers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    console: str = ""

    @property
    def names(self) -> frozenset[DeskId]:
        """The desks that are told."""
        return frozenset(one.desk for one in self.desks)

    def of(self, desk: DeskId) -> ToldDesk | None:
        """Return how a desk is told, None if it is not."""
        return next((one for one in self.desks if one.desk == desk), None)

    @property
    def due_days(self) -> Mapping[DeskId, int]:
        """How many days before its day an answer is due, by desk."""
        return {one.desk: one.due_days for one in self.desks}

    def addresses_of(self, numbers: Iterable[str]) -> tuple[str, ...]:
        """Return where these officers are told, of those that the settings name."""
        known = dict(self.officers)
        return tuple(dict.fromkeys(known[number] for number in numbers if number in known))


NOBODY_TOLD: Final = ToldSettings()


def read_told(section: Section, notices: NoticeSettings, desks: Collection[DeskId]) -> ToldSettings:
    """Return the settings of the section [told].

    Args:
        section: as it was written.
        notices: the mail server that mails go by.
        desks: of the member.

    Raises:
        ConfigurationError: a setting is of another type, lacks its companion, or nobody could be reached.
    """
    console = section.text("console", "")
    if console and not _is_web(console):
        raise section.refusal("console", "a web address (https) is needed here")
    rows = [_read_desk(row, notices, desks) for row in section.sections("desk")]
    officers = [_read_officer(row, notices) for row in section.sections("officer")]
    if len({one.desk for one in rows}) < len(rows) or len(dict(officers)) < len(officers):
        raise ConfigurationError("a desk or officer stands here once", where="told")
    return ToldSettings(tuple(rows), tuple(officers), console)


def _read_desk(row: Section, notices: NoticeSettings, desks: Collection[DeskId]) -> ToldDesk:
    desk = DeskId(row.text("desk", ""))
    if desk not in desks:
        raise row.refusal("desk", "there is no such desk")
    language, webhook = row.text("language", "en"), row.text("webhook", "")
    secret = row.text("webhook_secret_file", "")
    if not has(language):
        raise row.refusal("language", "this language is not spoken here")
    if webhook and not _is_web(webhook):
        raise row.refusal("webhook", "a web address (https) is needed here")
    if secret and not webhook:
        raise row.refusal("webhook_secret_file", "it goes with webhook")
    duties = tuple(_read_duty(one, notices) for one in row.sections("duty"))
    if not webhook and not any(not one.deputy for one in duties):
        raise row.refusal(
            "duty", "nobody would be told", remedy="Add [[told.desk.duty]] with `to`, or a webhook."
        )
    return ToldDesk(
        desk,
        Roster(row.read("time_zone", _zone, "UTC"), duties),
        choose([language]),
        row.number("minutes_between", 60, most=_LONGEST_MINUTES),
        row.number("unopened_hours", 4, most=_LONGEST_HOURS),
        row.number("due_days", 3, most=_MOST_DAYS),
        webhook,
        secret,
    )


def _read_duty(row: Section, notices: NoticeSettings) -> Duty:
    to, days = row.texts("to"), row.choices("days", _DAYS)
    if not to or not all(map(is_mailbox, to)):
        raise row.refusal("to", "a list of mail addresses is needed here")
    _require_server(notices, row)
    if row.has("from") != row.has("until"):
        raise row.refusal("from", "from and until go together")
    return Duty(
        to,
        frozenset(map(_DAYS.index, days)) or EVERY_DAY,
        row.read("from", _clock, "00:00"),
        row.read("until", _clock, "24:00"),
        row.flag("urgent_only", default=False),
        row.flag("deputy", default=False),
    )


def _read_officer(row: Section, notices: NoticeSettings) -> tuple[str, str]:
    number, to = row.text("number"), row.text("to")
    if not is_mailbox(to):
        raise row.refusal("to", "a mail address is needed here")
    _require_server(notices, row)
    return number, to


def _require_server(notices: NoticeSettings, row: Section) -> None:
    if not notices.smtp:
        raise row.refusal(
            "to", "mail goes by a server that is not named", remedy="Name it: smtp and sender in [notices]."
        )


def _is_web(address: str) -> bool:
    try:
        parts = urllib.parse.urlsplit(address)
        return parts.scheme == "https" and bool(parts.hostname) and _LINE.fullmatch(address) is not None
    except ValueError:
        return False


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:  # an unknown one is each of them by turns
        raise InvalidInputError(
            "there is no such time zone on this machine; they are written as Europe/Paris"
        ) from error


def _clock(text: str) -> int:
    if text == "24:00":
        return DAY_MINUTES
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise InvalidInputError('a time is written "08:30"')
    return int(found[1]) * 60 + int(found[2])
