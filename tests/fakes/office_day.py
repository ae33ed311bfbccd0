"""A day at the command line: every verb that asks a node is run, and all that comes out is looked at.

    day = Day(town, writing, cases, folder)
    day.work()                     # the desks of XAB do all that can be done, in this process
    day.look()                     # then every desk of every member looks at everything
    day.leaks, day.seen, day.ran

What of it a desk may see is worked out by `fakes.entitled`; everything else that is found is a leak.
"""

from __future__ import annotations

import base64
import itertools
import json
import operator
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from google.protobuf import json_format
from google.protobuf.message import Message

from fakes import correspondence as c
from fakes.canaries import ITEM, MARK_LENGTH, Mint, Place, plant
from fakes.canary_search import Search
from fakes.command_line import CommandLine, Said, verb_of, write_profile
from fakes.devices import Device
from fakes.entitled import Eyes
from fakes.town import PASSPHRASE, Town
from tracepost.protocol.ids import encode_b64
from tracepost.protocol.marks import fold_mark
from tracepost.protocol.schema import INNER_KINDS, Sensitivity, kind_of
from tracepost.protocol.vocabulary import normalise_mark
from tracepost.sdk.passkeys import write_request
from tracepost.wire.v1 import desk_pb2, inquiry_pb2, loss_pb2, panel_pb2, trace_pb2

XYZ, ARCHIVE = "letter:xyz-office", "paper:archive"
ABSENT = "QQ7QQ7QQ7QQ7QQ7QQ7QQ7QQ7QQ"
"""A mark that stands nowhere, as long as those that do."""

NEW_CASE: Final = " --purpose criminal-investigation --legal-basis iti"
_LIKE: Final = 19
"""Signs of 26: two canaries agree in their twelve first, and by chance in five or six more that look alike."""

_TOKENS: Final = re.compile(rb"[A-Za-z0-9+/_-]{43,}")

WORK: Final = f"""
poc      trace address {ARCHIVE} --name Archive --competence records-custody
poc      trace address {XYZ} --name Office --country XYZ --point-of-contact
poc      trace enquire {{case}} --custodian {ARCHIVE} --item 1 --json > slip
poc      trace letter {{second}} --to {XYZ} --json > letter
poc      paper outgoing {{slip}} --out {{out}}/slip.pdf
poc      paper statement {{case}} {{request}} --out {{out}}/request.pdf --json
poc      paper case {{check}} --out {{out}}/case.pdf
poc      trace transcribe {{second}} --from {XYZ} --scan {{paper}} --says response --message {{own}}/response.json
post     trace submit {{own}}/waiting.json --to xaa --purpose criminal-investigation --legal-basis iti --json > waiting
post     trace submit {{own}}/stopped.json --to xaa --purpose criminal-investigation --legal-basis iti --json > stopped
customs  release list
customs  release show {{waiting}}
post     release show {{waiting}}
poc      release show {{waiting}}
!makers  release show {{waiting}}
customs  release approve {{waiting}}
customs  release refuse {{stopped}} --reason no
army     register import {{army}} --source armoury --status in-stock
police   register import {{police}} --source stolen --status stolen
poc      case put-on {{seizure}} army
poc      case take-off {{seizure}} army
poc      case assign {{case}} --officer 8
poc      ping xaa
poc      robot --once
poc      officer add {{certificate}}
poc      officer deputise 9 --for poc --from {{today}} --until {{tomorrow}} --json > deputy
head     officer approve {{deputy}}
poc      officer end {{deputy}}
poc      officer passkey endorse {{passkey}}
poc      officer passkey list
poc      officer passkey end {{credential}}
poc      policy activate {{cedar}} --note try --json > version
head     policy refuse {{version}}
poc      policy activate {{cedar}} --note again --json > version
head     policy approve {{version}} --file {{cedar}}
poc      policy diff {{more}} --stored
head     node lock makers
makers   node unlock makers --passphrase-file {{passphrase}}
poc      trust load {{trust}}
poc      directory export {{own}}/papers
poc      directory import {{own}}/papers
poc      emergency ask {{request}} --reason danger --json > emergency
head     emergency approve {{emergency}}
poc      emergency show {{emergency}} --out {{out}}
!police  emergency show {{emergency}}
!makers  emergency show {{emergency}}
mission  emergency ask {{request}} --reason danger --json > refused
head     emergency refuse {{refused}}
poc      trace delete {{offered}} --reason over --yes
poc      deletion list
!head    deletion approve 1
!head    deletion refuse 1
poc      trace remind {{second}} --note soon --preview
poc      mandate end {{granted}} --preview
poc      post block xac --reason trial
poc      post unblock xac
!poc     post resend 0000000000000000
poc      pouch export xaa --out {{own}}/stick.tpouch
!police  pouch export xaa --out {{own}}/other.tpouch
poc      pouch show {{own}}/stick.tpouch
!poc     pouch import {{own}}/stick.tpouch
poc      pouch list
head     node maintenance on
head     node maintenance off
poc      notice statistics --to xaa --state XAB --period 2026 --found 1 --preview
"""
"""Desk, line, and the name under which what it made is called later. `head` is an officer of all desks; what
begins with `!` is refused."""

