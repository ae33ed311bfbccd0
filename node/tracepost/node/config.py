"""What the operator writes down for a node: `node.toml`, read once, checked, then passed in.

member = "xaa"
domain = "tracepost.example"

[listen]
post = "0.0.0.0:7100"       # peers and relays
desk = "127.0.0.1:7101"     # own officers
metrics = "127.0.0.1:7102"

[office]                    # what the directory entry says
name = "Firearms Tracing Office"
languages = ["en"]
reachable_at = "post.xaa.example:7100"   # leave out when only relays reach this node

[[desk]]
id = "poc"
point_of_contact = true
competences = ["LICENSING"]

[[desk]]
id = "armoury"
competences = ["RECORDS_CUSTODY"]
outward = false             # an inner desk: not in the directory entry; put on cases one by one

[[desk]]
id = "harbour"
competences = ["CUSTOMS_ENFORCEMENT"]
under = "poc"               # what it writes to other members takes a word of that desk
oversight = "release"       # or "notice": it goes at once, and that desk is told

[[relay]]
id = "hub"
address = "hub.example:7100"

[release]                   # mail with CRIMINAL_JUSTICE or PERSONAL data for another member; may be left out
second_officer = "required" # or "not-required"
delay_hours = 24            # a desk with one officer: how long its mail waits for an objection
review_hours = 24           # urgent mail: how soon a second officer looks at what went
urgent_per_day = 10         # so many urgent ones to one member without a second officer

[declarations]              # what holds for every case; names as in StandingDeclarations of directory.proto
minimum_data = ["serial-number", "make"]       # what a request should hold
manufacturing_records_years = 30
owner_data_by_mutual_legal_assistance = true

[[contact]]                 # offices beside the point of contact; names as in ContactPoint of directory.proto
function = "duty"           # or non-members, technical, firearms-protocol, programme-of-action
organisation = "Duty officer"
telephone = "+99 00 001"

[[standing_consent]]        # given once for all cases; the directory entry says it
member = "xac"
purpose = "criminal-investigation"       # leave out for any
until = "2027-12-31"                     # leave out for no end
classes = ["OBJECT", "LAW_ENFORCEMENT"]  # leave out for all

[object_check]              # leave out, and an officer answers every object check
automatic = true
desk = "poc"                # whose registers are searched; it must be unlocked
per_peer_per_day = 200

[exercises]
allowed = true              # false: nobody here begins exercises, and those of others are refused

[store]                     # leave out, and one process keeps all in a file beside this one
url = "postgresql://tracepost@/tracepost?host=/run/postgresql"
takeover_seconds = 10       # how soon another process does what one did that is gone

[attachments]               # all may be left out
folder = "/srv/tracepost/attachments"       # one folder for all processes; none: beside this file
quota_mebibytes = 20480     # what files of all cases may have together
officer_mebibytes = 4096    # what an officer may have handed in that no message names yet
scanner = ["clamdscan", "--fdpass", "-"]    # reads a file from its standard input; none: nothing is scanned
scanner_seconds = 300       # how long it may take for one

[archive]                   # leave out, and old cases stay in the store
after_days = 1825           # cases closed for so long move into files; at least 180
folder = "/srv/tracepost/archive"    # one folder for all processes; none: "archive" beside this file

[backup]                    # leave out, and tracepost backup is told where to write
folder = "/srv/backup/xaa"  # another disk, better another machine's
hourly = 48                 # the newest of so many hours are kept
daily = 30                  # and of so many days
keys = ["backup.pub"]       # sealed to these too, beside the shares of the escrow
authority = "/var/lib/tracepost/ca"     # the national authority's folder, if it is on this machine

[notices]                   # leave out, and nobody is told by mail what ends soon
smtp = "smtp.example:587"
sender = "tracepost@xaa.example"
to = ["operator@xaa.example"]
tls = "starttls"            # or "tls", or "none" for a server on this machine
login = "xaa"               # leave out both where the server asks for none
password_file = "smtp.password"
webhook = "https://alerts.example/tracepost"   # the same as JSON
ca_file = "authority.pem"   # who vouches for the server; leave out: whom the machine believes

[told]                      # leave out, and no officer is told that something waits: see telling/settings.py
console = "https://console.xaa.example"

[[told.desk]]
desk = "poc"
time_zone = "Europe/Paris"

[[told.desk.duty]]
to = ["duty@xaa.example"]   # by the mail server of [notices]
days = ["mon", "tue", "wed", "thu", "fri"]
from = "08:00"
until = "18:00"

[tracing]                   # leave out, and no spans are made
collector = "http://127.0.0.1:4317"      # OpenTelemetry, OTLP over gRPC
with_members = ["xab"]      # with whom traces are joined, if they say the same; never by a relay

[post]                      # all may be left out
proxy = "http://proxy.example:3128"      # HTTP CONNECT, for what this node dials
fallback_minutes = 15       # a road whose other end was not reached for so long is left for another
block_by_two = false        # true: a second officer blocks a member too before it is blocked
envelopes_per_minute = 200000            # of each member; what is beyond is put off
mebibytes_per_minute = 4096
held_mails = 1000           # of each member, waiting for an officer
held_mebibytes = 64
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final

from tracepost.node.declarations import read_contacts, read_declarations
from tracepost.node.telling import settings as telling
from tracepost.node.telling.settings import NOBODY_TOLD, ToldSettings, read_told
from tracepost.protocol.errors import ConfigurationError, InvalidInputError
from tracepost.protocol.evidence import Origin, parse_vkey
from tracepost.protocol.ids import NODE_DESK, DeskId, MemberId, parse_desk, parse_member
from tracepost.protocol.vocabulary import code_number
from tracepost.serving.notices import NO_NOTICES, NoticeSettings, read_notices
from tracepost.serving.tracing import NO_TRACING, TracingSettings, read_tracing
from tracepost.wire.v1 import directory_pb2, options_pb2, terms_pb2

# protocol.md, section 1: a directory entry shows at most eight outward desks.
OUTWARD_DESK_LIMIT = 8
DESK_LIMIT = 64


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """One desk: its id and what it may be told.

    An inner desk (`outward` false) is nobody else's business: it stands in no directory entry, and sees the
    cases that another desk puts it on. What a desk `under` another writes to other members waits for that
    one's release, or goes with a notice to it (`oversight`).
    """

    desk: DeskId
    point_of_contact: bool = False
    competences: tuple[str, ...] = ()
    legal_basis: str = ""
    outward: bool = True
    under: str = ""
    oversight: str = "release"
    copied_on_panel_mail: bool = False

    @property
    def on_every_case(self) -> bool:
        """Whether it sees all cases without being put on them."""
        return self.outward and (self.point_of_contact or "LAW_ENFORCEMENT" in self.competences)


@dataclass(frozen=True, slots=True)
class RelaySettings:
    """A relay that this node uses: member id and address `host:port`."""

    member: MemberId
    address: str


@dataclass(frozen=True, slots=True)
class ConsentSettings:
    """A consent given once for all cases: to whom what we write may be passed on; empty or 0: without limit.

    `purpose` is a `Purpose`, `until` the last day, `classes` the names of `Sensitivity`.
    """

    member: MemberId
    purpose: int = 0
    until: str = ""
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OfficeSettings:
    """What the directory entry says of the point of contact."""

    name: str
    languages: tuple[str, ...] = ()
    reachable_at: str = ""
    email: str = ""
    phone: str = ""
    duty_hours: str = ""
    instruments: tuple[str, ...] = ()
    records_since: str = ""

    @property
    def functions(self) -> tuple[int, ...]:
        """The `ContactFunction`s of the office, by the instruments that it is the point of contact under."""
        return tuple(map(_function, self.instruments)) or (directory_pb2.CONTACT_FUNCTION_ITI,)


@dataclass(frozen=True, slots=True)
class ReleaseSettings:
    """When a second officer is asked before mail goes, or data is deleted, and what happens where there is none."""

    second_officer: bool = True
    delay_hours: int = 24
    review_hours: int = 24
    urgent_per_day: int = 10


@dataclass(frozen=True, slots=True)
class ObjectCheckSettings:
    """Whether object checks are answered without an officer, from the registers of which desk.

    `per_peer_per_day` is how many objects one member may ask about on one day (UTC) before an officer looks.
    """

    automatic: bool = False
    desk: str = ""
    per_peer_per_day: int = 200


@dataclass(frozen=True, slots=True)
class ExerciseSettings:
    """Whether our officers may begin exercises, and others exercises with us."""

    allowed: bool = True


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """Where all is kept: the address of a PostgreSQL database, or empty for a file beside the settings.

    `takeover_seconds` is how long a process may be silent before another one does its part.
    """

    url: str = field(default="", repr=False)
    takeover_seconds: int = 10


@dataclass(frozen=True, slots=True)
class ArchiveSettings:
    """After how many days the sealed parts of closed cases move into files, and where those lie; 0: never."""

    after_days: int = 0
    folder: str = ""


@dataclass(frozen=True, slots=True)
class BackupSettings:
    """Where backups stand, how many are kept, to which keys beside the escrow's; an authority's folder."""

    folder: str = ""
    hourly: int = 48
    daily: int = 30
    keys: tuple[str, ...] = ()
    authority: str = ""


@dataclass(frozen=True, slots=True)
class LogSettings:
    """Where our evidence log is served over HTTP, if anywhere; whose cosignatures count, and how many are wanted.

    Without `witnesses` those of the trust list count; `quorum` is beside that of the list, the higher one holds.
    """

    serve: str = ""
    witnesses: tuple[str, ...] = ()
    quorum: int = 0


@dataclass(frozen=True, slots=True)
class AttachmentSettings:
    """How much room files have, where, and the command that scans them; an empty one scans nothing."""

    quota_mebibytes: int = 20480
    scanner: tuple[str, ...] = ()
    scanner_seconds: int = 300
    officer_mebibytes: int = 4096
    folder: str = ""


@dataclass(frozen=True, slots=True)
class PostSettings:
    """How mail leaves and what is taken of each member.

    `proxy` is `http://host:port`; `fallback_minutes` is when a road is left whose other end is not reached.
    Without a `line` nobody is dialled: mail goes and comes by pouch.
    """

    line: bool = True
    proxy: str = ""
    fallback_minutes: int = 15
    block_by_two: bool = False
    envelopes_per_minute: int = 200_000
    mebibytes_per_minute: int = 4096
    held_mails: int = 1000
    held_mebibytes: int = 64

    @property
    def fallback_s(self) -> int:
        """The same in seconds."""
        return self.fallback_minutes * 60


@dataclass(frozen=True, slots=True)
class NodeConfig:
    """A node's settings; paths are relative to the folder of `node.toml`."""

    folder: Path
    member: MemberId
    domain: str
    post_address: str
    desk_address: str
    metrics_address: str
    office: OfficeSettings
    desks: tuple[DeskSettings, ...]
    relays: tuple[RelaySettings, ...] = ()
    standing_consents: tuple[ConsentSettings, ...] = ()
    trust_fingerprint: str = ""
    log: LogSettings = LogSettings()
    release: ReleaseSettings = ReleaseSettings()
    object_check: ObjectCheckSettings = ObjectCheckSettings()
    exercises: ExerciseSettings = ExerciseSettings()
    attachments: AttachmentSettings = AttachmentSettings()
    post: PostSettings = PostSettings()
    store: StoreSettings = StoreSettings()
    archive: ArchiveSettings = ArchiveSettings()
    backup: BackupSettings = BackupSettings()
    notices: NoticeSettings = NO_NOTICES
    tracing: TracingSettings = NO_TRACING
    told: ToldSettings = NOBODY_TOLD
    declarations: directory_pb2.StandingDeclarations = field(
        default_factory=directory_pb2.StandingDeclarations
    )
    contacts: tuple[directory_pb2.ContactPoint, ...] = ()
    file: Path | None = None
    """Where these settings were read."""

    @property
    def attachments_path(self) -> Path:
        """The folder of attachments, encrypted as they came."""
        return self.folder / (self.attachments.folder or "attachments")

    @property
    def pouches_path(self) -> Path:
        """The folder where files of pouches lie while they are made or taken in."""
        return self.folder / "pouches"

    @property
    def archive_path(self) -> Path:
        """The folder of archives, sealed as their parts came."""
        return self.folder / (self.archive.folder or "archive")

    @property
    def places(self) -> Mapping[str, Path]:
        """The folders whose disks an operator is told about, by what is kept there."""
        return {"store": self.folder, "attachments": self.attachments_path, "archive": self.archive_path}

    @property
    def store_path(self) -> Path:
        """The SQLite file of a node without a database."""
        return self.folder / "store.sqlite"

    @property
    def store_url(self) -> str:
        """The address of the store, as `open_engines` takes it."""
        return self.store.url or f"sqlite:///{self.store_path}"

    @property
    def keys(self) -> Path:
        """The folder of keys and certificates."""
        return self.folder / "keys"

    @property
    def trust_path(self) -> Path:
        """The trust list that the node was installed with."""
        return self.folder / "trust.json"

    @property
    def crl_path(self) -> Path:
        """The newest revocation list of our own authority, if it was brought here."""
        return self.keys / "crl.der"

    @property
    def log_origin(self) -> Origin:
        """Identity of our evidence log (C2SP tlog-checkpoint); the epoch grows by recovery only."""
        return Origin(self.member, self.domain, 1)

    def chain_path(self, name: str) -> Path:
        """The certificate of the key `name`: `node`, `statement` or `desk-<id>`."""
        return self.keys / f"{name}.pem"


