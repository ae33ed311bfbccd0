"""`tracepost relay …`: thin over `tracepost.relay`, which is loaded only when it is used."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.text import Text

from tracepost.cli.carried import read_chain, read_crl
from tracepost.cli.commands.pouch import (
    FilesArgument,
    MemberArgument,
    MostMibOption,
    OfMemberArgument,
    OnlyNewOption,
    OutOption,
    take_in,
    tell_made,
    tell_pouches,
    tell_taken,
)
from tracepost.cli.files import read_bytes, write_bytes
from tracepost.cli.membership import FILE_NAME, Membership, write_membership
from tracepost.cli.options import option
from tracepost.cli.progress import progress
from tracepost.cli.relay_session import relay_pouches
from tracepost.cli.render.relay import box_table, mail_table
from tracepost.cli.serving import served
from tracepost.cli.usage import SpokenGroup
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _
from tracepost.protocol.enrolment import RequestPaper
from tracepost.protocol.errors import InvalidInputError
from tracepost.protocol.identity import load_chain
from tracepost.protocol.ids import encode_b64, parse_member

app = typer.Typer(
    no_args_is_help=True, help=_("A relay: keeps mail for members who are away, and cannot read it.")
)

FolderArgument = Annotated[Path, typer.Argument(metavar="FOLDER", help=_("Folder of the relay."))]


@verb(app, "init")
def init(
    folder: FolderArgument,
    *,
    member: Annotated[str, option("--member", _("The relay's member id."))],
    domain: Annotated[str, option("--domain", _("Domain of the network."))],
    post: Annotated[str, option("--post", _("Where members' nodes dial, HOST:PORT."))],
    metrics: Annotated[str, typer.Option("--metrics", help=_("Where Prometheus reads, HOST:PORT."))] = "",
) -> Result:
    """Make a relay's folder: keys, and in `requests` what its authority and the stewards need."""
    from tracepost.relay.installation import init_relay

    made = init_relay(folder, member=member, domain=domain, post=post, metrics=metrics)
    paper, about = folder / "requests" / "node.json", folder / "requests" / FILE_NAME
    write_bytes(paper, RequestPaper(made.request, None).to_json())
    write_membership(about, Membership((made.log_key,), witness_keys=made.witness_keys))
    data = {
        "folder": str(folder),
        "request": encode_b64(made.request),
        "log_key": made.log_key,
        "requests": {"node": str(paper)},
        "member": str(about),
    }
    lines = [
        Text(f"{_('log key')}: {made.log_key}"),
        Text(f"{_('certificate request')}: {paper}"),
        Text(f"{_('for the trust list')}: {about}"),
    ]
    return Result(data, Group(*lines))


@verb(app, "install")
def install(
    folder: FolderArgument,
    *,
    certificate: Annotated[
        Path | None, option("--certificate", _("Chain that its authority issued (PEM)."))
    ] = None,
    trust: Annotated[Path | None, option("--trust", _("First trust list; with --fingerprint."))] = None,
    fingerprint: Annotated[
        str, typer.Option("--fingerprint", help=_("The fingerprint that you were told."))
    ] = "",
    crl: Annotated[Path | None, option("--crl", _("Revocation list of the own authority (DER)."))] = None,
) -> Result:
    """Give a relay its certificate, its first trust list and its authority's revocation list."""
    from tracepost.relay.installation import install_certificate, install_trust
    from tracepost.relay.settings import CONFIG_NAME, load_settings

    if certificate is None and trust is None and crl is None:
        raise InvalidInputError(_("Say what is to be installed."), where="--certificate, --trust, --crl")
    if certificate is not None:
        install_certificate(folder, read_chain(certificate))
    if trust is not None:
        install_trust(folder, read_bytes(trust), fingerprint=fingerprint)
    if crl is not None:
        settings = load_settings(folder / CONFIG_NAME)
        write_bytes(settings.crl_path, read_crl(crl, load_chain(read_bytes(settings.chain_path))))
    return Result({"folder": str(folder)}, Text(_("Installed.")))


