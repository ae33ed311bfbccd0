"""Makes the golden vectors of certificates: python tests/vectors/identity/generate.py

    certificates.json   chains with their verdict: whom they show, or the step and reason of refusal
    lists.json          revocation lists with their verdict, taken in one after the other

Certificates are PEM and lists base64, so that other tools read them. Keys are fixed and
worthless, signatures deterministic: running it twice gives the same files, and a test
compares them with what stands here.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import ipaddress
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tracepost.protocol.identity import (
    DATA_SIGNING,
    DESK_KEY_EXTENSION,
    OFFICER_EXTENSION,
    PRIVATE_USE,
    TLS_USES,
    Role,
    encode_desk_key,
    encode_officer,
)
from tracepost.protocol.ids import DeskId

HERE = Path(__file__).parent
DOMAIN = "tracepost.example"
DAY = 86_400
TIME = 1_790_000_000  # the moment at which the vectors are judged
SUITE = "tp1-xwing-sha256-aes256gcm"
DESK_KEY_SHA256 = hashlib.sha256(b"an HPKE key").digest()
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

NO_AUTHORITY = x509.BasicConstraints(ca=False, path_length=None)

Extension = tuple[x509.ExtensionType, bool]
PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey | Any


def key_of(name: str, curve: ec.EllipticCurve | None = None) -> ec.EllipticCurvePrivateKey:
    """Return the fixed key of a name."""
    scalar = int.from_bytes(hashlib.sha256(name.encode()).digest()) % (_ORDER - 1) + 1
    return ec.derive_private_key(scalar, curve or ec.SECP256R1())


def serial_of(name: str) -> int:
    """Return the fixed serial number of a name."""
    return int.from_bytes(hashlib.sha256(b"serial " + name.encode()).digest()[:20]) >> 1


@dataclass(frozen=True, slots=True)
class Ca:
    """A root or intermediate."""

    name: str
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


def usage(**true: bool) -> x509.KeyUsage:
    """Return a key usage in which only these are set."""
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{name: true.get(name, False) for name in names})


def constraint(*names: str, excluded: Sequence[str] | None = None) -> x509.NameConstraints:
    """Return a name constraint that permits these DNS subtrees."""
    forbidden = [x509.DNSName(name) for name in excluded] if excluded else None
    return x509.NameConstraints([x509.DNSName(name) for name in names], forbidden)


def _begin(name: str, issuer: x509.Name, key: PublicKey, dates: tuple[int, int]) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(serial_of(name))
        .not_valid_before(_moment(dates[0]))
        .not_valid_after(_moment(dates[1]))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])


def _key_of(issuer: Ca) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())


def _flip_last(der: bytes) -> bytes:
    return der[:-1] + bytes([der[-1] ^ 1])


def _moment(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, tz=dt.UTC)


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def make_ca(
    name: str,
    *,
    above: Ca | None = None,
    constraints: Extension | None = None,
    path_length: int | None = 1,
    ca: bool = True,
    dates: tuple[int, int] = (TIME - 1000 * DAY, TIME + 2650 * DAY),
) -> Ca:
    """Return an authority with a fixed key; a root if nothing is above it."""
    key = key_of(f"ca {name}")
    signer = above.key if above else key
    builder = (
        _begin(name, above.certificate.subject if above else _named(name), key.public_key(), dates)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=path_length if ca else None), critical=True)
        .add_extension(usage(key_cert_sign=True, crl_sign=True), critical=True)
    )
    if above:
        builder = builder.add_extension(_key_of(above), critical=False)
    if constraints:
        builder = builder.add_extension(constraints[0], critical=constraints[1])
    return Ca(name, key, builder.sign(signer, hashes.SHA256(), ecdsa_deterministic=True))


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a leaf says; the defaults are a good node certificate of xaa."""

    names: tuple[x509.GeneralName, ...] | None = (x509.DNSName(f"node.xaa.{DOMAIN}"),)
    uses: tuple[x509.ObjectIdentifier, ...] | None = (
        PRIVATE_USE[Role.NODE],
        ExtendedKeyUsageOID.SERVER_AUTH,
        ExtendedKeyUsageOID.CLIENT_AUTH,
    )
    papers: Mapping[x509.ObjectIdentifier, bytes] | None = None
    basic: x509.BasicConstraints | None = NO_AUTHORITY
    usage: x509.KeyUsage | None = DATA_SIGNING
    key: PublicKey = None
    dates: tuple[int, int] = (TIME - 100 * DAY, TIME + 265 * DAY)
    more: tuple[Extension, ...] = ()
    spoil: Callable[[bytes], bytes] | None = None
    name: str = "leaf"

    def sign(self, issuer: Ca) -> x509.Certificate:
        """Return the certificate by `issuer`."""
        key = self.key or key_of(self.name).public_key()
        builder = _begin(self.name, issuer.certificate.subject, key, self.dates)
        for value, critical in self._extensions(issuer):
            builder = builder.add_extension(value, critical=critical)
        signed = builder.sign(issuer.key, hashes.SHA256(), ecdsa_deterministic=True)
        if self.spoil is None:
            return signed
        return x509.load_der_x509_certificate(self.spoil(_der(signed)))

    def _extensions(self, issuer: Ca) -> Iterable[Extension]:
        yield _key_of(issuer), False
        if self.basic is not None:
            yield self.basic, True
        if self.usage is not None:
            yield self.usage, True
        if self.names is not None:
            yield x509.SubjectAlternativeName(self.names), False
        if self.uses is not None:
            yield x509.ExtendedKeyUsage(self.uses), False
        for oid, value in (self.papers or {}).items():
            yield x509.UnrecognizedExtension(oid, value), False
        yield from self.more