DRAFTS: Final = {
    "trace submit {draft} --check": "trace.request/1",
    "trace ack {case} --message {draft}": "trace.acknowledgement/1",
    "trace ask {case} --message {draft}": "trace.information-request/1",
    "trace respond {case} --message {draft}": "trace.response/1",
    "trace refuse {case} --message {draft}": "trace.refusal/1",
    "trace delay {case} --message {draft}": "trace.delay/1",
    "trace redirect {case} --message {draft}": "trace.redirect/1",
    "trace refer {case} --message {draft} --to xac": "trace.referral/1",
    "trace status {case} --message {draft}": "trace.status/1",
    "trace supply {second} --message {draft}": "trace.information-supply/1",
    "trace clarify {case} --message {draft}": "trace.clarification/1",
    "trace amend {second} --message {draft}": "trace.amendment/1",
    "trace withdraw {second} --message {draft}": "trace.withdrawal/1",
    "trace consent {second} --message {draft}": "trace.consent/1",
    "trace notify {case} --message {draft}": "release.notice/1",
    "trace close {second} --message {draft}": "trace.closure/1",
    "trace enquire {case} --message {draft} --to-desk police": "trace.enquiry/1",
    "trace find {case} {asked} --message {draft}": "trace.finding/1",
    f"trace letter {{case}} --to {XYZ} --says request --message {{draft}}": "trace.request/1",
    "trace share {case} --to xac --message {draft}": "share/1",
    "notice diversion --message {draft}": "trace.diversion-notice/1",
    "notice delivery --message {draft}": "embargo.delivery-notified/1",
    "notice flow --message {draft}": "flow.information/1",
    "notice ballistic --message {draft}": "ballistic.reference/1",
    "notice marking --message {draft}": "practice.marking/1",
    "notice need --message {draft}": "assistance.need/1",
    "notice offer --message {draft}": "assistance.offer/1",
    "customs seize {draft} --legal-basis customs-assistance": "customs.seizure-notice/1",
    "panel ask {draft} --to xab --case {panel} --legal-basis security-council-resolution": "panel.request/1",
    "panel document {draft} --to xab --legal-basis security-council-resolution": "panel.documented-item/1",
    "panel reply {panel} --to un-panel-xyz --message {draft}": "panel.reply/1",
    "mandate grant un-op-xyz --to un-op-xyz --message {draft}": "mandate/1",
    "check ask --message {draft}": "object.check/1",
    "check answer {check} --message {draft}": "object.check-reply/1",
    "register loss {draft}": "register.loss-notice/1",
    "register hit {seizure} --message {draft}": "register.hit/1",
}
"""Lines that send a message from a file; it is only previewed."""

WRITERS: Final = {
    "panel ask": "un-panel-xyz/experts",
    "panel document": "un-panel-xyz/experts",
    "trace find": "xab/police",
}
"""Who says it, if not the point of contact."""

