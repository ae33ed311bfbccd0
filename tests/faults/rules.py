"""What must hold of any campaign: each rule a pure function from what is on record to complaints.

    for rule in RULES: complaints = list(rule.check(record))

A complaint is a sentence. No rule knows which faults were put in: what was acknowledged binds whatever happened.
"""

from __future__ import annotations

import base64
import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from faults.books import Book, Line, Row
from faults.history import Event, Phase
from tracepost.protocol.errors import TracepostError
from tracepost.protocol.evidence import LogVerifier, peek_head

DELIVERED: Final = "DELIVERED"
_WRITTEN_BY_OFFICERS: Final = frozenset(
    {"trace.request/1", "trace.acknowledgement/1", "trace.response/1", "trace.closure/1"}
)
_ONCE: Final = {"sent/1": "id", "received/1": "id", "custody/1": "id", "signed/1": "statement"}
_COMPARED: Final = 5  # views that overlapped: the newest of them need not have been begun last
_RANKS: Final = {"QUEUED": 0, "WITH_RELAY": 1, DELIVERED: 2, "REFUSED": 2, "EXPIRED": 2}


@dataclass(frozen=True)
class Record:
    """All that is known when a campaign is over.

    Args:
        events: its history.
        books: what each member keeps now.
        heads: every signed head that a log of the campaign is known to have shown.
        log_keys: the public keys of each member's logs.
        at_rest: whether all mail was given time to arrive.
        put_off: envelopes that their addressee could not take when they came, as whoever carried them was told.
    """

    events: Sequence[Event]
    books: Mapping[str, Book]
    heads: Sequence[str] = ()
    log_keys: Mapping[str, Sequence[str]] = field(default_factory=dict)
    at_rest: bool = True
    put_off: frozenset[str] = frozenset()

    @cached_property
    def acknowledged(self) -> list[tuple[Event, Event]]:
        """Submissions that were acknowledged: as they were asked, and as they were answered."""
        asked = {event.call: event for event in self.of("submit", Phase.INVOKED)}
        return [(asked[event.call], event) for event in self.of("submit", Phase.ACKNOWLEDGED)]

    @cached_property
    def displaced(self) -> frozenset[str]:
        """Envelopes that a relay was made to lose, or to deliver out of their order."""
        notes = self.of("displaced", Phase.NOTED)
        return frozenset(name for event in notes for name in event.data["envelopes"])

    @property
    def nodes(self) -> list[Book]:
        """Books of members that are no relays."""
        return [book for book in self.books.values() if not book.is_relay]

    def of(self, verb: str, phase: Phase) -> Iterator[Event]:
        """Yield the events of a verb in a phase."""
        return (event for event in self.events if (event.verb, event.phase) == (verb, phase))


# ── nothing acknowledged is lost ─────────────────────────────────────────────────────


def acknowledged_is_kept(record: Record) -> Iterator[str]:
    """What an officer was told is written stands in the store of his node."""
    for _, told in record.acknowledged:
        if told.data["statement"] not in record.books[told.member].by_digest:
            yield f"{told.data['key']} was acknowledged by {told.member} and is not there"


def acknowledged_arrives(record: Record) -> Iterator[str]:
    """When all is quiet it has taken effect at everybody whom it is addressed to, and is known as delivered."""
    if not record.at_rest:
        yield "mail did not come to rest in the time that it was given"
    for _, told in record.acknowledged:
        states = {row["id"]: row["state"] for row in record.books[told.member].sent}
        for to, envelope in told.data["envelopes"].items():
            if (state := states.get(envelope)) != DELIVERED:
                yield f"{told.data['key']} was acknowledged by {told.member} and is {state} for {to}"
            there = record.books[to].by_digest.get(told.data["statement"])
            if there is None:
                yield f"{told.data['key']} was acknowledged by {told.member} and never reached {to}"
            elif not there["in_effect"]:
                yield f"{told.data['key']} reached {to} and has no effect there"


