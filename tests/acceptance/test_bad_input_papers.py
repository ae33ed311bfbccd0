"""Papers that do not verify: the old ones stay in force, one audit event says why, nothing else is kept.

A directory announces the keys that mail is sealed to. Whoever could put another key there would read
the mail: so an entry, its desk certificates, revocations and trust lists are each judged by
themselves, whoever carries them.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from fakes.adversary import Books, audit_trail, flip, new_id, read_books, unnamed
from fakes.house import NO_CONTEXT, House, Identities, Street, draft, make_trust, open_street
from fakes.messages import request
from fakes.pki import DAY, Authority, make_root
from tracepost.node.handlers.case.casebook import instant
from tracepost.protocol import schema, statement
from tracepost.protocol.identity import Role
from tracepost.protocol.ids import DeskId, MemberId, ThreadId, new_uuid7
from tracepost.protocol.sealing import generate_desk_key
from tracepost.protocol.statement import Claims
from tracepost.wire.v1.desk_pb2 import ShowCaseRequest
from tracepost.wire.v1.directory_pb2 import COMPETENCE_PANEL, DirectoryEntry
from tracepost.wire.v1.post_pb2 import Announcement

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Stage:
    """xab holds papers of xaa; xaa, or who pretends to be it, announces new ones."""

    def __init__(self, street: Street, folder: Path) -> None:
        self.street = street
        self._folder = folder
        self.xaa, self.xab, self.xac = (street[name] for name in ("xaa", "xab", "xac"))

    @property
    def root(self) -> Authority:
        return self.xaa.identities.authority

    def books(self) -> Books:
        return read_books(self._folder / "xab" / "store.sqlite")

    def audit(self) -> list[tuple[str, str, str, str]]:
        return audit_trail(self._folder / "xab" / "store.sqlite")

    def held(self) -> Announcement:
        """Return the papers of xaa as xab has them."""
        return self.xab.papers.announcement(MemberId("xaa"))

    def entry(self) -> DirectoryEntry:
        """Return a copy of xaa's entry as the next one would be."""
        held = self.xab.papers.entry(MemberId("xaa"))
        assert held is not None
        entry = DirectoryEntry()
        entry.CopyFrom(held.message)
        entry.sequence += 1
        return entry

    def sign(self, entry: DirectoryEntry, by: House | None = None, *, at: int | None = None) -> str:
        """Return an entry signed, whether it obeys the rules or not."""
        now = self.street.clock() if at is None else at
        house = by or self.xaa
        claims = Claims(
            iss=house.member,
            aud=(house.member,),
            iat=now,
            jti=new_uuid7(now * 1000, os.urandom(10)),
            kind=schema.kind_of(entry),
            thread=ThreadId(new_id()),
            in_reply_to=None,
            desk=DeskId("node"),
            purpose="PURPOSE_DIRECTORY",
            legal_basis="LEGAL_BASIS_ITI",
        )
        signed = statement.sign(claims, schema.flatten(entry), house.identities.signer, os.urandom)
        return statement.to_compact(signed)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    folder = tmp_path_factory.mktemp("street")
    async with open_street(folder, "xaa", "xab", "xac") as street:
        yield Stage(street, folder)


@dataclass(frozen=True)
class Bad:
    """An announcement that is not taken, and why."""

    defect: str
    reason: str
    make: Callable[[Stage], Announcement]

    def __str__(self) -> str:
        return self.defect


def entry(change: Callable[[Stage, DirectoryEntry], object]) -> Callable[[Stage], Announcement]:
    """Return what announces the next entry of xaa, signed by xaa, with one thing changed."""

    def make(stage: Stage) -> Announcement:
        message = stage.entry()
        change(stage, message)
        return Announcement(member="xaa", directory_entry=stage.sign(message))

    return make


def certificates(make: Callable[[Stage], bytes]) -> Callable[[Stage], Announcement]:
    return lambda stage: Announcement(member="xaa", certificates=[make(stage)])


def substitute_key(_: Stage, message: DirectoryEntry) -> None:
    """The attacker's key, under the certificate of the right one."""
    message.desks[1].public_key = bytes(generate_desk_key().public)


def other_members_desk(stage: Stage, message: DirectoryEntry) -> None:
    theirs = stage.xab.papers.entry(MemberId("xac"))
    assert theirs is not None
    message.desks[1].CopyFrom(theirs.message.desks[1])


