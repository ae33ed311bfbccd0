"""Any bytes, anywhere: what comes out is an error of our tree, and no row is stored but the audit's.

Two ways in. From outside: arbitrary frames, envelopes, receipts, papers, and every single bit of an
honest envelope flipped. From inside, by a member whose log and keys are real: arbitrary slots,
compartments and values, signed and sealed as they should be; these may be accepted, held or refused,
each with its receipt, and whatever was accepted can still be shown.
"""

from __future__ import annotations

import asyncio
import dataclasses
import sqlite3
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack, closing, suppress
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from fakes.adversary import PARTS, Books, Forger, flip, read_books, replaced
from fakes.house import NO_CONTEXT, House, Street, draft, open_street
from fakes.messages import request
from fakes.random_messages import DIGEST, messages
from tracepost.node.post.examination import check_sending
from tracepost.node.post.line import Line
from tracepost.protocol import schema
from tracepost.protocol.envelope import MAX_SLOTS, SLOT_LENGTHS, SUITE
from tracepost.protocol.errors import TheirFault, TracepostError
from tracepost.protocol.ids import MemberId, encode_b64
from tracepost.protocol.schema import Field, Sensitivity
from tracepost.protocol.statement import Statement
from tracepost.wire.v1.desk_pb2 import ListCasesRequest, ShowCaseRequest, ShowTimelineRequest
from tracepost.wire.v1.envelope_pb2 import Envelope, LogProof
from tracepost.wire.v1.post_pb2 import Announcement, Frame

T = TypeVar("T")

LOG = {"log_entry", "log_block", "log_head", "peer_head", "peer_head_open"}
SLOT = SLOT_LENGTHS[SUITE]
CASES = 12

quick = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
slow = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


class Stage:
    """xaa, in wrong hands, writes to xab; everything runs on one event loop, step by step."""

    def __init__(self, runner: asyncio.Runner, street: Street, folder: Path) -> None:
        self.run_on = runner
        self.street = street
        self._folder = folder
        self.xaa, self.xab = street["xaa"], street["xab"]
        self.forger = Forger(self.xaa, self.xab)
        self.honest = self.run(self._write())
        self.requests = [self.run(self._open_case()) for _ in range(CASES)]

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.run_on.run(work)

    @property
    def store(self) -> Path:
        return self._folder / "xab" / "store.sqlite"

    def books(self) -> Books:
        return read_books(self.store)

    def take(self, frame: Frame) -> None:
        """Let a stream of xaa at xab take a frame, as it comes from the wire."""
        self.run(line_of(self.xab)._take(frame))

    async def _open_case(self) -> Statement:
        """Let xaa ask something of xab."""
        signed = self.forger.sign(request("T-1", "1", "2", "3"))
        await self.street.deliver(self.xaa, [await self.forger.post(self.forger.pack(signed))], "xab")
        return signed

    async def _write(self) -> Envelope:
        await self.xaa.submit(draft(request(), to=["xab"]))
        [envelope] = await self.street.queued(self.xaa)
        return envelope


def line_of(house: House) -> Line:
    """Return a line of the program with xaa at the other end, that nobody reads."""
    return Line(
        MemberId("xaa"),
        queues=lambda _: [],
        mailroom=house.mailroom,
        settling=house.settling,
        announcing=house.announcing,
        continuity=house.continuity,
        store=house.store,
        clock=house.clock,
    )


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("street")
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        street = runner.run(stack.enter_async_context(open_street(folder, "xaa", "xab")))
        yield Stage(runner, street, folder)
        runner.run(stack.aclose())


# ── from outside ─────────────────────────────────────────────────────────────────────


def some_bytes() -> st.SearchStrategy[bytes]:
    return st.binary(max_size=80) | st.binary(min_size=32, max_size=32)


def words() -> st.SearchStrategy[str]:
    return st.sampled_from(["", "xaa", "xab", "xzz", "X Y", "..", "quota", "busy"]) | st.text(max_size=40)


