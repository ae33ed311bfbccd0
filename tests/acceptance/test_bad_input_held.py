"""Genuine but unexpected mail is held: receipted as accepted, without effect, shown to an officer, who
takes it up or sets it aside; with a quota per member (messages.md, section 4).

And a clock that is behind ours: what it dates is accepted, and reported.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fakes.adversary import Books, Forger, audit_trail, exhibit_of, new_id, read_books
from fakes.casefiles import NOW
from fakes.house import NO_CONTEXT, House, Street, draft, open_street
from fakes.messages import acknowledgement, amendment, answer, request, response, withdrawal
from fakes.town import PANEL
from tracepost.node.handlers.case.casebook import instant
from tracepost.node.post.allowances import Allowance
from tracepost.node.records.mail import MailState
from tracepost.protocol import schema
from tracepost.protocol.envelope import envelope_id
from tracepost.protocol.errors import NotFoundError
from tracepost.protocol.ids import EnvelopeId, StatementDigest, ThreadId, encode_b64, parse_digest
from tracepost.protocol.schema import Field, Sensitivity
from tracepost.protocol.statement import Restriction, Statement
from tracepost.protocol.trustlist import MemberType
from tracepost.wire.v1 import share_pb2, trace_pb2
from tracepost.wire.v1.desk_pb2 import (
    DecideHeldRequest,
    HeldMail,
    ListHeldRequest,
    ShowCaseRequest,
    Submission,
)
from tracepost.wire.v1.envelope_pb2 import Envelope

LOG = {"log_entry", "log_block", "log_head", "peer_head", "peer_head_open"}


class Stage:
    """xaa has asked xab. Then something comes that xaa, or xab, did not expect."""

    def __init__(self, street: Street, folder: Path, asked: Submission) -> None:
        self.street = street
        self._folder = folder
        self.asked = asked
        self.digest = parse_digest(asked.statement)

    def books(self, house: House) -> Books:
        return read_books(self._folder / house.member / "store.sqlite")

    def audit(self, house: House) -> list[tuple[str, str, str, str]]:
        return audit_trail(self._folder / house.member / "store.sqlite")

    def forger(self, sender: str, to: str) -> Forger:
        return Forger(self.street[sender], self.street[to])

    async def state(self, sender: str, envelope: Envelope) -> tuple[MailState, str]:
        name = EnvelopeId(envelope_id(envelope.header))
        found = await self.street[sender].store.read(lambda tx: tx.dispatches.find([name]))
        return found[name].state, found[name].reason

    async def held(self, house: House) -> list[HeldMail]:
        answered = await house.as_officer("poc").ListHeld(ListHeldRequest(), NO_CONTEXT)
        return list(answered.mails)

    async def decide(self, house: House, envelope: Envelope, *, take_up: bool) -> str:
        name = envelope_id(envelope.header).hex()
        asked = DecideHeldRequest(envelope_id=name[:16], take_up=take_up)
        return (await house.as_officer("poc").DecideHeld(asked, NO_CONTEXT)).thread


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_street(tmp_path, "xaa", "xab", "xac") as street:
        [asked] = await street["xaa"].submit(draft(request(), to=["xab"]))
        await street.carry()
        yield Stage(street, tmp_path, asked)


@dataclass(frozen=True)
class Unexpected:
    """Mail from `sender` to `to`, and the code for which it is held; `noted` is where its content is known besides."""

    what: str
    reason: str
    sender: str
    to: str
    make: Callable[[Stage, Forger], Statement]
    noted: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return self.what


def of_a_newer_schema(stage: Stage, forger: Forger) -> Statement:
    """A handling instruction that this version has no word for."""
    fields = schema.flatten(request(handling_instructions=["HANDLING_INSTRUCTION_DO_NOT_ALERT"]))
    told = [
        Field(f.path, f.sensitivity, [*f.value, "HANDLING_INSTRUCTION_FROM_A_LATER_YEAR"])
        if f.path == "handling_instructions" and isinstance(f.value, list)
        else f
        for f in fields
    ]
    return forger.sign_fields("trace.request/1", told)


def amended_by_a_newer_schema(stage: Stage, forger: Forger) -> Statement:
    fields = schema.flatten(amendment(encode_b64(stage.digest)))
    more = Field("handling_instructions", Sensitivity.ADMINISTRATIVE, ["HANDLING_INSTRUCTION_NEW"])
    return forger.sign_fields("trace.amendment/1", [*fields, more], **in_the_case(stage))


def in_the_case(stage: Stage) -> dict[str, Any]:
    return {"thread": ThreadId(stage.asked.thread), "in_reply_to": stage.digest}


def ten_minutes_fast(stage: Stage, forger: Forger) -> Statement:
    return forger.sign(request("T-9"), iat=stage.street.clock() + 600)


def referred_without_consent(stage: Stage, forger: Forger) -> Statement:
    """xab passes xaa's request on to xac; xaa has consented to nothing."""
    asked = stage.forger("xaa", "xab").sign(request())
    return forger.sign(
        trace_pb2.Referral(
            requester="xaa",
            request_thread=asked.claims.thread,
            request_digest=encode_b64(asked.digest),
            consent_digest=encode_b64(asked.digest),
            item_ids=["1"],
            reason=trace_pb2.RedirectReason.Name(1),
            mode="REFERRAL_MODE_COPY",
            exhibits=[exhibit_of(asked, stage.street["xaa"])],
        ),
        thread=asked.claims.thread,
    )


