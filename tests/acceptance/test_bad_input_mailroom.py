"""Bad mail at a real mailroom with a real store: a typed reason, one audit event, and nothing else.

What was changed on the way is *turned away*: it stays queued with its sender, and the honest
envelope is accepted afterwards. What its sender's own log vouches for is *refused*: the sender gets
the receipt and has a dead letter with the reason. Each numbered step of `post.examination` has its
cases here; the last test counts them.
"""

from __future__ import annotations

import asyncio
import dataclasses
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
import pytest_asyncio

from fakes.adversary import (
    Books,
    Forger,
    Parcel,
    add_signed,
    audit_trail,
    disclose,
    exhibit_of,
    flip,
    read_books,
    replaced,
    resign,
    unnamed,
)
from fakes.channels import panel_request
from fakes.house import House, Street, draft, open_street
from fakes.inquiry import finding
from fakes.messages import request
from fakes.notices import mandate
from fakes.pki import DAY, Issued, make_root
from tracepost.node.post import examination
from tracepost.node.post.line import Line
from tracepost.node.records.mail import MailState
from tracepost.protocol import schema, statement
from tracepost.protocol.envelope import Address, envelope_id
from tracepost.protocol.evidence import Custody, Entry, custody_on, sent_on
from tracepost.protocol.identity import Role
from tracepost.protocol.ids import EnvelopeId, MemberId, StatementDigest, encode_b64
from tracepost.protocol.schema import Field, Sensitivity
from tracepost.protocol.sealing import generate_desk_key
from tracepost.protocol.statement import KeySigner, Statement
from tracepost.wire.v1 import share_pb2, trace_pb2
from tracepost.wire.v1.envelope_pb2 import Envelope, Header, LogProof
from tracepost.wire.v1.post_pb2 import Announcement, Frame, StreamStatus

pytestmark = pytest.mark.asyncio(loop_scope="module")

LOG = {"log_entry", "log_block", "log_head", "peer_head", "peer_head_open"}


class Stage:
    """xaa writes to xab; xac is a member too. What is posted here is never carried by itself."""

    def __init__(self, street: Street, folder: Any) -> None:
        self.street = street
        self._folder = folder
        self.xaa, self.xab, self.xac = (street[name] for name in ("xaa", "xab", "xac"))
        self.forger = Forger(self.xaa, self.xab)
        self.signers: dict[str, KeySigner] = {}
        self.stranger = make_root("xac").issue(Role.STATEMENT).der

    def books(self, house: House | None = None) -> Books:
        return read_books(self._folder / (house or self.xab).member / "store.sqlite")

    def audit(self) -> list[tuple[str, str, str, str]]:
        return audit_trail(self._folder / "xab" / "store.sqlite")

    async def announce(self, *certificates: Issued, crl: bytes = b"") -> None:
        """Let xab take papers of xaa that verify."""
        papers = Announcement(member="xaa", certificates=[c.der for c in certificates], crl=crl)
        assert await self.xab.announcing.take([papers], MemberId("xaa"))

    async def prepare_signers(self) -> None:
        """Give xaa certificates that it may not sign with any more, or not for this; xab knows them all."""
        authority, now = self.xaa.identities.authority, self.street.clock()
        issued = {
            "expired": authority.issue(Role.STATEMENT, not_after=now - 3600),
            "early": authority.issue(Role.STATEMENT, not_before=now + 3600),
            "revoked": authority.issue(Role.STATEMENT),
            "node": authority.issue(Role.NODE),
        }
        await self.announce(*issued.values())
        await self.announce(crl=authority.crl([issued["revoked"].certificate], revoked_at=now - 1))
        issued["xac"] = self.xac.identities.statement
        self.signers = {name: KeySigner(one.key, one.certificate) for name, one in issued.items()}

    async def honest(self, to: str = "xab", *, sender: str = "xaa") -> Envelope:
        """Return a new honest envelope, queued in its sender's outbox."""
        [sent] = await self.street[sender].submit(draft(request(), to=[to]))
        waiting = {envelope_id(e.header): e for e in await self.street.queued(self.street[sender])}
        return waiting[EnvelopeId(bytes.fromhex(sent.dispatches[0].envelope_id))]

    async def state(self, envelope: Envelope, sender: str = "xaa") -> tuple[MailState, str]:
        """Return where an envelope stands with its sender, and why."""
        name = envelope_id(envelope.header)
        found = await self.street[sender].store.read(lambda tx: tx.dispatches.find([name]))
        return found[name].state, found[name].reason


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    folder = tmp_path_factory.mktemp("street")
    async with open_street(folder, "xaa", "xab", "xac") as street:
        stage = Stage(street, folder)
        await stage.prepare_signers()
        yield stage


