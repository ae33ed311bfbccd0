"""The paper with which a new node or relay goes to its authority: what the trust list will say of it.

`node init` and `relay init` write it to `requests/member.json`; `ca trust-part --from` reads it.
Nothing in it is secret, and nothing in it is proved: the stewards' signatures do that.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tracepost.cli.files import read_bytes, write_bytes
from tracepost.cli.words import _
from tracepost.protocol.errors import InvalidInputError

FILE_NAME = "member.json"


@dataclass(frozen=True, slots=True)
class Membership:
    """What a node says of itself for the trust list.

    Args:
        log_keys: verifier keys of its log (C2SP signed note).
        competences: that its desks declare, as the trust list writes them.
        base_policy_sha256: of the policy that it runs; 32 zero bytes where there is none, as in a relay.
        witness_keys: verifier keys by which it cosigns logs of others; of who can be dialled.
    """

    log_keys: tuple[str, ...]
    competences: tuple[str, ...] = ()
    base_policy_sha256: bytes = bytes(32)
    witness_keys: tuple[str, ...] = ()


def write_membership(path: Path, membership: Membership) -> None:
    """Write the paper; raise `InvalidInputError`."""
    document = {
        "log_keys": list(membership.log_keys),
        "competences": list(membership.competences),
        "base_policy_sha256": membership.base_policy_sha256.hex(),
        "witness_keys": list(membership.witness_keys),
    }
    write_bytes(path, json.dumps(document, indent=2).encode() + b"\n")


def read_membership(path: Path) -> Membership:
    """Return what the paper says; raise `InvalidInputError`."""
    try:
        document = json.loads(read_bytes(path))
        return Membership(
            _texts(document["log_keys"]),
            _texts(document["competences"]),
            bytes.fromhex(document["base_policy_sha256"]),
            _texts(document.get("witness_keys", [])),
        )
    except (ValueError, TypeError, KeyError) as fault:
        raise InvalidInputError(
            _("The file is not what node init or relay init wrote for the trust list."), where=str(path)
        ) from fault


def _texts(values: Sequence[object]) -> tuple[str, ...]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise TypeError
    return tuple(str(value) for value in values)