def load_config(path: Path) -> NodeConfig:
    """Return the settings in the TOML file at `path`; raise `ConfigurationError` naming the place."""
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}", where="configuration") from error
    except ValueError as error:  # no TOML, or no UTF-8
        raise ConfigurationError(f"{path} is not TOML: {error}", where="configuration") from error
    return replace(parse_config(table, path.parent.resolve()), file=path.resolve())


def load_told(path: Path) -> tuple[ToldSettings, NoticeSettings]:
    """Return who is told and how, of a file that is right as a whole; see `load_config`."""
    config = load_config(path)
    return config.told, config.notices


def parse_config(table: dict[str, Any], folder: Path) -> NodeConfig:
    """Return the settings of a parsed `node.toml` that stands in `folder`."""
    listen = _section(table, "listen")
    _refuse_strangers(table)
    desks, notices = _parse_desks(table.get("desk", [])), read_notices(table.get("notices", {}))
    return NodeConfig(
        folder=folder,
        member=_member(table, "member"),
        domain=_text(table, "domain"),
        post_address=_text(listen, "post", "listen."),
        desk_address=_text(listen, "desk", "listen."),
        metrics_address=_text(listen, "metrics", "listen.", default=""),
        office=_parse_office(_section(table, "office")),
        desks=desks,
        relays=tuple(
            RelaySettings(_member(row, "id", "relay."), _text(row, "address", "relay."))
            for row in table.get("relay", [])
        ),
        standing_consents=tuple(map(_parse_consent, table.get("standing_consent", []))),
        log=_parse_log(table.get("log", {})),
        trust_fingerprint=str(table.get("trust", {}).get("fingerprint", "")),
        release=_parse_release(table.get("release", {})),
        object_check=_parse_object_check(table.get("object_check", {}), table.get("desk", [])),
        exercises=_parse_exercises(table.get("exercises", {})),
        attachments=_parse_attachments(table.get("attachments", {})),
        post=_parse_post(table.get("post", {})),
        store=_parse_store(table.get("store", {})),
        archive=_parse_archive(table.get("archive", {})),
        backup=_parse_backup(table.get("backup", {})),
        notices=notices,
        tracing=read_tracing(table.get("tracing", {})),
        told=read_told(table.get("told", {}), notices, [one.desk for one in desks]),
        declarations=read_declarations(table.get("declarations", {})),
        contacts=read_contacts(table.get("contact", [])),
    )


