"""Sealing: only the desks that may read a class can open it.

A message is cut into compartments, one per distinct set of readers. The *body*
holds them encrypted, each under its own fresh key, padded to a size class. A
*slot* for every desk of the addressee gives that desk the keys that it is
entitled to; a desk without rights gets a slot that looks the same and holds
none. The slot's key comes from an *epoch*: a secret sealed to the desk's X-Wing
key by HPKE, reused for at most ten minutes or 1,024 envelopes of one sender to
one desk, so that the dear operation is rare. *Wraps* do the same at rest, under
the storage key of each desk of ours. `lp(x)` is a 4-byte big-endian length and
x; every text and key that a secret depends on goes in this way.

    compartment   AES-256-GCM(K_k, nonce 0, deflate(plaintext), aad = lp(suite) lp(index as 4 bytes))
    slot          not_after (8) | HPKE(S) (1168) | r (16) | AES-256-GCM(K, nonce 0, content (832))
      K           HKDF-Expand(S, lp("tracepost/v1/slot") lp(from) lp(to) lp(desk key) lp(SHA-256(body)) lp(r))
      content     4-byte length | SlotContent | zeros
      HPKE info   lp("tracepost/v1/epoch") lp(suite) lp(from) lp(to) lp(desk key) lp(not_after)
    wrap          r (16) | AES-256-GCM(K, nonce 0, SlotContent)
      K           HKDF-Expand(S, lp("tracepost/v1/storage") lp(desk) lp(subject) lp(r))
      HPKE info   lp("tracepost/v1/storage-epoch") lp(suite) lp(member) lp(desk) lp(storage key) lp(epoch id)

Each derived key is used once, hence the zero nonce. Deflate is raw (RFC 1951).
Every refusal of something received is a `SealingError` that names its step:

    opening a slot (`slots`)
     1  the slot has the length of its suite
     2  the epoch opens: from, to, this desk's key and not_after are as sealed
     3  the content opens: the same again, and this body
     4  the content fills its place: its length, one canonical SlotContent, zeros
     5  it names one statement
     6  at most 16 compartments, each index once and rising, each key whole
     7  no compartment reaches beyond the largest body, and no two overlap
    opening a compartment (`body`)
     8  it lies within this body
     9  it opens under its key, suite and index
    10  it inflates wholly, within the limit, and nothing follows
    11  it is a Compartment within its limits
    opening a wrap (`wraps`)
    12  the storage epoch opens: member, desk, storage key and epoch id are as sealed
    13  the wrap opens: desk and subject are as sealed; then steps 4 to 7

Not done here: whether the statement found inside is the one that the slot names,
and whether what this desk may read is there in full: the mailroom does that with
`statement`. Randomness and time come in as arguments; HPKE draws its own inside
`cryptography`, so the vectors of this module are open-only.

    key = generate_desk_key()
    sealed = seal_body([first, second], random)
    slots = seal_slots(us, them, [(key.public, frozenset({0}))], sealed, digest,
                       epochs=EpochBook(), now=now, random=random)
    opened = find_slot(slots, [key], us, them, sealed.sha256)
    plaintext = open_compartment(sealed.body, opened.keys[0])
"""

from tracepost.protocol.sealing.body import (
    INFLATE_LIMIT,
    MAX_COMPARTMENTS,
    Compartment,
    CompartmentKey,
    SealedBody,
    open_compartment,
    open_compartments,
    pack_compartment,
    seal_body,
    unpack_compartment,
)
from tracepost.protocol.sealing.content import OpenSlot
from tracepost.protocol.sealing.epochs import EPOCH_LIFE_S, EPOCH_USES, EpochCache
from tracepost.protocol.sealing.keys import (
    DESK_KEY_LENGTH,
    DeskPrivateKey,
    DeskPublicKey,
    Random,
    generate_desk_key,
    open_with_key,
    seal_to_key,
)
from tracepost.protocol.sealing.slots import (
    SLOT_LENGTH,
    EpochBook,
    find_slot,
    open_slot,
    seal_slots,
)
from tracepost.protocol.sealing.wraps import (
    SealedStorageEpoch,
    StorageBook,
    StorageEpoch,
    open_wrap,
    seal_wrap,
)

__all__ = [
    "DESK_KEY_LENGTH",
    "EPOCH_LIFE_S",
    "EPOCH_USES",
    "INFLATE_LIMIT",
    "MAX_COMPARTMENTS",
    "SLOT_LENGTH",
    "Compartment",
    "CompartmentKey",
    "DeskPrivateKey",
    "DeskPublicKey",
    "EpochBook",
    "EpochCache",
    "OpenSlot",
    "Random",
    "SealedBody",
    "SealedStorageEpoch",
    "StorageBook",
    "StorageEpoch",
    "find_slot",
    "generate_desk_key",
    "open_compartment",
    "open_compartments",
    "open_slot",
    "open_with_key",
    "open_wrap",
    "pack_compartment",
    "seal_body",
    "seal_slots",
    "seal_to_key",
    "seal_wrap",
    "unpack_compartment",
]
