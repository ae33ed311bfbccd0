"""For which desks a case, and a message in it, are written, by what desks are in law (messages.md, 1 and 3).

    audience_of(kind)      what a kind says of itself in the schema; `concerned` adds what the case says

Desks that something in a case is written for are on the case. Who addresses a panel, a peace operation or a
Permanent Mission by a kind that is written for it consents that it reads this message; of others in the case
it needs a consent. A reserved kind goes to those desks alone, and to those that want a copy of such mail.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from tracepost.node.gate import Reader
from tracepost.protocol.ids import MemberId
from tracepost.protocol.schema import RESERVED_KINDS, WRITTEN_FOR

Competences = frozenset[str]
"""What desks are in law, as in the directory: "CUSTOMS_ENFORCEMENT"."""

_BY_CONSENT: Final = frozenset({"PANEL", "PEACE_OPERATION", "FOREIGN_AFFAIRS"})
_NONE: Final[Competences] = frozenset()


@dataclass(frozen=True, slots=True)
class Audience:
    """Competences of the desks that a message is written for, and of those that its case is, by who holds it.

    `of_cases` names members with the competences of their desks that are on the case as they hold it.
    """

    of_message: Competences = _NONE
    reserved: bool = False
    of_cases: tuple[tuple[MemberId, Competences], ...] = ()

    def at(self, member: MemberId) -> Audience:
        """Return what of it counts at one member."""
        if not self.of_cases:  # nearly always
            return self
        return replace(self, of_cases=tuple(one for one in self.of_cases if one[0] == member))

    def is_on_case(self, reader: Reader, *, always: bool) -> bool:
        """Say whether a desk is on the case: `always`, or because something in it is written for such desks."""
        return always or bool(reader.competences & self._on_case_at(reader.member))

    def is_consented(self, reader: Reader) -> bool:
        """Say whether the author of the message, by its kind, lets a desk read that reads by consent only."""
        return bool(reader.competences & self.of_message & _BY_CONSENT)

    def is_meant(self, reader: Reader) -> bool:
        """Say whether the message is written for a desk."""
        return bool(reader.competences & self.of_message)

    def _on_case_at(self, member: MemberId) -> Competences:
        return self.of_message.union(*(some for one, some in self.of_cases if one == member))


EVERYBODY: Final = Audience()


def audience_of(kind: str, of_cases: tuple[tuple[MemberId, Competences], ...] = ()) -> Audience:
    """Return the audience of a message of `kind`; `of_cases`: for whom its case is written, where it is held."""
    return Audience(WRITTEN_FOR.get(kind, _NONE), kind in RESERVED_KINDS, of_cases)
