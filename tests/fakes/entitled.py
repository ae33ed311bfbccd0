"""Who may read a field, worked out from the requirement alone (messages.md, section 1), not by the gate.

    told = Told("xaa", "poc", ("xab",), "trace.request/1", {place: Sensitivity.OBJECT})
    may_read(Eyes("xab", customs), told, place)

Nothing of the product decides here: neither the policies nor what makes their context. A fault of either is
found by whoever compares what a desk was shown with what stands here. The rows are upper bounds: a product
that shows less than this has another fault, which other tests look for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from fakes.canaries import Place
from tracepost.node.config import DeskSettings
from tracepost.protocol.schema import Sensitivity
from tracepost.protocol.trustlist import MemberType

S = Sensitivity

POLICE: Final = "LAW_ENFORCEMENT"
BY_CONSENT: Final = frozenset({"PANEL", "PEACE_OPERATION"})
SHARE: Final = "share/1"


@dataclass(frozen=True)
class Row:
    """Readers of a class: the point of contact, competences always, those on the case, those by consent."""

    poc: bool = False
    always: frozenset[str] = frozenset()
    on_case: frozenset[str] = frozenset()
    by_consent: frozenset[str] = frozenset()


def row(always: str = "", on_case: str = "", by_consent: str = "", *, poc: bool = False) -> Row:
    return Row(poc, frozenset(always.split()), frozenset(on_case.split()), frozenset(by_consent.split()))


ROWS: Final[Mapping[Sensitivity, Row]] = {
    S.OBJECT: row(
        POLICE,
        "RECORDS_CUSTODY LICENSING CUSTOMS_ENFORCEMENT BORDER FORENSIC",
        "PANEL PEACE_OPERATION FOREIGN_AFFAIRS",
        poc=True,
    ),
    S.LAW_ENFORCEMENT: row(
        POLICE,
        # "Customs and border if addressed; licensing for diversion": both are put on the case, or written for.
        "CUSTOMS_ENFORCEMENT BORDER LICENSING",
        "PANEL PEACE_OPERATION FOREIGN_AFFAIRS",
        poc=True,
    ),
    S.COMMERCIAL: row(f"{POLICE} LICENSING", by_consent="PANEL", poc=True),
    S.CONTACT: row(POLICE, poc=True),
    S.CRIMINAL_JUSTICE: row(POLICE),
    S.PERSONAL: row(POLICE),
    S.NATIONAL_SECURITY: row(),
}

WRITTEN_FOR: Final[Mapping[str, str]] = {
    "customs.seizure-notice/1": "CUSTOMS_ENFORCEMENT BORDER",
    "register.loss-notice/1": "CUSTOMS_ENFORCEMENT BORDER RECORDS_CUSTODY",
    "trace.diversion-notice/1": "LICENSING",
    "embargo.delivery-notified/1": "CUSTOMS_ENFORCEMENT BORDER LICENSING",
    "flow.information/1": "CUSTOMS_ENFORCEMENT BORDER",
    "ballistic.reference/1": "FORENSIC",
    "panel.documented-item/1": "FOREIGN_AFFAIRS PANEL PEACE_OPERATION",
    "panel.request/1": "FOREIGN_AFFAIRS",
    "panel.reply/1": "PANEL",
    "register.hit/1": "CUSTOMS_ENFORCEMENT BORDER RECORDS_CUSTODY",
    SHARE: "PANEL PEACE_OPERATION",
}
"""Kinds of mail that are for desks of some competence: they are on its case (messages.md, section 3)."""

RESERVED: Final = "panel.request/1"
"""What goes to a Permanent Mission, and to those who want a copy, and to all where there is no such desk."""


@dataclass(frozen=True)
class Eyes:
    """A desk, and of which member."""

    member: str
    desk: DeskSettings
    type: MemberType = MemberType.STATE

    @property
    def name(self) -> str:
        """How a statement names it."""
        return f"{self.member}/{self.desk.desk}"

    @property
    def competences(self) -> frozenset[str]:
        """What it is in law."""
        return frozenset(self.desk.competences)

    @property
    def is_contact(self) -> bool:
        """Whether it is a national point of contact: States have those."""
        return self.desk.point_of_contact and self.type is MemberType.STATE


@dataclass
class Told:
    """One statement that carries canaries: who wrote it for whom, and which class each canary has in it.

    Args:
        author: the member, and
        author_desk: its desk.
        to: the members addressed.
        kind: of the statement.
        classes: the class of each canary in it, as it was raised.
        named: desks, `member/desk`, that it names for NATIONAL_SECURITY.
        only: canaries that the author keeps to some desks, and which.
        asks: desk of the author's member that an enquiry is for.
        supplied: the author desk wrote or supplied what is in it; false where the node drew it from others.
        consented: the provider consents that panels and peace operations among the addressees read it.
        case: the thread that it stands in.
        kinds: what was said in its case before, and is; the desks that something of it is for are on the case.
        ends: canaries of which nobody but its author reads any more what is above ADMINISTRATIVE.
        not_for: canaries that its author keeps from some members, and which.
        gone: members that have deleted it.
        held_at: members where it waits for an officer and has no effect; nobody there reads it.
        reserved: desks, `member/desk`, that alone it goes to where its addressees have such; None: to all.
    """

    author: str
    author_desk: str
    to: tuple[str, ...]
    kind: str
    classes: Mapping[Place, Sensitivity]
    named: frozenset[str] = frozenset()
    only: Mapping[Place, frozenset[str]] = field(default_factory=dict)
    asks: str = ""
    supplied: bool = True
    consented: bool = False
    case: str = ""
    kinds: set[str] = field(default_factory=set)
    ends: frozenset[Place] = frozenset()
    not_for: Mapping[Place, frozenset[str]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    held_at: frozenset[str] = frozenset()
    reserved: frozenset[str] | None = None


def may_read(eyes: Eyes, told: Told, place: Place, on_case: frozenset[str]) -> bool:
    """Say whether a desk may read a canary in a statement; `on_case` are desks, `member/desk`, put on the case."""
    of_class = told.classes.get(place)
    if of_class is None or eyes.member not in (told.author, *told.to) or eyes.member in told.gone:
        return False
    if eyes.member in told.not_for.get(place, ()):
        return False
    is_reserved = told.reserved is not None and eyes.member != told.author
    if is_reserved and eyes.name not in (told.reserved or ()) and of_class is not S.ADMINISTRATIVE:
        return False
    if place in told.ends and eyes.member != told.author and of_class is not S.ADMINISTRATIVE:
        return False  # the head of a case, its file numbers, is kept until the case is deleted
    if told.supplied and (told.author, told.author_desk) == (eyes.member, eyes.desk.desk):
        return True
    if "INDUSTRY_LIAISON" in eyes.competences:
        return False
    if (
        place in told.only
        and of_class not in (S.ADMINISTRATIVE, S.NATIONAL_SECURITY)
        and eyes.name not in told.only[place]
    ):
        return False
    if of_class is S.NATIONAL_SECURITY:
        return eyes.name in told.named
    return _by_class(eyes, told, of_class, on_case)


def _by_class(eyes: Eyes, told: Told, of_class: Sensitivity, on_case: frozenset[str]) -> bool:
    meant = frozenset(WRITTEN_FOR.get(told.kind, "").split())
    in_case = {word for kind in {told.kind, *told.kinds} for word in WRITTEN_FOR.get(kind, "").split()}
    is_asked = bool(told.asks) and (eyes.member, eyes.desk.desk) == (told.author, told.asks)
    has_written = (eyes.member, eyes.desk.desk) == (told.author, told.author_desk)
    is_put_on = is_asked or has_written or eyes.name in on_case
    if not eyes.desk.outward and not is_put_on:
        return False  # nobody writes to an inner desk: it has what was put before it
    is_on_case = is_put_on or bool(in_case & eyes.competences)
    if of_class is S.ADMINISTRATIVE:
        return is_on_case or eyes.desk.on_every_case
    row = ROWS[of_class]
    return (
        (row.poc and eyes.is_contact)
        or bool(row.always & eyes.competences)
        or (is_on_case and bool(row.on_case & eyes.competences))
        or bool(_consented(eyes, told, meant) & row.by_consent & eyes.competences)
    )


def _consented(eyes: Eyes, told: Told, meant: frozenset[str]) -> frozenset[str]:
    """Return the competences of those who read by consent that somebody lets read it.

    Who writes to a panel by a kind that is for panels lets it read what he writes; of what others wrote,
    which is what a share shows, that takes their own word. What the panel wrote itself it reads.
    """
    if eyes.member == told.author or told.consented:
        return BY_CONSENT
    return frozenset() if told.kind == SHARE else meant
