"""A small town in which something of each kind waits for an officer: three States, a panel, and cases made by name.

async with small_town(folder, provider) as street:
    case = await street.case("answered")     # a new one each time: XAA asked XAB, which answered
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Final

from google.protobuf.message import Message
from PIL import Image

from fakes import messages as m
from fakes.channels import loss, panel_reply, panel_request, texts_to_print
from fakes.console_visits import Counter, visiting
from fakes.house import draft
from fakes.inquiry import ARMY, address, enquiry
from fakes.provider import ProviderAtWork
from fakes.town import MISSION, PANEL, POC, POLICE, Town, found_town, until
from tracepost.node.records.mail import Journey
from tracepost.protocol.ids import decode_b64
from tracepost.protocol.schema import kind_of
from tracepost.protocol.trustlist import MemberType
from tracepost.sdk.attachments import hand_in, prepare_file
from tracepost.sdk.drafts import Cover, build_draft
from tracepost.wire.v1 import check_pb2, desk_pb2, inquiry_pb2, terms_pb2, weapon_pb2

EXPERTS: Final = "un-panel-xyz"
CAREFUL: Final = "xac"
"""Its settings ask for a second officer where persons are told of."""
DESKS: Final = {
    "xaa": (POC, POLICE),
    "xab": (POC, POLICE, ARMY, MISSION),
    "xac": (POC, POLICE),
    EXPERTS: (PANEL,),
}
LIMITS: Final = "sign_ins_per_minute = 1000\npages_per_minute = 60000\n"


def photograph(colour: str = "navy") -> bytes:
    """Return a JPEG."""
    content = io.BytesIO()
    Image.new("RGB", (320, 200), colour).save(content, "JPEG")
    return content.getvalue()


PICTURE: Final = photograph()
SCENE: Final = photograph("maroon")


@dataclass
class Street:
    """The members at work, and a console of each."""

    town: Town
    folder: Path
    provider: ProviderAtWork
    consoles: dict[str, Counter] = field(default_factory=dict)
    _numbers: Callable[[], int] = field(default_factory=lambda: count(1).__next__)

    async def case(self, name: str) -> str:
        """Make a case of this name; return it."""
        made = await _CASES[name](self)
        return made.thread

    async def asked(self, *, exercise: bool | None = None) -> desk_pb2.Submission:
        """XAA has asked XAB about a weapon, with a photograph, and lets it refer the request to XAC."""
        asked = m.request(f"S-{self._numbers()}", referral_consents=["xac"])
        asked.items[0].object.photograph.add(
            view="PHOTOGRAPH_VIEW_LEFT",
            media_type="image/jpeg",
            sha256=hashlib.sha256(PICTURE).digest(),
            size=len(PICTURE),
        )
        async with self.town.client("xaa") as officer:
            sent = await officer.submit(draft(asked, to=["xab"], parts=[PICTURE], exercise=exercise))
        return await self._arrived(sent, "xab")

    async def rich(self, *, exercise: bool | None = None) -> desk_pb2.Submission:
        """XAA has asked with a field of every class, photographs and a file; XAB's point of contact reads not all."""
        sent = await self._arrived(await self.write_all("xaa", exercise=exercise), "xab")
        coming = f"SELECT 1 FROM attachment WHERE passage = '{Journey.WAITING}'"
        await until(lambda: not self.town.ask("xab", coming), "the file to be at xab")
        return sent

    async def practised(self) -> desk_pb2.Submission:
        """XAA has asked so, as an exercise."""
        return await self.rich(exercise=True)

    async def write_all(self, author: str, *, exercise: bool | None = None) -> desk_pb2.Submission:
        """Have a member ask XAB with a field of every class, photographs and a file."""
        asked = m.rich_request(f"S-{self._numbers()}")
        asked.items[0].object.ClearField("covert_mark")
        for named, content in (
            (asked.items[0].object.photograph[0], PICTURE),
            (asked.circumstances.scene_photographs[0], SCENE),
        ):
            named.sha256, named.size = hashlib.sha256(content).digest(), len(content)
        report = self.folder / f"report-{self._numbers()}.txt"
        report.write_bytes(b"what the laboratory found\n")
        async with self.town.client(author) as officer:
            file = prepare_file(report, None)
            await hand_in(officer, file)
            asked.items[0].attachments.append(file.as_attachment())
            return await officer.submit(draft(asked, to=["xab"], parts=[PICTURE, SCENE], exercise=exercise))

    async def lacking(self) -> desk_pb2.Submission:
        """XAB has asked XAA for what is missing."""
        asked = await self.asked()
        return await self._say("xab", m.information_request(), asked.thread, "xaa")

    async def answered(self) -> desk_pb2.Submission:
        """XAB has answered."""
        asked = await self.asked()
        return await self._say("xab", m.response(), asked.thread, "xaa")

    async def unexpected(self, *, exercise: bool | None = None) -> desk_pb2.Submission:
        """XAB has answered XAC too, which knows of no such request: there it is held."""
        asked = await self.asked(exercise=exercise)
        async with self.town.client("xab") as officer:
            sent = await officer.submit(draft(m.response(), to=["xaa", CAREFUL], case=asked.thread))
        came = f"SELECT 1 FROM statement WHERE thread = '{sent.thread}'"
        await until(lambda: self.town.ask(CAREFUL, came), f"what was said to be held at {CAREFUL}")
        return sent

    async def enquired(self) -> desk_pb2.Submission:
        """XAB has asked an archive on paper."""
        asked = await self.asked()
        to_archive = enquiry("", custodian=inquiry_pb2.Custodian(id="paper:archive"))
        async with self.town.client("xab") as officer:
            return await officer.enquire(asked.thread, to_archive)

    async def lost(self) -> desk_pb2.Submission:
        """XAA has told XAB of a theft."""
        return await self._say("xaa", loss(file_number=f"S-{self._numbers()}"), None, "xab")

    async def checked(self) -> desk_pb2.Submission:
        """XAA has asked whether an object is in the records of XAB."""
        thing = check_pb2.CheckedObject(id="1", make="Zastava")
        thing.mark.add(role=weapon_pb2.MARK_ROLE_MANUFACTURER_SERIAL, text_as_seen="AB 4711")
        return await self._say("xaa", check_pb2.ObjectCheck(items=[thing]), None, "xab", desk="police")

    async def asked_by_panel(self) -> desk_pb2.Submission:
        """The panel has asked XAB."""
        return await self._say(
            EXPERTS, panel_request(file_number=f"S-{self._numbers()}"), None, "xab", desk="experts"
        )

    async def practised_by_panel(self) -> desk_pb2.Submission:
        """The panel has asked XAB as an exercise."""
        asked = panel_request(file_number=f"S-{self._numbers()}")
        return await self._say(EXPERTS, asked, None, "xab", desk="experts", exercise=True)

    async def replied(self) -> desk_pb2.Submission:
        """XAB has answered the panel."""
        asked = await self.asked_by_panel()
        return await self._say("xab", panel_reply(), asked.thread, EXPERTS, desk="mission", officer="11")

    async def put_to_print(self) -> desk_pb2.Submission:
        """The panel has put a text before XAB."""
        reply = await self.replied()
        texts = texts_to_print(reply.statement, p1="The rifle was delivered.")
        return await self._say(EXPERTS, texts, reply.thread, "xab", desk="experts")

    async def _say(
        self,
        author: str,
        message: Message,
        case: str | None,
        to: str,
        *,
        desk: str = "poc",
        officer: str = "7",
        exercise: bool | None = None,
    ) -> desk_pb2.Submission:
        mandate = kind_of(message).startswith("panel.")
        basis = "SECURITY_COUNCIL_RESOLUTION" if mandate else "ITI"
        cover = Cover(
            to=(to,),
            desk=desk,
            purpose=terms_pb2.PURPOSE_CRIMINAL_INVESTIGATION,
            legal_basis=terms_pb2.LegalBasis.Value(f"LEGAL_BASIS_{basis}"),
            exercise=exercise,
        )
        async with self.town.client(author, officer=officer, desk=desk) as client:
            sent = await client.submit(build_draft(message, cover, case))
        return await self._arrived(sent, to)

    async def _arrived(self, sent: desk_pb2.Submission, at: str) -> desk_pb2.Submission:
        """Wait until a statement counts at a member."""
        assert not sent.HasField("problem"), sent.problem
        digest = decode_b64(sent.statement, "statement").hex().upper()
        came = f"SELECT 1 FROM statement WHERE hex(digest) = '{digest}' AND in_effect"
        await until(lambda: self.town.ask(at, came), f"what was said to be at {at}")
        return sent


