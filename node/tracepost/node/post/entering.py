"""Saying in our log again what one of ours said that has ended: nobody acts on the heads of that one any more."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tracepost.node.ports.store import Tx
from tracepost.protocol.evidence import parse_entry, prepare_line
from tracepost.protocol.ids import EnvelopeId


def enter_again(
    tx: Tx,
    numbers: Mapping[EnvelopeId, int],
    note: Callable[[Mapping[EnvelopeId, int]], None],
    random: Callable[[int], bytes],
) -> dict[EnvelopeId, int]:
    """Enter what the entries with these numbers say of envelopes; return the new numbers, which `note` was given."""
    old = tx.log.lines(sorted(set(numbers.values())))
    there = {envelope: old[number] for envelope, number in numbers.items() if number in old}
    lines = [prepare_line(parse_entry(line.preimage), random) for line in there.values()]
    entered = dict(zip(there, tx.log.append(lines), strict=True))
    note(entered)
    return entered
