"""The authority: what it issues, what it refuses, what it never forgets."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from fakes.descriptors import is_open
from fakes.faults import FaultAt, FaultError, fail
from fakes.pki import make_root
from tracepost.ca import (
    Authority,
    Lifetimes,
    Passphrase,
    Profile,
    create_steward,
    desk_profile,
    export_trust_part,
    init_authority,
    node_profile,
    officer_profile,
    open_authority,
    passphrase_from_descriptor,
    passphrase_from_file,
    passphrase_from_prompt,
    restore_authority,
    sign_trust_list,
    statement_profile,
)
from tracepost.ca.keystore import RootKey, generate_key, open_key, protect_key
from tracepost.ca.profile import Draft, leaf_template
from tracepost.ca.publication import PublishedFiles
from tracepost.ca.settings import load_settings
from tracepost.ca.store import open_store
from tracepost.protocol.enrolment import load_request, make_request, open_nonce, parse_token
from tracepost.protocol.errors import (
    ConfigurationError,
    ConflictError,
    EnrolmentError,
    InternalError,
    InvalidInputError,
    NotFoundError,
    SealingError,
    StoreError,
    TrustError,
)
from tracepost.protocol.identity import Identity, Revocations, Role, certificate_sha256, verify_identity
from tracepost.protocol.ids import MemberId
from tracepost.protocol.sealing import DeskPrivateKey, generate_desk_key
from tracepost.protocol.trustlist import (
    TrustContent,
    decode_member,
    encode_content,
    fingerprint_of,
    join,
    load_first,
)

DOMAIN = "tracepost.example"
XAA = MemberId("xaa")
PASSPHRASE = Passphrase(b"correct horse battery staple")
START = 1_790_000_000
DAY = 86_400
needs_openssl = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="no openssl on this machine to check against"
)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> int:
        return self.now


@dataclass(slots=True)
class House:
    """An authority's directory, opened as often as a test likes."""

    directory: Path
    clock: Clock
    key: ec.EllipticCurvePrivateKey

    def open(self) -> Authority:
        """Open it as the operator does."""
        return open_authority(self.directory, PASSPHRASE, clock=self.clock)

    def open_with(self, faults: Callable[[str], None]) -> Authority:
        """Open it without recovery, with faults around every write."""
        return Authority(
            load_settings(self.directory),
            self.root(),
            RootKey(self.key),
            Faulty(open_store(self.directory / "authority.db"), faults),  # type: ignore[arg-type]
            Faulty(PublishedFiles(self.directory / "published"), faults),  # type: ignore[arg-type]
            clock=self.clock,
        )

    def root(self) -> x509.Certificate:
        """Return the root as it lies there."""
        return x509.load_pem_x509_certificate((self.directory / "root.pem").read_bytes())


WRITES = frozenset(
    {"record_intent", "publish", "write_certificate", "revoke", "reserve_list", "keep_list", "write_list"}
)


class Faulty:
    """Passes everything through; a fault may strike before and after each write."""

    def __init__(self, inner: Any, faults: Callable[[str], None]) -> None:
        self._inner = inner
        self._faults = faults

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name not in WRITES:
            return found

        def guarded(*values: Any, **named: Any) -> Any:
            self._faults(f"before {name}")
            result = found(*values, **named)
            self._faults(f"after {name}")
            return result

        return guarded


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> House:
    """An authority to be copied: deriving a key from a passphrase is slow on purpose."""
    directory = tmp_path_factory.mktemp("authority") / "xaa"
    init_authority(directory, PASSPHRASE, member="xaa", domain=DOMAIN, clock=Clock()).close()
    return House(directory, Clock(), open_key((directory / "root.key.pem").read_bytes(), PASSPHRASE))


@pytest.fixture
def house(founded: House, tmp_path: Path) -> House:
    directory = tmp_path / "ca"
    shutil.copytree(founded.directory, directory)
    return House(directory, Clock(), founded.key)


@pytest.fixture
def authority(house: House) -> Iterator[Authority]:
    opened = house.open_with(lambda _point: None)
    yield opened
    opened.close()


def new_request() -> bytes:
    return make_request(generate_key())


def verified(certificate: x509.Certificate, authority: Authority) -> Identity:
    return verify_identity(certificate, [], [authority.root], at=START, domain=DOMAIN, revoked=None)