LOOKS: Final = """
trace list
trace show {case}
trace timeline {case}
trace part {case} {sha} --out {out}/part
trace held
trace export {case} --out {home}/case.tracepost
trace export {case} --format sd-jwt --with-inner --out {out}/statements
verify {home}/case.tracepost
trace attachment {case} --out {out}/file
trace enquiries --all
trace findings {case}
trace slip {case} {paper_enquiry} --out {out}/slip
trace print {slip}
trace print {letter}
trace addresses
trace consents {case}
trace holders {case}
trace holders --held-by xaa
trace share {case} --to xac --preview
trace publish {case} --preview
trace publish {panel} --preview
post show
post dead
post sent
post sent --standing not-delivered
post gaps xaa
notice match --serial X1
mandate list
directory list
directory show xaa
trust show
node status
node audit
policy show --text
policy history
policy explain {case}
register list
register match {case}
case desks {case}
case assigned
desk list
officer list
release list --decided
deletion list
emergency list
report --from 2020-01-01 --to 2031-01-01 --smallest 1 --private --out {out}/report.csv
trace show {seizure}
trace show {panel}
trace show {check}
trace show {loss}
trace show {delivery}
trace show {ballistic}
trace show {diverted}
trace show {waiting_case}
trace show {shared}
trace show {documented}
"""
"""What every desk looks at, for a person and for a machine."""

OF_A_PAPER: Final = frozenset({Sensitivity.ADMINISTRATIVE, Sensitivity.OBJECT})
"""What may stand on a slip to a custodian of records."""

REFUSED: Final = {
    "deletion approve": "one officer deletes in this town; tests/unit/test_deleting_by_two.py has two",
    "deletion refuse": "the same",
    "notice statistics": "no field of it is classed",
    "post resend": "no mail is dead here",
    "pouch import": "a pouch of one's own is for another member; tests/acceptance/test_pouch.py takes some in",
    "trace attachment": "no file is attached; tests/acceptance/test_attachments.py looks for what is in one",
    "trace refer": "the consent ended with the request; a referral was said before",
}
"""Verbs that never end well here, and why: what they say when they fail is looked at all the same."""


@dataclass(frozen=True)
class Leak:
    """A canary that a desk was shown and may not see; bytes: what begins with a mark, and like none that he may."""

    name: str
    words: tuple[str, ...]
    place: Place | bytes

    @property
    def verb(self) -> str:
        """By which verb."""
        return verb_of(self.words)

    def __str__(self) -> str:
        return f"{self.name}: {' '.join(self.words)} shows {self.place!s}"


@dataclass(frozen=True)
class Sitter:
    """An officer at a desk, his terminal, and a folder of his own."""

    eyes: Eyes
    line: CommandLine
    home: Path


