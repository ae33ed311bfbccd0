"""What a member asked and was asked, counted per item, from the clear part of its statements.

    asked = observe(events, us)                      # of one case; one `Asked` per item and member asked
    tables = tally(asked, smallest=5)                # cells with their numbers, small ones kept back

An item that two members are asked about is counted twice where the asking is counted, and once, with
what was found out farthest, where results are. "Traced" in the sense of SDG 16.4.2 needs the point of
diversion. A node sees what goes through it: domestic traces it never sees, so a share of these items is
the share among items of this network and not the indicator. Exercises are left out.

Not done here: reading the store, and who may count (the node).
"""

from __future__ import annotations

import enum
import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

from tracepost.protocol.ids import MemberId, ThreadId
from tracepost.protocol.lifecycle import CaseEvent
from tracepost.protocol.lifecycle.letters import as_said
from tracepost.protocol.lifecycle.order import in_order
from tracepost.protocol.suppression import suppress
from tracepost.protocol.vocabulary import is_traced
from tracepost.wire.v1 import report_pb2, terms_pb2, trace_pb2

ALL: Final = MemberId("")
"""In the place of a member: all of them."""

_DAY_SECONDS: Final = 86400


class Ending(enum.Enum):
    """How the asking of one item of one member stands; each has one."""

    ANSWERED = "answered"
    REFUSED = "refused"
    REDIRECTED = "redirected"
    WITHDRAWN = "withdrawn"
    UNANSWERED = "unanswered"


class Acknowledgement(enum.Enum):
    """Whether the asked office said that it has the request (ITI 19); a machine's word is told apart."""

    BY_AN_OFFICE = "by an office"
    BY_A_MACHINE = "by a machine"
    NOT = "not"


@dataclass(frozen=True, slots=True)
class Result:
    """What is known of an item, in the three lists of outcomes."""

    identification: int = trace_pb2.IDENTIFICATION_UNSPECIFIED
    reach: int = trace_pb2.REACH_UNSPECIFIED
    stopped_because: int = trace_pb2.STOPPED_BECAUSE_UNSPECIFIED


@dataclass(frozen=True, slots=True)
class Asked:
    """That a member was asked about an item, and what came of it; times in unix seconds."""

    thread: ThreadId
    item_id: str
    requester: MemberId
    of: MemberId
    at: int
    acknowledged_at: int | None = None
    acknowledged_by_machine: bool = False
    answered_at: int | None = None
    result: Result = field(default_factory=Result)
    ground: int = terms_pb2.WITHHOLDING_GROUND_UNSPECIFIED
    refused: bool = False
    redirected: bool = False
    withdrawn: bool = False
    delays: frozenset[int] = frozenset()

    @property
    def ending(self) -> Ending:
        """What counts: an answer before a refusal of the rest, a refusal before a hint where to ask."""
        if self.answered_at is not None:
            return Ending.ANSWERED
        if self.refused:
            return Ending.REFUSED
        if self.redirected:
            return Ending.REDIRECTED
        return Ending.WITHDRAWN if self.withdrawn else Ending.UNANSWERED

    @property
    def acknowledgement(self) -> Acknowledgement:
        """Who acknowledged it."""
        if self.acknowledged_at is not None:
            return Acknowledgement.BY_AN_OFFICE
        return Acknowledgement.BY_A_MACHINE if self.acknowledged_by_machine else Acknowledgement.NOT


# ---------------------------------------------------------------- one case


def observe(thread: ThreadId, events: Iterable[CaseEvent]) -> list[Asked]:
    """Return what was asked in a case, of whom, and what came of it; nothing of an exercise.

    A letter counts as what it says: the office that it is to, or from, is then the one asked.
    """
    notes: dict[tuple[str, MemberId], Asked] = {}
    for event in map(as_said, in_order(events)):
        note = _NOTES.get(event.kind)
        if note is not None and not event.exercise:
            note(thread, notes, event, event.message)
    return list(notes.values())


_Notes = dict[tuple[str, MemberId], Asked]


def _request(thread: ThreadId, notes: _Notes, event: CaseEvent, message: trace_pb2.TraceRequest) -> None:
    _ask(thread, notes, event, [item.id for item in message.items], event.iss)


def _referral(thread: ThreadId, notes: _Notes, event: CaseEvent, message: trace_pb2.Referral) -> None:
    _ask(thread, notes, event, message.item_ids, MemberId(message.requester))


