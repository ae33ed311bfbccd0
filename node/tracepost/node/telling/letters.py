"""What leaves when somebody is told, by mail or to a web address: nothing that tells one item from another."""

from __future__ import annotations

from typing import Final

from tracepost.locale.told import trial_words, waiting_words
from tracepost.node.records.telling import TellingMail
from tracepost.node.telling.settings import ToldDesk
from tracepost.serving.notices import Letter

TRIAL: Final = {"waits": False, "urgent": False, "test": True}
"""What a web address gets that is tried."""


def letter_of(mail: TellingMail, desk: ToldDesk, console: str) -> Letter:
    """Return the mail of a telling."""
    subject, text = waiting_words(desk.language, urgent=mail.urgent, unopened=mail.deputy, console=console)
    return Letter((mail.to,), subject, text, mail.id)


def said_of(mail: TellingMail) -> dict[str, bool]:
    """Return what a web address is told."""
    return {"waits": True, "urgent": mail.urgent}


def trial_letter(to: str, desk: ToldDesk, console: str) -> Letter:
    """Return a mail that tries whether mails arrive."""
    return Letter((to,), *trial_words(desk.language, console=console))
