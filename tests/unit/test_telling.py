"""Officers are told that something waits, and nothing else: whom, when, once, and again when nobody opens it."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from fakes import messages as m
from fakes.canaries import Mint, plant
from fakes.canary_search import Search
from fakes.casefiles import NOW
from fakes.house import NO_CONTEXT, NO_SECOND_OFFICER, POC, POLICE, House, Street, draft, open_street
from fakes.inquiry import ARMY, REGISTRY, enquiry, finding
from fakes.letterbox import Letterbox, letterbox, make_context, web_letterbox
from tracepost.node.config import ReleaseSettings, load_told
from tracepost.node.handlers.desks.staff import day_of
from tracepost.node.records.staff import DeputyRecord
from tracepost.node.telling.noted import named_desks, noted_desks
from tracepost.node.telling.rota import Rota
from tracepost.node.telling.settings import ToldSettings, read_told
from tracepost.node.telling.telling import Telling
from tracepost.protocol.ids import DeskId
from tracepost.protocol.settings import Section
from tracepost.serving.notices import NoticeSettings, read_notices
from tracepost.wire.v1 import desk_pb2, office_pb2, trace_pb2

HOUR = 3600
DUTY = "duty@xab.example"
NIGHT = "night@xab.example"
DEPUTY = "deputy@xab.example"
POLICE_DUTY = "police@xab.example"
URGENT = trace_pb2.URGENCY_URGENT
SECOND = ReleaseSettings(second_officer=True)


def by_mail(port: int) -> NoticeSettings:
    """Return the settings of a node that tells by the server of this port."""
    table = {"smtp": f"127.0.0.1:{port}", "sender": "post@xab.example", "tls": "none"}
    return read_notices(Section(table, "notices"))


def told_by(port: int, others: Sequence[str] = (), **desk: Any) -> tuple[ToldSettings, NoticeSettings]:
    """Return the settings of a node whose point of contact is told, at all hours where nothing else is said.

    `others` are desks that are told besides, at POLICE_DUTY.
    """
    notices = by_mail(port)
    rows = [{"desk": "poc", "duty": [{"to": [DUTY]}]} | desk]
    rows += [{"desk": one, "duty": [{"to": [POLICE_DUTY]}]} for one in others]
    officers = [{"number": "12", "to": DEPUTY}]
    desks = [DeskId(row["desk"]) for row in rows]
    return read_told(Section({"desk": rows, "officer": officers}, "told"), notices, desks), notices


def words_of(mail: EmailMessage) -> str:
    return str(mail.get_content()).replace("\r\n", "\n")


def planted(mint: Mint) -> trace_pb2.TraceRequest:
    """Return an urgent request with canaries in all its fields; without photographs, which would have to come along."""
    said = m.request("CLEAR-NUMBER-77")
    plant(said, mint)
    for thing in (said.items[0].object, said.items[0].ammunition, said.items[0].packaging):
        del thing.photograph[:]
    del said.circumstances.scene_photographs[:]
    said.urgency, said.urgency_reason = URGENT, trace_pb2.URGENCY_REASON_DANGER_TO_LIFE
    return said


class Watched:
    """XAB, whose officers are told, XAA which writes to it, and the letterbox of XAB's officers."""

    def __init__(
        self, street: Street, box: Letterbox, settings: ToldSettings, notices: NoticeSettings, folder: Path
    ) -> None:
        self.street = street
        self.box = box
        self.settings = settings
        self.notices = notices
        self.folder = folder
        self.telling = self.begun_anew()

    @property
    def xab(self) -> House:
        return self.street["xab"]

    def begun_anew(self) -> Telling:
        """Return what tells, as a process that starts now would have it."""
        self.rota = Rota(self.settings, self.notices, self.folder / "node.toml", load_told)
        return Telling(
            self.rota,
            self.folder,
            waiting=self.xab.waiting,
            due=self.xab.due,
            standing=self.xab.rooms.policing.standing.held,
            store=self.xab.store,
            clock=self.street.clock,
        )

    async def ask(self, number: str = "T-1", *, urgent: bool = False, in_days: int | None = None) -> str:
        """Let XAA ask XAB for an answer by a day, if one is said; return the case."""
        said = m.request(number, **({} if in_days is None else {"reply_by": self.day(in_days)}))
        if urgent:
            said.urgency, said.urgency_reason = URGENT, trace_pb2.URGENCY_REASON_DANGER_TO_LIFE
        lane = "LANE_URGENT" if urgent else None
        [sent] = await self.street["xaa"].submit(draft(said, to=["xab"], lane=lane))
        assert not sent.HasField("problem"), sent.problem
        await self.street.carry()
        self.digest = sent.statement
        return sent.thread

    def day(self, in_days: int) -> str:
        """Return the day that comes in so many days, by the clock of the node."""
        return day_of(self.street.clock() + in_days * 24 * HOUR)

    async def open(self, case: str, desk: str = "poc") -> None:
        await self.xab.as_officer(desk).ShowCase(desk_pb2.ShowCaseRequest(case=case), NO_CONTEXT)

    async def answer(self, case: str) -> None:
        """Let XAB answer all that is asked in a case."""
        [sent] = await self.xab.submit(draft(m.response(), case=case, in_reply_to=self.digest))
        assert not sent.HasField("problem"), sent.problem
        await self.street.carry()

    async def without(self, desk: str, seconds: int) -> None:
        """Let a desk leave the settings, and time go by."""
        desks = tuple(one for one in self.settings.desks if one.desk != desk)
        self.rota.told = replace(self.settings, desks=desks)
        await self.telling.keep_up()
        await self.later(seconds)

    async def back(self) -> list[str]:
        """Let the settings be as they were; return who is told then."""
        self.rota.told = self.settings
        return await self.later(60)

    async def later(self, seconds: int = 0) -> list[str]:
        """Let time go by and return who was told since."""
        before = len(self.box.recipients)
        self.street.clock.now += seconds
        await self.telling.keep_up()
        return [address for one in self.box.recipients[before:] for address in one]


