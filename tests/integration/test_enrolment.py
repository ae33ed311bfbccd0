"""Enrolment over real sockets: an authority serves, an applicant dials, and what must be refused is."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

import tracepost.sdk.enrolment as sdk
from fakes.pki import make_root
from tracepost.ca import (
    Authority,
    Passphrase,
    desk_profile,
    init_authority,
    node_profile,
    officer_profile,
    open_authority,
    statement_profile,
)
from tracepost.ca.service import start_enrolment
from tracepost.protocol.enrolment import AnswerPaper, RequestPaper, make_request, parse_token
from tracepost.protocol.errors import (
    EnrolmentError,
    InvalidInputError,
    InvalidMessageError,
    SealingError,
    TracepostError,
    UnreachableError,
)
from tracepost.protocol.identity import Role
from tracepost.protocol.sealing import generate_desk_key
from tracepost.sdk.enrolment import (
    accept_chain,
    answer_challenge,
    enrol,
    fetch_root,
    generate_applicant,
    make_paper,
)
from tracepost.serving.credentials import Papers, server_credentials
from tracepost.wire.v1 import enrolment_pb2

DOMAIN = "tracepost.example"
PASSPHRASE = Passphrase(b"correct horse battery staple")


@dataclass(frozen=True, slots=True)
class Served:
    authority: Authority
    address: str


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[Authority]:
    founded = init_authority(tmp_path / "ca", PASSPHRASE, member="xaa", domain=DOMAIN)
    yield founded
    founded.close()


@pytest.fixture
async def served(authority: Authority) -> AsyncIterator[Served]:
    async with serving(authority) as running:
        yield running


@asynccontextmanager
async def serving(authority: Authority) -> AsyncIterator[Served]:
    server, _ = await start_enrolment(authority, "127.0.0.1:0")
    try:
        yield Served(authority, f"127.0.0.1:{server.port}")
    finally:
        await server.drain(0)


def reason_of(error: pytest.ExceptionInfo[TracepostError]) -> str:
    return error.value.reason


async def test_a_node_enrols_with_a_token(served: Served) -> None:
    applicant = generate_applicant()
    enrolled = await enrol(served.address, served.authority.new_token(node_profile()), applicant)
    assert (enrolled.identity.member, enrolled.identity.role) == ("xaa", Role.NODE)
    assert enrolled.root == served.authority.root
    assert enrolled.domain == DOMAIN


async def test_a_desk_enrols_by_opening_the_nonce(served: Served) -> None:
    applicant = generate_applicant(desk=True)
    enrolled = await enrol(served.address, served.authority.new_token(desk_profile("poc")), applicant)
    assert applicant.desk_key is not None
    assert enrolled.identity.desk == "poc"
    assert enrolled.identity.desk_key_sha256 == applicant.desk_key.public.sha256


async def test_an_officer_enrols_with_its_desks(served: Served) -> None:
    token = served.authority.new_token(officer_profile("17", ["poc", "lab"]))
    enrolled = await enrol(served.address, token, generate_applicant())
    assert (enrolled.identity.officer, enrolled.identity.desks) == ("17", ("lab", "poc"))


async def test_a_token_serves_once(served: Served) -> None:
    token = served.authority.new_token(statement_profile())
    await enrol(served.address, token, generate_applicant())
    with pytest.raises(EnrolmentError) as refused:
        await enrol(served.address, token, generate_applicant())
    assert reason_of(refused) == "token-used"


async def test_of_two_at_once_with_one_token_one_is_refused(served: Served) -> None:
    token = served.authority.new_token(statement_profile())
    both = await asyncio.gather(
        *(enrol(served.address, token, generate_applicant()) for _ in range(2)), return_exceptions=True
    )
    refusals = [one for one in both if isinstance(one, EnrolmentError)]
    assert [refusal.reason for refusal in refusals] == ["token-used"]
    assert len(served.authority.certificates()) == 2  # the server's own and one


async def test_a_lost_answer_does_not_cost_the_token(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """The certificate is issued, the road closes before the answer: the SDK asks for it again."""
    real = served.authority.finish
    lost: list[str] = []

    def finish(session: str, nonce: bytes | None) -> list[x509.Certificate]:
        chain = real(session, nonce)
        if not lost:
            lost.append(session)
            raise UnreachableError
        return chain

    monkeypatch.setattr(served.authority, "finish", finish)
    enrolled = await enrol(served.address, served.authority.new_token(node_profile()), generate_applicant())
    assert lost
    assert [issued.draft.serial for issued in served.authority.certificates()][1:] == [
        enrolled.identity.serial
    ]


async def test_a_token_with_another_secret_is_refused(served: Served) -> None:
    token = parse_token(served.authority.new_token(node_profile()))
    with pytest.raises(EnrolmentError) as refused:
        await enrol(served.address, replace(token, secret=bytes(32)).to_text(), generate_applicant())
    assert reason_of(refused) == "token-unknown"


async def test_a_server_with_another_root_is_not_spoken_to(served: Served) -> None:
    token = parse_token(served.authority.new_token(node_profile()))
    with pytest.raises(EnrolmentError) as refused:
        await enrol(served.address, replace(token, root_sha256=bytes(32)).to_text(), generate_applicant())
    assert (refused.value.where, reason_of(refused)) == ("step 1 root", "root-fingerprint")


async def test_the_token_of_another_authority_is_refused(served: Served, tmp_path: Path) -> None:
    other = init_authority(tmp_path / "other", PASSPHRASE, member="xab", domain=DOMAIN)
    with pytest.raises(EnrolmentError) as refused:
        await asyncio.to_thread(
            served.authority.begin,
            other.new_token(node_profile()),
            make_request(generate_applicant().key),
            None,
        )
    other.close()
    assert reason_of(refused) == "token-other-authority"


async def test_a_desk_that_cannot_open_the_nonce_gets_nothing(served: Served) -> None:
    token = served.authority.new_token(desk_profile("poc"))
    applicant = generate_applicant(desk=True)
    thief = ThiefOfPublicKey(applicant.desk_key_bytes or b"")
    with pytest.raises(SealingError):
        await enrol(served.address, token, sdk.Applicant(generate_applicant().key, thief))  # type: ignore[arg-type]
    assert [issued.draft.label for issued in served.authority.certificates()] == ["enrolment"]


class ThiefOfPublicKey:
    """Shows another's public HPKE key and holds another private one."""

    def __init__(self, public: bytes) -> None:
        self._own = generate_desk_key()
        self.public = public

    def load(self) -> object:
        return self._own.load()


