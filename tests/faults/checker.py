"""Judges a campaign: the one program that reads its history and its books, and says whether a promise was broken.

    python -m faults.checker build/faults/sqlite

It reads the folder of a campaign whose daemons are gone: `history.jsonl`, `heads.txt`, `town.json` and the store of
each member. It prints counts, then every complaint under its rule, then the verdict; it exits with 1 if there is one,
and with 2 if there is none and the time ended before every fault had its turns.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fakes.witness import HEADS, read_heads
from faults.books import Book, read_book
from faults.history import HISTORY, Phase, read_history
from faults.rules import RULES, Record, Rule

TOWN: Final = "town.json"
LOGS: Final = "logs"
_PUT_OFF: Final = '"event":"mail-status"'
_SHOWN: Final = 5
_UNFINISHED: Final = 2


@dataclass(frozen=True)
class Finding:
    """A rule and what breaks it."""

    rule: Rule
    complaints: tuple[str, ...]


def judge(record: Record) -> list[Finding]:
    """Return the rules that are broken, with each complaint once."""
    found = [Finding(rule, tuple(dict.fromkeys(rule.check(record)))) for rule in RULES]
    return [finding for finding in found if finding.complaints]


def read_record(folder: Path) -> Record:
    """Return what is on record in the folder of a campaign."""
    town = json.loads((folder / TOWN).read_text("utf-8"))
    events = read_history(folder / HISTORY)
    rests = [event.data["quiet"] for event in events if event.verb == "rest"]
    books = {
        name: _read_all(name, one["store"], one["lost"], is_relay=one["relay"])
        for name, one in town["members"].items()
    }
    return Record(
        events=events,
        books=books,
        heads=read_heads(folder / HEADS),
        log_keys={name: one["log_keys"] for name, one in town["members"].items()},
        at_rest=bool(rests and rests[-1]),
        put_off=read_put_off(folder / LOGS).union(*(book.put_off for book in books.values())),
    )


def _read_all(member: str, store: str, lost: Sequence[str], *, is_relay: bool) -> Book:
    """Return what a member keeps today, with what its logs said on disks that were lost."""
    book = read_book(member, store, is_relay=is_relay)
    for url in lost:
        book = book.after(read_book(member, url, is_relay=is_relay))
    return book


def read_put_off(folder: Path) -> frozenset[str]:
    """Return the envelopes of which a daemon logged that their addressee cannot take them now.

    Programs of older versions logged it and did not name the envelope: their addressee's own trail does.
    """
    logs = (path.read_text("utf-8", "replace") for path in sorted(folder.glob("*.log")))
    lines = (line for log in logs for line in log.splitlines() if line.startswith("{") and _PUT_OFF in line)
    told = (json.loads(line) for line in lines)
    return frozenset(one["envelope"] for one in told if "envelope" in one)


def tell_counts(record: Record) -> list[str]:
    """Return what was done, in figures."""
    faults = Counter(event.data["name"] for event in record.of("fault", Phase.NOTED))
    tried = {event.data["key"] for event in record.of("submit", Phase.INVOKED)}
    told = {answer.data["key"] for _, answer in record.acknowledged}
    opened = sum(len(event.data["opened"]) for event in record.of("read", Phase.ACKNOWLEDGED))
    mail = sum(len(book.received) for book in record.nodes)
    killed = sum(1 for _ in record.of("killed", Phase.NOTED))
    entries = sum(len(book.lines) for book in record.books.values())
    return [
        f"{len(tried)} drafts, {len(told)} acknowledged, {mail} envelopes received, {opened} openings shown,",
        f"{entries} log entries, {len(record.heads)} heads signed, {len(record.events)} lines of history",
        f"{killed} processes killed (SIGKILL)",
        *(f"  {count:5} × {name}" for name, count in sorted(faults.items())),
    ]


def had_its_turns(record: Record) -> bool:
    """Say whether every fault happened as often as was meant."""
    return all(event.data["complete"] for event in record.of("plan", Phase.NOTED))


def tell_verdict(findings: Sequence[Finding], *, whole: bool = True) -> list[str]:
    """Return the complaints under their rules, and the verdict; `whole`: whether every fault had its turns."""
    lines: list[str] = []
    for finding in findings:
        lines.append(f"BROKEN: {finding.rule.promise}: {finding.rule.name}")
        lines += [f"    {one}" for one in finding.complaints[:_SHOWN]]
        if len(finding.complaints) > _SHOWN:
            lines.append(f"    and {len(finding.complaints) - _SHOWN} more")
    if findings:
        return [*lines, f"VERDICT: {len(findings)} of {len(RULES)} rules are broken"]
    if not whole:
        return [f"VERDICT: all {len(RULES)} rules hold, but time ended before every fault had its turns"]
    return [f"VERDICT: all {len(RULES)} rules hold"]


def main(arguments: Sequence[str]) -> int:
    """Judge the campaign of a folder."""
    record = read_record(Path(arguments[0]))
    findings = judge(record)
    whole = had_its_turns(record)
    sys.stdout.write("\n".join([*tell_counts(record), *tell_verdict(findings, whole=whole)]) + "\n")
    return 1 if findings else 0 if whole else _UNFINISHED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
