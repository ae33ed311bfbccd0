"""`tracepost node …`: founding, running and unlocking a node; `tracepost.node` is loaded only when it is used."""

from __future__ import annotations

import datetime as dt
import enum
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.text import Text

from tracepost.cli.carried import read_chain, read_crl
from tracepost.cli.files import read_bytes, write_bytes
from tracepost.cli.membership import FILE_NAME, Membership, write_membership
from tracepost.cli.options import NodeOptions, PassphraseOptions, option
from tracepost.cli.passphrases import PassphraseSource
from tracepost.cli.progress import progress
from tracepost.cli.render.lists import audit as audit_view
from tracepost.cli.render.post import maintenance_line
from tracepost.cli.render.status import status_sheet
from tracepost.cli.render.told import told_sheet, tried_sheet
from tracepost.cli.serving import served
from tracepost.cli.session import connected
from tracepost.cli.shares import asked_shares
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _, plural
from tracepost.protocol.errors import InvalidInputError, UnreachableError
from tracepost.protocol.ids import NODE_DESK, DeskId, parse_desk
from tracepost.sdk.enrolment import Applicant, answer_challenge, enrol, make_paper
from tracepost.sdk.wire_json import all_to_json, to_json

app = typer.Typer(no_args_is_help=True, help=_("A member's node: found it, run it, unlock its desks."))


class Switch(enum.StrEnum):
    """On or off."""

    ON = "on"
    OFF = "off"


FolderArgument = Annotated[Path, typer.Argument(metavar="FOLDER", help=_("Folder of the node."))]
DeskArgument = Annotated[str, typer.Argument(metavar="DESK", help=_("Desk id."))]
DeskPassphrases = Annotated[
    list[str] | None,
    option("--passphrase", _("DESK=FILE with its passphrase, else asked for; again for more.")),
]


# ---------------------------------------------------------------- founding


@verb(app, "init")
def init(
    folder: FolderArgument,
    *,
    settings: Annotated[
        Path,
        option("--settings", _("File with the settings, kept as node.toml; deploy/README.md shows one.")),
    ],
    passphrases: DeskPassphrases = None,
    threshold: Annotated[
        int, typer.Option("--threshold", help=_("Shares that bring the desks' keys back."))
    ] = 2,
    shares: Annotated[int, typer.Option("--shares", help=_("Shares in all, one for each person."))] = 3,
) -> Result:
    """Make a node's folder: keys, requests for certificates, and the shares of the key escrow, shown once."""
    from tracepost.node.config import read_config
    from tracepost.node.installation import init_node
    from tracepost.protocol.settings import parse_toml

    written = read_bytes(settings)
    config = read_config(parse_toml(written, str(settings)), folder)
    given = {desk.desk: _passphrase(desk.desk, passphrases, confirm=True) for desk in config.desks}
    with progress(_("Making keys")):
        made = init_node(
            folder,
            written.decode("utf-8"),
            given,
            now=int(time.time()),
            share_threshold=threshold,
            share_count=shares,
        )
    papers = {key.name: folder / "requests" / f"{key.name}.json" for key in made.keys}
    for key in made.keys:
        write_bytes(papers[key.name], make_paper(Applicant(key.key, key.desk_key)))
    member = folder / "requests" / FILE_NAME
    write_membership(member, _membership(config, made.log_key))
    data = {
        "folder": str(folder),
        "log_key": made.log_key,
        "requests": {name: str(path) for name, path in papers.items()},
        "member": str(member),
        "shares": list(made.shares),
    }
    lines = [
        Text(f"{_('log key')}: {made.log_key}"),
        Text(f"{_('requests for certificates')}: {folder / 'requests'}"),
        Text(f"{_('for the trust list')}: {member}"),
    ]
    return Result(data, Group(*lines, *_share_lines(made.shares, threshold, folder)))


def _membership(config: Any, log_key: str) -> Membership:
    from tracepost.node.bootstrap.tls import show_witness_keys
    from tracepost.node.gate import PolicySet, base_policy

    competences = sorted({one.lower() for desk in config.desks for one in desk.competences})
    policy = PolicySet.parse([base_policy()]).sha256
    # Who cannot be dialled is asked by nobody to cosign; keys are long, and each list carries all of them.
    witnesses = show_witness_keys(config) if config.office.reachable_at else ()
    return Membership((log_key,), tuple(competences), policy, tuple(witnesses))