@dataclass
class Day:
    """What is done and seen. `names` are cases and statements by the name that lines call them by."""

    town: Town
    writing: c.Correspondence
    mint: Mint
    folder: Path
    names: dict[str, str]
    drafts: Mint = field(default_factory=Mint)
    leaks: list[Leak] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    seen: dict[str, dict[str, set[Place]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(set))
    )
    found: dict[str, dict[str, bool]] = field(default_factory=lambda: defaultdict(dict))
    ran: set[str] = field(default_factory=set)
    tried: set[str] = field(default_factory=set)
    _searches: dict[str, tuple[int, Search]] = field(default_factory=dict)
    _likes: dict[bytes, Place | None] = field(default_factory=dict)
    _planned: dict[str, int] = field(default_factory=dict)
    _sitters: dict[str, Sitter] = field(default_factory=dict)

    # ── who sits where ───────────────────────────────────────────────────────────────

    def sit(self, *members: str) -> None:
        """Give every desk of these members an officer at a terminal."""
        for member in members:
            resident = self.town.residents[member]
            for number, desk in enumerate(resident.desks, 8):
                self._seat(Eyes(member, desk, resident.type), str(number))
        self._seat(Eyes("xab", self.town.residents["xab"].desks[0]), "7", "xab/head")

    def _seat(self, eyes: Eyes, officer: str, name: str = "") -> None:
        home = self.folder / f"home {eyes.member} {officer}"
        home.mkdir(parents=True)
        line = CommandLine(write_profile(self.town, eyes.member, officer, eyes.desk.desk), home)
        self._sitters[name or eyes.name] = Sitter(eyes, line, home)

    # ── what is done ─────────────────────────────────────────────────────────────────

    def work(self) -> None:
        """Have the desks of XAB do all that is done by a verb that makes something."""
        self._lay_out()
        for row in filter(None, WORK.splitlines()):
            desk, text = row.split(maxsplit=1)
            text, _, name = text.partition(" > ")
            well = not desk.startswith("!") and verb_of(tuple(text.split())) not in REFUSED
            said = self._run(self._sitters[f"xab/{desk.removeprefix('!')}"], text, expected=well)
            if name and said.exit_code == 0:
                self._remember(name, json.loads(said.result))
        self._write_drafts()

    def _remember(self, name: str, made: Any) -> None:
        if "submissions" in made:
            [made] = made["submissions"]
        self.names[name] = str(made.get("statement") or made.get("number") or made.get("version"))
        if name in self._planned:
            self.names[f"{name}_case"] = made["thread"]
            self.writing.has_opened(self._planned[name], made["thread"])

    def _write_drafts(self) -> None:
        """Preview a good and a bad message of every kind."""
        messages = dict(self._messages())
        for number, (text, kind) in enumerate(DRAFTS.items()):
            good, bad = (self.folder / f"{number}-{word}.json" for word in ("good", "bad"))
            document = as_document(messages[kind], self.drafts)
            good.write_text(json.dumps(document))
            bad.write_text(json.dumps(spoil(document, self.drafts.mark)))
            more = "" if "--to" in text or "trace find " in text else " --to xaa"
            more += " --purpose criminal-investigation" if " --legal-basis" in text else NEW_CASE
            more += "" if "--check" in text else " --preview"
            author = WRITERS.get(verb_of(tuple(text.split())), "xab/poc")
            for path, who in ((good, author), (bad, author), (good, "xab/makers")):
                line = text.replace("{draft}", str(path)) + more
                well = path is good and who == author and verb_of(tuple(text.split())) not in REFUSED
                self._run(self._sitters[who], line, expected=well)

    # ── what is looked at ────────────────────────────────────────────────────────────

    def look(self, *names: str) -> None:
        """Have these desks look at everything, or all desks."""
        for name, sitter in self._sitters.items():
            if name in names or (not names and name != "xab/head"):
                for text in filter(None, LOOKS.splitlines()):
                    self._run(sitter, text)
                    self._run(sitter, f"{text} --json")
                self._search_marks(sitter)

    def _search_marks(self, sitter: Sitter) -> None:
        """Search for marks that stand in the first case and for one that stands nowhere."""
        shown: dict[str, bytes] = {}
        for mark in (ABSENT, *self._marks()):
            said = sitter.line.run("trace", "search", f"Ж{mark} Ψ", "--json")
            self._judge(sitter, said, also=self._places_of(mark))
            shown[mark] = said.output.replace(mark.encode(), b"")
        for mark in self._marks():
            self.found[sitter.eyes.name][mark] = shown[mark] != shown[ABSENT]

    def _marks(self) -> list[str]:
        return [
            text
            for text, place in self.mint.made.items()
            if place.said == 1 and place.path == "items.0.object.mark.0.text_as_seen"
        ]

    def _places_of(self, mark: str) -> frozenset[Place]:
        return frozenset({self.mint.made[mark]}) if mark in self.mint.made else frozenset()

    def may_find(self, name: str, mark: str) -> bool:
        """Say whether a desk may be told of this mark."""
        return self.writing.may(self._sitters[name].eyes, self.mint.made[mark])

    def close(self) -> None:
        """Do what is done last."""
        for text in ("doctor", "expiring", "officer leave 14 --to 8"):
            self._run(self._sitters["xab/poc"], text, expected=True)
        for sitter in self._sitters.values():
            self.ran |= sitter.line.ran
            self.tried |= sitter.line.tried

    def should_see(self, name: str, case: str) -> set[Place]:
        """Return all canaries of a case that a desk is to see: what was found inside, only desks on every case."""
        eyes = self._sitters[name].eyes
        return {
            place
            for place in self.writing.places(self.names[case])
            if self.writing.may(eyes, place) and (eyes.desk.on_every_case or place.kind not in INNER_KINDS)
        }

    # ── one line ─────────────────────────────────────────────────────────────────────

    def _run(self, sitter: Sitter, text: str, *, expected: bool = False) -> Said:
        days = {"today": _day(0), "tomorrow": _day(1)}
        names = {**self.names, **days, "home": str(sitter.home), "out": "{out}"}
        words = [word.format_map(defaultdict(lambda: "0", names)) for word in text.split()]
        said = sitter.line.run(*words)
        if expected and said.exit_code != 0:
            self.failed.append(f"{sitter.eyes.name}: {text}: {said.output.decode()}")
        self._judge(sitter, said)
        return said

    def _judge(self, sitter: Sitter, said: Said, also: frozenset[Place] = frozenset()) -> None:
        verb, mints = verb_of(said.words), (self.mint, self.writing.heads, self.drafts)
        for place in self._places_in(said):
            if place in also:
                continue
            if isinstance(place, bytes):
                # A line or a page ended within it: it is one of those that begin so, and stands whole elsewhere.
                if not any(self._may_see(sitter.eyes, verb, one) for one in beginning_like(mints, place)):
                    self.leaks.append(Leak(sitter.eyes.name, said.words, place))
            elif not self._may_see(sitter.eyes, verb, place):
                self.leaks.append(Leak(sitter.eyes.name, said.words, place))
            else:
                self.seen[sitter.eyes.name][verb].add(place)

    def _may_see(self, eyes: Eyes, verb: str, place: Place) -> bool:
        if verb in {"trace slip", "paper outgoing"} and place.sensitivity not in OF_A_PAPER:
            return False
        if verb == "emergency show" and eyes.name == "xab/poc" and place.said == 1:
            return True
        return self.writing.may(eyes, place)

    def _places_in(self, said: Said) -> set[Place | bytes]:
        for_machines = "--json" in said.words
        output = said.output if for_machines else said.shown
        found = {
            place or self._most_like(mint, text) or text
            for mint in (self.mint, self.writing.heads, self.drafts)
            for content in (output, said.files)
            for text, place in self._search_for(mint).marks(content)
        }
        return found | {
            self.mint.digests[digest] for digest in digests_in(output) if digest in self.mint.digests
        }

    def _search_for(self, mint: Mint) -> Search:
        """Return a search that knows all canaries of a mint; more may have been made since the last."""
        known, search = self._searches.get(mint.mark, (-1, None))
        if search is None or known != len(mint.made):
            search = Search(mint)
            self._searches[mint.mark] = (len(mint.made), search)
        return search

    def _most_like(self, mint: Mint, text: bytes) -> Place | None:
        """Return whose mark may have been taken for `text`: a case says which marks look alike."""
        if text not in self._likes:
            self._likes[text] = most_like(mint, text)
        return self._likes[text]

    # ── what lies on the desk ────────────────────────────────────────────────────────

    def _lay_out(self) -> None:
        """Write the files that lines name."""
        own = self.folder / "own"
        own.mkdir()
        for name in ("waiting", "stopped"):
            message = c.request(name)
            self._planned[name] = self.writing.plan("xab", "post", message, "xaa")
            (own / f"{name}.json").write_text(json.dumps(strip(message)))
        paper = trace_pb2.Response(answers=[trace_pb2.Answer(item_id=ITEM)], final=True)
        self.writing.plan("xab", "poc", paper, "")
        (own / "response.json").write_text(json.dumps(strip(paper)))
        for name in ("army", "police"):
            record = self.mint.text(self.writing.register_place("xab", name))
            rows = [f"Ж{mark} Ψ,{record}" for mark in self._marks()]
            (own / f"{name}.csv").write_text("\n".join(["serial,reference", *rows, ""]))
        texts = {
            "paper": "a paper",
            "passphrase": PASSPHRASE.decode(),
            "cedar": '@id("a") forbid (principal, action == Action::"publish", resource == Class::"CONTACT");',
            "more": '@id("b") forbid (principal, action == Action::"publish", resource == Class::"PERSONAL");',
        }
        for name, text in texts.items():
            (own / name).touch(0o600)
            (own / name).write_text(text)
        head = self.town.papers("xab", "7")
        (own / "certificate").write_bytes(head.certificate_chain)
        device = Device(credential=bytes(16))  # a name drawn at random may begin with a dash
        (own / "passkey").write_bytes(write_request(device.request("8")))
        self.names["credential"] = encode_b64(device.credential)
        self.names |= {name: str(own / name) for name in (*texts, "certificate", "passkey")}
        self.names |= {name: str(own / f"{name}.csv") for name in ("army", "police")}
        self.names |= {
            "own": str(own),
            "trust": str(self.town.place("xab") / "trust.json"),
        }

    def _messages(self) -> Iterator[tuple[str, Message]]:
        asked = desk_pb2.Submission(statement=self.names["second_request"], thread=self.names["second"])
        step = inquiry_pb2.ENQUIRY_STEP_ASKED
        answers = [trace_pb2.Answer(item_id=ITEM)]
        said: Iterable[Message] = (
            c.request("draft"),
            *c.answers_on_the_way("xac"),
            *c.replies(asked, "xac"),
            c.referral(asked, "xaa", "xac"),
            *c.answers(),
            c.compelled(desk_pb2.Submission(statement=self.names["request"])),
            c.sharing(self.names["request"]),
            *c.endings(),
            *c.notices("xaa"),
            loss_pb2.LossNotice(
                file_number="L-1", status=loss_pb2.LOSS_STATUS_STOLEN, reporting_unit="Police"
            ),
            c.recognition(self.names["seized"]),
            c.a_seizure(),
            c.object_check(),
            c.object_check_reply(),
            c.second_request(self.names["replied"]),
            c.second_reply(),
            panel_pb2.DocumentedItem(file_number="D-1"),
            inquiry_pb2.Enquiry(step=step, to_desk="police"),
            inquiry_pb2.Finding(enquiry_digest=self.names["asked"], answers=answers, final=True),
        )
        for one in said:
            yield kind_of(one), one


