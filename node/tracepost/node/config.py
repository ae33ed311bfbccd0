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

[[told.officer]]            # where one is told who acts for a desk as its deputy
number = "0012"
to = "officer-12@xaa.example"

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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from tracepost.node.declarations import read_contacts, read_declarations
from tracepost.node.telling.settings import NOBODY_TOLD, ToldSettings, read_told
from tracepost.protocol.errors import ConfigurationError, InvalidInputError
from tracepost.protocol.evidence import Origin, parse_vkey
from tracepost.protocol.ids import NODE_DESK, DeskId, MemberId, parse_desk, parse_member
from tracepost.protocol.settings import Section, parse_toml
from tracepost.protocol.vocabulary import code_number
from tracepost.serving.notices import NO_NOTICES, NoticeSettings, read_notices
from tracepost.serving.storage.settings import OWN_FILE, StoreSettings, read_store
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
    functions: tuple[int, ...] = (directory_pb2.CONTACT_FUNCTION_ITI,)
    """`ContactFunction`s, by the instruments that it is the point of contact under."""
    records_since: str = ""


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
    store: StoreSettings = OWN_FILE
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


_SECOND_OFFICER: Final = ("required", "not-required")
_PROXY: Final = re.compile(r"|http://(?:[^\s:@/]+:[^\s:@/]+@)?[^\s:@/]+:[0-9]{1,5}")
_HOURS_LIMIT: Final = 24 * 30
_WITNESS_LIMIT: Final = 1000
_SOONEST_ARCHIVE_DAYS: Final = 180