def _share_lines(shares: tuple[str, ...], threshold: int, folder: Path) -> Iterator[Text]:
    words = plural("Any {n} share restores the keys.", "Any {n} shares restore the keys.", threshold)
    yield Text(
        f"{_('Write these on paper now, each for another person; they are shown once.')} {words}",
        style="bold",
    )
    for number, share in enumerate(shares, start=1):
        yield Text(f"{_('share')} {number}: {share}")
    yield Text(f"{_('Then try them, from the paper:')} tracepost node escrow {folder}")


def _passphrase(desk: DeskId, given: list[str] | None, *, confirm: bool = False) -> bytes:
    for text in given or ():
        name, equals, path = text.partition("=")
        if equals and parse_desk(name) == desk:
            return PassphraseSource(Path(path)).read("")
    remedy = _("Give --passphrase {desk}=FILE.").format(desk=desk)
    return PassphraseSource(remedy=remedy).read(
        _("Passphrase of desk {desk}").format(desk=desk), confirm=confirm
    )


@verb(app, "enrol")
async def enrol_node(
    folder: FolderArgument,
    authority: Annotated[str, typer.Argument(metavar="AUTHORITY", help=_("Where it listens, HOST:PORT."))],
    *,
    tokens: Annotated[Path, option("--tokens", _("File with lines NAME TOKEN, one for each key."))],
    passphrases: DeskPassphrases = None,
) -> Result:
    """Fetch the certificates of a node's keys with one-time tokens."""
    from tracepost.node.installation import install_certificate

    installed = []
    for name, token in _tokens(read_bytes(tokens), tokens):
        applicant = _applicant(folder, name, passphrases)
        with progress(_("Enrolling {name}").format(name=name)):
            enrolled = await enrol(authority, token, applicant)
        install_certificate(folder, name, enrolled.certificate_pem)
        installed.append(name)
    return Result({"installed": installed}, Text(f"{_('Installed.')} {', '.join(installed)}"))


def _tokens(data: bytes, path: Path) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), start=1):
        match line.split():
            case []:
                continue
            case [name, token]:
                yield name, token
            case _unknown:
                raise InvalidInputError(_("A line is NAME TOKEN."), where=f"{path}:{number}")


def _applicant(folder: Path, name: str, passphrases: list[str] | None) -> Applicant:
    """Return the keys that the node keeps under `name`; those of a desk need its passphrase."""
    from tracepost.node.adapters.keystore import FileKeyStore
    from tracepost.node.adapters.machine import read_machine_secret
    from tracepost.node.config import load_config
    from tracepost.node.installation import CONFIG_NAME, load_key

    config = load_config(folder / CONFIG_NAME)
    store = FileKeyStore(config.keys, read_machine_secret(config.keys, os.environ))
    if not name.startswith("desk-"):
        return Applicant(load_key(store, name))
    desk = parse_desk(name.removeprefix("desk-"))
    bundle = store.load_node() if desk == NODE_DESK else store.load(desk, _passphrase(desk, passphrases))
    return Applicant(load_key(store, name), bundle.opening[0])


@verb(app, "answer")
def answer(
    folder: FolderArgument,
    name: Annotated[str, typer.Argument(metavar="NAME", help=_("Key that is enrolled, such as desk-poc."))],
    challenge: Annotated[Path, typer.Argument(metavar="CHALLENGE", help=_("The authority's challenge."))],
    *,
    out: Annotated[Path, option("--out", _("Where to write."))],
    passphrases: DeskPassphrases = None,
) -> Result:
    """Answer the challenge of an authority by file, to show possession of a desk's key."""
    write_bytes(out, answer_challenge(_applicant(folder, name, passphrases), read_bytes(challenge)))
    return Result({"path": str(out)}, Text(str(out)))


@verb(app, "install")
def install(
    folder: FolderArgument,
    *,
    certificate: Annotated[
        list[str] | None, option("--certificate", _("NAME=FILE with the chain (PEM); again for more."))
    ] = None,
    trust: Annotated[Path | None, option("--trust", _("First trust list; with --fingerprint."))] = None,
    fingerprint: Annotated[
        str, typer.Option("--fingerprint", help=_("The fingerprint that you were told."))
    ] = "",
    crl: Annotated[Path | None, option("--crl", _("Revocation list of the own authority (DER)."))] = None,
) -> Result:
    """Give a node its certificates, its first trust list and its authority's revocation list."""
    from tracepost.node.config import load_config
    from tracepost.node.installation import (
        CONFIG_NAME,
        install_certificate,
        install_trust,
        read_certificates,
    )

    if not certificate and trust is None and crl is None:
        raise InvalidInputError(_("Say what is to be installed."), where="--certificate, --trust, --crl")
    for text in certificate or ():
        name, equals, path = text.partition("=")
        if not equals:
            raise InvalidInputError(_("It is NAME=FILE."), where="--certificate")
        install_certificate(folder, name, read_chain(Path(path)))
    if trust is not None:
        install_trust(folder, read_bytes(trust), fingerprint=fingerprint)
    if crl is not None:
        config = load_config(folder / CONFIG_NAME)
        write_bytes(config.crl_path, read_crl(crl, read_certificates(config).values()))
    return Result({"folder": str(folder)}, Text(_("Installed.")))