_KNOWN: Final = {
    "": {
        "member",
        "domain",
        "listen",
        "log",
        "office",
        "desk",
        "relay",
        "trust",
        "release",
        "standing_consent",
        "object_check",
        "exercises",
        "attachments",
        "post",
        "store",
        "archive",
        "backup",
        "notices",
        "told",
        "tracing",
        "declarations",
        "contact",
    },
    "listen": {"post", "desk", "metrics"},
    "office": {f.name for f in fields(OfficeSettings)},
    "desk": {
        "id",
        "point_of_contact",
        "competences",
        "legal_basis",
        "outward",
        "under",
        "oversight",
        "copied_on_panel_mail",
    },
    "relay": {"id", "address"},
    "standing_consent": {f.name for f in fields(ConsentSettings)},
    "trust": {"fingerprint"},
    "log": {f.name for f in fields(LogSettings)},
    "release": {f.name for f in fields(ReleaseSettings)},
    "object_check": {f.name for f in fields(ObjectCheckSettings)},
    "exercises": {f.name for f in fields(ExerciseSettings)},
    "attachments": {f.name for f in fields(AttachmentSettings)},
    "post": {f.name for f in fields(PostSettings)},
    "store": {f.name for f in fields(StoreSettings)},
    "archive": {f.name for f in fields(ArchiveSettings)},
    "backup": {f.name for f in fields(BackupSettings)},
    "notices": {f.name for f in fields(NoticeSettings)},
    "tracing": {f.name for f in fields(TracingSettings)},
    **telling.KNOWN,
}
_SECOND_OFFICER: Final = {"required": True, "not-required": False}
_PROXY: Final = re.compile(r"|http://(?:[^\s:@/]+:[^\s:@/]+@)?[^\s:@/]+:[0-9]{1,5}")
_HOURS_LIMIT: Final = 24 * 30
_WITNESS_LIMIT = 1000