UNEXPECTED = [
    Unexpected(
        "an answer to a request that is not known here",
        "unknown-request",
        "xab",
        "xaa",
        lambda _, f: f.sign(
            response(answer()), thread=ThreadId(new_id()), in_reply_to=StatementDigest(bytes(32))
        ),
    ),
    Unexpected(
        "an answer to nothing at all", "unknown-request", "xab", "xaa", lambda _, f: f.sign(acknowledgement())
    ),
    Unexpected(
        "an answer of a third state that nobody referred to",
        "third-state-without-referral",
        "xac",
        "xaa",
        lambda s, f: f.sign(response(answer()), **in_the_case(s)),
    ),
    Unexpected(
        "a request of a third state in a case of others",
        "third-state-without-referral",
        "xac",
        "xab",
        lambda s, f: f.sign(request("T-9"), **in_the_case(s)),
    ),
    Unexpected(
        "a referral without the requester's consent",
        "third-state-without-referral",
        "xab",
        "xac",
        referred_without_consent,
        noted=frozenset({"enclosure"}),
    ),
    Unexpected("a clock ten minutes fast", "clock-ahead", "xaa", "xab", ten_minutes_fast),
    Unexpected(
        "a handling instruction of a newer schema",
        "unknown-handling-instruction",
        "xaa",
        "xab",
        of_a_newer_schema,
    ),
    Unexpected(
        "a handling instruction of a newer schema, later in the case",
        "unknown-handling-instruction",
        "xaa",
        "xab",
        amended_by_a_newer_schema,
    ),
    Unexpected(
        "a restriction of a newer schema",
        "unknown-restriction",
        "xaa",
        "xab",
        lambda _, f: f.sign(request("T-9"), restrictions=(Restriction("RESTRICTION_CODE_OF_A_LATER_YEAR"),)),
    ),
    Unexpected(
        "a kind of a newer schema",
        "unknown-kind",
        "xaa",
        "xab",
        lambda _, f: f.sign_fields("trace.forecast/2", [Field("text", Sensitivity.ADMINISTRATIVE, "x")]),
    ),
]


