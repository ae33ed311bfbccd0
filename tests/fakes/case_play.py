"""The life of one case between three members, with canaries in all that is said, played as a script says.

    async with open_stage(tmp_path, script) as play:
        await play.run()
        play.may(eyes, place)        # what the requirement says
        await play.look(eyes)        # what the product shows

XAA (or a panel) writes to XAB, whose desks ask, find, answer and pass on; XAA consents, or not. What of the
script the product refuses is left out, and every word of the refusal is kept.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from google.protobuf.message import Message

from fakes import messages as m
from fakes.canaries import ITEM, Mint, Place, plant
from fakes.canary_search import Search
from fakes.correspondence import a_seizure, leave_out, notices, object_check, request
from fakes.entitled import RESERVED, SHARE, Eyes, Told, may_read
from fakes.house import NO_CONTEXT, House, Street, draft, open_street
from fakes.inquiry import address, enquiry, letter
from fakes.onlooker import Looking, Seen, look, told
from fakes.people import Person, enlist, hire
from tracepost.node.config import DeskSettings, ReleaseSettings
from tracepost.node.handlers.case.casebook import instant
from tracepost.node.handlers.sealed.opening import load_sealed
from tracepost.node.ports.store import Tx
from tracepost.protocol.approval import Decision
from tracepost.protocol.attachment import KEY_BYTES, AttachmentSealer
from tracepost.protocol.errors import TracepostError
from tracepost.protocol.ids import NODE_DESK, DeskId, ThreadId, parse_digest
from tracepost.protocol.schema import RAISES, Field, Sensitivity, flatten, kind_of
from tracepost.protocol.trustlist import MemberType
from tracepost.sdk.office import make_word
from tracepost.serving.storage.blobs import BlobName
from tracepost.wire.v1 import (
    desk_pb2,
    inquiry_pb2,
    loss_pb2,
    office_pb2,
    onward_pb2,
    options_pb2,
    panel_pb2,
    share_pb2,
    terms_pb2,
    trace_pb2,
)
from tracepost.wire.v1.attachment_pb2 import Attachment, SceneAttachment

S = Sensitivity
NAMES: Final = ("xaa", "xab", "xac")
AUTHOR, ASKED, THIRD = NAMES
CLEAR: Final = frozenset({S.PUBLIC, S.ADMINISTRATIVE})
XYZ = "letter:xyz-office"
DAY = 86400
UNSENT: Final = (
    desk_pb2.RELEASE_STATE_WAITING_FOR_SECOND_OFFICER,
    desk_pb2.RELEASE_STATE_DELAYED,
)
CONSENT: Final = "trace.consent/1"
_OWNERS = "answers.0.persons"

_CUSTOMS = "LEGAL_BASIS_CUSTOMS_ASSISTANCE"
RESOLUTION: Final = "LEGAL_BASIS_SECURITY_COUNCIL_RESOLUTION"
_NOTICED = (
    "trace.diversion-notice/1",
    "embargo.delivery-notified/1",
    "flow.information/1",
    "ballistic.reference/1",
)


def _loss() -> loss_pb2.LossNotice:
    return loss_pb2.LossNotice(file_number="L-1", status="LOSS_STATUS_STOLEN", reporting_unit="Police")


def _notice(kind: str) -> Message:
    return next(one for one in notices(ASKED) if kind_of(one) == kind)


REQUEST: Final = "trace.request/1"
DOCUMENTED: Final = "panel.documented-item/1"
OPENINGS: Final[Mapping[str, Callable[[], Message]]] = {
    REQUEST: partial(request, "T-1"),
    "customs.seizure-notice/1": a_seizure,
    "register.loss-notice/1": _loss,
    "object.check/1": object_check,
    DOCUMENTED: panel_pb2.DocumentedItem,
    **{kind: partial(_notice, kind) for kind in _NOTICED},
}
"""Kinds that may open a case, with what the schema cannot make up."""


Act = tuple[str, tuple[int, ...]]
"""Something more that happens, by its name in `ACTS`, and numbers that choose how."""


@dataclass(frozen=True)
class Script:
    """What is drawn; numbers choose among what there is, as a remainder."""

    opening: str
    desks: Mapping[str, tuple[DeskSettings, ...]]
    types: Mapping[str, MemberType]
    author_desk: int = 0
    restrictions: frozenset[str] = frozenset()
    restricted: tuple[int, ...] = ()
    handling: frozenset[str] = frozenset()
    raised: tuple[tuple[int, int], ...] = ()
    kept: tuple[tuple[int, int], ...] = ()
    named: int | None = None
    refers: bool = False
    attaches: bool = False
    tells_both: bool = False
    urgent: bool = False
    second_officer: bool = False
    alone: bool = False
    words: tuple[int, ...] = ()
    put_on: frozenset[int] = frozenset()
    asking_desk: int = 0
    asked_desk: int = 0
    finds: bool = False
    composes: bool = False
    answers: bool = False
    writes_letters: bool = False
    before: tuple[Act, ...] = ()
    consent: tuple[int, ...] | None = None
    shares: bool = False
    sharing_desk: int = 0
    shown: tuple[int, ...] = ()
    not_shown: tuple[int, ...] = ()
    after: tuple[Act, ...] = ()
    days_later: int = 0
    keeps_house: bool = False


@asynccontextmanager
async def open_stage(folder: Path, script: Script) -> AsyncIterator[Play]:
    """Build the members of a script, with second officers where it asks for them."""
    release = ReleaseSettings(second_officer=script.second_officer)
    async with open_street(folder, *NAMES, desks=script.desks, types=script.types, release=release) as street:
        play = Play(street, script, folder)
        if script.second_officer and not script.alone:
            for name in NAMES:
                await enlist(street[name], *(play.second(name, d.desk) for d in script.desks[name]))
        yield play


@dataclass(frozen=True)
class Paper:
    """An enquiry or a letter on paper, the member that wrote it, and the classes that may stand on it."""

    member: str
    statement: str
    classes: frozenset[Sensitivity]

    def may_show(self, place: Place, tolds: Iterable[Told]) -> bool:
        """Say whether a canary may stand on it: of its class in every statement, or in what heads our papers."""
        return all(
            one.classes[place] in self.classes
            or (one.classes[place] is S.ADMINISTRATIVE and one.author == self.member)
            for one in tolds
            if place in one.classes
        )


@dataclass(frozen=True)
class Grant:
    """A consent of XAA that the third member sees a statement: which paths of it, which classes; empty: all."""

    paths: tuple[str, ...] = ()
    classes: frozenset[str] = frozenset()

    def covers(self, place: Place) -> bool:
        """Say whether it covers a canary."""
        of_class = place.sensitivity.name if place.sensitivity else ""
        return (not self.paths or is_within(place.path, self.paths)) and (
            not self.classes or of_class in self.classes
        )


@dataclass
class Said:
    """A statement that was signed, what the oracle knows of it, and its units; `went`: it took effect."""

    digest: str
    thread: str
    told: Told
    units: dict[str, Sensitivity]
    to: tuple[str, ...] = ()
    went: bool = False


@dataclass
class Play:
    """One case, while it is played and afterwards."""

    street: Street
    script: Script
    folder: Path
    mint: Mint = field(default_factory=Mint)
    tolds: list[Told] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    papers: list[Paper] = field(default_factory=list)
    refused: list[tuple[str, list[bytes]]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    happened: list[str] = field(default_factory=list)
    photographs: list[bytes] = field(default_factory=list)
    files: list[bytes] = field(default_factory=list)
    on_case: set[tuple[str, str]] = field(default_factory=set)
    cases: list[str] = field(default_factory=list)
    kinds: dict[str, set[str]] = field(default_factory=dict)
    granted: dict[str, list[Grant]] = field(default_factory=dict)
    standing: list[Grant] = field(default_factory=list)
    dead: list[tuple[str, bytes]] = field(default_factory=list)
    last_day: str = "9999-12-31"
    _drawn: list[tuple[Said, Told]] = field(default_factory=list)
    _search: tuple[int, Search] | None = None
    _seconds: dict[tuple[str, str], Person] = field(default_factory=dict)
    _opening_units: Mapping[str, Sensitivity] = field(default_factory=dict)

    @property
    def case(self) -> str:
        """The thread that the script opened."""
        return self.cases[0] if self.cases else ""

    async def run(self) -> None:
        """Play the script."""
        script = self.script
        first = await self._open()
        if first.went:
            await self._go_on(first)
        if script.days_later:
            self.street.clock.now += script.days_later * DAY
        if script.keeps_house:
            await self.keep_house()

    async def _go_on(self, first: Said) -> None:
        script = self.script
        await self._put_on()
        if script.opening == REQUEST:
            await self._work_inside(first)
        await self._act(first, script.before)
        if script.consent is not None:
            await self._consent(first)
        if script.shares:
            await self._share(first)
        await self._act(first, script.after)

    async def _act(self, first: Said, acts: Iterable[Act]) -> None:
        for name, numbers in acts:
            await ACTS[name](self, first, numbers)

    # ── what is seen, and what may be ────────────────────────────────────────────────

    def all_eyes(self) -> list[Eyes]:
        """Return every desk of every member."""
        return [self.eyes(name, desk) for name, desks in self.script.desks.items() for desk in desks]

    def eyes(self, member: str, desk: DeskSettings) -> Eyes:
        """Return a desk of a member."""
        return Eyes(member, desk, self.script.types.get(member, MemberType.STATE))

    def may(self, eyes: Eyes, place: Place, *, ever: bool = False) -> bool:
        """Say whether a desk may read a canary; with `ever`, whether it might before the last day of keeping."""
        keeps = ever or not self.is_over()
        return any(
            may_read(eyes, _endless(one) if keeps else one, place, self.desks_on(one.case))
            for one in self.tolds
        )

    def is_at(self, member: str, place: Place) -> bool:
        """Say whether a member has been told what a canary stands in, and has not deleted it."""
        return any(
            place in one.classes and member in (one.author, *one.to, *one.held_at) and member not in one.gone
            for one in self.tolds
        )

    def is_over(self) -> bool:
        """Say whether the last day of keeping is over, if there is one."""
        return instant(self.street.clock())[:10] > self.last_day

    def desks_on(self, case: str) -> frozenset[str]:
        """Return the desks, `member/desk`, that were put on a case."""
        return frozenset(desk for thread, desk in self.on_case if thread == case)

    def note(self, eyes: Eyes, verb: str, contents: Iterable[bytes], *, ever: bool = False) -> None:
        """Keep as faults what a desk was shown just now and must not be."""
        for place in self.found_in(contents):
            if not self.may(eyes, place, ever=ever):
                self.faults.append(f"{eyes.name} {sorted(eyes.competences)}: {verb} shows {place}")

    def found_in(self, contents: Iterable[bytes]) -> set[Place]:
        """Return the canaries in `contents`; forms of a mark that only look alike have no name and count as none."""
        if self._search is None or self._search[0] != len(
            self.mint.made
        ):  # it knows the canaries of its time
            self._search = len(self.mint.made), Search(self.mint)
        surface = self._search[1].surface
        finds = (find for content in set(contents) for find in surface("", content))
        return {find.canary for find in finds if find.canary is not None}

    def papers_of(self, eyes: Eyes) -> list[Paper]:
        """Return the papers that the member of a desk wrote."""
        return [one for one in self.papers if one.member == eyes.member]

    def marks(self) -> list[tuple[str, Place]]:
        """Return the marks of items that hold a canary, as they stand there, each with its place."""
        made = self.mint.made.items()
        return [(f"Ж{text} Ψ", p) for text, p in made if "mark" in p.path and p.path.endswith("text_as_seen")]

    async def look(self, eyes: Eyes) -> Seen:
        """Return all that the product shows to an officer of a desk, and to a second one of what waits."""
        at = Looking(
            cases=self.cases,
            photographs=[hashlib.sha256(one).digest() for one in self.photographs],
            files=self.files,
            papers=[one.statement for one in self.papers_of(eyes)],
            day=instant(self.street.clock())[:10],
            waiting=[one.digest for one in self.said if not one.went and one.told.author == eyes.member],
            second=self.second(eyes.member, eyes.desk.desk),
        )
        return await look(self.street[eyes.member], eyes.desk.desk, at)

    async def open_with_keys_of(self, eyes: Eyes) -> list[bytes]:
        """Return all that the keys of a desk open in the store of its member, whatever the gate says."""
        return await self.unseal(eyes.member, eyes.desk.desk)

    async def unseal(self, member: str, desk: DeskId) -> list[bytes]:
        """Return what the keys of a desk, or of the daemon's own, open: disclosures, decoded, and photographs."""
        house = self.street[member]

        def read(tx: Tx) -> list[Any]:
            records = tx.statements.in_threads([ThreadId(case) for case in self.cases])
            return load_sealed(tx, records, desk)

        found = []
        for sealed in await house.store.read(read):
            opener = house.opener
            opened = opener.unseal_as_node(sealed) if desk == NODE_DESK else opener.unseal(sealed, desk)
            if opened.statement is not None:
                found += [_decoded(d.encoded) for d in opened.statement.disclosures]
                found += opened.photographs.values()
        return found

    # ── what is said ─────────────────────────────────────────────────────────────────

    async def _open(self) -> Said:
        script = self.script
        message = OPENINGS[script.opening]()
        parts, places = self.plant(message)
        said: Any = message
        if script.opening in (REQUEST, "customs.seizure-notice/1"):
            said.handling_instructions.extend(f"HANDLING_INSTRUCTION_{h}" for h in sorted(script.handling))
        if script.opening == REQUEST and script.refers:
            said.referral_consents.append(THIRD)
        if script.opening == REQUEST and script.attaches:
            attach_files(self, said, places)
        self._opening_units = units = classed_units_of(message)
        author = self.desk_of(AUTHOR, script.author_desk)
        raised = self._raises(units)
        kept = self._keeps(message, units, raised)
        named = self._names()
        more = self._cover(said)
        both = script.tells_both and not self._is_for_others_than_states()
        tries: list[dict[str, Any]] = [
            {"desk": author.desk, "raised": raised, "readers": kept, "to": (ASKED, THIRD)} if both else {},
            {"desk": author.desk, "raised": raised, "readers": kept, "named_desks": named},
            {"desk": author.desk, "raised": raised, "named_desks": named},
            {"desk": author.desk, "raised": raised},
            {"desk": author.desk, "readers": kept},
            {"desk": author.desk},
            {"desk": "poc"},
        ]
        for one in filter(None, tries):
            desk, to = one.pop("desk"), one.pop("to", (ASKED,))
            told_ = self.read_out(
                AUTHOR, desk, message, places, raised=one.get("raised", ()), kept=one.get("readers", ())
            )
            told_.named = frozenset(one.get("named_desks", ()))
            told_.ends = self._ending(told_)
            first = await self.say(
                AUTHOR, desk, message, to=to, case="", told_=told_, parts=parts, **one, **more
            )
            if first is not None:
                self.happened += ["told both"] if THIRD in to else []
                self.happened += [
                    f"opened with {key}" for key in ("raised", "readers", "named_desks") if one.get(key)
                ]
                return first
        raise AssertionError(f"{script.opening} cannot be said at all: {self.refused[-1]}")

    def _cover(self, said: Any) -> dict[str, Any]:
        script = self.script
        more: dict[str, Any] = {"restrictions": self._restrictions(classed_units_of(said))}
        basis = {"customs.seizure-notice/1": _CUSTOMS, DOCUMENTED: RESOLUTION}.get(script.opening)
        if basis:
            more["legal_basis"] = basis
        if script.urgent and script.opening == REQUEST:
            said.urgency, said.urgency_reason = "URGENCY_URGENT", "URGENCY_REASON_DANGER_TO_LIFE"
            more["lane"] = "LANE_URGENT"
        return more

    async def _put_on(self) -> None:
        desks = self.script.desks[ASKED]
        for number in sorted(self.script.put_on):
            desk = desks[number % len(desks)]
            self.street[ASKED].as_officer("poc")
            asked = office_pb2.PutOnCaseRequest(case=self.case, desk=desk.desk, as_desk="poc")
            try:
                await self.street[ASKED].own_office.PutOnCase(asked, NO_CONTEXT)
            except TracepostError as error:
                self.refused.append(("poc puts on case", told(error)))
                continue
            self.on_case.add((self.case, f"{ASKED}/{desk.desk}"))
            self.happened.append("put on the case")

    async def _work_inside(self, first: Said) -> None:
        script = self.script
        asking, asked = self.desk_of(ASKED, script.asking_desk), self.desk_of(ASKED, script.asked_desk)
        house = self.street[ASKED]
        for one in (address(), address("paper:maker")):
            await self._keep(house, one)
        for custodian in ("paper:archive", "paper:maker"):
            slip = enquiry("")
            slip.custodian.id = custodian
            sent = await self._enquire(asking, slip, first, asks="")
            if sent is not None:
                self.papers.append(Paper(ASKED, sent.digest, frozenset({S.OBJECT})))
        finding = None
        asked_for = await self._enquire(asking, enquiry(asked.desk), first, asks=asked.desk)
        if asked_for is not None and script.finds:
            finding = await self._find(asked, asked_for)
        if script.answers:
            await self._answer(finding if script.composes else None)
        if script.writes_letters:
            await self._write_letter(first)

    async def _enquire(
        self, asking: DeskSettings, message: inquiry_pb2.Enquiry, first: Said, *, asks: str
    ) -> Said | None:
        kind = "trace.enquiry/1"
        noted = Place(kind, f"note {len(self.tolds)}", S.OBJECT)
        message.note = self.mint.text(noted)
        message.item_ids.append(ITEM)
        told_ = Told(ASKED, asking.desk, (), kind, {noted: S.OBJECT}, asks=asks)
        said = await self.say(ASKED, asking.desk, message, told_=told_)
        if said is None:
            return None
        copied = {
            place: of_class
            for place, of_class in first.told.classes.items()
            if place.path.startswith("items.") and place.sensitivity is S.OBJECT
        }
        self.draw(said, copied, first.told).asks = asks
        self.happened.append("asked a desk" if asks else "asked on paper")
        return said

    async def _find(self, asked: DeskSettings, asked_for: Said) -> Said | None:
        message = inquiry_pb2.Finding(
            enquiry_digest=asked_for.digest, answers=[trace_pb2.Answer(item_id=ITEM)], final=True
        )
        said = await self.say(ASKED, asked.desk, message)
        if said is not None:
            self.happened.append("found")
        return said

    async def _answer(self, finding: Said | None) -> None:
        message = trace_pb2.Response(answers=[trace_pb2.Answer(item_id=ITEM)], final=True)
        if finding is None:
            if await self.say(ASKED, "poc", message, to=(AUTHOR,)):
                self.happened.append("answered")
            return
        message.answers[0].CopyFrom(m.answer(ITEM))
        composed = [inquiry_pb2.Composed(finding=finding.digest, from_path=_OWNERS, to_path=_OWNERS)]
        drawn = {p: c for p, c in finding.told.classes.items() if is_within(p.path, (_OWNERS,))}
        told_ = Told(ASKED, "poc", (), "trace.response/1", drawn, supplied=False)
        if await self.say(ASKED, "poc", message, to=(AUTHOR,), told_=told_, composed=composed):
            self.happened.append("composed an answer")

    async def _write_letter(self, first: Said) -> None:
        writer = self.desk_of(AUTHOR, self.script.asking_desk)
        office = address(XYZ, point_of_contact=True, country="XYZ")
        await self._keep(self.street[AUTHOR], office)
        kind = "trace.letter/1"
        place = Place(kind, "text", S.LAW_ENFORCEMENT)
        told_ = Told(AUTHOR, writer.desk, (), kind, {place: S.LAW_ENFORCEMENT})
        message = letter(XYZ, text=self.mint.text(place))
        said = await self.say(AUTHOR, writer.desk, message, told_=told_)
        if said is None:
            return
        self.happened.append("wrote a letter")
        self.draw(said, first.told.classes, first.told)
        on_paper = frozenset({S.ADMINISTRATIVE, S.OBJECT, S.LAW_ENFORCEMENT, S.COMMERCIAL, S.CONTACT})
        self.papers.append(Paper(AUTHOR, said.digest, on_paper))

    async def _keep(self, house: House, entry: inquiry_pb2.AddressEntry) -> None:
        house.as_officer("poc")
        await house.desk.KeepAddress(inquiry_pb2.KeepAddressRequest(entry=entry), NO_CONTEXT)

    async def _consent(self, first: Said) -> None:
        paths = pick(first.units, self.script.consent or ())
        message = m.consent(THIRD, statement_digest=first.digest, field_paths=paths)
        said = await self.say(AUTHOR, "poc", message, to=(ASKED,))
        if said is not None and said.went:
            self.happened.append("consented")
            self.granted.setdefault(first.digest, []).append(Grant(tuple(paths)))

    async def _share(self, first: Said) -> None:
        script, sharer = self.script, self.desk_of(ASKED, self.script.sharing_desk)
        shown, not_shown = (pick(first.units, n) for n in (script.shown, script.not_shown))
        await self.pass_on(first, sharer, shown, not_shown)

    async def pass_on(
        self,
        first: Said,
        sharer: DeskSettings,
        shown: Sequence[str] = (),
        not_shown: Sequence[str] = (),
        *,
        by: str = ASKED,
    ) -> None:
        """Have a desk of a member share a statement with the third one, after a preview."""
        choice = onward_pb2.ShareChoice(statement=first.digest, fields=shown, without=not_shown)
        message = share_pb2.Share(reason="SHARE_REASON_CASE")
        preview = await self._submit(
            by, sharer.desk, message, to=(THIRD,), case=first.thread, shared=[choice], preview=True
        )
        if preview is not None:
            self.note(self.eyes(by, sharer), "a preview", [preview.SerializeToString()])
        held = self.held_by(first, by, sharer)
        told_ = Told(by, sharer.desk, (), SHARE, {})
        said = await self.say(
            by, sharer.desk, message, to=(THIRD,), case=first.thread, told_=told_, shared=[choice]
        )
        if said is None:
            return
        self.happened.append("shared")
        grants, bound = self.grants_of(first), self._bound(first, by)
        needs_consent = first.told.kind != CONSENT and bound == set(first.told.classes)
        if needs_consent and bound and not grants:
            self.faults.append(f"{by} passed on {first.told.kind} without consent")
        went = {
            place: of_class
            for place, of_class in held.items()
            if of_class is S.ADMINISTRATIVE
            or (
                (not shown or is_within(place.path, shown))
                and not is_within(place.path, not_shown)
                and (place not in bound or any(one.covers(place) for one in grants))
            )
        }
        is_own = first.told.author == by
        self.enclose(said, went, first.told, consented=is_own or bool(grants))
        self.enclose_consents(said)

    def grants_of(self, first: Said) -> list[Grant]:
        """Return what lets the third member see a statement of XAA."""
        said = self.granted.get(first.digest, [])
        by_entry = self.standing if first.told.author == AUTHOR else []
        in_request = [Grant()] if self.script.refers and first.told.kind == REQUEST else []
        return [*said, *by_entry, *in_request]

    def held_by(self, first: Said, member: str, desk: DeskSettings) -> dict[Place, Sensitivity]:
        """Return what a desk holds of a statement, before it is passed on."""
        return self.readable(first.told, member, desk)

    def readable(self, one: Told, member: str, desk: DeskSettings) -> dict[Place, Sensitivity]:
        """Return what a desk reads of one thing that was told."""
        eyes, of = self.eyes(member, desk), _endless(one)
        return {p: c for p, c in of.classes.items() if may_read(eyes, of, p, self.desks_on(of.case))}

    def inside(self, said: Said, member: str) -> list[Told]:
        """Return what a member was told of others inside a statement."""
        drawn = (one for one in self.tolds if one.gone is said.told.gone and one is not said.told)
        return [one for one in drawn if member in one.to]

    def enclose_consents(self, said: Said) -> None:
        """Tell the oracle that consents go along with their clear parts, to prove themselves."""
        for one in self.tolds[:]:
            if one.kind == CONSENT and one.author == AUTHOR:
                clear = {p: c for p, c in one.classes.items() if c in CLEAR}
                self.enclose(said, clear, one, consented=True)

    def enclose(self, said: Said, classes: Mapping[Place, Sensitivity], of: Told, *, consented: bool) -> None:
        """Tell the oracle what a statement shows of another: to its addressees, and to who shows it."""
        self.draw(said, classes, of, author="", to=said.to).consented = consented
        held = self.draw(said, classes, of, author="", to=(said.told.author,))
        held.only = of.only

    def _bound(self, first: Said, by: str) -> frozenset[Place]:
        """Return the canaries of a statement that need the consent of who wrote it to be passed on."""
        if first.told.author == by:
            return frozenset()
        if self._is_for_others_than_states():
            return frozenset(first.told.classes)
        kept = frozenset(first.told.only)
        if "NO_ONWARD_RELEASE" not in self.script.restrictions or first is not self.said[0]:
            return kept
        paths = self._restricted_paths(first.units) or [""]
        return kept | {p for p in first.told.classes if is_within(p.path, paths)}

    def _is_for_others_than_states(self) -> bool:
        return self.script.types.get(THIRD, MemberType.STATE) is not MemberType.STATE

    # ── the script, made to fit ──────────────────────────────────────────────────────

    def desk_of(self, member: str, number: int) -> DeskSettings:
        """Return the desk that a number chooses."""
        desks = self.script.desks[member]
        return desks[number % len(desks)]

    def _restricted_paths(self, units: Mapping[str, Sensitivity]) -> list[str]:
        # What is for named desks alone is not in a message that names none.
        usable = {path: of_class for path, of_class in units.items() if of_class is not S.NATIONAL_SECURITY}
        return pick(usable, self.script.restricted)

    def _restrictions(self, units: Mapping[str, Sensitivity]) -> list[terms_pb2.Restriction]:
        self.last_day = tomorrow = instant(self.street.clock() + DAY)[:10]
        paths = self._restricted_paths(units)
        return [
            terms_pb2.Restriction(
                code=f"RESTRICTION_CODE_{one}",
                until=tomorrow if one == "DELETE_AFTER" else None,
                field_paths=paths,
            )
            for one in sorted(self.script.restrictions)
        ]

    def _ending(self, told_: Told) -> frozenset[Place]:
        """Return the canaries of the opening that may be kept until a day."""
        if "DELETE_AFTER" not in self.script.restrictions:
            return frozenset()
        paths = self._restricted_paths(self._opening_units) or [""]
        return frozenset(p for p in told_.classes if is_within(p.path, paths))

    def _raises(self, units: Mapping[str, Sensitivity]) -> list[desk_pb2.RaisedField]:
        raised = {}
        for path_number, class_number in self.script.raised:
            path = sorted(units)[path_number % len(units)]
            higher = sorted(RAISES[units[path]])
            if higher:
                raised[path] = f"SENSITIVITY_{higher[class_number % len(higher)]}"
        return [desk_pb2.RaisedField(path=path, to_class=name) for path, name in raised.items()]

    def _keeps(
        self, message: Message, units: Mapping[str, Sensitivity], raised: Sequence[desk_pb2.RaisedField]
    ) -> list[terms_pb2.FieldReaders]:
        if "readers" not in message.DESCRIPTOR.fields_by_name:
            return []
        secret = {r.path for r in raised if _name_of(r) == S.NATIONAL_SECURITY}
        kept = {}
        for path_number, desk_number in self.script.kept:
            usable = sorted(p for p, c in units.items() if c is not S.NATIONAL_SECURITY and p not in secret)
            path = usable[path_number % len(usable)]
            kept[path] = f"{ASKED}/{self.desk_of(ASKED, desk_number).desk}"
        return [terms_pb2.FieldReaders(path=path, desks=[desk]) for path, desk in kept.items()]

    def _names(self) -> list[str]:
        number = self.script.named
        return [] if number is None else [f"{ASKED}/{self.desk_of(ASKED, number).desk}"]

    # ── sending, and keeping account ─────────────────────────────────────────────────

    def plant(self, message: Message) -> tuple[list[bytes], list[Place]]:
        """Put canaries into a message; return its photographs, and the places, which are like no others."""
        known = {*self.mint.made, *self.mint.digests}
        said: Any = message
        if "file_number" in message.DESCRIPTOR.fields_by_name:
            said.file_number = self.mint.text(Place(kind_of(message), "file_number", S.ADMINISTRATIVE))
        parts = plant(message, self.mint)
        leave_out(message)
        if isinstance(message, loss_pb2.LossNotice) and message.status != loss_pb2.LOSS_STATUS_RECOVERED:
            message.ClearField("found_situations")  # told of a recovery alone
        self.photographs += parts
        number, places = len(self.said), []
        for table in (self.mint.made, self.mint.digests):
            for name in [n for n in table if n not in known]:
                table[name] = replace(table[name], kind=f"{table[name].kind} of statement {number}")  # type: ignore[index]
                places.append(table[name])  # type: ignore[index]
        return parts, places

    def read_out(
        self,
        author: str,
        desk: str,
        message: Message,
        places: Iterable[Place],
        *,
        raised: Iterable[desk_pb2.RaisedField] = (),
        kept: Iterable[terms_pb2.FieldReaders] = (),
    ) -> Told:
        """Return what the oracle is to know of a message with canaries at these places."""
        higher = {r.path: S(_name_of(r)) for r in raised}
        only = {r.path: frozenset(r.desks) for r in kept}
        classes = {p: _longest(higher, p.path, p.sensitivity) for p in places if p.sensitivity}
        kept_to = {p: _longest(only, p.path, frozenset()) for p in classes if is_within(p.path, only)}
        return Told(author, desk, (), kind_of(message), classes, only=kept_to)

    async def say(
        self,
        member: str,
        desk: str,
        message: Message,
        *,
        to: tuple[str, ...] = (),
        case: str | None = None,
        told_: Told | None = None,
        parts: Sequence[bytes] = (),
        ahead: int = 0,
        **more: Any,
    ) -> Said | None:
        """Say something with canaries in it, carry it, and keep account; None where it was refused.

        `told_` is what the oracle is to know, of what was planted before or of what the node writes in. A clock
        that is some seconds `ahead` while it is written has it held where it arrives.
        """
        if told_ is None:
            parts, places = self.plant(message)
            told_ = self.read_out(member, desk, message, places)
        thread = self.case if case is None else case
        self.street.clock.now += ahead
        sent = await self._submit(member, desk, message, to=to, case=thread, parts=parts, **more)
        self.street.clock.now -= ahead
        if sent is None:
            return None
        if sent.thread not in self.cases:
            self.cases.append(sent.thread)
        told_.case, told_.kinds = sent.thread, self.kinds.setdefault(sent.thread, set())
        told_.reserved = self._reserved_to(to) if told_.kind == RESERVED else None
        said = Said(sent.statement, sent.thread, told_, classed_units_of(message), () if ahead else to)
        self.said.append(said)
        self.tolds.append(told_)
        if sent.release_state in UNSENT:
            await self._give_word(member, said)
        await self.street.carry()
        await self.take_note()
        return said

    def _reserved_to(self, members: Iterable[str]) -> frozenset[str] | None:
        desks = [(name, desk) for name in members for desk in self.script.desks[name] if desk.outward]
        if not any("FOREIGN_AFFAIRS" in desk.competences for _, desk in desks):
            return None
        wanted = [(n, d) for n, d in desks if d.copied_on_panel_mail or "FOREIGN_AFFAIRS" in d.competences]
        return frozenset(f"{name}/{desk.desk}" for name, desk in wanted)

    def draw(
        self,
        said: Said,
        classes: Mapping[Place, Sensitivity],
        of: Told,
        *,
        author: str | None = None,
        to: tuple[str, ...] = (),
    ) -> Told:
        """Tell the oracle what a statement holds of another, for which nobody's author desk stands."""
        drawn = Told(
            said.told.author if author is None else author,
            said.told.author_desk,
            to,
            said.told.kind,
            classes,
            of.named,
            of.only if author is None else {},
        )
        drawn.supplied, drawn.ends, drawn.not_for, drawn.gone = False, of.ends, of.not_for, said.told.gone
        drawn.case, drawn.kinds = said.thread, self.kinds.setdefault(said.thread, set())
        if not said.went and to == said.to and to:
            drawn.to = ()
            self._drawn.append((said, drawn))
        self.tolds.append(drawn)
        return drawn

    async def take_note(self) -> None:
        """Take into account what took effect since the last time."""
        for said in self.said:
            if not said.went and await self._is_in_effect(said):
                said.went, said.told.to = True, said.to
                self.kinds[said.thread].add(said.told.kind)
        for said, drawn in self._drawn:
            if said.went:
                drawn.to = said.to

    async def note_deleted(self) -> list[tuple[str, str]]:
        """Take into account what members say they have deleted; return member and statement of what is new."""
        digests = {parse_digest(one.digest, ""): one for one in self.said}
        new = []
        for name, house in self.street.houses.items():
            for digest in await house.store.read(lambda tx: tx.tombstones.find(list(digests))):
                said = digests[digest]
                if name not in said.told.gone:
                    said.told.gone.add(name)
                    new.append((name, said.digest))
        return new

    async def _is_in_effect(self, said: Said) -> bool:
        digest = parse_digest(said.digest, "")
        found = await self.street[said.told.author].store.read(lambda tx: tx.statements.find([digest]))
        return digest in found and found[digest].in_effect

    async def _give_word(self, member: str, said: Said) -> None:
        """Have a second officer look at what waits, and let it go or not, as the script says."""
        listed = await self._releases(member)
        line = listed[said.digest]
        desk = next(d for d in self.script.desks[member] if d.desk == line.deciding_desk)
        second = self.second(member, desk.desk)
        number = self.script.words[len(self.said) % len(self.script.words)] if self.script.words else 0
        self.happened.append(
            ("approved", "approved", "refused by a second officer", "left waiting")[number % 4]
        )
        if number % 4 == 3 or self.script.alone:
            return
        second.sits()
        try:
            asked = office_pb2.ShowReleaseRequest(statement=said.digest, desk=desk.desk)
            view = await self.street[member].own_office.ShowRelease(asked, NO_CONTEXT)
            self.note(self.eyes(member, desk), "ShowRelease", [view.SerializeToString()])
            word = Decision.REFUSED if number % 4 == 2 else Decision.APPROVED
            decided = make_word(view, word, second.papers, "because")
            done = await self.street[member].own_office.DecideRelease(decided, NO_CONTEXT)
            self.note(self.eyes(member, desk), "DecideRelease", [done.SerializeToString()])
        except TracepostError as error:
            self.refused.append((f"{member}/{desk.desk} decides", told(error)))

    async def _releases(self, member: str) -> dict[str, office_pb2.ReleaseLine]:
        house = self.street[member]
        house.as_officer(*(d.desk for d in self.script.desks[member]))
        listed = await house.own_office.ListReleases(office_pb2.ListReleasesRequest(), NO_CONTEXT)
        return {one.statement: one for one in listed.releases}

    def second(self, member: str, desk: str) -> Person:
        """Return the second officer of a desk."""
        if (member, desk) not in self._seconds:
            self._seconds[member, desk] = hire(self.street[member], "8", desk)
        return self._seconds[member, desk]

    async def keep_house(self) -> None:
        """Have every node do what it does by itself from time to time, and carry what comes of it."""
        for house in self.street.houses.values():
            await keep_house(house)
        await self.street.carry()
        await self.take_note()
        await self.note_deleted()
        first = self.said[0]
        must_go = "DELETE_AFTER" in self.script.restrictions and not self.script.restricted and self.is_over()
        if must_go and first.went:
            keep = sorted(set(first.to) - first.told.gone)
            self.faults += [f"{name}: what was to be kept until yesterday is not deleted" for name in keep]

    async def _submit(
        self, member: str, desk: str, content: Message, **more: Any
    ) -> desk_pb2.Submission | None:
        """Submit; None where it was refused, which is noted with every word."""
        house: House = self.street[member]
        [sent] = await house.submit(draft(content, desk=desk, **more), officer=house.officer(desk))
        if sent.HasField("problem"):
            self.refused.append((f"{member}/{desk} {kind_of(content)}", [sent.SerializeToString()]))
            return None
        return sent