def enrol_desk(authority: Authority, key: DeskPrivateKey, desk: str = "poc") -> x509.Certificate:
    token = authority.new_token(desk_profile(desk))
    challenge = authority.begin(token, new_request(), key.public)
    nonce = open_nonce(
        key, challenge.sealed_nonce or b"", root_sha256=challenge.root_sha256, session=challenge.session
    )
    return authority.finish(challenge.session, nonce)[0]


def known_revocations(authority: Authority) -> Revocations:
    crl = authority.crl()
    assert crl is not None
    return Revocations().with_crl(XAA, crl, [authority.root], domain=DOMAIN, now=START + 1000 * DAY)


# ── what it issues ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("profile", "label", "days"),
    [
        (node_profile(), "node", 365),
        (statement_profile(), "statement", 400),
        (officer_profile("17", ["poc", "lab", "poc"]), "officer-17", 400),
    ],
)
def test_a_certificate_shows_its_profile_and_lives_its_time(
    authority: Authority, profile: Profile, label: str, days: int
) -> None:
    shown = verified(authority.issue_from_csr(profile, new_request())[0], authority)
    assert (shown.member, shown.label, shown.desks) == ("xaa", label, profile.desks)
    assert (shown.not_before, shown.not_after) == (START - 3600, START + days * DAY)


def test_a_desk_gets_its_certificate_for_the_key_that_opened_the_nonce(authority: Authority) -> None:
    key = generate_desk_key()
    shown = verified(enrol_desk(authority, key), authority)
    assert (shown.desk, shown.desk_key_sha256) == ("poc", key.public.sha256)


def test_a_root_lives_ten_years_and_speaks_for_its_member_only(authority: Authority) -> None:
    constraints = authority.root.extensions.get_extension_for_class(x509.NameConstraints)
    basic = authority.root.extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical
    assert constraints.value.permitted_subtrees == [x509.DNSName(f"xaa.{DOMAIN}")]
    assert (basic.critical, basic.value.path_length) == (True, 0)
    assert authority.root.not_valid_after_utc == dt.datetime.fromtimestamp(START + 3650 * DAY, tz=dt.UTC)


def test_serial_numbers_are_random_and_of_full_length(authority: Authority) -> None:
    numbers = {authority.issue_from_csr(node_profile(), new_request())[0].serial_number for _ in range(4)}
    assert len(numbers) == 4
    assert all(number.bit_length() == 159 for number in numbers)


def test_lifetimes_are_settings(tmp_path: Path) -> None:
    lifetimes = Lifetimes(node=7 * DAY, crl=DAY, backdate=0)
    authority = init_authority(
        tmp_path / "ca", PASSPHRASE, member="xaa", domain=DOMAIN, lifetimes=lifetimes, clock=Clock()
    )
    shown = verified(authority.issue_from_csr(node_profile(), new_request())[0], authority)
    assert (shown.not_before, shown.not_after) == (START, START + 7 * DAY)
    assert known_revocations(authority).next_update(XAA) == START + DAY
    authority.close()


# ── what it refuses ──────────────────────────────────────────────────────────────────


def refusal(authority: Authority, profile: Profile, request: bytes) -> tuple[str, str]:
    with pytest.raises(EnrolmentError) as refused:
        authority.issue_from_csr(profile, request)
    assert authority.certificates() == []
    return refused.value.where, refused.value.reason


def test_a_request_whose_signature_is_not_its_keys_is_refused(authority: Authority) -> None:
    request = bytearray(new_request())
    request[-1] ^= 1
    assert refusal(authority, node_profile(), bytes(request)) == ("request", "request-signature")