async def test_a_wrong_nonce_is_refused_and_the_right_one_still_counts(authority: Authority) -> None:
    applicant = generate_applicant(desk=True)
    challenge = authority.begin(
        authority.new_token(desk_profile("poc")), make_request(applicant.key), applicant.desk_key_bytes
    )
    for nonce in (bytes(32), None, b""):
        with pytest.raises(EnrolmentError) as refused:
            authority.finish(challenge.session, nonce)
        assert (refused.value.where, reason_of(refused)) == ("step 1 possession", "nonce")
    answer = AnswerPaper.from_json(answer_challenge(applicant, challenge.to_json()))
    assert len(authority.finish(answer.session, answer.nonce)) == 2


async def test_a_broken_request_is_refused_over_the_wire(served: Served) -> None:
    token = served.authority.new_token(node_profile())
    request = bytearray(make_request(generate_applicant().key))
    request[-1] ^= 1
    root = fetch_root(served.address, parse_token(token).root_sha256)
    with pytest.raises(EnrolmentError) as refused:
        async with sdk._dialled(served.address, root) as stub:
            await stub.Begin(enrolment_pb2.BeginRequest(token=token, csr=bytes(request)))
    assert reason_of(refused) == "request-signature"


async def test_a_call_outside_the_schema_is_refused(served: Served) -> None:
    token = served.authority.new_token(node_profile())
    root = fetch_root(served.address, parse_token(token).root_sha256)
    with pytest.raises(InvalidMessageError):
        async with sdk._dialled(served.address, root) as stub:
            await stub.Begin(enrolment_pb2.BeginRequest(token=token, csr=bytes(8193)))


async def test_the_own_nodes_certificate_may_not_stand_in_for_the_authority(served: Served) -> None:
    """A stolen node certificate, with the right root in its chain, is no enrolment server."""
    token = served.authority.new_token(statement_profile())
    node = generate_applicant()
    chain = served.authority.issue_from_csr(node_profile(), make_request(node.key))
    async with impostor(node, chain) as address:
        with pytest.raises(UnreachableError):
            await enrol(address, token, generate_applicant())