Acting = Callable[[Play, Said, tuple[int, ...]], Awaitable[None]]
ACTS: Final[dict[str, Acting]] = {}
"""What more may happen in a case, by name; it does nothing where it does not fit."""


def attach_files(play: Play, message: Any, places: list[Place]) -> None:
    """Hand in a file about the object and one about the scene, with canaries in them, and name them in a request."""
    house = play.street[AUTHOR]
    for named, made, path, of_class in (
        (message.items[0].attachments, Attachment, "items.0.attachments.0", S.OBJECT),
        (
            message.circumstances.scene_attachments,
            SceneAttachment,
            "circumstances.scene_attachments.0",
            S.CRIMINAL_JUSTICE,
        ),
    ):
        place = Place(places[0].kind, f"{path}.content", of_class)
        content = f"a file that says {play.mint.text(place)}\n".encode() * 40
        key, address, sealed = seal_file(content)
        with house.blobs.write(BlobName(address), len(sealed)) as part:
            part.append(sealed)
            part.finish()
        digest = hashlib.sha256(content).digest()
        named.append(
            made(
                address=address,
                key=key,
                content_size=len(content),
                content_sha256=digest,
                media_type="text/plain",
                subject="ATTACHMENT_SUBJECT_RECORD",
                original_sha256=digest,
            )
        )
        play.files.append(address)
        places.append(place)