# ── changed on the way: steps 1 to 4 ─────────────────────────────────────────────────


@dataclass(frozen=True)
class Turned:
    """What happens to honest mail on its way, the step that sees it, and the reason that is kept."""

    step: int
    defect: str
    reason: str
    change: Callable[[Stage, Envelope, Envelope], Envelope]
    bringer: str = "xaa"

    def __str__(self) -> str:
        return f"step {self.step}: {self.defect}"


def header_with(envelope: Envelope, **changes: Any) -> Envelope:
    """Return the envelope with other values in its header, in the one right encoding."""
    header = Header.FromString(envelope.header)
    for name, value in changes.items():
        setattr(header, name, value)
    return replaced(envelope, header=header.SerializeToString(deterministic=True))


def road_with(envelope: Envelope, **changes: Any) -> Envelope:
    header = Header.FromString(envelope.header)
    for name, value in changes.items():
        setattr(header.road, name, value)
    return replaced(envelope, header=header.SerializeToString(deterministic=True))


def proof_with(envelope: Envelope, change: Callable[[LogProof], object]) -> Envelope:
    proof = LogProof.FromString(envelope.proof)
    change(proof)
    return replaced(envelope, proof=proof.SerializeToString())


def shuffled_slots(envelope: Envelope) -> Envelope:
    length = 2040
    slots = [envelope.slots[i : i + length] for i in range(0, len(envelope.slots), length)]
    return replaced(envelope, slots=b"".join(reversed(slots)))


ON_THE_WAY = [
    Turned(
        1,
        "the header is cut off",
        "envelope/not-a-header",
        lambda _, e, __: replaced(e, header=e.header[:-1]),
    ),
    Turned(
        1, "the header is missing", "envelope/part-missing-or-short", lambda _, e, __: replaced(e, header=b"")
    ),
    Turned(
        1, "the body is missing", "envelope/part-missing-or-short", lambda _, e, __: replaced(e, body=b"")
    ),
    Turned(
        1,
        "the body is cut off",
        "envelope/part-missing-or-short",
        lambda _, e, __: replaced(e, body=e.body[:-1]),
    ),
    Turned(
        1,
        "the body has grown",
        "envelope/wrong-size-class",
        lambda _, e, __: replaced(e, body=e.body + bytes(4)),
    ),
    Turned(
        1, "the slots are cut off", "envelope/broken-slots", lambda _, e, __: replaced(e, slots=e.slots[:-1])
    ),
    Turned(
        1, "the proof is missing", "envelope/part-missing-or-short", lambda _, e, __: replaced(e, proof=b"")
    ),
    Turned(
        1,
        "the header is too large",
        "envelope/part-too-large",
        lambda _, e, __: replaced(e, header=bytes(4097)),
    ),
    Turned(
        1,
        "the slots are too large",
        "envelope/part-too-large",
        lambda _, e, __: replaced(e, slots=bytes(10 * 2040)),
    ),
    Turned(
        1,
        "the proof is too large",
        "envelope/part-too-large",
        lambda _, e, __: replaced(e, proof=bytes(16385)),
    ),
    Turned(
        1,
        "the body is too large",
        "envelope/part-too-large",
        lambda _, e, __: replaced(e, body=bytes(16 * 1024 * 1024 + 1)),
    ),
    Turned(
        1,
        "something is hidden in the header",
        "envelope/not-canonical",
        lambda _, e, __: replaced(e, header=e.header + b"\x7a\x03abc"),
    ),
    Turned(
        1, "the suite is another", "envelope/unknown-suite", lambda _, e, __: header_with(e, suite="none")
    ),
    Turned(
        1,
        "the sender is no member id",
        "envelope/not-a-member-id",
        lambda _, e, __: header_with(e, from_member="X Y"),
    ),
    Turned(
        1, "it is to its own sender", "envelope/to-itself", lambda _, e, __: header_with(e, to_member="xaa")
    ),
    Turned(1, "the number is zero", "envelope/number-out-of-range", lambda _, e, __: road_with(e, seq=0)),
    Turned(
        1,
        "the size class is none",
        "envelope/unknown-size-class",
        lambda _, e, __: header_with(e, size_class_kib=5),
    ),
    Turned(
        1,
        "it may be delivered for years",
        "envelope/deliver-by-too-far",
        lambda s, e, __: header_with(e, deliver_by=s.street.clock() + 1000 * DAY),
    ),
    Turned(
        1,
        "a bit of the slots is flipped",
        "envelope/other-slots",
        lambda _, e, __: replaced(e, slots=flip(e.slots, 77)),
    ),
    Turned(
        1,
        "a bit of the body is flipped",
        "envelope/other-body",
        lambda _, e, __: replaced(e, body=flip(e.body, 77)),
    ),
    Turned(1, "the slots stand in another order", "envelope/other-slots", lambda _, e, __: shuffled_slots(e)),
    Turned(
        1, "the slots are of other mail", "envelope/other-slots", lambda _, e, o: replaced(e, slots=o.slots)
    ),
    Turned(1, "the body is of other mail", "envelope/other-body", lambda _, e, o: replaced(e, body=o.body)),
    Turned(
        1,
        "a compartment is stripped",
        "envelope/other-body",
        lambda _, e, __: replaced(e, body=e.body[:2048] + bytes(len(e.body) - 2048)),
    ),
    Turned(
        2, "it is made out to another", "envelope/not-ours", lambda _, e, __: header_with(e, to_member="xac")
    ),
    Turned(3, "another member brings it", "envelope/other-road", lambda _, e, __: e, bringer="xac"),
    Turned(
        3, "the sender is forged", "envelope/other-road", lambda _, e, __: header_with(e, from_member="xac")
    ),
    Turned(
        4,
        "the sender is forged and so is the road",
        "evidence/unknown-key",
        lambda _, e, __: header_with(road_with(e, via="xaa"), from_member="xac"),
    ),
    Turned(
        3,
        "the sender is no member",
        "trust/no-member",
        lambda _, e, __: header_with(road_with(e, via="xaa"), from_member="xzz"),
    ),
    Turned(
        4,
        "the deadline is changed",
        "envelope/other-proof",
        lambda s, e, __: header_with(e, deliver_by=s.street.clock() + 9),
    ),
    Turned(4, "the lane is changed", "envelope/other-proof", lambda _, e, __: header_with(e, lane=2)),
    Turned(
        4,
        "the flag of an exercise is set",
        "envelope/other-proof",
        lambda _, e, __: header_with(e, exercise=True),
    ),
    Turned(4, "the number is changed", "envelope/other-proof", lambda _, e, __: road_with(e, seq=10**6)),
    Turned(
        4, "the proof is of other mail", "envelope/other-proof", lambda _, e, o: replaced(e, proof=o.proof)
    ),
    Turned(
        4, "the proof is cut off", "evidence/proof-form", lambda _, e, __: replaced(e, proof=e.proof[:-1])
    ),
    Turned(4, "the proof is noise", "evidence/proof-form", lambda _, e, __: replaced(e, proof=b"\xff" * 64)),
    Turned(
        4,
        "the checkpoint is not signed by that log",
        "evidence/signature-line",
        lambda _, e, __: proof_with(e, lambda p: setattr(p, "checkpoint", p.checkpoint[:-8] + "AAAAAA==\n")),
    ),
    Turned(
        4,
        "the log's path leads elsewhere",
        "evidence/wrong-root",
        lambda _, e, __: proof_with(e, lambda p: p.path.__setitem__(0, bytes(32))),
    ),
    Turned(
        4,
        "the log entry is rewritten",
        "evidence/wrong-root",
        lambda _, e, o: proof_with(
            replaced(o, proof=o.proof),
            lambda p: setattr(p, "preimage", LogProof.FromString(e.proof).preimage),
        ),
    ),
]


