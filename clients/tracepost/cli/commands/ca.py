"""`tracepost ca …`: a member's authority; thin over `tracepost.ca`, which is loaded only when it is used."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from cryptography.hazmat.primitives import serialization
from rich.console import Group
from rich.text import Text

from tracepost.cli.files import read_bytes, write_bytes
from tracepost.cli.membership import Membership, read_membership
from tracepost.cli.options import PassphraseOptions, option
from tracepost.cli.render.fields import when
from tracepost.cli.render.lists import table_of
from tracepost.cli.serving import served
from tracepost.cli.usage import SpokenGroup
from tracepost.cli.verb import OptionGroup, Result, verb
from tracepost.cli.words import _, coded
from tracepost.protocol.errors import InvalidInputError, NotFoundError
from tracepost.protocol.ids import NODE_DESK, parse_member
from tracepost.protocol.trustlist import decode_member

app = typer.Typer(
    no_args_is_help=True, help=_("The national authority: certificates, revocations, its part of trust.")
)
steward_app = typer.Typer(no_args_is_help=True, help=_("A steward's key and signature on trust lists."))
app.add_typer(steward_app, name="steward", cls=SpokenGroup)

DirectoryArgument = Annotated[
    Path, typer.Argument(metavar="DIRECTORY", help=_("Folder of the authority or steward."))
]
HoursOption = Annotated[int, typer.Option("--hours", min=1, max=720, help=_("How long it is good for."))]
OutOption = Annotated[Path, option("--out", _("Where to write."))]


@dataclass(frozen=True, slots=True)
class ProfileOptions(OptionGroup):
    """Who a certificate is to show: one of the five."""

    node: Annotated[bool, option("--node", _("The member's node."))] = False
    statement: Annotated[bool, option("--statement", _("The key that signs the member's statements."))] = (
        False
    )
    desk_id: Annotated[str | None, option("--desk", _("A desk, by its id."))] = None
    console: Annotated[bool, option("--console", _("The member's web console."))] = False
    officer: Annotated[str | None, option("--officer", _("An officer, by number; with --at."))] = None
    at: Annotated[list[str] | None, option("--at", _("Desk at which the officer sits; again for more."))] = (
        None
    )

    def profile(self) -> Any:
        """Return the profile of `tracepost.ca`; raise `InvalidInputError` unless exactly one is named."""
        from tracepost import ca

        chosen = [self.node, self.statement, self.console, bool(self.desk_id), bool(self.officer)]
        if sum(chosen) != 1:
            where = "--node, --statement, --desk, --console, --officer"
            raise InvalidInputError(_("Say who it is for."), where=where)
        if self.node:
            return ca.node_profile()
        if self.statement:
            return ca.statement_profile()
        if self.console:
            return ca.console_profile()
        return (
            ca.desk_profile(self.desk_id)
            if self.desk_id
            else ca.officer_profile(self.officer or "", self.at or ())
        )


@contextmanager
def _opened(directory: Path, passphrase: PassphraseOptions | None) -> Iterator[Any]:
    from tracepost import ca

    authority = ca.open_authority(directory, _secret(passphrase) if passphrase else None)
    try:
        yield authority
    finally:
        authority.close()


def _secret(options: PassphraseOptions, *, confirm: bool = False) -> Any:
    from tracepost.ca import Passphrase

    return Passphrase(options.source().read(_("Passphrase of the key"), confirm=confirm))


@verb(app, "init")
def init(
    directory: DirectoryArgument,
    *,
    member: Annotated[str, option("--member", _("Member id, such as xaa."))],
    domain: Annotated[str, option("--domain", _("Domain of the network."))],
    member_type: Annotated[
        str, typer.Option("--type", help=_("state, panel, peace-operation, organisation or relay."))
    ] = "state",
    passphrase: PassphraseOptions,
) -> Result:
    """Found the authority of a member: root key, root certificate, first revocation list."""
    from tracepost import ca

    secret = _secret(passphrase, confirm=True)
    authority = ca.init_authority(directory, secret, member=member, domain=domain, member_type=member_type)
    fingerprint = authority.fingerprint
    authority.close()
    data = {"directory": str(directory), "member": member, "domain": domain, "fingerprint": fingerprint}
    words = _("Compare this with everybody who enrols here:")
    return Result(
        data, Group(Text(f"{directory}: {member}.{domain}"), Text(f"{words} {fingerprint}", style="bold"))
    )


@verb(app, "serve")
def serve(
    directory: DirectoryArgument,
    *,
    listen: Annotated[str, option("--listen", _("Where applicants dial, HOST:PORT."))],
    metrics: Annotated[str | None, option("--metrics", _("Where Prometheus reads, HOST:PORT."))] = None,
    log: Annotated[Path | None, option("--log", _("File for log lines, else stderr."))] = None,
    passphrase: PassphraseOptions,
) -> Result:
    """Serve enrolment until it is told to stop (SIGTERM)."""
    from tracepost.ca.__main__ import main

    arguments = [str(directory), "--listen", listen, *(["--metrics", metrics] if metrics else [])]
    arguments += ["--log", str(log)] if log else []
    if passphrase.passphrase_file is not None:
        return served(main([*arguments, "--passphrase-file", str(passphrase.passphrase_file)]), log)
    with _descriptor(passphrase.source().read(_("Passphrase of the key"))) as number:
        return served(main([*arguments, "--passphrase-fd", str(number)]), log)


@contextmanager
def _descriptor(secret: bytes) -> Iterator[int]:
    """Hand a secret to a daemon in this process without a file or an argument."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as stream:
        stream.write(secret)
    yield reading


