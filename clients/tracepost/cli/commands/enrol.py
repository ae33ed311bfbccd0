"""`tracepost enrol`: an officer's key, certificate and profile from a one-time token."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives import serialization
from rich.text import Text

from tracepost.cli.files import write_bytes
from tracepost.cli.options import PassphraseOptions, option
from tracepost.cli.passphrases import PassphraseSource
from tracepost.cli.progress import progress
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _
from tracepost.protocol.errors import InvalidInputError
from tracepost.protocol.identity import Role
from tracepost.sdk.enrolment import Applicant, Enrolled, enrol, generate_applicant


def register(app: typer.Typer) -> None:
    """Add this verb to `app`."""
    verb(app, "enrol")(enrol_officer)


async def enrol_officer(
    authority: Annotated[str, typer.Argument(metavar="AUTHORITY", help=_("Where it listens, HOST:PORT."))],
    *,
    folder: Annotated[Path, option("--out", _("Folder for key, certificate, root and profile."))],
    node: Annotated[str, option("--node", _("Where the node listens for officers, HOST:PORT."))],
    token_file: Annotated[
        Path | None, option("--token-file", _("File with the token, else asked for."))
    ] = None,
    no_passphrase: Annotated[bool, option("--no-passphrase", _("Keep the key unencrypted."))] = False,
    passphrase: PassphraseOptions,
) -> Result:
    """Enrol as an officer with a one-time token; makes a key, fetches the certificate, writes the profile."""
    if (folder / "officer.key").exists():
        raise InvalidInputError(_("There is a key in this folder already."), where=str(folder))
    token = PassphraseSource(token_file).read(_("Token")).decode("utf-8", "replace")
    secret = (
        None if no_passphrase else passphrase.source().read(_("Passphrase for the new key"), confirm=True)
    )
    applicant = generate_applicant()
    with progress(_("Enrolling")):
        enrolled = await enrol(authority, token, applicant)
    if enrolled.identity.role is not Role.OFFICER:
        raise InvalidInputError(_("The token is not for an officer."), where="token")
    _keep(folder, applicant, enrolled, secret, node)
    profile = folder / "profile.toml"
    name = f"{enrolled.identity.label}.{enrolled.identity.member}"
    data = {"profile": str(profile), "identity": name, "desks": list(enrolled.identity.desks)}
    return Result(data, Text(f"{name}: {profile}"))


def _keep(folder: Path, applicant: Applicant, enrolled: Enrolled, secret: bytes | None, node: str) -> None:
    from tracepost.ca.keystore import (
        Passphrase,
        protect_key,
    )  # scrypt; the library alone would stretch too little

    if secret is None:
        key = applicant.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    else:
        key = protect_key(applicant.key, Passphrase(secret), os.urandom)
    write_bytes(folder / "officer.key", key, secret=True)
    write_bytes(folder / "officer.pem", enrolled.certificate_pem)
    write_bytes(folder / "root.pem", enrolled.root_pem)
    write_bytes(folder / "profile.toml", _profile(enrolled, node).encode())


def _profile(enrolled: Enrolled, node: str) -> str:
    desks = enrolled.identity.desks
    lines = [
        f'address     = "{node}"',
        f'member      = "{enrolled.identity.member}"',
        f'domain      = "{enrolled.domain}"',
        'certificate = "officer.pem"',
        'key         = "officer.key"',
        'root        = "root.pem"',
        *([f'desk        = "{desks[0]}"'] if len(desks) == 1 else []),
    ]
    return os.linesep.join(lines) + os.linesep