@pytest.mark.parametrize("case", ON_THE_WAY, ids=str)
async def test_what_was_changed_on_the_way_is_turned_away_and_stays_with_its_sender(
    stage: Stage, case: Turned
) -> None:
    sent, other = await stage.honest(), await stage.honest()
    before, seen = stage.books(), len(stage.audit())
    bad = case.change(stage, sent, other)
    reply = await stage.xab.mailroom.receive([bad], MemberId(case.bringer))
    code, _, reason = case.reason.partition("/")
    name = envelope_id(bad.header).hex() if bad.header else ""
    assert stage.audit()[seen:] == [(case.bringer, "turn-away", name, case.reason)]
    assert (reply.receipts, [s.code for s in reply.statuses]) == ([], [code])
    assert set(stage.books().since(before)) == {"audit_event"}
    assert await stage.state(sent) == (MailState.QUEUED, "")
    accepted = await stage.street.deliver(stage.xaa, [sent], "xab")
    assert (len(accepted.receipts), accepted.statuses) == (1, [])
    assert await stage.state(sent) == (MailState.DELIVERED, "")
    assert reason


# ── sent so by its sender: steps 5 to 13 ─────────────────────────────────────────────


@dataclass(frozen=True)
class Wrong:
    """What a node in wrong hands sends, the step that refuses it, and the reason that its sender hears."""

    step: int
    defect: str
    reason: str
    make: Callable[[Stage], Parcel | Awaitable[Parcel]]

    def __str__(self) -> str:
        return f"step {self.step}: {self.defect}"


def packed(signed: Callable[[Stage], Statement]) -> Callable[[Stage], Parcel]:
    return lambda stage: stage.forger.pack(signed(stage))


