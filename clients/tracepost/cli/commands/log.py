"""`tracepost log …`: the evidence log, for those who look after it and for auditors."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.text import Text

from tracepost.cli.files import read_bytes, write_bytes
from tracepost.cli.membership import FILE_NAME, read_membership, write_membership
from tracepost.cli.options import option
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _, plural
from tracepost.protocol.errors import EvidenceError, InvalidInputError, NoAnchorError
from tracepost.protocol.evidence import (
    ContradictionFound,
    ListedKey,
    LogVerifier,
    Verdict,
    parse_contradiction,
)
from tracepost.protocol.trustlist import load_first_unsafe, witness_name
from tracepost.sdk.tiles import TiledLog

app = typer.Typer(
    no_args_is_help=True,
    help=_(
        "The evidence log: what a member signed, sent, received and opened, in a form that nobody can rewrite."
    ),
)

EitherFolder = Annotated[Path, typer.Argument(metavar="FOLDER", help=_("Folder of the node or relay."))]


PlaceArgument = Annotated[
    str,
    typer.Argument(
        metavar="URL", help=_("Where the log is served (C2SP tlog-tiles), or a folder of the same files.")
    ),
]
KeyOption = Annotated[list[str] | None, option("--key", _("Verifier key of the log; again for more."))]
TrustOption = Annotated[Path | None, option("--trust", _("Trust list that names the keys of all logs."))]


@verb(app, "verify")
def verify(
    place: PlaceArgument,
    *,
    key: KeyOption = None,
    trust: TrustOption = None,
    evidence: Annotated[
        Path | None, option("--evidence", _("Folder for evidence against other logs that this one holds."))
    ] = None,
) -> Result:
    """Read a log from end to end and compare it with its signed head; exit 7 if anything does not fit.

    Entries about messages are digests: they show that nothing was taken out or changed, and not what they say.
    """
    trusted = load_first_unsafe(read_bytes(trust)) if trust is not None else None
    known = [one for member in trusted.members for one in member.witness_keys] if trusted else []
    checked = TiledLog(place, [*_keys(key, trust), *known]).check()
    head = checked.head
    found = [(n, e) for n, e in checked.papers if isinstance(e, ContradictionFound)]
    for number, entry in found if evidence else ():
        assert evidence is not None  # asked above
        write_bytes(evidence / f"contradiction-{number}.json", entry.artefact)
    own = witness_name(head.origin.member, head.origin.domain)
    witnesses = sorted({one.name for one in head.cosignatures} - {own})
    quorum = trusted.content.witness_quorum if trusted else 0
    data = {
        "origin": str(head.origin),
        "size": head.size,
        "root": head.root.hex(),
        "salted": checked.salted,
        "papers": len(checked.papers),
        "contradictions": len(found),
        "witnesses": witnesses,
        "quorum": quorum,
    }
    lines = [
        Text(f"{head.origin}: {plural('{n} log entry', '{n} log entries', head.size)}", style="bold"),
        Text(_("Every entry is there, and the signed head is theirs."), style="green"),
        Text(f"{_('root')}: {head.root.hex()}"),
        Text(plural("{n} entry is a public paper.", "{n} entries are public papers.", len(checked.papers))),
    ]
    if witnesses:
        lines.append(Text(f"{_('witnessed by')}: {', '.join(witnesses)}"))
    if len(witnesses) < quorum:
        short = _("The trust list asks for {quorum} witnesses; {count} cosigned this head.")
        lines.append(Text(short.format(quorum=quorum, count=len(witnesses)), style="bold red"))
    if found:
        words = plural(
            "It holds evidence against {n} log.", "It holds evidence against {n} logs.", len(found)
        )
        lines.append(Text(words, style="bold red"))
    return Result(data, Group(*lines))


@verb(app, "proof")
def proof(
    place: PlaceArgument,
    number: Annotated[int, typer.Argument(metavar="NUMBER", min=0, help=_("Number of the entry, from 0."))],
    *,
    key: KeyOption = None,
    trust: TrustOption = None,
) -> Result:
    """Prove that an entry stands in a log, from its tiles alone (RFC 6962), for whoever checks it with other tools."""
    made = TiledLog(place, _keys(key, trust)).prove(number)
    data = {
        "index": made.index,
        "size": made.size,
        "leaf_hash": made.leaf.hex(),
        "path": [one.hex() for one in made.path],
        "checkpoint": made.note,
    }
    lines = [
        Text(f"{_('leaf')}: {made.leaf.hex()}"),
        *(Text(one.hex()) for one in made.path),
        Text(made.note),
    ]
    return Result(data, Group(*lines))


@verb(app, "audit")
def audit(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_("Two heads of a log that contradict it."))],
    *,
    key: KeyOption = None,
    trust: TrustOption = None,
) -> Result:
    """Judge evidence that a log contradicts itself: exit 0 if it proves that, 7 if it proves nothing.

    A node that finds such heads does not talk with that member any more, keeps the evidence, and puts it into its
    own log; log verify --evidence writes it out. The stewards decide: trust end-log-key.
    """
    verdict, older, newer = parse_contradiction(read_bytes(file)).judge(LogVerifier(_keys(key, trust)))
    if verdict is Verdict.UNPROVED:
        raise EvidenceError(
            _(
                "Nobody has shown that the longer head continues the shorter one; the file alone proves nothing."
            ),
            where=str(file),
            reason="unproved",
        )
    data = {"verdict": verdict.value, "origin": str(older.origin), "sizes": [older.size, newer.size]}
    words = {
        Verdict.TWO_FACES: _("The log showed two faces: two signed heads of {size} entries differ."),
        Verdict.REWRITTEN: _(
            "The log was rewritten: its signed head of {size} entries is not its beginning."
        ),
    }[verdict]
    return Result(data, Text(f"{older.origin}: {words.format(size=older.size)}", style="bold red"))


@verb(app, "witness")
def witness(folder: EitherFolder) -> Result:
    """Show the keys by which a node or relay cosigns heads of other logs, for the trust list."""
    if (folder / "relay.toml").exists():
        return _shown_keys(_keys_of_relay(folder))
    from tracepost.node.bootstrap.tls import show_witness_keys
    from tracepost.node.config import load_config
    from tracepost.node.installation import CONFIG_NAME

    return _shown_keys(show_witness_keys(load_config(folder / CONFIG_NAME)))


def _keys_of_relay(folder: Path) -> list[str]:
    from tracepost.relay.installation import load_witness_keys
    from tracepost.relay.settings import CONFIG_NAME, load_settings

    return [key.vkey for key in load_witness_keys(load_settings(folder / CONFIG_NAME))]


def _shown_keys(keys: list[str]) -> Result:
    return Result({"keys": keys}, Group(*(Text(one, overflow="fold") for one in keys)))


def _keys(keys: list[str] | None, trust: Path | None) -> list[str | ListedKey]:
    """Return the log keys that are named; an end of a key holds."""
    listed: list[str | ListedKey] = list(keys or [])
    if trust is not None:
        listed += [key for member in load_first_unsafe(read_bytes(trust)).members for key in member.log_keys]
    if not listed:
        raise NoAnchorError(
            _("Whose log it is, only its key says."),
            remedy=_("Name a key (--key) or a trust list (--trust)."),
        )
    return listed


@verb(app, "recover")
async def recover(
    folder: EitherFolder,
    *,
    heads: Annotated[
        list[Path] | None,
        option("--head", _("File with a signed head of the old log that somebody kept; again for more.")),
    ] = None,
    anyway: Annotated[
        bool, typer.Option("--anyway", help=_("Also if nobody knows a head beyond this store."))
    ] = False,
) -> Result:
    """Begin a new log after the store was restored from a backup; the node or relay does not run meanwhile.

    A node whose store is older than what relay and peers hold of its log does not start: it would sign a second
    history. Nor does a relay. This makes a new key and a new log, whose first entry names the newest head of the
    old one; a node fetches revocation lists and trust lists as well. The stewards then put the new key into the
    trust list and end the old one with the head that is written here; until then others take nothing from the new log.
    """
    notes = [_note_in(path) for path in heads or []]
    if (folder / "relay.toml").exists():
        return await _recover_relay(folder, notes, anyway=anyway)
    return await _recover_node(folder, notes, anyway=anyway)


async def _recover_node(folder: Path, notes: list[str], *, anyway: bool) -> Result:
    from tracepost.node.bootstrap.recovery import recover_node
    from tracepost.node.config import load_config
    from tracepost.node.installation import CONFIG_NAME

    done = await recover_node(load_config(folder / CONFIG_NAME), heads=notes, anyway=anyway)
    again = plural(
        "{n} message of ours that nobody receipted goes out again.",
        "{n} messages of ours that nobody receipted go out again.",
        done.entered,
    )
    return _tell_recovered(folder, done, again, mail_entered_anew=done.entered)


async def _recover_relay(folder: Path, notes: list[str], *, anyway: bool) -> Result:
    from tracepost.relay.recovery import recover_relay
    from tracepost.relay.settings import CONFIG_NAME, load_settings

    done = await recover_relay(load_settings(folder / CONFIG_NAME), heads=notes, anyway=anyway)
    again = _("Members offer again what the relay has lost as soon as they take up the new key.")
    return _tell_recovered(folder, done, again)


def _tell_recovered(folder: Path, done: Any, again: str, **more: int) -> Result:
    """Write what the stewards need of a log that was begun anew, and tell what was done; `again` of lost mail."""
    kept = folder / "requests" / f"log-{done.epoch - 1}-last-head.note"
    write_bytes(kept, done.old_head.encode("utf-8"))
    _name_key(kept.with_name(FILE_NAME), done.log_key)
    data = {
        "old_size": done.old_size,
        "entries_lost": done.lost,
        "old_head": str(kept),
        "log_key": done.log_key,
        **more,
        "asked": done.asked,
        "papers_taken": done.papers,
    }
    lines = [
        *_for_stewards(done.log_key, kept, done.lost),
        Text(again),
        Text(plural("{n} newer paper was taken in.", "{n} newer papers were taken in.", done.papers)),
    ]
    if not done.asked:
        words = _("Nobody could be asked: what was revoked meanwhile is not known.")
        lines.append(Text(words, style="bold red"))
    return Result(data, Group(*lines))


def _for_stewards(log_key: str, kept: Path, lost: int) -> list[Text]:
    return [
        Text(_("A new log was begun. For the stewards, to be put into the trust list:")),
        Text(f"{_('new log key')}: {log_key}"),
        Text(f"{_('last head of the old log')}: {kept}"),
        Text(f"{_('for the trust list')}: {kept.with_name(FILE_NAME)}"),
        Text(plural("{n} entry was lost.", "{n} entries were lost.", lost)),
    ]


def _name_key(member: Path, log_key: str) -> None:
    """Add a log key to what was written for the trust list, if that is here still."""
    if member.exists():
        before = read_membership(member)
        keys = (*(one for one in before.log_keys if one != log_key), log_key)
        write_membership(member, replace(before, log_keys=keys))


def _note_in(path: Path) -> str:
    try:
        return read_bytes(path).decode("utf-8")
    except UnicodeDecodeError as fault:
        raise InvalidInputError(_("The file holds no head of a log."), where=str(path)) from fault
