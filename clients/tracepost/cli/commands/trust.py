"""`tracepost trust …`: trust lists as files, for stewards who sign and operators who check."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from tracepost.cli.files import read_bytes, write_bytes
from tracepost.cli.options import NodeOptions, PassphraseOptions, option
from tracepost.cli.profile import read_profile
from tracepost.cli.render.fields import when
from tracepost.cli.render.lists import table_of
from tracepost.cli.session import connected
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _, coded
from tracepost.protocol.errors import InvalidInputError
from tracepost.protocol.trustlist import (
    HARD_EXPIRY_LIMIT_S,
    TrustContent,
    UntrustedList,
    decode_member,
    decode_steward,
    encode_content,
    encode_member,
    end_log_key,
    end_witness_keys,
    fingerprint_of,
    join,
    load_first,
    load_first_unsafe,
    load_next,
    parse_content,
    parse_list,
    parse_part,
)
from tracepost.wire.v1 import post_pb2

app = typer.Typer(no_args_is_help=True, help=_("Trust lists: who is a member, and whose word that is."))

ListArgument = Annotated[Path, typer.Argument(metavar="FILE", help=_("Trust list, or the payload of one."))]
DAY_SECONDS = 86400
OutOption = Annotated[Path, option("--out", _("Where to write."))]


@verb(app, "show")
async def show(
    node: NodeOptions,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help=_("Trust list; else the node's."), show_default=False),
    ] = None,
) -> Result:
    """Show what a trust list says and who signed it; nothing is proved by showing."""
    if file is not None:
        data = read_bytes(file)
    else:
        async with connected(node) as client:
            data = (await client.show_trust()).trust_list
    payload, untrusted = _payload_of(data)
    content = parse_content(payload)
    signed = sorted(untrusted.signers(content.stewards)) if untrusted else []
    return Result(_as_json(content, payload, signed), _sheet(content, payload, signed))


@verb(app, "fingerprint")
def fingerprint(file: ListArgument) -> Result:
    """Print the fingerprint by which people compare trust lists, over the telephone or on paper."""
    payload, _unused = _payload_of(read_bytes(file))
    found = fingerprint_of(payload)
    return Result({"fingerprint": found}, Text(found))


@verb(app, "draft")
def draft(
    *,
    member: Annotated[
        list[Path], option("--member", _("Part of a member (tracepost ca trust-part); again for more."))
    ],
    steward: Annotated[list[Path], option("--steward", _("A steward's steward.json; again for more."))],
    domain: Annotated[str, option("--domain", _("Domain of the network."))],
    sequence: Annotated[int, typer.Option("--sequence", min=1, help=_("Number of the list; it only grows."))],
    days: Annotated[
        int, typer.Option("--days", min=1, max=90, help=_("Days until the next list is due."))
    ] = 30,
    witness_quorum: Annotated[
        int,
        typer.Option(
            "--witness-quorum", min=0, help=_("How many others are to cosign the head of each log.")
        ),
    ] = 0,
    out: OutOption,
) -> Result:
    """Put the parts of members together to the payload that stewards sign."""
    now = int(time.time())
    payload = encode_content(
        TrustContent(
            sequence=sequence,
            issued=now,
            next_update=now + days * DAY_SECONDS,
            hard_expiry=now + HARD_EXPIRY_LIMIT_S,
            domain=domain,
            members=tuple(decode_member(read_bytes(path)) for path in member),
            stewards=tuple(decode_steward(read_bytes(path)) for path in steward),
            witness_quorum=witness_quorum,
        )
    )
    write_bytes(out, payload)
    found = fingerprint_of(payload)
    return Result({"path": str(out), "fingerprint": found}, Text(f"{out}: {found}"))


@verb(app, "end-log-key")
def end_key(
    part: Annotated[
        Path, typer.Argument(metavar="PART", help=_("Part of a member (tracepost ca trust-part)."))
    ],
    *,
    head: Annotated[Path, option("--head", _("Last head of its log that anybody has seen (a checkpoint)."))],
    out: OutOption,
) -> Result:
    """End a log key of a member at the last head that it signed: nothing later is believed of it."""
    ended = end_log_key(decode_member(read_bytes(part)), _note_in(head))
    write_bytes(out, encode_member(ended))
    keys = [key.vkey for key in ended.log_keys if key.until_size is not None]
    return Result({"path": str(out), "member": ended.id, "ended": keys}, Text(f"{out}: {ended.id}"))


@verb(app, "end-witness-keys")
def end_witness(
    part: Annotated[
        Path, typer.Argument(metavar="PART", help=_("Part of a member (tracepost ca trust-part)."))
    ],
    *,
    until: Annotated[
        int | None,
        option("--until", _("Last second (unix) of which their word counts; now, if it is not said.")),
    ] = None,
    key: Annotated[
        list[str] | None,
        option("--key", _("Verifier key that follows (tracepost log witness); again for more.")),
    ] = None,
    out: OutOption,
) -> Result:
    """End the keys by which a member cosigns logs of others: what they cosign later counts for nothing.

    What they cosigned until then counts as before. Were they stolen, name a second before the theft.
    """
    end = int(time.time()) if until is None else until
    ended = end_witness_keys(decode_member(read_bytes(part)), end, key or ())
    data = encode_member(ended)
    decode_member(data)  # a key that is none is refused here
    write_bytes(out, data)
    keys = [one.vkey for one in ended.witness_keys if one.until is not None]
    return Result({"path": str(out), "member": ended.id, "ended": keys}, Text(f"{out}: {ended.id}"))


def _note_in(path: Path) -> str:
    try:
        return read_bytes(path).decode("utf-8")
    except UnicodeDecodeError as fault:
        raise InvalidInputError(_("The file holds no head of a log."), where=str(path)) from fault


@verb(app, "sign")
def sign(
    payload: Annotated[Path, typer.Argument(metavar="PAYLOAD", help=_("Payload to sign, or a list of it."))],
    *,
    steward: Annotated[Path, option("--steward", _("Folder of the steward (tracepost ca steward init)."))],
    out: OutOption,
    passphrase: PassphraseOptions,
) -> Result:
    """Sign a trust list as one steward; the signature goes to a file of its own."""
    return signed_by_steward(steward, payload, out, passphrase)


def signed_by_steward(folder: Path, payload: Path, out: Path, passphrase: PassphraseOptions) -> Result:
    """Write the steward's signature over the list in `payload`; what was signed is written down first."""
    from tracepost import ca

    content, _unused = _payload_of(read_bytes(payload))
    secret = ca.Passphrase(passphrase.source().read(_("Passphrase of the key")))
    part = ca.sign_trust_list(folder, content, secret)
    write_bytes(out, part.to_json())
    found = fingerprint_of(content)
    data = {"path": str(out), "fingerprint": found, "steward": part.steward}
    return Result(data, Text(f"{out}: {found}"))