def _refuse_strangers(table: dict[str, Any]) -> None:
    """Refuse a setting that nobody reads: a slip of the pen must not become a silent default."""
    rows = [("", table)]
    for name, value in table.items():
        rows += [(name, row) for row in (value if isinstance(value, list) else [value])]
    for place, row in rows:
        strange = sorted(row.keys() - _KNOWN.get(place, row.keys())) if isinstance(row, dict) else []
        if strange:
            raise ConfigurationError("there is no such setting", where=f"{place}.{strange[0]}".lstrip("."))


def _parse_office(table: dict[str, Any]) -> OfficeSettings:
    office = OfficeSettings(
        name=_text(table, "name", "office."),
        languages=tuple(table.get("languages", [])),
        instruments=tuple(table.get("instruments", [])),
        **{
            key: _text(table, key, "office.", default="")
            for key in ("reachable_at", "email", "phone", "duty_hours", "records_since")
        },
    )
    _ = office.functions  # refuses an instrument that is none
    return office


def _parse_release(table: dict[str, Any]) -> ReleaseSettings:
    word, standard = table.get("second_officer", "required"), ReleaseSettings()
    if word not in _SECOND_OFFICER:
        raise ConfigurationError('"required" or "not-required"', where="release.second_officer")
    return ReleaseSettings(
        _SECOND_OFFICER[word],
        _number(table, "delay_hours", standard.delay_hours, _HOURS_LIMIT),
        _number(table, "review_hours", standard.review_hours, _HOURS_LIMIT),
        _number(table, "urgent_per_day", standard.urgent_per_day, 100_000),
    )