def parcel(**changes: Callable[[Parcel], Any]) -> Callable[[Stage], Parcel]:
    """Return what makes an honest parcel with attributes changed, each from the honest parcel."""

    def make(stage: Stage) -> Parcel:
        honest = stage.forger.pack(stage.forger.sign(request()))
        return dataclasses.replace(honest, **{name: change(honest) for name, change in changes.items()})

    return make


def spine_with(one: Parcel, **changes: Any) -> list[Any]:
    return [dataclasses.replace(one.compartments[0], **changes), *one.compartments[1:]]


def sent_of_another_statement(
    address: Address, name: EnvelopeId, _statement: StatementDigest, now: int
) -> Entry:
    """Log this mail, by its road and number, and say that it holds something else."""
    return sent_on(address, name, StatementDigest(bytes(32)), now)


async def slots_of_other_mail(stage: Stage) -> Parcel:
    other = await stage.honest()
    return dataclasses.replace(parcel()(stage), slots=lambda _: other.slots)


async def slots_of_another_sender(stage: Stage) -> Parcel:
    other = await stage.honest(sender="xac")
    return dataclasses.replace(parcel()(stage), slots=lambda _: other.slots)


def moved(sealed: Any, **place: int) -> Any:
    """Return a sealed body whose first compartment is said to lie elsewhere."""
    first = dataclasses.replace(sealed.keys[0], **place)
    return dataclasses.replace(sealed, keys=(first, *sealed.keys[1:]))


def damaged(sealed: Any) -> Any:
    body = flip(sealed.body, 8 * sealed.keys[0].offset)
    return dataclasses.replace(sealed, body=body, sha256=envelope_id(body))


def signed_by(name: str) -> Callable[[Stage], Parcel]:
    """Return what packs a request signed with a certificate of `Papers` below."""
    return packed(lambda stage: stage.forger.sign(request(), signer=stage.signers[name]))


def with_payload(change: Callable[[dict[str, Any]], Any]) -> Callable[[Stage], Parcel]:
    return packed(lambda s: resign(s.forger.sign(request()), s.forger.signer, change))


def with_disclosure(
    path: str, value: Any, sensitivity: Sensitivity = Sensitivity.ADMINISTRATIVE, **more: Any
) -> Callable[[Stage], Parcel]:
    """Return what packs a request with one more disclosure, signed and counted."""
    return packed(
        lambda s: add_signed(
            s.forger.sign(request()), s.forger.signer, disclose(path, value, sensitivity), **more
        )
    )


def with_fields(*fields: Field) -> Callable[[Stage], Parcel]:
    return packed(lambda s: s.forger.sign_fields("trace.request/1", fields))


def unsigned_disclosure(stage: Stage) -> Parcel:
    one = parcel()(stage)
    extra = disclose("reply_by", "2030-01-01", Sensitivity.ADMINISTRATIVE).encoded
    one.compartments = spine_with(one, disclosures=(*one.compartments[0].disclosures, extra))
    return one


def forged_signature(jws: str) -> str:
    return jws[:-4] + ("AAAA" if jws[-4:] != "AAAA" else "BBBB")


def other_algorithm(stage: Stage) -> Parcel:
    signed = stage.forger.sign(request())
    header, payload, signature = signed.jws.split(".")
    text = orjson.loads(statement_bytes(header)) | {"alg": "none"}
    return stage.forger.pack(
        dataclasses.replace(signed, jws=f"{encode_b64(orjson.dumps(text))}.{payload}.{signature}")
    )


def statement_bytes(segment: str) -> bytes:
    import base64

    return base64.urlsafe_b64decode(segment + "==")


def stripped(*paths: str) -> Callable[[Stage], Parcel]:
    """Return what leaves out disclosures that the daemon's own desk may read."""

    def make(stage: Stage) -> Parcel:
        signed = stage.forger.sign(request())
        return stage.forger.pack(statement.redact(signed, lambda d: d.path not in paths))

    return make


def enclosing(change: Callable[[Stage, share_pb2.Exhibit], object]) -> Callable[[Stage], Parcel]:
    """Return what shares a statement of xac as an exhibit with one thing wrong."""

    def make(stage: Stage) -> Parcel:
        exhibit = exhibit_of(Forger(stage.xac, stage.xaa).sign(request()), stage.xac)
        change(stage, exhibit)
        share = share_pb2.Share(reason=share_pb2.SHARE_REASON_SPONTANEOUS, exhibits=[exhibit])
        return stage.forger.pack(stage.forger.sign(share))

    return make