def frames() -> st.SearchStrategy[Frame]:
    """Return frames whose fields have the right types and nothing else that is right."""
    numbers = st.integers(0, (1 << 32) - 1)

    def dicts(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
        return st.lists(st.fixed_dictionaries({}, optional=fields), max_size=3)

    return st.builds(
        Frame,
        envelopes=dicts(**dict.fromkeys(PARTS, some_bytes())),
        receipts=dicts(envelope_id=some_bytes(), from_member=words(), to_member=words(), proof=some_bytes()),
        receipts_stored=st.lists(some_bytes(), max_size=3),
        statuses=dicts(envelope_id=some_bytes(), code=words(), retry_after_seconds=numbers),
        expiries=dicts(envelope_id=some_bytes(), expired_at=numbers),
        announcements=dicts(
            member=words(),
            directory_entry=st.text("abc._-~=", max_size=60) | words(),
            certificates=st.lists(some_bytes(), max_size=2),
            crl=some_bytes(),
            trust_list=some_bytes(),
        ),
    )


def test_every_bit_of_header_and_proof_and_many_of_slots_and_body_matter(stage: Stage) -> None:
    """No single flipped bit leaves mail that its sender's log still vouches for."""
    honest, papers, now = stage.honest, stage.xab.papers, stage.street.clock()
    check_sending(honest, brought_by=MemberId("xaa"), us=MemberId("xab"), papers=papers, now=now)
    steps = {"header": 1, "proof": 1, "slots": 29, "body": 31}
    for part, step in steps.items():
        data: bytes = getattr(honest, part)
        for bit in range(0, 8 * len(data), step):
            bad = replaced(honest, **{part: flip(data, bit)})
            with pytest.raises(TheirFault):
                check_sending(bad, brought_by=MemberId("xaa"), us=MemberId("xab"), papers=papers, now=now)


@quick
@given(data=st.data())
def test_arbitrary_parts_of_an_envelope_are_turned_away(stage: Stage, data: st.DataObject) -> None:
    parts = {part: data.draw(changed(getattr(stage.honest, part)), part) for part in PARTS}
    bad = Envelope(**parts)
    assume(bad != stage.honest)
    before = stage.books()
    reply = stage.run(stage.xab.mailroom.receive([bad], MemberId("xaa")))
    assert (reply.receipts, len(reply.statuses)) == ([], 1)
    assert set(stage.books().since(before)) == {"audit_event"}


def changed(honest: bytes) -> st.SearchStrategy[bytes]:
    """Return honest bytes with some of them cut, replaced, doubled; or any bytes."""
    place = st.integers(0, len(honest))
    spliced = st.builds(
        lambda a, b, middle: honest[: min(a, b)] + middle + honest[max(a, b) :],
        place,
        place,
        st.binary(max_size=64),
    )
    return st.one_of(
        st.just(honest), spliced, st.binary(max_size=300), st.binary(min_size=4096, max_size=4096)
    )


@quick
@given(noise=st.binary(max_size=600))
def test_arbitrary_bytes_are_no_frame_or_a_frame_that_stores_nothing(stage: Stage, noise: bytes) -> None:
    try:
        frame = Frame.FromString(noise)
    except Exception:  # noqa: BLE001 - that is for the serving room, which has its own tests
        return
    take_without_a_trace(stage, frame)


@quick
@given(frame=frames())
def test_arbitrary_frames_store_nothing(stage: Stage, frame: Frame) -> None:
    take_without_a_trace(stage, frame)


def take_without_a_trace(stage: Stage, frame: Frame) -> None:
    before = stage.books()
    with suppress(TracepostError):
        stage.take(frame)
    assert set(stage.books().since(before)) <= {"audit_event", "peer_contact"}


@quick
@given(data=st.data())
def test_arbitrary_changes_of_papers_are_refused_or_change_nothing(stage: Stage, data: st.DataObject) -> None:
    held = stage.xab.papers.announcement(MemberId("xaa"))
    ders = [data.draw(changed(one), "certificate") for one in held.certificates[:2]]
    entry = data.draw(changed(held.directory_entry.encode()), "entry").decode("latin-1")
    bad = Announcement(member="xaa", certificates=ders, directory_entry=entry)
    bad.trust_list = data.draw(changed(stage.street.trust.data) | st.just(b""), "trust list")
    take_without_a_trace(stage, Frame(announcements=[bad]))
    assert stage.xab.papers.announcement(MemberId("xaa")) == held


@quick
@given(data=st.data())
def test_arbitrary_changes_of_a_proof_prove_nothing_else(stage: Stage, data: st.DataObject) -> None:
    """Its fields one by one, so that the form is right."""
    proof = LogProof.FromString(stage.honest.proof)
    proof.salt = data.draw(changed(proof.salt), "salt")
    proof.preimage = data.draw(changed(proof.preimage), "preimage")
    proof.index = data.draw(st.just(proof.index) | st.integers(0, (1 << 64) - 1), "index")
    proof.checkpoint = data.draw(changed(proof.checkpoint.encode()), "checkpoint").decode("latin-1")
    assume(proof != LogProof.FromString(stage.honest.proof))
    bad = replaced(stage.honest, proof=proof.SerializeToString())
    with pytest.raises(TheirFault):
        check_sending(
            bad,
            brought_by=MemberId("xaa"),
            us=MemberId("xab"),
            papers=stage.xab.papers,
            now=stage.street.clock(),
        )


# ── from inside ──────────────────────────────────────────────────────────────────────


def post_and_deliver(stage: Stage, parcel: Any) -> None:
    """Deliver what the forger makes of `parcel`: it gets a receipt, or is put off, and nothing breaks."""
    mail = stage.run(stage.forger.post(parcel))
    before = stage.books()
    reply = stage.run(stage.xab.mailroom.receive([mail], MemberId("xaa")))
    assert len(reply.receipts) + len(reply.statuses) == 1
    changed_tables = set(stage.books().since(before)) - LOG
    if b'"refused"' in b"".join(LogProof.FromString(r.proof).preimage for r in reply.receipts):
        assert changed_tables == {"audit_event", "refused_mail"}


@slow
@given(data=st.data())
def test_arbitrary_plaintexts_of_compartments_are_refused(stage: Stage, data: st.DataObject) -> None:
    honest = stage.forger.pack(stage.forger.sign(request()))
    noise = data.draw(st.lists(st.binary(max_size=200), min_size=1, max_size=16))
    spread = [frozenset(data.draw(st.sets(st.integers(0, len(noise) - 1)))) for _ in honest.desk_keys]
    parcel = dataclasses.replace(
        honest,
        plaintexts=lambda plain: [data.draw(changed(plain[0])) if plain else b"", *noise[1:]],
        entitled=spread,
    )
    post_and_deliver(stage, parcel)


@slow
@given(slots=st.binary(max_size=400), count=st.integers(1, MAX_SLOTS), at=st.integers(0, SLOT - 1))
def test_arbitrary_slots_are_refused(stage: Stage, slots: bytes, count: int, at: int) -> None:
    def spoil(honest: bytes) -> bytes:
        return (honest[:at] + slots + honest[at + len(slots) :] + bytes(MAX_SLOTS * SLOT))[: count * SLOT]

    honest = stage.forger.pack(stage.forger.sign(request()))
    post_and_deliver(stage, dataclasses.replace(honest, slots=spoil))


@slow
@given(jws=st.text("abcAZ019._-=~ ", max_size=120), disclosures=st.lists(st.text(max_size=40), max_size=3))
def test_arbitrary_texts_where_a_statement_should_be_are_refused(
    stage: Stage, jws: str, disclosures: list[str]
) -> None:
    honest = stage.forger.pack(stage.forger.sign(request()))
    spine = dataclasses.replace(honest.compartments[0], jws=jws, disclosures=tuple(disclosures))
    post_and_deliver(stage, dataclasses.replace(honest, compartments=[spine, *honest.compartments[1:]]))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 53), 1 << 53) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=4,
)
TRAVELLING = sorted(schema.KINDS.keys() - schema.INNER_KINDS)
READABLE = frozenset({Sensitivity.PUBLIC, Sensitivity.ADMINISTRATIVE})