def _amendment(thread: ThreadId, notes: _Notes, event: CaseEvent, message: trace_pb2.Amendment) -> None:
    asked = {one.requester for one in notes.values()}
    if event.iss in asked:
        _ask(thread, notes, event, [item.id for item in message.items], event.iss)
    else:
        _answers(notes, event, message.answers)


def _ask(
    thread: ThreadId, notes: _Notes, event: CaseEvent, items: Iterable[str], requester: MemberId
) -> None:
    for item in items:
        for member in event.aud:
            if item and member not in (event.iss, requester):
                notes.setdefault((item, member), Asked(thread, item, requester, member, event.iat))


def _acknowledgement(
    _: ThreadId, notes: _Notes, event: CaseEvent, message: trace_pb2.Acknowledgement
) -> None:
    for asked in _of(notes, event, ()):
        if message.automatic:
            _put(notes, replace(asked, acknowledged_by_machine=True))
        elif asked.acknowledged_at is None:
            _put(notes, replace(asked, acknowledged_at=event.iat))


def _response(_: ThreadId, notes: _Notes, event: CaseEvent, message: trace_pb2.Response) -> None:
    _answers(notes, event, message.answers)


def _answers(notes: _Notes, event: CaseEvent, answers: Iterable[trace_pb2.Answer]) -> None:
    for answer in answers:
        for asked in _of(notes, event, [answer.item_id]) if answer.item_id else ():
            told = Result(answer.identification, answer.reach, answer.stopped_because)
            _put(
                notes,
                replace(
                    asked,
                    answered_at=event.iat if asked.answered_at is None else asked.answered_at,
                    result=told,
                ),
            )


def _refusal(_: ThreadId, notes: _Notes, event: CaseEvent, message: trace_pb2.Refusal) -> None:
    for asked in _of(notes, event, message.item_ids):
        _put(notes, replace(asked, refused=True, ground=message.ground))


def _delay(_: ThreadId, notes: _Notes, event: CaseEvent, message: trace_pb2.Delay) -> None:
    for asked in _of(notes, event, message.item_ids):
        _put(notes, replace(asked, delays=asked.delays | {message.ground}))


def _redirect(_: ThreadId, notes: _Notes, event: CaseEvent, message: trace_pb2.Redirect) -> None:
    for asked in _of(notes, event, [one.item_id for one in message.redirections]):
        _put(notes, replace(asked, redirected=True))


def _withdrawal(_: ThreadId, notes: _Notes, event: CaseEvent, message: trace_pb2.Withdrawal) -> None:
    if message.step != trace_pb2.WITHDRAWAL_STEP_ASKED:
        return
    for key, asked in list(notes.items()):
        if asked.requester == event.iss and (not message.item_ids or asked.item_id in message.item_ids):
            notes[key] = replace(asked, withdrawn=True)


def _of(notes: _Notes, event: CaseEvent, items: Sequence[str]) -> list[Asked]:
    """Return what the author of a statement was asked, of these items; of all where none is named."""
    mine = [one for one in notes.values() if one.of == event.iss]
    return [one for one in mine if not items or one.item_id in items]


def _put(notes: _Notes, asked: Asked) -> None:
    notes[asked.item_id, asked.of] = asked


_NOTES: Final[Mapping[str, Callable[[ThreadId, _Notes, CaseEvent, Any], None]]] = MappingProxyType(
    {
        "trace.request/1": _request,
        "trace.referral/1": _referral,
        "trace.amendment/1": _amendment,
        "trace.acknowledgement/1": _acknowledgement,
        "trace.response/1": _response,
        "trace.refusal/1": _refusal,
        "trace.delay/1": _delay,
        "trace.redirect/1": _redirect,
        "trace.withdrawal/1": _withdrawal,
    }
)


# ---------------------------------------------------------------- many cases


