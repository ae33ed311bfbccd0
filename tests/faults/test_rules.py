"""Each rule holds of a good record, and complains of one in which just its promise is broken.

The good record is small and made by hand: XAA asks XAB by the relay HUB, XAB answers directly, both look.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from faults.books import Book, Line, Receipt, compute_roots
from faults.checker import judge, read_put_off, tell_verdict
from faults.history import Event, Phase
from faults.rules import RULES, Record
from tracepost.protocol.evidence import Frontier, Origin, generate_log_key
from tracepost.protocol.ids import MemberId

QUESTION, ANSWER = "question", "answer"
KEYS = {n: generate_log_key(Origin(MemberId(n), "tracepost.example", 1)) for n in ("xaa", "xab", "hub")}


def digest(name: str) -> bytes:
    """Return a digest that stands for what is named."""
    return hashlib.sha256(name.encode()).digest()


def b64(name: str) -> str:
    """Return the same as the history names statements."""
    return base64.urlsafe_b64encode(digest(name)).rstrip(b"=").decode()


def env(name: str) -> str:
    """Return the same as the history names the envelope of a statement."""
    return digest(f"envelope of {name}").hex()


def log(*entries: dict[str, Any]) -> tuple[Line, ...]:
    """Return a log that says these things."""
    return tuple(Line.of(n, b"salt", json.dumps(one).encode()) for n, one in enumerate(entries))


def said(entry: str, name: str, **more: Any) -> dict[str, Any]:
    """Return an entry about an envelope, or about a statement."""
    about = (
        {"id": env(name)}
        if entry in ("sent/1", "received/1", "custody/1")
        else {"statement": digest(name).hex()}
    )
    return {"entry": entry, **about, **more}


def statement(name: str, iss: str, at: str) -> dict[str, Any]:
    """Return the row of a statement."""
    before = b64(QUESTION) if name == ANSWER else ""
    return {
        "digest": b64(name),
        "iss": iss,
        "jti": name,
        "kind": "trace.request/1" if name == QUESTION else "trace.response/1",
        "thread": "t",
        "in_reply_to": before,
        "in_effect": True,
        "ours": iss == at,
        "reference": name,
    }


def mail(name: str, peer: str, number: int, **more: Any) -> dict[str, Any]:
    """Return the row of an envelope; the question goes by the relay."""
    via = "hub" if name == QUESTION else ""
    row = {"id": env(name), "via": via, "lane": 1, "epoch": 1, "seq": 1, "peer": peer, "log_number": number}
    return {**row, "log_epoch": 1, "statement": b64(name), "state": "DELIVERED", **more}


def receipt(signer: Book, name: str, number: int, kind: str = "RECEIVED") -> Receipt:
    """Return what a log proves at a number."""
    verdict = "accepted" if kind == "RECEIVED" else ""
    return Receipt(
        env(name), kind, signer.member, verdict, number, signer.lines[number].leaf, head(signer, number + 1)
    )


def head(book: Book, size: int, root: bytes | None = None) -> str:
    """Return a signed head of a log."""
    return KEYS[book.member].sign_checkpoint(KEYS[book.member].origin, size, root or book.roots[1][size])


def heads(lines: tuple[Line, ...]) -> dict[tuple[int, int], bytes]:
    """Return the head of today, as a store keeps it."""
    return {(1, len(lines)): list(compute_roots([line.leaf for line in lines]))[-1]}


def make_books() -> dict[str, Book]:
    """Return what the three keep at the end."""
    looked = {"desk": "poc", "officer": "7"}
    lines = {
        "xaa": log(
            said("signed/1", QUESTION),
            said("sent/1", QUESTION),
            said("received/1", ANSWER),
            said("opened/1", QUESTION, **looked),
            said("opened/1", ANSWER, **looked),
        ),
        "xab": log(
            said("received/1", QUESTION),
            said("opened/1", QUESTION, **looked),
            said("signed/1", ANSWER),
            said("sent/1", ANSWER),
        ),
        "hub": log(said("custody/1", QUESTION)),
    }
    bare = {n: Book(n, n == "hub", lines=some, heads=heads(some)) for n, some in lines.items()}
    hub = replace(bare["hub"], received=[mail(QUESTION, "xab", 0, from_member="xaa", state=1)])
    xaa = replace(
        bare["xaa"],
        statements=[statement(QUESTION, "xaa", "xaa"), statement(ANSWER, "xab", "xaa")],
        sent=[mail(QUESTION, "xab", 1)],
        received=[mail(ANSWER, "xab", 2)],
        receipts=[receipt(hub, QUESTION, 0, "CUSTODY"), receipt(bare["xab"], QUESTION, 0)],
    )
    xab = replace(
        bare["xab"],
        statements=[statement(QUESTION, "xaa", "xab"), statement(ANSWER, "xab", "xab")],
        sent=[mail(ANSWER, "xaa", 3)],
        received=[mail(QUESTION, "xaa", 0)],
        receipts=[receipt(bare["xaa"], ANSWER, 2)],
    )
    return {"xaa": xaa, "xab": xab, "hub": hub}


def shown(*names: str, state: str = "DELIVERED", text: str = "words") -> dict[str, Any]:
    """Return what a view of the case told at XAA."""
    rows = [
        {
            "statement": b64(name),
            "in_reply_to": b64(QUESTION) if name == ANSWER else "",
            "kind": "",
            "mail": {env(QUESTION): state} if name == QUESTION else {},
        }
        for name in names
    ]
    proofs = [
        {"log": "xab", "number": 0, "entry": "received/1", "event": "delivered", "statement": b64(QUESTION)}
    ]
    opened = {b64(name): f"{text} of {name}" for name in names}
    return {"thread": "t", "desk": "poc", "statements": rows, "opened": opened, "proofs": proofs}


def submit(call: int, member: str, name: str, to: str) -> list[Event]:
    """Return a submission that was acknowledged."""
    told = {"key": name, "statement": b64(name), "thread": "t", "envelopes": {to: env(name)}}
    asked = {"key": name, "to": to, "text": f"words of {name}"}
    return [
        Event(call, float(call), member, "submit", Phase.INVOKED, asked),
        Event(call, call + 0.5, member, "submit", Phase.ACKNOWLEDGED, told),
    ]


def read(call: int, view: dict[str, Any]) -> list[Event]:
    """Return a reading at XAA that was answered."""
    return [
        Event(call, float(call), "xaa", "read", Phase.INVOKED, {"thread": "t"}),
        Event(call, call + 0.5, "xaa", "read", Phase.ACKNOWLEDGED, view),
    ]


def make_record(
    *more: Event, books: dict[str, Book] | None = None, extra_heads: tuple[str, ...] = ()
) -> Record:
    """Return the good record, with what is said instead or besides."""
    kept = books or make_books()
    events = [
        *submit(1, "xaa", QUESTION, "xab"),
        *read(2, shown(QUESTION)),
        *submit(3, "xab", ANSWER, "xaa"),
        *read(4, shown(QUESTION, ANSWER)),
        *more,
    ]
    signed = [head(book, size) for book in make_books().values() for size in range(1, len(book.lines) + 1)]
    keys = {name: [key.vkey] for name, key in KEYS.items()}
    return Record(events, kept, [*signed, *extra_heads], keys)


def changed(member: str, **changes: Callable[[Book], Any]) -> Record:
    """Return the good record in which one book says something else."""
    books = make_books()
    book = books[member]
    books[member] = replace(book, **{name: change(book) for name, change in changes.items()})
    return make_record(books=books)


def without_line(number: int) -> Callable[[Book], tuple[Line, ...]]:
    """Return what takes an entry out of a log; those behind it move up."""
    return lambda book: tuple(
        replace(line, number=n, row=n)
        for n, line in enumerate(one for one in book.lines if one.number != number)
    )


def rows(name: str, place: int, **values: Any) -> Callable[[Book], list[Any]]:
    """Return what changes one row of a table."""
    return lambda book: [
        {**row, **values} if n == place else row for n, row in enumerate(getattr(book, name))
    ]


def again(name: str) -> Callable[[Book], list[Any]]:
    """Return what has the first row of a table twice."""
    return lambda book: [*getattr(book, name), getattr(book, name)[0]]


def second(name: str, **values: Any) -> Callable[[Book], list[Any]]:
    """Return what puts a changed copy of the first row in front of a table."""
    return lambda book: [{**getattr(book, name)[0], **values}, *getattr(book, name)]


def _trust(call: int, sequence: int = 2, *, revoked_is_refused: bool = True) -> Event:
    told = {"sequence": sequence, "revoked_is_refused": revoked_is_refused}
    return Event(call, float(call), "xaa", "trust", Phase.NOTED, told)


def restored(*first: Line) -> Record:
    """Return the good record of which XAA lost its disk: of its log it has the `first` entries, and a new one."""
    books = make_books()
    lost = books["xaa"]
    begun = Line.of(0, b"", json.dumps({"entry": "epoch/1"}).encode(), epoch=2, row=len(first))
    books["xaa"] = replace(lost, lines=[*first, begun], heads={}).after(lost)
    return make_record(books=books)


def other_head(size: int) -> Record:
    """Return a record in which the log of XAB once showed another head."""
    return make_record(extra_heads=(head(make_books()["xab"], size, digest("another root")),))


BAD: dict[str, list[Record]] = {
    "acknowledged_is_kept": [changed("xaa", statements=lambda b: b.statements[1:])],
    "acknowledged_arrives": [
        changed("xab", statements=lambda b: b.statements[1:]),
        changed("xab", statements=rows("statements", 0, in_effect=False)),
        changed("xaa", sent=rows("sent", 0, state="WITH_RELAY")),
        replace(make_record(), at_rest=False),
    ],
    "receipts_are_true": [
        changed("xab", lines=without_line(0)),
        changed("xab", received=lambda _: []),
        changed("hub", received=lambda _: []),
    ],
    "seen_receipts_stay_true": [changed("xab", lines=lambda b: b.lines[1:])],
    "delivered_means_receipted": [
        changed("xaa", receipts=lambda b: b.receipts[:1]),
        make_record(*read(9, {**shown(QUESTION, ANSWER), "proofs": []})),
    ],
    "nothing_seen_is_unseen": [make_record(*read(9, shown(QUESTION)))],
    "states_go_forward": [make_record(*read(9, shown(QUESTION, ANSWER, state="WITH_RELAY")))],
    "what_is_shown_is_what_was_said": [make_record(*read(9, shown(QUESTION, ANSWER, text="other words")))],
    "damage_is_refused": [
        make_record(Event(9, 9.0, "xaa", "damage", Phase.NOTED, {"what": "a bit", "outcome": "served it"}))
    ],
    "trust_goes_forward": [
        make_record(*(_trust(9 + n, sequence=2 - n) for n in range(2))),
        make_record(*(_trust(9 + n, revoked_is_refused=not n) for n in range(2))),
    ],
    "one_key_one_submission": [
        make_record(
            *(
                replace(one, data={**one.data, "statement": b64("other")})
                for one in submit(9, "xaa", QUESTION, "xab")
            )
        )
    ],
    "nothing_is_applied_twice": [
        changed("xaa", statements=second("statements", digest=b64("twice"))),
        changed("xab", received=again("received")),
    ],
    "one_envelope_for_each_addressee": [
        changed("xaa", sent=second("sent", id=env("twice"))),
        changed("xab", received=second("received", id=env("twice"))),
    ],
    "each_log_says_each_thing_once": [
        changed("xab", lines=lambda b: (*b.lines, replace(b.lines[0], number=4, row=4)))
    ],
    "what_was_shown_is_logged": [changed("xaa", lines=lambda b: b.lines[:4])],
    "mail_is_logged": [
        changed("xab", lines=without_line(0)),
        changed("xaa", lines=without_line(0)),
        changed("hub", received=rows("received", 0, log_number=7)),
    ],
    "logs_are_whole": [
        changed("xaa", lines=lambda b: (*b.lines[:2], *b.lines[3:])),
        changed("xaa", heads=lambda _: {(1, 3): digest("another root")}),
        restored(*reversed(make_books()["xaa"].lines[:2])),
    ],
    "no_log_forks": [other_head(2), other_head(9), changed("xab", lines=lambda b: b.lines[:2])],
    "numbers_run_on_each_road": [
        changed("xaa", sent=rows("sent", 0, seq=2)),
        changed("xaa", sent=second("sent", seq=2, log_number=0)),
    ],
    "mail_arrives_under_its_number": [
        changed("xab", received=rows("received", 0, seq=2)),
        changed("xab", received=second("received", id=env("never sent"))),
    ],
    "order_holds_on_each_road": [changed("xab", received=second("received", seq=2))],
    "no_answer_before_its_question": [
        changed("xaa", statements=rows("statements", 0, in_effect=False)),
        make_record(*read(9, shown(ANSWER))),
    ],
}


def test_a_good_record_breaks_no_rule() -> None:
    """Else nothing that is said of bad ones would mean anything."""
    assert judge(make_record()) == []
    assert tell_verdict([])[-1] == f"VERDICT: all {len(RULES)} rules hold"


def test_what_a_log_said_on_a_disk_that_was_lost_is_asked_for_as_well() -> None:
    record = restored(*make_books()["xaa"].lines[:2])
    assert judge(record) == []
    assert [len(lines) for lines in record.books["xaa"].logs.values()] == [5, 1]


@pytest.mark.parametrize(
    ("name", "place"), [(name, place) for name, records in BAD.items() for place in range(len(records))]
)
def test_a_bad_record_breaks_the_rule(name: str, place: int) -> None:
    """Something else may be wrong with it as well; this must be seen."""
    findings = judge(BAD[name][place])
    assert name in {finding.rule.check.__name__ for finding in findings}
    assert "rules are broken" in tell_verdict(findings)[-1]


def test_every_rule_has_a_bad_record() -> None:
    """A rule that nobody ever saw complain proves nothing."""
    assert list(BAD) == [rule.check.__name__ for rule in RULES]


def test_views_that_overlap_are_not_compared() -> None:
    """The second was begun before the first had ended: it may be older."""
    first, second_ = read(7, shown(QUESTION, ANSWER)), read(8, shown(QUESTION))
    overlapping = replace(make_record(), events=[first[0], second_[0], first[1], second_[1]])
    one_by_one = replace(make_record(), events=[*first, *second_])
    names = [{f.rule.check.__name__ for f in judge(one)} for one in (overlapping, one_by_one)]
    assert ["nothing_seen_is_unseen" in one for one in names] == [False, True]


def test_lines_of_older_programs_that_name_no_envelope_are_passed_over(tmp_path: Path) -> None:
    older, ours = {"event": "mail-status", "code": "busy"}, {"event": "mail-status", "envelope": env(ANSWER)}
    lines = [json.dumps(one, separators=(",", ":")) for one in (older, ours)]
    (tmp_path / "xaa.log").write_text("no line of a log\n" + "\n".join(lines) + "\n")
    assert read_put_off(tmp_path) == {env(ANSWER)}


def test_our_own_arithmetic_gives_the_roots_of_the_product() -> None:
    """Two ways of reckoning the same tree, for every size up to a few blocks."""
    frontier, leaves = Frontier(), [digest(str(n)) for n in range(300)]
    for n, root in enumerate(compute_roots(leaves)):
        assert root == frontier.root()
        if n < len(leaves):
            frontier.append(leaves[n])
