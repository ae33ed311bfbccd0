"""The case: an order-independent fold over the statements of one thread.

    state = fold(events, us=MemberId("xab"))
    state.phase, state.duties, state.items

Events may come in any order, late, and more than once; the same set of statements gives the
same state. `order` puts them into the one order that follows answers after what they answer;
`facts` notes what each says; `duties` tells who owes what, `consents` which consents stand, `enquiries`
what is asked inside a state, `letters` what offices that are no members say on paper; `case` has the values.

Rules: nothing is refused for state; a statement without effect here (an amendment of somebody
else's statement, a withdrawal by who did not ask) stands in the list of events and changes
nothing. Delay, partial answer, clarification and reminder are events with dates, not states.
A case is closed for us by who opened it or by ourselves, and reopened by the same; what comes
after the closing is taken up and marked late.

Not done here: whether a statement may enter the case (the mailroom), the clock (a due date is
compared with today by who has one), and "no reply recorded", which is a word of the reader
about `unheard` members once delivery to them is proved.
"""

from tracepost.protocol.lifecycle.case import (
    Acknowledged,
    CaseEvent,
    CaseState,
    Consented,
    Deletion,
    Duty,
    DutyKind,
    EnquiryState,
    ItemAnswer,
    ItemState,
    Outcome,
    Phase,
    TimelineEntry,
)
from tracepost.protocol.lifecycle.folding import fold
from tracepost.protocol.lifecycle.order import Placed, in_order

__all__ = [
    "Acknowledged",
    "CaseEvent",
    "CaseState",
    "Consented",
    "Deletion",
    "Duty",
    "DutyKind",
    "EnquiryState",
    "ItemAnswer",
    "ItemState",
    "Outcome",
    "Phase",
    "Placed",
    "TimelineEntry",
    "fold",
    "in_order",
]