def receipts_are_true(record: Record) -> Iterator[str]:
    """What a receipt proves stands in the log that it names, at that place; and who gave it has the mail."""
    had = {name: {row["id"] for row in book.received} for name, book in record.books.items()}
    for book in record.nodes:
        for receipt in book.receipts:
            signer = record.books[receipt.from_member]
            line = signer.line_at.get((peek_head(receipt.note).origin.epoch, receipt.number))
            what = f"a {receipt.kind.lower()} receipt of {receipt.from_member} that {book.member} keeps"
            if line is None or line.leaf != receipt.leaf:
                yield f"{what} is about an entry that is not in the log at {receipt.number}"
            elif line.says["id"] != receipt.envelope:
                yield f"{what} is about another envelope"
            elif receipt.verdict == "refused" or receipt.envelope in record.displaced:
                continue
            elif receipt.envelope not in had[receipt.from_member]:
                yield f"{what} is about mail that is not there"


def seen_receipts_stay_true(record: Record) -> Iterator[str]:
    """A receipt that a client was shown once is the same for ever, and so is the entry that it names."""
    for event in record.of("read", Phase.ACKNOWLEDGED):
        for seen in event.data["proofs"]:
            book = record.books.get(seen["log"])
            # A node names entries of its own by their rows, others prove theirs by the number in their log.
            there = (book.says_in if seen["log"] == event.member else book.says_at) if book else {}
            if seen["entry"] not in [says["entry"] for says in there.get(seen["number"], ())]:
                yield f"{event.member} was shown {seen['entry']} {seen['number']} of {seen['log']}; it is not there"


def delivered_means_receipted(record: Record) -> Iterator[str]:
    """Only the addressee's own word clears an envelope; a relay's custody does not."""
    for book in record.nodes:
        words = {r.envelope for r in book.receipts if r.kind == "RECEIVED" and r.verdict == "accepted"}
        for row in book.sent:
            if row["state"] == DELIVERED and row["id"] not in words:
                yield f"{book.member} holds {_short(row)} to {row['peer']} for delivered on nobody's word"
    for event in record.of("read", Phase.ACKNOWLEDGED):
        proved = {one["statement"] for one in event.data["proofs"] if one["event"] == "delivered"}
        for one in event.data["statements"]:
            if DELIVERED in one["mail"].values() and one["statement"] not in proved:
                yield f"{event.member} showed {one['statement'][:8]} as delivered on nobody's word"


# ── nothing is applied twice ─────────────────────────────────────────────────────────


def one_key_one_submission(record: Record) -> Iterator[str]:
    """The same key is answered in the same words, and two keys never by one statement."""
    answers: dict[tuple[str, str], Any] = {}
    keys: dict[str, str] = {}
    for _, told in record.acknowledged:
        key, said = told.data["key"], (told.data["statement"], dict(told.data["envelopes"]))
        if answers.setdefault((told.member, key), said) != said:
            yield f"{key} was answered in two ways by {told.member}"
        if keys.setdefault(told.data["statement"], key) != key:
            yield f"{key} and {keys[told.data['statement']]} have one statement at {told.member}"


def nothing_is_applied_twice(record: Record) -> Iterator[str]:
    """A draft becomes one statement at most, however often it is said, and nobody keeps anything twice."""
    for book in record.nodes:
        drafts = Counter((row["iss"], row["reference"]) for row in book.statements if row["reference"])
        for (author, key), count in drafts.items():
            if count > 1:
                yield f"{book.member} keeps {count} statements of {author} for the one draft {key}"
        for what, names in (
            ("statement", (row["digest"] for row in book.statements)),
            ("envelope sent", (row["id"] for row in book.sent)),
            ("envelope received", (row["id"] for row in book.received)),
        ):
            yield from (f"{book.member} keeps an {what} {n} times" for n in Counter(names).values() if n > 1)


def one_envelope_for_each_addressee(record: Record) -> Iterator[str]:
    """A statement goes to an addressee once, and arrives in one envelope."""
    for book in record.nodes:
        for what, rows in (("sent", book.sent), ("received", book.received)):
            pairs = Counter((row["statement"], row["peer"]) for row in rows)
            for (statement, peer), count in pairs.items():
                if count > 1:
                    yield f"{book.member} has {what} {statement[:8]} {count} times, with {peer}"