async def bring(stage: Stage, case: Unexpected) -> Envelope:
    """Post and deliver the mail of `case`."""
    forger = stage.forger(case.sender, case.to)
    mail = await forger.post(forger.pack(case.make(stage, forger)))
    reply = await stage.street.deliver(stage.street[case.sender], [mail], case.to)
    assert (len(reply.receipts), reply.statuses) == (1, [])
    return mail


@pytest.mark.parametrize("case", UNEXPECTED, ids=str)
async def test_it_is_receipted_as_accepted_and_held_without_effect(stage: Stage, case: Unexpected) -> None:
    house = stage.street[case.to]
    before = stage.books(house)
    mail = await bring(stage, case)
    assert await stage.state(case.sender, mail) == (MailState.DELIVERED, "")
    changed = stage.books(house).since(before)
    assert set(changed) - LOG == {"received_mail", "statement", "body"} | case.noted
    assert [len(changed[table]) for table in ("received_mail", "statement")] == [1, 1]
    [held] = await stage.held(house)
    assert (held.reason, held.from_member) == (case.reason, case.sender)
    assert held.envelope_id == envelope_id(mail.header).hex()


@pytest.mark.parametrize("case", UNEXPECTED, ids=str)
async def test_an_officer_takes_it_up_and_then_it_has_its_effect(stage: Stage, case: Unexpected) -> None:
    house = stage.street[case.to]
    mail = await bring(stage, case)
    before, seen = stage.books(house), len(stage.audit(house))
    thread = await stage.decide(house, mail, take_up=True)
    assert set(stage.books(house).since(before)) >= {"received_mail", "statement", "audit_event"}
    records = await house.store.read(lambda tx: tx.statements.in_threads([ThreadId(thread)]))
    assert envelope_id(mail.header) in [record.envelope_id for record in records]
    assert [row for row in stage.books(house).tables["case_record"] if row[0] == thread]
    name = envelope_id(mail.header).hex()
    assert stage.audit(house)[seen:] == [("officer-7", "take-up", name, case.reason)]
    assert await stage.held(house) == []


@pytest.mark.parametrize("case", UNEXPECTED, ids=str)
async def test_an_officer_sets_it_aside_and_it_never_has_an_effect(stage: Stage, case: Unexpected) -> None:
    house = stage.street[case.to]
    mail = await bring(stage, case)
    before, seen = stage.books(house), len(stage.audit(house))
    await stage.decide(house, mail, take_up=False)
    assert set(stage.books(house).since(before)) == {"received_mail", "audit_event"}
    name = envelope_id(mail.header).hex()
    assert stage.audit(house)[seen:] == [("officer-7", "set-aside", name, case.reason)]
    assert await stage.held(house) == []
    with pytest.raises(NotFoundError):
        await stage.decide(house, mail, take_up=True)


async def test_what_was_set_aside_stays_aside_when_its_case_comes(stage: Stage) -> None:
    """Only held mail is taken up by itself: an officer's word stands."""
    forger = stage.forger("xaa", "xab")
    first = forger.sign(request("T-2"))
    more = forger.sign(
        amendment(encode_b64(first.digest)), thread=first.claims.thread, in_reply_to=first.digest
    )
    early = await forger.post(forger.pack(more))
    await stage.street.deliver(stage.street["xaa"], [early], "xab")
    await stage.decide(stage.street["xab"], early, take_up=False)
    await stage.street.deliver(stage.street["xaa"], [await forger.post(forger.pack(first))], "xab")
    known = await stage.street["xab"].store.read(lambda tx: tx.statements.in_threads([first.claims.thread]))
    assert [r.digest for r in known] == [first.digest]


