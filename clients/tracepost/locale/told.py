"""What officers are told by mail: fixed sentences that say that something waits, and nothing of what it is.

Daemons send them, in the language of who is told; they are here because the words of all languages are.
"""

from __future__ import annotations

from tracepost.locale import load


def waiting_words(tag: str, *, urgent: bool, unopened: bool, console: str) -> tuple[str, str]:
    """Return subject and text of a telling.

    Args:
        tag: language, out of `tags()`.
        urgent: something of it is urgent.
        unopened: nobody has opened it for long, and a deputy is told.
        console: where to sign in; empty: it is not said.
    """
    words = load([tag])
    subject = (
        words.gettext("Urgent: an item waits at your desk")
        if urgent
        else words.gettext("An item waits at your desk")
    )
    lines = [words.gettext("An item waits at your desk in Tracepost.")]
    lines.append(words.gettext("Urgent: yes") if urgent else words.gettext("Urgent: no"))
    if unopened:
        lines.append(words.gettext("No officer has opened it yet. You are told too, so that somebody does."))
    return subject, _text(lines, console, words.gettext("Sign in here:"), words.gettext(_NOTHING_ELSE))


def trial_words(tag: str, *, console: str) -> tuple[str, str]:
    """Return subject and text of a mail that tries whether mails arrive; see `waiting_words`."""
    words = load([tag])
    lines = [
        words.gettext("This is a test of the mail of Tracepost. Nothing waits at your desk because of it.")
    ]
    subject = words.gettext("Test: nothing waits at your desk")
    return subject, _text(lines, console, words.gettext("Sign in here:"), words.gettext(_NOTHING_ELSE))


def later(text: str) -> str:
    """Mark words that are looked up later."""
    return text


_NOTHING_ELSE = later("This message says nothing else on purpose. Nobody reads answers to it.")


def _text(lines: list[str], console: str, sign_in: str, end: str) -> str:
    if console:
        lines = [*lines, f"{sign_in} {console}"]
    return "\n\n".join([*lines, end]) + "\n"