def _day(later: int) -> str:
    return (datetime.now(UTC) + timedelta(days=later)).strftime("%Y-%m-%d")


def _likeness(canary: str, text: str) -> int:
    return sum(map(operator.eq, canary, text))


def most_like(mint: Mint, text: bytes) -> Place | None:
    """Return whose canary is so like a text that a case may have told it as a mark that looks alike."""
    shown = _folded(text.decode("utf-8", "ignore"))
    nearest = max(mint.made, key=lambda canary: _likeness(_folded(canary), shown))
    return mint.made[nearest] if _likeness(_folded(nearest), shown) >= _LIKE else None


def beginning_like(mints: Iterable[Mint], text: bytes) -> list[Place]:
    """Return whose canaries agree with `text` for as long as any does, and for the whole mark at least."""
    shown = _folded(text.decode("utf-8", "ignore"))
    common = {
        canary: (_agreeing(_folded(canary), shown), place)
        for mint in mints
        for canary, place in mint.made.items()
    }
    longest = max(MARK_LENGTH, *(length for length, _ in common.values()))
    return [place for length, place in common.values() if length == longest]


def _agreeing(canary: str, text: str) -> int:
    """Return how many signs agree from the first one on."""
    return sum(1 for _ in itertools.takewhile(bool, map(operator.eq, canary, text)))