def referral_without_request(stage: Stage) -> Parcel:
    asked = Forger(stage.xac, stage.xaa).sign(request())
    other = Forger(stage.xac, stage.xaa).sign(request())
    referral = trace_pb2.Referral(
        requester="xac",
        request_thread=asked.claims.thread,
        request_digest=encode_b64(asked.digest),
        consent_digest=encode_b64(asked.digest),
        item_ids=["1"],
        reason=trace_pb2.RedirectReason.Name(1),
        mode=trace_pb2.REFERRAL_MODE_COPY,
        exhibits=[exhibit_of(other, stage.xac)],
    )
    return stage.forger.pack(stage.forger.sign(referral))


def mandated(
    *left_out: str, author: str = "xac", enclosed: bool = True, **changes: Any
) -> Callable[[Stage], Parcel]:
    """Return what asks for xac by a mandate with `changes`, which `author` gave to xaa."""

    def make(stage: Stage) -> Parcel:
        limits = {"operation": "xaa", "purposes": ["PURPOSE_CRIMINAL_INVESTIGATION"], **changes}
        given = Forger(stage.street[author], stage.xaa).sign(mandate(**limits))
        shown = exhibit_of(statement.redact(given, lambda d: d.path not in left_out), stage.street[author])
        asked = request(on_behalf_of="xac", mandate_digest=encode_b64(given.digest))
        asked.exhibits.extend([shown] if enclosed else [])
        return stage.forger.pack(stage.forger.sign(asked))

    return make


def as_a_panel(stage: Stage) -> Parcel:
    """A State asks what a panel alone asks."""
    return stage.forger.pack(stage.forger.sign(panel_request()))


def lowered_class(stage: Stage) -> Parcel:
    """An OBJECT field stands in the group that every desk on the case reads."""
    fields = [
        Field(f.path, ADMINISTRATIVE, f.value) if "make" in f.path else f for f in schema.flatten(request())
    ]
    return stage.forger.pack(stage.forger.sign_fields("trace.request/1", fields))


ADMINISTRATIVE = Sensitivity.ADMINISTRATIVE

