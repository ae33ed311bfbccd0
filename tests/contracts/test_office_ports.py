"""The contracts of `ports.Cases`, the papers, the peers, drafts, audit trail and settings."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from contracts.records import NOW, THEM, THIRD, US, case, name, thread
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.cases import AuditEvent, CaseDesk, CaseFilter, CasePage, CaseState, DraftAnswer
from tracepost.node.records.mail import FoundContradiction, OpenHeads, PeerContact, PeerHead
from tracepost.node.records.papers import (
    CertificateRecord,
    DirectoryRecord,
    PolicyRecord,
    PolicyState,
    RevocationListRecord,
    TrustListRecord,
)
from tracepost.protocol.errors import ConflictError, InvalidInputError, StoreError
from tracepost.protocol.ids import DeskId, MemberId, ThreadId, encode_b64

# --- cases


async def listed(store: Store, chosen: CaseFilter, size: int = 100, token: str = "") -> list[ThreadId]:
    page = await store.read(lambda tx: tx.cases.list(chosen, size, token))
    return [item.thread for item in page.cases]


def next_page(tx: Tx, token: str) -> CasePage:
    return tx.cases.list(CaseFilter(), 5, token)


async def test_a_case_is_replaced_by_its_newer_fold(store: Store) -> None:
    newer = replace(case(1), state=CaseState.CLOSED, last_event_at=NOW + 99, members=(US, THEM, THIRD))
    await store.write(lambda tx: tx.cases.keep([case(1), case(2)]))
    await store.write(lambda tx: tx.cases.keep([newer]))
    found = await store.read(lambda tx: tx.cases.find([thread(1), thread(2), thread(3)]))
    assert found == {thread(1): newer, thread(2): case(2)}


async def test_pages_run_from_the_newest_event_and_miss_none_of_the_same_second(store: Store) -> None:
    cases = [replace(case(number), last_event_at=NOW + number // 4) for number in range(23)]
    await store.write(lambda tx: tx.cases.keep(cases))
    seen: list[ThreadId] = []
    token = ""
    while True:
        page = await store.read(partial(next_page, token=token))
        seen += [item.thread for item in page.cases]
        token = page.next_token
        if not token:
            break
    assert seen == [thread(number) for number in reversed(range(23))]


async def test_a_case_that_moves_between_pages_does_not_break_the_list(store: Store) -> None:
    await store.write(lambda tx: tx.cases.keep([case(number) for number in range(6)]))
    page = await store.read(lambda tx: tx.cases.list(CaseFilter(), 2, ""))
    await store.write(lambda tx: tx.cases.keep([replace(case(0), last_event_at=NOW + 50)]))
    assert await listed(store, CaseFilter(), 10, page.next_token) == [thread(3), thread(2), thread(1)]


async def test_lists_are_chosen_by_state_member_and_beginning_of_a_file_number(store: Store) -> None:
    closed = case(1, state=CaseState.CLOSED)
    with_third = replace(case(2), members=(US, THIRD), file_numbers=("xaa/0002", "ÖB-77/a"))
    await store.write(lambda tx: tx.cases.keep([closed, with_third, case(3)]))
    assert await listed(store, CaseFilter(state=CaseState.CLOSED)) == [thread(1)]
    assert await listed(store, CaseFilter(with_member=THIRD)) == [thread(2)]
    assert await listed(store, CaseFilter(file_number="öb-7")) == [thread(2)]
    assert await listed(store, CaseFilter(file_number="xaa/")) == [thread(3), thread(2), thread(1)]
    assert await listed(store, CaseFilter(file_number="xaa/", with_member=THEM)) == [thread(3), thread(1)]
    assert await listed(store, CaseFilter(file_number="%")) == []


async def test_lists_are_chosen_by_a_kind_that_the_case_holds(store: Store) -> None:
    holding = replace(case(2), kinds=("example.notice/1", "mandate/1"))
    await store.write(lambda tx: tx.cases.keep([case(1), holding, replace(case(3), kinds=("mandate/1",))]))
    assert await listed(store, CaseFilter(holds_kind="mandate/1")) == [thread(3), thread(2)]
    assert await listed(store, CaseFilter(holds_kind="example.notice/1")) == [thread(2)]
    assert await listed(store, CaseFilter(holds_kind="example")) == []


async def test_lists_are_chosen_by_whom_of_ours_they_ask(store: Store) -> None:
    cases = [replace(case(1), asks=("army", "paper:archive")), replace(case(2), asks=("registry",)), case(3)]
    await store.write(lambda tx: tx.cases.keep(cases))
    assert await listed(store, CaseFilter(asks=())) == [thread(2), thread(1)]
    assert await listed(store, CaseFilter(asks=("army", "registry"))) == [thread(2), thread(1)]
    assert await listed(store, CaseFilter(asks=("paper:archive",))) == [thread(1)]
    assert await listed(store, CaseFilter(asks=("navy",))) == []


@pytest.mark.parametrize(
    "token",
    [
        "!",
        "AAAA",
        encode_b64(b"x y"),
        encode_b64(b"\xff\xfe"),
        encode_b64(f"{1 << 63} {thread(1)}".encode()),
        encode_b64(f"-1 {thread(1)}".encode()),
        encode_b64(f"{NOW} \0".encode()),
        encode_b64(f"{NOW}".encode()),
    ],
)
async def test_a_page_token_that_is_not_ours_is_refused(store: Store, token: str) -> None:
    with pytest.raises(InvalidInputError):
        await store.read(lambda tx: tx.cases.list(CaseFilter(), 5, token))


async def test_a_case_is_meant_by_its_thread_a_beginning_of_it_or_a_file_number(store: Store) -> None:
    await store.write(
        lambda tx: tx.cases.keep([case(0x1A), case(0x1B), replace(case(3), file_numbers=("F 1",))])
    )

    async def resolve(text: str) -> list[ThreadId]:
        return list(await store.read(lambda tx: tx.cases.resolve(text)))

    assert await resolve(thread(0x1A)) == [thread(0x1A)]
    assert await resolve("0000001b") == [thread(0x1B)]
    assert await resolve("0000001") == []
    assert await resolve("f 1") == [thread(3)]
    assert await resolve("F 12") == []
    impostor = replace(case(4), file_numbers=(thread(0x1A), "0000001b"))
    await store.write(lambda tx: tx.cases.keep([impostor]))
    assert await resolve(thread(0x1A)) == [thread(0x1A)]  # whatever others call theirs


async def test_a_case_is_still_found_by_an_earlier_file_number(store: Store) -> None:
    await store.write(lambda tx: tx.cases.keep([replace(case(1), file_numbers=("wrong",))]))
    await store.write(lambda tx: tx.cases.keep([replace(case(1), file_numbers=("right",))]))
    assert await listed(store, CaseFilter(file_number="wrong")) == [thread(1)]
    assert await listed(store, CaseFilter(file_number="right")) == [thread(1)]


# --- desks on cases

CUSTOMS, REGISTRY = DeskId("customs"), DeskId("registry")


def put(number: int, desk: DeskId, at: int = NOW) -> CaseDesk:
    return CaseDesk(thread(number), desk, "officer-7", at)


async def desks_on(store: Store, *numbers: int) -> dict[ThreadId, frozenset[DeskId]]:
    return await store.read(lambda tx: tx.case_desks.of([thread(n) for n in numbers]))


async def test_a_desk_is_on_the_cases_that_it_was_put_on(store: Store) -> None:
    await store.write(lambda tx: tx.case_desks.put([put(1, CUSTOMS), put(1, REGISTRY), put(2, CUSTOMS)]))
    assert await desks_on(store, 1, 2, 3) == {
        thread(1): frozenset({CUSTOMS, REGISTRY}),
        thread(2): frozenset({CUSTOMS}),
    }


async def test_a_desk_that_was_taken_off_is_on_its_other_cases_and_can_be_put_on_again(store: Store) -> None:
    await store.write(lambda tx: tx.case_desks.put([put(1, CUSTOMS), put(2, CUSTOMS)]))
    for at in (NOW + 1, NOW + 2):
        await store.write(lambda tx, at=at: tx.case_desks.take_off(thread(1), [CUSTOMS, REGISTRY], at))  # type: ignore[misc]
    assert await desks_on(store, 1, 2) == {thread(2): frozenset({CUSTOMS})}
    await store.write(lambda tx: tx.case_desks.put([put(1, CUSTOMS, NOW + 3)]))
    assert await desks_on(store, 1) == {thread(1): frozenset({CUSTOMS})}


async def test_a_list_of_desks_shows_the_cases_that_they_are_on(store: Store) -> None:
    await store.write(lambda tx: tx.cases.keep([case(1), case(2), case(3)]))
    await store.write(lambda tx: tx.case_desks.put([put(1, CUSTOMS), put(2, REGISTRY), put(3, CUSTOMS)]))
    await store.write(lambda tx: tx.case_desks.take_off(thread(3), [CUSTOMS], NOW))
    assert await listed(store, CaseFilter(of_desks=(CUSTOMS,))) == [thread(1)]
    assert await listed(store, CaseFilter(of_desks=(CUSTOMS, REGISTRY))) == [thread(2), thread(1)]
    assert await listed(store, CaseFilter(of_desks=())) == []


# --- peers


def head(size: int, origin: str = "xab.tracepost.example/log/1") -> PeerHead:
    return PeerHead(origin, THEM, size, name("root", size), f"note {size}", NOW)


async def keep(store: Store, *heads: PeerHead) -> list[PeerHead]:
    return await store.write(lambda tx: tx.peers.keep_heads(heads, THIRD))


async def open_sizes(store: Store, of: MemberId = THEM) -> list[int]:
    return [head.size for head in await store.read(lambda tx: tx.peers.open_heads(of, 10))]


async def test_the_first_head_of_a_log_is_believed_and_others_are_open_until_they_are_proved(
    store: Store,
) -> None:
    other = head(2, "xab.tracepost.example/log/2")
    await keep(store, head(5), other)
    await keep(store, head(9), head(7), head(9), head(5))
    assert await open_sizes(store) == await open_sizes(store, THIRD) == [7, 9]
    assert await open_sizes(store, MemberId("xzz")) == []
    assert await store.read(lambda tx: tx.peers.count_open()) == [OpenHeads(THEM, 2, NOW)]
    await store.write(lambda tx: tx.peers.prove_head(head(9)))
    await store.write(lambda tx: tx.peers.prove_head(head(7)))
    found = await store.read(lambda tx: tx.peers.heads([head(0).origin, other.origin, "unknown"]))
    assert found == {head(9).origin: head(9), other.origin: other}
    assert await open_sizes(store) == []


async def test_a_head_is_found_by_its_size_while_it_is_believed_or_open(store: Store) -> None:
    await keep(store, head(5), head(9))
    for size, expected in ((5, head(5)), (9, head(9)), (7, None)):
        assert await store.read(lambda tx, size=size: tx.peers.head_at(head(0).origin, size)) == expected  # type: ignore[misc]


async def test_the_longest_head_is_known_proved_or_not(store: Store) -> None:
    origin = head(0).origin
    assert await store.read(lambda tx: tx.peers.longest_head(origin)) is None
    await keep(store, head(5), head(9), head(7))
    assert await store.read(lambda tx: tx.peers.longest_head(origin)) == head(9)
    await store.write(lambda tx: tx.peers.prove_head(head(12)))
    assert await store.read(lambda tx: tx.peers.longest_head(origin)) == head(12)


async def test_two_heads_of_one_size_are_both_kept_and_replace_nothing(store: Store) -> None:
    first, other = head(7), replace(head(7), root=name("root", 8), note="note of the other")
    assert await keep(store, first) == []
    assert await keep(store, head(7), other) == [first, other]
    assert await keep(store, other) == [other]
    assert await keep(store, first) == []
    assert await store.read(lambda tx: tx.peers.heads([first.origin])) == {first.origin: first}
    assert await store.read(lambda tx: sorted(h.note for h in tx.peers.split_heads())) == [
        "note 7",
        "note of the other",
    ]


async def test_an_open_head_has_no_other_face_either(store: Store) -> None:
    other = replace(head(9), root=name("root", 8), note="note of the other")
    await keep(store, head(7), head(9))
    assert await keep(store, other) == [other]


async def test_evidence_against_a_log_is_kept_once(store: Store) -> None:
    found = FoundContradiction(name("evidence", 1), head(1).origin, THEM, NOW, b"{}")
    assert await store.write(lambda tx: tx.peers.keep_contradiction(found))
    assert not await store.write(lambda tx: tx.peers.keep_contradiction(found))
    assert await store.read(lambda tx: tx.peers.contradictions()) == [found]


async def test_contact_and_problems_are_noted_apart(store: Store) -> None:
    await store.write(lambda tx: tx.peers.note_problem(THEM, "unreachable", NOW))
    await store.write(lambda tx: tx.peers.note_contact(THEM, NOW + 5))
    await store.write(lambda tx: tx.peers.note_contact(THIRD, NOW))
    contacts = await store.read(lambda tx: tx.peers.contacts())
    assert contacts == [PeerContact(THEM, NOW + 5, "unreachable", NOW), PeerContact(THIRD, NOW, "", 0)]


# --- papers


async def test_an_older_directory_entry_never_replaces_a_newer_one(store: Store) -> None:
    def entry(sequence: int) -> DirectoryRecord:
        return DirectoryRecord(THEM, sequence, NOW + 86400, NOW, f"entry {sequence}")

    async def keep(sequence: int) -> bool:
        return await store.write(lambda tx: tx.directory.keep(entry(sequence)))

    answers = [await keep(sequence) for sequence in (4, 4, 3, 5)]
    assert answers == [True, False, False, True]
    assert await store.read(lambda tx: tx.directory.all()) == [entry(5)]


async def test_certificates_and_revocation_lists_are_never_forgotten(store: Store) -> None:
    certificates = [CertificateRecord(name("cert", n), THEM, NOW, b"der %d" % n) for n in (2, 1)]
    lists = [RevocationListRecord(THEM, name("crl", n), n << 150, NOW, b"crl %d" % n) for n in (12, 2)]
    for _ in range(2):
        await store.write(lambda tx: tx.certificates.keep(certificates))
        await store.write(lambda tx: tx.revocation_lists.keep(lists))
    assert await store.read(lambda tx: tx.certificates.all()) == certificates
    assert await store.read(lambda tx: tx.revocation_lists.all()) == lists[::-1]


async def keep_list(store: Store, record: TrustListRecord) -> None:
    await store.write(lambda tx: tx.trust_lists.keep(record))


async def test_trust_lists_stand_in_their_order_and_one_number_is_one_list(store: Store) -> None:
    lists = [TrustListRecord(n, name("list", n), NOW, b"list %d" % n) for n in (1, 2)]
    for number in (0, 1, 0):
        await keep_list(store, lists[number])
    with pytest.raises(ConflictError):
        await store.write(lambda tx: tx.trust_lists.keep(replace(lists[1], sha256=name("list", 9))))
    assert await store.read(lambda tx: tx.trust_lists.all()) == lists


# --- officers


async def test_a_draft_is_answered_once_for_each_owner_and_key(store: Store) -> None:
    answer = DraftAnswer("poc", "k1", name("draft", 1), NOW, b"submission")
    other = replace(answer, owner="border", submission=b"other")
    await store.write(lambda tx: tx.drafts.keep([answer, other, replace(answer, key="k2")]))
    assert await store.read(lambda tx: tx.drafts.find("poc", ["k1", "k3"])) == {"k1": answer}
    assert await store.read(lambda tx: tx.drafts.find("border", ["k1"])) == {"k1": other}
    with pytest.raises(StoreError):
        await store.write(lambda tx: tx.drafts.keep([replace(answer, submission=b"second")]))


async def test_the_audit_trail_is_read_in_order_and_by_subject(store: Store) -> None:
    events = [
        AuditEvent(NOW + n, "officer 7", "open", f"subject {n % 2}", "allowed", n or None) for n in range(5)
    ]
    await store.write(lambda tx: tx.audit.append(events[:3]))
    await store.write(lambda tx: tx.audit.append(events[3:]))
    found = await store.read(lambda tx: tx.audit.after(0, 100))
    assert [item.event for item in found] == events
    assert [item.event for item in await store.read(lambda tx: tx.audit.after(found[1].number, 2))] == events[
        2:4
    ]
    newest = await store.read(lambda tx: tx.audit.before(0, 2))
    assert [item.event for item in newest] == events[:2:-1]
    older = await store.read(lambda tx: tx.audit.before(newest[-1].number, 100))
    assert [item.event for item in older] == events[2::-1]
    about = await store.read(lambda tx: tx.audit.about(["subject 1", "subject 8"]))
    assert [item.event for item in about] == [events[1], events[3]]


async def test_a_setting_is_what_it_was_set_to_last(store: Store) -> None:
    assert await store.read(lambda tx: tx.settings.get("escrow-tried")) is None
    await store.write(lambda tx: tx.settings.put("escrow-tried", b"no"))
    await store.write(lambda tx: tx.settings.put("escrow-tried", b"yes"))
    assert await store.read(lambda tx: tx.settings.get("escrow-tried")) == b"yes"


async def test_every_version_of_a_policy_is_kept_and_is_what_was_said_of_it_last(store: Store) -> None:
    def version(number: int) -> PolicyRecord:
        return PolicyRecord(
            number, PolicyState.PROPOSED, name("set", number), NOW, "", 0, None, "a.b.c", "forbid", b"[]"
        )

    async def put(record: PolicyRecord) -> None:
        await store.write(lambda tx: tx.policies.put(record))

    activated = replace(
        version(1), state=PolicyState.ACTIVATED, decided_by="officer-8", decided_at=NOW + 5, log_number=7
    )
    for record in (version(2), version(1), activated, activated):
        await put(record)
    assert await store.read(lambda tx: tx.policies.all()) == [activated, version(2)]


# --- the address book


async def test_an_entry_of_the_address_book_is_replaced_and_found_by_its_id(store: Store) -> None:
    async def put(id_: str, entry: bytes) -> None:
        await store.write(lambda tx: tx.addresses.put(id_, entry))

    assert await store.read(lambda tx: tx.addresses.find("paper:archive")) is None
    await put("paper:archive", b"one")
    await put("letter:office", b"two")
    await put("paper:archive", b"three")
    assert await store.read(lambda tx: tx.addresses.find("paper:archive")) == b"three"
    assert list(await store.read(lambda tx: tx.addresses.all())) == [b"two", b"three"]
