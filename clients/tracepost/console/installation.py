"""A new console's folder: its key, then the certificate that our authority makes for it.

    request = init_console(folder, member="xaa", domain="tracepost.example", node="127.0.0.1:7443", ...)
    ...the authority issues a certificate of role `console`: tracepost ca issue --console...
    install_papers(folder, chain_pem, root_pem)

The key is made here and never leaves the folder.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from tracepost.console.settings import CONFIG_NAME, load_settings, read_settings
from tracepost.protocol.certificate import load_chain, read_identity
from tracepost.protocol.errors import ConfigurationError
from tracepost.protocol.identity import Role
from tracepost.protocol.settings import parse_toml

_ONLY_OWNER: Final = 0o600
_TEMPLATE: Final = """\
# A web console of Tracepost. The settings are told in docs/console-settings.md.
member = {member}
domain = {domain}
node = {node}
origin = {origin}
listen = {listen}
"""


def init_console(folder: Path, *, member: str, domain: str, node: str, origin: str, listen: str) -> bytes:
    """Make the folder of a new console; return the certificate request (PKCS #10, DER) for its authority.

    Args:
        folder: made, if it is not there; nothing in it is overwritten.
        member: our member id.
        domain: of the network.
        node: address `host:port` of our node's desk service.
        origin: what officers type, `https://host:port`.
        listen: where browsers are answered, `host:port`.

    Raises:
        ConfigurationError: the folder holds a console already, or a setting is not well formed.
    """
    path = folder / CONFIG_NAME
    if path.exists():
        raise ConfigurationError("the folder holds a console already", where=str(path))
    values = {"member": member, "domain": domain, "node": node, "origin": origin, "listen": listen}
    text = _TEMPLATE.format(**{name: json.dumps(value) for name, value in values.items()})
    settings = read_settings(parse_toml(text.encode(), str(path)), folder)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    _write_new(settings.key, pem)
    path.write_text(text, "utf-8")
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())
    return request.public_bytes(Encoding.DER)


def install_papers(folder: Path, chain_pem: bytes, root_pem: bytes) -> None:
    """Keep the certificate that the authority made, and the root that officers' certificates lead to.

    Raises:
        IdentityError: a certificate is not in the profile.
        ConfigurationError: it is another member's or role's, or for another key.
    """
    settings = load_settings(folder / CONFIG_NAME)
    leaf = load_chain(chain_pem)[0]
    claimed = read_identity(leaf, settings.domain)
    if (claimed.member, claimed.role) != (settings.member, Role.CONSOLE):
        raise ConfigurationError("the certificate is not this console's", where="certificate")
    key = serialization.load_pem_private_key(settings.key.read_bytes(), password=None)
    if leaf.public_key() != key.public_key():
        raise ConfigurationError("the certificate is for another key", where="certificate")
    load_chain(root_pem)
    settings.certificate.write_bytes(chain_pem)
    settings.root.write_bytes(root_pem)


def _write_new(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _ONLY_OWNER), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