BY_ITS_SENDER = [
    Wrong(
        5,
        "the key of the daemon's desk is substituted",
        "sealing/no-slot-for-this-desk",
        parcel(desk_keys=lambda p: [generate_desk_key().public, *p.desk_keys[1:]]),
    ),
    Wrong(
        5,
        "the daemon's desk has no slot",
        "sealing/no-slot-for-this-desk",
        parcel(desk_keys=lambda p: p.desk_keys[1:], entitled=lambda p: p.entitled[1:]),
    ),
    Wrong(5, "the slots are moved from other mail", "sealing/content-does-not-open", slots_of_other_mail),
    Wrong(
        5, "the slots are moved from another's mail", "sealing/no-slot-for-this-desk", slots_of_another_sender
    ),
    Wrong(
        5,
        "a bit of the slots is flipped before it is sent",
        "sealing/content-does-not-open",
        parcel(slots=lambda p: lambda slots: flip(slots, 8 * 2039)),
    ),
    Wrong(
        6,
        "the slot names another statement",
        "envelope/other-statement",
        parcel(digest=lambda _: StatementDigest(bytes(32))),
    ),
    Wrong(
        6,
        "the sender's log names another statement",
        "envelope/not-the-statement-sent",
        parcel(log_entry=lambda _: sent_of_another_statement),
    ),
    Wrong(
        6,
        "no compartment holds the statement",
        "envelope/no-spine",
        parcel(compartments=lambda p: spine_with(p, jws=None)),
    ),
    Wrong(
        6,
        "the compartment of the statement is stripped",
        "envelope/no-spine",
        parcel(entitled=lambda p: [frozenset(), *p.entitled[1:]]),
    ),
    Wrong(
        6,
        "two compartments hold statements",
        "envelope/no-spine",
        parcel(
            compartments=lambda p: [
                p.compartments[0],
                dataclasses.replace(p.compartments[0], disclosures=()),
            ],
            entitled=lambda p: [frozenset({0, 1}), *[frozenset({0}) for _ in p.entitled[1:]]],
        ),
    ),
    Wrong(
        6, "a compartment is damaged", "sealing/compartment-does-not-open", parcel(rewrite=lambda _: damaged)
    ),
    Wrong(
        6,
        "a compartment lies beyond the body",
        "sealing/beyond-the-body",
        parcel(rewrite=lambda _: lambda sealed: moved(sealed, offset=len(sealed.body))),
    ),
    Wrong(
        6,
        "a compartment is no compartment",
        "sealing/not-a-compartment",
        parcel(plaintexts=lambda _: lambda plain: [b"\xff" * 40, *plain[1:]]),
    ),
    Wrong(
        6,
        "a compartment inflates without end",
        "sealing/inflates-too-far",
        parcel(plaintexts=lambda _: lambda plain: [bytes(33 * 1024 * 1024), *plain[1:]]),
    ),
    Wrong(
        7,
        "the signature is flipped",
        "statement/signature",
        parcel(compartments=lambda p: spine_with(p, jws=forged_signature(p.compartments[0].jws or ""))),
    ),
    Wrong(7, "the algorithm is none", "statement/algorithm", other_algorithm),
    Wrong(
        7,
        "it is issued in another's name",
        "statement/issuer",
        packed(lambda s: s.forger.sign(request(), iss=MemberId("xac"))),
    ),
    Wrong(
        7,
        "it is addressed to another",
        "statement/audience",
        packed(lambda s: s.forger.sign(request(), aud=(MemberId("xac"),))),
    ),
    Wrong(
        7,
        "a disclosure is unknown to the signature",
        "statement/disclosure-unreferenced",
        unsigned_disclosure,
    ),
    Wrong(
        7,
        "a disclosure is there twice",
        "statement/disclosure-twice",
        parcel(
            compartments=lambda p: spine_with(
                p, disclosures=(*p.compartments[0].disclosures, p.compartments[0].disclosures[0])
            )
        ),
    ),
    Wrong(7, "a field is disclosed twice", "statement/path-twice", with_disclosure("file_number", "T-2")),
    Wrong(7, "a disclosure stands in a lower class", "statement/wrong-class", lowered_class),
    Wrong(
        7,
        "a group counts fewer than it shows",
        "statement/counter-too-small",
        with_disclosure("reply_by", "2030-01-01", counted=False),
    ),
    Wrong(
        7,
        "a name is used that the standard reserves",
        "statement/reserved-name",
        with_disclosure("reply_by", {"_sd": []}),
    ),
    Wrong(7, "a claim more is in clear", "statement/unknown-claim", with_payload(lambda p: p.update(exp=1))),
    Wrong(7, "a claim is missing", "statement/missing-claim", with_payload(lambda p: p.pop("purpose"))),
    Wrong(
        7,
        "a digest stands in two groups",
        "statement/digest-twice",
        with_payload(
            lambda p: p["message"]["OBJECT"]["_sd"].__setitem__(0, p["message"]["ADMINISTRATIVE"]["_sd"][0])
        ),
    ),
    Wrong(
        7,
        "it is of a kind that never leaves its member",
        "envelope/inner-kind",
        packed(lambda s: s.forger.sign(finding("A" * 43))),
    ),
    Wrong(8, "its certificate had expired when it signed", "identity/expired", signed_by("expired")),
    Wrong(8, "its certificate was not yet valid", "identity/not-yet-valid", signed_by("early")),
    Wrong(8, "its certificate is revoked", "identity/revoked", signed_by("revoked")),
    Wrong(8, "another state's certificate signs for it", "trust/other-signer", signed_by("xac")),
    Wrong(8, "a certificate for connections signs", "trust/other-signer", signed_by("node")),
    Wrong(9, "only the header says exercise", "envelope/exercise", parcel(exercise=lambda _: True)),
    Wrong(
        9,
        "only the statement says exercise",
        "envelope/exercise",
        lambda s: s.forger.pack(s.forger.sign(request(), exercise=True), exercise=False),
    ),
    Wrong(
        10,
        "a field of another class is sealed to the daemon's desk",
        "envelope/class-for-node",
        parcel(entitled=lambda p: [frozenset(range(len(p.compartments))), *p.entitled[1:]]),
    ),
    Wrong(10, "a field that it may read is stripped", "envelope/incomplete", stripped("urgency")),
    Wrong(10, "the counter of a class is stripped", "envelope/incomplete", stripped("fields")),
    Wrong(
        11,
        "a field is empty that may not be",
        "invalid-message/string.min_len",
        packed(lambda s: s.forger.sign(request(""))),
    ),
    Wrong(
        11,
        "a field is not of its type",
        "invalid-message/type",
        with_fields(Field("file_number", ADMINISTRATIVE, 5)),
    ),
    Wrong(
        11,
        "two items have one name",
        "invalid-message/repeated.unique",
        with_fields(Field("items.0.id", ADMINISTRATIVE, "1"), Field("items.1.id", ADMINISTRATIVE, "1")),
    ),
    Wrong(
        11,
        "a list is longer than it may be",
        "invalid-message/repeated.max_items",
        with_fields(Field("items.9999.id", ADMINISTRATIVE, "1")),
    ),
    Wrong(
        12,
        "an exhibit is another than it says",
        "statement/other-exhibit",
        enclosing(lambda _, e: setattr(e, "statement_digest", "A" * 43)),
    ),
    Wrong(
        12,
        "an exhibit's signature is flipped",
        "statement/signature",
        enclosing(lambda _, e: setattr(e, "jws", forged_signature(e.jws))),
    ),
    Wrong(
        12,
        "an exhibit's signer has another authority",
        "identity/path",
        enclosing(lambda s, e: e.issuer_certificates.__setitem__(0, s.stranger)),
    ),
    Wrong(
        12,
        "an exhibit's signer signs for another",
        "statement/other-certificate",
        enclosing(lambda s, e: e.issuer_certificates.__setitem__(0, s.xaa.identities.statement.der)),
    ),
    Wrong(
        12,
        "an exhibit's authority has a name that is no text",
        "identity/form",
        enclosing(lambda s, e: e.issuer_certificates.append(unnamed(s.xac.identities.statement.certificate))),
    ),
    Wrong(
        12,
        "an exhibit comes without its signer",
        "statement/no-signer",
        enclosing(lambda _, e: e.ClearField("issuer_certificates")),
    ),
    Wrong(
        12,
        "an exhibit lists a disclosure for another class",
        "statement/wrong-list",
        enclosing(lambda _, e: e.public_disclosures.append(e.administrative_disclosures.pop())),
    ),
    Wrong(12, "a referral does not enclose its request", "statement/no-request", referral_without_request),
    Wrong(13, "it encloses no mandate", "statement/no-mandate", mandated(enclosed=False)),
    Wrong(13, "its author gave himself the mandate", "statement/other-mandate", mandated(author="xaa")),
    Wrong(13, "the mandate is another's", "statement/other-mandate", mandated(operation="xad")),
    Wrong(
        13,
        "a limit of the mandate is left out",
        "statement/mandate-cut",
        mandated("may_address", may_address=["xab"]),
    ),
    Wrong(13, "the mandate was over", "statement/mandate-over", mandated(valid_until="2021-01-01")),
    Wrong(14, "no member of its type says this", "statement/not-theirs-to-say", as_a_panel),
]