@verb(app, "join")
def join_parts(
    payload: Annotated[Path, typer.Argument(metavar="PAYLOAD", help=_("Payload that was signed."))],
    parts: Annotated[list[Path], typer.Argument(metavar="PART...", help=_("Signatures of stewards."))],
    out: OutOption,
) -> Result:
    """Join a payload and the signatures of its stewards to a trust list."""
    content, _unused = _payload_of(read_bytes(payload))
    whole = join(content, [parse_part(read_bytes(part)) for part in parts])
    trusted = load_first_unsafe(whole)  # our own output: refused here rather than by every reader
    write_bytes(out, whole)
    data = {"path": str(out), "fingerprint": trusted.fingerprint, "sequence": trusted.sequence}
    return Result(data, Text(f"{out}: {trusted.fingerprint}"))


@verb(app, "verify")
def verify(
    file: ListArgument,
    anchor: Annotated[
        str | None,
        option("--fingerprint", _("The fingerprint that you were told.")),
    ] = None,
    previous: Annotated[
        Path | None,
        option("--previous", _("The list before this one, already believed.")),
    ] = None,
) -> Result:
    """Check a trust list against a fingerprint, or as the successor of a list already believed."""
    data = read_bytes(file)
    if (anchor is None) == (previous is None):
        raise InvalidInputError(_("Say by what it is to be believed."), where="--fingerprint, --previous")
    if previous is not None:
        trusted = load_next(data, load_first_unsafe(read_bytes(previous)))
    else:
        trusted = load_first(data, fingerprint=anchor or "")
    freshness = trusted.freshness(int(time.time()))
    result = {
        "fingerprint": trusted.fingerprint,
        "sequence": trusted.sequence,
        "freshness": freshness.value,
        "members": [member.id for member in trusted.members],
    }
    words = _("The list is good: number {sequence}, {freshness}.").format(
        sequence=trusted.sequence, freshness=coded("freshness", freshness.value)
    )
    return Result(result, Text(words))


@verb(app, "load")
async def load(file: ListArgument, node: NodeOptions) -> Result:
    """Give the node a newer trust list; it is verified before it is kept."""
    member = read_profile(node.profile).member
    papers = post_pb2.Announcement(member=member, trust_list=read_bytes(file))
    async with connected(node) as client:
        taken = await client.import_papers(papers)
    return Result({"taken": taken}, Text(_("Taken.") if taken else _("Nothing was new.")))


def _payload_of(data: bytes) -> tuple[bytes, UntrustedList | None]:
    """Return the payload of a list, or the payload itself when `data` is one."""
    try:
        head: Any = json.loads(data)
    except ValueError as fault:
        raise InvalidInputError(_("The file holds no trust list.")) from fault
    if isinstance(head, dict) and "payload" in head:
        untrusted = parse_list(data)
        return untrusted.payload, untrusted
    parse_content(data)
    return data, None


def _as_json(content: TrustContent, payload: bytes, signed: list[str]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(payload)
    return {**document, "fingerprint": fingerprint_of(payload), "signed_by": signed, "domain": content.domain}


def _sheet(content: TrustContent, payload: bytes, signed: list[str]) -> RenderableType:
    members = table_of(_("member"), _("type"), _("competences"), _("log keys"), _("roots"))
    for member in content.members:
        members.add_row(
            member.id,
            coded("member_type", member.type.value),
            ", ".join(coded("competence", one) for one in member.competences),
            str(len(member.log_keys)),
            str(len(member.roots)),
        )
    stewards = ", ".join(
        f"{steward.id} ({_('signed') if steward.id in signed else _('not signed')})"
        for steward in content.stewards
    )
    return Group(
        Text(f"{content.domain}, {_('number')} {content.sequence}", style="bold"),
        Text(f"{_('fingerprint')}: {fingerprint_of(payload)}"),
        Text(f"{_('next update')}: {when(content.next_update)}"),
        Text(f"{_('hard expiry')}: {when(content.hard_expiry)}"),
        Text(f"{_('stewards')}: {stewards}"),
        members,
    )
