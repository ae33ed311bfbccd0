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
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from google.protobuf.message import Message

from fakes import messages as m
from fakes.canaries import ITEM, Mint, Place, plant
from fakes.correspondence import a_seizure, leave_out, notices, object_check, request
from fakes.entitled import SHARE, Eyes, Told, may_read
from fakes.house import NO_CONTEXT, House, Street, draft, open_street
from fakes.inquiry import address, enquiry, letter
from fakes.onlooker import Looking, Seen, look, told
from tracepost.node.config import DeskSettings
from tracepost.node.handlers.casebook import instant
from tracepost.node.handlers.opening import load_sealed
from tracepost.node.ports import Tx
from tracepost.protocol.errors import TracepostError
from tracepost.protocol.ids import NODE_DESK, DeskId, ThreadId
from tracepost.protocol.schema import RAISES, Field, Sensitivity, flatten, kind_of
from tracepost.protocol.trustlist import MemberType
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

S = Sensitivity
AUTHOR, ASKED, THIRD = "xaa", "xab", "xac"
CLEAR: Final = frozenset({S.PUBLIC, S.ADMINISTRATIVE})
XYZ = "letter:xyz-office"
DAY = 86400
_CONSENT = "trace.consent/1"
_OWNERS = "answers.0.persons"

_CUSTOMS = "LEGAL_BASIS_CUSTOMS_ASSISTANCE"
_RESOLUTION = "LEGAL_BASIS_SECURITY_COUNCIL_RESOLUTION"
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


@dataclass(frozen=True)
class Script:
    """What is drawn; numbers choose among what there is, as a remainder."""

    opening: str
    desks: Mapping[str, tuple[DeskSettings, ...]]
    types: Mapping[str, MemberType]
    author_desk: int = 0
    restrictions: frozenset[str] = frozenset()
    handling: frozenset[str] = frozenset()
    raised: tuple[tuple[int, int], ...] = ()
    kept: tuple[tuple[int, int], ...] = ()
    named: int | None = None
    put_on: frozenset[int] = frozenset()
    asking_desk: int = 0
    asked_desk: int = 0
    finds: bool = False
    composes: bool = False
    answers: bool = False
    writes_letters: bool = False
    consent: tuple[int, ...] | None = None
    shares: bool = False
    sharing_desk: int = 0
    shown: tuple[int, ...] = ()
    not_shown: tuple[int, ...] = ()
    days_later: int = 0


@asynccontextmanager
async def open_stage(folder: Path, script: Script) -> AsyncIterator[Play]:
    """Build the members of a script."""
    names = (AUTHOR, ASKED, THIRD)
    async with open_street(folder, *names, desks=script.desks, types=script.types) as street:
        yield Play(street, script, folder)


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


@dataclass
class _Statement:
    """A statement that took effect, the units of it, and the canaries that were planted in it."""

    digest: str
    told: Told
    units: dict[str, Sensitivity]