def each_log_says_each_thing_once(record: Record) -> Iterator[str]:
    """One entry of a log says that an envelope was sent, kept or received, one that a statement was signed."""
    for book in record.books.values():
        said = Counter((line.epoch, line.says["entry"], about) for line, about in _once_only(book))
        for (_, entry, about), count in said.items():
            if count > 1 and not (entry == "custody/1" and about in record.displaced):
                yield f"the log of {book.member} says {entry} of {about[:12]} {count} times"


# ── nothing is released unlogged ─────────────────────────────────────────────────────


def what_was_shown_is_logged(record: Record) -> Iterator[str]:
    """Every opening that a client was given has its entry: who, at which desk, which statement."""
    logged = {
        (book.member, _b64(line.says["statement"]), line.says["desk"])
        for book in record.nodes
        for line in book.lines
        if line.says["entry"] == "opened/1"
    }
    for event in record.of("read", Phase.ACKNOWLEDGED):
        for statement in event.data["opened"]:
            if (event.member, statement, event.data["desk"]) not in logged:
                yield f"{event.member} showed {statement[:8]} at {event.data['desk']} and did not log it"


def mail_is_logged(record: Record) -> Iterator[str]:
    """What was sent, received or taken into custody has its entry where its row says, and a statement was signed."""
    for book in record.books.values():
        arrival = "custody/1" if book.is_relay else "received/1"
        for entry, rows in (("sent/1", book.sent), (arrival, book.received)):
            for row in rows:
                there = [(says["entry"], says.get("id")) for says in book.says_in[row["log_number"]]]
                if (entry, row["id"]) not in there:
                    yield f"{book.member} has no entry {entry} for {_short(row)} at {row['log_number']}"
        signed = {_b64(one.says["statement"]) for one in book.lines if one.says["entry"] == "signed/1"}
        for row in book.statements:
            if row["ours"] and row["kind"] in _WRITTEN_BY_OFFICERS and row["digest"] not in signed:
                yield f"{book.member} wrote {row['digest'][:8]} and did not log it"


# ── no fork ──────────────────────────────────────────────────────────────────────────


def logs_are_whole(record: Record) -> Iterator[str]:
    """A log has no hole, and every head that the store keeps is the root over what the log says."""
    for book in record.books.values():
        for epoch, lines in book.logs.items():
            if [line.number for line in lines] != list(range(len(lines))):
                yield f"log {epoch} of {book.member} has a hole, or an entry twice"
            if epoch in book.rewritten:
                yield f"log {epoch} of {book.member} was put back and says something else than before"
        for (epoch, size), root in book.heads.items():
            if book.roots.get(epoch, [])[size : size + 1] != [root]:
                yield f"log {epoch} of {book.member} does not give its stored head of size {size}"


def no_log_forks(record: Record) -> Iterator[str]:
    """Whoever holds a signed head finds it in the log of today; no two heads of one size differ."""
    roots: dict[tuple[str, int, int], bytes] = {}
    for note in dict.fromkeys([*record.heads, *_kept_notes(record)]):
        head = peek_head(note)
        member = str(head.origin.member)
        try:
            LogVerifier(record.log_keys[member]).open(note)
        except (TracepostError, KeyError) as error:
            yield f"a head of {member} is not signed by its log: {error}"
            continue
        epoch = head.origin.epoch
        if roots.setdefault((member, epoch, head.size), head.root) != head.root:
            yield f"the log of {member} shows two heads of size {head.size}"
        there = record.books[member].roots.get(epoch, [])
        if head.size >= len(there):
            yield f"the log of {member} has lost entries: {head.size} were signed, {len(there) - 1} are there"
        elif there[head.size] != head.root:
            yield f"the log of {member} does not continue its head of size {head.size}"


# ── order ────────────────────────────────────────────────────────────────────────────


def numbers_run_on_each_road(record: Record) -> Iterator[str]:
    """For each addressee, road and lane numbers run from 1 without gap, in the order of dispatch."""
    for book in record.nodes:
        for road, rows in _by_road(book.sent).items():
            numbers = [row["seq"] for row in rows]
            if numbers != list(range(1, len(numbers) + 1)):
                yield f"the numbers of {book.member} on the road {_name(road)} are {_brief(numbers)}"
            # What was given back, or was on its way, is entered in a later log than the one it is numbered in.
            places = [row["log_number"] for row in rows if row["log_epoch"] == row["epoch"]]
            if places != sorted(places):
                yield f"{book.member} logged mail on the road {_name(road)} in another order than it numbered it"


