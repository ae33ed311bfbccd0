"""What waits at our desks, and what is to be told of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from tracepost.node.records.telling import Step, TellingMail, WaitingItem
from tracepost.protocol.ids import DeskId


class Telling(Protocol):
    """Items that wait, one row for each desk, and tellings that have not gone. What is over is forgotten."""

    def add(self, items: Sequence[WaitingItem]) -> None:
        """Note items; of one that is known for its desk, what is known stays."""

    def find(self, desk: DeskId, items: Collection[str]) -> dict[str, WaitingItem]:
        """Return those of these items that are noted for a desk, by name."""

    def undecided(self) -> list[WaitingItem]:
        """Return the items of all desks that belong to no case."""

    def early(self) -> list[WaitingItem]:
        """Return the items of NO_DESK."""

    def dated(self) -> list[WaitingItem]:
        """Return the DATED items of all desks."""

    def know(self, desk: DeskId, items: Collection[str]) -> None:
        """Take those of these items that are noted for a desk to KNOWN: nobody is told of them any more. Idempotent."""

    def settle(self, desk: DeskId, items: Collection[str]) -> None:
        """Forget these items of a desk. Idempotent."""

    def settle_case(self, desk: DeskId, thread: str, until: int) -> None:
        """Forget the items of a desk in a case that wait since `until` or longer. Idempotent."""

    def forget_seen(self, before: int) -> None:
        """Forget items that were SEEN since before that time."""

    def keep_desks(self, desks: Collection[DeskId]) -> None:
        """Forget items and tellings of all other desks; NO_DESK stays."""

    def waits(self, desk: DeskId, step: Step, *, told_before: int) -> frozenset[bool]:
        """Return whether items of a desk at this step, told before that time or never, are urgent: which there are."""

    def tell(self, desk: DeskId, step: Step, *, urgent: bool, told_before: int, at: int) -> None:
        """Take these items one step on, told at `at`."""

    def send(self, mails: Sequence[TellingMail]) -> None:
        """Keep tellings that are to go. A known id is a StoreError."""

    def unsent(self) -> list[TellingMail]:
        """Return the tellings that have not gone, oldest first."""

    def postpone(self, id_: str, tries: int, not_before: int) -> None:
        """Note that a telling did not go, and when it is tried again."""

    def done(self, ids: Collection[str]) -> None:
        """Forget tellings: they went, or nobody needs them any more. Idempotent."""