def substituted_by_a_carrier(stage: Stage) -> Announcement:
    """A carrier cannot sign for xaa: it signs as itself."""
    message = stage.entry()
    substitute_key(stage, message)
    return Announcement(member="xaa", directory_entry=stage.sign(message, stage.xac))


def substituted_with_a_certificate(stage: Stage) -> Announcement:
    """The attacker's key and a certificate for it, of an authority that only calls itself xaa's."""
    key = bytes(generate_desk_key().public)
    issued = make_root("xaa").issue(Role.DESK, desk="poc", desk_public_key=key)
    message = stage.entry()
    message.desks[1].public_key = key
    message.desks[1].certificate_sha256 = issued.sha256
    return Announcement(member="xaa", certificates=[issued.der], directory_entry=stage.sign(message))


def changed_on_the_way(stage: Stage) -> Announcement:
    """One character of one disclosure."""
    compact = stage.sign(stage.entry())
    jws, first, rest = compact.split("~", 2)
    changed = first[:-1] + ("A" if first[-1] != "A" else "Q")
    return Announcement(member="xaa", directory_entry=f"{jws}~{changed}~{rest}")


def same_number_again(stage: Stage) -> Announcement:
    message = stage.entry()
    message.sequence -= 1
    message.name = "Another office"
    return Announcement(member="xaa", directory_entry=stage.sign(message))


def other_trust_list(stage: Stage) -> Announcement:
    """Signed by a steward that nobody knows."""
    people: dict[str, Identities] = {n: h.identities for n, h in stage.street.houses.items()}
    return Announcement(member="xaa", trust_list=make_trust(people, sequence=9).data)


BAD = [
    Bad("a desk's key is substituted", "trust/desk-key", entry(substitute_key)),
    Bad("a carrier substitutes a desk's key", "trust/other-signer", substituted_by_a_carrier),
    Bad("a desk's key is certified by nobody", "identity/path", substituted_with_a_certificate),
    Bad(
        "a field of the entry is changed on the way", "statement/disclosure-unreferenced", changed_on_the_way
    ),
    Bad(
        "a desk shows a certificate of another desk",
        "trust/desk-certificate",
        entry(lambda _, m: setattr(m.desks[1], "certificate_sha256", m.desks[2].certificate_sha256)),
    ),
    Bad(
        "a desk shows a certificate of another member",
        "trust/desk-certificate",
        entry(other_members_desk),
    ),
    Bad(
        "a desk shows a certificate that is not there",
        "trust/desk-certificate",
        entry(lambda _, m: setattr(m.desks[1], "certificate_sha256", bytes(32))),
    ),
    Bad("the daemon's desk does not come first", "trust/desks", entry(lambda _, m: m.desks.reverse())),
    Bad("a desk is there twice", "trust/desks", entry(lambda _, m: m.desks.append(m.desks[1]))),
    Bad(
        "a desk declares what the trust list does not permit",
        "trust/competence",
        entry(lambda _, m: m.desks[1].competences.append(COMPETENCE_PANEL)),
    ),
    Bad(
        "the entry is about another member",
        "trust/other-member",
        entry(lambda _, m: setattr(m, "member", "xac")),
    ),
    Bad(
        "the entry has expired",
        "trust/entry-dates",
        entry(lambda s, m: setattr(m, "expires_at", instant(s.street.clock() - 1))),
    ),
    Bad(
        "the entry lasts too long",
        "trust/entry-dates",
        entry(lambda s, m: setattr(m, "expires_at", instant(s.street.clock() + 31 * DAY))),
    ),
    Bad(
        "the entry ends on a day that there is not",
        "trust/entry-dates",
        entry(lambda _, m: setattr(m, "expires_at", "2027-02-30T00:00:00Z")),
    ),
    Bad(
        "the entry is dated ahead",
        "trust/entry-dates",
        lambda s: Announcement(member="xaa", directory_entry=s.sign(s.entry(), at=s.street.clock() + 600)),
    ),
    Bad(
        "the entry breaks a rule",
        "invalid-message/string.pattern",
        entry(lambda _, m: setattr(m, "member", "X Y")),
    ),
    Bad("two entries have one number", "trust/entry-twice", same_number_again),
    Bad(
        "the entry is noise",
        "statement/not-compact",
        lambda _: Announcement(member="xaa", directory_entry="noise"),
    ),
    Bad("the member is none", "trust/no-member", lambda _: Announcement(member="xzz")),
    Bad("the member has no name", "trust/no-member", lambda _: Announcement()),
    Bad(
        "the certificate's authority is another",
        "identity/path",
        certificates(lambda _: make_root("xaa").issue(Role.STATEMENT).der),
    ),
    Bad(
        "a state signs for another",
        "identity/no-root",
        certificates(lambda s: s.root.issue(Role.STATEMENT, names=("statement.xac.tracepost.example",)).der),
    ),
    Bad(
        "a state is signed for by another",
        "identity/path",
        lambda s: Announcement(
            member="xac",
            certificates=[s.root.issue(Role.STATEMENT, names=("statement.xac.tracepost.example",)).der],
        ),
    ),
    Bad(
        "a certificate has a second name",
        "identity/name-count",
        certificates(
            lambda s: (
                s.root.issue(
                    Role.STATEMENT,
                    names=("statement.xaa.tracepost.example", "desk-poc.xaa.tracepost.example"),
                ).der
            )
        ),
    ),
    Bad("a certificate is noise", "identity/form", certificates(lambda _: b"noise")),
    Bad(
        "a certificate's issuer has a name that is no text",
        "identity/form",
        certificates(lambda s: unnamed(s.root.intermediate().issue(Role.STATEMENT).certificate)),
    ),
    Bad(
        "a bit of a certificate is flipped",
        "identity/path",
        certificates(lambda s: flip(s.root.issue(Role.STATEMENT).der, -64)),
    ),
    Bad(
        "a revocation list is another authority's",
        "identity/signer",
        lambda s: Announcement(
            member="xaa", crl=make_root("xaa").crl([s.xaa.identities.statement.certificate])
        ),
    ),
    Bad("a revocation list is noise", "identity/form", lambda _: Announcement(member="xaa", crl=b"noise")),
    Bad("a trust list is signed by nobody known", "trust/short-of-old-stewards", other_trust_list),
    Bad(
        "a trust list is noise", "trust/list-form", lambda _: Announcement(member="xaa", trust_list=b"noise")
    ),
]