def _function(instrument: str) -> int:
    try:
        return code_number(directory_pb2.ContactFunction, instrument)
    except InvalidInputError as error:
        raise ConfigurationError(error.message, where="office.instruments") from error


def _number(table: dict[str, Any], key: str, standard: int, most: int) -> int:
    value = table.get(key, standard)
    if type(value) is not int or not 0 <= value <= most:
        raise ConfigurationError(f"a number from 0 to {most}", where=f"release.{key}")
    return value


def _parse_object_check(table: dict[str, Any], desks: list[dict[str, Any]]) -> ObjectCheckSettings:
    automatic, limit = table.get("automatic", False), table.get("per_peer_per_day", 200)
    if not isinstance(automatic, bool):
        raise ConfigurationError("true or false is meant", where="object_check.automatic")
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 1:
        raise ConfigurationError("a number of objects is meant", where="object_check.per_peer_per_day")
    desk = _text(table, "desk", "object_check.", default="")
    if automatic and desk not in [row.get("id") for row in desks]:
        raise ConfigurationError("a desk of this node keeps the register", where="object_check.desk")
    return ObjectCheckSettings(automatic, desk, limit)


def _parse_exercises(table: dict[str, Any]) -> ExerciseSettings:
    allowed = table.get("allowed", True)
    if not isinstance(allowed, bool):
        raise ConfigurationError("true or false is meant", where="exercises.allowed")
    return ExerciseSettings(allowed)