@pytest.mark.filterwarnings("ignore:Parsed")
def test_no_flipped_bit_leaves_a_request_for_another_key(authority: Authority) -> None:
    good = new_request()
    key = x509.load_der_x509_csr(good).public_key()
    for place in range(len(good) * 8):
        request = bytearray(good)
        request[place // 8] ^= 1 << place % 8
        try:
            kept = load_request(bytes(request))
        except EnrolmentError:
            continue
        assert kept.public_key() == key


@pytest.mark.parametrize("key", [ec.generate_private_key(ec.SECP384R1())], ids=["P-384"])
def test_a_key_of_another_curve_is_refused(authority: Authority, key: ec.EllipticCurvePrivateKey) -> None:
    assert refusal(authority, node_profile(), make_request(key)) == ("request", "key-type")


def asking(*extensions: x509.ExtensionType) -> bytes:
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(generate_key(), hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def test_a_request_may_ask_for_its_own_name_and_for_nothing_else(authority: Authority) -> None:
    own = x509.SubjectAlternativeName([x509.DNSName(f"node.xaa.{DOMAIN}")])
    others = [
        (x509.SubjectAlternativeName([x509.DNSName(f"node.xab.{DOMAIN}")]),),
        (x509.SubjectAlternativeName([x509.DNSName(f"node.xaa.{DOMAIN}"), x509.DNSName("example.org")]),),
        (x509.BasicConstraints(ca=True, path_length=None),),
        (own, x509.BasicConstraints(ca=False, path_length=None)),
    ]
    for asked in others:
        assert refusal(authority, node_profile(), asking(*asked)) == ("step 3 policy", "requested")
    assert authority.issue_from_csr(node_profile(), asking(own))


def test_one_key_serves_one_name(authority: Authority) -> None:
    key = generate_key()
    authority.issue_from_csr(statement_profile(), make_request(key))
    with pytest.raises(EnrolmentError) as refused:
        authority.issue_from_csr(node_profile(), make_request(key))
    assert refused.value.reason == "key-reused"
    authority.issue_from_csr(statement_profile(), make_request(key))


def test_the_key_of_a_revoked_certificate_serves_no_more(authority: Authority) -> None:
    key = generate_key()
    leaf = authority.issue_from_csr(statement_profile(), make_request(key))[0]
    authority.revoke(leaf.serial_number, "key-compromise")
    with pytest.raises(EnrolmentError) as refused:
        authority.issue_from_csr(statement_profile(), make_request(key))
    assert refused.value.reason == "key-reused"


def test_one_hpke_key_serves_one_desk(authority: Authority) -> None:
    key = generate_desk_key()
    enrol_desk(authority, key)
    with pytest.raises(EnrolmentError) as refused:
        enrol_desk(authority, key, "lab")
    assert refused.value.reason == "desk-key-reused"


def test_a_desk_without_and_a_node_with_an_hpke_key_are_refused(authority: Authority) -> None:
    for profile, key in ((desk_profile("poc"), None), (node_profile(), generate_desk_key().public)):
        with pytest.raises(EnrolmentError) as refused:
            authority.begin(authority.new_token(profile), new_request(), key)
        assert refused.value.reason == "desk-key"
    assert refusal(authority, desk_profile("poc"), new_request()) == ("step 1 possession", "desk-key")


def test_bytes_that_are_no_hpke_key_are_refused(authority: Authority) -> None:
    for key in (b"", bytes(1215), b"\xff" * 1216):
        with pytest.raises(SealingError):
            authority.begin(authority.new_token(desk_profile("poc")), new_request(), key)


def test_an_officer_without_a_desk_is_refused(authority: Authority) -> None:
    assert refusal(authority, officer_profile("17", []), new_request()) == ("step 3 policy", "no-desk")


def test_a_relay_has_no_desks_and_no_officers(tmp_path: Path) -> None:
    relay = init_authority(
        tmp_path / "ca", PASSPHRASE, member="hub", domain=DOMAIN, member_type="relay", clock=Clock()
    )
    for profile in (desk_profile("poc"), officer_profile("1", ["poc"])):
        with pytest.raises(EnrolmentError) as refused:
            relay.new_token(profile)
        assert refused.value.reason == "role-of-member-type"
    assert relay.issue_from_csr(node_profile(), new_request())
    relay.close()


@pytest.mark.parametrize("member_type", ["state", "panel", "peace-operation", "organisation"])
def test_every_other_member_has_every_role(house: House, member_type: str) -> None:
    settings = house.directory / "authority.toml"
    settings.write_text(settings.read_text().replace('"state"', f'"{member_type}"'))
    opened = open_authority(house.directory, None, clock=Clock())
    for profile in (node_profile(), statement_profile(), desk_profile("poc"), officer_profile("1", ["poc"])):
        assert opened.new_token(profile).startswith("tp1.")
    opened.close()


def test_nothing_outlives_the_root(house: House, authority: Authority) -> None:
    house.clock.now = START + 3650 * DAY - 364 * DAY
    assert refusal(authority, node_profile(), new_request()) == ("step 3 policy", "root")


def test_a_token_and_an_enrolment_end(house: House, authority: Authority) -> None:
    token = authority.new_token(node_profile())
    late = authority.new_token(node_profile(), lifetime_s=2 * DAY)
    challenge = authority.begin(token, new_request(), None)
    house.clock.now += DAY + 1
    for attempt, reason in (
        (lambda: authority.begin(token, new_request(), None), "token-expired"),
        (lambda: authority.finish(challenge.session, None), "session-expired"),
        (lambda: authority.finish("A" * 22, None), "session-unknown"),
    ):
        with pytest.raises(EnrolmentError) as refused:
            attempt()
        assert refused.value.reason == reason
    assert authority.begin(late, new_request(), None)


@pytest.mark.parametrize("text", ["", "tp1", "tp2.A.A", "tp1..", f"tp1.{'A' * 43}.{'A' * 42}", "tp1.=.="])
def test_what_is_no_token_is_refused_and_not_repeated(authority: Authority, text: str) -> None:
    with pytest.raises(EnrolmentError) as refused:
        authority.begin(text, new_request(), None)
    assert refused.value.reason == "token-form"
    assert not text or text not in str(refused.value)


def test_two_enrolments_with_one_token_end_in_one_certificate(authority: Authority) -> None:
    token = authority.new_token(node_profile())
    first, second = (authority.begin(token, new_request(), None) for _ in range(2))
    chain = authority.finish(first.session, None)
    with pytest.raises(EnrolmentError) as refused:
        authority.finish(second.session, None)
    assert refused.value.reason == "token-used"
    assert authority.finish(first.session, None) == chain  # the answer may have been lost
    assert len(authority.certificates()) == 1


def test_secrets_of_tokens_and_nonces_are_not_kept(house: House, authority: Authority) -> None:
    key = generate_desk_key()
    token = authority.new_token(desk_profile("poc"))
    challenge = authority.begin(token, new_request(), key.public)
    sealed, root = challenge.sealed_nonce or b"", challenge.root_sha256
    nonce = open_nonce(key, sealed, root_sha256=root, session=challenge.session)
    authority.finish(challenge.session, nonce)
    kept = b"".join(path.read_bytes() for path in house.directory.glob("authority.db*"))
    secret = parse_token(token).secret
    assert secret not in kept
    assert nonce not in kept
    assert sha256(secret).digest() in kept  # what is searched for is really there
    assert repr(parse_token(token)).count("secret") == 0


def test_what_was_signed_wrongly_never_leaves(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(draft: Draft, *rest: Any) -> x509.CertificateBuilder:
        return leaf_template(replace(draft, label="node"), *rest)

    monkeypatch.setattr("tracepost.ca.authority.leaf_template", careless)
    with pytest.raises(InternalError) as refused:
        authority.issue_from_csr(statement_profile(), new_request())
    assert refused.value.where == "step 6 validation"
    (wrong,) = authority.certificates()
    assert (wrong.state, wrong.certificate) == ("abandoned", None)
    assert known_revocations(authority).is_revoked(XAA, wrong.draft.serial, START)


def test_a_locked_authority_looks_and_signs_nothing(house: House) -> None:
    locked = open_authority(house.directory, None, clock=house.clock)
    challenge = locked.begin(locked.new_token(node_profile()), new_request(), None)
    for attempt in (
        lambda: locked.finish(challenge.session, None),
        lambda: locked.issue_from_csr(node_profile(), new_request()),
        lambda: locked.revoke(1),
        locked.publish_crl,
    ):
        with pytest.raises(ConfigurationError) as refused:
            attempt()
        assert refused.value.reason == "root-locked"
    assert (locked.certificates(), locked.revocations()) == ([], [])
    locked.close()


# ── what it takes back ───────────────────────────────────────────────────────────────


def test_a_revocation_is_listed_at_once_and_keeps_its_first_date(house: House, authority: Authority) -> None:
    leaf = authority.issue_from_csr(node_profile(), new_request())[0]
    before = known_revocations(authority).number(XAA) or 0
    authority.revoke(leaf.serial_number, "superseded")
    known = known_revocations(authority)
    assert known.number(XAA) == before + 1
    assert known.is_revoked(XAA, leaf.serial_number, START)
    assert not known.is_revoked(XAA, leaf.serial_number, START - 1)
    house.clock.now += DAY
    assert authority.revoke(leaf.serial_number, "key-compromise").revoked == START
    assert known_revocations(authority).number(XAA) == before + 1


def test_only_what_was_issued_is_revoked_and_for_a_known_reason(authority: Authority) -> None:
    with pytest.raises(NotFoundError):
        authority.revoke(12345)
    leaf = authority.issue_from_csr(node_profile(), new_request())[0]
    with pytest.raises(InvalidInputError):
        authority.revoke(leaf.serial_number, "remove-from-crl")


def test_a_list_is_renewed_when_half_its_life_is_over(house: House, authority: Authority) -> None:
    assert not authority.renew_crl()
    house.clock.now += 15 * DAY
    assert authority.renew_crl()
    assert not authority.renew_crl()
    known = known_revocations(authority)
    assert (known.number(XAA), known.next_update(XAA)) == (2, START + 45 * DAY)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM revocations",
        "UPDATE revocations SET revoked = 0",
        "DELETE FROM certificates",
        "DELETE FROM lists",
    ],
)
def test_the_database_itself_forgets_nothing(house: House, authority: Authority, statement: str) -> None:
    authority.revoke(authority.issue_from_csr(node_profile(), new_request())[0].serial_number)
    with (
        sqlite3.connect(house.directory / "authority.db") as database,
        pytest.raises(sqlite3.IntegrityError),
    ):
        database.execute(statement)
    database.close()


@needs_openssl
def test_openssl_reads_key_chain_and_list(house: House, authority: Authority) -> None:
    good, bad = (authority.issue_from_csr(node_profile(), new_request())[0] for _ in range(2))
    authority.revoke(bad.serial_number, "key-compromise")
    directory = house.directory / "published"
    openssl(directory, "crl", "-inform", "DER", "-in", "crl.der", "-CAfile", "root.pem", "-noout")
    openssl(directory, "crl", "-inform", "DER", "-in", "crl.der", "-out", "crl.pem")
    check = ["verify", "-x509_strict", "-crl_check", "-attime", str(START), "-CAfile", "root.pem"]
    check += ["-CRLfile", "crl.pem"]
    openssl(directory, *check, f"certificates/{good.serial_number:040x}.pem")
    with pytest.raises(subprocess.CalledProcessError) as refused:
        openssl(directory, *check, f"certificates/{bad.serial_number:040x}.pem")
    assert b"certificate revoked" in refused.value.stderr
    (house.directory / "p").write_bytes(PASSPHRASE.reveal())
    openssl(house.directory, "pkey", "-in", "root.key.pem", "-passin", "file:p", "-noout")


def openssl(directory: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=directory, capture_output=True, timeout=120, check=True)


# ── what survives a crash ────────────────────────────────────────────────────────────

ISSUING = ("record_intent", "write_certificate", "publish")
REVOKING = ("revoke", "reserve_list", "keep_list", "write_list")


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("write", ISSUING)
def test_a_crash_while_issuing_leaves_one_certificate_or_an_open_token(
    house: House, write: str, moment: str
) -> None:
    """Before the intent nothing has happened; after it the same certificate comes out, once."""
    faulty = house.open_with(FaultAt(f"{moment} {write}", 1, fail))
    token, request = faulty.new_token(node_profile()), new_request()
    challenge = faulty.begin(token, request, None)
    with pytest.raises(FaultError):
        faulty.finish(challenge.session, None)
    faulty.close()
    left = {path.name: path.read_bytes() for path in certificate_files(house)}
    authority = house.open()
    published = [issued for issued in authority.certificates() if issued.state == "published"]
    assert len(published) == (0 if (moment, write) == ("before", "record_intent") else 1)
    chain = authority.finish(challenge.session, None)
    assert authority.finish(challenge.session, None) == chain
    with pytest.raises(EnrolmentError) as refused:
        authority.begin(token, request, None)
    assert refused.value.reason == "token-used"
    (one,) = authority.certificates()
    (file,) = certificate_files(house)
    assert one.certificate == chain[0].public_bytes(serialization.Encoding.DER)
    assert file.read_bytes() == chain[0].public_bytes(serialization.Encoding.PEM)
    assert left in ({}, {file.name: file.read_bytes()})
    verified(chain[0], authority)
    authority.close()


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("write", REVOKING)
def test_a_crash_while_revoking_forgets_no_revocation_and_no_number(
    house: House, write: str, moment: str
) -> None:
    first = house.open()
    leaf = first.issue_from_csr(node_profile(), new_request())[0]
    held = known_revocations(first)
    first.close()
    faulty = house.open_with(FaultAt(f"{moment} {write}", 1, fail))
    with pytest.raises(FaultError):
        faulty.revoke(leaf.serial_number, "superseded")
    faulty.close()
    authority = house.open()
    recorded = (moment, write) != ("before", "revoke")
    assert [one.serial for one in authority.revocations()] == [leaf.serial_number] * recorded
    authority.revoke(leaf.serial_number, "superseded")
    crl = authority.crl() or b""
    after = held.with_crl(XAA, crl, [authority.root], domain=DOMAIN, now=START)
    assert after.is_revoked(XAA, leaf.serial_number, START)
    assert (after.number(XAA) or 0) > (held.number(XAA) or 0)
    authority.close()


def test_a_crash_while_founding_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_path: Path) -> None:
        raise FaultError

    monkeypatch.setattr("tracepost.ca.founding.create_store", broken)
    with pytest.raises(FaultError):
        init_authority(tmp_path / "ca", PASSPHRASE, member="xaa", domain=DOMAIN)
    assert list(tmp_path.iterdir()) == []