def profile(role: Role, label: str, **papers: bytes) -> Leaf:
    """Return a good certificate of this role of xaa, with these papers."""
    oids = {"desk": DESK_KEY_EXTENSION, "officer": OFFICER_EXTENSION}
    return Leaf(
        names=(x509.DNSName(f"{label}.xaa.{DOMAIN}"),),
        uses=(PRIVATE_USE[role], *sorted(TLS_USES[role], key=lambda use: use.dotted_string)),
        papers={oids[name]: value for name, value in papers.items()},
        name=label,
    )


XAA = make_ca("xaa", constraints=(constraint(f"xaa.{DOMAIN}"), True))
XAB = make_ca("xab", constraints=(constraint(f"xab.{DOMAIN}"), True))
ISSUING = make_ca("xaa issuing", above=XAA, path_length=0)
NODE = Leaf()
STATEMENT = profile(Role.STATEMENT, "statement")
DESK = profile(Role.DESK, "desk-poc", desk=encode_desk_key(SUITE, DESK_KEY_SHA256))
OFFICER = profile(Role.OFFICER, "officer-17", officer=encode_officer("17", [DeskId("lab"), DeskId("poc")]))


def named(*names: str) -> Leaf:
    """Return the good node certificate with other DNS names."""
    return replace(NODE, names=tuple(x509.DNSName(name) for name in names))


def case(
    name: str,
    leaf: Leaf = NODE,
    *,
    issuer: Ca = XAA,
    between: Sequence[Ca] = (),
    roots: Sequence[Ca] = (XAA,),
    revoked: Mapping[int, int] | None = None,
    refused: tuple[str, str] | None = None,
    shows: Mapping[str, Any] | None = None,
    at: int = TIME,
    revoked_at: int | None = None,
) -> dict[str, Any]:
    """Return one vector: refused with step and reason, or accepted and what it shows."""
    verdict = {"verdict": "accepted", "shows": shows} if refused is None else {"verdict": "refused"}
    if refused is not None:
        verdict |= {"where": refused[0], "reason": refused[1]}
    return {
        "name": name,
        **verdict,
        "domain": DOMAIN,
        "at": at,
        "revoked_at": revoked_at,
        "leaf": _pem(leaf.sign(issuer)),
        "intermediates": [_pem(one.certificate) for one in between],
        "roots": [_pem(one.certificate) for one in roots],
        "crl": None if revoked is None else _b64(make_crl(XAA, 1, revoked)),
    }


