"""What the node itself is: its member, its desks, and the officer who calls."""

from __future__ import annotations

from dataclasses import dataclass, field

from tracepost.node.gate import Action, Context, Gate, Reader
from tracepost.node.handlers.case.audience import EVERYBODY, Audience
from tracepost.node.handlers.case.inward import FOR_NOBODY, Inward
from tracepost.protocol.errors import InvalidInputError, PermissionError_
from tracepost.protocol.identity import Identity
from tracepost.protocol.ids import NODE_DESK, DeskId, MemberId
from tracepost.protocol.schema import Sensitivity
from tracepost.protocol.sealing import DeskPublicKey

Named = frozenset[str]
"""Desks as a statement names them, `member/desk`."""


@dataclass(frozen=True, slots=True)
class OwnDesk:
    """A desk of ours: how the gate sees it, and what its copies are wrapped to; `outward`: peers know of it.

    What it writes to other members takes a word of the desk that it is `under`, or, `by_notice`, is told to it.
    """

    reader: Reader
    on_every_case: bool
    storage_key: DeskPublicKey = field(repr=False)
    outward: bool = True
    under: DeskId | None = None
    by_notice: bool = False

    @property
    def desk(self) -> DeskId:
        """The desk's id."""
        return self.reader.desk


@dataclass(frozen=True, slots=True)
class Office:
    """Our member and its desks."""

    member: MemberId
    desks: tuple[OwnDesk, ...]

    def desk(self, desk: DeskId) -> OwnDesk:
        """Return our desk with this id; raise `InvalidInputError`."""
        for one in self.desks:
            if one.desk == desk:
                return one
        raise InvalidInputError(f"there is no desk {desk} here", where="desk", reason="unknown-desk")

    def readings(
        self,
        gate: Gate,
        *,
        author: DeskId | None,
        named: Named = frozenset(),
        written_for: Audience = EVERYBODY,
        inward: Inward = FOR_NOBODY,
        action: Action = Action.OPEN,
    ) -> list[frozenset[Sensitivity]]:
        """Return for each desk of ours what it may read of a statement; `author` wrote it, if it is ours.

        An inner desk reads what it wrote or is asked, and else nothing until it is put on the case.
        """
        return [
            gate.readable(d.reader, action, self.context(d, author, named, written_for, inward))
            if d.outward or d.desk in (author, inward.asks)
            else frozenset()
            for d in self.desks
        ]

    def context(
        self,
        desk: OwnDesk,
        author: DeskId | None,
        named: Named = frozenset(),
        written_for: Audience = EVERYBODY,
        inward: Inward = FOR_NOBODY,
    ) -> Context:
        """Return what a statement says about a desk of ours as its reader.

        Args:
            desk: of ours.
            author: the desk that wrote it, if it is ours.
            named: desks that it names.
            written_for: the desks that it and its case are written for.
            inward: what a statement of ours says of our desks.
        """
        # Nobody writes for an inner desk: it is on the cases that an officer puts it on.
        concerned = EVERYBODY if not desk.outward else written_for
        return Context(
            on_case=concerned.is_on_case(desk.reader, always=desk.on_every_case) or desk.desk == inward.asks,
            author=author is not None,
            wrote=desk.desk == author and not inward.composed,
            addressed=author is None,
            named=bool(named) and desk_name(self.member, desk.desk) in named,
            consented=written_for.is_consented(desk.reader),
        )


@dataclass(frozen=True, slots=True)
class Officer:
    """An officer of ours, as the certificate shows."""

    number: str
    desks: tuple[DeskId, ...]

    @property
    def label(self) -> str:
        """How logs and audit name the officer."""
        return f"officer-{self.number}"

    def choose_desk(self, named: str) -> DeskId:
        """Return the desk that the officer acts for: the one named, else the only one."""
        if not named and len(self.desks) != 1:
            raise InvalidInputError("say which of your desks acts", where="desk", reason="which-desk")
        desk = DeskId(named) if named else self.desks[0]
        if desk not in self.desks or desk == NODE_DESK:
            raise PermissionError_(
                "your certificate is not bound to that desk", where="desk", reason="other-desk"
            )
        return desk


def desk_name(member: MemberId, desk: DeskId) -> str:
    """Return how a statement names a desk of any member."""
    return f"{member}/{desk}"


def officer_of(identity: Identity) -> Officer:
    """Return the officer that a verified certificate shows."""
    assert identity.officer is not None  # the method table admits officers only
    return Officer(identity.officer, identity.desks)
