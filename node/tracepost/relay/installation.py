"""A new relay's folder: keys, then the certificate and the trust list that others make.

    application = init_relay(folder, member="hub", domain="tracepost.example", post="0.0.0.0:7100")
    ...the authority of the relay's member makes a node certificate for application.request,
       the stewards put application.log_key and the authority's root into the trust list...
    install_certificate(folder, chain_pem)
    install_trust(folder, trust_list, fingerprint=fingerprint)

Private keys are made here and never leave the folder.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tracepost.protocol.errors import ConfigurationError
from tracepost.protocol.evidence import (
    COSIGNS_AT_TIME,
    COSIGNS_POST_QUANTUM,
    NoteSigner,
    generate_log_key,
    generate_witness_key,
)
from tracepost.protocol.identity import Role, load_chain, read_identity
from tracepost.protocol.settings import parse_toml
from tracepost.protocol.trustlist import load_first, witness_name
from tracepost.relay.settings import CONFIG_NAME, RelaySettings, load_settings, read_settings
from tracepost.serving.storage.durable_file import replace_file

_ONLY_OWNER: Final = 0o600

_TEMPLATE: Final = """\
# A relay of Tracepost. The settings are told in tracepost/relay/settings.py.
member = {member}
domain = {domain}

[listen]
post = {post}
metrics = {metrics}

[trust]
fingerprint = ""
"""


@dataclass(frozen=True, slots=True)
class Application:
    """What others need of a new relay: a certificate request (PKCS #10, DER), and verifier keys (vkey).

    `log_key` is of its log; by `witness_keys` it cosigns logs of others.
    """

    request: bytes
    log_key: str
    witness_keys: tuple[str, ...]


def init_relay(folder: Path, *, member: str, domain: str, post: str, metrics: str = "") -> Application:
    """Make the folder of a new relay with its keys and `relay.toml`.

    Args:
        folder: made, if it is not there; nothing in it is overwritten.
        member: the relay's member id.
        domain: of the network.
        post: address `host:port` that members' nodes dial.
        metrics: address of the metrics page, empty for none.

    Raises:
        ConfigurationError: the folder holds a relay already, or a setting is not well formed.
    """
    config = folder / CONFIG_NAME
    if config.exists():
        raise ConfigurationError("the folder holds a relay already", where=str(config))
    (folder / "keys").mkdir(parents=True, exist_ok=True, mode=0o700)
    values = {"member": member, "domain": domain, "post": post, "metrics": metrics}
    text = _TEMPLATE.format(**{name: json.dumps(value) for name, value in values.items()})
    settings = read_settings(parse_toml(text.encode(), str(config)), folder)
    _write(config, text.encode(), mode=0o644)
    key = ec.generate_private_key(ec.SECP256R1())
    log_key = generate_log_key(settings.log_origin)
    _write(settings.key_path, _key_pem(key))
    _write(settings.log_key_path, log_key.to_skey().encode() + b"\n")
    witness_keys = tuple(one.vkey for one in load_witness_keys(settings))
    return Application(_request(key), log_key.vkey, witness_keys)


def install_certificate(folder: Path, chain_pem: bytes) -> None:
    """Keep the node certificate that the authority made; a running relay shows it at the next handshake.

    Raises:
        IdentityError: it is not in the profile.
        ConfigurationError: it is another member's, or for another key.
    """
    settings = load_settings(folder / CONFIG_NAME)
    leaf = load_chain(chain_pem)[0]
    claimed = read_identity(leaf, settings.domain)
    if (claimed.member, claimed.role) != (settings.member, Role.NODE):
        raise ConfigurationError("the certificate is not this relay's", where="certificate")
    key = serialization.load_pem_private_key(settings.key_path.read_bytes(), password=None)
    if leaf.public_key() != key.public_key():
        raise ConfigurationError("the certificate is for another key", where="certificate")
    _write(settings.chain_path, chain_pem, mode=0o644)


def install_trust(folder: Path, data: bytes, *, fingerprint: str) -> None:
    """Keep the first trust list, and the fingerprint by which it is believed.

    Raises:
        TrustError: the list does not hold, or has another fingerprint.
        ConfigurationError: it is of another network, or does not name this relay.
    """
    path = folder / CONFIG_NAME
    settings = load_settings(path)
    trusted = load_first(data, fingerprint=fingerprint)
    if trusted.domain != settings.domain:
        raise ConfigurationError("the trust list is of another network", where="trust")
    trusted.member(settings.member)
    _write(settings.trust_path, data, mode=0o644)
    text = path.read_text("utf-8")
    line = f'fingerprint = "{settings.trust_fingerprint}"'
    if line not in text:
        raise ConfigurationError("there is no line for the fingerprint", where="trust.fingerprint")
    _write(path, text.replace(line, f'fingerprint = "{trusted.fingerprint}"', 1).encode(), mode=0o644)


class FolderLogKeys:
    """The keys of our logs as files, `log.key` and so on: a `LogKeyStore`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, name: str) -> str:
        """See `LogKeyStore`."""
        path = self._folder / f"{name}.key"
        try:
            return path.read_text("ascii").strip() if path.exists() else ""
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError("the log key cannot be read", where=f"keys/{path.name}") from error

    def keep(self, name: str, skey: str) -> None:
        """See `LogKeyStore`."""
        _write(self._folder / f"{name}.key", skey.encode("ascii") + b"\n")


def load_witness_keys(settings: RelaySettings) -> list[NoteSigner]:
    """Return the keys that cosign heads of other logs, made when they are asked for first."""
    path = settings.log_key_path.with_name("witness.key")
    if not path.exists():
        name = witness_name(settings.member, settings.domain)
        made = [generate_witness_key(name, kind) for kind in (COSIGNS_AT_TIME, COSIGNS_POST_QUANTUM)]
        _write(path, "".join(f"{key.to_skey()}\n" for key in made).encode("ascii"))
    return [NoteSigner.from_skey(line) for line in path.read_text("ascii").splitlines()]


def _request(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return a request that asks for no name: the authority knows the name."""
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    return request.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, data: bytes, mode: int = _ONLY_OWNER) -> None:
    replace_file(path, data)
    path.chmod(mode)
