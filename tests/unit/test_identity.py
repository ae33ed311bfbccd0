"""Certificates: whom they show, and what is refused at which step."""

from __future__ import annotations

import base64
import contextlib
import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st
from vectors.identity import generate
from vectors.identity.generate import DAY, DOMAIN, NODE, TIME, XAA, make_crl, serial_of

from fakes.adversary import unnamed
from tracepost.protocol import identity as identity_module
from tracepost.protocol import revocation as revocation_module
from tracepost.protocol.errors import IdentityError, InvalidInputError
from tracepost.protocol.identity import (
    OFFICER_EXTENSION,
    Identity,
    Revocations,
    Role,
    check_revocation,
    check_validity,
    dns_name,
    encode_officer,
    load_certificate,
    load_chain,
    parse_officer,
    read_identity,
    verify_identity,
)
from tracepost.protocol.ids import DeskId, MemberId

CERTIFICATES: list[dict[str, Any]] = json.loads((generate.HERE / "certificates.json").read_text())
LISTS: list[dict[str, Any]] = json.loads((generate.HERE / "lists.json").read_text())
XAA_ID = MemberId("xaa")


def load(texts: list[str]) -> list[x509.Certificate]:
    return [x509.load_pem_x509_certificate(text.encode()) for text in texts]


def verify(case: dict[str, Any]) -> Identity:
    roots = load(case["roots"])
    revoked = None
    if case["crl"] is not None:
        crl = base64.b64decode(case["crl"])
        revoked = Revocations().with_crl(XAA_ID, crl, roots, domain=case["domain"], now=TIME)
    return verify_identity(
        load([case["leaf"]])[0],
        load(case["intermediates"]),
        roots,
        at=case["at"],
        domain=case["domain"],
        revoked=revoked,
        revoked_at=case["revoked_at"],
    )


def names(case: dict[str, Any]) -> str:
    return str(case["name"])


def of_verdict(cases: list[dict[str, Any]], verdict: str) -> list[dict[str, Any]]:
    return [case for case in cases if case["verdict"] == verdict]


def test_the_vectors_are_what_the_generator_makes() -> None:
    for name, text in generate.files().items():
        assert (generate.HERE / name).read_text() == text


@pytest.mark.parametrize("case", of_verdict(CERTIFICATES, "accepted"), ids=names)
def test_a_good_certificate_shows_whom_it_must(case: dict[str, Any]) -> None:
    shown = verify(case)
    values = {
        "member": shown.member,
        "role": shown.role,
        "label": shown.label,
        "desk": shown.desk,
        "desks": list(shown.desks),
        "officer": shown.officer,
        "desk_suite": shown.desk_suite,
        "desk_key_sha256": shown.desk_key_sha256.hex() if shown.desk_key_sha256 else None,
    }
    expected = {**dict.fromkeys(values), "desks": [], **case["shows"]}
    assert values == expected


@pytest.mark.parametrize("case", of_verdict(CERTIFICATES, "refused"), ids=names)
def test_a_bad_certificate_is_refused_at_its_step(case: dict[str, Any]) -> None:
    with pytest.raises(IdentityError) as refused:
        verify(case)
    assert (refused.value.where, refused.value.reason) == (case["where"], case["reason"])


def test_every_step_has_a_refusal_among_the_vectors() -> None:
    listed = set(re.findall(r"^ ?(\d+)\. ", identity_module.__doc__ or "", re.MULTILINE))
    refused = {re.match(r"step (\d+)", case["where"])[1] for case in of_verdict(CERTIFICATES, "refused")}  # type: ignore[index]
    assert refused == listed == {str(number) for number in range(1, 13)}