@dataclass
class Play:
    """One case, while it is played and afterwards."""

    street: Street
    script: Script
    folder: Path
    mint: Mint = field(default_factory=Mint)
    tolds: list[Told] = field(default_factory=list)
    papers: list[Paper] = field(default_factory=list)
    refused: list[tuple[str, list[bytes]]] = field(default_factory=list)
    happened: list[str] = field(default_factory=list)
    photographs: list[bytes] = field(default_factory=list)
    on_case: set[str] = field(default_factory=set)
    case: str = ""

    async def run(self) -> None:
        """Play the script."""
        first = await self._open()
        await self._put_on()
        if self.script.opening == REQUEST:
            await self._work_inside(first)
        if self.script.consent is not None:
            await self._consent(first)
        if self.script.shares:
            await self._share(first)
        if self.script.days_later:
            self.street.clock.now += self.script.days_later * DAY

    # ── what is seen, and what may be ────────────────────────────────────────────────

    def all_eyes(self) -> list[Eyes]:
        """Return every desk of every member."""
        types = self.script.types
        return [
            Eyes(name, desk, types.get(name, MemberType.STATE))
            for name, desks in self.script.desks.items()
            for desk in desks
        ]

    def may(self, eyes: Eyes, place: Place, *, ever: bool = False) -> bool:
        """Say whether a desk may read a canary; with `ever`, whether it might before the last day of keeping."""
        on_case = frozenset(self.on_case)
        return any(may_read(eyes, _endless(one) if ever else one, place, on_case) for one in self.tolds)

    def papers_of(self, eyes: Eyes) -> list[Paper]:
        """Return the papers that the member of a desk wrote."""
        return [one for one in self.papers if one.member == eyes.member]

    def marks(self) -> list[tuple[str, Place]]:
        """Return the marks of items that hold a canary, as they stand there, each with its place."""
        made = self.mint.made.items()
        return [(f"Ж{text} Ψ", p) for text, p in made if "mark" in p.path and p.path.endswith("text_as_seen")]

    async def look(self, eyes: Eyes) -> Seen:
        """Return all that the product shows to an officer of a desk."""
        at = Looking(
            cases=[self.case],
            photographs=[hashlib.sha256(one).digest() for one in self.photographs],
            papers=[one.statement for one in self.papers_of(eyes)],
            day=instant(self.street.clock())[:10],
        )
        return await look(self.street[eyes.member], eyes.desk.desk, at)

    async def open_with_keys_of(self, eyes: Eyes) -> list[bytes]:
        """Return all that the keys of a desk open in the store of its member, whatever the gate says."""
        return await self.unseal(eyes.member, eyes.desk.desk)

    async def unseal(self, member: str, desk: DeskId) -> list[bytes]:
        """Return what the keys of a desk, or of the daemon's own, open: disclosures, decoded, and photographs."""
        house = self.street[member]

        def read(tx: Tx) -> list[Any]:
            records = tx.statements.in_threads([ThreadId(self.case)])
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

    async def _open(self) -> _Statement:
        script = self.script
        message = OPENINGS[script.opening]()
        parts = self._plant(message)
        if script.opening in (REQUEST, "customs.seizure-notice/1"):
            said: Any = message
            said.handling_instructions.extend(f"HANDLING_INSTRUCTION_{h}" for h in sorted(script.handling))
        basis = {"customs.seizure-notice/1": _CUSTOMS, DOCUMENTED: _RESOLUTION}.get(script.opening)
        more = {"legal_basis": basis} if basis else {}
        units = _classed_units(message)
        author = self._desk(AUTHOR, script.author_desk)
        raised = self._raises(units)
        kept = self._keeps(message, units, raised)
        named = self._names()
        tries: list[dict[str, Any]] = [
            {"desk": author.desk, "raised": raised, "readers": kept, "named_desks": named},
            {"desk": author.desk, "raised": raised, "named_desks": named},
            {"desk": author.desk, "raised": raised},
            {"desk": author.desk, "readers": kept},
            {"desk": author.desk},
            {"desk": "poc"},
        ]
        for one in tries:
            desk = one.pop("desk")
            sent = await self._submit(
                AUTHOR,
                desk,
                message,
                to=[ASKED],
                parts=parts,
                restrictions=self._restrictions(),
                **one,
                **more,
            )
            if sent is not None:
                self.case = sent.thread
                told_ = self._told(
                    AUTHOR, desk, (ASKED,), message, raised=one.get("raised", ()), kept=one.get("readers", ())
                )
                told_.named = frozenset(one.get("named_desks", ()))
                told_.ends = self._has_ended()
                self.happened += [
                    f"opened with {key}" for key in ("raised", "readers", "named_desks") if one.get(key)
                ]
                return _Statement(sent.statement, told_, units)
        raise AssertionError(f"{script.opening} cannot be said at all: {self.refused[-1]}")

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
            self.on_case.add(f"{ASKED}/{desk.desk}")
            self.happened.append("put on the case")

    async def _work_inside(self, first: _Statement) -> None:
        script = self.script
        asking, asked = self._desk(ASKED, script.asking_desk), self._desk(ASKED, script.asked_desk)
        house = self.street[ASKED]
        for one in (address(), address("paper:maker")):
            await self._keep(house, one)
        for custodian in ("paper:archive", "paper:maker"):
            slip = enquiry("")
            slip.custodian.id = custodian
            sent = await self._enquire(asking, slip, first, asks="")
            if sent is not None:
                self.papers.append(Paper(ASKED, sent.statement, frozenset({S.OBJECT})))
        finding = None
        asked_for = await self._enquire(asking, enquiry(asked.desk), first, asks=asked.desk)
        if asked_for is not None and script.finds:
            finding = await self._find(asked, asked_for)
        if script.answers:
            await self._answer(finding if script.composes else None)
        if script.writes_letters:
            await self._write_letter(first)

    async def _enquire(
        self, asking: DeskSettings, said: inquiry_pb2.Enquiry, first: _Statement, *, asks: str
    ) -> desk_pb2.Submission | None:
        noted = Place("trace.enquiry/1", f"note {len(self.tolds)}", S.OBJECT)
        said.note = self.mint.text(noted)
        said.item_ids.append(ITEM)
        sent = await self._submit(ASKED, asking.desk, said, case=self.case)
        if sent is None:
            return None
        copied = {
            place: of_class
            for place, of_class in first.told.classes.items()
            if place.path.startswith("items.") and place.sensitivity is S.OBJECT
        }
        self._tell(Told(ASKED, asking.desk, (), "trace.enquiry/1", {noted: S.OBJECT}, asks=asks))
        drawn = Told(ASKED, asking.desk, (), "trace.enquiry/1", copied, first.told.named, first.told.only)
        drawn.asks, drawn.supplied, drawn.ends = asks, False, first.told.ends
        self._tell(drawn)
        self.happened.append("asked a desk" if asks else "asked on paper")
        return sent

    async def _find(self, asked: DeskSettings, asked_for: desk_pb2.Submission) -> _Statement | None:
        said = inquiry_pb2.Finding(
            enquiry_digest=asked_for.statement, answers=[trace_pb2.Answer(item_id=ITEM)], final=True
        )
        parts = self._plant(said)
        sent = await self._submit(ASKED, asked.desk, said, case=self.case, parts=parts)
        if sent is None:
            return None
        self.happened.append("found")
        told_ = self._told(ASKED, asked.desk, (), said)
        return _Statement(sent.statement, told_, _classed_units(said))

    async def _answer(self, finding: _Statement | None) -> None:
        said = trace_pb2.Response(answers=[trace_pb2.Answer(item_id=ITEM)], final=True)
        composed = []
        if finding is not None:
            said.answers[0].CopyFrom(m.answer(ITEM))
            parts: list[bytes] = []
            composed = [inquiry_pb2.Composed(finding=finding.digest, from_path=_OWNERS, to_path=_OWNERS)]
        else:
            parts = self._plant(said)
        sent = await self._submit(
            ASKED, "poc", said, case=self.case, parts=parts, composed=composed, to=[AUTHOR]
        )
        if sent is None:
            return
        self.happened.append("composed an answer" if finding else "answered")
        if finding is None:
            self._told(ASKED, "poc", (AUTHOR,), said)
            return
        drawn = {p: c for p, c in finding.told.classes.items() if _within(p.path, (_OWNERS,))}
        self._tell(Told(ASKED, "poc", (AUTHOR,), "trace.response/1", drawn, supplied=False))

    async def _write_letter(self, first: _Statement) -> None:
        writer = self._desk(AUTHOR, self.script.asking_desk)
        office = address(XYZ, point_of_contact=True, country="XYZ")
        await self._keep(self.street[AUTHOR], office)
        place = Place("trace.letter/1", "text", S.LAW_ENFORCEMENT)
        said = letter(XYZ, text=self.mint.text(place))
        sent = await self._submit(AUTHOR, writer.desk, said, case=self.case)
        if sent is None:
            return
        self.happened.append("wrote a letter")
        self._tell(Told(AUTHOR, writer.desk, (), "trace.letter/1", {place: S.LAW_ENFORCEMENT}))
        drawn = Told(AUTHOR, writer.desk, (), "trace.letter/1", first.told.classes, first.told.named)
        drawn.only, drawn.supplied = first.told.only, False
        self._tell(drawn)
        on_paper = frozenset({S.ADMINISTRATIVE, S.OBJECT, S.LAW_ENFORCEMENT, S.COMMERCIAL, S.CONTACT})
        self.papers.append(Paper(AUTHOR, sent.statement, on_paper))

    async def _keep(self, house: House, entry: inquiry_pb2.AddressEntry) -> None:
        house.as_officer("poc")
        await house.desk.KeepAddress(inquiry_pb2.KeepAddressRequest(entry=entry), NO_CONTEXT)

    async def _consent(self, first: _Statement) -> None:
        said = m.consent(THIRD, statement_digest=first.digest, field_paths=self._consented(first))
        parts = self._plant(said)
        sent = await self._submit(AUTHOR, "poc", said, to=[ASKED], case=self.case, parts=parts)
        if sent is not None:
            self.happened.append("consented")
            self._told(AUTHOR, "poc", (ASKED,), said)

    async def _share(self, first: _Statement) -> None:
        script, sharer = self.script, self._desk(ASKED, self.script.sharing_desk)
        shown, not_shown = (_pick(first.units, n) for n in (script.shown, script.not_shown))
        choice = onward_pb2.ShareChoice(statement=first.digest, fields=shown, without=not_shown)
        said = share_pb2.Share(reason="SHARE_REASON_CASE")
        for preview in (True, False):
            sent = await self._submit(
                ASKED, sharer.desk, said, to=[THIRD], case=self.case, shared=[choice], preview=preview
            )
        if sent is None:
            return
        self.happened.append("shared")
        is_for_panels = script.types.get(THIRD, MemberType.STATE) is not MemberType.STATE
        bound = is_for_panels or "NO_ONWARD_RELEASE" in script.restrictions
        granted = "consented" in self.happened
        assert granted or not bound, "passed on without consent"
        paths = self._consented(first) or [""] if granted else []
        eyes = Eyes(ASKED, sharer)
        went = {
            place: of_class
            for place, of_class in first.told.classes.items()
            if may_read(eyes, _endless(first.told), place, frozenset(self.on_case))
            and (not shown or _within(place.path, shown) or of_class is S.ADMINISTRATIVE)
            and not (_within(place.path, not_shown) and of_class is not S.ADMINISTRATIVE)
            and (not bound or _within(place.path, paths) or of_class is S.ADMINISTRATIVE)
            and (place not in first.told.only or _within(place.path, paths))
        }
        passed = Told("", "", (THIRD,), SHARE, went, first.told.named)
        passed.consented, passed.ends = bool(bound and granted), first.told.ends
        self._tell(passed)
        if granted:  # the consent goes along with its clear part, to prove itself
            clear = {
                p: c
                for one in self.tolds
                if one.kind == _CONSENT
                for p, c in one.classes.items()
                if c in CLEAR
            }
            self._tell(Told("", "", (THIRD,), SHARE, clear, consented=True))

    # ── the script, made to fit ──────────────────────────────────────────────────────

    def _desk(self, member: str, number: int) -> DeskSettings:
        desks = self.script.desks[member]
        return desks[number % len(desks)]

    def _restrictions(self) -> list[terms_pb2.Restriction]:
        tomorrow = instant(self.street.clock() + DAY)[:10]
        return [
            terms_pb2.Restriction(
                code=f"RESTRICTION_CODE_{one}", until=tomorrow if one == "DELETE_AFTER" else None
            )
            for one in sorted(self.script.restrictions)
        ]

    def _has_ended(self) -> bool:
        return "DELETE_AFTER" in self.script.restrictions and self.script.days_later > 1

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
            kept[path] = f"{ASKED}/{self._desk(ASKED, desk_number).desk}"
        return [terms_pb2.FieldReaders(path=path, desks=[desk]) for path, desk in kept.items()]

    def _names(self) -> list[str]:
        number = self.script.named
        return [] if number is None else [f"{ASKED}/{self._desk(ASKED, number).desk}"]

    def _consented(self, first: _Statement) -> list[str]:
        return _pick(first.units, self.script.consent or ())

    # ── sending, and keeping account ─────────────────────────────────────────────────

    def _plant(self, message: Message) -> list[bytes]:
        said: Any = message
        if "file_number" in message.DESCRIPTOR.fields_by_name:
            said.file_number = self.mint.text(Place(kind_of(message), "file_number", S.ADMINISTRATIVE))
        parts = plant(message, self.mint)
        leave_out(message)
        if isinstance(message, loss_pb2.LossNotice):  # what was found again is told of a recovery alone
            message.ClearField("found_situations")
        self.photographs += parts
        return parts

    def _told(
        self,
        author: str,
        desk: str,
        to: tuple[str, ...],
        message: Message,
        *,
        raised: Iterable[desk_pb2.RaisedField] = (),
        kept: Iterable[terms_pb2.FieldReaders] = (),
    ) -> Told:
        kind = kind_of(message)
        higher = {r.path: S(_name_of(r)) for r in raised}
        only = {r.path: frozenset(r.desks) for r in kept}
        places = [p for p in (*self.mint.made.values(), *self.mint.digests.values()) if p.kind == kind]
        classes = {p: _longest(higher, p.path, p.sensitivity) for p in places if p.sensitivity}
        kept_to = {p: _longest(only, p.path, frozenset()) for p in places if _within(p.path, only)}
        return self._tell(Told(author, desk, to, kind, classes, only=kept_to))

    def _tell(self, one: Told) -> Told:
        one.opened_with = self.script.opening
        self.tolds.append(one)
        return one

    async def _submit(
        self, member: str, desk: str, content: Message, **more: Any
    ) -> desk_pb2.Submission | None:
        """Submit and carry; None where it was refused, which is noted with every word."""
        house: House = self.street[member]
        [sent] = await house.submit(draft(content, desk=desk, **more), officer=house.officer(desk))
        if sent.HasField("problem"):
            self.refused.append((f"{member}/{desk} {kind_of(content)}", [sent.SerializeToString()]))
            return None
        await self.street.carry()
        return sent