@verb(app, "token")
def token(
    directory: DirectoryArgument,
    *,
    profile: ProfileOptions,
    hours: HoursOption = 24,
) -> Result:
    """Make a one-time token with which somebody enrols over the network."""
    with _opened(directory, None) as authority:
        text = authority.new_token(profile.profile(), lifetime_s=hours * 3600)
    return Result({"token": text, "hours": hours}, Text(text))


@verb(app, "node-tokens")
def node_tokens(
    directory: DirectoryArgument,
    *,
    desks: Annotated[list[str], option("--desk", _("Desk of the node, by its id; again for more."))],
    hours: HoursOption = 24,
) -> Result:
    """Make the tokens of a whole node: lines NAME TOKEN, as `node enrol --tokens` reads them."""
    from tracepost import ca

    profiles = {"node": ca.node_profile(), "statement": ca.statement_profile()}
    profiles |= {f"desk-{desk}": ca.desk_profile(desk) for desk in (NODE_DESK, *desks)}
    with _opened(directory, None) as authority:
        made = {name: authority.new_token(one, lifetime_s=hours * 3600) for name, one in profiles.items()}
    lines = "\n".join(f"{name} {text}" for name, text in made.items())
    return Result({"tokens": made, "hours": hours}, Text(lines))


@verb(app, "issue")
def issue(
    directory: DirectoryArgument,
    request: Annotated[
        Path, typer.Argument(metavar="REQUEST", help=_("Request paper, or PKCS #10 as PEM or DER."))
    ],
    *,
    profile: ProfileOptions,
    out: OutOption,
    passphrase: PassphraseOptions,
) -> Result:
    """Issue a certificate by files; for a desk the answer is a challenge, to be finished with `ca finish`."""
    csr, desk_key = _request_of(read_bytes(request))
    with _opened(directory, passphrase) as authority:
        if desk_key is None:
            return _write_chain(authority.issue_from_csr(profile.profile(), csr), out)
        challenge = authority.begin_for(profile.profile(), csr, desk_key)
    write_bytes(out, challenge.to_json())
    words = _("The applicant answers this; then: tracepost ca finish.")
    return Result({"challenge": str(out), "session": challenge.session}, Text(f"{out}: {words}"))


def _request_of(data: bytes) -> tuple[bytes, bytes | None]:
    from cryptography import x509

    from tracepost.protocol.enrolment import RequestPaper

    if data.lstrip().startswith(b"{"):
        paper = RequestPaper.from_json(data)
        return paper.request, None if paper.desk_key is None else bytes(paper.desk_key)
    if b"-----BEGIN" in data:
        try:
            return x509.load_pem_x509_csr(data).public_bytes(serialization.Encoding.DER), None
        except ValueError as fault:
            raise InvalidInputError(_("The file holds no certificate request.")) from fault
    return data, None


