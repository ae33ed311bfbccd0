"""What a passkey signs (WebAuthn Level 2 and 3, "assertion"), and how an approval carries it.

A device signs no text of ours: it signs its own few bytes and, by a digest, what the browser says. What is approved
stands in there as the challenge. The third segment of an approval by passkey is base64url of one JSON object:

    {"endorsement":<compact JWS>,"data":<base64url>,"client":<base64url>,"signature":<base64url>}

`data` is the authenticatorData, `client` the clientDataJSON and `signature` the signature of the assertion, each
as the browser gave it. Nobody else needs to be believed: whose key it is, the endorsement says (`endorsement`).

What is checked, in order; all of it is step 5 of an approval:

    proof        exactly the four names, all text               proof-form
    endorsement  by the same certificate                        as `endorsement` says
    client       type, challenge and origin; not from inside    client-form, client-type, challenge, origin,
                 a page of another origin                       cross-origin
    data         of the relying party; a person was there, and  data-form, relying-party, nobody-there,
                 the device knew who                            not-verified
    signature    ES256 over data and SHA-256 of client          signature

The counter of the device is not looked at: many have none, and an auditor sees one approval alone.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Final

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from tracepost.protocol import compact
from tracepost.protocol.endorsement import Endorsement, load_key
from tracepost.protocol.ids import encode_b64
from tracepost.protocol.statement.encoding import Refuse, decode_one, read_json_each

_NAMES: Final = {"endorsement", "data", "client", "signature"}
_DATA_LENGTH: Final = 37  # digest of the relying party, flags, counter
_PRESENT: Final = 0x01
_VERIFIED: Final = 0x04


@dataclass(frozen=True, slots=True)
class Assertion:
    """What the browser gave, and the endorsement of the key (compact JWS) that it was made with."""

    endorsement: str = field(repr=False)
    data: bytes = field(repr=False)
    client: bytes = field(repr=False)
    signature: bytes = field(repr=False)


def write(assertion: Assertion) -> str:
    """Return the segment of an approval that carries `assertion`."""
    parts = {"data": assertion.data, "client": assertion.client, "signature": assertion.signature}
    texts = {name: encode_b64(part) for name, part in parts.items()}
    return encode_b64(orjson.dumps({"endorsement": assertion.endorsement, **texts}))


def read(segment: str, refuse: Refuse) -> Assertion:
    """Return the assertion in a segment, unproved; raise what `refuse` makes of any other."""
    proof = compact.read_object(segment, refuse)
    texts = {name: value for name, value in proof.items() if isinstance(value, str)}
    if proof.keys() != _NAMES or texts.keys() != _NAMES:
        raise refuse("proof-form", "the proof does not hold exactly endorsement, data, client and signature")
    data, client, signature = (decode_one(texts[name], refuse) for name in ("data", "client", "signature"))
    return Assertion(texts["endorsement"], data, client, signature)


def check(assertion: Assertion, challenge: bytes, endorsed: Endorsement, refuse: Refuse) -> None:
    """Refuse an assertion that the endorsed passkey did not make of `challenge`, its holder being there."""
    _check_client(assertion.client, challenge, endorsed.origin, refuse)
    _check_data(assertion.data, endorsed.rp_id, refuse)
    signed = assertion.data + hashlib.sha256(assertion.client).digest()
    try:
        load_key(endorsed.key).verify(assertion.signature, signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise refuse("signature", "the signature is not of the endorsed passkey") from None


def _check_client(raw: bytes, challenge: bytes, origin: str, refuse: Refuse) -> None:
    [client] = read_json_each([raw], refuse)
    if not isinstance(client, dict):
        raise refuse("client-form", "the browser's words are not a JSON object")
    if client.get("type") != "webauthn.get":
        raise refuse("client-type", "the passkey was not asked for its word, but for something else")
    if client.get("challenge") != encode_b64(challenge):
        raise refuse("challenge", "the passkey signed something else")
    if client.get("origin") != origin:
        raise refuse("origin", "the passkey was asked by another site")
    if client.get("crossOrigin", False) is not False or "topOrigin" in client:
        raise refuse("cross-origin", "the passkey was asked from inside a page of another site")


def _check_data(data: bytes, rp_id: str, refuse: Refuse) -> None:
    if len(data) < _DATA_LENGTH:
        raise refuse("data-form", "the device's words are too short")
    if data[:32] != hashlib.sha256(rp_id.encode("ascii")).digest():
        raise refuse("relying-party", "the passkey spoke to another site")
    if not data[32] & _PRESENT:
        raise refuse("nobody-there", "nobody touched the device")
    if not data[32] & _VERIFIED:
        raise refuse("not-verified", "the device did not ask who touches it")