def mail_arrives_under_its_number(record: Record) -> Iterator[str]:
    """What arrives was sent, under that number, on that road and in that lane."""
    for book in record.nodes:
        for row in book.received:
            sent = {one["id"]: one for one in record.books[row["peer"]].sent}.get(row["id"])
            if sent is None:
                yield f"{book.member} received {_short(row)} which {row['peer']} has not sent"
            elif _place(sent) != _place(row):
                yield f"{book.member} received {_short(row)} under another number than it was given"


def order_holds_on_each_road(record: Record) -> Iterator[str]:
    """What was sent first on a road and lane arrives first; but what its addressee put off, others may overtake."""
    for book in record.books.values():
        moved = record.displaced | record.put_off | book.given_back
        by_sender = defaultdict(list)
        for row in (one for one in book.received if one["id"] not in moved):
            sender = row["from_member"] if book.is_relay else row["peer"]
            by_sender[sender, row["peer"], row["via"], row["lane"], row["epoch"]].append(row["seq"])
        for (sender, *_), numbers in by_sender.items():
            for earlier, later in itertools.pairwise(numbers):
                if later < earlier:
                    yield f"{book.member} received number {later} of {sender} after number {earlier}"


def no_answer_before_its_question(record: Record) -> Iterator[str]:
    """A reply takes effect only where what it replies to has taken effect, and is never shown without it."""
    for book in record.nodes:
        for row in book.statements:
            before = book.by_digest.get(row["in_reply_to"])
            if row["in_effect"] and row["in_reply_to"] and not (before and before["in_effect"]):
                yield f"at {book.member} {row['digest'][:8]} answers a question that is not there"
    for event in record.of("read", Phase.ACKNOWLEDGED):
        shown = {one["statement"] for one in event.data["statements"]}
        for one in event.data["statements"]:
            if one["in_reply_to"] and one["in_reply_to"] not in shown:
                yield f"{event.member} showed {one['statement'][:8]} without its question"


# ── what was seen once ───────────────────────────────────────────────────────────────


def nothing_seen_is_unseen(record: Record) -> Iterator[str]:
    """A statement that a client has seen in a case is in every later view of it."""
    for before, event in _readings(record):
        shown = {one["statement"] for one in event.data["statements"]}
        for one in before.data["statements"]:
            if one["statement"] not in shown:
                yield f"{event.member} showed {one['statement'][:8]} in a case and later did not"


def states_go_forward(record: Record) -> Iterator[str]:
    """Mail that was delivered is never again on its way."""
    for before, event in _readings(record):
        now = _mail_states(event)
        for envelope, state in _mail_states(before).items():
            if _RANKS.get(now.get(envelope, state), 0) < _RANKS.get(state, 0):
                yield f"{event.member} showed {envelope[:12]} as {state} and later as {now[envelope]}"


def what_is_shown_is_what_was_said(record: Record) -> Iterator[str]:
    """A field reads the same at its author and at every reader, at all times."""
    said = {told.data["statement"]: asked.data.get("text") for asked, told in record.acknowledged}
    for event in record.of("read", Phase.ACKNOWLEDGED):
        for statement, text in event.data["opened"].items():
            if said.get(statement) not in (None, text):
                yield f"{event.member} showed other words in {statement[:8]} than were written"


def trust_goes_forward(record: Record) -> Iterator[str]:
    """Nobody goes back to an older trust list, and a certificate that was revoked stays so."""
    newest: dict[str, int] = {}
    ended: set[str] = set()
    for event in record.of("trust", Phase.NOTED):
        if event.data["sequence"] < newest.get(event.member, 0):
            yield f"{event.member} went back to trust list {event.data['sequence']}"
        if event.member in ended and not event.data["revoked_is_refused"]:
            yield f"{event.member} let in an officer whose certificate it had known as revoked"
        newest[event.member] = max(event.data["sequence"], newest.get(event.member, 0))
        ended |= {event.member} if event.data["revoked_is_refused"] else set()


