"""A new node's folder: settings and keys, then the certificates and the trust list that others make.

    application = init_node(folder, text_of_node_toml, passphrases)
    ...the authority makes a certificate for each of application.keys, the stewards put
       application.log_key and the authority's root into the trust list...
    install_certificate(folder, "desk-poc", chain_pem)
    install_trust(folder, trust_list, fingerprint=fingerprint)
    papers = make_announcement(folder, now)     # for those who are to write to it first

Private keys are made here and never leave the folder: those of people's desks under their
passphrases, the daemon's own under the machine's secret.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from tracepost.node.adapters.keystore import STANDARD_COST, FileKeyStore, PassphraseCost, check_passphrase
from tracepost.node.adapters.machine import create_machine_secret, read_machine_secret
from tracepost.node.config import NodeConfig, load_config, read_config
from tracepost.node.desk_keys import DeskBundle, generate_bundle
from tracepost.node.directory_entry import sign_entry, write_entry
from tracepost.node.escrow import EscrowRecord, decode_record, found_escrow, seal_escrow, try_escrow
from tracepost.protocol.errors import ConfigurationError, InvalidInputError, NotFoundError, StoreError
from tracepost.protocol.evidence import (
    COSIGNS_AT_TIME,
    COSIGNS_POST_QUANTUM,
    NoteSigner,
    generate_log_key,
    generate_witness_key,
)
from tracepost.protocol.identity import Role, certificate_sha256, load_chain, read_identity
from tracepost.protocol.ids import NODE_DESK, DeskId
from tracepost.protocol.sealing import DeskPrivateKey
from tracepost.protocol.settings import parse_toml
from tracepost.protocol.statement import KeySigner
from tracepost.protocol.trustlist import load_first, witness_name
from tracepost.serving.storage.durable_file import replace_file
from tracepost.wire.v1.directory_pb2 import DirectoryEntry
from tracepost.wire.v1.post_pb2 import Announcement

CONFIG_NAME: Final = "node.toml"
ESCROW_RECORD: Final = "escrow-record"


@dataclass(frozen=True, slots=True)
class CertifiedKey:
    """A key that needs a certificate: `node`, `statement` or `desk-<id>`; a desk has an HPKE key too."""

    name: str
    role: Role
    desk: DeskId | None
    key: ec.EllipticCurvePrivateKey = field(repr=False)
    desk_key: DeskPrivateKey | None = None


@dataclass(frozen=True, slots=True)
class NodeApplication:
    """What others need of a new node: keys to certify, the verifier key of its log, shares for paper.

    The shares are shown once and kept nowhere here.
    """

    keys: tuple[CertifiedKey, ...]
    log_key: str
    shares: tuple[str, ...] = field(repr=False)


def init_node(
    folder: Path,
    settings: str,
    passphrases: Mapping[DeskId, bytes],
    *,
    now: int,
    share_threshold: int = 2,
    share_count: int = 3,
    cost: PassphraseCost = STANDARD_COST,
) -> NodeApplication:
    """Make the folder of a new node with its keys and `node.toml`.

    Args:
        folder: made, if it is not there; nothing in it is overwritten.
        settings: the text of `node.toml` (see `config`).
        passphrases: one for each desk in the settings, at least twelve bytes.
        now: unix seconds.
        share_threshold: shares that bring the desks' keys back, of `share_count` in all.
        cost: of trying one passphrase of a desk.

    Raises:
        ConfigurationError: the folder holds a node already, or a setting is not well formed.
        InvalidInputError: a passphrase is missing or too short.
    """
    path = folder / CONFIG_NAME
    if path.exists():
        raise ConfigurationError("the folder holds a node already", where=str(path))
    config = read_config(parse_toml(settings.encode(), CONFIG_NAME), folder)
    _require_passphrases(config, passphrases)
    founded = found_escrow(share_threshold, share_count, now)
    config.keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    store = FileKeyStore(config.keys, create_machine_secret(config.keys, os.urandom), cost=cost)
    bundles = [generate_bundle(NODE_DESK), *(generate_bundle(d.desk) for d in config.desks)]
    store.save_node(bundles[0])
    for bundle in bundles[1:]:
        store.save(bundle, passphrases[bundle.desk])
    log_key = generate_log_key(config.log_origin)
    store.save_machine_keys("log", log_key.to_skey().encode("ascii"))
    keys = tuple(_make_keys(store, bundles))
    sealed, record = seal_escrow(bundles, founded.record)
    store.save_escrow(sealed)
    store.save_machine_keys(ESCROW_RECORD, record.encode())
    replace_file(path, settings.encode("utf-8"))
    return NodeApplication(keys, log_key.vkey, tuple(founded.shares))


def _require_passphrases(config: NodeConfig, passphrases: Mapping[DeskId, bytes]) -> None:
    """Refuse before anything is made: a folder that was begun is not begun again."""
    for desk in (d.desk for d in config.desks):
        if desk not in passphrases:
            raise InvalidInputError(
                f"desk {desk} has no passphrase", where="passphrase", reason="no-passphrase"
            )
        check_passphrase(passphrases[desk])


def migrate_store(folder: Path, *, pre: bool, post: bool) -> list[str]:
    """Do the steps of these kinds that the node's store lacks (see `adapters.sql.migration`); return their numbers.

    Raises:
        BusyError: a process of an older version is connected still.
        ConfigurationError: the steps are in another order, or a process uses the file.
        StoreError: the database cannot be opened.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from tracepost.node.adapters.sql.migration import migrate, program_name
    from tracepost.serving.storage.engine import open_engines

    engines = open_engines(load_config(folder / CONFIG_NAME).store_url, program_name())
    try:
        engines.claim()
        return migrate(engines.writer, pre=pre, post=post)
    except SQLAlchemyError as error:
        raise StoreError("the database cannot be opened", reason=type(error).__name__) from error
    finally:
        engines.dispose()


