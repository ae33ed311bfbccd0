"""Escrow: when a passphrase or a machine is lost, k of m people bring the desks' keys back.

At the founding a random secret of 32 bytes is split into m shares of 33 words each (SLIP-0039),
to be written on paper and given to m people; any k of them restore it, fewer learn nothing.
The secret is the seed of an X-Wing key. Its public half stays here, so that the desks' bundles
are sealed to the escrow anew whenever a key changes, without calling the people together; and
the store may wrap what we send for it too, as recovery key. Nothing here keeps the secret.

The file is a key file (`key_file`) of the format `tracepost-escrow/1`: header, then the bundles
sealed by HPKE with AES-256-GCM, bound to the header.

An escrow that was never tried is a hope. A node goes live only after shares were typed in again
and gave back the very keys that it uses: `EscrowRecord.check` refuses until `try_escrow` did it,
and after a key was changed and not sealed again. A trial with more than k shares tries each.

    founded = found_escrow(3, 5, now)
    sealed, record = seal_escrow(bundles, founded.record)
    record = try_escrow(founded.shares[:3], sealed, record, now)
    record.check([bundle.public for bundle in bundles])

Not done here: keeping file and record (`adapters.keystore`), printing shares (the CLI).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from shamir_mnemonic import MnemonicError, Share, combine_mnemonics, generate_mnemonics

from tracepost.node.desk_keys import DeskBundle, DeskPublicKeys, decode_bundle
from tracepost.node.key_file import damaged, take_apart, write_header
from tracepost.protocol.errors import ConfigurationError, InvalidInputError, SealingError, StoreError
from tracepost.protocol.ids import DeskId, decode_b64, encode_b64, parse_desk
from tracepost.protocol.sealing import DeskPrivateKey, DeskPublicKey, open_with_key, seal_to_key

MAX_SHARES: Final = 16
"""SLIP-0039 has four bits for it."""

_FORMAT: Final = "tracepost-escrow/1"
_RECORD: Final = "tracepost-escrow-record/1"


@dataclass(frozen=True, slots=True)
class EscrowRecord:
    """What the node knows of its escrow; nothing in it opens anything, but it must not be exchanged.

    `covers` names the desks whose keys are in the sealed file, by a digest of their public keys.
    Times are in unix seconds; `tried` is None until shares gave back the keys, and
    `tried_shares` counts the shares that took part.
    """

    public_key: DeskPublicKey
    threshold: int
    shares: int
    founded: int
    covers: Mapping[DeskId, str] = field(default_factory=dict)
    tried: int | None = None
    tried_shares: int = 0

    def check(self, keys_in_use: Iterable[DeskPublicKeys]) -> None:
        """Raise `ConfigurationError` unless the escrow was tried and has these keys."""
        if self.tried is None:
            raise ConfigurationError(
                "the escrow was never tried",
                where="escrow",
                reason="escrow-not-tried",
                remedy="Type in the shares once, from the paper: tracepost node escrow.",
            )
        for keys in keys_in_use:
            if self.covers.get(keys.desk) != _fingerprint(keys):
                raise ConfigurationError(
                    "the escrow does not have the keys of this desk",
                    where=keys.desk,
                    reason="escrow-outdated",
                    remedy="Seal the keys to the escrow again: tracepost node escrow.",
                )

    def encode(self) -> bytes:
        """Return the record for a key store, to be kept under the machine secret."""
        table = {
            "format": _RECORD,
            "public_key": encode_b64(self.public_key),
            "threshold": self.threshold,
            "shares": self.shares,
            "founded": self.founded,
            "covers": dict(self.covers),
            "tried": self.tried,
            "tried_shares": self.tried_shares,
        }
        return json.dumps(table).encode("ascii")


@dataclass(frozen=True, slots=True)
class FoundedEscrow:
    """A new escrow: its record, and the words of each share, shown once and kept nowhere."""

    record: EscrowRecord
    shares: tuple[str, ...] = field(repr=False)


def decode_record(data: bytes) -> EscrowRecord:
    """Return the record that `EscrowRecord.encode` wrote; raise `StoreError`."""
    try:
        table = json.loads(data)
        if table["format"] != _RECORD:
            raise damaged("escrow record")
        return EscrowRecord(
            public_key=DeskPublicKey(decode_b64(table["public_key"], "public_key")),
            threshold=int(table["threshold"]),
            shares=int(table["shares"]),
            founded=int(table["founded"]),
            covers={parse_desk(desk): str(digest) for desk, digest in table["covers"].items()},
            tried=None if table["tried"] is None else int(table["tried"]),
            tried_shares=int(table["tried_shares"]),
        )
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError, InvalidInputError, SealingError):
        raise damaged("escrow record") from None


def found_escrow(threshold: int, shares: int, now: int) -> FoundedEscrow:
    """Return a new escrow of `shares` shares, of which any `threshold` restore it.

    Args:
        threshold: at least two, so that nobody opens the office's mail alone.
        shares: at most sixteen.
        now: unix seconds.

    Raises:
        InvalidInputError: the numbers are not such.

    """
    if not 2 <= threshold <= shares <= MAX_SHARES:
        raise InvalidInputError(
            "an escrow has at least two of at most sixteen shares", where="escrow", reason="escrow-numbers"
        )
    secret = AESGCM.generate_key(256)
    # No passphrase, hence no use for PBKDF2's iterations; `shamir_mnemonic` draws from `secrets`.
    (words,) = generate_mnemonics(1, [(threshold, shares)], secret, iteration_exponent=0)
    record = EscrowRecord(DeskPrivateKey(secret).public, threshold, shares, now)
    return FoundedEscrow(record, tuple(words))


def seal_escrow(bundles: Sequence[DeskBundle], record: EscrowRecord) -> tuple[bytes, EscrowRecord]:
    """Return the bundles sealed to the escrow, and the record that names them.

    To be called again whenever a key changes; a trial stays good, since it is to the tried
    key that all is sealed.
    """
    header = write_header(
        _FORMAT,
        cipher="HPKE X-Wing, HKDF-SHA256, AES-256-GCM",
        escrow=record.public_key.sha256.hex(),
        threshold=record.threshold,
        desks=" ".join(bundle.desk for bundle in bundles),
    )
    plaintext = json.dumps([encode_b64(bundle.encode()) for bundle in bundles]).encode("ascii")
    sealed = header + seal_to_key(record.public_key, "escrow", (header,), plaintext)
    covers = {bundle.desk: _fingerprint(bundle.public) for bundle in bundles}
    return sealed, replace(record, covers=covers)


def recover(shares: Sequence[str], sealed: bytes) -> tuple[DeskBundle, ...]:
    """Return the bundles that were sealed to the escrow of these shares.

    Raises:
        InvalidInputError: a share has a wrong word, is another escrow's, or there are too few.
            It names the share by its place in `shares` and never a word of it.
        StoreError: the file is damaged or is not sealed to this escrow.

    """
    return open_escrow(restore_key(shares), sealed)


def try_escrow(shares: Sequence[str], sealed: bytes, record: EscrowRecord, now: int) -> EscrowRecord:
    """Show that recovery works, and return the record that says so.

    Each share given takes part in restoring the secret; the file must open and hold the very
    keys that `record` names. `now` is in unix seconds.

    Raises:
        InvalidInputError: as `recover`; or the shares are those of an earlier escrow.
        StoreError: as `recover`; or the file holds other keys.

    """
    key = restore_key(shares)
    if key.public != record.public_key:
        raise _refuse("these are shares of another escrow", "shares", "shares-of-another-escrow")
    bundles = open_escrow(key, sealed)
    if {bundle.desk: _fingerprint(bundle.public) for bundle in bundles} != record.covers:
        raise StoreError("the escrow holds other keys", where="escrow", reason="escrow-outdated")
    return replace(record, tried=now, tried_shares=len(set(map(_tidy, shares))))


def restore_key(shares: Sequence[str]) -> DeskPrivateKey:
    """Return the escrow key; every share is used at least once, and all must agree. Raises as `recover`."""
    read = [_read_share(number, words) for number, words in enumerate(shares, start=1)]
    _check_together(read)
    secrets = {_combine(chosen) for chosen in _choices(read)}
    if len(secrets) != 1:
        raise _refuse("the shares do not fit together", "shares", "shares-do-not-fit")
    return DeskPrivateKey(secrets.pop())


def _read_share(number: int, words: str) -> Share:
    try:
        return Share.from_mnemonic(_tidy(words))
    except (MnemonicError, ValueError):
        # The library's message may hold a word of the share.
        raise _refuse("a word of this share is wrong", f"share {number}", "share-unreadable") from None


def _check_together(shares: Sequence[Share]) -> None:
    if not shares:
        raise _refuse("no share was given", "shares", "shares-too-few")
    first = shares[0]
    for number, share in enumerate(shares, start=1):
        if share.group_parameters() != first.group_parameters():
            raise _refuse("this share is another escrow's", f"share {number}", "share-of-another-escrow")
    numbers = {share.index for share in shares}
    if len({share.mnemonic() for share in shares}) != len(numbers):
        raise _refuse("two shares have one number", "shares", "shares-do-not-fit")
    if len(numbers) < first.member_threshold:
        raise _refuse(f"{first.member_threshold} different shares are needed", "shares", "shares-too-few")


def _choices(shares: Sequence[Share]) -> Iterator[list[str]]:
    """Give choices of as many shares as are needed, so that each share is in one."""
    threshold = shares[0].member_threshold
    distinct = sorted({share.mnemonic() for share in shares})
    for start in range(0, len(distinct), threshold):
        first = min(start, len(distinct) - threshold)
        yield distinct[first : first + threshold]


def _combine(words: Sequence[str]) -> bytes:
    try:
        secret: bytes = combine_mnemonics(words)
    except (MnemonicError, ValueError):
        secret = b""
    if len(secret) != 32:
        raise _refuse("the shares do not fit together", "shares", "shares-do-not-fit")
    return secret


def open_escrow(key: DeskPrivateKey, sealed: bytes) -> tuple[DeskBundle, ...]:
    """Return the bundles that were sealed to the escrow with this key; raise `StoreError`."""
    file = take_apart(sealed, _FORMAT)
    if file.text("escrow") != key.public.sha256.hex():
        raise StoreError("this file is sealed to another escrow", where="escrow", reason="another-escrow")
    try:
        texts: Any = json.loads(open_with_key(key, "escrow", (file.line,), file.rest))
        return tuple(decode_bundle(decode_b64(text, "bundle")) for text in texts)
    except (SealingError, InvalidInputError, ValueError, TypeError, AttributeError):
        raise damaged("escrow") from None


def _fingerprint(keys: DeskPublicKeys) -> str:
    return hashlib.sha256(keys.opening + keys.storage).hexdigest()


def _tidy(words: str) -> str:
    return " ".join(words.lower().split())


def _refuse(message: str, where: str, reason: str) -> InvalidInputError:
    return InvalidInputError(
        message,
        where=where,
        reason=reason,
        remedy="Compare each word with the paper, and the shares' numbers.",
    )
