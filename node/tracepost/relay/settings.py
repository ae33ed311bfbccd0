"""What the operator writes down for a relay: `relay.toml`, read once, checked, then passed in.

    member = "hub"
    domain = "tracepost.example"

    [listen]
    post = "0.0.0.0:7100"           # members' nodes
    metrics = "127.0.0.1:7102"      # leave out for none

    [trust]
    fingerprint = "…"               # of the first trust list, from somebody whom the operator believes

    [quota]                         # all may be left out
    sender_envelopes = 20000        # what may wait of one sender's mail
    sender_mebibytes = 4096         # attachments included
    mailbox_envelopes = 50000       # what may wait for one addressee
    mailbox_mebibytes = 8192
    attachments_mebibytes = 51200   # what attachments of all members may have together

    [notices]                       # who is told by mail that a member's node is not seen; `serving.notices`
    smtp = "smtp.example:587"
    sender = "tracepost@hub.example"
    to = ["operator@hub.example"]   # always told too
    unseen_hours = 4
    waiting_hours = 24

    [notices.contacts]              # goes before the technical contact of the member's directory entry
    xaa = "operator@xaa.example"

    [drain]
    seconds = 20                    # how long a stop waits for calls in flight

    [store]
    url = "postgresql://…"          # leave out for a file beside this one; several processes may name one database
    takeover_seconds = 10           # after how long without a sign of life another process of the relay goes on

    [attachments]
    folder = "…"                    # where all processes of the relay reach it; else beside this file

    [[neighbour]]                   # asked at each start which head of the relay's log they know: other relays,
    id = "hub-two"                  # and nodes that can be dialled; none: those are asked who dial the relay
    address = "relay.hub-two.example:7100"

Beside it lie `keys/` (node.key, node.pem, log.key), `trust.json`, `store.sqlite`, `attachments/` and `pouches/`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tracepost.protocol.errors import ConfigurationError, EvidenceError, InvalidInputError
from tracepost.protocol.evidence import Origin, parse_origin
from tracepost.protocol.ids import MemberId, parse_member
from tracepost.relay.lookout import LookoutSettings
from tracepost.relay.usage import Quota
from tracepost.serving.notices import is_mailbox, read_notices
from tracepost.serving.own_head import Place

CONFIG_NAME: Final = "relay.toml"
_MEBIBYTE: Final = 1024 * 1024
_DEFAULT_QUOTA: Final = {
    "sender_envelopes": 20_000,
    "sender_mebibytes": 4096,
    "mailbox_envelopes": 50_000,
    "mailbox_mebibytes": 8192,
    "attachments_mebibytes": 51_200,
}
_DEFAULT_HOURS: Final = {"unseen_hours": 4, "waiting_hours": 24}


@dataclass(frozen=True, slots=True)
class RelaySettings:
    """A relay's settings; paths are relative to the folder of `relay.toml`."""

    folder: Path
    member: MemberId
    domain: str
    post_address: str
    metrics_address: str
    trust_fingerprint: str
    per_sender: Quota
    per_mailbox: Quota
    attachments_bytes: int
    drain_seconds: float
    lookout: LookoutSettings
    neighbours: tuple[Place, ...] = ()
    database_url: str = ""
    takeover_seconds: int = 10
    attachments_folder: str = ""

    @property
    def keys_path(self) -> Path:
        """The folder of private keys."""
        return self.folder / "keys"

    @property
    def key_path(self) -> Path:
        """Private key of the node certificate, PEM."""
        return self.keys_path / "node.key"

    @property
    def chain_path(self) -> Path:
        """Node certificate and its intermediates, PEM, leaf first."""
        return self.folder / "keys" / "node.pem"

    @property
    def log_key_path(self) -> Path:
        """Private key of the log, as text (skey)."""
        return self.folder / "keys" / "log.key"

    @property
    def crl_path(self) -> Path:
        """The newest revocation list of the relay's own authority, DER; need not be there."""
        return self.folder / "keys" / "own.crl"

    @property
    def trust_path(self) -> Path:
        """The newest trust list that the operator has brought."""
        return self.folder / "trust.json"

    @property
    def store_path(self) -> Path:
        """The SQLite file."""
        return self.folder / "store.sqlite"

    @property
    def store_url(self) -> str:
        """The address of the store: of a PostgreSQL, or of the file."""
        return self.database_url or f"sqlite:///{self.store_path}"

    @property
    def attachments_path(self) -> Path:
        """The folder of attachments that wait, encrypted as they came."""
        return self.folder / (self.attachments_folder or "attachments")

    @property
    def pouches_path(self) -> Path:
        """The folder where files of pouches lie while they are made or taken in."""
        return self.folder / "pouches"

    @property
    def log_origin(self) -> Origin:
        """The name of the relay's first log; others may have followed it (`tracepost log recover`)."""
        return Origin(self.member, self.domain, 1)


