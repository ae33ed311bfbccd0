"""Founding an authority, opening it, and opening it again after its database was restored.

The directory is described in `settings.py`. A new one is made beside its place and moved
there when it is complete, so that a crash leaves either an authority or nothing.
"""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tracepost.ca.authority import Authority, new_serial
from tracepost.ca.clock import Clock, wall_clock
from tracepost.ca.keystore import Passphrase, Random, RootKey, generate_key, open_key, protect_key
from tracepost.ca.profile import DAY_S, Lifetimes, root_template
from tracepost.ca.publication import PublishedFiles, sync_directory, write_durably
from tracepost.ca.revocation import old_database
from tracepost.ca.settings import SETTINGS_FILE, Settings, load_settings, make_settings
from tracepost.ca.store import create_store, open_store
from tracepost.protocol.errors import ConfigurationError, ConflictError

ROOT_FILE: Final = "root.pem"
KEY_FILE: Final = "root.key.pem"
DATABASE_FILE: Final = "authority.db"
PUBLISHED: Final = "published"
RESTORED: Final = "restored"
"""A file that says: this folder came from a backup, and `restore_authority` has not taught it what it forgot."""


def init_authority(
    directory: Path,
    passphrase: Passphrase,
    *,
    member: str,
    domain: str,
    member_type: str = "state",
    lifetimes: Lifetimes | None = None,
    clock: Clock = wall_clock,
    random: Random = secrets.token_bytes,
) -> Authority:
    """Found the authority of a member in a new directory, publish its first list, and return it open.

    Args:
        directory: must not exist yet or be empty.
        passphrase: for the root key.
        member: id of the member, such as `ken`.
        domain: DNS domain of the federation; the root is constrained to `<member>.<domain>`.
        member_type: state, panel, peace-operation, organisation or relay.
        lifetimes: of everything that it will sign.
        clock: gives unix seconds.
        random: gives random bytes.

    Raises:
        ConfigurationError: a setting is not well formed.
        ConflictError: the directory holds something.

    """
    settings = make_settings(member, domain, member_type, lifetimes or Lifetimes())
    if directory.exists() and any(directory.iterdir()):
        raise ConflictError("the directory is not empty", where="directory")
    building = directory.with_name(f".{directory.name}.{secrets.token_hex(4)}.partial")
    building.mkdir(parents=True, mode=0o700)
    try:
        _found(building, settings, passphrase, clock, random)
        building.replace(directory)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    sync_directory(directory.parent)
    return open_authority(directory, passphrase, clock=clock, random=random)


def open_authority(
    directory: Path,
    passphrase: Passphrase | None,
    *,
    clock: Clock = wall_clock,
    random: Random = secrets.token_bytes,
) -> Authority:
    """Open an authority and complete what a crash cut short; without a passphrase it stays locked.

    Raises:
        ConfigurationError: no authority there, or the passphrase is wrong.
        StoreError: the database is older than what was published: `restore_authority`.

    """
    if (directory / RESTORED).exists():
        raise old_database()
    authority = _open(directory, passphrase, clock, random)
    try:
        authority.refuse_old_database()
        if passphrase is not None:
            authority.recover()
    except BaseException:
        authority.close()
        raise
    return authority


def restore_authority(
    directory: Path,
    passphrase: Passphrase,
    *,
    crl: bytes | None = None,
    clock: Clock = wall_clock,
    random: Random = secrets.token_bytes,
) -> Authority:
    """Open an authority whose database came from a backup, and teach it what it forgot.

    Args:
        directory: of the authority.
        passphrase: for the root key; a new list is signed.
        crl: the newest list that any peer holds (DER), if the published files are old as well.
        clock: gives unix seconds.
        random: gives random bytes.

    Raises:
        StoreError: a list or certificate is not of this authority.

    """
    authority = _open(directory, passphrase, clock, random)
    try:
        authority.learn_from_publications(crl)
        authority.recover()
        (directory / RESTORED).unlink(missing_ok=True)
    except BaseException:
        authority.close()
        raise
    return authority


def _found(directory: Path, settings: Settings, passphrase: Passphrase, clock: Clock, random: Random) -> None:
    key = generate_key()
    root = _sign_root(settings, key, clock(), random)
    write_durably(directory / SETTINGS_FILE, settings.to_toml().encode())
    write_durably(directory / KEY_FILE, protect_key(key, passphrase, random), mode=0o600)
    write_durably(directory / ROOT_FILE, root.public_bytes(serialization.Encoding.PEM))
    PublishedFiles(directory / PUBLISHED).prepare(root)
    create_store(directory / DATABASE_FILE).close()


def _sign_root(
    settings: Settings, key: ec.EllipticCurvePrivateKey, now: int, random: Random
) -> x509.Certificate:
    # A day before, so that what it signs can be dated back as well.
    dates = (now - DAY_S - settings.lifetimes.backdate, now + settings.lifetimes.root)
    template = root_template(
        settings.member, settings.domain, key.public_key(), serial=new_serial(random), dates=dates
    )
    return template.sign(key, hashes.SHA256(), ecdsa_deterministic=True)


def _open(directory: Path, passphrase: Passphrase | None, clock: Clock, random: Random) -> Authority:
    settings = load_settings(directory)
    root = _read_root(directory)
    key = None if passphrase is None else open_key(_read(directory / KEY_FILE), passphrase)
    if key is not None and key.public_key() != root.public_key():
        raise ConfigurationError("root key and root certificate differ", where=KEY_FILE, reason="root-key")
    return Authority(
        settings,
        root,
        RootKey(key),
        open_store(directory / DATABASE_FILE),
        PublishedFiles(directory / PUBLISHED),
        clock=clock,
        random=random,
    )


def _read_root(directory: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(_read(directory / ROOT_FILE))
    except ValueError:
        raise ConfigurationError("the root certificate cannot be read", where=ROOT_FILE) from None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise ConfigurationError("a file of the authority is missing", where=path.name) from None