@verb(app, "papers")
def papers(folder: FolderArgument, *, out: Annotated[Path, option("--out", _("Where to write."))]) -> Result:
    """Write the papers of a node that has not served yet, to be carried to other members."""
    from tracepost.node.installation import make_announcement

    made = make_announcement(folder, int(time.time()))
    write_bytes(out, made.SerializeToString())
    return Result({"path": str(out), "member": made.member}, Text(f"{out}: {made.member}"))


@verb(app, "escrow")
def escrow(
    folder: FolderArgument,
    *,
    share_file: Annotated[
        list[Path] | None, option("--share-file", _("File with a share, else asked for; again for more."))
    ] = None,
) -> Result:
    """Try the key escrow with shares typed in from paper; a node does not serve before."""
    from tracepost.node.installation import try_node_escrow

    shares = [read_bytes(path).decode("utf-8", "replace") for path in share_file or ()] or list(
        asked_shares()
    )
    with progress(_("Trying the shares")):
        record = try_node_escrow(folder, shares, int(time.time()))
    data = {"tried": record.tried, "shares": record.tried_shares, "threshold": record.threshold}
    return Result(data, Text(_("The shares bring the desks' keys back."), style="bold green"))


@verb(app, "told")
def told(
    folder: FolderArgument,
    *,
    test: Annotated[
        str,
        typer.Option("--test", metavar="DESK", help=_("Desk whose addresses all get a test message.")),
    ] = "",
) -> Result:
    """Show who would be told now that something waits; with --test, send a test message and say what happened.

    It reads the settings in FOLDER on the node's own machine, whether the node runs or not.
    """
    from tracepost.node.config import load_config
    from tracepost.node.telling.trial import try_desk

    config = load_config(folder / "node.toml")
    if test:
        with progress(_("Sending")):
            tried = try_desk(config, test)
        failed = any(one.problem for one in tried)
        data = [{"to": one.to, "problem": one.problem} for one in tried]
        return Result({"tried": data}, tried_sheet(tried), UnreachableError.exit_code if failed else 0)
    now = int(time.time())
    rows = [
        (one.desk, *(one.roster.told(now, urgent=some) for some in (False, True)))
        for one in config.told.desks
    ]
    hooks = {one.desk for one in config.told.desks if one.webhook}
    found = [
        {"desk": desk, "now": usual, "urgent": urgent, "webhook": desk in hooks}
        for desk, usual, urgent in rows
    ]
    return Result({"desks": found}, told_sheet(found))


@verb(app, "backup-key")
def backup_key(
    out: Annotated[
        Path, typer.Argument(metavar="FILE", help=_("Where the private half is written, FILE.pub beside it."))
    ],
    *,
    passphrase: PassphraseOptions,
) -> Result:
    """Make a key that opens backups, beside the shares of the escrow; keep its private half away from the node.

    The file FILE.pub goes to the node: name it in its settings, [backup] keys = ["backup.pub"]. FILE itself belongs
    on a stick in a safe.
    """
    from tracepost.node.backup.backup_key import make_backup_key

    if out.exists():
        raise InvalidInputError(_("There is such a file already."), where=str(out))
    private, public = make_backup_key(
        passphrase.source().read(_("Passphrase of the backup key"), confirm=True), os.urandom
    )
    shown = out.with_name(f"{out.name}.pub")
    write_bytes(out, private, secret=True)
    write_bytes(shown, public)
    return Result({"private": str(out), "public": str(shown)}, Text(f"{out}\n{shown}"))


# ---------------------------------------------------------------- running


@verb(app, "serve")
def serve(
    folders: Annotated[
        list[Path],
        typer.Argument(
            metavar="FOLDER...", help=_("Folder of the node; one process may serve several members.")
        ),
    ],
    *,
    log: Annotated[Path | None, option("--log", _("File for log lines, else stderr."))] = None,
) -> Result:
    """Serve until it is told to stop (SIGTERM).

    Members that share a process share nothing else: each has its own keys, store, log and ports.
    """
    from tracepost.node.bootstrap.node import serve_node
    from tracepost.node.installation import CONFIG_NAME

    return served(serve_node(*(folder / CONFIG_NAME for folder in folders), log_path=log), log)


