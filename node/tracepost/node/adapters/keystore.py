"""A node's keys in files: each desk's under its passphrase, the daemon's own under the machine secret.

    keys/DESK.desk-keys      a desk's bundle; header line, ciphertext, seal of the machine
    keys/NAME.machine-keys   the desk `node`, and keys for statements, log and TLS
    keys/escrow.sealed       all bundles, sealed to the escrow (`tracepost.node.escrow`)
    keys/machine.secret      unless the machine's secret is a credential (`machine`)

A desk's bundle is encrypted by AES-256-GCM under argon2id of the passphrase (RFC 9106), bound
to the header with all its parameters. The header shows the desk's public keys, for mail comes
while the desk is locked; the machine's seal (HMAC-SHA256 over all the rest) shows that they, and
the whole file, are as this machine wrote them. So a file that was damaged or exchanged is told
apart from a wrong passphrase. A desk's file is read in this order:

    1  it is a file of this format and version
    2  the machine's seal holds
    3  the parameters are within limits
    4  the passphrase opens it
    5  what it holds is what the header shows

A passphrase is compared as text: normalised to NFC (RFC 8265, OpaqueString), so that it does
not depend on the keyboard. Not done here: keys in hardware (a later issue), counting of wrong
passphrases (the desk socket limits calls).

    store = FileKeyStore(folder, read_machine_secret(folder, os.environ))
    store.save(generate_bundle(DeskId("poc")), b"a long passphrase")
"""

from __future__ import annotations

import hmac
import os
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from argon2.exceptions import HashingError
from argon2.low_level import Type, hash_secret_raw

from tracepost.node.adapters.machine import MachineSecret
from tracepost.node.desk_keys import DeskBundle, DeskPublicKeys, decode_bundle
from tracepost.node.key_file import KeyFile, damaged, decrypt, encrypt, take_apart, write_header
from tracepost.protocol.errors import (
    ConfigurationError,
    InvalidInputError,
    NotFoundError,
    SealingError,
    StoreError,
    WrongPassphraseError,
)
from tracepost.protocol.ids import NODE_DESK, DeskId, encode_b64, parse_desk
from tracepost.protocol.sealing import DeskPublicKey, Random
from tracepost.serving.storage.durable_file import replace_file
from tracepost.serving.storage.writer import Faults, no_faults

MIN_PASSPHRASE: Final = 12
MAX_PASSPHRASE: Final = 1024

_DESK_FORMAT: Final = "tracepost-desk-keys/1"
_MACHINE_FORMAT: Final = "tracepost-machine-keys/1"
_DESK_SUFFIX: Final = ".desk-keys"
_MACHINE_SUFFIX: Final = ".machine-keys"
_ESCROW: Final = "escrow.sealed"
_SEAL_LENGTH: Final = 32


@dataclass(frozen=True, slots=True)
class PassphraseCost:
    """What trying one passphrase costs (argon2id): rounds, memory in KiB, lanes.

    The default is the second recommendation of RFC 9106, section 4.
    """

    rounds: int = 3
    memory_kib: int = 65536
    lanes: int = 4


STANDARD_COST: Final = PassphraseCost()


