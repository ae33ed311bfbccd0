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

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tracepost.protocol.errors import ConfigurationError, EvidenceError, InvalidInputError
from tracepost.protocol.evidence import Origin, parse_origin
from tracepost.protocol.ids import MemberId, parse_member
from tracepost.protocol.settings import Section, parse_toml
from tracepost.relay.lookout import LookoutSettings
from tracepost.relay.usage import Quota
from tracepost.serving.notices import is_mailbox, read_notices
from tracepost.serving.own_head import Place
from tracepost.serving.storage.settings import OWN_FILE, StoreSettings, read_store

CONFIG_NAME: Final = "relay.toml"
_MEBIBYTE: Final = 1024 * 1024


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
    drain_seconds: int
    lookout: LookoutSettings
    neighbours: tuple[Place, ...] = ()
    store: StoreSettings = OWN_FILE
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
        return self.store.url or f"sqlite:///{self.store_path}"

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
        data = path.read_bytes()
    except OSError as error:
        raise ConfigurationError("the configuration cannot be read", where=str(path)) from error
    return read_settings(parse_toml(data, str(path)), path.parent.resolve())


def read_settings(settings: Section, folder: Path) -> RelaySettings:
    """Return the settings of a `relay.toml` that stands in `folder`; raise `ConfigurationError` naming the place."""
    listen, quota, store = settings.section("listen"), settings.section("quota"), settings.section("store")
    member = settings.read("member", parse_member)
    read = RelaySettings(
        folder=folder,
        member=member,
        domain=settings.read("domain", lambda text: _domain(member, text)),
        post_address=listen.text("post"),
        metrics_address=listen.text("metrics", ""),
        trust_fingerprint=settings.section("trust").text("fingerprint", ""),
        per_sender=_read_quota(quota, "sender", 20_000, 4096),
        per_mailbox=_read_quota(quota, "mailbox", 50_000, 8192),
        attachments_bytes=quota.number("attachments_mebibytes", 51_200) * _MEBIBYTE,
        lookout=_read_lookout(settings.section("notices")),
        drain_seconds=settings.section("drain").number("seconds", 20, least=0),
        neighbours=tuple(map(_read_neighbour, settings.sections("neighbour"))),
        store=read_store(store),
        attachments_folder=settings.section("attachments").text("folder", ""),
    )
    settings.end()
    return read


def _domain(member: MemberId, text: str) -> str:
    try:
        parse_origin(str(Origin(member, text, 1)))
    except EvidenceError as error:
        raise InvalidInputError("not a domain name") from error
    return text


def _read_quota(quota: Section, whose: str, envelopes: int, mebibytes: int) -> Quota:
    return Quota(
        quota.number(f"{whose}_envelopes", envelopes),
        quota.number(f"{whose}_mebibytes", mebibytes) * _MEBIBYTE,
    )


def _read_neighbour(row: Section) -> Place:
    address = row.text("address")
    if not address.rpartition(":")[2].isdigit():
        raise row.refusal("address", "an address is written host:port")
    return row.read("id", parse_member), address


def _read_lookout(section: Section) -> LookoutSettings:
    contacts = section.section("contacts")
    known = {MemberId(member): contacts.text(member) for member in contacts.table}
    for member, mailbox in known.items():
        if not is_mailbox(mailbox):
            raise contacts.refusal(member, "a mail address is needed here")
    return LookoutSettings(
        section.number("unseen_hours", 4) * 3600,
        section.number("waiting_hours", 24) * 3600,
        known,
        read_notices(section),
    )