def _endless(one: Told) -> Told:
    changed = Told(**vars(one))
    changed.ends = False
    return changed


def _classed_units(message: Message) -> dict[str, Sensitivity]:
    fields: list[Field] = flatten(message)
    return {f.path: f.sensitivity for f in fields if f.sensitivity not in CLEAR}


def _pick(units: Mapping[str, Sensitivity], numbers: Iterable[int]) -> list[str]:
    """Return units, or what holds several of them, by number; none within another."""
    paths = sorted({*units, *(p.rpartition(".")[0] for p in units if "." in p)} - {"items", "answers"})
    chosen = dict.fromkeys(paths[n % len(paths)] for n in numbers)
    return [p for p in chosen if not any(p != q and _within(p, (q,)) for q in chosen)]


def _within(path: str, prefixes: Iterable[str]) -> bool:
    return any(not p or path == p or path.startswith(f"{p}.") for p in prefixes)


def _longest(table: Mapping[str, Any], path: str, otherwise: Any) -> Any:
    return next((table[p] for p in sorted(table, key=len, reverse=True) if _within(path, (p,))), otherwise)


def _name_of(one: desk_pb2.RaisedField) -> str:
    return options_pb2.Sensitivity.Name(one.to_class).removeprefix("SENSITIVITY_")


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