def certificate_files(house: House) -> list[Path]:
    return sorted((house.directory / "published" / "certificates").glob("*.pem"))


# ── what survives a restore ──────────────────────────────────────────────────────────


def backup(house: House) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in house.directory.glob("authority.db*")}


def put_back(house: House, files: dict[str, bytes]) -> None:
    for path in house.directory.glob("authority.db*"):
        path.unlink()
    for name, data in files.items():
        (house.directory / name).write_bytes(data)


def test_yesterdays_database_does_not_un_revoke(house: House) -> None:
    authority = house.open()
    leaf = authority.issue_from_csr(node_profile(), new_request())[0]
    token = authority.new_token(statement_profile())
    authority.close()
    yesterday = backup(house)
    authority = house.open()
    authority.revoke(leaf.serial_number, "key-compromise")
    held = known_revocations(authority)
    authority.close()
    put_back(house, yesterday)
    for passphrase in (PASSPHRASE, None):
        with pytest.raises(StoreError) as refused:
            open_authority(house.directory, passphrase, clock=house.clock)
        assert refused.value.reason == "rolled-back"
    restored = restore_authority(house.directory, PASSPHRASE, clock=house.clock)
    assert [(one.serial, one.reason) for one in restored.revocations()] == [
        (leaf.serial_number, "key-compromise")
    ]
    newer = held.with_crl(XAA, restored.crl() or b"", [restored.root], domain=DOMAIN, now=START)
    assert (newer.number(XAA) or 0) > (held.number(XAA) or 0)
    with pytest.raises(EnrolmentError) as ended:
        restored.begin(token, new_request(), None)
    assert ended.value.reason == "token-expired"
    restored.close()
    house.open().close()


