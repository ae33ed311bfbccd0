"""A peace operation acts for its host State: what its mandate covers, and mail that goes beyond it."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from fakes import messages as m
from fakes import notices as n
from fakes.adversary import Forger, exhibit_of
from fakes.house import NO_CONTEXT, House, Street, draft, open_street
from tracepost.protocol import schema
from tracepost.protocol.ids import MemberId, ThreadId, encode_b64, parse_digest
from tracepost.protocol.mandates import MandateUse, find_gap, is_ended
from tracepost.protocol.schema import Field, Sensitivity
from tracepost.protocol.statement import Statement
from tracepost.wire.v1 import desk_pb2, trace_pb2

HOST, OPERATION, ASKED = MemberId("xab"), MemberId("xac"), MemberId("xaa")
HIDDEN = ("on_behalf_of", "mandate_digest")
EMBARGO = "PURPOSE_EMBARGO_MONITORING"
USE = MandateUse(HOST, OPERATION, "trace.request/1", EMBARGO, frozenset({ASKED}), "2026-06-30")


# ── what a mandate covers ────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("limits", "changes", "gap"),
    [
        ({}, {}, ""),
        ({"valid_from": "2026-06-30", "valid_until": "2026-06-30"}, {}, ""),
        ({"may_address": ["xaa", "xad"]}, {}, ""),
        ({"step": "MANDATE_STEP_ENDED"}, {}, "other-mandate"),
        ({"operation": "xad"}, {}, "other-mandate"),
        ({}, {"host": MemberId("xad")}, "other-mandate"),
        ({"valid_from": "2026-07-01"}, {}, "not-yet"),
        ({"valid_until": "2026-06-29"}, {}, "mandate-over"),
        ({"acts": []}, {}, "other-act"),
        ({}, {"kind": "share/1"}, "other-act"),
        ({"purposes": []}, {}, "other-purpose"),
        ({}, {"purpose": "PURPOSE_PROSECUTION"}, "other-purpose"),
        ({"may_address": ["xad"]}, {}, "other-addressee"),
        ({"may_address": ["xaa"]}, {"to": frozenset({ASKED, MemberId("xad")})}, "other-addressee"),
    ],
)
def test_a_mandate_covers_what_it_names_and_nothing_else(
    limits: dict[str, Any], changes: dict[str, Any], gap: str
) -> None:
    assert find_gap(n.mandate(**limits), HOST, dataclasses.replace(USE, **changes)) == gap


def test_a_mandate_without_its_limits_covers_nothing() -> None:
    """Whoever withholds a limit must not thereby lift it."""
    for name in ("acts", "purposes", "valid_from", "valid_until"):
        cut = n.mandate()
        cut.ClearField(name)
        assert find_gap(cut, HOST, USE) != ""


def test_only_the_host_ends_it() -> None:
    digest = parse_digest("A" * 43)
    end = n.mandate_ended("A" * 43)
    assert is_ended(digest, HOST, [(HOST, n.mandate()), (HOST, end)])
    assert not is_ended(digest, HOST, [(OPERATION, end), (HOST, n.mandate_ended("B" * 43))])


# ── mail that rests on one ───────────────────────────────────────────────────────────


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    async with open_street(tmp_path, HOST, OPERATION, ASKED) as street:
        yield street


async def say(street: Street, name: str, content: Any, **more: Any) -> desk_pb2.Submission:
    [sent] = await street[name].submit(draft(content, purpose=EMBARGO, **more))
    await street.carry()
    return sent


async def given(street: Street, **limits: Any) -> desk_pb2.Submission:
    """Have the host give its operation a mandate."""
    return await say(street, HOST, n.mandate(**limits), to=[OPERATION])


def request(mandate: str, **more: Any) -> trace_pb2.TraceRequest:
    return m.request("T-1", on_behalf_of=HOST, mandate_digest=mandate, **more)


async def kinds_at(house: House, thread: str) -> list[str]:
    records = await house.store.read(lambda tx: tx.statements.in_threads([ThreadId(thread)]))
    return [r.kind for r in records if r.in_effect]


async def refusals(house: House) -> list[str]:
    events = await house.store.read(lambda tx: tx.audit.after(0, 1000))
    return [e.event.outcome for e in events if e.event.action == "refuse"]


async def test_who_is_asked_sees_in_whose_name_and_by_which_mandate(street: Street) -> None:
    mandate = await given(street)
    sent = await say(street, OPERATION, request(mandate.statement), to=[ASKED])
    assert not sent.HasField("problem")
    asked = desk_pb2.ShowCaseRequest(case=sent.thread)
    view = await street[ASKED].as_officer("poc").ShowCase(asked, NO_CONTEXT)
    said = view.statements[0].content.trace_request
    assert (said.on_behalf_of, said.mandate_digest) == (HOST, mandate.statement)
    assert [one.statement_digest for one in said.exhibits] == [mandate.statement]


async def test_a_mandate_is_shown_even_if_nothing_of_its_author_may_be_released_onward(
    street: Street,
) -> None:
    bound = [{"code": "RESTRICTION_CODE_NO_ONWARD_RELEASE"}]
    mandate = await say(street, HOST, n.mandate(), to=[OPERATION], restrictions=bound)
    sent = await say(street, OPERATION, request(mandate.statement), to=[ASKED])
    assert await kinds_at(street[ASKED], sent.thread) == ["trace.request/1"]


@pytest.mark.parametrize(
    ("limits", "purpose", "where", "reason"),
    [
        ({}, "PURPOSE_PROSECUTION", "purpose", "other-purpose"),
        ({"may_address": ["xad"]}, EMBARGO, "to", "other-addressee"),
        ({"valid_from": "2098-01-01"}, EMBARGO, "on_behalf_of", "not-yet"),
    ],
)
async def test_our_own_node_does_not_sign_what_goes_beyond(
    street: Street, limits: dict[str, Any], purpose: str, where: str, reason: str
) -> None:
    mandate = await given(street, **limits)
    [sent] = await street[OPERATION].submit(draft(request(mandate.statement), to=[ASKED], purpose=purpose))
    assert (sent.problem.where, sent.problem.reason) == (where, reason)


async def test_our_own_node_does_not_sign_by_a_mandate_that_was_ended(street: Street) -> None:
    mandate = await given(street)
    await say(street, HOST, n.mandate_ended(mandate.statement), to=[OPERATION], case=mandate.thread)
    [sent] = await street[OPERATION].submit(draft(request(mandate.statement), to=[ASKED], purpose=EMBARGO))
    assert sent.problem.reason == "mandate-ended"


async def test_our_own_node_does_not_sign_by_a_mandate_that_is_not_there(street: Street) -> None:
    [sent] = await street[OPERATION].submit(draft(request("A" * 43), to=[ASKED], purpose=EMBARGO))
    assert sent.problem.reason == "other-mandate"
    alone = request("A" * 43)
    alone.ClearField("on_behalf_of")
    [sent] = await street[OPERATION].submit(draft(alone, to=[ASKED], purpose=EMBARGO))
    assert sent.HasField("problem")


class TestMailFromANodeThatKeepsNoRule:
    """Step 13 of chapter 10: refused for good, with the reason."""

    async def post(self, street: Street, content: trace_pb2.TraceRequest, **claims: Any) -> Statement:
        forger = Forger(street[OPERATION], street[ASKED])
        signed = forger.sign(content, **({"purpose": EMBARGO} | claims))
        await street.deliver(street[OPERATION], [await forger.post(forger.pack(signed))], ASKED)
        return signed

    def mandate(self, street: Street, by: str = HOST, **limits: Any) -> Statement:
        return Forger(street[by], street[OPERATION]).sign(n.mandate(**limits))

    def enclosing(self, street: Street, signed: Statement, by: str = HOST) -> trace_pb2.TraceRequest:
        content = request(encode_b64(signed.digest))
        content.exhibits.append(exhibit_of(signed, street[by]))
        return content

    async def test_what_is_hidden_from_the_node_that_judges_it_is_told_as_such(self, street: Street) -> None:
        """In a class that the daemon does not read, a mandate is claimed that nobody has looked at."""
        forger = Forger(street[OPERATION], street[ASKED])
        claimed = schema.flatten(m.request("T-1", on_behalf_of=HOST, mandate_digest="A" * 43))
        hidden = [
            Field(one.path, Sensitivity.LAW_ENFORCEMENT, one.value) if one.path in HIDDEN else one
            for one in claimed
        ]
        signed = forger.sign_fields("trace.request/1", hidden, purpose=EMBARGO)
        await street.deliver(street[OPERATION], [await forger.post(forger.pack(signed))], ASKED)
        asked = desk_pb2.ShowCaseRequest(case=signed.claims.thread)
        [shown] = (await street[ASKED].as_officer("poc").ShowCase(asked, NO_CONTEXT)).statements
        assert (shown.problem.where, shown.problem.reason) == ("on_behalf_of", "not-judged")
        assert not {*HIDDEN} & {one.name for one, _ in shown.content.trace_request.ListFields()}
        assert shown.content.trace_request.items, "the rest is shown"

    async def test_our_own_node_hides_nothing_that_others_judge_it_by(self, street: Street) -> None:
        mandate = await given(street)
        raised = [desk_pb2.RaisedField(path="on_behalf_of", to_class="SENSITIVITY_LAW_ENFORCEMENT")]
        sent = await say(street, OPERATION, request(mandate.statement), to=[ASKED], raised=raised)
        assert sent.problem.reason == "not-judged"

    async def test_what_it_covers_is_accepted(self, street: Street) -> None:
        signed = await self.post(street, self.enclosing(street, self.mandate(street)))
        assert await kinds_at(street[ASKED], signed.claims.thread) == ["trace.request/1"]

    @pytest.mark.parametrize(
        ("limits", "reason"),
        [
            ({"valid_until": "2021-01-01"}, "mandate-over"),
            ({"valid_from": "2098-01-01"}, "not-yet"),
            ({"operation": "xaa"}, "other-mandate"),
            ({"purposes": ["PURPOSE_PROSECUTION"]}, "other-purpose"),
            ({"may_address": ["xad"]}, "other-addressee"),
            ({"step": "MANDATE_STEP_ENDED"}, "other-mandate"),
        ],
    )
    async def test_what_it_does_not_cover_is_refused(
        self, street: Street, limits: dict[str, Any], reason: str
    ) -> None:
        content = self.enclosing(street, self.mandate(street, **limits))
        signed = await self.post(street, content)
        assert await kinds_at(street[ASKED], signed.claims.thread) == []
        assert await refusals(street[ASKED]) == [f"statement/{reason}"]

    async def test_nobody_gives_himself_a_mandate(self, street: Street) -> None:
        own = self.mandate(street, by=OPERATION)
        await self.post(street, self.enclosing(street, own, by=OPERATION))
        assert await refusals(street[ASKED]) == ["statement/other-mandate"]

    async def test_a_mandate_that_is_not_enclosed_is_none(self, street: Street) -> None:
        await self.post(street, request(encode_b64(self.mandate(street).digest)))
        assert await refusals(street[ASKED]) == ["statement/no-mandate"]

    async def test_a_limit_may_not_be_left_out(self, street: Street) -> None:
        signed = self.mandate(street, may_address=["xad"])
        content = self.enclosing(street, signed)
        limit = next(d.encoded for d in signed.disclosures if d.path == "may_address")
        content.exhibits[0].administrative_disclosures.remove(limit)
        await self.post(street, content)
        assert await refusals(street[ASKED]) == ["statement/mandate-cut"]

    async def test_what_its_author_has_ended_is_refused_whenever_it_was_signed(self, street: Street) -> None:
        """Another mandate in the same case stands."""
        host = Forger(street[HOST], street[ASKED])
        ended, other = self.mandate(street), self.mandate(street)
        word = n.mandate_ended(encode_b64(ended.digest))
        told = host.sign(word, thread=ended.claims.thread)
        await street.deliver(street[HOST], [await host.post(host.pack(told))], ASKED)
        assert await kinds_at(street[ASKED], ended.claims.thread) == ["mandate/1"]
        await self.post(street, self.enclosing(street, other))
        assert await refusals(street[ASKED]) == []
        await self.post(street, self.enclosing(street, ended), iat=street.clock() - 3600)
        assert await refusals(street[ASKED]) == ["statement/mandate-ended"]

    async def test_the_end_of_a_mandate_is_the_word_of_its_author_alone(self, street: Street) -> None:
        signed = self.mandate(street)
        operation = Forger(street[OPERATION], street[ASKED])
        told = operation.sign(n.mandate_ended(encode_b64(signed.digest)), thread=signed.claims.thread)
        await street.deliver(street[OPERATION], [await operation.post(operation.pack(told))], ASKED)
        await self.post(street, self.enclosing(street, signed))
        assert await refusals(street[ASKED]) == []