async def test_what_came_before_its_case_and_does_not_belong_to_it_stays_held(stage: Stage) -> None:
    """xac replies to a request that it was not asked, and is faster than the request."""
    asked = stage.forger("xaa", "xab").sign(request("T-2"))
    theirs = stage.forger("xac", "xab")
    reply = theirs.sign(response(answer()), thread=asked.claims.thread, in_reply_to=asked.digest)
    await stage.street.deliver(stage.street["xac"], [await theirs.post(theirs.pack(reply))], "xab")
    assert [m.reason for m in await stage.held(stage.street["xab"])] == ["unknown-request"]
    ours = stage.forger("xaa", "xab")
    await stage.street.deliver(stage.street["xaa"], [await ours.post(ours.pack(asked))], "xab")
    assert [m.from_member for m in await stage.held(stage.street["xab"])] == ["xac"]
    known = await stage.street["xab"].store.read(lambda tx: tx.statements.in_threads([asked.claims.thread]))
    assert [r.digest for r in known] == [asked.digest]


async def test_an_answer_beside_a_request_of_another_case_is_held(stage: Stage) -> None:
    """In one frame: that the frame holds some request does not make every answer in it expected."""
    forger = stage.forger("xaa", "xab")
    other = forger.sign(request("T-2"))
    stray = forger.sign(response(answer()), in_reply_to=other.digest)
    mails = [await forger.post(forger.pack(one)) for one in (other, stray)]
    await stage.street.deliver(stage.street["xaa"], mails, "xab")
    assert [m.reason for m in await stage.held(stage.street["xab"])] == ["unknown-request"]


async def test_held_mail_that_waited_is_not_let_go_by_the_clock(stage: Stage) -> None:
    """Ten minutes are for mail of known cases that waits for its predecessor, not for held mail."""
    await bring(stage, UNEXPECTED[0])
    house = stage.street["xaa"]
    later = stage.street.clock() + 3600
    assert await house.store.write(lambda tx: house.reception.release_overdue(tx, later)) == 0
    assert len(await stage.held(house)) == 1


async def test_mail_of_a_known_case_waits_ten_minutes_for_what_it_replies_to(stage: Stage) -> None:
    forger, house = stage.forger("xab", "xaa"), stage.street["xaa"]
    reply = forger.sign(
        acknowledgement(), thread=ThreadId(stage.asked.thread), in_reply_to=StatementDigest(bytes(32))
    )
    await stage.street.deliver(stage.street["xab"], [await forger.post(forger.pack(reply))], "xaa")
    assert await stage.held(house) == []
    now = stage.street.clock()

    async def in_effect_at(moment: int) -> int:
        return await house.store.write(lambda tx: house.reception.release_overdue(tx, moment))

    assert [await in_effect_at(now + 590), await in_effect_at(now + 610)] == [0, 1]
    records = await house.store.read(lambda tx: tx.statements.in_threads([ThreadId(stage.asked.thread)]))
    assert reply.digest in [r.digest for r in records]


async def test_fields_of_a_newer_schema_are_kept_and_hold_nothing_up(stage: Stage) -> None:
    forger, house = stage.forger("xaa", "xab"), stage.street["xab"]
    fields = [*schema.flatten(request("T-2")), Field("weather", Sensitivity.ADMINISTRATIVE, "fog")]
    signed = forger.sign_fields("trace.request/1", fields)
    await stage.street.deliver(stage.street["xaa"], [await forger.post(forger.pack(signed))], "xab")
    assert await stage.held(house) == []
    [record] = await house.store.read(lambda tx: tx.statements.in_threads([signed.claims.thread]))
    assert b'"weather"' in record.admin_json


# ── a newer schema, whatever the kind ────────────────────────────────────────────────

# A referral encloses a request, and entries are no mail.
TRAVELLING = sorted(schema.KINDS.keys() - schema.INNER_KINDS - {"trace.referral/1", "directory.entry/1"})
INSTRUCTED = [kind for kind in TRAVELLING if "handling_instructions" in schema.UNITS[kind]]
LATER_FIELD = Field("weather", Sensitivity.ADMINISTRATIVE, "fog")
LATER_CODE = Field(
    "handling_instructions",
    Sensitivity.ADMINISTRATIVE,
    ["HANDLING_INSTRUCTION_DO_NOT_ALERT", "HANDLING_INSTRUCTION_FROM_A_LATER_YEAR"],
)