def damage_is_refused(record: Record) -> Iterator[str]:
    """Who was damaged says so, in words, and does not serve what is damaged."""
    for event in record.of("damage", Phase.NOTED):
        if event.data["outcome"] not in ("refused", "harmless"):
            yield f"{event.member} was damaged ({event.data['what']}) and {event.data['outcome']}"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, and under which promise it stands."""

    promise: str
    check: Callable[[Record], Iterable[str]]

    @property
    def name(self) -> str:
        """What it says."""
        return self.check.__name__.replace("_", " ")


_LOST, _TWICE, _UNLOGGED = "nothing acknowledged lost", "nothing applied twice", "nothing released unlogged"
_FORK, _ORDER, _ANSWER = "no fork", "order per road and lane", "no answer before its question"
RULES: Final = (
    Rule(_LOST, acknowledged_is_kept),
    Rule(_LOST, acknowledged_arrives),
    Rule(_LOST, receipts_are_true),
    Rule(_LOST, seen_receipts_stay_true),
    Rule(_LOST, delivered_means_receipted),
    Rule(_LOST, nothing_seen_is_unseen),
    Rule(_LOST, states_go_forward),
    Rule(_LOST, what_is_shown_is_what_was_said),
    Rule(_LOST, damage_is_refused),
    Rule(_LOST, trust_goes_forward),
    Rule(_TWICE, one_key_one_submission),
    Rule(_TWICE, nothing_is_applied_twice),
    Rule(_TWICE, one_envelope_for_each_addressee),
    Rule(_TWICE, each_log_says_each_thing_once),
    Rule(_UNLOGGED, what_was_shown_is_logged),
    Rule(_UNLOGGED, mail_is_logged),
    Rule(_FORK, logs_are_whole),
    Rule(_FORK, no_log_forks),
    Rule(_ORDER, numbers_run_on_each_road),
    Rule(_ORDER, mail_arrives_under_its_number),
    Rule(_ORDER, order_holds_on_each_road),
    Rule(_ANSWER, no_answer_before_its_question),
)
"""All of them."""


# ── small things ─────────────────────────────────────────────────────────────────────


def _readings(record: Record) -> Iterator[tuple[Event, Event]]:
    """Yield pairs of views of one case at one node, of which the second began when the first had ended."""
    ended: dict[tuple[str, str], list[Event]] = defaultdict(list)
    before: dict[int, list[Event]] = {}
    for event in record.events:
        if event.verb == "read" and event.phase in (Phase.INVOKED, Phase.ACKNOWLEDGED):
            views = ended[event.member, event.data["thread"]]
            if event.phase is Phase.INVOKED:
                before[event.call] = views[-_COMPARED:]
            else:
                yield from ((one, event) for one in before.pop(event.call, ()))
                views.append(event)


def _mail_states(event: Event) -> dict[str, str]:
    return {name: state for one in event.data["statements"] for name, state in one["mail"].items()}


def _once_only(book: Book) -> Iterator[tuple[Line, str]]:
    once = (line for line in book.lines if line.says["entry"] in _ONCE)
    return ((line, line.says[_ONCE[line.says["entry"]]]) for line in once)


def _kept_notes(record: Record) -> Iterator[str]:
    for book in record.books.values():
        yield from book.notes
        yield from (receipt.note for receipt in book.receipts)


def _by_road(rows: Sequence[Row]) -> dict[tuple[Any, ...], list[Row]]:
    roads: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        roads[row["peer"], row["via"], row["lane"], row["epoch"]].append(row)
    return {road: sorted(some, key=lambda row: row["seq"]) for road, some in roads.items()}


def _place(row: Row) -> tuple[Any, ...]:
    return row["via"], row["lane"], row["epoch"], row["seq"]


def _name(road: tuple[Any, ...]) -> str:
    to, via, lane, epoch = road
    return f"to {to} {f'by {via}' if via else 'direct'}, lane {lane}, epoch {epoch}"


def _brief(numbers: Sequence[int]) -> str:
    wrong = [n for n, wanted in zip(numbers, range(1, len(numbers) + 1), strict=True) if n != wanted]
    return f"{len(numbers)} that go wrong at {wrong[:3]}"


def _short(row: Row) -> str:
    return str(row["id"])[:12]


def _b64(digest: str) -> str:
    return base64.urlsafe_b64encode(bytes.fromhex(digest)).rstrip(b"=").decode()
