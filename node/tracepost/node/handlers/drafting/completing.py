"""Which drafts the node completes by itself, and with what (`drawing`)."""

from __future__ import annotations

from google.protobuf.message import Message

from tracepost.node.gate import Gate
from tracepost.node.handlers.case.office import Office, Officer
from tracepost.node.handlers.case.thread import Thread
from tracepost.node.handlers.drafting.composing import Composer, require_no_sources
from tracepost.node.handlers.drafting.copying import ItemCopier
from tracepost.node.handlers.drafting.drawing import NOTHING_DRAWN, Drawn
from tracepost.node.handlers.drafting.enquiring import EnquiryCompleter
from tracepost.node.handlers.drafting.letters import LetterCompleter
from tracepost.node.handlers.sealed.opening import Opener
from tracepost.node.handlers.sealed.shown_exhibits import Signers
from tracepost.node.ports.store import Tx
from tracepost.wire.v1 import desk_pb2

# What the node adds to, or looks at before it is signed.
_COMPLETED = frozenset({"enquiry", "letter", "response"})


class Completing:
    """Completes drafts from what the node holds. Reads the store; safe from any thread."""

    def __init__(self, office: Office, gate: Gate, opener: Opener, signers: Signers) -> None:
        self._office = office
        self._letters = LetterCompleter(office, gate, opener)
        self._composer = Composer(office, gate, opener)
        self._enquiries = EnquiryCompleter(office, ItemCopier(opener, signers))

    def complete(self, tx: Tx, officer: Officer, draft: desk_pb2.Draft, thread: Thread | None) -> Drawn:
        """Return what is drawn for `draft`; most drafts need nothing.

        Raises what the rules, the gate or the store say against it.
        """
        kind = draft.content.WhichOneof("kind")
        if (kind not in _COMPLETED and not draft.composed) or (thread is None and kind != "letter"):
            return NOTHING_DRAWN
        desk = self._office.desk(officer.choose_desk(draft.desk))
        if kind == "letter" or thread is None:
            return self._letters.complete(tx, desk, thread, draft.content.letter)
        if kind == "enquiry":
            return self._enquiries.complete(tx, desk, thread, draft.content.enquiry)
        message: Message = getattr(draft.content, kind or "error")
        require_no_sources(message)
        return self._composer.compose(tx, thread, message, draft) if draft.composed else NOTHING_DRAWN
