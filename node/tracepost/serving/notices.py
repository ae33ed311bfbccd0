"""Notices to operators: short mail without content, over SMTP, and the same as JSON to a web address.

    [notices]
    smtp = "smtp.example:587"
    sender = "tracepost@hub.example"
    to = ["operator@hub.example"]            # whose daemon it is
    tls = "starttls"                         # or "tls", or "none" for a server on this machine
    login = "hub"                            # with `password_file`; both may be left out
    password_file = "/etc/tracepost/smtp"
    webhook = "https://alerts.example/tracepost"

A notice says which daemon, what kind of thing, of which member and since when; never with whom a member
exchanges mail, how much, or about what: the road of mail between offices is not ours, and not sealed.
What cannot be sent is logged and tried again by who wanted it sent, by the road that is missing. A server that
cannot be reached is left alone for five minutes: nobody waits for it once more for each notice. Whatever a server
answers, the daemon goes on. A web address that sends us elsewhere has not taken the notice, and is not followed.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import smtplib
import ssl
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from functools import partial
from pathlib import Path
from typing import Any, Final

import orjson
import structlog

from tracepost.protocol.errors import ConfigurationError
from tracepost.protocol.settings import Section

_log = structlog.get_logger()

_WITHIN_S: Final = 30.0
_REST_S: Final = 300.0
_HALF_SENT: Final = 1024
ANSWERED: Final = (
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPSenderRefused,
    smtplib.SMTPDataError,
    smtplib.SMTPNotSupportedError,
)
"""The server was there, and did not take this one notice."""
_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,189}")
_THIS_MACHINE: Final = ("localhost", "127.0.0.1", "[::1]")
_TLS: Final = ("starttls", "tls", "none")


@dataclass(frozen=True, slots=True)
class NoticeSettings:
    """Where notices go; nothing said: nowhere."""

    smtp: str = ""
    sender: str = ""
    to: tuple[str, ...] = ()
    tls: str = "starttls"
    login: str = ""
    password_file: str = field(default="", repr=False)
    webhook: str = field(default="", repr=False)  # such addresses often hold a secret
    ca_file: str = ""

    @property
    def is_on(self) -> bool:
        """Whether anybody is told of anything."""
        return bool(self.smtp or self.webhook)


NO_NOTICES: Final = NoticeSettings()


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told: `kind` and the rest for machines, `subject` and `text` for people."""

    daemon: str
    kind: str
    subject: str
    text: str
    member: str = ""
    since: int = 0


def read_notices(section: Section) -> NoticeSettings:
    """Return the settings of a section [notices]; what else the caller reads in it, he asks for himself.

    Raises:
        ConfigurationError: a setting is of another type, or lacks its companion.
    """
    standard = NoticeSettings()
    to = section.texts("to")
    if not all(is_mailbox(one) for one in to):
        raise section.refusal("to", "a list of mail addresses is needed here")
    settings = NoticeSettings(
        smtp=section.text("smtp", ""),
        sender=section.text("sender", ""),
        to=to,
        tls=section.text("tls", standard.tls),
        login=section.text("login", ""),
        password_file=section.text("password_file", ""),
        webhook=section.text("webhook", ""),
        ca_file=section.text("ca_file", ""),
    )
    _check(settings)
    return settings


def is_mailbox(value: object) -> bool:
    """Say whether `value` is one plain mail address: no name beside it, no second one, nothing quoted.

    Others write them too, and what reads the lines of a mail fails in ways of its own on what is no address.
    """
    return isinstance(value, str) and _MAILBOX.fullmatch(value) is not None


