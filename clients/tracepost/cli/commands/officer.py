"""`tracepost officer …`: who works at the desks of this member."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tracepost.cli.files import read_bytes
from tracepost.cli.options import NodeOptions
from tracepost.cli.render import office as sheets
from tracepost.cli.session import connected
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _
from tracepost.protocol.errors import InvalidInputError
from tracepost.sdk.wire_json import all_to_json, to_json

app = typer.Typer(
    no_args_is_help=True, help=_("The officers of this member: who is here, and who stands in.")
)


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