@asynccontextmanager
async def impostor(node: sdk.Applicant, chain: list[x509.Certificate]) -> AsyncIterator[str]:
    import grpc

    key = node.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem = b"".join(one.public_bytes(serialization.Encoding.PEM) for one in chain)
    server = grpc.aio.server()
    credentials = server_credentials(lambda: Papers(key, pem, b""), ask_certificate=False)
    port = server.add_secure_port("127.0.0.1:0", credentials)
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(0)


async def test_a_silent_address_is_told_as_unreachable(authority: Authority) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(UnreachableError):
            await enrol(
                f"127.0.0.1:{taken.getsockname()[1]}",
                authority.new_token(node_profile()),
                generate_applicant(),
            )


def test_a_desk_enrols_by_files(authority: Authority) -> None:
    applicant = generate_applicant(desk=True)
    paper = RequestPaper.from_json(make_paper(applicant))
    challenge = authority.begin_for(desk_profile("poc"), paper.request, paper.desk_key)
    answer = AnswerPaper.from_json(answer_challenge(applicant, challenge.to_json()))
    chain = authority.finish(answer.session, answer.nonce)
    pem = b"".join(one.public_bytes(serialization.Encoding.PEM) for one in chain)
    assert accept_chain(applicant, pem, authority.fingerprint).identity.label == "desk-poc"


def test_a_chain_from_another_root_or_for_other_keys_is_not_accepted(authority: Authority) -> None:
    applicant, other = generate_applicant(), generate_applicant()
    chain = authority.issue_from_csr(node_profile(), make_request(applicant.key))
    pem = b"".join(one.public_bytes(serialization.Encoding.PEM) for one in chain)
    with pytest.raises(EnrolmentError) as refused:
        accept_chain(applicant, pem, "A" * 43)
    assert reason_of(refused) == "root-fingerprint"
    with pytest.raises(EnrolmentError) as refused:
        accept_chain(other, pem, authority.fingerprint)
    assert (refused.value.where, reason_of(refused)) == ("step 5 keys", "other-keys")
    stranger = make_root("xaa").pem
    with pytest.raises(EnrolmentError) as refused:
        accept_chain(
            applicant, stranger + chain[1].public_bytes(serialization.Encoding.PEM), authority.fingerprint
        )
    assert refused.value.where == "step 4 path"


@pytest.mark.parametrize("spoil", [b"", b"{}", b"[]", b'{"tracepost": "enrolment-request/1"}', b"{" * 40_000])
def test_a_paper_that_is_none_is_refused(spoil: bytes) -> None:
    applicant = generate_applicant(desk=True)
    with pytest.raises(InvalidInputError):
        answer_challenge(applicant, spoil)
    with pytest.raises(InvalidInputError):
        RequestPaper.from_json(spoil)


def test_the_daemon_serves_and_leaves_on_sigterm(authority: Authority, tmp_path: Path) -> None:
    token = authority.new_token(node_profile())
    authority.close()
    passphrase = tmp_path / "passphrase"
    passphrase.write_bytes(PASSPHRASE.reveal() + b"\n")
    passphrase.chmod(0o600)
    with daemon(tmp_path / "ca", passphrase) as (process, port):
        enrolled = asyncio.run(enrol(f"127.0.0.1:{port}", token, generate_applicant()))
        process.send_signal(signal.SIGTERM)
        assert process.wait(120) == 0
    assert enrolled.identity.label == "node"
    with_again = open_authority(tmp_path / "ca", None)
    assert [issued.draft.label for issued in with_again.certificates()] == ["enrolment", "node"]
    with_again.close()


@contextmanager
def daemon(directory: Path, passphrase: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run the daemon as its own process; its log says on which port it listens."""
    command = [sys.executable, "-m", "tracepost.ca", str(directory), "--listen", "127.0.0.1:0"]
    path = os.pathsep.join(place for place in sys.path if place)
    process = subprocess.Popen(
        [*command, "--passphrase-file", str(passphrase)],
        env={**os.environ, "PYTHONPATH": path},
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    with process, process.stderr as log:
        try:
            line = next(line for line in log if b"listening" in line)
            yield process, json.loads(line)["port"]
        finally:
            process.kill()