@verb(app, "finish")
def finish(
    directory: DirectoryArgument,
    answer: Annotated[
        Path, typer.Argument(metavar="ANSWER", help=_("The applicant's answer to the challenge."))
    ],
    *,
    out: OutOption,
    passphrase: PassphraseOptions,
) -> Result:
    """Finish an enrolment by files: the answer shows possession of the desk's key."""
    from tracepost.protocol.enrolment import AnswerPaper

    paper = AnswerPaper.from_json(read_bytes(answer))
    with _opened(directory, passphrase) as authority:
        return _write_chain(authority.finish(paper.session, paper.nonce), out)


def _write_chain(chain: list[Any], out: Path) -> Result:
    write_bytes(out, b"".join(one.public_bytes(serialization.Encoding.PEM) for one in chain))
    serial = f"{chain[0].serial_number:x}"
    return Result({"path": str(out), "serial": serial}, Text(f"{out}: {_('serial number')} {serial}"))


@verb(app, "fingerprint")
def fingerprint(directory: DirectoryArgument) -> Result:
    """Print the fingerprint of the root, by which those who enrol know the authority."""
    with _opened(directory, None) as authority:
        found = authority.fingerprint
    return Result({"fingerprint": found}, Text(found))


@verb(app, "list")
def list_certificates(directory: DirectoryArgument) -> Result:
    """List what the authority issued and took back."""
    with _opened(directory, None) as authority:
        revoked = {one.serial: one for one in authority.revocations()}
        issued = authority.certificates()
    table = table_of(_("serial number"), _("for"), _("until"), _("state"))
    rows = []
    for one in issued:
        taken_back = revoked.get(one.draft.serial)
        state = "revoked" if taken_back else one.state
        rows.append(
            {
                "serial": f"{one.draft.serial:x}",
                "label": one.draft.label,
                "not_after": one.draft.not_after,
                "state": state,
                "reason": taken_back.reason if taken_back else None,
            }
        )
        table.add_row(
            f"{one.draft.serial:x}", one.draft.label, when(one.draft.not_after), coded("issued", state)
        )
    return Result({"certificates": rows}, table)


@verb(app, "revoke")
def revoke(
    directory: DirectoryArgument,
    which: Annotated[
        str,
        typer.Argument(
            metavar="SERIAL|NAME",
            help=_("Serial number, hexadecimal; or a name such as officer-7: all that are valid for it."),
        ),
    ],
    *,
    reason: Annotated[str, typer.Option("--reason", help=_("Why: a reason of RFC 5280."))] = "unspecified",
    passphrase: PassphraseOptions,
) -> Result:
    """Take a certificate back, for ever, and publish the list."""
    with _opened(directory, passphrase) as authority:
        done = [authority.revoke(number, reason) for number in _serials(authority, which)]
    published = directory / "published" / "crl.der"
    rows = [{"serial": f"{one.serial:x}", "revoked_at": one.revoked, "reason": one.reason} for one in done]
    lines = [Text(f"{one.serial:x}: {_('revoked')} {when(one.revoked)}") for one in done]
    words = _("The list to bring to the member's node (node install --crl):")
    return Result(
        {"revoked": rows, "crl": str(published)}, Group(*lines, Text(f"{words} {published}", style="bold"))
    )


def revoke_officer(directory: Path, number: str, passphrase: PassphraseOptions) -> tuple[bytes, int]:
    """Revoke all valid certificates of an officer; return the published list (DER), and how many there were."""
    with _opened(directory, passphrase) as authority:
        try:
            found = _serials(authority, f"officer-{number}")
        except NotFoundError:
            found = []
        for one in found:
            authority.revoke(one, "cessation")
    return read_bytes(directory / "published" / "crl.der"), len(found)


def _serials(authority: Any, which: str) -> list[int]:
    """Return the serial number that `which` is, or those of what it names."""
    with suppress(ValueError):
        return [int(which, 16)]
    now, taken_back = time.time(), {one.serial for one in authority.revocations()}
    drafts = [one.draft for one in authority.certificates() if one.draft.label == which]
    found = [one.serial for one in drafts if one.serial not in taken_back and one.not_after > now]
    if not found:
        raise NotFoundError(
            _("No valid certificate has this name."), where="SERIAL|NAME", reason="unknown-certificate"
        )
    return found


