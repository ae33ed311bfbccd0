"""For which desks a case, and a message in it, are written, by what desks are in law (messages.md, 1 and 3).

    audience_of(kind, of_case)      what a kind says of itself in the schema, and what was said in the case before

Desks that something in a case is written for are on the case. Who addresses a panel, a peace operation or a
Permanent Mission by a kind that is written for it consents that it reads this message; of others in the case
it needs a consent. A reserved kind goes to those desks alone, and to those that want a copy of such mail.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tracepost.node.gate import Reader
from tracepost.protocol.schema import RESERVED_KINDS, WRITTEN_FOR

Competences = frozenset[str]
"""What desks are in law, as in the directory: "CUSTOMS_ENFORCEMENT"."""

_BY_CONSENT: Final = frozenset({"PANEL", "PEACE_OPERATION", "FOREIGN_AFFAIRS"})
_NONE: Final[Competences] = frozenset()


@dataclass(frozen=True, slots=True)
class Audience:
    """Competences of the desks that a case is written for, and of those that a message of it is."""

    of_case: Competences = _NONE
    of_message: Competences = _NONE
    reserved: bool = False

    def is_on_case(self, reader: Reader) -> bool:
        """Say whether a desk is on the case because something in it is written for such desks."""
        return bool(reader.competences & self.of_case)

    def is_consented(self, reader: Reader) -> bool:
        """Say whether the author of the message, by its kind, lets a desk read that reads by consent only."""
        return bool(reader.competences & self.of_message & _BY_CONSENT)

    def is_meant(self, reader: Reader) -> bool:
        """Say whether the message is written for a desk."""
        return bool(reader.competences & self.of_message)


EVERYBODY: Final = Audience()


def audience_of(kind: str, of_case: Competences = _NONE) -> Audience:
    """Return the audience of a message of `kind` in a case that is written for the desks `of_case`."""
    meant = WRITTEN_FOR.get(kind, _NONE)
    return Audience(of_case | meant, meant, kind in RESERVED_KINDS)