@pytest.mark.parametrize("case", BAD, ids=str)
async def test_papers_that_do_not_verify_change_nothing(stage: Stage, case: Bad) -> None:
    announcement = case.make(stage)
    before, held, seen = stage.books(), stage.held(), len(stage.audit())
    assert await stage.xab.announcing.take([announcement], MemberId("xac")) == ()
    assert stage.audit()[seen:] == [("xac", "refuse-papers", "xac", case.reason)]
    assert set(stage.books().since(before)) == {"audit_event"}
    assert stage.held() == held


async def test_an_older_revocation_list_takes_nothing_back(stage: Stage) -> None:
    revoked = stage.root.issue(Role.STATEMENT)
    newer = Announcement(
        member="xaa", crl=stage.root.crl([revoked.certificate], number=7, revoked_at=stage.street.clock() - 1)
    )
    assert await stage.xab.announcing.take([newer], MemberId("xac")) == ("crl",)
    before, seen = stage.books(), len(stage.audit())
    older = Announcement(member="xaa", crl=stage.root.crl([], number=6))
    assert await stage.xab.announcing.take([older], MemberId("xac")) == ()
    assert stage.audit()[seen:] == [("xac", "refuse-papers", "xac", "identity/rolled-back")]
    assert set(stage.books().since(before)) == {"audit_event"}
    revocations = stage.xab.papers.revocations()
    assert revocations.is_revoked(MemberId("xaa"), revoked.certificate.serial_number, stage.street.clock())


async def test_an_older_entry_is_still_on_its_way_and_no_offence(stage: Stage) -> None:
    message = stage.entry()
    message.sequence -= 2
    before = stage.books()
    older = Announcement(member="xaa", directory_entry=stage.sign(message))
    assert await stage.xab.announcing.take([older], MemberId("xac")) == ()
    assert stage.books().since(before) == {}


async def test_mail_is_sealed_to_the_right_keys_whatever_was_announced(stage: Stage) -> None:
    for case in BAD:
        await stage.xab.announcing.take([case.make(stage)], MemberId("xac"))
    [sent] = await stage.xab.submit(draft(request(), to=["xaa"]))
    [reply] = await stage.street.carry()
    assert (len(reply.receipts), reply.statuses) == (1, [])
    view = await stage.xaa.as_officer("poc").ShowCase(ShowCaseRequest(case=sent.thread), NO_CONTEXT)
    assert view.summary.thread == sent.thread
    assert list(view.statements)