EXPERTS, ENDS, DAY = "un-panel-xyz", instant(NOW + 10 * 86400)[:10], 86400


@pytest.fixture
async def varied(tmp_path: Path) -> AsyncIterator[Stage]:
    """xaa has asked xab; a panel is there too."""
    desks, types, mandates = {EXPERTS: (PANEL,)}, {EXPERTS: MemberType.PANEL}, {EXPERTS: ENDS}
    async with open_street(
        tmp_path, "xaa", "xab", "xac", EXPERTS, desks=desks, types=types, mandates=mandates
    ) as street:
        [asked] = await street["xaa"].submit(draft(request(), to=["xab"]))
        await street.carry()
        yield Stage(street, tmp_path, asked)


def say(stage: Stage, kind: str, *fields: Field, **claims: Any) -> tuple[str, Statement]:
    """Return who says such a thing to xab, and the statement: in xaa's case, or, of a panel, in one of its own."""
    said_by = schema.SAID_BY[kind]
    if not said_by or "STATE" in said_by:
        return "xaa", stage.forger("xaa", "xab").sign_fields(kind, fields, **claims, **in_the_case(stage))
    return EXPERTS, stage.forger(EXPERTS, "xab").sign_fields(kind, fields, **claims)


async def send(stage: Stage, sender: str, signed: Statement) -> str | None:
    """Bring a statement to xab; return why it is held there, None if it is not."""
    forger = stage.forger(sender, "xab")
    mail = await forger.post(forger.pack(signed))
    reply = await stage.street.deliver(stage.street[sender], [mail], "xab")
    assert (len(reply.receipts), reply.statuses) == (1, [])
    assert await stage.state(sender, mail) == (MailState.DELIVERED, "")
    name = envelope_id(mail.header).hex()
    return next(
        (one.reason for one in await stage.held(stage.street["xab"]) if one.envelope_id == name), None
    )


def test_there_are_instructions_in_the_kinds_that_tell_of_things() -> None:
    """The list is made from the schema: it must not become empty by a change of names."""
    told = {"customs.seizure-notice/1", "register.loss-notice/1", "panel.request/1", "object.check/1"}
    assert told <= set(INSTRUCTED)
    assert len(INSTRUCTED) >= 12


async def test_any_kind_with_an_instruction_of_a_newer_schema_is_held(varied: Stage) -> None:
    """An officer decides: what this version cannot read it cannot obey. What it can read stands beside it."""
    reasons = {kind: await send(varied, *say(varied, kind, LATER_CODE)) for kind in INSTRUCTED}
    assert reasons == dict.fromkeys(INSTRUCTED, "unknown-handling-instruction")


async def test_any_kind_with_a_restriction_of_a_newer_schema_is_held(varied: Stage) -> None:
    bound = (Restriction("RESTRICTION_CODE_OF_A_LATER_YEAR"),)
    reasons = {
        kind: await send(varied, *say(varied, kind, LATER_FIELD, restrictions=bound)) for kind in TRAVELLING
    }
    assert reasons == dict.fromkeys(TRAVELLING, "unknown-restriction")


async def test_what_is_passed_on_with_an_instruction_of_a_newer_schema_is_held_too(varied: Stage) -> None:
    """Whoever passes it on may be able to read it; who gets it is not."""
    forger, reasons = varied.forger("xaa", "xab"), {}
    for kind in INSTRUCTED:
        author, inner = say(varied, kind, LATER_CODE)
        exhibits = [exhibit_of(inner, varied.street[author])]
        carrier = share_pb2.Share(reason="SHARE_REASON_CASE", exhibits=exhibits)
        reasons[kind] = await send(varied, "xaa", forger.sign(carrier, **in_the_case(varied)))
    assert reasons == dict.fromkeys(INSTRUCTED, "unknown-handling-instruction")