@verb(app, "migrate")
def migrate(
    folder: FolderArgument,
    *,
    pre: Annotated[
        bool, typer.Option("--pre", help=_("Steps that the version before works on with."))
    ] = False,
    post: Annotated[
        bool,
        typer.Option("--post", help=_("Steps that end what only older versions used: when none serves.")),
    ] = False,
) -> Result:
    """Bring the node's database to this version's tables, without stopping the service: --pre, then --post."""
    from tracepost.node.installation import migrate_store

    if not pre and not post:
        raise InvalidInputError(
            "say which steps are meant",
            where="--pre, --post",
            remedy=_("--pre before an upgrade, --post after it."),
        )
    with progress(_("Changing the tables")):
        done = migrate_store(folder, pre=pre, post=post)
    words = plural("{n} step was done.", "{n} steps were done.", len(done))
    return Result({"done": done}, Text(words))


@verb(app, "archive")
async def archive(
    folder: FolderArgument,
    *,
    older_than: Annotated[
        int | None,
        typer.Option("--older-than", metavar="DAYS", min=180, help=_("Move cases closed for so many days.")),
    ] = None,
    restore: Annotated[
        str | None, typer.Option("--restore", metavar="CASE", help=_("Put this case back into the store."))
    ] = None,
) -> Result:
    """Move the mail of old cases out of the store into files, or put a case back; else look through the files."""
    from tracepost.node.archives import archive_cases, check_archives, restore_case
    from tracepost.protocol.errors import StoreError

    if restore is not None:
        count = await restore_case(folder, restore)
        words = plural("{n} letter was put back.", "{n} letters were put back.", count)
        return Result({"restored": count}, Text(words))
    if older_than is not None:
        count = await archive_cases(folder, older_than)
        return Result(
            {"moved": count}, Text(plural("{n} letter was moved.", "{n} letters were moved.", count))
        )
    number, damaged = await check_archives(folder)
    if damaged:
        raise StoreError(
            f"missing or damaged: {', '.join(damaged)}",
            where="archive",
            reason="archive-damaged",
            remedy=_("Put the archive folder back from your backup."),
        )
    return Result(
        {"archives": number}, Text(plural("{n} archive is whole.", "{n} archives are whole.", number))
    )


@verb(app, "status")
async def status(node: NodeOptions) -> Result:
    """Show desks, peers, queues, held mail and papers that expire."""
    async with connected(node) as client:
        found = await client.get_status()
    return Result(to_json(found), status_sheet(found))


@verb(app, "maintenance")
async def maintenance(
    switch: Annotated[Switch, typer.Argument(metavar="on|off", help=_("Begin it, or end it."))],
    *,
    node: NodeOptions,
    until: Annotated[
        str | None, option("--until", _("When it ends by itself: 2027-01-31T18:00 (UTC), within 30 days."))
    ] = None,
) -> Result:
    """Let the node take no mail and send none; others are told to come back, and what waits stays."""
    moment = None if until is None else _moment(until)
    async with connected(node) as client:
        made = await client.post.set_maintenance(on=switch is Switch.ON, until=moment)
    return Result(to_json(made), maintenance_line(made))


def _moment(text: str) -> int:
    try:
        return int(dt.datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=dt.UTC).timestamp())
    except ValueError as fault:
        raise InvalidInputError(_("Write a time as 2027-01-31T18:00."), where="--until") from fault


@verb(app, "unlock")
async def unlock(desk_id: DeskArgument, *, node: NodeOptions, passphrase: PassphraseOptions) -> Result:
    """Open a desk's keys in the node's memory, with the desk's passphrase."""
    secret = passphrase.source().read(_("Passphrase of desk {desk}").format(desk=desk_id))
    async with connected(node, _("Unlocking")) as client:
        rewrapped = await client.unlock_desk(desk_id, secret)
    words = plural(
        "{n} message came while it was locked.", "{n} messages came while it was locked.", rewrapped
    )
    return Result({"desk": desk_id, "rewrapped": rewrapped}, Text(f"{_('Unlocked.')} {words}"))


@verb(app, "lock")
async def lock(desk_id: DeskArgument, *, node: NodeOptions) -> Result:
    """Make the node forget a desk's keys; mail still comes in."""
    async with connected(node) as client:
        await client.lock_desk(desk_id)
    return Result({"desk": desk_id}, Text(_("Locked.")))


@verb(app, "audit")
async def audit(
    node: NodeOptions,
    *,
    after: Annotated[int, typer.Option("--after", min=0, help=_("Only events numbered above this."))] = 0,
) -> Result:
    """Show who did what at the node."""
    async with connected(node) as client:
        events = await client.list_audit(after)
    return Result({"events": all_to_json(events)}, audit_view(events))