def load_settings(path: Path) -> RelaySettings:
    """Return the settings in the TOML file at `path`; raise `ConfigurationError` naming the place."""
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigurationError("the configuration cannot be read", where=str(path)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError("the configuration is not TOML", where=str(path)) from error
    return parse_settings(table, path.parent.resolve())


def parse_settings(table: dict[str, Any], folder: Path) -> RelaySettings:
    """Return the settings that `table` holds; raise `ConfigurationError` naming the place."""
    listen, quota = _section(table, "listen"), _read_quota(_section(table, "quota"))
    store = _section(table, "store")
    return RelaySettings(
        folder=folder,
        member=_read_member(table),
        domain=_read_domain(table),
        post_address=_text(listen, "post", "listen."),
        metrics_address=_text(listen, "metrics", "listen.", default=""),
        trust_fingerprint=_text(_section(table, "trust"), "fingerprint", "trust.", default=""),
        per_sender=Quota(quota["sender_envelopes"], quota["sender_mebibytes"] * _MEBIBYTE),
        per_mailbox=Quota(quota["mailbox_envelopes"], quota["mailbox_mebibytes"] * _MEBIBYTE),
        attachments_bytes=quota["attachments_mebibytes"] * _MEBIBYTE,
        lookout=_read_lookout(_section(table, "notices")),
        drain_seconds=float(_section(table, "drain").get("seconds", 20)),
        neighbours=tuple(_read_neighbours(table)),
        database_url=_read_database(store),
        takeover_seconds=_read_takeover(store),
        attachments_folder=_text(_section(table, "attachments"), "folder", "attachments.", default=""),
    )


def _read_database(store: dict[str, Any]) -> str:
    url = _text(store, "url", "store.", default="")
    scheme, separator, rest = url.partition("://")
    if url and (not separator or scheme not in ("postgresql", "postgresql+psycopg")):
        raise ConfigurationError("the address of a PostgreSQL: postgresql://…", where="store.url")
    return f"postgresql+psycopg://{rest}" if url else ""


def _read_takeover(store: dict[str, Any]) -> int:
    seconds = store.get("takeover_seconds", 10)
    if type(seconds) is not int or not 2 <= seconds <= 600:
        raise ConfigurationError("a number of seconds from 2 to 600", where="store.takeover_seconds")
    return seconds


def _read_neighbours(table: dict[str, Any]) -> Iterator[Place]:
    rows = table.get("neighbour", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ConfigurationError("these are sections: [[neighbour]]", where="neighbour")
    for number, row in enumerate(rows):
        place = f"neighbour.{number}."
        address = _text(row, "address", place)
        if not address.rpartition(":")[2].isdigit():
            raise ConfigurationError("an address is written host:port", where=f"{place}address")
        try:
            yield parse_member(_text(row, "id", place)), address
        except InvalidInputError as error:
            raise ConfigurationError(error.message, where=f"{place}id") from error


def _read_lookout(section: dict[str, Any]) -> LookoutSettings:
    notices = read_notices(section, others=(*_DEFAULT_HOURS, "contacts"))
    hours = {name: section.get(name, default) for name, default in _DEFAULT_HOURS.items()}
    for name, value in hours.items():
        if type(value) is not int or value < 1:
            raise ConfigurationError("a whole number above zero is needed here", where=f"notices.{name}")
    contacts = _section(section, "contacts")
    for member, mailbox in contacts.items():
        if not is_mailbox(mailbox):
            raise ConfigurationError("a mail address is needed here", where=f"notices.contacts.{member}")
    known = {MemberId(member): mailbox for member, mailbox in contacts.items()}
    return LookoutSettings(hours["unseen_hours"] * 3600, hours["waiting_hours"] * 3600, known, notices)


def _section(table: dict[str, Any], name: str) -> dict[str, Any]:
    section = table.get(name, {})
    if not isinstance(section, dict):
        raise ConfigurationError("this is a section", where=name)
    return section


def _text(table: dict[str, Any], name: str, place: str = "", default: str | None = None) -> str:
    value = table.get(name, default)
    if not isinstance(value, str) or (default is None and not value):
        raise ConfigurationError("a text is needed here", where=f"{place}{name}")
    return value


def _read_member(table: dict[str, Any]) -> MemberId:
    try:
        return parse_member(_text(table, "member"))
    except InvalidInputError as error:
        raise ConfigurationError(error.message, where="member") from error


def _read_domain(table: dict[str, Any]) -> str:
    domain = _text(table, "domain")
    try:
        parse_origin(str(Origin(_read_member(table), domain, 1)))
    except EvidenceError as error:
        raise ConfigurationError("not a domain name", where="domain") from error
    return domain


def _read_quota(section: dict[str, Any]) -> dict[str, int]:
    unknown = section.keys() - _DEFAULT_QUOTA.keys()
    if unknown:
        raise ConfigurationError("there is no such setting", where=f"quota.{min(unknown)}")
    quota = {**_DEFAULT_QUOTA, **section}
    for name, value in quota.items():
        if type(value) is not int or value < 1:
            raise ConfigurationError("a whole number above zero is needed here", where=f"quota.{name}")
    return quota