@slow
@given(data=st.data(), kind=st.sampled_from(sorted(schema.KINDS)))
def test_values_of_no_type_are_refused(stage: Stage, data: st.DataObject, kind: str) -> None:
    """Any JSON where the schema has a field, really signed."""
    patterns = sorted(path for path, c in schema.UNITS[kind].items() if c in READABLE)
    paths = data.draw(st.lists(st.sampled_from(patterns), min_size=1, max_size=3, unique=True))
    fields = [Field(p.replace("*", "0"), Sensitivity.ADMINISTRATIVE, data.draw(VALUES)) for p in paths]
    sign_and_deliver(stage, kind, fields, 0)


@settings(max_examples=160, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), kind=st.sampled_from(TRAVELLING), case=st.integers(0, CASES - 1))
def test_messages_that_obey_their_rules_and_mean_nothing_break_no_case(
    stage: Stage, data: st.DataObject, kind: str, case: int
) -> None:
    """Said in cases that are here: the fold takes all of them, in any order."""
    message = data.draw(messages(schema.KINDS[kind], READABLE))
    digest = encode_b64(stage.requests[case].digest)
    fields = [
        Field(f.path, f.sensitivity, digest if f.value == DIGEST else f.value)
        for f in schema.flatten(message)
        if f.sensitivity in READABLE
    ]
    assume(any(f.sensitivity is Sensitivity.ADMINISTRATIVE for f in fields))
    sign_and_deliver(stage, kind, fields, case)


def sign_and_deliver(stage: Stage, kind: str, fields: list[Field], case: int) -> None:
    first = stage.requests[case]
    try:
        signed = stage.forger.sign_fields(kind, fields, thread=first.claims.thread, in_reply_to=first.digest)
    except TracepostError:
        return  # nothing that could be signed at all
    post_and_deliver(stage, stage.forger.pack(signed))


def test_most_of_the_meaningless_messages_were_accepted(stage: Stage) -> None:
    """The control: the fold has really seen them."""
    count = "SELECT count(*) FROM statement WHERE in_effect"
    with closing(sqlite3.connect(stage.store)) as connection:
        [(accepted,)] = connection.execute(count).fetchall()
    assert accepted > 50


def test_whatever_was_accepted_can_still_be_shown(stage: Stage) -> None:
    """Last: lists, cases and timelines of all that the tests before have left."""
    assert stage.run(show_all(stage.xab)) > 0


async def show_all(house: House) -> int:
    desk = house.as_officer("poc")
    listed = await desk.ListCases(ListCasesRequest(page_size=500), NO_CONTEXT)
    for case in listed.cases:
        await desk.ShowCase(ShowCaseRequest(case=case.thread), NO_CONTEXT)
        await desk.ShowTimeline(ShowTimelineRequest(case=case.thread), NO_CONTEXT)
    return len(listed.cases)
