"""How a refusal is told that rests on a restriction or a handling instruction: which one, and what to do.

The rules are policies of the base set; this names them in words. A test holds that each has its words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from tracepost.protocol.errors import PermissionError_

_ASK = "Ask its provider for consent: tracepost trace consent CASE --ask --third-party MEMBER."
_CALL = "Ask the office that asked, by telephone, whether and when this may be done."

KEEPING_ENDED: Final = "keeping-ended"

REFUSALS: Final[Mapping[str, tuple[str, str]]] = {
    KEEPING_ENDED: (
        "the last day on which this may be kept has passed (DELETE_AFTER)",
        "Delete it, or ask its provider to send it again with a later day.",
    ),
    "competent-authorities-only": (
        "it is for competent authorities of States only (ITI 15(a)), and this goes to somebody else",
        _ASK,
    ),
    "purpose-limited": (
        "it may be used for the purpose alone for which it was given (ITI 15(b)), and this is another",
        f"Name the purpose for which it was given, or: {_ASK}",
    ),
    "no-onward-release": (
        "it may not go on to others without its provider's prior consent (ITI 15(c))",
        _ASK,
    ),
    "no-use-in-court": (
        "it may not be used in court without prior notice to its provider (Firearms Protocol 12(5))",
        f"Tell its provider first, and wait for the answer. {_ASK}",
    ),
    "no-publication": ("it may not be published without its provider's consent", _ASK),
    "no-slip-to-owner": ("the office that asked says: do not contact the registered owner or dealer", _CALL),
    "no-slip-that-alerts": ("the office that asked says: do not alert anybody", _CALL),
    "no-slip-during-controlled-delivery": ("a controlled delivery is running", _CALL),
}


def find_refusal(policy_ids: Iterable[str]) -> PermissionError_ | None:
    """Return the refusal by the first of these policies that stands for a restriction; None: there is none."""
    for name in policy_ids:
        if name in REFUSALS:
            words, remedy = REFUSALS[name]
            return PermissionError_(words, where="restrictions", reason=name, remedy=remedy)
    return None