@dataclass(frozen=True, slots=True)
class Cell:
    """What one number of a report is about; a code of 0 or an empty text: all of them."""

    direction: int
    measure: int
    peer: MemberId = ALL
    identification: int = 0
    reach: int = 0
    stopped_because: int = 0
    ground: int = 0
    iafq: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the period, by its first day; from `begins` until before `ends`, unix seconds."""

    first_day: str
    begins: int
    ends: int


@dataclass(frozen=True, slots=True)
class Domestic:
    """Figures that an officer keys in: what no node sees. `found`: seized, found or surrendered, and traceable."""

    found: int
    traced: int = 0
    established: int = 0


@dataclass(frozen=True, slots=True)
class Tally:
    """Numbers by cell; None: kept back because it, or another number by it, is small."""

    numbers: Mapping[Cell, int | None]


IAFQ_VERSION: Final = "1"
IAFQ: Final[Mapping[str, str]] = MappingProxyType(
    {
        "1.2": "successfully traced, by domestic records",
        "1.3": "successfully traced, by records of another country",
        "1.4": "illicit origin or context established by a competent authority",
        "1.5": "traced without success",
        "1.6": "no answer yet",
        "1.7": "tracing not completed: refused, redirected or withdrawn",
    }
)
"""Items of the Illicit Arms Flows Questionnaire as this project understands them; UNVERIFIED against its text.