@pytest.mark.parametrize("case", BY_ITS_SENDER, ids=str)
async def test_what_its_senders_log_vouches_for_is_refused_with_a_receipt(stage: Stage, case: Wrong) -> None:
    made = case.make(stage)
    bad = await stage.forger.post(made if isinstance(made, Parcel) else await made)
    before, seen = stage.books(), len(stage.audit())
    reply = await stage.street.deliver(stage.xaa, [bad], "xab")
    name = envelope_id(bad.header).hex()
    assert stage.audit()[seen:] == [("xaa", "refuse", name, case.reason)]
    changed = stage.books().since(before)
    assert set(changed) - LOG == {"audit_event", "refused_mail"}
    assert [len(changed[table]) for table in ("audit_event", "refused_mail", "log_entry")] == [1, 1, 1]
    assert (len(reply.receipts), reply.statuses) == (1, [])
    assert await stage.state(bad) == (MailState.REFUSED, case.reason)
    after = stage.books()
    again = await stage.street.deliver(stage.xaa, [bad], "xab")
    assert stage.books().since(after) == {}
    assert (
        LogProof.FromString(again.receipts[0].proof).preimage
        == LogProof.FromString(reply.receipts[0].proof).preimage
    )


async def test_a_log_that_says_something_else_of_the_mail_does_not_vouch_for_it(stage: Stage) -> None:
    """Step 4: only the word "sent" counts, not another entry about the same id."""
    honest = parcel()(stage)

    def promise(address: Address, name: EnvelopeId, _statement: StatementDigest, now: int) -> Custody:
        return custody_on(address, name, now)

    def misnumber(address: Address, name: EnvelopeId, statement: StatementDigest, now: int) -> Entry:
        return dataclasses.replace(sent_on(address, name, statement, now), seq=address.road.seq + 1)

    await _is_turned_away(stage, dataclasses.replace(honest, log_entry=promise), "envelope/other-proof")
    await _is_turned_away(stage, dataclasses.replace(honest, log_entry=misnumber), "envelope/other-number")


async def _is_turned_away(stage: Stage, parcel: Parcel, reason: str) -> None:
    bad = await stage.forger.post(parcel)
    before, seen = stage.books(), len(stage.audit())
    reply = await stage.street.deliver(stage.xaa, [bad], "xab")
    assert [a[1:] for a in stage.audit()[seen:]] == [("turn-away", envelope_id(bad.header).hex(), reason)]
    assert (reply.receipts, set(stage.books().since(before))) == ([], {"audit_event"})
    assert await stage.state(bad) == (MailState.QUEUED, "")