@pytest.fixture
def box() -> Iterator[Letterbox]:
    with letterbox() as box:
        yield box


@asynccontextmanager
async def watched(
    folder: Path, box: Letterbox, *, release: ReleaseSettings = NO_SECOND_OFFICER, **desk: Any
) -> AsyncIterator[Watched]:
    settings, notices = told_by(box.port, **desk)
    desks = {"xab": (POC, POLICE, ARMY, REGISTRY)}
    async with open_street(
        folder, "xaa", "xab", desks=desks, told={"xab": settings}, release=release
    ) as street:
        town = Watched(street, box, settings, notices, folder)
        await town.telling.keep_up()  # it begins with what comes from now on
        yield town


@pytest.fixture
async def town(tmp_path: Path, box: Letterbox) -> AsyncIterator[Watched]:
    async with watched(tmp_path, box) as town:
        yield town


async def test_what_came_is_told_once_in_words_that_say_nothing_of_it(town: Watched) -> None:
    await town.ask("T-1")
    assert await town.later() == [DUTY]
    assert await town.later(2 * HOUR) == []
    [mail] = town.box.mails
    assert mail["Subject"] == "An item waits at your desk"
    assert mail["From"] == "post@xab.example"
    assert words_of(mail) == (
        "An item waits at your desk in Tracepost.\n\nUrgent: no\n\n"
        "This message says nothing else on purpose. Nobody reads answers to it.\n"
    )


async def test_two_tellings_differ_in_nothing_but_their_ids_and_times(town: Watched) -> None:
    """Whoever reads the mail learns no more of a large case of one member than of a short one of another."""
    await town.ask("T-1")
    await town.later()
    long = draft(m.rich_request("A long number 2"), to=["xab"], parts=[m.PICTURE, m.SCENE])
    [sent] = await town.street["xaa"].submit(long)
    assert not sent.HasField("problem")
    await town.street.carry()
    await town.later(2 * HOUR)
    first, second = (
        {name: value for name, value in mail.items() if name not in ("Message-ID", "Date")}
        | {"": words_of(mail)}
        for mail in town.box.mails
    )
    assert first == second


async def test_nothing_of_what_was_written_is_in_anything_that_is_sent(tmp_path: Path) -> None:
    mint, box = Mint(), Letterbox()
    words = planted(mint)
    with letterbox() as post, web_letterbox(box, make_context(tmp_path)) as address:
        settings, _ = told_by(post.port, webhook=address)
        notices = replace(told_by(post.port)[1], ca_file="ca.pem")
        async with open_street(tmp_path, "xaa", "xab", told={"xab": settings}) as street:
            town = Watched(street, post, settings, notices, tmp_path)
            await town.telling.keep_up()
            [sent] = await street["xaa"].submit(draft(words, to=["xab"], lane="LANE_URGENT"))
            assert not sent.HasField("problem"), sent.problem
            await street.carry()
            assert await town.later() == [DUTY]
            assert await town.later(5 * HOUR) == [DUTY]
    everything = tmp_path / "sent"
    everything.mkdir()
    for number, one in enumerate([*post.raw, *box.raw, *(repr(some).encode() for some in box.headers)]):
        (everything / str(number)).write_bytes(one)
    assert [*Search(mint).folder(everything)] == []
    said = b"".join(path.read_bytes() for path in everything.iterdir()).lower()
    for word in (b"clear-number", b"xaa", sent.thread.encode(), b"request", b"t-1"):
        assert word not in said
    assert box.posts == [{"waits": True, "urgent": True}] * 2
    (everything / "leak").write_text(next(iter(mint.made)))
    assert [*Search(mint).folder(everything)], "the search finds what is there"