class FileKeyStore:
    """The key store in a folder; a `DeskKeys`."""

    def __init__(
        self,
        folder: Path,
        machine: MachineSecret,
        *,
        random: Random = os.urandom,
        cost: PassphraseCost = STANDARD_COST,
        faults: Faults = no_faults,
    ) -> None:
        self._folder = folder
        self._machine = machine
        self._random = random
        self._cost = cost
        self._faults = faults

    def desks(self) -> tuple[DeskId, ...]:
        """Return the desks that have a bundle under a passphrase, by id."""
        return tuple(sorted(DeskId(path.stem) for path in self._folder.glob(f"[!.]*{_DESK_SUFFIX}")))

    def public(self, desk: DeskId) -> DeskPublicKeys:
        """Return the public keys of a desk, locked or not; raise `NotFoundError`, `StoreError`."""
        if desk == NODE_DESK:
            return self.load_node().public
        return _read_public(self._read_desk(desk), desk)

    def load(self, desk: DeskId, passphrase: bytes) -> DeskBundle:
        """Return the bundle of a desk; takes a tenth of a second and 64 MiB, by intent.

        Raises:
            WrongPassphraseError: the file is whole and the passphrase is another.
            NotFoundError: the desk has no keys here.
            StoreError: the file is damaged, was changed or is another machine's.

        """
        file = self._read_desk(desk)
        cost = read_cost(file)
        key = stretch(passphrase, file.data("salt"), cost)
        plaintext = decrypt(key, file.data("nonce"), file.rest, file.line)
        if plaintext is None:
            raise WrongPassphraseError(where=desk)
        bundle = decode_bundle(plaintext)
        if bundle.public != _read_public(file, desk):
            raise damaged(desk)
        return bundle

    def save(self, bundle: DeskBundle, passphrase: bytes) -> None:
        """Keep the bundle under `passphrase` in place of what was there.

        Raises:
            InvalidInputError: the passphrase is too short or too long.
            StoreError: it cannot be written; what was there still is.

        """
        check_passphrase(passphrase)
        if bundle.desk == NODE_DESK:
            raise ConfigurationError("the desk node has no passphrase", where=NODE_DESK)
        salt, nonce = self._random(16), self._random(12)
        header = self._write_desk_header(bundle.public, salt, nonce)
        sealed = header + encrypt(stretch(passphrase, salt, self._cost), nonce, bundle.encode(), header)
        replace_file(self._desk_path(bundle.desk), sealed + self._seal(sealed), self._faults)

    def load_node(self) -> DeskBundle:
        """Return the bundle of the desk `node`; raise `NotFoundError`, `StoreError`."""
        return decode_bundle(self.load_machine_keys(NODE_DESK))

    def save_node(self, bundle: DeskBundle) -> None:
        """Keep the bundle of the desk `node` under the machine secret; raise `StoreError`."""
        if bundle.desk != NODE_DESK:
            raise ConfigurationError("only the desk node rests under the machine secret", where=bundle.desk)
        self.save_machine_keys(NODE_DESK, bundle.encode())

    def load_machine_keys(self, name: str) -> bytes:
        """Return what `save_machine_keys` kept as `name`; raise `NotFoundError`, `StoreError`."""
        file = take_apart(self._read(f"{parse_desk(name)}{_MACHINE_SUFFIX}", name), _MACHINE_FORMAT)
        key = self._machine.derive(f"keys/{name}")
        plaintext = decrypt(key, file.data("nonce"), file.rest, file.line)
        if plaintext is None or file.text("name") != name:
            raise damaged(name)
        return plaintext

    def save_machine_keys(self, name: str, secret: bytes) -> None:
        """Keep `secret` as `name` under the machine secret, in place of what was there.

        `name` has the form of a desk id: `statement`, `log`, `tls`. What is kept so is open to
        whoever has the machine, and to nobody who has the files alone.
        """
        nonce = self._random(12)
        header = write_header(
            _MACHINE_FORMAT, name=parse_desk(name), cipher="AES-256-GCM", nonce=encode_b64(nonce)
        )
        sealed = header + encrypt(self._machine.derive(f"keys/{name}"), nonce, secret, header)
        replace_file(self._folder / f"{name}{_MACHINE_SUFFIX}", sealed, self._faults)

    def derive(self, purpose: str) -> bytes:
        """Return the machine's 32-byte key for `purpose`, for what the daemon keeps to itself."""
        return self._machine.derive(purpose)

    def load_escrow(self) -> bytes:
        """Return the file that was sealed to the escrow; raise `NotFoundError`, `StoreError`."""
        return self._read(_ESCROW, "escrow")

    def save_escrow(self, sealed: bytes) -> None:
        """Keep the file that was sealed to the escrow; raise `StoreError`."""
        replace_file(self._folder / _ESCROW, sealed, self._faults)

    def _read_desk(self, desk: DeskId) -> KeyFile:
        """Steps 1 and 2."""
        data = self._read(self._desk_path(desk).name, desk)
        take_apart(data, _DESK_FORMAT)
        whole, seal = data[:-_SEAL_LENGTH], data[-_SEAL_LENGTH:]
        if not hmac.compare_digest(seal, self._seal(whole)):
            raise damaged(desk)
        file = take_apart(whole, _DESK_FORMAT)
        if file.text("desk") != desk:
            raise damaged(desk)
        return file

    def _read(self, file_name: str, name: str) -> bytes:
        try:
            return (self._folder / file_name).read_bytes()
        except FileNotFoundError:
            raise NotFoundError("there are no such keys here", where=name, reason="no-keys") from None
        except OSError as error:
            raise StoreError(
                f"a key file cannot be read: {error.strerror}", where=name, reason="key-file-not-read"
            ) from error

    def _desk_path(self, desk: DeskId) -> Path:
        return self._folder / f"{parse_desk(desk)}{_DESK_SUFFIX}"

    def _seal(self, data: bytes) -> bytes:
        return hmac.digest(self._machine.derive("desk-keys"), data, "sha256")

    def _write_desk_header(self, public: DeskPublicKeys, salt: bytes, nonce: bytes) -> bytes:
        return write_header(
            _DESK_FORMAT,
            desk=public.desk,
            opening=encode_b64(public.opening),
            storage=encode_b64(public.storage),
            derivation="argon2id",
            rounds=self._cost.rounds,
            memory_kib=self._cost.memory_kib,
            lanes=self._cost.lanes,
            salt=encode_b64(salt),
            cipher="AES-256-GCM",
            nonce=encode_b64(nonce),
        )


def _read_public(file: KeyFile, desk: DeskId) -> DeskPublicKeys:
    try:
        return DeskPublicKeys(desk, DeskPublicKey(file.data("opening")), DeskPublicKey(file.data("storage")))
    except SealingError:
        raise damaged(desk) from None


def read_cost(file: KeyFile) -> PassphraseCost:
    """Step 3: a file must not make us take all memory or time."""
    lanes = file.number("lanes", 1, 16)
    return PassphraseCost(file.number("rounds", 1, 64), file.number("memory_kib", 8 * lanes, 1 << 20), lanes)


def check_passphrase(passphrase: bytes) -> None:
    """Raise `InvalidInputError` unless the passphrase has a length that keys are kept under."""
    if not MIN_PASSPHRASE <= len(passphrase) <= MAX_PASSPHRASE:
        raise InvalidInputError(
            f"a passphrase has {MIN_PASSPHRASE} to {MAX_PASSPHRASE} bytes",
            where="passphrase",
            reason="passphrase-length",
        )


def stretch(passphrase: bytes, salt: bytes, cost: PassphraseCost) -> bytes:
    """Return the 32-byte key of a passphrase (argon2id); raise `StoreError` if there is too little memory."""
    try:
        return hash_secret_raw(
            _normalise(passphrase), salt, cost.rounds, cost.memory_kib, cost.lanes, 32, Type.ID
        )
    except HashingError:
        raise StoreError(
            "the passphrase could not be worked on: too little memory", where="passphrase", reason="argon2"
        ) from None


def _normalise(passphrase: bytes) -> bytes:
    try:
        return unicodedata.normalize("NFC", passphrase.decode("utf-8")).encode("utf-8")
    except UnicodeDecodeError:
        return passphrase