@verb(app, "serve")
def serve(
    folder: FolderArgument,
    *,
    log: Annotated[Path | None, option("--log", _("File for log lines, else stderr."))] = None,
) -> Result:
    """Serve until it is told to stop (SIGTERM)."""
    from tracepost.relay.bootstrap import serve_relay
    from tracepost.relay.settings import CONFIG_NAME

    return served(serve_relay(folder / CONFIG_NAME, log_path=log), log)


@verb(app, "status")
def status(folder: FolderArgument) -> Result:
    """Show for whom mail waits, how much, and when the first of it expires."""
    from tracepost.relay.ledger import Ledger
    from tracepost.relay.settings import CONFIG_NAME, load_settings

    with Ledger.open(load_settings(folder / CONFIG_NAME).store_url) as ledger:
        boxes, in_pouches = ledger.boxes(), ledger.in_pouches()
    data = [
        {
            "member": box.member,
            "envelopes": box.envelopes,
            "bytes": box.size_bytes,
            "first_expires_at": box.next_end,
        }
        for box in boxes
    ]
    return Result({"waiting": data, "in_pouches": in_pouches}, box_table(data, in_pouches))


@verb(app, "mail")
def mail(
    folder: FolderArgument,
    *,
    to: Annotated[str, typer.Option("--to", help=_("Only mail for this member."))] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help=_("At most so many, the newest first."))] = 50,
) -> Result:
    """Show what the relay knows of each envelope. It is all there is to see: nothing in it can be read here."""
    from tracepost.relay.ledger import Ledger
    from tracepost.relay.settings import CONFIG_NAME, load_settings

    with Ledger.open(load_settings(folder / CONFIG_NAME).store_url) as ledger:
        carried = ledger.mail(to=parse_member(to) if to else None, limit=limit)
    data = [
        {
            "envelope": one.envelope_id.hex(),
            "from": one.from_member,
            "to": one.to_member,
            "lane": one.lane.name.lower(),
            "number": one.seq,
            "bytes": one.size_bytes,
            "state": one.state.name.lower(),
            "deliver_by": one.deliver_by,
            "log_entry": one.log_number,
        }
        for one in carried
    ]
    return Result({"mail": data}, mail_table(data))


pouch = typer.Typer(
    no_args_is_help=True,
    help=_("Pouches of a relay: what waits for a member as files, and what the member gives back."),
)
app.add_typer(pouch, name="pouch", cls=SpokenGroup)


@verb(pouch, "export")
async def export(
    folder: FolderArgument,
    member: MemberArgument,
    *,
    out: OutOption,
    most_mib: MostMibOption = None,
    only_new: OnlyNewOption = False,
) -> Result:
    """Make a pouch of all that waits here for a member: mail, receipts, papers, attachments. The relay must be running.

    Nothing is gone by that. The relay keeps what it put into the pouch, and offers it on the member's line too, until
    the member's receipt comes back, by a pouch or by a line.
    """
    async with relay_pouches(folder, _("Making the pouch")) as pouches:
        with progress(_("Bytes written")) as advance:
            saved = await pouches.pack(member, out, most_mib=most_mib, only_new=only_new, progress=advance)
    return tell_made(saved)


@verb(pouch, "import")
async def import_(folder: FolderArgument, files: FilesArgument) -> Result:
    """Take in pouches that members made for this relay: their mail, and receipts for what they got. It must be running.

    A file that is damaged, forged or for somebody else changes nothing. The same file again changes nothing either.
    What is answered to it goes with your next pouch for that member. Exit code 8: some of it could not be taken yet,
    or a file of the pouch is missing; what and where is said.
    """
    async with relay_pouches(folder, _("Taking the pouch in")) as pouches:
        return tell_taken(files, await take_in(pouches, files))


@verb(pouch, "list")
async def list_(
    folder: FolderArgument,
    member: OfMemberArgument = None,
) -> Result:
    """List the pouches that were made here and taken in. The relay must be running."""
    async with relay_pouches(folder) as pouches:
        return tell_pouches(await pouches.list_pouches(member))
