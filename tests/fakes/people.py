"""Officers of a house, each with a certificate and key of his own, who call its services and give their word.

ada, ben = hire(house, "7", "poc"), hire(house, "8", "poc")
await enlist(house, ada, ben)                  # as if both had called before
ben.sits()                                     # the caller from now on
view = await house.own_office.ShowRelease(ShowReleaseRequest(statement=sent.statement), NO_CONTEXT)
await house.own_office.DecideRelease(make_word(view, Decision.APPROVED, ben.papers), NO_CONTEXT)
"""

from __future__ import annotations

from dataclasses import dataclass

from fakes.house import House
from fakes.pki import DOMAIN, Issued
from tracepost.node.handlers.case.office import Officer
from tracepost.protocol.identity import Identity, Role, verify_identity
from tracepost.protocol.ids import DeskId
from tracepost.sdk import OfficerPapers
from tracepost.serving.callers import Caller, set_caller


@dataclass(frozen=True)
class Person:
    """An officer of a house."""

    house: House
    issued: Issued
    identity: Identity

    @property
    def number(self) -> str:
        return self.identity.officer or ""

    @property
    def papers(self) -> OfficerPapers:
        """What proves the officer."""
        return OfficerPapers(self.issued.chain_pem, self.issued.key_pem, self.house.identities.authority.pem)

    @property
    def officer(self) -> Officer:
        """The officer as handlers know him."""
        return Officer(self.number, tuple(self.identity.desks))

    def sits(self) -> None:
        """Be the caller from now on."""
        set_caller(Caller(self.identity, "test", "test"))


def hire(house: House, number: str, *desks: str, begins: int | None = None) -> Person:
    """Return a new officer of these desks, whom the node has not seen yet; `begins`: his certificate, unix seconds."""
    authority = house.identities.authority
    issued = authority.issue(
        Role.OFFICER, officer=number, desks=[DeskId(d) for d in desks], not_before=begins
    )
    identity = verify_identity(
        issued.certificate, [], [authority.certificate], at=house.clock(), domain=DOMAIN, revoked=None
    )
    return Person(house, issued, identity)


async def enlist(house: House, *people: Person) -> None:
    """Let these officers call, so that the node knows them."""
    for person in people:
        house.rooms.staff.admit(person.identity)
    await house.rooms.staff.drained()