async def test_fields_of_a_newer_schema_in_any_kind_are_kept_and_hold_nothing_up(varied: Stage) -> None:
    """Each is in effect, and an officer sees the field as one that this version does not know."""
    officer, told = varied.street["xab"].as_officer("poc"), {}
    for kind in TRAVELLING:
        author, signed = say(varied, kind, LATER_FIELD)
        assert await send(varied, author, signed) is None
        view = await officer.ShowCase(ShowCaseRequest(case=signed.claims.thread), NO_CONTEXT)
        [shown] = [one for one in view.statements if one.statement == encode_b64(signed.digest)]
        told[kind] = [(one.path, one.value_json) for one in shown.unknown]
    assert told == {kind: [("weather", '"fog"')] for kind in TRAVELLING}


# ── who says what, and until when ────────────────────────────────────────────────────


def is_for(kind: str, type_: str) -> bool:
    return not schema.SAID_BY[kind] or type_ in schema.SAID_BY[kind]


@pytest.mark.parametrize(("sender", "type_"), [("xaa", "STATE"), (EXPERTS, "PANEL")])
async def test_what_is_not_for_its_author_to_say_is_refused_also_inside_other_mail(
    varied: Stage, sender: str, type_: str
) -> None:
    """That a State asks as if it were a panel, or a panel reports a seizure, fails verification for good."""
    foreign = [kind for kind in TRAVELLING if not is_for(kind, type_)]
    assert foreign
    forger, house = varied.forger(sender, "xab"), varied.street[sender]
    for kind in foreign:
        lone = forger.sign_fields(kind, [LATER_FIELD])
        carrier = share_pb2.Share(reason="SHARE_REASON_CASE", exhibits=[exhibit_of(lone, house)])
        for signed in (lone, forger.sign(carrier)):
            mail = await forger.post(forger.pack(signed))
            await varied.street.deliver(house, [mail], "xab")
            assert await varied.state(sender, mail) == (MailState.REFUSED, "statement/not-theirs-to-say"), (
                kind
            )


async def test_what_a_panel_signs_after_its_mandate_is_held(varied: Stage) -> None:
    """What it signed before is not, however late it comes; and that it has deleted it may say at any time."""
    forger, clock = varied.forger(EXPERTS, "xab"), varied.street.clock
    before = forger.sign_fields("panel.request/1", [LATER_FIELD])
    assert await send(varied, EXPERTS, before) is None
    clock.now += 12 * DAY
    late = forger.sign_fields("panel.request/1", [LATER_FIELD])
    assert await send(varied, EXPERTS, late) == "mandate-over"
    again = forger.sign_fields("panel.request/1", [LATER_FIELD], iat=clock() - 12 * DAY)
    assert await send(varied, EXPERTS, again) is None
    confirmed = forger.sign(withdrawal("DELETED"), thread=before.claims.thread, in_reply_to=before.digest)
    assert await send(varied, EXPERTS, confirmed) is None


# ── the quota ────────────────────────────────────────────────────────────────────────


def limit_held(monkeypatch: pytest.MonkeyPatch, stage: Stage, **limits: int) -> None:
    """Let xaa hold no more than this of a member."""
    room = stage.street["xaa"].reception
    monkeypatch.setattr(room, "_allowance", Allowance(**limits))


async def test_the_quota_is_a_thousand_mails_and_64_mebibytes() -> None:
    assert (Allowance().held_mails, Allowance().held_bytes) == (1000, 64 * 1024 * 1024)


