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
from typing import Any, Final
from zoneinfo import ZoneInfo

from tracepost.locale import choose, has
from tracepost.node.telling.roster import DAY_MINUTES, EVERY_DAY, Duty, Roster
from tracepost.protocol.errors import ConfigurationError
from tracepost.protocol.ids import DeskId
from tracepost.serving.notices import NoticeSettings, is_mailbox

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_LINE: Final = re.compile(r"[!-~]{1,200}")
KNOWN: Final[Mapping[str, frozenset[str]]] = {
    "told": frozenset({"console", "desk", "officer"}),
    "told.desk": frozenset(
        {
            "desk",
            "language",
            "time_zone",
            "minutes_between",
            "unopened_hours",
            "due_days",
            "webhook",
            "webhook_secret_file",
            "duty",
        }
    ),
    "told.desk.duty": frozenset({"to", "days", "from", "until", "urgent_only", "deputy"}),
    "told.officer": frozenset({"number", "to"}),
}
"""The settings that are read here, by section."""
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


def read_told(table: object, notices: NoticeSettings, desks: Collection[DeskId]) -> ToldSettings:
    """Return the settings of the section [told].

    Args:
        table: the section as it was written.
        notices: the mail server that mails go by.
        desks: of the member.

    Raises:
        ConfigurationError: a setting is unknown, of another type, lacks its companion, or nobody could be reached.
    """
    section = _table(table, "told")
    _known(section, "told")
    console = _text(section, "console", "told")
    if console and not _is_web(console):
        raise ConfigurationError("a web address (https) is needed here", where="told.console")
    rows = [_desk(_table(row, "told.desk"), notices) for row in _rows(section, "desk", "told")]
    officers = [_officer(_table(row, "told.officer"), notices) for row in _rows(section, "officer", "told")]
    for one in rows:
        if one.desk not in desks:
            raise ConfigurationError("there is no such desk", where="told.desk.desk")
    if len({one.desk for one in rows}) < len(rows) or len(dict(officers)) < len(officers):
        raise ConfigurationError("a desk or officer stands here once", where="told")
    return ToldSettings(tuple(rows), tuple(officers), console)


def _desk(row: Mapping[str, Any], notices: NoticeSettings) -> ToldDesk:
    where = "told.desk"
    _known(row, where)
    language, webhook = _text(row, "language", where, "en"), _text(row, "webhook", where)
    if not has(language):
        raise ConfigurationError("this language is not spoken here", where=f"{where}.language")
    if webhook and not _is_web(webhook):
        raise ConfigurationError("a web address (https) is needed here", where=f"{where}.webhook")
    secret = _text(row, "webhook_secret_file", where)
    if secret and not webhook:
        raise ConfigurationError("it goes with webhook", where=f"{where}.webhook_secret_file")
    duties = tuple(_duty(_table(one, f"{where}.duty"), notices) for one in _rows(row, "duty", where))
    if not webhook and not any(not one.deputy for one in duties):
        raise ConfigurationError(
            "nobody would be told",
            where=f"{where}.duty",
            remedy="Add [[told.desk.duty]] with `to`, or a webhook.",
        )
    return ToldDesk(
        DeskId(_text(row, "desk", where)),
        Roster(_zone(_text(row, "time_zone", where, "UTC")), duties),
        choose([language]),
        _number(row, "minutes_between", where, 60, _LONGEST_MINUTES),
        _number(row, "unopened_hours", where, 4, _LONGEST_HOURS),
        _number(row, "due_days", where, 3, _MOST_DAYS),
        webhook,
        secret,
    )


def _duty(row: Mapping[str, Any], notices: NoticeSettings) -> Duty:
    where = "told.desk.duty"
    _known(row, where)
    to, days = _list(row, "to", where), _list(row, "days", where)
    if not to or not all(map(is_mailbox, to)):
        raise ConfigurationError("a list of mail addresses is needed here", where=f"{where}.to")
    _require_server(notices, f"{where}.to")
    if not set(days) <= set(_DAYS):
        raise ConfigurationError(f"days are of: {', '.join(_DAYS)}", where=f"{where}.days")
    if ("from" in row) != ("until" in row):
        raise ConfigurationError("from and until go together", where=f"{where}.from")
    begins, ends = _clock(row, "from", "00:00"), _clock(row, "until", "24:00")
    urgent_only, deputy = _switch(row, "urgent_only"), _switch(row, "deputy")
    of_week = frozenset(map(_DAYS.index, days)) or EVERY_DAY
    return Duty(tuple(to), of_week, begins, ends, urgent_only, deputy)


def _officer(row: Mapping[str, Any], notices: NoticeSettings) -> tuple[str, str]:
    where = "told.officer"
    _known(row, where)
    number, to = _text(row, "number", where), _text(row, "to", where)
    if not number:
        raise ConfigurationError("the number of an officer is needed here", where=f"{where}.number")
    if not is_mailbox(to):
        raise ConfigurationError("a mail address is needed here", where=f"{where}.to")
    _require_server(notices, f"{where}.to")
    return number, to


def _require_server(notices: NoticeSettings, where: str) -> None:
    if not notices.smtp:
        raise ConfigurationError(
            "mail goes by a server that is not named",
            where=where,
            remedy="Name it: smtp and sender in [notices].",
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
    except (OSError, ValueError) as error:  # an unknown one is a KeyError and an OSError by turns
        raise ConfigurationError(_NO_ZONE, where="told.desk.time_zone") from error
    except KeyError as error:
        raise ConfigurationError(_NO_ZONE, where="told.desk.time_zone") from error


_NO_ZONE: Final = "there is no such time zone on this machine; they are written as Europe/Paris"


def _clock(row: Mapping[str, Any], name: str, default: str) -> int:
    value = row.get(name, default)
    if value == "24:00":
        return DAY_MINUTES
    found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ConfigurationError('a time is written "08:30"', where=f"told.desk.duty.{name}")
    return int(found[1]) * 60 + int(found[2])


def _switch(row: Mapping[str, Any], name: str) -> bool:
    value = row.get(name, False)
    if not isinstance(value, bool):
        raise ConfigurationError("true or false is meant", where=f"told.desk.duty.{name}")
    return value


def _number(row: Mapping[str, Any], name: str, where: str, default: int, most: int) -> int:
    value = row.get(name, default)
    if type(value) is not int or not 1 <= value <= most:
        raise ConfigurationError(f"a whole number from 1 to {most} is needed here", where=f"{where}.{name}")
    return value


def _text(row: Mapping[str, Any], name: str, where: str, default: str = "") -> str:
    value = row.get(name, default)
    if not isinstance(value, str):
        raise ConfigurationError("a text is needed here", where=f"{where}.{name}")
    return value


def _list(row: Mapping[str, Any], name: str, where: str) -> list[Any]:
    value = row.get(name, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ConfigurationError("a list of texts is needed here", where=f"{where}.{name}")
    return value


def _rows(table: Mapping[str, Any], name: str, where: str) -> list[Any]:
    value = table.get(name, [])
    if not isinstance(value, list):
        raise ConfigurationError(f"sections [[{where}.{name}]] are needed here", where=f"{where}.{name}")
    return value


def _table(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ConfigurationError("a section is needed here", where=where)
    return value


def _known(row: Mapping[str, Any], where: str) -> None:
    if strange := row.keys() - KNOWN[where]:
        raise ConfigurationError("there is no such setting", where=f"{where}.{min(strange)}")
