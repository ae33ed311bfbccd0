"""`tracepost bundle …`: releases as signed files, made in a checkout, installed on machines without a network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from tracepost.cli.files import read_bytes
from tracepost.cli.options import PassphraseOptions, option
from tracepost.cli.progress import progress
from tracepost.cli.shipping import installing
from tracepost.cli.shipping.bundle import SIZE_LIMIT_BYTES, peek_manifest, read_bundle, write_bundle
from tracepost.cli.shipping.manifest import File, Manifest, sign_manifest
from tracepost.cli.shipping.versions import Versions
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _, plural
from tracepost.protocol.errors import InvalidInputError
from tracepost.protocol.evidence import NoteVerifier, parse_vkey

app = typer.Typer(
    no_args_is_help=True,
    help=_("Releases as signed files: make, check, install without a network, and take back."),
)

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help=_("The bundle."))]
KeyOption = Annotated[
    str, typer.Option("--key", help=_("Verifier key of those who release, or a file that holds it."))
]
IntoOption = Annotated[
    Path, typer.Option("--into", metavar="FOLDER", help=_("Folder that releases are installed into."))
]
NodesOption = Annotated[
    list[Path] | None,
    option("--node", _("Folder of a node that is served from here; again for more. It is remembered.")),
]
RestartOption = Annotated[
    str,
    typer.Option("--restart", metavar="COMMAND", help=_("Restarts the daemons; ends with 0 if they serve.")),
]
_INTO = Path("/opt/tracepost")


@verb(app, "key")
def key(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help=_("Folder for the key."))],
    *,
    name: Annotated[str, option("--name", _("Name of those who release, as releases.example."))],
    passphrase: PassphraseOptions,
) -> Result:
    """Make a release key; release.vkey in its folder is for everybody who installs."""
    from tracepost.cli.shipping.release_key import make_release_key

    made = make_release_key(folder, name, passphrase.source().read(_("Passphrase"), confirm=True))
    return Result({"folder": str(folder), "key": made.vkey}, Text(made.vkey))


@verb(app, "make")
def make(
    out: Annotated[Path, typer.Argument(metavar="FILE", help=_("The bundle that is written."))],
    *,
    signed_with: Annotated[Path, option("--signed-with", _("Folder of the release key."))],
    source: Annotated[Path, typer.Option("--source", help=_("Top of the checkout."))] = Path(),
    wheels: Annotated[
        Path, typer.Option("--wheels", help=_("Folder for wheels, kept for the next time."))
    ] = Path("build/wheels"),
    follows: Annotated[
        str,
        typer.Option("--follows", metavar="RELEASE", help=_("Release that it upgrades from in one step.")),
    ] = "",
    thin: Annotated[
        Path | None,
        option("--thin-for", _("Bundle that its readers have: leave out what is in it.")),
    ] = None,
    passphrase: PassphraseOptions,
) -> Result:
    """Make a bundle out of a checkout: wheels of all that the lock pins, migrations, digests, signature."""
    from tracepost.cli.shipping.building import build_release, needed_digests
    from tracepost.cli.shipping.release_key import open_release_key

    signer = open_release_key(signed_with, passphrase.source().read(_("Passphrase of the release key")))
    before = [] if thin is None else [peek_manifest(thin, [signer.verifier])]
    with progress(_("Gathering wheels")):
        manifest = build_release(source, wheels, follows=follows or (before[0].release if before else ""))
    note = sign_manifest(manifest, signer)
    size = write_bundle(out, note, manifest, wheels, without=set(needed_digests(before)))
    data = {"file": str(out), "release": manifest.release, "bytes": size, "key": signer.vkey}
    words = _("{release}: {size:.1f} MB of {limit} MB").format(
        release=manifest.release, size=size / 1e6, limit=SIZE_LIMIT_BYTES // 1_000_000
    )
    return Result(data, Group(Text(words), Text(signer.vkey)))


@verb(app, "verify")
def verify(file: FileArgument, *, key: KeyOption, into: IntoOption = _INTO) -> Result:
    """Check signature and digests of a bundle; exit 7 if anything is not as it was signed."""
    checked: list[File] = []

    def take(one: File, pieces: Iterator[bytes]) -> None:
        for _piece in pieces:  # to its end, where it is judged
            pass
        checked.append(one)

    manifest = read_bundle(file, _verifiers(key), take, into / "wheels")
    words = plural("{n} file is as it was signed.", "{n} files are as they were signed.", len(checked))
    data = {**_told(manifest), "in_the_file": len(checked), "files": len(manifest.files)}
    return Result(data, Group(Text(manifest.release, style="bold"), Text(words)))


@verb(app, "install")
def install(
    file: FileArgument,
    *,
    key: KeyOption = "",
    into: IntoOption = _INTO,
    node: NodesOption = None,
    restart: RestartOption = "",
    older: Annotated[
        bool, typer.Option("--older", help=_("Also if it is older than the one that serves."))
    ] = False,
    no_way_back: Annotated[
        bool, typer.Option("--no-way-back", help=_("Also if only a backup leads back from it."))
    ] = False,
) -> Result:
    """Install a release beside the others, do the pre steps on databases, and let it serve.

    Without --key the key is believed that was given the last time. Whatever breaks off is done again by the same
    command; what ran before runs on.
    """
    order = installing.Order(tuple(node or ()), restart, older, no_way_back)
    with progress(_("Installing")):
        done = installing.install(file, _key_text(key), _versions(into), order)
    return _outcome(done, restarted=bool(restart))


@verb(app, "rollback")
def rollback(
    *,
    into: IntoOption = _INTO,
    node: NodesOption = None,
    restart: RestartOption = "",
) -> Result:
    """Let the release before serve again; refused if a store was changed so that it cannot."""
    order = installing.Order(tuple(node or ()), restart)
    return _outcome(installing.rollback(_versions(into), order), restarted=bool(restart))


@verb(app, "list")
def list_releases(*, into: IntoOption = _INTO) -> Result:
    """Show the releases that are installed."""
    found = _versions(into).listed()
    table = Table(_("release"), _("serves"), _("steps on tables"), box=None)
    for one in found:
        serves = _("now") if one.is_current else _("before") if one.is_previous else ""
        table.add_row(one.manifest.release, serves, one.manifest.newest_step)
    data = [{**_told(one.manifest), "current": one.is_current, "previous": one.is_previous} for one in found]
    return Result(data, table)


def _outcome(done: installing.Outcome, *, restarted: bool) -> Result:
    words = _("{release} serves.") if restarted else _("{release} serves after a restart.")
    lines = [Text(words.format(release=done.manifest.release), style="bold")]
    if done.before is not None:
        lines.append(Text(_("Before: {release}").format(release=done.before.release)))
    if done.post_steps:
        words = _("When you are content: tracepost node migrate FOLDER --post; then there is no way back.")
        lines.append(Text(words))
    data = {
        **_told(done.manifest),
        "before": done.before.release if done.before else None,
        "post_steps": list(done.post_steps),
    }
    return Result(data, Group(*lines))


def _told(manifest: Manifest) -> dict[str, object]:
    return {
        "release": manifest.release,
        "version": manifest.version,
        "follows": manifest.follows,
        "python": manifest.python,
        "platform": manifest.platform,
        "newest_step": manifest.newest_step,
    }


def _versions(into: Path) -> Versions:
    from tracepost.cli.shipping.environment import make_environment

    return Versions(into, make_environment)


def _verifiers(key: str) -> list[NoteVerifier]:
    return [parse_vkey(_key_text(key))]


def _key_text(key: str) -> str:
    """Return a verifier key that is given as itself or as the name of a file."""
    if not key or "+" in key:
        return key
    try:
        return read_bytes(Path(key)).decode("ascii").strip()
    except UnicodeDecodeError as fault:
        raise InvalidInputError(_("The file holds no verifier key."), where=key) from fault