def test_a_database_restored_while_the_service_runs_publishes_nothing(house: House) -> None:
    authority = house.open()
    yesterday = backup(house)
    authority.publish_crl()
    authority.publish_crl()
    authority.close()
    put_back(house, yesterday)
    unaware = house.open_with(lambda _point: None)
    with pytest.raises(StoreError) as refused:
        unaware.publish_crl()
    assert refused.value.reason == "rolled-back"
    unaware.close()


def test_a_database_that_forgot_a_certificate_is_refused(house: House) -> None:
    house.open().close()
    yesterday = backup(house)
    authority = house.open()
    token = authority.new_token(officer_profile("17", ["poc"]))
    chain = authority.finish(authority.begin(token, new_request(), None).session, None)
    desk = enrol_desk(authority, generate_desk_key())
    authority.issue_server()
    authority.close()
    put_back(house, yesterday)
    with pytest.raises(StoreError) as refused:
        house.open()
    assert refused.value.reason == "rolled-back"
    restored = restore_authority(house.directory, PASSPHRASE, clock=house.clock)
    labels = sorted(issued.draft.label for issued in restored.certificates())
    assert labels == ["desk-poc", "enrolment", "officer-17"]
    restored.revoke(chain[0].serial_number)
    restored.revoke(desk.serial_number)
    restored.close()