def _parse_store(table: dict[str, Any]) -> StoreSettings:
    url = _text(table, "url", "store.", default="")
    scheme, separator, rest = url.partition("://")
    if url and (not separator or scheme not in ("postgresql", "postgresql+psycopg")):
        raise ConfigurationError("the address of a PostgreSQL: postgresql://…", where="store.url")
    seconds = table.get("takeover_seconds", StoreSettings().takeover_seconds)
    if type(seconds) is not int or not 2 <= seconds <= 600:
        raise ConfigurationError("a number of seconds from 2 to 600", where="store.takeover_seconds")
    return StoreSettings(f"postgresql+psycopg://{rest}" if url else "", seconds)


def _parse_archive(table: dict[str, Any]) -> ArchiveSettings:
    days = table.get("after_days", 0)
    if type(days) is not int or not (days == 0 or days >= 180):
        raise ConfigurationError("a number of days from 180 on, or 0 for never", where="archive.after_days")
    return ArchiveSettings(days, _text(table, "folder", "archive.", default=""))


def _parse_backup(table: dict[str, Any]) -> BackupSettings:
    hourly, daily = (table.get(name, getattr(BackupSettings(), name)) for name in ("hourly", "daily"))
    if not all(type(one) is int and 0 <= one <= 10_000 for one in (hourly, daily)):
        raise ConfigurationError("a number from 0 to 10000", where="backup.hourly, backup.daily")
    keys = table.get("keys", ())
    if isinstance(keys, str) or not all(isinstance(one, str) and one for one in keys):
        raise ConfigurationError("a list of files with public keys", where="backup.keys")
    folder, authority = (_text(table, name, "backup.", default="") for name in ("folder", "authority"))
    return BackupSettings(folder, hourly, daily, tuple(keys), authority)


def _parse_log(table: dict[str, Any]) -> LogSettings:
    settings = LogSettings(
        _text(table, "serve", "log.", default=""), tuple(table.get("witnesses", ())), table.get("quorum", 0)
    )
    try:
        names = {parse_vkey(str(vkey)).name for vkey in settings.witnesses}
    except InvalidInputError as error:
        raise ConfigurationError("a witness is named by its verifier key", where="log.witnesses") from error
    most = len(names) or _WITNESS_LIMIT
    if type(settings.quorum) is not int or not 0 <= settings.quorum <= most:
        raise ConfigurationError("at most as many as there are witnesses", where="log.quorum")
    if settings.serve and not settings.serve.rpartition(":")[2].isdigit():
        raise ConfigurationError("an address is written host:port", where="log.serve")
    return settings


def _parse_attachments(table: dict[str, Any]) -> AttachmentSettings:
    settings = AttachmentSettings(**{**table, "scanner": tuple(table.get("scanner", ()))})
    for name in ("quota_mebibytes", "officer_mebibytes", "scanner_seconds"):
        value = getattr(settings, name)
        if type(value) is not int or value < 1:
            raise ConfigurationError("a whole number above zero is needed here", where=f"attachments.{name}")
    if not all(isinstance(word, str) and word for word in settings.scanner) or isinstance(
        table.get("scanner"), str
    ):
        raise ConfigurationError(
            "a command is a list of texts: program, arguments", where="attachments.scanner"
        )
    return settings


def _parse_post(table: dict[str, Any]) -> PostSettings:
    settings = PostSettings(**table)
    if not isinstance(settings.proxy, str) or not _PROXY.fullmatch(settings.proxy):
        raise ConfigurationError("a proxy is written http://host:port", where="post.proxy")
    for name in ("line", "block_by_two"):
        if not isinstance(getattr(settings, name), bool):
            raise ConfigurationError("true or false is meant", where=f"post.{name}")
    for name in (f.name for f in fields(PostSettings) if f.name not in ("line", "proxy", "block_by_two")):
        value = getattr(settings, name)
        if type(value) is not int or value < 1:
            raise ConfigurationError("a whole number above zero is needed here", where=f"post.{name}")
    return settings