_CASES: Final[dict[str, Callable[[Street], Awaitable[desk_pb2.Submission]]]] = {
    "asked": Street.asked,
    "practised": Street.practised,
    "rich": Street.rich,
    "lacking": Street.lacking,
    "answered": Street.answered,
    "enquired": Street.enquired,
    "lost": Street.lost,
    "checked": Street.checked,
    "asked by a panel": Street.asked_by_panel,
    "practised by a panel": Street.practised_by_panel,
    "replied": Street.replied,
    "put to print": Street.put_to_print,
}


@asynccontextmanager
async def small_town(folder: Path, provider: ProviderAtWork) -> AsyncIterator[Street]:
    """Run the members and their consoles; XAA's takes accounts at `provider`."""
    town = found_town(folder / "town", DESKS, "hub", types={EXPERTS: MemberType.PANEL})
    settings = town.settings_path(CAREFUL)
    settings.write_text(settings.read_text("utf-8").replace('"not-required"', '"required"'), "utf-8")
    street = Street(town, folder, provider)
    async with town.running("hub", *DESKS), AsyncExitStack() as stack:
        await town.meet(*DESKS)
        for member in DESKS:
            await town.unlock(member)
            rules = LIMITS + (provider.settings if member == "xaa" else "")
            console = visiting(town, member, folder / f"console-{member}", session=rules)
            street.consoles[member] = await stack.enter_async_context(console)
        async with town.client("xab") as officer:
            await officer.keep_address(address("paper:archive"))
        async with town.client("xaa") as officer:
            await officer.keep_address(address("letter:xyz-office", point_of_contact=True, competences=[]))
        yield street