async def test_a_signer_whose_certificate_did_not_verify_puts_the_mail_off(stage: Stage) -> None:
    """Its authority is no root of the sender: the papers are refused, and nothing can be judged by them."""
    impostor = make_root("xaa").issue(Role.STATEMENT)
    signed = stage.forger.sign(request(), signer=KeySigner(impostor.key, impostor.certificate))
    bad = await stage.forger.post(stage.forger.pack(signed))
    before, seen = stage.books(), len(stage.audit())
    for _ in range(3):
        reply = await stage.street.deliver(stage.xaa, [bad], "xab")
        assert (reply.receipts, [s.code for s in reply.statuses]) == ([], ["stale-trust"])
        assert reply.statuses[0].retry_after_seconds > 0
    name = envelope_id(bad.header).hex()
    assert stage.audit()[seen:] == [("xaa", "defer", name, "stale-trust/unknown-certificate")]
    assert set(stage.books().since(before)) == {"audit_event"}
    assert await stage.state(bad) == (MailState.QUEUED, "")


# ── one name, two contents ───────────────────────────────────────────────────────────


async def test_a_known_name_with_other_content_is_a_conflict_and_both_digests_are_kept(stage: Stage) -> None:
    forger = stage.forger
    first = forger.sign(request("T-1"))
    other = forger.sign(request("T-2"), jti=first.claims.jti, thread=first.claims.thread)
    accepted = await forger.post(forger.pack(first))
    await stage.street.deliver(stage.xaa, [accepted], "xab")
    conflicting = await forger.post(forger.pack(other))
    before, seen = stage.books(), len(stage.audit())
    reply = await stage.street.deliver(stage.xaa, [conflicting], "xab")
    name = envelope_id(conflicting.header).hex()
    assert stage.audit()[seen:] == [("xaa", "refuse", name, "conflict/conflict")]
    changed = set(stage.books().since(before)) - LOG
    assert changed == {"audit_event", "refused_mail", "statement_conflict", "own_body", "body"}
    assert len(reply.receipts) == 1
    assert await stage.state(conflicting) == (MailState.REFUSED, "conflict/conflict")
    conflicts = await stage.xab.store.read(lambda tx: tx.statements.conflicts(0, 100))
    kept = await stage.xab.store.read(lambda tx: tx.bodies.load([envelope_id(conflicting.header)]))
    assert kept[envelope_id(conflicting.header)].body == conflicting.body
    assert [(c.kept, c.other) for c in conflicts if c.jti == first.claims.jti] == [
        (first.digest, other.digest)
    ]


async def test_the_same_statement_in_other_mail_has_no_second_effect(stage: Stage) -> None:
    """Idempotent by (issuer, name) for ever: a broadcast that comes twice, or a sender that restored a backup."""
    signed = stage.forger.sign(request())
    for _ in range(2):
        before = stage.books()
        mail = await stage.forger.post(stage.forger.pack(signed))
        await stage.street.deliver(stage.xaa, [mail], "xab")
        assert await stage.state(mail) == (MailState.DELIVERED, "")
    assert set(stage.books().since(before)) - LOG == {"received_mail", "body"}


async def test_the_same_envelope_on_two_streams_at_once_is_taken_once(stage: Stage) -> None:
    sent = await stage.honest()
    before = stage.books()
    replies = await asyncio.gather(
        *(stage.xab.mailroom.receive([sent, sent], MemberId("xaa")) for _ in range(4))
    )
    changed = stage.books().since(before)
    assert [len(changed[table]) for table in ("received_mail", "statement", "log_entry")] == [1, 1, 1]
    proofs = [LogProof.FromString(one.proof) for reply in replies for one in reply.receipts]
    assert len(proofs) == 8
    assert {(proof.index, proof.preimage) for proof in proofs} == {(proofs[0].index, proofs[0].preimage)}


async def test_a_peer_has_no_say_about_mail_to_others(stage: Stage) -> None:
    """xac tells xaa to wait with a message for xab: it goes on its way."""
    sent = await stage.honest()
    line = Line(
        MemberId("xac"),
        queues=lambda _: [],
        mailroom=stage.xaa.mailroom,
        settling=stage.xaa.settling,
        announcing=stage.xaa.announcing,
        continuity=stage.xaa.continuity,
        store=stage.xaa.store,
        clock=stage.street.clock,
    )
    status = StreamStatus(envelope_id=envelope_id(sent.header), code="quota", retry_after_seconds=3000)
    await line._take(Frame(statuses=[status]))
    assert sent in await stage.street.queued(stage.xaa)


# ── every step has its cases ─────────────────────────────────────────────────────────


async def test_every_numbered_step_of_the_examination_has_cases() -> None:
    numbered = re.findall(r"^ {3,4}(\d+)  (\S.*?)  ", examination.__doc__ or "", re.MULTILINE)
    assert [int(number) for number, _ in numbered] == list(range(1, 15))
    assert {case.step for case in ON_THE_WAY} == {1, 2, 3, 4}
    assert {case.step for case in BY_ITS_SENDER} == set(range(5, 15))