@pytest.mark.parametrize("case", LISTS, ids=names)
def test_a_revocation_list_is_taken_in_or_refused_at_its_step(case: dict[str, Any]) -> None:
    known, roots = Revocations(), load(case["roots"])
    *before, last = [base64.b64decode(crl) for crl in case["crls"]]
    for crl in before:
        known = known.with_crl(case["member"], crl, roots, domain=case["domain"], now=case["now"])
    if case["verdict"] == "refused":
        with pytest.raises(IdentityError) as refused:
            known.with_crl(case["member"], last, roots, domain=case["domain"], now=case["now"])
        assert (refused.value.where, refused.value.reason) == (case["where"], case["reason"])
        return
    known = known.with_crl(case["member"], last, roots, domain=case["domain"], now=case["now"])
    for serial, at in case["revoked"].items():
        assert known.is_revoked(case["member"], int(serial, 16), at)
        assert not known.is_revoked(case["member"], int(serial, 16), at - 1)


def test_every_step_of_a_list_has_a_refusal_among_the_vectors() -> None:
    listed = set(re.findall(r"^CRL (\d+)\. ", revocation_module.__doc__ or "", re.MULTILINE))
    refused = {re.match(r"CRL step (\d+)", case["where"])[1] for case in of_verdict(LISTS, "refused")}  # type: ignore[index]
    assert refused == listed


def test_number_and_next_update_are_those_of_the_newest_list() -> None:
    known = Revocations()
    assert (known.number(XAA_ID), known.next_update(XAA_ID)) == (None, None)
    for number in (3, 7):
        crl = make_crl(XAA, number, {}, this_update=TIME - 10 * DAY + number)
        known = known.with_crl(XAA_ID, crl, [XAA.certificate], domain=DOMAIN, now=TIME)
    assert (known.number(XAA_ID), known.next_update(XAA_ID)) == (7, TIME + 20 * DAY + 7)


def test_one_members_list_revokes_nothing_of_another() -> None:
    crl = make_crl(XAA, 1, {serial_of("leaf"): TIME})
    known = Revocations().with_crl(XAA_ID, crl, [XAA.certificate], domain=DOMAIN, now=TIME)
    assert known.is_revoked(XAA_ID, serial_of("leaf"), TIME)
    assert not known.is_revoked(MemberId("xab"), serial_of("leaf"), TIME)


def test_an_identity_proved_once_is_asked_again_for_dates_and_revocation() -> None:
    proved = verify(CERTIFICATES[0])
    crl = make_crl(XAA, 1, {proved.serial: TIME})
    revoked = Revocations().with_crl(XAA_ID, crl, [XAA.certificate], domain=DOMAIN, now=TIME)
    check_validity(proved, at=TIME, revoked=None)
    check_revocation(proved, at=TIME - 1, revoked=revoked)
    for at, view, reason in (
        (NODE.dates[1] + 1, None, "expired"),
        (NODE.dates[0] - 1, None, "not-yet-valid"),
        (TIME, revoked, "revoked"),
    ):
        with pytest.raises(IdentityError) as refused:
            check_validity(proved, at=at, revoked=view)
        assert refused.value.reason == reason


def test_a_time_beyond_any_calendar_is_refused_like_any_other() -> None:
    """`at` may be the iat of a stranger."""
    with pytest.raises(IdentityError) as refused:
        verify({**CERTIFICATES[0], "at": 2**62})
    assert refused.value.reason == "expired"


def test_names_are_written_as_they_are_read() -> None:
    for role, desk, officer in (
        (Role.NODE, None, None),
        (Role.STATEMENT, None, None),
        (Role.DESK, DeskId("poc"), None),
        (Role.OFFICER, None, "17"),
    ):
        name = dns_name(role, MemberId("un-panel-som"), DOMAIN, desk=desk, officer=officer)
        assert re.fullmatch(rf"[a-z]+(-poc|-17)?\.un-panel-som\.{re.escape(DOMAIN)}", name)
    with pytest.raises(InvalidInputError):
        dns_name(Role.DESK, XAA_ID, DOMAIN)
    with pytest.raises(InvalidInputError):
        dns_name(Role.OFFICER, XAA_ID, DOMAIN, officer="smith")


