"""`tracepost officer …`: who works at the desks of this member."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tracepost.cli.commands.ca import revoke_officer
from tracepost.cli.files import read_bytes
from tracepost.cli.options import NodeOptions, PassphraseOptions, option
from tracepost.cli.profile import read_profile
from tracepost.cli.progress import progress
from tracepost.cli.render import office as sheets
from tracepost.cli.session import connected, open_client, read_papers
from tracepost.cli.usage import SpokenGroup
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _
from tracepost.protocol.errors import InvalidInputError, PermissionError_
from tracepost.sdk.passkeys import endorse, read_request, speaking
from tracepost.sdk.wire_json import all_to_json, to_json
from tracepost.wire.v1 import office_pb2, post_pb2

app = typer.Typer(
    no_args_is_help=True, help=_("The officers of this member: who is here, and who stands in.")
)

passkeys = typer.Typer(
    no_args_is_help=True, help=_("Passkeys by which you give your word as second officer at a console.")
)
app.add_typer(passkeys, name="passkey", cls=SpokenGroup)

NumberArgument = Annotated[str, typer.Argument(metavar="NUMBER", help=_("Number of the officer."))]
AppointmentArgument = Annotated[
    int, typer.Argument(metavar="APPOINTMENT", min=1, help=_("Number of the appointment."))
]


@verb(app, "list")
async def list_officers(node: NodeOptions) -> Result:
    """List the officers that the node knows: their desks, when they were here last, whether they count."""
    async with connected(node) as client:
        officers = await client.office.list_officers()
    return Result({"officers": all_to_json(officers)}, sheets.officers(officers))


@verb(app, "add")
async def add(
    certificate: Annotated[
        Path, typer.Argument(metavar="CERTIFICATE", help=_("The officer's certificate with its chain, PEM."))
    ],
    node: NodeOptions,
) -> Result:
    """Write an officer down who has not called yet, so that mail waits for his word."""
    try:
        chain = x509.load_pem_x509_certificates(read_bytes(certificate))
    except ValueError as fault:
        raise InvalidInputError(_("The file holds no certificate."), where=str(certificate)) from fault
    async with connected(node) as client:
        made = await client.office.add_officer([one.public_bytes(Encoding.DER) for one in chain])
    return Result(to_json(made), sheets.officers([made]))


@verb(app, "deputise")
async def deputise(
    number: NumberArgument,
    node: NodeOptions,
    *,
    acts_for: Annotated[str, typer.Option("--for", metavar="DESK", help=_("Desk that he acts for."))],
    from_day: Annotated[str, typer.Option("--from", metavar="DAY", help=_("First day, YYYY-MM-DD."))],
    until_day: Annotated[str, typer.Option("--until", metavar="DAY", help=_("Last day, YYYY-MM-DD."))],
) -> Result:
    """Propose that an officer acts for a desk for some days; another officer must approve it."""
    async with connected(node) as client:
        made = await client.office.deputise(number, acts_for, from_day, until_day)
    return Result(to_json(made), sheets.deputies([made]))


@verb(app, "approve")
async def approve(appointment: AppointmentArgument, node: NodeOptions) -> Result:
    """Approve an appointment as a deputy that another officer proposed."""
    async with connected(node) as client:
        made = await client.office.decide_deputy(appointment, approve=True)
    return Result(to_json(made), sheets.deputies([made]))


@verb(app, "end")
async def end(appointment: AppointmentArgument, node: NodeOptions) -> Result:
    """Refuse an appointment as a deputy, or end it at once; it ends by itself after its last day."""
    async with connected(node) as client:
        made = await client.office.decide_deputy(appointment, approve=False)
    return Result(to_json(made), sheets.deputies([made]))


@verb(app, "leave")
async def leave(
    number: NumberArgument,
    node: NodeOptions,
    *,
    successor: Annotated[str, typer.Option("--to", metavar="NUMBER", help=_("Officer who takes over."))],
    authority: Annotated[
        Path | None, option("--ca", _("Folder of the member's authority: also revoke his certificates."))
    ] = None,
    passphrase: PassphraseOptions,
) -> Result:
    """Let an officer leave: refused from now on, certificates revoked, cases and mail handed over.

    Once more changes nothing and says what is left to do.
    """
    profile, revoked = read_profile(node.profile), 0
    async with open_client(profile, node.desk) as client:
        try:
            with progress(_("Asking the node")):
                told = await client.office.leave(number, successor)
        except PermissionError_ as error:  # of the only second officer: the authority's word is asked first
            if authority is None or error.reason != "second-officer":
                raise
            told = office_pb2.Leaving(certificate_in_force=True)
        if authority is not None and told.certificate_in_force:
            crl, revoked = revoke_officer(authority, number, passphrase)
            with progress(_("Asking the node")):
                await client.import_papers(post_pb2.Announcement(member=profile.member, crl=crl))
                told = await client.office.leave(number, successor)
    return Result({**to_json(told), "revoked": revoked}, sheets.leaving(told, revoked))


@verb(passkeys, "endorse")
async def endorse_passkey(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help=_('What the console gave you under "Passkeys".'))
    ],
    node: NodeOptions,
) -> Result:
    """Let a passkey speak for you at its console, until your certificate ends: sign that it is yours.

    Endorse none that you have not just added yourself.
    """
    profile = read_profile(node.profile)
    asked, papers = read_request(read_bytes(file)), read_papers(profile)
    said = endorse(asked, papers, domain=profile.domain, now=int(time.time()))
    async with open_client(profile, node.desk) as client:
        with progress(_("Asking the node")):
            made = await client.office.endorse_passkey(said)
    return Result(to_json(made), sheets.passkeys([made], [made]))


@verb(passkeys, "list")
async def list_passkeys(node: NodeOptions) -> Result:
    """List the passkeys that speak for you, and those that an earlier certificate of yours endorsed: they do not."""
    async with connected(node) as client:
        found = await client.office.list_passkeys()
    return _told_passkeys(node, found)


@verb(passkeys, "end")
async def end_passkey(
    credential: Annotated[
        str, typer.Argument(metavar="PASSKEY", help=_("Name of the passkey, or its beginning."))
    ],
    node: NodeOptions,
) -> Result:
    """Take back that a passkey speaks for you: its word counts no more."""
    async with connected(node) as client:
        known = {one.credential for one in await client.office.list_passkeys()}
        found = [one for one in known if one.startswith(credential)]
        if len(found) != 1:
            raise InvalidInputError(
                _("The name does not say which passkey is meant."), where="PASSKEY", reason="which-passkey"
            )
        await client.office.end_passkey(found[0])
        left = await client.office.list_passkeys()
    return _told_passkeys(node, left)


def _told_passkeys(node: NodeOptions, found: Sequence[office_pb2.Passkey]) -> Result:
    """Tell which of `found` the certificate of the profile endorsed; an earlier one's speak for nobody."""
    pem = read_bytes(read_profile(node.profile).certificate)
    certificate = x509.load_pem_x509_certificates(pem)[0].public_bytes(Encoding.DER)
    speak = speaking(found, certificate)
    told = [{**to_json(one), "speaks": one in speak} for one in found]
    return Result({"passkeys": told}, sheets.passkeys(found, speak))