async def test_what_was_opened_before_it_was_told_is_not_told(town: Watched) -> None:
    case = await town.ask("T-1")
    await town.open(case)
    assert await town.later() == []
    assert await town.later(24 * HOUR) == []


async def test_what_was_opened_by_another_desk_waits_all_the_same(town: Watched) -> None:
    await town.open(await town.ask("T-1"), "police")
    assert await town.later() == [DUTY]


async def test_what_nobody_opens_is_told_once_more_and_then_no_more(town: Watched) -> None:
    await town.ask("T-1")
    counts = [len(await town.later(hours * HOUR)) for hours in (0, 3, 1, 4, 24)]
    assert counts == [1, 0, 1, 0, 0]
    assert "No officer has opened it yet" in words_of(town.box.mails[1])


async def test_what_was_opened_after_it_was_told_is_not_told_to_a_deputy(town: Watched) -> None:
    case = await town.ask("T-1")
    await town.later()
    await town.open(case)
    assert await town.later(5 * HOUR) == []


async def test_what_the_desk_answered_is_not_told_to_a_deputy(town: Watched) -> None:
    """Whoever writes in a case without looking at its page has seen what he answers."""
    case = await town.ask("T-1")
    await town.later()
    town.street.clock.now += HOUR
    [sent] = await town.xab.submit(draft(m.acknowledgement(), case=case))
    assert not sent.HasField("problem"), sent.problem
    assert await town.later(5 * HOUR) == []


async def test_more_in_a_case_that_was_opened_is_told_anew(town: Watched) -> None:
    case = await town.ask("T-1")
    await town.later()
    await town.open(case)
    [sent] = await town.street["xaa"].submit(draft(m.amendment(town.digest), case=case))
    assert not sent.HasField("problem"), sent.problem
    await town.street.carry()
    assert await town.later(2 * HOUR) == [DUTY]


async def test_much_at_once_is_one_mail_and_what_follows_waits_for_the_hour(town: Watched) -> None:
    for number in range(3):
        await town.ask(f"T-{number}")
    assert await town.later() == [DUTY]
    await town.ask("T-9")
    assert await town.later(59 * 60) == []
    assert await town.later(60) == [DUTY]


async def test_urgent_items_wait_for_no_hour(town: Watched) -> None:
    await town.ask("T-1")
    await town.later()
    await town.ask("T-2", urgent=True)
    assert await town.later(15) == [DUTY]
    assert town.box.subjects == ["An item waits at your desk", "Urgent: an item waits at your desk"]


async def test_an_acknowledgement_asks_nobody_for_anything(tmp_path: Path, box: Letterbox) -> None:
    async with watched(tmp_path, box) as town:
        [sent] = await town.xab.submit(draft(m.request("B-1"), to=["xaa"]))
        await town.street.carry()
        [said] = await town.street["xaa"].submit(draft(m.acknowledgement(), case=sent.thread))
        assert not said.HasField("problem"), said.problem
        await town.street.carry()
        assert await town.later() == []


async def test_a_deputy_of_the_register_is_told_on_the_days_on_which_he_acts(town: Watched) -> None:
    record = DeputyRecord(
        1, "12", DeskId("poc"), "2000-01-01", "2999-01-01", "officer-7", NOW, "officer-8", NOW
    )
    await town.xab.store.write(lambda tx: tx.deputies.put(record))
    await town.ask("T-1")
    assert await town.later() == [DUTY]
    assert await town.later(4 * HOUR) == [DEPUTY]
    await town.xab.store.write(
        lambda tx: tx.deputies.put(replace(record, ended_at=NOW, ended_by="officer-7"))
    )
    await town.ask("T-2")
    assert await town.later(HOUR) == [DUTY]
    assert await town.later(4 * HOUR) == [DUTY], "nobody acts for the desk: who is on duty is told again"