class Notifier:
    """Sends notices, one at a time; one per daemon."""

    def __init__(
        self, settings: NoticeSettings, folder: Path, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._folder = folder
        self._monotonic = monotonic
        self._not_before: dict[str, float] = {}
        self._went: dict[Notice, frozenset[str]] = {}

    async def send(self, notice: Notice, to: Sequence[str]) -> bool:
        """Send `notice` to these mail addresses and to the web address; return whether all of that went."""
        return await asyncio.to_thread(self._send, notice, to)

    def _send(self, notice: Notice, to: Sequence[str]) -> bool:
        roads: dict[str, Callable[[], None]] = {}
        if self._settings.smtp and to:
            roads["mail"] = partial(self._mail, notice, to)
        if self._settings.webhook:
            roads["webhook"] = partial(self._post, notice)
        went = self._went.pop(notice, frozenset())
        went |= {name for name, job in roads.items() if name not in went and self._attempt(name, job)}
        if went >= roads.keys():
            return True
        if went and len(self._went) < _HALF_SENT:
            self._went[notice] = went
        return False

    def _attempt(self, road: str, job: Callable[[], None]) -> bool:
        if self._monotonic() < self._not_before.get(road, 0.0):
            return False
        try:
            job()
        except Exception as error:  # noqa: BLE001 - strangers' servers answer anything; the daemon goes on
            _log.warning("notice-not-sent", state=road, error=type(error).__name__)
            if not isinstance(error, ANSWERED):
                self._not_before[road] = self._monotonic() + _REST_S
            return False
        return True

    def _mail(self, notice: Notice, to: Sequence[str]) -> None:
        send_mail(self._settings, self._folder, Letter(tuple(to), notice.subject, notice.text))

    def _post(self, notice: Notice) -> None:
        said = {
            "daemon": notice.daemon,
            "kind": notice.kind,
            "member": notice.member,
            "since": notice.since,
            "words": notice.subject,
        }
        post_json(self._settings, self._folder, self._settings.webhook, said)


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail; `id` is the left side of its Message-ID, the same whenever it is sent again, empty: a new one."""

    to: tuple[str, ...] = field(repr=False)
    subject: str
    text: str
    id: str = ""


def send_mail(settings: NoticeSettings, folder: Path, letter: Letter) -> None:
    """Give a mail to the mail server; blocks for half a minute at most where nobody answers.

    Args:
        settings: the server.
        folder: that paths of the settings are relative to.
        letter: what goes, to whom.

    Raises what is wrong, of whatever type; one of `ANSWERED` where the server was there and did not take this one.
    """
    domain = settings.sender.rpartition("@")[2]
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = settings.sender, ", ".join(letter.to), letter.subject
    message["Date"] = formatdate()
    message["Message-ID"] = f"<{letter.id}@{domain}>" if letter.id else make_msgid(domain=domain)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: absence notes do not answer it
    message.set_content(letter.text)
    with connect_mail(settings, folder) as smtp:
        smtp.send_message(message, settings.sender, list(letter.to))


@contextlib.contextmanager
def connect_mail(settings: NoticeSettings, folder: Path) -> Iterator[smtplib.SMTP]:
    """Give a connection to the mail server, after its login; raises what is wrong, of whatever type."""
    host, _, port = settings.smtp.rpartition(":")
    if settings.tls == "tls":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(
            host, int(port), timeout=_WITHIN_S, context=_trust(settings, folder)
        )
    else:
        smtp = smtplib.SMTP(host, int(port), timeout=_WITHIN_S)
    try:
        if settings.tls == "starttls":
            smtp.starttls(context=_trust(settings, folder))
        if settings.login:
            smtp.login(settings.login, (folder / settings.password_file).read_text("utf-8").strip())
        yield smtp
        smtp.quit()
    finally:
        smtp.close()  # also where the other side was not believed: it is not waited for


def post_json(
    settings: NoticeSettings, folder: Path, address: str, said: Mapping[str, Any], bearer: str = ""
) -> None:
    """Post `said` to a web address; blocks for half a minute at most where nobody answers.

    Args:
        settings: who vouches for servers.
        folder: that paths of the settings are relative to.
        address: it was checked with the settings.
        said: what goes, as JSON.
        bearer: the token that shows who we are; empty: none.

    Raises what is wrong, of whatever type; an answer that is no success, or sends us elsewhere, is one.
    """
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {bearer}"} if bearer else {})
    request = urllib.request.Request(address, orjson.dumps(said), headers)  # noqa: S310 - see `address`
    secure = urllib.request.HTTPSHandler(context=_trust(settings, folder))
    with urllib.request.build_opener(secure, _NoOtherPlace).open(request, timeout=_WITHIN_S) as answer:
        answer.read(1)


def _trust(settings: NoticeSettings, folder: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(folder / settings.ca_file) if settings.ca_file else None)


class _NoOtherPlace(urllib.request.HTTPRedirectHandler):
    """Goes nowhere else: the words would be left behind on the way, and the place is somebody else's choice."""

    def redirect_request(self, *_: Any) -> None:
        """Refuse: the answer is the error that it is."""


def _check(settings: NoticeSettings) -> None:
    if settings.tls not in _TLS:
        raise ConfigurationError("one of starttls, tls, none is needed here", where="notices.tls")
    host, _, port = settings.smtp.rpartition(":")
    if settings.smtp and not (host and port.isdecimal() and 0 < int(port) < 65536):
        raise ConfigurationError("host:port is needed here", where="notices.smtp")
    if settings.smtp and not is_mailbox(settings.sender):
        raise ConfigurationError("a mail address is needed here", where="notices.sender")
    if bool(settings.login) != bool(settings.password_file):
        raise ConfigurationError("login and password_file go together", where="notices.login")
    if settings.login and settings.tls == "none" and host not in _THIS_MACHINE:
        raise ConfigurationError(
            "a password goes to another machine over TLS only",
            where="notices.tls",
            remedy="Set starttls or tls.",
        )
    parts = urllib.parse.urlsplit(settings.webhook)
    if settings.webhook and (parts.scheme not in ("https", "http") or not parts.hostname):
        raise ConfigurationError("a web address is needed here", where="notices.webhook")