@verb(app, "crl")
def crl(directory: DirectoryArgument, *, out: OutOption, passphrase: PassphraseOptions) -> Result:
    """Sign and publish the next revocation list."""
    with _opened(directory, passphrase) as authority:
        data = authority.publish_crl()
    write_bytes(out, data)
    return Result({"path": str(out), "bytes": len(data)}, Text(str(out)))


@verb(app, "restore")
def restore(
    directory: DirectoryArgument,
    *,
    newest: Annotated[Path | None, option("--crl", _("Newest revocation list that any peer holds."))] = None,
    passphrase: PassphraseOptions,
) -> Result:
    """Open an authority whose database came from a backup, and teach it what it forgot."""
    from tracepost import ca

    known = None if newest is None else read_bytes(newest)
    authority = ca.restore_authority(directory, _secret(passphrase), crl=known)
    authority.close()
    return Result({"restored": str(directory)}, Text(_("Restored; open tokens have ended.")))


@verb(app, "trust-part")
def trust_part(
    directory: DirectoryArgument,
    *,
    paper: Annotated[
        Path | None, option("--from", _("What its node or relay wrote for this: requests/member.json."))
    ] = None,
    log_key: Annotated[
        list[str] | None,
        option("--log-key", _("Without --from: public key of the member's log (vkey); again for more.")),
    ] = None,
    competence: Annotated[
        list[str] | None,
        option("--competence", _("Without --from: competence that its desks may declare; again for more.")),
    ] = None,
    policy: Annotated[
        str | None,
        option("--policy-sha256", _("Without --from: SHA-256 of the node's base policy, hexadecimal.")),
    ] = None,
    hosted_by: Annotated[
        str | None, option("--hosted-by", _("Member on whose machine the node runs, if not its own."))
    ] = None,
    mandate_until: Annotated[
        str | None,
        option("--mandate-until", _("Last day of a panel's or peace operation's mandate, YYYY-MM-DD.")),
    ] = None,
    out: OutOption,
) -> Result:
    """Write the member's part of the trust list, for the stewards."""
    from tracepost import ca

    member = _membership(paper, log_key, competence, policy)
    with _opened(directory, None) as authority:
        part = ca.export_trust_part(
            authority,
            log_keys=member.log_keys,
            competences=member.competences,
            base_policy_sha256=member.base_policy_sha256,
            hosted_by=parse_member(hosted_by) if hosted_by else None,
            mandate_until=mandate_until or "",
        )
    shown = decode_member(part)
    write_bytes(out, part)
    return Result({"path": str(out), "member": shown.id}, Text(f"{out}: {shown.id}"))


def _membership(
    paper: Path | None, log_key: list[str] | None, competence: list[str] | None, policy: str | None
) -> Membership:
    if (paper is None) == (log_key is None or policy is None):
        raise InvalidInputError(
            _("Say what the trust list is to name."), where="--from, or --log-key and --policy-sha256"
        )
    if paper is not None:
        return read_membership(paper)
    try:
        return Membership(tuple(log_key or ()), tuple(competence or ()), bytes.fromhex(policy or ""))
    except ValueError as fault:
        raise InvalidInputError(_("A digest has 64 hexadecimal digits."), where="--policy-sha256") from fault


@verb(steward_app, "init")
def init_steward(
    directory: DirectoryArgument,
    *,
    steward: Annotated[str, option("--id", _("Steward id."))],
    passphrase: PassphraseOptions,
) -> Result:
    """Make a steward's key; steward.json in its folder is for the other stewards."""
    from tracepost import ca

    made = ca.create_steward(directory, steward, _secret(passphrase, confirm=True))
    return Result({"directory": str(directory), "steward": made.id}, Text(f"{directory}: {made.id}"))


@verb(steward_app, "sign")
def sign_as_steward(
    directory: DirectoryArgument,
    payload: Annotated[Path, typer.Argument(metavar="PAYLOAD", help=_("Payload to sign, or a list of it."))],
    *,
    out: OutOption,
    passphrase: PassphraseOptions,
) -> Result:
    """Sign a trust list; a steward signs one list of each number and never an older one."""
    from tracepost.cli.commands.trust import signed_by_steward

    return signed_by_steward(directory, payload, out, passphrase)
