"""What an officer says in each guided form of a console, by the names of its fields: `GUIDES` has them all.

A point before a name stands for the message of the form: `.ground` of a refusal is `content.refusal.ground`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fakes.notices_written import HIT, LOSS, SEIZURE, SERIAL, Form

Said = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True)
class Telling:
    """One way through a form to its end.

    Args:
        guide: its name.
        at: whose console it is written at, and
        officer: by whom: "8" sits at the first desk of the member, "9" at the second, and so on.
        case: in which case it is said, by the name that `fakes.small_town` gives it; empty: it makes one.
        said: what is said.
    """

    guide: str
    at: str
    officer: str
    case: str
    said: Said


def _typed(path: str, text: str) -> dict[str, str]:
    """Return a serial number as it is typed, twice."""
    head = f"{path}.mark.0"
    return {
        f"{head}.role": "MANUFACTURER_SERIAL",
        f"{head}.text_as_seen": text,
        f"~{head}.text_as_seen": text,
    }


def _notice(form: Form, *to: str) -> dict[str, str | Sequence[str]]:
    """Return what is typed into the form of a notice, days by their three boxes as one."""
    said: dict[str, str | Sequence[str]] = {}
    for _page, fields in form.filled("N-1", *to):
        days = [name.removesuffix("~y") for name in fields if name.endswith("~y")]
        said |= {name: value for name, value in fields.items() if name[-2:] not in ("~y", "~m", "~d")}
        said |= {day: "-".join(str(fields[f"{day}~{box}"]) for box in "ymd") for day in days}
    if not to:
        del said["to"]
    return said


_WEAPON: Final = {
    ".items.0.kind": "WEAPON",
    ".items.0.object.category": "ASSAULT_RIFLE",
    ".items.0.object.make": "Zastava",
    **_typed(".items.0.object", SERIAL),
}


def _answer(head: str) -> dict[str, str]:
    """Return what is said on one item: where the trace ends, one event, and one person where persons are asked for."""
    return {
        f"{head}.answers.0.identification": "CONFIRMED",
        f"{head}.answers.0.reach": "FIRST_RECIPIENT",
        f"{head}.answers.0.stopped_because_full": "LOST_OR_STOLEN",
        f"{head}.answers.0.evidential_use": "LEAD_ONLY",
        f"{head}.answers.0.lineage.0.kind": "MADE",
    }


def _with_person(head: str) -> dict[str, str]:
    return {
        **_answer(head),
        f"{head}.answers.0.persons.0.role": "OWNER",
        f"{head}.answers.0.persons.0.name": "somebody",
    }


_LETTER: Final = {".correspondent.id": "letter:xyz-office"}
_SAID_BY_LETTER: Final[Mapping[str, Said]] = {
    "response": {".response.final": "yes", **_with_person(".response")},
    "information-request": {"~needed": ""},
    "status": {".status.state": "UNDER_TRACE"},
    "delay": {".delay.ground": ""},
    "refusal": {".refusal.ground": "NATIONAL_SECURITY"},
}
_PANEL: Final = {
    ".file_number": "P-1",
    ".panel": "Panel XYZ",
    ".mandate_resolution": "S/RES/9999 (2025)",
    ".publication_intent": "WITHOUT_SOURCE",
    ".confidentiality": "REPORT",
}

TELLINGS: Final[Sequence[Telling]] = (
    Telling(
        "request",
        "xaa",
        "8",
        "",
        {
            **_WEAPON,
            "to": "xab",
            ".addressed_because": "MANUFACTURE",
            ".file_number": "G-1",
            ".urgency": "ROUTINE",
            ".items.0.custody": "HELD",
            ".circumstances.found_situation": "SEIZED",
            ".illicit_grounds": "NATIONAL_LAW",
            "purpose": "CRIMINAL_INVESTIGATION",
            ".guarantees_restrictions": "yes",
            ".office.organisation": "National tracing office",
        },
    ),
    Telling("seizure", "xaa", "8", "", _notice(SEIZURE, "xab")),
    Telling("loss", "xaa", "8", "", _notice(LOSS, "xab")),
    Telling("acknowledge", "xab", "8", "asked", {".file_number": "B-1", ".formal_check": "COMPLETE"}),
    Telling("ask", "xab", "8", "asked", {"~needed": ""}),
    Telling(
        "supply",
        "xaa",
        "8",
        "lacking",
        {
            "~supplied": "",
            ".items.0.id": "",
            ".items.0.kind": "WEAPON",
            ".items.0.object.make": "Zastava",
            **_typed(".items.0.object", SERIAL),
        },
    ),
    Telling("answer", "xab", "8", "asked", {".final": "yes", **_with_person("")}),
    Telling("refuse", "xab", "8", "asked", {".ground": "NATIONAL_SECURITY", ".reason_text": "It is ours."}),
    Telling("delay", "xab", "8", "asked", {".ground": "", ".new_date": "2099-1-15"}),
    Telling(
        "redirect",
        "xab",
        "8",
        "asked",
        {".redirections.0.ask_member": "xac", ".redirections.0.reason": "EXPORTED_TO"},
    ),
    Telling("refer", "xab", "8", "asked", {"to": "xac", ".reason": "EXPORTED_TO", ".mode": "COPY"}),
    Telling("status", "xab", "8", "asked", {".state": "UNDER_TRACE"}),
    Telling("remind", "xaa", "8", "asked", {".state": "REMINDER"}),
    Telling("close", "xaa", "8", "answered", {".code": "ANSWERED", ".result": "LEAD"}),
    Telling("enquire", "xab", "8", "asked", {".step": "ASKED", ".to_desk": "army"}),
    Telling("enquire", "xab", "8", "enquired", {".step": "REMINDER", ".enquiry_digest": ""}),
    Telling("finding", "xab", "8", "enquired", {"~on_paper": "yes", ".final": "yes", **_with_person("")}),
    Telling("letter", "xaa", "8", "asked", {**_LETTER, "~says": "request"}),
    *(
        Telling(guide, "xaa", "8", "asked", {**_LETTER, "~says": says, **said})
        for guide in ("letter", "transcribe")
        for says, said in _SAID_BY_LETTER.items()
    ),
    Telling(
        "loss-end", "xaa", "8", "lost", {"~ended": "1", ".status": "RECOVERED", ".found_situations": "SEIZED"}
    ),
    Telling("hit", "xab", "8", "lost", _notice(HIT)),
    Telling("share", "xab", "8", "asked", {"to": "xac", ".reason": "CASE", "~statements": ""}),
    Telling(
        "consent",
        "xaa",
        "8",
        "asked",
        {".step": "DECIDED", ".decision": "GRANTED", ".third_party": "xac", ".purpose": ""},
    ),
    Telling(
        "clarify", "xab", "8", "asked", {".step": "QUESTION", ".code": "OTHER", ".text": "Which of the two?"}
    ),
    Telling(
        "correct-answer",
        "xab",
        "8",
        "answered",
        {
            "~corrected": "",
            ".answers.0.explanation": "Sold in 1991.",
            ".answers.0.lineage.0.kind": "MADE",
            ".answers.0.persons.0.role": "OWNER",
            ".answers.0.persons.0.name": "somebody",
            ".reason": "TRANSCRIPTION_ERROR",
        },
    ),
    Telling(
        "correct-item",
        "xaa",
        "8",
        "asked",
        {"~corrected": "", ".items.0.object.make": "Zavodi", ".reason": "TRANSCRIPTION_ERROR"},
    ),
    Telling(
        "amend",
        "xaa",
        "8",
        "asked",
        {".amends_digest": "", ".reason": "NEW_INFORMATION", ".effect": "ADD", ".text": "It was a carbine."},
    ),
    Telling(
        "withdraw", "xaa", "8", "asked", {".step": "ASKED", ".deletion_asked": "yes", ".reason": "DUPLICATE"}
    ),
    Telling(
        "withdraw",
        "xab",
        "8",
        "asked",
        {".step": "KEPT_BY_LAW", ".kept_under": "Archives act", ".deletion_asked": "yes"},
    ),
    Telling(
        "object-check",
        "xaa",
        "9",
        "",
        {
            "to": "xab",
            ".file_number": "C-1",
            "purpose": "CRIMINAL_INVESTIGATION",
            "legal_basis": "ITI",
            ".items.0.make": "Zastava",
            **_typed(".items.0", SERIAL),
        },
    ),
    Telling("check-reply", "xab", "9", "checked", {".outcomes.0.result": "NO_HIT"}),
    Telling(
        "panel-ask",
        "un-panel-xyz",
        "8",
        "",
        {
            **_WEAPON,
            **_PANEL,
            "to": "xab",
            ".reply_by": "2099-1-15",
            ".question": "Who received it first?",
            ".embargo_context": "Seen with an armed group.",
            ".observed_country": "XAD",
        },
    ),
    Telling(
        "documented",
        "un-panel-xyz",
        "8",
        "",
        {
            **_WEAPON,
            "to": "xab",
            ".file_number": "D-1",
            ".documented_by": "Panel XYZ",
            ".mandate_resolution": "S/RES/9999 (2025)",
            ".custody_context": "CACHE",
            ".documented_on": "2026-3-4",
            ".country": "XAD",
            ".verification": "PHYSICALLY_INSPECTED",
            ".verifier": "PANEL_EXPERT",
            ".confidentiality": "COMMITTEE",
        },
    ),
    Telling(
        "panel-print",
        "un-panel-xyz",
        "8",
        "replied",
        {
            **_PANEL,
            ".excerpts.0.text_id": "p1",
            ".excerpts.0.statement_digest": "",
            ".texts.0.text": "The rifle was delivered in 1987.",
            ".excerpts.0.field_paths": "answers.0",
        },
    ),
    Telling(
        "panel-reply",
        "xab",
        "11",
        "asked by a panel",
        {
            "~replies": "answer",
            ".file_number": "M-1",
            ".confidentiality": "REPORT",
            ".final": "yes",
            **_answer(""),
        },
    ),
    Telling(
        "panel-reply",
        "xab",
        "11",
        "asked by a panel",
        {
            "~replies": "refusal",
            ".file_number": "M-1",
            ".confidentiality": "REPORT",
            ".refusal_ground": "CONFIDENTIALITY_LAW",
        },
    ),
    Telling(
        "panel-reply",
        "xab",
        "11",
        "put to print",
        {
            "~replies": "texts",
            ".confidentiality": "REPORT",
            ".publication.0.text_id": "p1",
            ".publication.0.decision": "GRANTED",
            ".publication.0.attribution": "NOT_NAMED",
        },
    ),
)
"""Every form, gone through to its end by each way that has pages of its own. "" is the first that a page offers."""