def make_crl(
    signer: Ca,
    number: int | None,
    revoked: Mapping[int, int],
    *,
    this_update: int = TIME - DAY,
    more: Sequence[Extension] = (),
    entry: Extension | None = None,
) -> bytes:
    """Return a list (DER) with serial numbers and the times of their revocation."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(signer.certificate.subject)
        .last_update(_moment(this_update))
        .next_update(_moment(this_update + 30 * DAY))
        .add_extension(_key_of(signer), critical=False)
    )
    if number is not None:
        builder = builder.add_extension(x509.CRLNumber(number), critical=False)
    for value, critical in more:
        builder = builder.add_extension(value, critical=critical)
    for serial, moment in revoked.items():
        one = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(_moment(moment))
        if entry is not None:
            one = one.add_extension(entry[0], critical=entry[1])
        builder = builder.add_revoked_certificate(one.build())
    return builder.sign(signer.key, hashes.SHA256(), ecdsa_deterministic=True).public_bytes(
        serialization.Encoding.DER
    )


def certificates() -> list[dict[str, Any]]:
    """Return all vectors of certificates, step by step."""
    return [
        *_accepted(),
        *_bad_keys(),
        *_bad_names(),
        *_bad_uses(),
        *_bad_leaves(),
        *_bad_papers(),
        *_bad_roots(),
        *_bad_dates(),
        *_bad_paths(),
        *_revoked(),
    ]


def _accepted() -> Iterable[dict[str, Any]]:
    node = {"member": "xaa", "role": "node", "label": "node"}
    yield case("a node", shows=node)
    yield case(
        "a statement key", STATEMENT, shows={"member": "xaa", "role": "statement", "label": "statement"}
    )
    yield case(
        "a desk with its HPKE key",
        DESK,
        shows={
            "member": "xaa",
            "role": "desk",
            "label": "desk-poc",
            "desk": "poc",
            "desk_suite": SUITE,
            "desk_key_sha256": DESK_KEY_SHA256.hex(),
        },
    )
    yield case(
        "an officer of two desks",
        OFFICER,
        shows={
            "member": "xaa",
            "role": "officer",
            "label": "officer-17",
            "officer": "17",
            "desks": ["lab", "poc"],
        },
    )
    yield case("a node below an intermediate", issuer=ISSUING, between=[ISSUING], shows=node)
    yield case("with another member's root beside its own", roots=[XAB, XAA], shows=node)
    yield case("in its first second", at=NODE.dates[0], shows=node)
    yield case("in its last second", at=NODE.dates[1], shows=node)
    yield case(
        "revoked after the moment that counts",
        revoked={serial_of("leaf"): TIME - 5 * DAY},
        revoked_at=TIME - 6 * DAY,
        shows=node,
    )
    yield case("while another certificate is revoked", revoked={serial_of("other"): TIME}, shows=node)


def _bad_keys() -> Iterable[dict[str, Any]]:
    step = "step 1 key"
    ed25519 = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"ed25519").digest()).public_key()
    modulus = int.from_bytes(hashlib.shake_256(b"no key at all").digest(256)) | 1 | 1 << 2047
    yield case("an Ed25519 leaf", replace(NODE, key=ed25519), refused=(step, "key-type"))
    yield case(
        "an RSA leaf",
        replace(NODE, key=rsa.RSAPublicNumbers(65537, modulus).public_key()),
        refused=(step, "key-type"),
    )
    yield case(
        "a P-384 leaf",
        replace(NODE, key=key_of("leaf", ec.SECP384R1()).public_key()),
        refused=(step, "key-type"),
    )


def _bad_names() -> Iterable[dict[str, Any]]:
    count, form, name = ("step 2 one name", "step 3 DNS", "step 4 name")
    good = f"node.xaa.{DOMAIN}"
    yield case("no name", replace(NODE, names=None), refused=(count, "name-count"))
    yield case("two names", named(good, f"statement.xaa.{DOMAIN}"), refused=(count, "name-count"))
    yield case("the same name twice", named(good, good), refused=(count, "name-count"))
    spiffe = x509.UniformResourceIdentifier(f"spiffe://{DOMAIN}/xab/node")
    address = x509.IPAddress(ipaddress.ip_address("192.0.2.1"))
    mail = x509.RFC822Name(f"node@xaa.{DOMAIN}")
    yield case(
        "a URI beside the name",
        replace(NODE, names=(x509.DNSName(good), spiffe)),
        refused=(count, "name-count"),
    )
    yield case("a URI for a name", replace(NODE, names=(spiffe,)), refused=(form, "name-form"))
    yield case("an IP address for a name", replace(NODE, names=(address,)), refused=(form, "name-form"))
    yield case("a mail address for a name", replace(NODE, names=(mail,)), refused=(form, "name-form"))
    for wrong, words in (
        ("node.xaa.example.org", "a name of another domain"),
        (f"node.xaa.sub.{DOMAIN}", "a name one label too long"),
        (f"xaa.{DOMAIN}", "a name without a role"),
        (DOMAIN, "the domain itself for a name"),
        (f"gate.xaa.{DOMAIN}", "an unknown role"),
        (f"enrolment.xaa.{DOMAIN}", "the authority's own server"),
        (f"Node.xaa.{DOMAIN}", "an upper-case role"),
        (f"node.XAA.{DOMAIN}", "an upper-case member"),
        (f"*.xaa.{DOMAIN}", "a wildcard"),
        (f"desk-.xaa.{DOMAIN}", "a desk without an id"),
        (f"desk.xaa.{DOMAIN}", "a desk without even a hyphen"),
        (f"officer-smith.xaa.{DOMAIN}", "an officer with a name"),
        (f"node-1.xaa.{DOMAIN}", "a node with a number"),
        (f"node.xaa.{DOMAIN}.", "a name with a final dot"),
    ):
        yield case(words, named(wrong), refused=(name, "name"))


def _bad_uses() -> Iterable[dict[str, Any]]:
    step = "step 5 use"
    tls = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH)
    both = (PRIVATE_USE[Role.NODE], PRIVATE_USE[Role.STATEMENT])
    yield case("no key usage for a role", replace(NODE, uses=None), refused=(step, "no-profile"))
    yield case("TLS and no role", replace(NODE, uses=tls), refused=(step, "no-profile"))
    yield case("two profiles", replace(NODE, uses=(*both, *tls)), refused=(step, "two-profiles"))
    yield case(
        "the profile of another role",
        replace(STATEMENT, uses=(PRIVATE_USE[Role.DESK],)),
        refused=(step, "no-profile"),
    )
    yield case(
        "a statement key that could do TLS",
        replace(STATEMENT, uses=(PRIVATE_USE[Role.STATEMENT], *tls)),
        refused=(step, "usage"),
    )
    yield case(
        "an officer that could serve",
        replace(OFFICER, uses=(PRIVATE_USE[Role.OFFICER], *tls)),
        refused=(step, "usage"),
    )
    yield case(
        "a node that cannot dial",
        replace(NODE, uses=(PRIVATE_USE[Role.NODE], tls[0])),
        refused=(step, "usage"),
    )
    yield case(
        "any usage at all",
        replace(STATEMENT, uses=(PRIVATE_USE[Role.STATEMENT], ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE)),
        refused=(step, "usage"),
    )


def _bad_leaves() -> Iterable[dict[str, Any]]:
    step = "step 6 leaf"
    yield case(
        "an authority's certificate as leaf",
        replace(NODE, basic=x509.BasicConstraints(ca=True, path_length=0), usage=usage(key_cert_sign=True)),
        refused=(step, "is-ca"),
    )
    yield case("no key usage", replace(NODE, usage=None), refused=(step, "key-usage"))
    yield case(
        "a key that may sign certificates",
        replace(NODE, usage=usage(digital_signature=True, key_cert_sign=True)),
        refused=(step, "key-usage"),
    )


def _bad_papers() -> Iterable[dict[str, Any]]:
    step = "step 7 role papers"
    desk = encode_desk_key(SUITE, DESK_KEY_SHA256)
    officer = encode_officer("17", [DeskId("poc")])
    yield case("a desk without its HPKE key", replace(DESK, papers={}), refused=(step, "no-papers"))
    yield case("an officer without papers", replace(OFFICER, papers={}), refused=(step, "no-papers"))
    yield case(
        "a node with the papers of a desk",
        replace(NODE, papers={DESK_KEY_EXTENSION: desk}),
        refused=(step, "spare-papers"),
    )
    yield case(
        "a desk with the papers of an officer too",
        replace(DESK, papers={DESK_KEY_EXTENSION: desk, OFFICER_EXTENSION: officer}),
        refused=(step, "spare-papers"),
    )
    for words, value in (
        ("an HPKE key's digest of 31 bytes", encode_desk_key(SUITE, bytes(31))),
        ("a suite that is no name", encode_desk_key("Suite 1", bytes(32))),
        ("a desk's papers with a tail", desk + b"\x00"),
        ("a desk's papers that are nothing", b""),
    ):
        yield case(words, replace(DESK, papers={DESK_KEY_EXTENSION: value}), refused=(step, "papers"))
    for words, value in (
        ("an officer of another number", encode_officer("18", [DeskId("poc")])),
        ("an officer of no desk", encode_officer("17", [])),
        ("an officer of one desk twice", encode_officer("17", [DeskId("poc"), DeskId("poc")])),
        ("an officer of a desk that is no name", encode_officer("17", [DeskId("PoC")])),
    ):
        yield case(words, replace(OFFICER, papers={OFFICER_EXTENSION: value}), refused=(step, "papers"))


def _bad_roots() -> Iterable[dict[str, Any]]:
    depth, step = "step 8 depth", "step 9 roots"
    second = make_ca("xaa second", above=make_ca("xaa first", above=XAA), path_length=0)
    first = make_ca("xaa first", above=XAA)
    yield case("two intermediates", issuer=second, between=[second, first], refused=(depth, "chain-too-deep"))
    yield case("no root at all", roots=[], refused=(step, "no-root"))
    yield case(
        "one state's authority signing for another, shown as the other's root",
        named(f"node.xab.{DOMAIN}"),
        refused=(step, "no-root"),
    )
    for words, constraints in (
        ("a root without a name constraint", None),
        ("a root for the whole domain", (constraint(DOMAIN), True)),
        ("a root for two members", (constraint(f"xaa.{DOMAIN}", f"xab.{DOMAIN}"), True)),
        (
            "a root with an exception",
            (constraint(f"xaa.{DOMAIN}", excluded=[f"officer-1.xaa.{DOMAIN}"]), True),
        ),
        ("a root whose constraint may be ignored", (constraint(f"xaa.{DOMAIN}"), False)),
        ("a root for more than its names", (constraint(f"xaa.{DOMAIN}", "xaa.example"), True)),
    ):
        root = make_ca(words, constraints=constraints)
        yield case(words, issuer=root, roots=[root], refused=(step, "no-root"))


def _bad_dates() -> Iterable[dict[str, Any]]:
    step = "step 10 dates"
    yield case("an expired certificate", at=NODE.dates[1] + 1, refused=(step, "expired"))
    yield case("a certificate of tomorrow", at=NODE.dates[0] - 1, refused=(step, "not-yet-valid"))


def _bad_paths() -> Iterable[dict[str, Any]]:
    step = ("step 11 path", "path")
    same_name = make_ca("xaa other", constraints=(constraint(f"xaa.{DOMAIN}"), True))
    yield case("the wrong authority", issuer=same_name, refused=step)
    yield case(
        "one state's authority signing for another",
        named(f"node.xab.{DOMAIN}"),
        roots=[XAB],
        refused=step,
    )
    yield case("a signature with a flipped bit", replace(NODE, spoil=_flip_last), refused=step)
    yield case("an intermediate that is not shown", issuer=ISSUING, refused=step)
    narrow = make_ca(
        "xaa narrow", above=XAA, path_length=0, constraints=(constraint(f"statement.xaa.{DOMAIN}"), True)
    )
    yield case("a name outside the intermediate's constraint", issuer=narrow, between=[narrow], refused=step)
    flat = make_ca("xaa flat", constraints=(constraint(f"xaa.{DOMAIN}"), True), path_length=0)
    below = make_ca("xaa below flat", above=flat, path_length=0)
    yield case(
        "an intermediate where none may be",
        issuer=below,
        between=[below],
        roots=[flat],
        refused=step,
    )
    false_ca = make_ca("xaa no authority", above=XAA, ca=False)
    yield case("an intermediate that is no authority", issuer=false_ca, between=[false_ca], refused=step)
    short = make_ca(
        "xaa short", constraints=(constraint(f"xaa.{DOMAIN}"), True), dates=(TIME - 1000 * DAY, TIME - DAY)
    )
    yield case("a root that has expired", issuer=short, roots=[short], refused=step)
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.25.1"), b"\x05\x00")
    yield case("an unknown critical extension", replace(NODE, more=((unknown, True),)), refused=step)


def _revoked() -> Iterable[dict[str, Any]]:
    step = ("step 12 revocation", "revoked")
    yield case("a revoked certificate", revoked={serial_of("leaf"): TIME - DAY}, refused=step)
    yield case("revoked in this very second", revoked={serial_of("leaf"): TIME}, refused=step)
    yield case(
        "a revoked intermediate",
        issuer=ISSUING,
        between=[ISSUING],
        revoked={serial_of("xaa issuing"): TIME - DAY},
        refused=step,
    )
    yield case(
        "revoked before the moment that counts",
        revoked={serial_of("leaf"): TIME - 5 * DAY},
        revoked_at=TIME - 5 * DAY,
        refused=step,
    )


def lists() -> list[dict[str, Any]]:
    """Return all vectors of revocation lists."""
    first, other = {serial_of("leaf"): TIME - 2 * DAY}, {serial_of("other"): TIME - DAY}
    one, two = make_crl(XAA, 1, first), make_crl(XAA, 2, {**first, **other})
    form, signer = "CRL step 1 form", "CRL step 2 signer"
    delta = (x509.DeltaCRLIndicator(1), True)
    part = x509.IssuingDistributionPoint(None, None, True, False, None, False, False)
    undone = (x509.CRLReason(x509.ReasonFlags.remove_from_crl), False)
    strange = (x509.UnrecognizedExtension(x509.ObjectIdentifier("2.25.1"), b"\x05\x00"), True)
    return [
        taken("a first list", one, revoked=first),
        taken("an empty list", make_crl(XAA, 1, {}), revoked={}),
        taken("a second list", one, two, revoked={**first, **other}),
        taken("the same list again", two, two, revoked={**first, **other}),
        taken("a list with a gap in the numbers", one, make_crl(XAA, 9, first), revoked=first),
        taken("a later list that leaves one out", one, make_crl(XAA, 2, other), revoked={**first, **other}),
        taken(
            "a later list with another date for the same",
            one,
            make_crl(XAA, 2, {serial_of("leaf"): TIME + DAY}),
            revoked=first,
        ),
        taken("not a list", b"not a list", refused=(form, "form")),
        taken("a list with a tail", one + b"\x00", refused=(form, "form")),
        taken("a list without a number", make_crl(XAA, None, first), refused=(form, "form")),
        taken("a delta list", make_crl(XAA, 2, first, more=[delta]), refused=(form, "form")),
        taken("a part of a list", make_crl(XAA, 2, first, more=[(part, True)]), refused=(form, "form")),
        taken("a list that takes one back", make_crl(XAA, 2, first, entry=undone), refused=(form, "form")),
        taken("an entry with unknown duties", make_crl(XAA, 2, first, entry=strange), refused=(form, "form")),
        taken("another member's list", make_crl(XAB, 1, first), refused=(signer, "signer")),
        taken(
            "another member's list, its root shown as this member's",
            make_crl(XAB, 1, first),
            roots=[XAB],
            refused=(signer, "signer"),
        ),
        taken("an intermediate's list", make_crl(ISSUING, 1, first), refused=(signer, "signer")),
        taken("a list with a flipped bit", _flip_last(one), refused=(signer, "signer")),
        taken(
            "a list of the future",
            make_crl(XAA, 1, first, this_update=TIME + 301),
            refused=("CRL step 3 time", "future"),
        ),
        taken(
            "a list by a clock five minutes fast",
            make_crl(XAA, 1, first, this_update=TIME + 300),
            revoked=first,
        ),
        taken("an older list", two, one, refused=("CRL step 4 number", "rolled-back")),
        taken(
            "another list of the same number",
            one,
            make_crl(XAA, 1, other),
            refused=("CRL step 4 number", "rolled-back"),
        ),
    ]


def taken(
    name: str,
    *crls: bytes,
    roots: Sequence[Ca] = (XAA,),
    revoked: Mapping[int, int] | None = None,
    refused: tuple[str, str] | None = None,
) -> dict[str, Any]:
    """Return one vector: all lists but the last are good; the verdict is of the last."""
    verdict: dict[str, Any] = {"verdict": "accepted"}
    if refused is not None:
        verdict = {"verdict": "refused", "where": refused[0], "reason": refused[1]}
    return {
        "name": name,
        **verdict,
        "member": "xaa",
        "domain": DOMAIN,
        "now": TIME,
        "roots": [_pem(root.certificate) for root in roots],
        "crls": [_b64(crl) for crl in crls],
        "revoked": None if revoked is None else {f"{serial:x}": at for serial, at in revoked.items()},
    }


def files() -> dict[str, str]:
    """Return the text of each vector file by its name."""
    sets = {"certificates.json": certificates(), "lists.json": lists()}
    return {name: json.dumps(cases, indent=1) + "\n" for name, cases in sets.items()}


if __name__ == "__main__":
    for file_name, text in files().items():
        (HERE / file_name).write_text(text, encoding="utf-8")
