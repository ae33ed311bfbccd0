"""A device with a passkey, in software: it answers as a browser hands its answers to a page.

device = Device("https://console.xaa.example:8443")
await speak_for(ben, device)                      # endorsed by ben's certificate, kept by his node
answer = device.answer(asked.challenge)           # the JSON of PublicKeyCredential.toJSON()
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from fakes.house import NO_CONTEXT
from fakes.people import Person
from fakes.pki import DOMAIN
from tracepost.protocol.ids import encode_b64
from tracepost.sdk.passkeys import PasskeyRequest, endorse
from tracepost.wire.v1 import office_pb2


@dataclass
class Device:
    """One passkey, made for one origin."""

    origin: str = "https://console.xaa.example:8443"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    @property
    def rp_id(self) -> str:
        return urlsplit(self.origin).hostname or ""

    @property
    def cose(self) -> bytes:
        """The public key as devices give it."""
        numbers = self.key.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32), numbers.y.to_bytes(32)
        return bytes.fromhex("a5010203262001215820") + x + bytes.fromhex("225820") + y

    def request(self, officer: str) -> PasskeyRequest:
        """Return what a console asks to have endorsed."""
        return PasskeyRequest(officer, self.credential, self.cose, self.rp_id, self.origin)

    def answer(self, challenge: bytes) -> str:
        """Return what the browser gives for a challenge, the officer being there and known to the device."""
        said = {"type": "webauthn.get", "challenge": encode_b64(challenge), "origin": self.origin}
        client = json.dumps(said).encode()
        data = hashlib.sha256(self.rp_id.encode()).digest() + b"\x05" + bytes(4)
        signed = data + hashlib.sha256(client).digest()
        response = {
            "authenticatorData": encode_b64(data),
            "clientDataJSON": encode_b64(client),
            "signature": encode_b64(self.key.sign(signed, ec.ECDSA(hashes.SHA256()))),
        }
        return json.dumps({"rawId": encode_b64(self.credential), "response": response})


async def speak_for(person: Person, device: Device) -> office_pb2.Passkey:
    """Let an officer endorse the passkey of a device."""
    person.sits()
    house = person.house
    said = endorse(device.request(person.number), person.papers, domain=DOMAIN, now=house.clock())
    return await house.own_office.EndorsePasskey(said, NO_CONTEXT)
