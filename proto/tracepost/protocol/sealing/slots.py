"""Slots: one per desk of the addressee, all of one length, each opened by its desk alone (steps 1 to 7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tracepost.protocol.envelope import MAX_SLOTS, SLOT_LENGTHS, SUITE
from tracepost.protocol.errors import SealingError
from tracepost.protocol.ids import MemberId, StatementDigest
from tracepost.protocol.sealing.body import ZERO_NONCE, CompartmentKey, SealedBody
from tracepost.protocol.sealing.content import OpenSlot, decode_content, encode_content
from tracepost.protocol.sealing.epochs import EPOCH_LIFE_S, Book, Epoch, EpochCache
from tracepost.protocol.sealing.keys import (
    SEALED_SECRET_LENGTH,
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

SLOT_LENGTH: Final = SLOT_LENGTHS[SUITE]

_EPOCH_END: Final = 8 + SEALED_SECRET_LENGTH
_CONTENT_START: Final = _EPOCH_END + 16
_CONTENT_LENGTH: Final = SLOT_LENGTH - _CONTENT_START - 16
_ANOTHERS_SLOT: Final = "epoch-does-not-open"


class SlotEpoch(Epoch):
    """An epoch of one sender to one desk: `sealed` is not_after and the sealed secret, as they travel."""

    __slots__ = ("binding", "sealed")

    def __init__(self, secret: bytes, not_after: int, sealed: bytes, binding: bytes) -> None:
        super().__init__(secret, not_after)
        self.sealed = sealed
        self.binding = binding


class EpochBook(Book[SlotEpoch]):
    """The epochs that this process seals slots with; one book per process."""

    def for_desk(
        self, from_member: MemberId, to_member: MemberId, desk_key: DeskPublicKey, now: int, random: Random
    ) -> SlotEpoch:
        """Return the epoch for one more slot from a member to a desk; never shared between addressees."""
        return self.take(
            (from_member, to_member, desk_key),
            now,
            lambda: _begin_epoch(from_member, to_member, desk_key, now, random),
        )


def seal_slots(
    from_member: MemberId,
    to_member: MemberId,
    desks: Sequence[tuple[DeskPublicKey, frozenset[int]]],
    sealed_body: SealedBody,
    statement_digest: StatementDigest,
    *,
    epochs: EpochBook,
    now: int,
    random: Random,
) -> bytes:
    """Return the slots of one envelope, one per desk in the order given.

    Args:
        from_member: we.
        to_member: the addressee.
        desks: every desk of the addressee's directory entry, `node` first, with
            the indexes of the compartments that it may read: an empty set for none.
        sealed_body: the body that the slots open.
        statement_digest: of the statement inside.
        epochs: the book of this process.
        now: unix seconds.
        random: source of random bytes.

    Raises:
        SealingError: no desk or too many, an index that the body lacks, or a desk
            key that nothing can be sealed to.

    """
    if not 1 <= len(desks) <= MAX_SLOTS:
        raise SealingError("one to nine desks have slots", where="slots", reason="bad-slots")
    slots = []
    for desk_key, entitled in desks:
        epoch = epochs.for_desk(from_member, to_member, desk_key, now, random)
        content = encode_content(statement_digest, _select(sealed_body.keys, entitled))
        slots.append(_seal_slot(epoch, random(16), sealed_body.sha256, content))
    return b"".join(slots)


def open_slot(
    slot: bytes,
    private: DeskPrivateKey,
    from_member: MemberId,
    to_member: MemberId,
    body_sha256: bytes,
    *,
    cache: EpochCache | None = None,
) -> OpenSlot:
    """Return what a slot gives the desk whose key is `private` (steps 1 to 7).

    Raises:
        SealingError: a step refuses; step 2 also where the slot is another desk's.

    """
    if len(slot) != SLOT_LENGTH:
        raise refuse(1, "wrong-length")
    secret = _open_epoch(slot[:_EPOCH_END], private, from_member, to_member, cache)
    binding = _binding(from_member, to_member, private.public)
    key = expand(secret, binding + length_prefixed(body_sha256, slot[_EPOCH_END:_CONTENT_START]))
    try:
        content = AESGCM(key).decrypt(ZERO_NONCE, slot[_CONTENT_START:], None)
    except InvalidTag:
        raise refuse(3, "content-does-not-open") from None
    return decode_content(_strip_padding(content), int.from_bytes(slot[:8]))


def find_slot(
    slots: bytes,
    privates: Sequence[DeskPrivateKey],
    from_member: MemberId,
    to_member: MemberId,
    body_sha256: bytes,
    *,
    cache: EpochCache | None = None,
    expected: int = 0,
) -> OpenSlot:
    """Return what the slots of an envelope give a desk, wherever its slot stands.

    The sender may have read an older directory entry, in which desks stood in
    another order or had an older key. `expected` is the likeliest number.

    Raises:
        SealingError: no slot is for any of these keys (step 2), or the one that
            is does not hold (any other step).

    """
    if len(slots) % SLOT_LENGTH:
        raise refuse(1, "wrong-length")
    for private in privates:
        for slot in _in_order(slots, expected):
            try:
                return open_slot(slot, private, from_member, to_member, body_sha256, cache=cache)
            except SealingError as refusal:
                if refusal.reason != _ANOTHERS_SLOT:
                    raise
    raise refuse(2, "no-slot-for-this-desk")


def _select(keys: Sequence[CompartmentKey], entitled: frozenset[int]) -> Sequence[CompartmentKey]:
    chosen = [key for key in keys if key.index in entitled]
    if len(chosen) != len(entitled):
        raise SealingError("the body lacks a compartment for a desk", where="slots", reason="no-compartment")
    return chosen


def _begin_epoch(
    from_member: MemberId, to_member: MemberId, desk_key: DeskPublicKey, now: int, random: Random
) -> SlotEpoch:
    secret, not_after = random(SECRET_LENGTH), now + EPOCH_LIFE_S
    end = not_after.to_bytes(8)
    sealed = seal_to_key(desk_key, "epoch", _context(from_member, to_member, desk_key, end), secret)
    return SlotEpoch(secret, not_after, end + sealed, _binding(from_member, to_member, desk_key))


def _seal_slot(epoch: SlotEpoch, nonce: bytes, body_sha256: bytes, content: bytes) -> bytes:
    key = expand(epoch.secret, epoch.binding + length_prefixed(body_sha256, nonce))
    padded = (len(content).to_bytes(4) + content).ljust(_CONTENT_LENGTH, b"\x00")
    return epoch.sealed + nonce + AESGCM(key).encrypt(ZERO_NONCE, padded, None)


def _open_epoch(
    start: bytes,
    private: DeskPrivateKey,
    from_member: MemberId,
    to_member: MemberId,
    cache: EpochCache | None,
) -> bytes:
    """Step 2."""

    def open_epoch() -> bytes:
        context = _context(from_member, to_member, private.public, start[:8])
        try:
            return open_with_key(private, "epoch", context, start[8:])
        except SealingError:
            raise refuse(2, _ANOTHERS_SLOT) from None

    if cache is None:
        return open_epoch()
    return cache.secret(("epoch", from_member, to_member, private.public, start), open_epoch)


def _strip_padding(padded: bytes) -> bytes:
    """Step 4, first half."""
    length = int.from_bytes(padded[:4])
    if length > _CONTENT_LENGTH - 4 or padded.count(0, 4 + length) != len(padded) - 4 - length:
        raise refuse(4, "bad-padding")
    return padded[4 : 4 + length]


def _in_order(slots: bytes, expected: int) -> Iterator[bytes]:
    numbers = range(len(slots) // SLOT_LENGTH)
    for number in (*numbers[expected : expected + 1], *numbers[:expected], *numbers[expected + 1 :]):
        yield slots[number * SLOT_LENGTH : (number + 1) * SLOT_LENGTH]


def _context(from_member: str, to_member: str, desk_key: bytes, end: bytes) -> tuple[bytes, ...]:
    return from_member.encode(), to_member.encode(), desk_key, end


@lru_cache(maxsize=1024)  # the same few desks in every message
def _binding(from_member: str, to_member: str, desk_key: bytes) -> bytes:
    return length_prefixed(b"tracepost/v1/slot", from_member.encode(), to_member.encode(), desk_key)