async def test_nights_and_free_days_wait_unless_it_is_urgent(tmp_path: Path, box: Letterbox) -> None:
    zone = ZoneInfo("Asia/Kathmandu")
    morning = dt.datetime.now(zone).replace(hour=9, minute=15) + dt.timedelta(days=1)
    days = [(morning + dt.timedelta(days=n)).strftime("%a").lower() for n in (0, 1)]
    duty = [
        {"to": [DUTY], "days": days, "from": "08:00", "until": "18:00"},
        {"to": [NIGHT], "urgent_only": True},
    ]
    async with watched(tmp_path, box, duty=duty, time_zone=zone.key) as town:
        town.street.clock.now = int(morning.timestamp())
        await town.ask("T-1")
        assert await town.later() == [DUTY]
        await town.ask("T-2")
        assert await town.later(9 * HOUR) == [], "18:15"
        await town.ask("T-3", urgent=True)
        assert await town.later() == [NIGHT]
        assert set(await town.later(13 * HOUR)) <= {NIGHT}, "07:15: the urgent one is told on"
        assert DUTY in await town.later(HOUR)
        await town.ask("T-4")
        assert DUTY not in await town.later(25 * HOUR), "a free day"


class TestDays:
    """An answer that we owe is told twice by the calendar: when its day is near, and when it has passed."""

    async def test_what_is_due_is_told_once_and_once_more_when_it_is_overdue(self, town: Watched) -> None:
        case = await town.ask("T-1", in_days=9)
        told = []
        for _ in range(14):
            await town.open(case)
            told.append(await town.later(24 * HOUR))
            town.telling = town.begun_anew()
        assert [day for day, to in enumerate(told, 1) if to] == [6, 10]
        assert told[5] == told[9] == [DUTY]
        first, second = town.box.mails
        assert words_of(first) == words_of(second)
        assert "Urgent: no" in words_of(first)

    async def test_what_was_answered_is_told_to_nobody(self, town: Watched) -> None:
        case = await town.ask("T-1", in_days=9)
        await town.open(case)
        await town.answer(case)
        assert [await town.later(24 * HOUR) for _ in range(12)] == [[]] * 12

    async def test_an_answer_in_one_case_leaves_what_is_due_in_another(self, town: Watched) -> None:
        async def noted() -> set[str]:
            return {one.item for one in await town.xab.store.read(lambda tx: tx.telling.dated())}

        kept = await town.ask("T-1", in_days=1)
        await town.later()
        answered = await town.ask("T-2", in_days=1)
        await town.later()
        assert await noted() == {f"due:{kept}", f"due:{answered}"}
        await town.answer(answered)
        await town.later()
        assert await noted() == {f"due:{kept}"}

    async def test_what_nobody_opens_when_it_is_due_is_told_to_a_deputy(
        self, tmp_path: Path, box: Letterbox
    ) -> None:
        duty = [{"to": [DUTY]}, {"to": [NIGHT], "deputy": True}]
        async with watched(tmp_path, box, duty=duty, due_days=1) as town:
            case = await town.ask("T-1", in_days=4)
            await town.open(case)
            assert await town.later(3 * 24 * HOUR) == [DUTY]
            assert await town.later(4 * HOUR) == [NIGHT]
            assert await town.later(12 * HOUR) == []

    async def test_a_look_at_the_case_lets_it_rest_and_a_word_in_it_too(self, town: Watched) -> None:
        case = await town.ask("T-1", in_days=9)
        await town.open(case)
        assert await town.later(6 * 24 * HOUR) == [DUTY]
        await town.open(case)
        assert await town.later(5 * HOUR) == []
        assert await town.later(4 * 24 * HOUR) == [DUTY]
        [sent] = await town.xab.submit(draft(m.acknowledgement(), case=case))
        assert not sent.HasField("problem"), sent.problem
        assert await town.later(5 * HOUR) == []

    async def test_another_day_is_told_anew(self, town: Watched) -> None:
        case = await town.ask("T-1", in_days=5)
        await town.open(case)
        assert await town.later(3 * 24 * HOUR) == [DUTY]
        await town.open(case)
        said = m.acknowledgement(expected_on=town.day(10))
        [sent] = await town.xab.submit(draft(said, case=case))
        assert not sent.HasField("problem"), sent.problem
        assert await town.later(5 * 24 * HOUR) == []
        assert await town.later(2 * 24 * HOUR) == [DUTY]

    async def test_what_comes_on_its_last_day_is_told_in_one_mail(self, town: Watched) -> None:
        await town.ask("T-1", in_days=1)
        assert await town.later() == [DUTY]
        assert await town.later(2 * HOUR) == []

    async def test_urgent_ones_say_so_and_wait_for_no_hour(self, town: Watched) -> None:
        town.street.clock.now += (
            24 * HOUR - town.street.clock.now % (24 * HOUR) - 60
        )  # a minute before midnight
        await town.open(await town.ask("T-1", urgent=True, in_days=4))
        await town.ask("T-2")
        assert await town.later() == [DUTY]
        assert await town.later(60) == [DUTY]
        assert town.box.subjects == ["An item waits at your desk", "Urgent: an item waits at your desk"]

    async def test_an_enquiry_is_due_at_the_desk_that_is_asked(self, tmp_path: Path, box: Letterbox) -> None:
        notices = by_mail(box.port)
        army = {"desk": "army", "duty": [{"to": ["army@xab.example"]}]}
        settings = read_told(Section({"desk": [army]}, "told"), notices, [DeskId("army")])
        desks = {"xab": (POC, POLICE, ARMY, REGISTRY)}
        async with open_street(tmp_path, "xaa", "xab", desks=desks, told={"xab": settings}) as street:
            town = Watched(street, box, settings, notices, tmp_path)
            await town.telling.keep_up()
            case = await town.ask("T-1", in_days=30)
            [asked] = await town.xab.submit(draft(enquiry(due_on=town.day(5)), case=case))
            assert not asked.HasField("problem"), asked.problem
            await town.open(case, "army")
            assert await town.later() == []
            assert await town.later(2 * 24 * HOUR) == ["army@xab.example"]
            await town.open(case, "army")
            [found] = await town.xab.submit(
                draft(finding(asked.statement), case=case, desk="army", in_reply_to=asked.statement)
            )
            assert not found.HasField("problem"), found.problem
            assert await town.later(9 * 24 * HOUR) == []