1.2 and 1.4 are domestic: they are keyed in. A change of this table is a change of its version.
"""

SENT: Final = report_pb2.REPORT_DIRECTION_SENT
RECEIVED: Final = report_pb2.REPORT_DIRECTION_RECEIVED

_M: Final = report_pb2
_ENDINGS: Final = {
    Ending.ANSWERED: _M.REPORT_MEASURE_ANSWERED,
    Ending.REFUSED: _M.REPORT_MEASURE_REFUSED,
    Ending.REDIRECTED: _M.REPORT_MEASURE_REDIRECTED,
    Ending.WITHDRAWN: _M.REPORT_MEASURE_WITHDRAWN,
    Ending.UNANSWERED: _M.REPORT_MEASURE_UNANSWERED,
}
_ACKNOWLEDGEMENTS: Final = {
    Acknowledgement.BY_AN_OFFICE: _M.REPORT_MEASURE_ACKNOWLEDGED,
    Acknowledgement.BY_A_MACHINE: _M.REPORT_MEASURE_ACKNOWLEDGED_AUTOMATICALLY,
    Acknowledgement.NOT: _M.REPORT_MEASURE_NOT_ACKNOWLEDGED,
}


def tally(
    asked: Sequence[Asked],
    us: MemberId,
    *,
    smallest: int,
    per_peer: bool = False,
    domestic: Domestic | None = None,
    parts: Sequence[Part] = (),
) -> Tally:
    """Count; numbers from 1 to `smallest` - 1, and those that would give them away, are kept back.

    `parts` of the period are counted each for itself too: what is kept back of one, no other and no sum tells.
    `per_peer` tells what each member answered and left unanswered: of use to us alone. Where only one member
    was asked, what all left unanswered is what that one did, and is kept back as well.
    """
    sums = _Sums()
    sides = ((SENT, [a for a in asked if a.requester == us]), (RECEIVED, [a for a in asked if a.of == us]))
    for direction, some in sides:
        _count_asked(sums, direction, some, parts=parts)
        for peer, theirs in _by_peer(direction, some).items() if per_peer else ():
            _count_asked(sums, direction, theirs, peer)
    _count_results(sums, [a for a in asked if a.requester == us])
    secret = frozenset[Cell]() if per_peer else _silence_of_one(sides[0][1], parts)
    hidden = suppress(sums.cells, sums.counts, smallest, secret)
    numbers: dict[Cell, int | None] = {c: None if c in hidden else sums.value(c) for c in sums.cells}
    for direction, some in sides:
        numbers |= _medians(direction, some, smallest, hidden)
        for part in parts:
            numbers |= _medians(direction, _within(part, some), smallest, hidden, part.first_day)
    numbers |= _shares(numbers, domestic)
    return Tally(numbers)


@dataclass(frozen=True, slots=True)
class _AskedKind:
    """What the asking of an item counts as."""

    direction: int
    peer: MemberId
    ending: Ending
    acknowledgement: Acknowledgement
    ground: int
    part: str = ""


@dataclass(frozen=True, slots=True)
class _DelayedKind:
    """That items were delayed on a ground; an item may be so on several."""

    direction: int
    peer: MemberId
    ground: int


@dataclass(frozen=True, slots=True)
class _ResultKind:
    """What an item counts as."""

    result: Result
    ending: Ending

    @property
    def traced(self) -> bool:
        return is_traced(self.result.reach)  # type: ignore[arg-type] # an enum is a number here


_Kind = _AskedKind | _DelayedKind | _ResultKind


@dataclass(slots=True)
class _Sums:
    """Cells, each the sum of kinds of things, and how many there were of each kind."""

    cells: dict[Cell, frozenset[_Kind]] = field(default_factory=dict)
    counts: Counter[_Kind] = field(default_factory=Counter)

    def value(self, cell: Cell) -> int:
        return sum(self.counts[kind] for kind in self.cells[cell])

    def add(self, cell: Cell, kinds: Iterable[_Kind]) -> None:
        self.cells[cell] = frozenset(kinds)


def _by_peer(direction: int, asked: Iterable[Asked]) -> dict[MemberId, list[Asked]]:
    """Return what was asked of each member, or by it, by its id."""
    found: dict[MemberId, list[Asked]] = {}
    for one in asked:
        found.setdefault(one.of if direction == SENT else one.requester, []).append(one)
    return dict(sorted(found.items()))


def _silence_of_one(asked: Sequence[Asked], parts: Sequence[Part]) -> frozenset[Cell]:
    """Return the cells that would tell what the only member that we asked, in all or in a part, left unanswered."""
    cells = {
        Cell(SENT, _M.REPORT_MEASURE_UNANSWERED, part=part.first_day)
        for part in parts
        if len(_by_peer(SENT, _within(part, asked))) == 1
    }
    if len(_by_peer(SENT, asked)) == 1:
        cells |= {
            Cell(SENT, _M.REPORT_MEASURE_UNANSWERED),
            Cell(SENT, _M.REPORT_MEASURE_IAFQ, iafq="1.6"),
        }
    return frozenset(cells)


def _within(part: Part, asked: Iterable[Asked]) -> list[Asked]:
    return [one for one in asked if part.begins <= one.at < part.ends]


def _count_asked(
    sums: _Sums,
    direction: int,
    asked: Sequence[Asked],
    peer: MemberId = ALL,
    parts: Sequence[Part] = (),
) -> None:
    kinds = Counter(_asked_kind(direction, peer, one, parts) for one in asked)
    sums.counts.update(kinds)
    for part in ("", *(part.first_day for part in parts)):
        of_part = [kind for kind in kinds if part in ("", kind.part)]
        sums.add(Cell(direction, _M.REPORT_MEASURE_ASKED, peer, part=part), of_part)
        for ending, measure in _ENDINGS.items():
            sums.add(Cell(direction, measure, peer, part=part), [k for k in of_part if k.ending is ending])
    for said, measure in _ACKNOWLEDGEMENTS.items():
        sums.add(Cell(direction, measure, peer), [k for k in kinds if k.acknowledgement is said])
    refused = [k for k in kinds if k.ending is Ending.REFUSED]
    for ground in _codes(terms_pb2.WithholdingGround):
        sums.add(
            Cell(direction, _M.REPORT_MEASURE_REFUSED, peer, ground=ground),
            [k for k in refused if k.ground == ground],
        )
        delayed = _DelayedKind(direction, peer, ground)
        sums.counts[delayed] = sum(ground in one.delays for one in asked)
        sums.add(Cell(direction, _M.REPORT_MEASURE_DELAYED, peer, ground=ground), [delayed])


def _asked_kind(direction: int, peer: MemberId, one: Asked, parts: Sequence[Part]) -> _AskedKind:
    ground = one.ground if one.ending is Ending.REFUSED else 0
    part = next((part.first_day for part in parts if part.begins <= one.at < part.ends), "")
    return _AskedKind(direction, peer, one.ending, one.acknowledgement, ground, part)


def _count_results(sums: _Sums, asked: Iterable[Asked]) -> None:
    """Count each item that we asked about once, with what was found out farthest."""
    best: dict[tuple[ThreadId, str], Asked] = {}
    for one in asked:
        known = best.get((one.thread, one.item_id))
        if known is None or _rank(one) > _rank(known):
            best[one.thread, one.item_id] = one
    kinds = Counter(_result_kind(one) for one in best.values())
    sums.counts.update(kinds)
    sums.add(Cell(SENT, _M.REPORT_MEASURE_ITEMS), kinds)
    sums.add(Cell(SENT, _M.REPORT_MEASURE_TRACED), [k for k in kinds if k.traced])
    for name, codes in _OUTCOMES.items():
        for code in _codes(codes):
            cell = _outcome_cell(replace(Result(), **{name: code}))
            sums.add(cell, [k for k in kinds if getattr(k.result, name) == code])
    for kind in kinds:
        if kind.ending is Ending.ANSWERED:
            sums.add(_outcome_cell(kind.result), [kind])
    for iafq, holds in _IAFQ_OF_RESULTS.items():
        sums.add(Cell(SENT, _M.REPORT_MEASURE_IAFQ, iafq=iafq), [k for k in kinds if holds(k)])


_OUTCOMES: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "identification": trace_pb2.Identification,
        "reach": trace_pb2.Reach,
        "stopped_because": trace_pb2.StoppedBecause,
    }
)
_NOT_COMPLETED: Final = frozenset({Ending.REFUSED, Ending.REDIRECTED, Ending.WITHDRAWN})
_IAFQ_OF_RESULTS: Final[Mapping[str, Callable[[_ResultKind], bool]]] = MappingProxyType(
    {
        "1.3": lambda kind: kind.traced,
        "1.5": lambda kind: kind.ending is Ending.ANSWERED and not kind.traced,
        "1.6": lambda kind: kind.ending is Ending.UNANSWERED,
        "1.7": lambda kind: kind.ending in _NOT_COMPLETED,
    }
)


def _outcome_cell(result: Result) -> Cell:
    return Cell(
        SENT,
        _M.REPORT_MEASURE_OUTCOME,
        identification=result.identification,
        reach=result.reach,
        stopped_because=result.stopped_because,
    )


def _result_kind(one: Asked) -> _ResultKind:
    return _ResultKind(one.result if one.ending is Ending.ANSWERED else Result(), one.ending)


def _rank(one: Asked) -> tuple[bool, int, bool]:
    return one.ending is Ending.ANSWERED, one.result.reach, one.ending is not Ending.UNANSWERED


def _codes(codes: Any) -> list[int]:
    return [number for number in codes.values() if number]


def _medians(
    direction: int, asked: Sequence[Asked], smallest: int, hidden: Set[Cell], part: str = ""
) -> Iterator[tuple[Cell, int | None]]:
    """Yield the median of days until an office acknowledged, and until it answered, in tenths of a day.

    That one is told says that there are `smallest` at least, so none is told where their number is kept back. How
    many were acknowledged in a part of the period is not counted, so of a part there is the second one only.
    """
    for measure, counted, times in (
        (
            _M.REPORT_MEASURE_MEDIAN_DAYS_TO_ACKNOWLEDGE,
            _M.REPORT_MEASURE_ACKNOWLEDGED,
            [] if part else [(a.at, a.acknowledged_at) for a in asked],
        ),
        (
            _M.REPORT_MEASURE_MEDIAN_DAYS_TO_ANSWER,
            _M.REPORT_MEASURE_ANSWERED,
            [(a.at, a.answered_at) for a in asked],
        ),
    ):
        spans = [then - at for at, then in times if then is not None]
        if spans:
            tenths = round(statistics.median(spans) * 10 / _DAY_SECONDS)
            told = len(spans) >= smallest and Cell(direction, counted, part=part) not in hidden
            yield Cell(direction, measure, part=part), max(tenths, 0) if told else None


def _shares(numbers: Mapping[Cell, int | None], domestic: Domestic | None) -> dict[Cell, int | None]:
    """Return shares in thousandths: of the network's items, and with domestic figures of all that was found."""
    items = numbers[Cell(SENT, _M.REPORT_MEASURE_ITEMS)]
    traced = numbers[Cell(SENT, _M.REPORT_MEASURE_TRACED)]
    shares: dict[Cell, int | None] = {}
    if items != 0:
        network = Cell(SENT, _M.REPORT_MEASURE_NETWORK_SHARE)
        shares[network] = None if items is None or traced is None else traced * 1000 // items
    if domestic is not None:
        shares[Cell(SENT, _M.REPORT_MEASURE_IAFQ, iafq="1.2")] = domestic.traced
        shares[Cell(SENT, _M.REPORT_MEASURE_IAFQ, iafq="1.4")] = domestic.established
        if domestic.found:
            known = domestic.traced + domestic.established
            share = None if traced is None else (traced + known) * 1000 // domestic.found
            shares[Cell(SENT, _M.REPORT_MEASURE_INDICATOR_SHARE)] = share
    return shares
