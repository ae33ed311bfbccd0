"""The trust list seen from an authority: a member's part of it, and a steward's signature.

Each member hands its part to the stewards; one of them drafts the list; each signs it alone
with a key of its own; whoever collects more than half of the signatures joins them
(`tracepost.protocol.trustlist.join`).

    steward.key.pem    the steward's key, encrypted (`keystore.py`)
    steward.json       its id and public key, for the other stewards
    signed.json        which list it signed under each number

A steward signs one list per number: two lists of one number, both signed by the same
stewards, would let two halves of the network believe different things. So the digest is
written down before the signature is made, and a second list under that number, or one under
a lower number, is refused.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import serialization

from tracepost.ca.authority import Authority
from tracepost.ca.keystore import Passphrase, Random, generate_key, open_key, protect_key
from tracepost.ca.publication import write_durably
from tracepost.protocol.errors import ConfigurationError, ConflictError, StoreError
from tracepost.protocol.evidence import ListedKey, WitnessKey
from tracepost.protocol.ids import MemberId, parse_member
from tracepost.protocol.trustlist import (
    Member,
    SignaturePart,
    Steward,
    decode_steward,
    encode_member,
    encode_steward,
    parse_content,
    sign_part,
)

KEY_FILE: Final = "steward.key.pem"
STEWARD_FILE: Final = "steward.json"
SIGNED_FILE: Final = "signed.json"


def export_trust_part(
    authority: Authority,
    *,
    log_keys: Sequence[str],
    competences: Sequence[str],
    base_policy_sha256: bytes,
    hosted_by: MemberId | None = None,
    mandate_until: str = "",
    witness_keys: Sequence[str] = (),
) -> bytes:
    """Return the member's part of the trust list as JSON.

    Args:
        authority: of the member; gives id, type and root.
        log_keys: vkeys of the member's log (C2SP signed note). Where one ends is for the stewards to say.
        competences: that its desks may declare.
        base_policy_sha256: of the base policy that its node runs.
        hosted_by: the member whose node hosts this one, if not its own.
        mandate_until: last day of a panel or peace operation, YYYY-MM-DD.
        witness_keys: vkeys by which it cosigns logs of others.

    """
    member = Member(
        id=authority.settings.member,
        type=authority.settings.member_type,
        roots=(authority.root.public_bytes(serialization.Encoding.DER),),
        log_keys=tuple(map(ListedKey, log_keys)),
        competences=tuple(competences),
        base_policy_sha256=base_policy_sha256,
        hosted_by=hosted_by,
        mandate_until=mandate_until,
        witness_keys=tuple(map(WitnessKey, witness_keys)),
    )
    return encode_member(member)


def create_steward(
    directory: Path, steward_id: str, passphrase: Passphrase, *, random: Random = secrets.token_bytes
) -> Steward:
    """Make a steward's key in a directory and return its public half.

    Raises:
        InvalidInputError: the id is not well formed.
        ConflictError: there is a steward already.

    """
    key = generate_key()
    steward = Steward.of_key(parse_member(steward_id), key.public_key())
    if (directory / KEY_FILE).exists():
        raise ConflictError("there is a steward in this directory", where="directory")
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_durably(directory / SIGNED_FILE, b"{}\n")
    write_durably(directory / STEWARD_FILE, encode_steward(steward))
    write_durably(directory / KEY_FILE, protect_key(key, passphrase, random), mode=0o600)
    return steward


def load_steward(directory: Path) -> Steward:
    """Return the public half of the steward in a directory."""
    return decode_steward(_read(directory / STEWARD_FILE))


def sign_trust_list(directory: Path, payload: bytes, passphrase: Passphrase) -> SignaturePart:
    """Return the steward's signature over a list's payload.

    Raises:
        TrustError: readers would refuse the payload.
        ConflictError: the steward signed another list of this number, or one of a higher.

    """
    steward = load_steward(directory)
    key = open_key(_read(directory / KEY_FILE), passphrase)
    _write_down(directory / SIGNED_FILE, parse_content(payload).sequence, sha256(payload).hexdigest())
    return sign_part(payload, steward.id, key)


def _write_down(path: Path, sequence: int, digest: str) -> None:
    signed = _read_signed(path)
    highest = max((int(number) for number in signed), default=0)
    if signed.get(str(sequence), digest) != digest or sequence < highest:
        raise ConflictError("this steward signed another list", where="sequence", reason="signed-another")
    write_durably(path, (json.dumps({**signed, str(sequence): digest}, indent=2) + "\n").encode("ascii"))


def _read_signed(path: Path) -> Mapping[str, str]:
    try:
        signed = json.loads(_read(path))
    except ValueError:
        signed = None
    if not isinstance(signed, dict) or not all(number.isdecimal() for number in signed):
        raise StoreError("the record of signed lists is damaged", where=SIGNED_FILE)
    return signed


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise ConfigurationError("a file of the steward is missing", where=path.name) from None