def store_schema(folder: Path) -> tuple[bool, str, str]:
    """Return whether the node's store is a file, the newest step that it has seen and the newest that took away.

    Raises:
        ConfigurationError: there is no node.
        StoreError: the database cannot be read.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from tracepost.node.adapters.sql.migration import read_schema
    from tracepost.serving.storage.engine import open_engines

    config = load_config(folder / CONFIG_NAME)
    is_file = config.store_url.startswith("sqlite")
    if is_file and not config.store_path.exists():
        return True, "", ""
    engines = open_engines(config.store_url)
    try:
        found = read_schema(engines.writer)
    except SQLAlchemyError as error:
        raise StoreError("the database cannot be read", reason=type(error).__name__) from error
    finally:
        engines.dispose()
    return is_file, found.newest, found.floor


def try_node_escrow(folder: Path, shares: Sequence[str], now: int) -> EscrowRecord:
    """Prove that these shares, typed in from paper, give back the desks' keys; note it, so that the node may serve.

    Raises:
        InvalidInputError: a share is mistyped, of another escrow, or too few are given.
        StoreError: the sealed keys are damaged.
    """
    config = load_config(folder / CONFIG_NAME)
    store = FileKeyStore(config.keys, read_machine_secret(config.keys, os.environ))
    record = decode_record(store.load_machine_keys(ESCROW_RECORD))
    tried = try_escrow(shares, store.load_escrow(), record, now)
    store.save_machine_keys(ESCROW_RECORD, tried.encode())
    return tried


def require_escrow(store: FileKeyStore, config: NodeConfig) -> EscrowRecord:
    """Return the escrow's record; raise `ConfigurationError` unless it was tried and has the keys in use."""
    record = decode_record(store.load_machine_keys(ESCROW_RECORD))
    record.check([store.public(desk) for desk in (NODE_DESK, *(d.desk for d in config.desks))])
    return record


def escrow_tried(store: FileKeyStore) -> int:
    """Return when the shares were tried last, unix seconds; 0: never."""
    return decode_record(store.load_machine_keys(ESCROW_RECORD)).tried or 0


def load_witness_keys(store: FileKeyStore, config: NodeConfig) -> list[NoteSigner]:
    """Return the keys that cosign heads of other logs, made when they are asked for first."""
    try:
        kept = store.load_machine_keys("witness").decode("ascii")
    except NotFoundError:
        name = witness_name(config.member, config.domain)
        made = [generate_witness_key(name, kind) for kind in (COSIGNS_AT_TIME, COSIGNS_POST_QUANTUM)]
        kept = "\n".join(key.to_skey() for key in made)
        store.save_machine_keys("witness", kept.encode("ascii"))
    return [NoteSigner.from_skey(line) for line in kept.splitlines()]


def install_certificate(folder: Path, name: str, chain_pem: bytes) -> None:
    """Keep the certificate that the authority made for the key `name`.

    Raises:
        IdentityError: it is not in the profile.
        ConfigurationError: it is another member's, of another role, or for another key.
    """
    config = load_config(folder / CONFIG_NAME)
    store = FileKeyStore(config.keys, read_machine_secret(config.keys, os.environ))
    leaf = load_chain(chain_pem)[0]
    claimed = read_identity(leaf, config.domain)
    if claimed.member != config.member or claimed.label != name:
        raise ConfigurationError("the certificate is for something else", where=name)
    if leaf.public_key() != load_key(store, name).public_key():
        raise ConfigurationError("the certificate is for another key", where=name)
    replace_file(config.chain_path(name), chain_pem)