class TestOwnDesks:
    async def test_an_enquiry_waits_at_the_desk_that_is_asked_and_its_finding_at_who_asked(
        self, tmp_path: Path, box: Letterbox
    ) -> None:
        notices = by_mail(box.port)
        army = {"desk": "army", "duty": [{"to": ["army@xab.example"]}]}
        poc = {"desk": "poc", "duty": [{"to": [DUTY]}]}
        settings = read_told(Section({"desk": [poc, army]}, "told"), notices, [DeskId("poc"), DeskId("army")])
        desks = {"xab": (POC, POLICE, ARMY, REGISTRY)}
        async with open_street(tmp_path, "xaa", "xab", desks=desks, told={"xab": settings}) as street:
            town = Watched(street, box, settings, notices, tmp_path)
            await town.telling.keep_up()
            case = await town.ask("T-1")
            await town.open(case)
            [asked] = await town.xab.submit(draft(enquiry(), case=case))
            assert not asked.HasField("problem"), asked.problem
            assert await town.later() == ["army@xab.example"]
            await town.open(case, "army")
            [found] = await town.xab.submit(
                draft(finding(asked.statement), case=case, desk="army", in_reply_to=asked.statement)
            )
            assert not found.HasField("problem"), found.problem
            assert await town.later(2 * HOUR) == [DUTY]

    async def test_held_mail_waits_for_the_point_of_contact_until_somebody_decides(
        self, town: Watched
    ) -> None:
        town.street.clock.now += 600
        [sent] = await town.street["xaa"].submit(draft(m.request("T-1"), to=["xab"]))
        town.street.clock.now -= 600
        await town.street.carry()
        assert await town.later() == [DUTY]
        [held] = (await town.xab.as_officer().ListHeld(desk_pb2.ListHeldRequest(), NO_CONTEXT)).mails
        decided = desk_pb2.DecideHeldRequest(envelope_id=held.envelope_id, take_up=True)
        await town.xab.as_officer("police").DecideHeld(decided, NO_CONTEXT)
        await town.open(sent.thread)
        assert await town.later(5 * HOUR) == []

    async def test_mail_that_was_held_waits_at_the_desk_as_soon_as_it_is_taken_up(
        self, town: Watched
    ) -> None:
        town.street.clock.now += 600
        await town.street["xaa"].submit(draft(m.request("T-1"), to=["xab"]))
        town.street.clock.now -= 600
        await town.street.carry()
        await town.later()
        [held] = (await town.xab.as_officer().ListHeld(desk_pb2.ListHeldRequest(), NO_CONTEXT)).mails
        decided = desk_pb2.DecideHeldRequest(envelope_id=held.envelope_id, take_up=True)
        await town.xab.as_officer("police").DecideHeld(decided, NO_CONTEXT)
        assert await town.later(2 * HOUR) == [DUTY]

    async def test_a_desk_that_is_put_on_a_case_is_told(self, tmp_path: Path, box: Letterbox) -> None:
        notices = by_mail(box.port)
        row = {"desk": "registry", "duty": [{"to": ["registry@xab.example"]}]}
        settings = read_told(Section({"desk": [row]}, "told"), notices, [DeskId("registry")])
        desks = {"xab": (POC, POLICE, ARMY, REGISTRY)}
        async with open_street(tmp_path, "xaa", "xab", desks=desks, told={"xab": settings}) as street:
            town = Watched(street, box, settings, notices, tmp_path)
            await town.telling.keep_up()
            case = await town.ask("T-1")
            assert await town.later() == [], "it is on no case"
            put = office_pb2.PutOnCaseRequest(case=case, desk="registry", as_desk="poc")
            town.xab.as_officer("poc")
            await town.xab.own_office.PutOnCase(put, NO_CONTEXT)
            assert await town.later() == ["registry@xab.example"]
            await town.open(case, "registry")
            assert await town.later(5 * HOUR) == []

    async def test_what_is_due_is_noted_of_a_case_while_a_desk_is_on_it(
        self, tmp_path: Path, box: Letterbox
    ) -> None:
        notices = by_mail(box.port)
        row = {"desk": "registry", "duty": [{"to": ["registry@xab.example"]}]}
        settings = read_told(Section({"desk": [row]}, "told"), notices, [DeskId("registry")])
        desks = {"xab": (POC, POLICE, ARMY, REGISTRY)}
        async with open_street(tmp_path, "xaa", "xab", desks=desks, told={"xab": settings}) as street:
            town = Watched(street, box, settings, notices, tmp_path)

            async def noted() -> list[str]:
                return [one.item for one in await town.xab.store.read(lambda tx: tx.telling.dated())]

            case = await town.ask("T-1", in_days=1)
            await town.later()
            town.xab.as_officer("poc")
            put = office_pb2.PutOnCaseRequest(case=case, desk="registry", as_desk="poc")
            await town.xab.own_office.PutOnCase(put, NO_CONTEXT)
            await town.later(HOUR)
            assert await noted() == [f"due:{case}"]
            town.xab.as_officer("poc")
            taken = office_pb2.TakeOffCaseRequest(case=case, desk="registry")
            await town.xab.own_office.TakeOffCase(taken, NO_CONTEXT)
            assert await noted() == []
            await town.later(HOUR)
            assert await noted() == []