def seal_file(content: bytes) -> tuple[bytes, bytes, bytes]:
    """Return a fresh key, the address and the ciphertext of a file, as an officer's program makes them."""
    key = os.urandom(KEY_BYTES)
    sealer = AttachmentSealer(key, len(content))
    sealed = sealer.update(content) + sealer.finish()
    return key, hashlib.sha256(sealed).digest(), sealed


def act(acting: Acting) -> Acting:
    """Enter a function in `ACTS`."""
    ACTS[acting.__name__] = acting
    return acting


async def keep_house(house: House) -> None:
    """Do what the housekeeping of a node does, in its order."""
    await house.rooms.deleting.delete_overdue()
    await house.rooms.deleting.scrub()
    await house.rooms.unlocking.keep_up()
    await house.rooms.indexing.keep_up()
    await house.rooms.releasing.delay_unseconded()
    await house.rooms.releasing.send_due()
    await house.rooms.deleting_by_two.delete_due()
    await house.rooms.confirming.keep_up()
    await house.rooms.case_desking.keep_up()


def _endless(one: Told) -> Told:
    changed = Told(**vars(one))
    changed.ends = frozenset()
    return changed


def classed_units_of(message: Message) -> dict[str, Sensitivity]:
    fields: list[Field] = flatten(message)
    return {f.path: f.sensitivity for f in fields if f.sensitivity not in CLEAR}


def pick(units: Mapping[str, Sensitivity], numbers: Iterable[int]) -> list[str]:
    """Return units, or what holds several of them, by number; none within another."""
    paths = sorted({*units, *(p.rpartition(".")[0] for p in units if "." in p)} - {"items", "answers"})
    chosen = dict.fromkeys(paths[n % len(paths)] for n in numbers)
    return [p for p in chosen if not any(p != q and is_within(p, (q,)) for q in chosen)]


def is_within(path: str, prefixes: Iterable[str]) -> bool:
    return any(not p or path == p or path.startswith(f"{p}.") for p in prefixes)


def _longest(table: Mapping[str, Any], path: str, otherwise: Any) -> Any:
    return next((table[p] for p in sorted(table, key=len, reverse=True) if is_within(path, (p,))), otherwise)


def _name_of(one: desk_pb2.RaisedField) -> str:
    return options_pb2.Sensitivity.Name(one.to_class).removeprefix("SENSITIVITY_")


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