@cache
def _folded(mark: str) -> str:
    """Return one form for all marks that look like this one, as the product compares them."""
    return fold_mark(normalise_mark(mark))


def digests_in(content: bytes) -> Iterator[bytes]:
    """Yield what stands there as 32 bytes in hexadecimal or base64."""
    for token in set(_TOKENS.findall(content)):
        for decode in (bytes.fromhex, _from_base64):
            with suppress(ValueError):
                yield decode(token.decode())[:32]


def _from_base64(text: str) -> bytes:
    return base64.b64decode(text.replace("-", "+").replace("_", "/") + "==")


def as_document(message: Message, mint: Mint) -> dict[str, Any]:
    """Return a message with canaries as an officer's file says it."""
    plant(message, mint)
    if isinstance(message, loss_pb2.LossNotice):  # what was found again is told of a recovery alone
        message.ClearField("found_situations")
    return strip(message)


def strip(message: Message) -> dict[str, Any]:
    """Return a message as JSON without its photographs, which would have to come along."""
    c.leave_out(message)
    c.without_photographs(message)
    document: dict[str, Any] = json_format.MessageToDict(message, preserving_proto_field_name=True)
    return document


def spoil(value: Any, mark: str) -> Any:
    """Return a document in which every canary is longer than any field may be."""
    if isinstance(value, dict):
        return {key: spoil(inner, mark) for key, inner in value.items()}
    if isinstance(value, list):
        return [spoil(inner, mark) for inner in value]
    return value * 400 if isinstance(value, str) and mark in value else value