def _parse_desks(rows: list[dict[str, Any]]) -> tuple[DeskSettings, ...]:
    desks = tuple(_parse_desk(row) for row in rows)
    names = [d.desk for d in desks]
    if not 0 < len(desks) <= DESK_LIMIT or len(set(names)) != len(names) or NODE_DESK in names:
        raise ConfigurationError(
            f"one to {DESK_LIMIT} desks with different ids, none of them named node", where="desk"
        )
    if not 0 < sum(d.outward for d in desks) <= OUTWARD_DESK_LIMIT:
        raise ConfigurationError(f"one to {OUTWARD_DESK_LIMIT} outward desks", where="desk.outward")
    _check_oversight(desks)
    if any(d.point_of_contact and not d.outward for d in desks):
        raise ConfigurationError("the point of contact is an outward desk", where="desk.outward")
    if not any(d.point_of_contact for d in desks):
        raise ConfigurationError("one desk is the point of contact (ITI 25)", where="desk.point_of_contact")
    return desks


def _check_oversight(desks: tuple[DeskSettings, ...]) -> None:
    """Refuse oversight by a desk that is not there, or is under another itself."""
    over = {str(d.desk) for d in desks if d.outward and not d.under}
    if any(d.under and (d.under not in over or d.under == d.desk) for d in desks):
        raise ConfigurationError("an outward desk that is under no other", where="desk.under")


def _parse_desk(row: dict[str, Any]) -> DeskSettings:
    try:
        desk = parse_desk(_text(row, "id", "desk."))
    except InvalidInputError as error:
        raise ConfigurationError(error.message, where="desk.id") from error
    return DeskSettings(
        desk,
        bool(row.get("point_of_contact", False)),
        _competences(row),
        _text(row, "legal_basis", "desk.", default=""),
        bool(row.get("outward", True)),
        _text(row, "under", "desk.", default=""),
        _oversight(row),
        bool(row.get("copied_on_panel_mail", False)),
    )


def _oversight(row: dict[str, Any]) -> str:
    word = _text(row, "oversight", "desk.", default="release")
    if word not in ("release", "notice"):
        raise ConfigurationError('"release" or "notice"', where="desk.oversight")
    return word


def _competences(row: dict[str, Any]) -> tuple[str, ...]:
    """Return what the desk may be told; a competence that nobody knows would stop the node much later."""
    given = tuple(row.get("competences", []))
    known = [name.removeprefix("COMPETENCE_") for name in directory_pb2.Competence.keys()[1:]]
    if not set(given) <= set(known):
        raise ConfigurationError(f"competences are of: {', '.join(known)}", where="desk.competences")
    return given


def _parse_consent(row: dict[str, Any]) -> ConsentSettings:
    where = "standing_consent."
    classes = tuple(row.get("classes", []))
    known = [name.removeprefix("SENSITIVITY_") for name in options_pb2.Sensitivity.keys()[1:]]
    if not set(classes) <= set(known):
        raise ConfigurationError("there is no such class", where=f"{where}classes")
    return ConsentSettings(
        _member(row, "member", where),
        _purpose(_text(row, "purpose", where, default="")),
        _day(_text(row, "until", where, default="")),
        classes,
    )


def _purpose(text: str) -> int:
    try:
        return code_number(terms_pb2.Purpose, text) if text else 0
    except InvalidInputError as error:
        raise ConfigurationError(error.message, where="standing_consent.purpose") from error


def _day(text: str) -> str:
    try:
        return dt.date.fromisoformat(text).isoformat() if text else ""
    except ValueError as error:
        raise ConfigurationError("a day is written YYYY-MM-DD", where="standing_consent.until") from error


def _section(table: dict[str, Any], key: str) -> dict[str, Any]:
    value = table.get(key)
    if not isinstance(value, dict):
        raise ConfigurationError(f"the section [{key}] is missing", where=key)
    return value


def _member(table: dict[str, Any], key: str, prefix: str = "") -> MemberId:
    try:
        return parse_member(_text(table, key, prefix))
    except InvalidInputError as error:
        raise ConfigurationError(error.message, where=prefix + key) from error


def _text(table: dict[str, Any], key: str, prefix: str = "", default: str | None = None) -> str:
    value = table.get(key, default)
    if not isinstance(value, str):
        raise ConfigurationError(f"{prefix}{key} is missing or not text", where=prefix + key)
    return value