def test_a_whole_directory_of_yesterday_learns_from_a_peers_list(house: House) -> None:
    authority = house.open()
    leaf = authority.issue_from_csr(node_profile(), new_request())[0]
    authority.close()
    yesterday = house.directory.with_name("yesterday")
    shutil.copytree(house.directory, yesterday)
    authority = house.open()
    authority.revoke(leaf.serial_number)
    held, crl = known_revocations(authority), authority.crl()
    authority.close()
    restored = restore_authority(yesterday, PASSPHRASE, crl=crl, clock=house.clock)
    newer = held.with_crl(XAA, restored.crl() or b"", [restored.root], domain=DOMAIN, now=START)
    assert newer.is_revoked(XAA, leaf.serial_number, START)
    assert (newer.number(XAA) or 0) > (held.number(XAA) or 0)
    restored.close()


def test_a_strangers_list_or_certificate_teaches_nothing(house: House) -> None:
    stranger = make_root("xaa")
    with pytest.raises(StoreError) as refused:
        restore_authority(house.directory, PASSPHRASE, crl=stranger.crl([]), clock=house.clock)
    assert refused.value.reason == "foreign-list"
    planted = house.directory / "published" / "certificates" / f"{1:040x}.pem"
    planted.write_bytes(stranger.issue(Role.NODE).chain_pem)
    with pytest.raises(StoreError) as refused:
        restore_authority(house.directory, PASSPHRASE, clock=house.clock)
    assert refused.value.reason == "foreign-certificate"


