"""Wraps: at rest, each entitled desk of ours holds the keys under its own storage key (steps 12 and 13).

The ciphertext of a body is never rewritten. At arrival, and at sending for the
author's own desks and the recovery key, the compartment keys are wrapped again,
in a table of their own. Rotation is opening and wrapping anew; deletion is
deleting wraps.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tracepost.protocol.errors import SealingError
from tracepost.protocol.ids import DeskId, MemberId, StatementDigest
from tracepost.protocol.sealing.body import ZERO_NONCE, CompartmentKey
from tracepost.protocol.sealing.content import OpenSlot, decode_content, encode_content
from tracepost.protocol.sealing.epochs import EPOCH_LIFE_S, Book, Epoch, EpochCache
from tracepost.protocol.sealing.keys import (
    SECRET_LENGTH,
    DeskPrivateKey,
    DeskPublicKey,
    Random,
    expand,
    length_prefixed,
    open_with_key,
    seal_to_key,
)
from tracepost.protocol.sealing.refusal import refuse


@dataclass(frozen=True, slots=True)
class SealedStorageEpoch:
    """A storage epoch as the store keeps it: 16 bytes of id, and the secret sealed to a desk."""

    member: MemberId
    desk: DeskId
    id: bytes
    sealed: bytes = field(repr=False)


class StorageEpoch(Epoch):
    """A storage epoch in use; `stored` is what the store keeps of it."""

    __slots__ = ("stored",)

    def __init__(self, secret: bytes, not_after: int, stored: SealedStorageEpoch) -> None:
        super().__init__(secret, not_after)
        self.stored = stored


class StorageBook(Book[StorageEpoch]):
    """The epochs that this process wraps with; one book per process.

    The caller commits `epoch.stored` with *every* wrap made under it (insert
    where absent): a wrap whose epoch was rolled back never opens again.
    """

    def for_desk(
        self, member: MemberId, desk: DeskId, storage_key: DeskPublicKey, now: int, random: Random
    ) -> StorageEpoch:
        """Return the epoch for one more wrap of a desk of `member`, which is us."""
        return self.take(
            (member, desk, storage_key), now, lambda: _begin_epoch(member, desk, storage_key, now, random)
        )


def seal_wrap(
    epoch: StorageEpoch,
    subject: bytes,
    statement_digest: StatementDigest,
    keys: Iterable[CompartmentKey],
    random: Random,
) -> bytes:
    """Return `keys` wrapped for the desk of `epoch`; `subject` is the envelope id or statement digest."""
    nonce = random(16)
    key = expand(epoch.secret, _wrap_info(epoch.stored.desk, subject, nonce))
    return nonce + AESGCM(key).encrypt(ZERO_NONCE, encode_content(statement_digest, keys), None)


def open_wrap(
    wrap: bytes,
    epoch: SealedStorageEpoch,
    private: DeskPrivateKey,
    subject: bytes,
    *,
    cache: EpochCache | None = None,
) -> OpenSlot:
    """Return the keys that a wrap holds (steps 12, 13 and 4 to 7); raise `SealingError`."""
    secret = _open_epoch(epoch, private, cache)
    key = expand(secret, _wrap_info(epoch.desk, subject, wrap[:16]))
    try:
        content = AESGCM(key).decrypt(ZERO_NONCE, wrap[16:], None)
    except InvalidTag:
        raise refuse(13, "wrap-does-not-open") from None
    return decode_content(content, None)


def _begin_epoch(
    member: MemberId, desk: DeskId, storage_key: DeskPublicKey, now: int, random: Random
) -> StorageEpoch:
    secret, epoch_id = random(SECRET_LENGTH), random(16)
    context = (member.encode(), desk.encode(), storage_key, epoch_id)
    sealed = seal_to_key(storage_key, "storage-epoch", context, secret)
    return StorageEpoch(secret, now + EPOCH_LIFE_S, SealedStorageEpoch(member, desk, epoch_id, sealed))


def _open_epoch(epoch: SealedStorageEpoch, private: DeskPrivateKey, cache: EpochCache | None) -> bytes:
    """Step 12."""

    def open_epoch() -> bytes:
        context = (epoch.member.encode(), epoch.desk.encode(), private.public, epoch.id)
        try:
            return open_with_key(private, "storage-epoch", context, epoch.sealed)
        except SealingError:
            raise refuse(12, "epoch-does-not-open") from None

    if cache is None:
        return open_epoch()
    name = ("storage", epoch.member, epoch.desk, private.public, epoch.id, epoch.sealed)
    return cache.secret(name, open_epoch)


def _wrap_info(desk: str, subject: bytes, nonce: bytes) -> bytes:
    return length_prefixed(b"tracepost/v1/storage", desk.encode(), subject, nonce)