@pytest.mark.parametrize("text", ["", "1" * 21, "smith", "-1", "1 ", "1\n", "\N{ARABIC-INDIC DIGIT ONE}"])
def test_an_officer_is_a_number_and_no_name(text: str) -> None:
    with pytest.raises(InvalidInputError):
        parse_officer(text)


@pytest.mark.parametrize("data", [b"", b"\x30\x00", bytes(20_000), b"-----BEGIN CERTIFICATE-----\n"])
def test_what_is_no_certificate_is_refused(data: bytes) -> None:
    with pytest.raises(IdentityError):
        load_certificate(data)
    with pytest.raises(IdentityError):
        load_chain(data)


def test_a_certificate_whose_names_are_no_text_is_refused_at_once() -> None:
    """The library reads them only when somebody asks, and then raises what nobody there expects."""
    der = unnamed(load([CERTIFICATES[3]["leaf"]])[0])
    pem = f"-----BEGIN CERTIFICATE-----\n{base64.encodebytes(der).decode()}-----END CERTIFICATE-----\n"
    for load_it, data in ((load_certificate, der), (load_chain, pem.encode())):
        with pytest.raises(IdentityError) as refusal:
            load_it(data)
        assert refusal.value.reason == "form"


@pytest.mark.filterwarnings("ignore:Parsed a serial number")  # the library warns, we refuse
def test_no_flipped_bit_leaves_a_certificate_that_shows_anybody() -> None:
    der = load([CERTIFICATES[3]["leaf"]])[0].public_bytes(serialization.Encoding.DER)
    roots = [XAA.certificate]
    for place in range(len(der) * 8):
        flipped = bytearray(der)
        flipped[place // 8] ^= 1 << place % 8
        with pytest.raises(IdentityError):
            verify_identity(load_certificate(bytes(flipped)), [], roots, at=TIME, domain=DOMAIN, revoked=None)


@pytest.mark.filterwarnings("ignore:Parsed a serial number")  # the library warns, we refuse
def test_no_flipped_bit_makes_another_list() -> None:
    """A signature may be changed into another good one; what it signs may not."""
    crl = make_crl(XAA, 1, {serial_of("leaf"): TIME})
    known = Revocations().with_crl(XAA_ID, crl, [XAA.certificate], domain=DOMAIN, now=TIME)
    for place in range(len(crl) * 8):
        flipped = bytearray(crl)
        flipped[place // 8] ^= 1 << place % 8
        with contextlib.suppress(IdentityError):
            assert known.with_crl(XAA_ID, bytes(flipped), [XAA.certificate], domain=DOMAIN, now=TIME) is known


@given(data=st.binary(max_size=64))
def test_papers_of_any_bytes_raise_only_our_error(data: bytes) -> None:
    leaf = replace(generate.OFFICER, papers={OFFICER_EXTENSION: data}).sign(XAA)
    if data != encode_officer("17", [DeskId("poc")]):
        with pytest.raises(IdentityError):
            read_identity(leaf, DOMAIN)


# RFC 5280, 4.1.2.5: valid through notAfter, inclusive; OpenSSL ends one second earlier.
_OPENSSL_DIFFERS = {"in its last second"}


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl on this machine to check against")
@pytest.mark.parametrize(
    "case",
    [
        case
        for case in CERTIFICATES
        if case.get("where", "step 11 path") == "step 11 path" and case["name"] not in _OPENSSL_DIFFERS
    ],
    ids=names,
)
def test_openssl_agrees_on_the_paths(case: dict[str, Any], tmp_path: Path) -> None:
    for name in ("leaf", "roots", "intermediates"):
        text = case[name] if name == "leaf" else "".join(case[name])
        (tmp_path / f"{name}.pem").write_text(text)
    command = ["openssl", "verify", "-attime", str(case["at"]), "-x509_strict"]
    command += ["-CAfile", "roots.pem", "-untrusted", "intermediates.pem", "leaf.pem"]
    if not case["intermediates"]:
        del command[-3:-1]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert (result.returncode == 0) == (case["verdict"] == "accepted"), result.stderr