# ── keys and settings ────────────────────────────────────────────────────────────────


def test_a_key_opens_with_its_passphrase_only(house: House) -> None:
    pem = (house.directory / "root.key.pem").read_bytes()
    assert b"ENCRYPTED" in pem
    assert (house.directory / "root.key.pem").stat().st_mode & 0o777 == 0o600
    with pytest.raises(ConfigurationError) as refused:
        open_key(pem, Passphrase(b"correct horse battery stapler"))
    assert refused.value.reason == "passphrase-wrong"
    with pytest.raises(ConfigurationError):
        open_authority(house.directory, Passphrase(b"another passphrase"))


def test_a_root_key_of_another_root_is_refused(house: House) -> None:
    (house.directory / "root.key.pem").write_bytes(protect_key(generate_key(), PASSPHRASE, os.urandom))
    with pytest.raises(ConfigurationError) as refused:
        house.open()
    assert refused.value.reason == "root-key"


def test_a_passphrase_comes_from_file_descriptor_or_person_and_does_not_show_itself(tmp_path: Path) -> None:
    secret = PASSPHRASE.reveal()
    path = tmp_path / "passphrase"
    path.write_bytes(secret + b"\n")
    path.chmod(0o600)
    reading, writing = os.pipe()
    os.write(writing, secret)
    os.close(writing)
    for passphrase in (
        passphrase_from_file(path),
        passphrase_from_descriptor(reading),
        passphrase_from_prompt("Passphrase: ", ask=lambda _prompt: secret.decode()),
    ):
        assert passphrase.reveal() == secret
        assert secret.decode() not in repr(passphrase)


def test_a_passphrase_that_others_may_read_or_that_is_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "passphrase"
    path.write_bytes(PASSPHRASE.reveal())
    path.chmod(0o640)
    attempts: list[tuple[Callable[[], object], str]] = [
        (lambda: passphrase_from_file(path), "passphrase-readable"),
        (lambda: passphrase_from_file(tmp_path / "none"), "passphrase-missing"),
        (lambda: passphrase_from_descriptor(999), "passphrase-missing"),
        (lambda: Passphrase(b"short"), "passphrase-short"),
    ]
    for attempt, reason in attempts:
        with pytest.raises(ConfigurationError) as refused:
            attempt()
        assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"member": "XAA"}, "member"),
        ({"member": ""}, "member"),
        ({"domain": "Tracepost.example"}, "domain"),
        ({"domain": "tracepost..example"}, "domain"),
        ({"member_type": "kingdom"}, "member_type"),
        ({"lifetimes": Lifetimes(node=-1)}, "lifetimes_s"),
    ],
)
def test_a_bad_setting_is_named(tmp_path: Path, wrong: dict[str, Any], where: str) -> None:
    settings: dict[str, Any] = {"member": "xaa", "domain": DOMAIN, **wrong}
    with pytest.raises(ConfigurationError) as refused:
        init_authority(tmp_path / "ca", PASSPHRASE, **settings)
    assert refused.value.where == where
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("to be kept")
    with pytest.raises(ConflictError):
        init_authority(tmp_path, PASSPHRASE, member="xaa", domain=DOMAIN)
    assert [path.name for path in tmp_path.iterdir()] == ["letter"]


