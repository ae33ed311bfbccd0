"""What an officer is told of an error, in his language: its kind, what is wrong, and what to do.

What the console itself refuses stands in the catalogues as it is raised. A node says what is wrong in English, with a
code and a reason: what an officer meets of it from day to day is said here by these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tracepost.locale.words import Words
from tracepost.locale.words import later as _
from tracepost.protocol.errors import TracepostError

_INNER: Final = _("Your desk writes to other members under the oversight of another desk only.")
_NO_CASE: Final = _("There is no such case here, or none that your desk may see.")
_NO_MESSAGE: Final = _("There is no such message here, or none that your desk may see.")
_NO_CONSENT: Final = _("A member whose data this is has not consented that it is passed on.")
_COMMAND: Final = "tracepost "
"""Nobody at a browser has the command line before him."""
_ENDS: Final = ".!?:\u3002\uff01\uff1f\u061f"
_OVER: Final = _("It is decided on already.")

BY_REASON: Final[Mapping[tuple[str, str], str]] = {
    ("approval", "not-endorsed"): _("The passkey does not speak for this officer, or does so no more."),
    ("approval", "too-old"): _("The word of a passkey is good for an hour: look at the page again."),
    ("conflict", "decided"): _OVER,
    ("conflict", "sealed-for-others"): _("What it was sealed for no longer holds. Send it anew."),
    ("conflict", "too-late"): _("It waited too long and can no longer go. Send it anew."),
    ("conflict", "under-way"): _("Some of it is on its way still."),
    ("identity", "officer-left"): _("This officer has left."),
    ("invalid-input", "beyond-the-end"): _("The file is not as long as that."),
    ("invalid-input", "day-over"): _("The day of a restriction is over."),
    ("invalid-input", "deliver-by"): _("Mail is delivered within 180 days."),
    ("invalid-input", "empty"): _("The message says nothing."),
    ("invalid-input", "empty-mark"): _("A mark has letters or figures."),
    ("invalid-input", "exercise-in-real"): _("An exercise is not put into a case that is real."),
    ("invalid-input", "no-reason"): _("Say why."),
    ("invalid-input", "not-said"): _("A new case says its purpose and legal basis."),
    ("invalid-input", "real-in-exercise"): _("What is real is not put into a case of an exercise."),
    ("invalid-input", "several-cases"): _("Several cases are called so: say more of the number."),
    ("invalid-input", "stays-here"): _("This stays with your own desks."),
    ("invalid-input", "to-ourselves"): _("Mail to your own member does not travel."),
    ("invalid-input", "to-whom"): _("Say to whom it goes."),
    ("invalid-input", "too-many"): _("That is too much at once."),
    ("invalid-input", "unknown-case"): _NO_CASE,
    ("invalid-input", "unknown-statement"): _NO_MESSAGE,
    ("invalid-message", "beyond-consent"): _("The consent does not reach as far as that."),
    ("invalid-message", "consent-ended"): _("The consent has ended."),
    ("invalid-message", "item-twice"): _("An item is named twice."),
    ("invalid-message", "no-consent"): _NO_CONSENT,
    ("invalid-message", "not-its-author"): _("The consent of who wrote it is needed."),
    ("invalid-message", "not-our-request"): _("In this case your State has asked nothing."),
    ("invalid-message", "nothing-asked"): _("In this case nothing was asked of your State."),
    ("invalid-message", "unknown-item"): _("This case has no such item."),
    ("limit", "too-large-for-so-many"): _("This is too large for so many members at once."),
    ("limit", "too-many-attachments"): _("The message names too many files."),
    ("not-allowed", "inner-desk"): _INNER,
    ("not-allowed", "mandate-over"): _("The mandate has ended."),
    ("not-allowed", "no-consent"): _NO_CONSENT,
    ("not-allowed", "no-use-in-court"): _("Who sent it has to be told before it is used in court."),
    ("not-allowed", "not-by-console"): _("An officer does this himself, and not by the console."),
    ("not-allowed", "not-ours-to-say"): _("Members like yours do not send this."),
    ("not-allowed", "not-yours-to-decide"): _("The officer whose word it waits for opens its files."),
    ("not-allowed", "open-administrative"): _("None of your desks may read cases."),
    ("not-allowed", "other-desk"): _("This is for an officer of another desk."),
    ("not-allowed", "other-officer"): _("This is for another officer."),
    ("not-allowed", "own-message"): _("Nobody releases what he wrote himself."),
    ("not-allowed", "own-proposal"): _("Nobody approves what he asked for himself."),
    ("not-allowed", "purpose-limited"): _("It may be used only for what it was given for."),
    ("not-allowed", "put-on-case"): _("Your desk was put on the case: what others hold of it is not its to delete."),
    ("not-allowed", "stays-here"): _("This stays with your own desks."),
    ("not-found", "attachment-not-here"): _("The file is not here, or not yet whole."),
    ("not-found", "deleted"): _("It was deleted here."),
    ("not-found", "no-attachment"): _("Your desk sees no such file there."),
    ("not-found", "no-keys"): _("Your desk holds nothing of this message."),
    ("not-found", "no-part"): _("Your desk sees no such photograph in the case."),
    ("not-found", "not-held"): _("No mail is held under this name any more."),
    ("not-found", "unknown-case"): _NO_CASE,
    ("not-found", "unknown-deletion"): _("No deletion waits under this name any more."),
    ("not-found", "unknown-release"): _("No message waits for a word under this name any more."),
    ("not-found", "unknown-statement"): _NO_MESSAGE,
    ("quota", "officer-quota"): _("You have handed in too many files that no message names."),
    ("quota", "rate"): _("Too much was asked in a short time."),
    ("unreachable", "node-closed"): _("The node ended the connection."),
    ("unreachable", "node-cut"): _("The node gave no answer. See whether it was done before you do it again."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error in the words of one language: its kind, what is wrong, what to do; each may be empty."""

    kind: str
    says: str
    remedy: str

    @property
    def whole(self) -> str:
        """All of it in one line, each part a sentence."""
        return " ".join(map(_sentence, filter(None, (self.kind, self.says, self.remedy))))


def _sentence(words: str) -> str:
    """Return `words` with an end: nodes say what is wrong without."""
    return words if words[-1] in _ENDS else f"{words}."


def refusal_of(error: TracepostError, words: Words) -> Refusal:
    """Return an error in the language of `words`; what nothing is known of there stays in English."""
    return Refusal(words.coded("error", error.code), _says(error, words), _remedy(error, words))


def _says(error: TracepostError, words: Words) -> str:
    said = words.gettext(error.message) if error.message else ""
    if said != error.message or words.tag == "en":
        return said
    return words.gettext(BY_REASON.get((error.code, error.reason), said)) if said else ""


def _remedy(error: TracepostError, words: Words) -> str:
    """Return the remedy of this very error, before the one of its kind."""
    own, of_kind = error.what_to_do, words.coded("remedy", error.code)
    said = words.gettext(own) if own else ""
    has_own = own != type(error).remedy and (said != own or words.tag == "en")
    return said if has_own and _COMMAND not in own else of_kind
