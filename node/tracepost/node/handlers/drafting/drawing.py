"""What the node itself writes into a draft, from statements of the case that it holds.

    an enquiry    the objects that it asks about, under the classes that they have in the request
    a letter      our request of the case, as far as its correspondent may get it
    an answer     what custodians found, under the classes that it has in their findings

Drawn data passes the gate as the desk that it is drawn for, with the action `process`; the log says from
which statements, and for which desk. What is drawn keeps its class: it is never lowered on the way. It keeps what bound
its source too, and is kept no longer than that: what stays with us of it is deleted with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from google.protobuf.message import Message

from tracepost.protocol.ids import DeskId, StatementDigest
from tracepost.protocol.schema import Field, Sensitivity, assemble, declared_class, flatten, kind_of
from tracepost.protocol.statement import Restriction


@dataclass(frozen=True, slots=True)
class Processed:
    """A statement that the gate let the node process for a desk; `decision` is the digest of its table."""

    statement: StatementDigest
    desk: DeskId
    decision: bytes


@dataclass(frozen=True, slots=True)
class Drawn:
    """Fields for a draft, with the classes of their sources, and photographs; never shown to who wrote it.

    `message` is the draft's message with all of them; None: nothing was drawn. `restrictions` bound the sources:
    they bind what is drawn from them, beside those of the draft.
    """

    message: Message | None = field(default=None, repr=False)
    classes: Mapping[str, Sensitivity] = field(default_factory=lambda: MappingProxyType({}))
    parts: tuple[bytes, ...] = field(default=(), repr=False)
    processed: tuple[Processed, ...] = ()
    restrictions: tuple[Restriction, ...] = ()

    def complete(self, message: Message) -> Message:
        """Return `message` as it is to be signed."""
        return message if self.message is None else self.message

    def raise_classes(self, fields: list[Field]) -> list[Field]:
        """Return the fields of the message with the classes that those drawn have at their sources."""
        if not self.classes:
            return fields
        return [Field(f.path, self.classes.get(f.path, f.sensitivity), f.value) for f in fields]


NOTHING_DRAWN = Drawn()


def draw_into(message: Message, drawn: list[Field]) -> tuple[Message, dict[str, Sensitivity]]:
    """Return a copy of `message` with the fields `drawn`, and those of their classes that are raised."""
    kind = kind_of(message)
    whole = assemble(kind, [*flatten(message), *drawn]).message
    raised = {f.path: f.sensitivity for f in drawn if declared_class(kind, f.path) is not f.sensitivity}
    return whole, raised
