"""The keys of a desk: what opens its mail, what opens its store, what finds a mark without its text.

A bundle is all that a desk must not lose. It rests in a key store under a passphrase
(`adapters.keystore`), in memory while its desk is unlocked (`adapters.keyring`), and sealed to
the escrow (`escrow`). Old private keys stay in the bundle: mail that was sealed to them still
comes, and wraps made for them are opened once more when they are made anew.

    bundle = generate_bundle(DeskId("poc"))
    decode_bundle(bundle.encode()) == bundle
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tracepost.protocol.errors import InvalidInputError, SealingError, StoreError
from tracepost.protocol.ids import DeskId, decode_b64, encode_b64, parse_desk
from tracepost.protocol.sealing import DeskPrivateKey, DeskPublicKey, generate_desk_key

INDEX_KEY_LENGTH: Final = 32


@dataclass(frozen=True, slots=True)
class DeskPublicKeys:
    """What may be known of a locked desk: mail is sealed to `opening`, its wraps to `storage`."""

    desk: DeskId
    opening: DeskPublicKey
    storage: DeskPublicKey


@dataclass(frozen=True, slots=True)
class DeskBundle:
    """The secrets of one desk; private keys stand with the newest first. It shows none of them."""

    desk: DeskId
    opening: tuple[DeskPrivateKey, ...] = field(repr=False)
    storage: tuple[DeskPrivateKey, ...] = field(repr=False)
    index_key: bytes = field(repr=False)

    @property
    def public(self) -> DeskPublicKeys:
        """The public halves of the newest keys."""
        return DeskPublicKeys(self.desk, self.opening[0].public, self.storage[0].public)

    def with_new_opening_key(self) -> DeskBundle:
        """Return the bundle with a new key for mail before the older ones."""
        return replace(self, opening=(generate_desk_key(), *self.opening))

    def with_new_storage_key(self) -> DeskBundle:
        """Return the bundle with a new key for storage before the older ones."""
        return replace(self, storage=(generate_desk_key(), *self.storage))

    def encode(self) -> bytes:
        """Return all of it in clear, to be encrypted at once and kept nowhere."""
        table = {
            "desk": self.desk,
            "opening": [encode_b64(key.seed()) for key in self.opening],
            "storage": [encode_b64(key.seed()) for key in self.storage],
            "index": encode_b64(self.index_key),
        }
        return json.dumps(table).encode("ascii")


class DeskKeys(Protocol):
    """Where the bundles of our desks rest.

    Durable: what `save` was given is on the disk when it returns; a crash leaves the old bundle
    or the new one. `load` takes about a tenth of a second and 64 MiB, by intent: call it in a
    thread. Concurrent reads are safe; of two writers at once one may be refused.
    """

    def desks(self) -> tuple[DeskId, ...]:
        """Return the desks that have a bundle under a passphrase, by id."""

    def public(self, desk: DeskId) -> DeskPublicKeys:
        """Return the public keys of a desk, locked or not; raise `NotFoundError`, `StoreError`."""

    def load(self, desk: DeskId, passphrase: bytes) -> DeskBundle:
        """Return the bundle; raise `WrongPassphraseError`, `NotFoundError`, `StoreError`."""

    def save(self, bundle: DeskBundle, passphrase: bytes) -> None:
        """Keep the bundle under `passphrase` in place of what was there; raise `StoreError`."""


def generate_bundle(desk: DeskId) -> DeskBundle:
    """Return new keys for `desk`."""
    index_key = AESGCM.generate_key(8 * INDEX_KEY_LENGTH)
    return DeskBundle(desk, (generate_desk_key(),), (generate_desk_key(),), index_key)


def decode_bundle(data: bytes) -> DeskBundle:
    """Return the bundle that `DeskBundle.encode` wrote; raise `StoreError`."""
    try:
        table = json.loads(data)
        opening, storage = (
            tuple(DeskPrivateKey(decode_b64(text, name)) for text in table[name])
            for name in ("opening", "storage")
        )
        index_key = decode_b64(table["index"], "index")
        desk = parse_desk(table["desk"])
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError, InvalidInputError, SealingError):
        raise _not_a_bundle() from None
    if not opening or not storage or len(index_key) != INDEX_KEY_LENGTH:
        raise _not_a_bundle()
    return DeskBundle(desk, opening, storage, index_key)


def _not_a_bundle() -> StoreError:
    return StoreError("these are no keys of a desk", where="desk keys", reason="not-a-bundle")
