"""`tracepost enrol`: an officer's key, certificate and profile, by a one-time token or by carried files."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from rich.console import Group
from rich.text import Text

from tracepost.cli.files import read_bytes, write_bytes
from tracepost.cli.options import PassphraseOptions, option
from tracepost.cli.passphrases import PassphraseSource
from tracepost.cli.progress import progress
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _
from tracepost.protocol.errors import InvalidInputError
from tracepost.protocol.identity import Role
from tracepost.sdk.enrolment import Applicant, Enrolled, accept_chain, enrol, generate_applicant, make_paper

_KEY, _REQUEST = "officer.key", "request.json"


def register(app: typer.Typer) -> None:
    """Add this verb to `app`."""
    verb(app, "enrol")(enrol_officer)


async def enrol_officer(
    authority: Annotated[
        str | None,
        typer.Argument(
            metavar="[AUTHORITY]",
            help=_("Where it listens, HOST:PORT; left out, papers are carried by hand."),
            show_default=False,
        ),
    ] = None,
    *,
    folder: Annotated[Path, option("--out", _("Folder for key, certificate, root and profile."))],
    node: Annotated[str, option("--node", _("Where the node listens for officers, HOST:PORT."))],
    token_file: Annotated[
        Path | None, option("--token-file", _("File with the token, else asked for."))
    ] = None,
    certificate: Annotated[
        Path | None, option("--certificate", _("By hand, second step: the chain that the authority issued."))
    ] = None,
    fingerprint: Annotated[
        str | None,
        option("--fingerprint", _("By hand, second step: the fingerprint that `ca init` printed.")),
    ] = None,
    no_passphrase: Annotated[bool, option("--no-passphrase", _("Keep the key unencrypted."))] = False,
    passphrase: PassphraseOptions,
) -> Result:
    """Enrol as an officer with a one-time token; makes a key, fetches the certificate, writes the profile.

    Without AUTHORITY it is done by hand: once to make key and request, and once more with
    --certificate and --fingerprint.
    """
    if certificate is not None:
        return _take(folder, certificate, fingerprint, node, passphrase)
    if (folder / _KEY).exists():
        raise InvalidInputError(_("There is a key in this folder already."), where=str(folder))
    token = b"" if authority is None else PassphraseSource(token_file).read(_("Token"))
    secret = (
        None if no_passphrase else passphrase.source().read(_("Passphrase for the new key"), confirm=True)
    )
    applicant = generate_applicant()
    if authority is None:
        return _request(folder, applicant, secret)
    with progress(_("Enrolling")):
        enrolled = await enrol(authority, token.decode("utf-8", "replace"), applicant)
    _require_officer(enrolled)
    _keep_key(folder, applicant, secret)
    return _keep(folder, enrolled, node)


def _request(folder: Path, applicant: Applicant, secret: bytes | None) -> Result:
    _keep_key(folder, applicant, secret)
    request = folder / _REQUEST
    write_bytes(request, make_paper(applicant))
    words = _("Carry this to the authority: tracepost ca issue CA {name} --officer NUMBER --at DESK.")
    return Result({"request": str(request)}, Group(Text(str(request)), Text(words.format(name=request.name))))


def _take(
    folder: Path, certificate: Path, fingerprint: str | None, node: str, passphrase: PassphraseOptions
) -> Result:
    """Take what the authority issued for the key that lies in `folder`."""
    if fingerprint is None:
        raise InvalidInputError(_("Say by what it is to be believed."), where="--fingerprint")
    applicant = Applicant(_open_key(read_bytes(folder / _KEY), passphrase))
    enrolled = accept_chain(applicant, read_bytes(certificate), fingerprint)
    _require_officer(enrolled)
    return _keep(folder, enrolled, node)


def _open_key(pem: bytes, passphrase: PassphraseOptions) -> ec.EllipticCurvePrivateKey:
    secret = passphrase.source().read(_("Passphrase of the officer's key")) if b"ENCRYPTED" in pem else None
    try:
        key = serialization.load_pem_private_key(pem, secret)
    except ValueError as fault:
        raise InvalidInputError(_("The key file does not open."), where=_KEY) from fault
    assert isinstance(key, ec.EllipticCurvePrivateKey)  # we wrote it
    return key


def _require_officer(enrolled: Enrolled) -> None:
    if enrolled.identity.role is not Role.OFFICER:
        raise InvalidInputError(_("The certificate is not an officer's."), where="token")


def _keep_key(folder: Path, applicant: Applicant, secret: bytes | None) -> None:
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
    write_bytes(folder / _KEY, key, secret=True)


def _keep(folder: Path, enrolled: Enrolled, node: str) -> Result:
    write_bytes(folder / "officer.pem", enrolled.certificate_pem)
    write_bytes(folder / "root.pem", enrolled.root_pem)
    profile = folder / "profile.toml"
    write_bytes(profile, _profile(enrolled, node).encode())
    name = f"{enrolled.identity.label}.{enrolled.identity.member}"
    data = {"profile": str(profile), "identity": name, "desks": list(enrolled.identity.desks)}
    return Result(data, Text(f"{name}: {profile}"))


def _profile(enrolled: Enrolled, node: str) -> str:
    desks = enrolled.identity.desks
    values = {
        "address": node,
        "member": enrolled.identity.member,
        "domain": enrolled.domain,
        "certificate": "officer.pem",
        "key": _KEY,
        "root": "root.pem",
        **({"desk": desks[0]} if len(desks) == 1 else {}),
    }
    return "".join(f"{name:<11} = {json.dumps(value)}\n" for name, value in values.items())