class TestLeaving:
    """A desk that leaves the settings, and comes back."""

    async def test_what_comes_while_a_desk_is_out_of_the_file_is_told_when_it_is_back(
        self, town: Watched
    ) -> None:
        await town.without("poc", 60)
        await town.ask("T-1")
        assert await town.later(60) == []
        assert await town.back() == [DUTY]
        assert await town.later(2 * HOUR) == []

    async def test_of_what_was_told_before_it_is_not_told_anew(self, tmp_path: Path, box: Letterbox) -> None:
        async with watched(tmp_path, box, others=("police",), release=SECOND) as town:
            [sent] = await town.xab.submit(
                draft(m.rich_request("B-1"), to=["xaa"], parts=[m.PICTURE, m.SCENE])
            )
            assert sent.release_state, sent
            await town.ask("T-1", in_days=2)
            assert set(await town.later()) == {DUTY, POLICE_DUTY}
            await town.without("poc", 60)
            await town.ask("T-2")
            assert POLICE_DUTY in await town.later(HOUR), "what is told to others clears nothing away"
            assert await town.back() == [DUTY], "of T-2, and of nothing else"
            assert DUTY not in await town.later(2 * HOUR)

    async def test_what_was_opened_meanwhile_is_not_told(self, town: Watched) -> None:
        await town.without("poc", 60)
        early, late = await town.ask("T-1"), await town.ask("T-2")
        await town.open(early)
        await town.later(60)
        await town.open(late)
        assert await town.back() == []
        assert await town.later(5 * HOUR) == []

    async def test_what_was_decided_meanwhile_is_not_told(self, town: Watched) -> None:
        await town.without("poc", 60)
        town.street.clock.now += 600
        await town.street["xaa"].submit(draft(m.request("T-1"), to=["xab"]))
        town.street.clock.now -= 600
        await town.street.carry()
        await town.later()
        [held] = (await town.xab.as_officer().ListHeld(desk_pb2.ListHeldRequest(), NO_CONTEXT)).mails
        await town.xab.as_officer("police").DecideHeld(
            desk_pb2.DecideHeldRequest(envelope_id=held.envelope_id, take_up=False), NO_CONTEXT
        )
        assert await town.back() == []

    async def test_a_mail_on_its_way_goes_when_it_is_back_and_to_nobody_if_that_is_after_three_days(
        self, town: Watched
    ) -> None:
        town.box.refuses = 1
        await town.ask("T-1")
        assert await town.later() == []
        await town.without("poc", HOUR)
        assert await town.back() == [DUTY]
        town.box.refuses = 1
        await town.ask("T-2")
        assert await town.later(2 * HOUR) == []
        counted = list[str]()
        town.telling.count = lambda _desk, state: counted.append(state)
        await town.without("poc", 4 * 24 * HOUR)
        await town.later()
        assert await town.xab.store.read(lambda tx: tx.telling.unsent()) == []
        assert counted == ["given-up"]
        assert await town.back() == [DUTY], "as of what nobody has opened"

    async def test_what_nobody_opened_is_passed_on_when_it_is_back(self, town: Watched) -> None:
        await town.ask("T-1")
        assert await town.later() == [DUTY]
        await town.without("poc", 20 * 24 * HOUR)
        assert await town.back() == [DUTY]
        assert "No officer has opened it yet" in words_of(town.box.mails[-1])
        assert await town.later(5 * HOUR) == []

    async def test_what_was_passed_on_and_did_not_go_goes_when_it_is_back_however_late_and_once(
        self, tmp_path: Path, box: Letterbox
    ) -> None:
        deputies: dict[str, Any] = {"duty": [{"to": [DUTY]}, {"to": [DEPUTY, NIGHT], "deputy": True}]}
        async with watched(tmp_path, box, **deputies) as town:
            counted = list[str]()
            town.telling.count = lambda _desk, state: counted.append(state)
            await town.ask("T-1")
            assert await town.later() == [DUTY]
            town.box.refuses = 1
            assert await town.later(5 * HOUR) in ([DEPUTY], [NIGHT]), "one goes, and one does not"
            told = town.box.recipients[-1]
            await town.without("poc", 20 * 24 * HOUR)
            [left] = await town.xab.store.read(lambda tx: tx.telling.unsent())
            assert [left.to] != told
            assert await town.back() == [left.to]
            assert await town.later(24 * HOUR) == []
            assert counted == ["sent", "failed", "sent", "sent"]

    async def test_what_was_passed_on_to_one_who_left_goes_to_who_acts_when_it_is_back(
        self, tmp_path: Path, box: Letterbox
    ) -> None:
        deputies: dict[str, Any] = {"duty": [{"to": [DUTY]}, {"to": [DEPUTY], "deputy": True}]}
        async with watched(tmp_path, box, **deputies) as town:
            await town.ask("T-1")
            await town.later()
            town.box.refuses = 1
            assert await town.later(5 * HOUR) == []
            await town.without("poc", 4 * 24 * HOUR)
            others: dict[str, Any] = {"duty": [{"to": [DUTY]}, {"to": [NIGHT], "deputy": True}]}
            town.settings, _ = told_by(box.port, **others)
            assert await town.back() == [NIGHT]
            assert await town.later(24 * HOUR) == []

    async def test_what_was_opened_since_it_was_passed_on_is_told_to_nobody_when_it_is_back(
        self, tmp_path: Path, box: Letterbox
    ) -> None:
        async with watched(tmp_path, box) as town:
            case = await town.ask("T-1")
            await town.later()
            town.box.refuses = 1
            assert await town.later(5 * HOUR) == []
            await town.without("poc", 4 * 24 * HOUR)
            await town.open(case)
            assert await town.back() == []
            assert await town.xab.store.read(lambda tx: tx.telling.unsent()) == []

    async def test_it_is_noted_for_it_and_it_is_none_of_those_that_are_told(self, town: Watched) -> None:
        await town.without("poc", HOUR)
        assert await town.xab.store.read(noted_desks) == {DeskId("poc")}
        assert await town.xab.store.read(named_desks) == set()
        await town.back()
        assert await town.xab.store.read(named_desks) == {DeskId("poc")}

    async def test_after_thirty_days_it_begins_anew(self, town: Watched) -> None:
        await town.ask("T-1")
        await town.later()
        await town.without("poc", HOUR)
        await town.ask("T-2")
        await town.later(30 * 24 * HOUR)
        assert await town.xab.store.read(noted_desks) == set()
        assert await town.back() == []
        assert await town.later(5 * HOUR) == []
        assert await town.xab.store.read(noted_desks) == {DeskId("poc")}

    async def test_a_process_that_begins_meanwhile_forgets_nothing(self, town: Watched) -> None:
        await town.without("poc", 60)
        await town.ask("T-1")
        told, town.settings = town.settings, replace(town.settings, desks=())
        town.telling = town.begun_anew()
        assert await town.later(60) == []
        town.settings = told
        town.telling = town.begun_anew()
        assert await town.later(60) == [DUTY]