def install_trust(folder: Path, data: bytes, *, fingerprint: str) -> None:
    """Keep the first trust list, and the fingerprint by which it is believed.

    Raises:
        TrustError: the list does not hold, or has another fingerprint.
        ConfigurationError: it is of another network, or does not name this member.
    """
    path = folder / CONFIG_NAME
    config = load_config(path)
    trusted = load_first(data, fingerprint=fingerprint)
    if trusted.domain != config.domain:
        raise ConfigurationError("the trust list is of another network", where="trust")
    trusted.member(config.member)
    replace_file(config.trust_path, data)
    if config.trust_fingerprint != trusted.fingerprint:
        if config.trust_fingerprint:
            raise ConfigurationError("node.toml names another fingerprint", where="trust.fingerprint")
        text = path.read_text("utf-8") + f'\n[trust]\nfingerprint = "{trusted.fingerprint}"\n'
        replace_file(path, text.encode("utf-8"))


def make_announcement(folder: Path, now: int) -> Announcement:
    """Return the papers of a node that has not served yet, to be carried to other members by hand.

    Raises:
        ConfigurationError: a certificate is not installed.
    """
    config = load_config(folder / CONFIG_NAME)
    store = FileKeyStore(config.keys, read_machine_secret(config.keys, os.environ))
    certificates = read_certificates(config)
    entry = write_own_entry(config, store, certificates, now)
    signer = KeySigner(load_key(store, "statement"), certificates["statement"])
    return Announcement(
        member=config.member,
        directory_entry=sign_entry(entry, config, signer, now, os.urandom),
        certificates=read_announced(config),
        crl=config.crl_path.read_bytes() if config.crl_path.exists() else b"",
    )


def write_own_entry(
    config: NodeConfig, store: FileKeyStore, certificates: Mapping[str, x509.Certificate], now: int
) -> DirectoryEntry:
    """Return our directory entry as settings, keys and certificates have it; `now` is its number."""
    desks = (NODE_DESK, *(d.desk for d in config.desks))
    return write_entry(
        config,
        {desk: store.public(desk).opening for desk in desks},
        {desk: certificate_sha256(certificates[f"desk-{desk}"]) for desk in desks},
        [r.member for r in config.relays],
        now,
    )


def read_certificates(config: NodeConfig) -> dict[str, x509.Certificate]:
    """Return the leaf of every key that has a certificate, by name; raise `ConfigurationError`."""
    return {name: load_chain(read_chain(config, name))[0] for name in certificate_names(config)}


def read_announced(config: NodeConfig) -> list[bytes]:
    """Return our certificates, DER, with the authorities above them; raise `ConfigurationError`."""
    chains = [load_chain(read_chain(config, name)) for name in certificate_names(config)]
    return [one.public_bytes(Encoding.DER) for one in dict.fromkeys(c for chain in chains for c in chain)]


def read_chain(config: NodeConfig, name: str) -> bytes:
    """Return the certificate of the key `name` as it was installed, PEM; raise `ConfigurationError`."""
    try:
        return config.chain_path(name).read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"the certificate {name} is not installed",
            where=f"keys/{name}.pem",
            remedy="Enrol the node: tracepost node enrol.",
        ) from error


def load_key(store: FileKeyStore, name: str) -> ec.EllipticCurvePrivateKey:
    """Return the P-256 key `name` of a node; raise `NotFoundError`, `StoreError`."""
    key = serialization.load_der_private_key(
        store.load_machine_keys(_KEY_FILES.get(name, name)), password=None
    )
    assert isinstance(key, ec.EllipticCurvePrivateKey)  # we wrote it
    return key


def certificate_names(config: NodeConfig) -> tuple[str, ...]:
    """Return the names of all keys of this node that have certificates."""
    desks = (NODE_DESK, *(d.desk for d in config.desks))
    return ("node", "statement", *(f"desk-{desk}" for desk in desks))


def _make_keys(store: FileKeyStore, bundles: list[DeskBundle]) -> list[CertifiedKey]:
    made = [_make_key(store, "node", Role.NODE), _make_key(store, "statement", Role.STATEMENT)]
    made += [_make_key(store, f"desk-{b.desk}", Role.DESK, b.desk, b.opening[0]) for b in bundles]
    return made


def _make_key(
    store: FileKeyStore,
    name: str,
    role: Role,
    desk: DeskId | None = None,
    desk_key: DeskPrivateKey | None = None,
) -> CertifiedKey:
    key = ec.generate_private_key(ec.SECP256R1())
    der = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    # "node" is the file of the desk `node`; the TLS key has a name of its own there.
    store.save_machine_keys(_KEY_FILES.get(name, name), der)
    return CertifiedKey(name, role, desk, key, desk_key)


_KEY_FILES: Final = {"node": "tls"}