def load_config(path: Path) -> NodeConfig:
    """Return the settings in the TOML file at `path`; raise `ConfigurationError` naming the place."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}", where="configuration") from error
    config = read_config(parse_toml(data, str(path)), path.parent.resolve())
    return replace(config, file=path.resolve())


def load_told(path: Path) -> tuple[ToldSettings, NoticeSettings]:
    """Return who is told and how, of a file that is right as a whole; see `load_config`."""
    config = load_config(path)
    return config.told, config.notices


def read_config(settings: Section, folder: Path) -> NodeConfig:
    """Return the settings of a `node.toml` that stands in `folder`; raise `ConfigurationError` naming the place."""
    listen = settings.section("listen")
    desks = _read_desks(settings.sections("desk"))
    notices = read_notices(settings.section("notices"))
    config = NodeConfig(
        folder=folder,
        member=settings.read("member", parse_member),
        domain=settings.text("domain"),
        post_address=listen.text("post"),
        desk_address=listen.text("desk"),
        metrics_address=listen.text("metrics", ""),
        office=_read_office(settings.section("office")),
        desks=desks,
        relays=tuple(
            RelaySettings(row.read("id", parse_member), row.text("address"))
            for row in settings.sections("relay")
        ),
        standing_consents=tuple(map(_read_consent, settings.sections("standing_consent"))),
        log=_read_log(settings.section("log")),
        trust_fingerprint=settings.section("trust").text("fingerprint", ""),
        release=_read_release(settings.section("release")),
        object_check=_read_object_check(settings.section("object_check"), desks),
        exercises=ExerciseSettings(settings.section("exercises").flag("allowed", default=True)),
        attachments=_read_attachments(settings.section("attachments")),
        post=_read_post(settings.section("post")),
        store=read_store(settings.section("store")),
        archive=_read_archive(settings.section("archive")),
        backup=_read_backup(settings.section("backup")),
        notices=notices,
        tracing=read_tracing(settings.section("tracing")),
        told=read_told(settings.section("told"), notices, [one.desk for one in desks]),
        declarations=read_declarations(settings.section("declarations")),
        contacts=read_contacts(settings.sections("contact")),
    )
    settings.end()
    return config


def _read_office(office: Section) -> OfficeSettings:
    return OfficeSettings(
        name=office.text("name"),
        languages=office.texts("languages"),
        reachable_at=office.text("reachable_at", ""),
        email=office.text("email", ""),
        phone=office.text("phone", ""),
        duty_hours=office.text("duty_hours", ""),
        functions=office.read_all("instruments", _function) or (directory_pb2.CONTACT_FUNCTION_ITI,),
        records_since=office.text("records_since", ""),
    )


def _function(instrument: str) -> int:
    return code_number(directory_pb2.ContactFunction, instrument)


def _read_release(release: Section) -> ReleaseSettings:
    standard = ReleaseSettings()
    return ReleaseSettings(
        release.choice("second_officer", _SECOND_OFFICER, "required") == "required",
        release.number("delay_hours", standard.delay_hours, least=0, most=_HOURS_LIMIT),
        release.number("review_hours", standard.review_hours, least=0, most=_HOURS_LIMIT),
        release.number("urgent_per_day", standard.urgent_per_day, least=0, most=100_000),
    )


def _read_object_check(checks: Section, desks: Sequence[DeskSettings]) -> ObjectCheckSettings:
    automatic, desk = checks.flag("automatic", default=False), checks.text("desk", "")
    if automatic and desk not in [one.desk for one in desks]:
        raise checks.refusal("desk", "a desk of this node keeps the register")
    return ObjectCheckSettings(automatic, desk, checks.number("per_peer_per_day", 200))


def _read_archive(archive: Section) -> ArchiveSettings:
    days = archive.number("after_days", 0, least=0)
    if 0 < days < _SOONEST_ARCHIVE_DAYS:
        raise archive.refusal("after_days", "a number of days from 180 on, or 0 for never")
    return ArchiveSettings(days, archive.text("folder", ""))


def _read_backup(backup: Section) -> BackupSettings:
    standard = BackupSettings()
    return BackupSettings(
        folder=backup.text("folder", ""),
        hourly=backup.number("hourly", standard.hourly, least=0, most=10_000),
        daily=backup.number("daily", standard.daily, least=0, most=10_000),
        keys=backup.texts("keys"),
        authority=backup.text("authority", ""),
    )


def _read_log(log: Section) -> LogSettings:
    witnesses = log.texts("witnesses")
    names = {one.name for one in log.read_all("witnesses", parse_vkey)}
    quorum = log.number("quorum", 0, least=0)
    if quorum > (len(names) or _WITNESS_LIMIT):
        raise log.refusal("quorum", "at most as many as there are witnesses")
    serve = log.text("serve", "")
    if serve and not serve.rpartition(":")[2].isdigit():
        raise log.refusal("serve", "an address is written host:port")
    return LogSettings(serve, witnesses, quorum)


def _read_attachments(files: Section) -> AttachmentSettings:
    standard = AttachmentSettings()
    return AttachmentSettings(
        quota_mebibytes=files.number("quota_mebibytes", standard.quota_mebibytes),
        scanner=files.texts("scanner"),
        scanner_seconds=files.number("scanner_seconds", standard.scanner_seconds),
        officer_mebibytes=files.number("officer_mebibytes", standard.officer_mebibytes),
        folder=files.text("folder", ""),
    )


def _read_post(post: Section) -> PostSettings:
    standard = PostSettings()
    proxy = post.text("proxy", "")
    if not _PROXY.fullmatch(proxy):
        raise post.refusal("proxy", "a proxy is written http://host:port")
    return PostSettings(
        line=post.flag("line", default=True),
        proxy=proxy,
        fallback_minutes=post.number("fallback_minutes", standard.fallback_minutes),
        block_by_two=post.flag("block_by_two", default=False),
        envelopes_per_minute=post.number("envelopes_per_minute", standard.envelopes_per_minute),
        mebibytes_per_minute=post.number("mebibytes_per_minute", standard.mebibytes_per_minute),
        held_mails=post.number("held_mails", standard.held_mails),
        held_mebibytes=post.number("held_mebibytes", standard.held_mebibytes),
    )


# ── desks and consents ───────────────────────────────────────────────────────────────


def _read_desks(rows: Sequence[Section]) -> tuple[DeskSettings, ...]:
    desks = tuple(map(_read_desk, rows))
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


def _read_desk(row: Section) -> DeskSettings:
    return DeskSettings(
        desk=row.read("id", parse_desk),
        point_of_contact=row.flag("point_of_contact", default=False),
        competences=row.choices("competences", _names(directory_pb2.Competence)),
        legal_basis=row.text("legal_basis", ""),
        outward=row.flag("outward", default=True),
        under=row.text("under", ""),
        oversight=row.choice("oversight", ("release", "notice"), "release"),
        copied_on_panel_mail=row.flag("copied_on_panel_mail", default=False),
    )


def _read_consent(row: Section) -> ConsentSettings:
    return ConsentSettings(
        row.read("member", parse_member),
        row.read("purpose", _purpose, ""),
        row.read("until", _day, ""),
        row.choices("classes", _names(options_pb2.Sensitivity)),
    )


def _names(codes: Any) -> list[str]:
    """Return the names of codes as they are written in settings: without what all begin with, without the first."""
    unspecified, *names = codes.keys()
    return [name.removeprefix(unspecified.removesuffix("UNSPECIFIED")) for name in names]


def _purpose(text: str) -> int:
    return code_number(terms_pb2.Purpose, text) if text else 0


def _day(text: str) -> str:
    try:
        return dt.date.fromisoformat(text).isoformat() if text else ""
    except ValueError as error:
        raise InvalidInputError("a day is written YYYY-MM-DD") from error