class TestSending:
    async def test_a_process_that_dies_between_deciding_and_sending_forgets_nothing(
        self, town: Watched
    ) -> None:
        await town.ask("T-1")
        await town.telling.note()
        await town.telling.decide()
        town.telling = town.begun_anew()
        assert await town.later() == [DUTY]
        town.telling = town.begun_anew()
        assert await town.later() == []

    async def test_a_process_that_dies_before_it_notes_that_a_mail_went_sends_it_again_under_its_name(
        self, town: Watched
    ) -> None:
        await town.ask("T-1")
        await town.telling.note()
        await town.telling.decide()
        unsent = await town.xab.store.read(lambda tx: tx.telling.unsent())
        await town.later()
        await town.xab.store.write(lambda tx: tx.telling.send(unsent))
        await town.later()
        first, again = (mail["Message-ID"] for mail in town.box.mails)
        assert first == again == f"<{unsent[0].id}@xab.example>"

    async def test_what_is_not_taken_is_tried_again_ever_more_rarely(self, town: Watched) -> None:
        town.box.refuses = 3
        await town.ask("T-1")
        tries = []
        for _ in range(12):
            await town.later(60)
            tries.append(len(town.box.raw))
        assert tries == [1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4]
        assert len(town.box.mails) == 1

    async def test_a_server_that_is_away_is_tried_once_a_round_and_what_was_opened_goes_no_more(
        self, tmp_path: Path, box: Letterbox
    ) -> None:
        async with watched(tmp_path, box, duty=[{"to": [DUTY, NIGHT]}]) as town:
            town.rota.notices = replace(town.notices, smtp="127.0.0.1:9")
            case = await town.ask("T-1")
            await town.later()
            waiting = await town.xab.store.read(lambda tx: tx.telling.unsent())
            assert sorted(one.tries for one in waiting) == [0, 1]
            await town.open(case)
            town.telling = town.begun_anew()
            assert await town.later(HOUR) == []
            assert await town.xab.store.read(lambda tx: tx.telling.unsent()) == []

    async def test_after_three_days_it_is_given_up(self, town: Watched) -> None:
        town.rota.notices = replace(town.notices, smtp="127.0.0.1:9")
        await town.ask("T-1")
        await town.later()
        await town.later(4 * 86400)
        left = await town.xab.store.read(lambda tx: tx.telling.unsent())
        assert [one.deputy for one in left] == [True]

    async def test_a_web_address_is_told_over_tls_with_its_token(
        self, tmp_path: Path, box: Letterbox
    ) -> None:
        (tmp_path / "pager.secret").write_text("a-word-of-power\n")
        with web_letterbox(box, make_context(tmp_path)) as address:
            async with watched(
                tmp_path, box, duty=[], webhook=address, webhook_secret_file="pager.secret"
            ) as town:
                await town.ask("T-1")
                await town.later()
                assert box.posts == [], "nobody vouches for it"
                town.rota.notices = replace(town.notices, ca_file="ca.pem")
                await town.later(60)
        assert box.posts == [{"waits": True, "urgent": False}]
        assert box.headers[0]["Authorization"] == "Bearer a-word-of-power"
        assert box.mails == []


@pytest.mark.parametrize("language", ["ar", "es", "fr", "ru", "zh"])
async def test_it_is_said_in_the_language_of_the_desk(tmp_path: Path, box: Letterbox, language: str) -> None:
    async with watched(tmp_path, box, language=language) as town:
        await town.ask("T-1", urgent=True)
        await town.later()
    [mail] = box.mails
    assert "Urgent: an item" not in str(mail["Subject"])
    assert "An item waits" not in words_of(mail)


async def test_a_mail_names_the_console_where_the_settings_do(town: Watched) -> None:
    town.settings = replace(town.settings, console="https://console.xab.example")
    town.telling = town.begun_anew()
    await town.ask("T-1")
    await town.later()
    assert "Sign in here: https://console.xab.example\n" in words_of(town.box.mails[0])


async def test_a_word_of_a_second_officer_is_waited_for_at_the_desk_that_decides(
    tmp_path: Path, box: Letterbox
) -> None:
    async with watched(tmp_path, box, release=SECOND) as town:
        [sent] = await town.xab.submit(draft(m.rich_request("B-1"), to=["xaa"], parts=[m.PICTURE, m.SCENE]))
        assert sent.release_state, sent
        assert await town.later() == [DUTY]