@pytest.mark.parametrize("text", ["", "member = 1", "not toml", 'member = "xaa"\nextra = 1'])
def test_settings_that_are_none_are_refused(house: House, text: str) -> None:
    (house.directory / "authority.toml").write_text(text)
    with pytest.raises(ConfigurationError):
        house.open()


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("[lifetimes_s]", "[lifetimes]", "lifetimes"),
        ("crl = ", "clr = ", "lifetimes_s.clr"),
        ("crl = ", "crl = 1.5 #", "lifetimes_s.crl"),
        ('"state"', "true", "member_type"),
        ('"state"', '"empire"', "member_type"),
    ],
)
def test_a_setting_that_does_not_fit_is_named_with_its_place(
    house: House, old: str, new: str, where: str
) -> None:
    path = house.directory / "authority.toml"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(ConfigurationError) as refusal:
        house.open()
    assert refusal.value.where == where


def test_a_missing_or_foreign_database_is_refused(house: House) -> None:
    database = house.directory / "authority.db"
    database.write_bytes(b"not a database, but long enough to be read as the header of one" * 20)
    with pytest.raises(StoreError):
        house.open()
    database.unlink()
    with pytest.raises(StoreError) as refused:
        house.open()
    assert refused.value.reason == "missing"


@pytest.mark.parametrize("left", ["tables", "version"])
def test_a_database_that_is_refused_is_let_go(house: House, left: str) -> None:
    database = house.directory / "authority.db"
    with closing(sqlite3.connect(database)) as connection, connection:
        change = "DROP TABLE about" if left == "tables" else "UPDATE about SET value = '99'"
        connection.execute(change)
    with pytest.raises(StoreError):
        house.open()
    assert not is_open(database)


# ── the trust list ───────────────────────────────────────────────────────────────────


def draft(parts: list[bytes], stewards: list[Any], sequence: int = 1) -> bytes:
    return encode_content(
        TrustContent(
            sequence=sequence,
            issued=START,
            next_update=START + 30 * DAY,
            hard_expiry=START + 180 * DAY,
            domain=DOMAIN,
            members=tuple(decode_member(part) for part in parts),
            stewards=tuple(stewards),
        )
    )


def test_a_list_of_members_parts_signed_by_most_stewards_is_believed(
    authority: Authority, tmp_path: Path
) -> None:
    stewards = [create_steward(tmp_path / name, name, PASSPHRASE) for name in ("one", "two", "three")]
    part = export_trust_part(authority, log_keys=[], competences=["licensing"], base_policy_sha256=bytes(32))
    payload = draft([part], stewards)
    parts = [sign_trust_list(tmp_path / name, payload, PASSPHRASE) for name in ("one", "two")]
    trust = load_first(join(payload, parts), fingerprint=fingerprint_of(payload))
    (root,) = trust.member(XAA).root_certificates()
    assert certificate_sha256(root) == certificate_sha256(authority.root)
    with pytest.raises(TrustError):
        load_first(join(payload, parts[:1]), fingerprint=fingerprint_of(payload))


def test_a_steward_signs_one_list_of_a_number_and_none_of_a_lower(
    authority: Authority, tmp_path: Path
) -> None:
    directory = tmp_path / "steward"
    stewards = [create_steward(directory, "one", PASSPHRASE)]
    part = export_trust_part(authority, log_keys=[], competences=[], base_policy_sha256=bytes(32))
    first, other = draft([part], stewards, 2), draft([], stewards, 2)
    assert sign_trust_list(directory, first, PASSPHRASE) == sign_trust_list(directory, first, PASSPHRASE)
    for payload in (other, draft([part], stewards, 1)):
        with pytest.raises(ConflictError) as refused:
            sign_trust_list(directory, payload, PASSPHRASE)
        assert refused.value.reason == "signed-another"
    assert sign_trust_list(directory, draft([], stewards, 3), PASSPHRASE)
    with pytest.raises(ConflictError):
        create_steward(directory, "one", PASSPHRASE)