@pytest.mark.parametrize(
    ("name", "limit"), [("held_mails", 2), ("held_bytes", 2 * 4096)], ids=["mails", "bytes"]
)
async def test_above_its_quota_a_member_is_told_to_wait_and_no_other(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, name: str, limit: int
) -> None:
    """The mail stays queued; when an officer has decided about one, the next fits."""
    limit_held(monkeypatch, stage, **{name: limit})
    xaa, xab, xac = (stage.street[one] for one in ("xaa", "xab", "xac"))
    forger, other = stage.forger("xab", "xaa"), stage.forger("xac", "xaa")
    mails = [await forger.post(forger.pack(forger.sign(acknowledgement()))) for _ in range(3)]
    for one in mails[:2]:
        await stage.street.deliver(xab, [one], "xaa")
    before, seen = stage.books(xaa), len(stage.audit(xaa))
    for _ in range(2):
        reply = await stage.street.deliver(xab, mails[2:], "xaa")
        assert (reply.receipts, [s.code for s in reply.statuses]) == ([], ["quota"])
        assert reply.statuses[0].retry_after_seconds > 0
    # The head of the log of the sender is noted whatever becomes of its mail.
    assert set(stage.books(xaa).since(before)) - {"peer_head", "peer_head_open"} == {"audit_event"}
    name_of_it = envelope_id(mails[2].header).hex()
    assert stage.audit(xaa)[seen:] == [("xab", "defer", name_of_it, "quota/quota")]
    assert await stage.state("xab", mails[2]) == (MailState.QUEUED, "")
    theirs = await other.post(other.pack(other.sign(acknowledgement())))
    assert len((await stage.street.deliver(xac, [theirs], "xaa")).receipts) == 1
    await stage.decide(xaa, mails[0], take_up=False)
    assert len((await stage.street.deliver(xab, mails[2:], "xaa")).receipts) == 1
    assert await stage.state("xab", mails[2]) == (MailState.DELIVERED, "")


async def test_expected_mail_passes_a_full_quarantine(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    limit_held(monkeypatch, stage, held_mails=0)
    [sent] = await stage.street["xaa"].submit(draft(request("T-2"), to=["xab"]))
    [reply] = await stage.street.carry()
    assert (len(reply.receipts), reply.statuses) == (1, [])
    assert sent.thread


# ── a clock behind ours ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("behind_s", "reported"),
    [(600, ["dated-600-s-ago"]), (80_000, ["dated-80000-s-ago"]), (240, []), (0, [])],
    ids=["ten minutes", "most of a day", "four minutes", "right"],
)
async def test_what_a_slow_clock_dates_is_accepted_and_reported(
    stage: Stage, behind_s: int, reported: list[str]
) -> None:
    """Nobody can tell it from mail that waited so long: the audit says how old the date was."""
    xaa, xab = stage.street["xaa"], stage.street["xab"]
    now = stage.street.clock()
    forger = stage.forger("xaa", "xab")
    signed = forger.sign(request("T-2"), iat=now - behind_s)
    mail = await forger.post(forger.pack(signed))
    seen = len(stage.audit(xab))
    await stage.street.deliver(xaa, [mail], "xab")
    assert await stage.state("xaa", mail) == (MailState.DELIVERED, "")
    [record] = await xab.store.read(lambda tx: tx.statements.in_threads([signed.claims.thread]))
    assert record.in_effect
    name = envelope_id(mail.header).hex()
    assert stage.audit(xab)[seen:] == [("xaa", "clock-behind", name, words) for words in reported]
    assert await stage.held(xab) == []


async def test_a_slow_clock_is_reported_once_for_all_mail_of_a_frame(stage: Stage) -> None:
    forger, xab = stage.forger("xaa", "xab"), stage.street["xab"]
    now = stage.street.clock()
    mails = [
        await forger.post(forger.pack(forger.sign(request(f"T-{n}"), iat=now - 600 - n))) for n in range(3)
    ]
    seen = len(stage.audit(xab))
    await stage.street.deliver(stage.street["xaa"], mails, "xab")
    oldest = envelope_id(mails[2].header).hex()
    assert stage.audit(xab)[seen:] == [("xaa", "clock-behind", oldest, "dated-602-s-ago")]
