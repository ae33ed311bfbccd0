"""The client against a real desk service over mutual TLS on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Iterator
from pathlib import Path

import pytest

from fakes.desk_server import FakeDesk, desk_server, write_profile
from fakes.pki import make_root
from tracepost.protocol.errors import (
    BusyError,
    ConfigurationError,
    InvalidInputError,
    InvalidMessageError,
    NotFoundError,
    QuotaError,
    UnreachableError,
)
from tracepost.protocol.identity import Role
from tracepost.sdk import Client, Cover, OfficerPapers, build_draft, message_of
from tracepost.sdk.flow import Window, each
from tracepost.wire.v1 import (
    desk_pb2,
    envelope_pb2,
    inquiry_pb2,
    onward_pb2,
    post_pb2,
    share_pb2,
    terms_pb2,
    trace_pb2,
    weapon_pb2,
)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[FakeDesk]:
    with desk_server(tmp_path) as running:
        yield running


def papers_in(folder: Path) -> OfficerPapers:
    return OfficerPapers.read(folder / "officer.pem", folder / "officer.key", folder / "root.pem")


def connect(desk: FakeDesk, *, address: str | None = None, desk_id: str | None = "poc") -> Client:
    papers = papers_in(desk.profile.parent)
    return Client.connect(address or desk.address, "xaa", "tracepost.example", papers, desk=desk_id)


def request(number: str = "F-1") -> trace_pb2.TraceRequest:
    item = weapon_pb2.Item(id="1", kind=weapon_pb2.ITEM_KIND_WEAPON, object=weapon_pb2.Object(make="ROSSI"))
    return trace_pb2.TraceRequest(
        file_number=number, items=[item], urgency=trace_pb2.URGENCY_ROUTINE, guarantees_restrictions=True
    )


# ---------------------------------------------------------------- drafts


def test_a_cover_goes_whole_into_the_draft() -> None:
    cover = Cover(
        to=("xab",),
        in_reply_to="x" * 43,
        desk="poc",
        purpose=terms_pb2.PURPOSE_PROSECUTION,
        legal_basis=terms_pb2.LEGAL_BASIS_ITI,
        restrictions=(terms_pb2.Restriction(code=terms_pb2.RESTRICTION_CODE_NO_PUBLICATION),),
        exercise=True,
        lane=envelope_pb2.LANE_URGENT,
        deliver_by=1,
        raised=(desk_pb2.RaisedField(path="items.0.object.make"),),
        named_desks=("xab/police",),
        readers=(terms_pb2.FieldReaders(path="ground_text", desks=["xab/police"]),),
        parts=(b"picture",),
        composed=(inquiry_pb2.Composed(finding="x" * 43),),
        idempotency_key="key",
        preview=True,
        shared=(onward_pb2.ShareChoice(statement="x" * 43),),
    )
    draft = build_draft(request(), cover, "case")
    assert {field.name for field, _value in draft.ListFields()} == {
        field.name for field in desk_pb2.Draft.DESCRIPTOR.fields
    }
    assert message_of(draft.content) == request()


def test_a_draft_without_a_key_gets_one_of_its_own() -> None:
    first, second = build_draft(request(), Cover()), build_draft(request(), Cover())
    assert first.idempotency_key != second.idempotency_key != ""


def test_what_is_no_kind_of_statement_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        build_draft(weapon_pb2.Item(), Cover())


# ---------------------------------------------------------------- the calls


async def test_every_verb_says_its_kind_in_the_case(desk: FakeDesk) -> None:
    async with connect(desk) as client:
        said = [
            (client.acknowledge, trace_pb2.Acknowledgement()),
            (client.ask, trace_pb2.InformationRequest()),
            (client.supply, trace_pb2.InformationSupply()),
            (client.respond, trace_pb2.Response()),
            (client.refuse, trace_pb2.Refusal()),
            (client.delay, trace_pb2.Delay()),
            (client.redirect, trace_pb2.Redirect()),
            (client.refer, trace_pb2.Referral()),
            (client.clarify, trace_pb2.Clarification()),
            (client.amend, trace_pb2.Amendment()),
            (client.withdraw, trace_pb2.Withdrawal()),
            (client.close, trace_pb2.Closure()),
            (client.consent, trace_pb2.Consent()),
            (client.remind, trace_pb2.Status()),
        ]
        for verb, message in said:
            with contextlib.suppress(InvalidMessageError):  # empty: the node's rules refuse most
                await verb("F-1", message)  # type: ignore[operator]
    assert [type(message_of(draft.content)) for draft in desk.drafts] == [
        type(message) for _verb, message in said
    ]
    assert {draft.thread for draft in desk.drafts} == {"F-1"}
    assert {draft.desk for draft in desk.drafts} == {"poc"}


async def test_a_request_is_submitted_once_for_one_key(desk: FakeDesk) -> None:
    async with connect(desk) as client:
        cover = Cover(to=("xab",), idempotency_key="once")
        first = await client.submit_request(request(), cover)
        again = await client.submit_request(request(), cover)
    assert first == again
    assert first.dispatches[0].state == desk_pb2.MAIL_STATE_QUEUED
    assert len(desk.drafts) == 1


async def test_a_share_may_open_a_case_of_its_own(desk: FakeDesk) -> None:
    async with connect(desk) as client:
        with pytest.raises(InvalidMessageError):
            await client.share(None, share_pb2.Share(), Cover(to=("xab",)))
    assert not desk.drafts[0].HasField("thread")


async def test_an_error_of_the_node_comes_back_as_it_was_raised(desk: FakeDesk) -> None:
    desk.refuse["GetStatus"] = QuotaError("too much", where="member xab", reason="held-quota", remedy="Wait.")
    async with connect(desk) as client:
        with pytest.raises(QuotaError) as refused:
            await client.get_status()
    fault = refused.value
    assert (fault.message, fault.where, fault.reason, fault.what_to_do) == (
        "too much",
        "member xab",
        "held-quota",
        "Wait.",
    )


async def test_a_draft_that_came_when_the_node_had_too_much_in_hand_goes_by_itself(desk: FakeDesk) -> None:
    desk.refuse_once["Submit"] = BusyError("more calls came than are worked on at once", reason="overload")
    async with connect(desk) as client:
        assert (await client.submit_request(request(), Cover(to=("xab",)))).thread
    assert desk.calls.count("Submit") >= 2
    assert len(desk.drafts) == 1


async def test_what_may_be_done_already_is_not_asked_again_by_itself(desk: FakeDesk) -> None:
    desk.refuse |= dict.fromkeys(("DeleteStatements", "DecideHeld", "ListHeld"), UnreachableError())
    async with connect(desk) as client:
        calls: tuple[Awaitable[object], ...] = (
            client.delete_statements(onward_pb2.DeleteStatementsRequest(reason="wrong case")),
            client.decide_held("00" * 32, take_up=True),
            client.list_held(),
        )
        for call in calls:
            with pytest.raises(UnreachableError):
                await call
    assert desk.calls.count("DeleteStatements") == 1
    assert desk.calls.count("DecideHeld") == 1
    assert desk.calls.count("ListHeld") > 1


async def test_cases_are_fetched_page_by_page(desk: FakeDesk) -> None:
    for number in range(5):
        summary = desk_pb2.CaseSummary(thread=f"t{number}", our_file_number=f"F-{number}")
        desk.cases[f"t{number}"] = desk_pb2.CaseView(summary=summary)
    async with connect(desk) as client:
        assert [case.thread async for case in client.list_cases()] == ["t0", "t1", "t2", "t3", "t4"]
        assert [case.thread async for case in client.list_cases(file_number="F-3")] == ["t3"]
        assert [case async for case in client.list_cases(state=desk_pb2.CASE_STATE_CLOSED)] == []
        with pytest.raises(NotFoundError):
            await client.show_case("nowhere")


async def test_the_other_calls_carry_what_they_are_given(desk: FakeDesk) -> None:
    desk.parts[b"d" * 32] = b"picture"
    desk.exports[desk_pb2.EXPORT_FORMAT_TRACEPOST] = bytes(2500)
    desk.held.append(desk_pb2.HeldMail(envelope_id="aa"))
    async with connect(desk) as client:
        assert await client.unlock_desk("poc", b"secret") == 3
        await client.lock_desk("poc")
        assert (await client.fetch_part("t1", b"d" * 32)).content == b"picture"
        chunks = [chunk async for chunk in client.export_case("t1", desk_pb2.EXPORT_FORMAT_TRACEPOST)]
        assert sum(len(chunk.data) for chunk in chunks) == chunks[0].total_bytes == 2500
        assert [mail.envelope_id for mail in await client.list_held()] == ["aa"]
        assert await client.decide_held("aa", take_up=True) == "0199"
        assert (await client.show_trust()).sequence == 4
        assert [event.number for event in await client.list_audit(after=6)] == [7]
        assert await client.list_directory() == []
        assert await client.import_papers(post_pb2.Announcement(member="xab")) == ["directory", "crl"]
        assert (await client.export_papers()).member == "xaa"
        assert await client.show_timeline("t1") == []


# ---------------------------------------------------------------- the stream


async def test_many_drafts_are_answered_in_order_good_or_bad(desk: FakeDesk) -> None:
    desk.refuse_file_numbers = {"F-3"}
    drafts = [build_draft(request(f"F-{number}"), Cover(to=("xab",))) for number in range(6)]
    seen: list[str] = []
    async with connect(desk) as client:
        answers = [
            one async for one in client.submit_many(drafts, progress=lambda one: seen.append(one.thread))
        ]
    assert [one.idempotency_key for one in answers] == [draft.idempotency_key for draft in drafts]
    assert [one.HasField("problem") for one in answers] == [False, False, False, True, False, False]
    assert answers[3].problem.code == "not-found"
    assert len(seen) == 6


async def test_drafts_are_taken_only_as_fast_as_they_are_answered(desk: FakeDesk) -> None:
    taken: list[int] = []

    async def source() -> AsyncIterator[desk_pb2.Draft]:
        for number in range(40):
            taken.append(number)
            yield build_draft(request(f"F-{number}"), Cover(to=("xab",)))

    async with connect(desk) as client:
        ahead = []
        answered = 0
        async for _one in client.submit_many(source(), window_drafts=4):
            answered += 1
            ahead.append(len(taken) - answered)
    assert answered == 40
    assert max(ahead) <= 5  # four on their way and one at the door


async def test_the_window_counts_bytes_and_lets_a_large_one_pass_alone() -> None:
    window = Window(count_limit=10, byte_limit=100)
    await window.enter(500)
    waiting = asyncio.create_task(window.enter(1))
    await asyncio.sleep(0)
    assert not waiting.done()
    await window.leave()
    await waiting


async def test_a_source_may_be_any_iterable() -> None:
    async def asynchronous() -> AsyncIterator[int]:
        yield 1

    assert [one async for one in each([1, 2])] == [1, 2]
    assert [one async for one in each(asynchronous())] == [1]


# ---------------------------------------------------------------- papers and the road


async def test_nobody_at_the_address_is_told_as_unreachable(desk: FakeDesk) -> None:
    async with connect(desk, address="127.0.0.1:1") as client:
        with pytest.raises(UnreachableError) as refused:
            await client.get_status()
    assert "127.0.0.1:1" in refused.value.where


async def test_a_node_of_another_member_is_not_believed(desk: FakeDesk) -> None:
    papers = papers_in(desk.profile.parent)
    async with Client.connect(desk.address, "xab", "tracepost.example", papers) as client:
        with pytest.raises(UnreachableError):
            await client.get_status()
    assert desk.calls == []


async def test_an_officer_of_another_authority_is_refused(desk: FakeDesk, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    write_profile(other, make_root("xaa"), desk.address)
    papers = OfficerPapers.read(
        other / "officer.pem", other / "officer.key", desk.profile.parent / "root.pem"
    )
    async with Client.connect(desk.address, "xaa", "tracepost.example", papers) as client:
        with pytest.raises(UnreachableError):
            await client.get_status()
    assert desk.calls == []


async def test_a_node_that_speaks_only_tls_1_2_is_not_spoken_to(desk: FakeDesk, tmp_path: Path) -> None:
    root = make_root("xaa")
    node = root.issue(Role.NODE)
    (tmp_path / "node.pem").write_bytes(node.chain_pem + node.key_pem)
    write_profile(tmp_path, root, desk.address)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["h2"])
    context.load_cert_chain(tmp_path / "node.pem")
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    async with connect(desk, address=f"127.0.0.1:{server.sockets[0].getsockname()[1]}") as client:
        with pytest.raises(UnreachableError):
            await client.get_status()
    server.close()
    await server.wait_closed()


def test_papers_that_do_not_belong_together_are_told_by_file(tmp_path: Path) -> None:
    write_profile(tmp_path, make_root("xaa"), "x:1")
    certificate, key, root = (tmp_path / name for name in ("officer.pem", "officer.key", "root.pem"))
    stranger = tmp_path / "stranger.key"
    stranger.write_bytes(b"no key")
    for wrong in ((tmp_path / "none.pem", key, root), (certificate, stranger, root), (certificate, key, key)):
        with pytest.raises(ConfigurationError) as refused:
            OfficerPapers.read(*wrong)
        assert str(tmp_path) in refused.value.where
    assert "PRIVATE" not in repr(OfficerPapers.read(certificate, key, root))


def test_a_key_of_another_certificate_is_refused(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        folder.mkdir()
        write_profile(folder, make_root("xaa"), "x:1")
    with pytest.raises(ConfigurationError, match="not the key"):
        OfficerPapers.read(one / "officer.pem", two / "officer.key", one / "root.pem")
