"""XAA asks, XAB acknowledges and survives a power cut."""

from __future__ import annotations

import hashlib
from collections import Counter

from rich.table import Table

from tracepost.cli.demonstration import messages
from tracepost.cli.demonstration.material import CRIME_NUMBER, item_of, read_request
from tracepost.cli.demonstration.play import Play
from tracepost.cli.render.fields import code_of, codes_of
from tracepost.cli.render.lists import handling_line, table_of
from tracepost.cli.words import _, coded, plural
from tracepost.protocol import schema
from tracepost.protocol.trustlist import parse_content, parse_list
from tracepost.sdk import message_of
from tracepost.sdk.cases import received_at, request_of
from tracepost.wire.v1 import desk_pb2, options_pb2, terms_pb2, trace_pb2


async def open_offices(play: Play) -> None:
    """Start the relay and two states; XAC stays off, XAD is in the directory only."""
    stage, network = play.stage, play.network
    await network.start(play.relay, "xaa", "xab")
    table = table_of(_("member"), _("office"), _("desks"), _("reached"), _("process"))
    for member in network.members:
        plan, process = network.node(member).plan, network.node(member).process
        desks = ", ".join(desk.desk for desk in plan.desks)
        road = _("directly") if plan.direct else _("through {relay}").format(relay=play.relay)
        table.add_row(member, plan.name, desks, road, str(process.pid) if process.pid else _("not running"))
    table.add_row(play.relay, _("relay"), "", _("directly"), str(network.process(play.relay).pid))
    stage.show(table)
    async with play.xaa.at() as officer:
        trust = await officer.show_trust()
        directory = await officer.list_directory()
    trust_list = parse_list(trust.trust_list)
    content = parse_content(trust_list.payload)
    stage.insist(
        len(trust_list.signers(content.stewards)) == len(content.stewards) == len(network.members) + 1,
        _("xaa holds trust list {number}, signed by the stewards of {members}").format(
            number=content.sequence, members=", ".join(one.id for one in content.stewards)
        ),
    )
    known = [line.member for line in directory if line.known]
    stage.insist(set(network.members) <= set(known), _("xaa holds a directory entry of every state"))


async def ask(play: Play) -> None:
    """Send one request of six items with photographs; look at it with different eyes."""
    stage = play.stage
    stage.scene(_("Day 1"), _("XAA seizes six weapons and asks XAB, whom the marks name"))
    play.draft = read_request()
    request = play.draft.content.trace_request
    stage.tell("xaa/poc", _("writes one request, file {number}").format(number=request.file_number))
    stage.show(_items(request))
    stage.show(handling_line(codes_of(request, "handling_instructions")))
    async with play.xaa.at() as officer:
        submission = await officer.submit(play.draft)
    play.case, play.request = submission.thread, submission.statement
    pictures = plural("{n} photograph", "{n} photographs", len(play.draft.parts))
    stage.tell("xaa/poc", _("signs, seals and sends it with {pictures}").format(pictures=pictures))
    arrived = _("XAB's node has it; XAA holds the receipt")
    await play.delivered(play.xaa, "xab", play.request, arrived)
    summary = await play.xab.summary(play.case)
    stage.insist(
        summary and list(summary.handling) == list(request.handling_instructions),
        _("XAB's case list bears the instruction, before any desk has opened the case"),
    )
    await _look_with_two_pairs_of_eyes(play)


async def acknowledge(play: Play) -> None:
    """XAB's office says that it has six items, under which number, on which terms (ITI 19)."""
    stage = play.stage
    stage.scene(_("Day 2"), _("XAB acknowledges"))
    async with play.xab.at() as officer:
        came = received_at(await officer.show_timeline(play.case), play.request)
    stage.insist(came, _("XAB's timeline tells when the request came: {at}").format(at=came))
    stage.tell("xab/poc", _("reads and counts: what a node has receipted, no office has acknowledged yet"))
    said = messages.acknowledgement(
        came or "", messages.FILE_NUMBER_XAB, play.xab.office, 6, "tracing@xab.example"
    )
    stage.tell("xab/poc", _("acknowledges: six items, complete, restrictions accepted, its file number"))
    await play.send(play.xab, play.xaa, said, _("XAA has the acknowledgement"))
    view = await play.xaa.view(play.case)
    stage.insist(
        view.summary.their_file_number == messages.FILE_NUMBER_XAB,
        _("XAA's case shows XAB's file number {number}").format(number=messages.FILE_NUMBER_XAB),
    )
    read = view.statements[-1].content.acknowledgement
    stage.insist(
        read.items_counted == 6
        and list(read.restrictions_accepted) == [terms_pb2.RESTRICTION_CODE_NO_ONWARD_RELEASE],
        _("XAA reads: six items; accepted: {restriction}").format(
            restriction=", ".join(codes_of(read, "restrictions_accepted"))
        ),
    )


async def cut_the_power(play: Play) -> None:
    """Kill XAB's node between receipt and answer, start it again, and look whether all is there."""
    stage, xab = play.stage, play.xab
    stage.scene(_("Night to day 3"), _("XAB's node is killed between receipt and answer (SIGKILL)"))
    before, size = await xab.view(play.case), await _log_size(play)
    process = xab.site.process
    pid = process.pid
    play.network.kill("xab")
    stage.insist(
        process.exit_code == -9, _("process {pid} is gone, without a chance to tidy up").format(pid=pid)
    )
    await play.network.start("xab", unlock=False)
    stage.tell("xab", _("starts again as process {pid}, with nobody present").format(pid=process.pid))
    locked = await xab.view(play.case)
    stage.insist(
        locked.summary == before.summary and all(map(_is_locked, locked.statements)),
        _("its desks are locked: the case is listed, and only administrative data is shown"),
    )
    await play.network.unlock("xab")
    after = await xab.view(play.case)
    stage.tell("xab", _("its officers unlock their desks"))
    stage.insist(
        list(after.statements) == list(before.statements),
        plural(
            "nothing is lost: {n} statement, as before",
            "nothing is lost: {n} statements, as before",
            len(after.statements),
        ),
    )
    stage.insist(
        await _log_size(play) > size > 0, _("its log goes on after entry {size}").format(size=size - 1)
    )
    await _fetch_photographs(play)


async def _log_size(play: Play) -> int:
    async with play.xab.at() as officer:
        return (await officer.get_status()).log_size


async def _fetch_photographs(play: Play) -> None:
    request = play.draft.content.trace_request
    wanted = [picture.sha256 for item in request.items for picture in item.object.photograph]
    async with play.xab.at() as officer:
        parts = [(await officer.fetch_part(play.case, digest)).content for digest in wanted]
    held = [hashlib.sha256(part).digest() for part in parts]
    play.stage.insist(
        held == wanted,
        plural("{n} photograph is whole", "{n} photographs are whole", len(wanted)),
    )


# ── what is seen ─────────────────────────────────────────────────────────────────────


def _items(request: trace_pb2.TraceRequest) -> Table:
    table = table_of(
        _("item"), _("kind"), _("make or model"), _("calibre"), _("serial as seen"), _("photographs")
    )
    for item in request.items:
        thing = item.object
        name = " ".join(word for word in (thing.make, thing.model) if word)
        table.add_row(
            item.id,
            code_of(thing, "category"),
            name or thing.type,
            thing.calibre_as_marked,
            thing.mark[0].text_as_seen,
            str(len(thing.photograph)),
        )
    return table


async def _look_with_two_pairs_of_eyes(play: Play) -> None:
    """Show the same statement at two desks of XAB: the gate decides by competence, not by name."""
    stage, xab = play.stage, play.xab
    office = request_of(await xab.view(play.case, "poc"))
    police = request_of(await xab.view(play.case, "police"))
    stage.tell("xab", _("two desks open the same statement; each sees what the law of its office allows"))
    stage.show(_side_by_side({"poc": office, "police": police}))
    about, more = office.content.trace_request, police.content.trace_request
    stage.insist(
        not about.circumstances.crime_number and not about.persons,
        _("the point of contact sees neither the crime number nor the person"),
    )
    stage.insist(
        more.circumstances.crime_number == CRIME_NUMBER and len(more.persons) == 1,
        _("the police desk sees both"),
    )
    same = all(item_of(about, item.id) == item for item in more.items)
    stage.insist(same and len(about.items) == 6, _("both see the six items, mark by mark"))


def _side_by_side(seen: dict[str, desk_pb2.StatementView]) -> Table:
    table = table_of(_("fields of class"), *(f"xab/{desk}" for desk in seen))
    shown = {desk: _count_shown(one) for desk, one in seen.items()}
    hidden = {desk: _name_hidden(one) for desk, one in seen.items()}
    for sensitivity in schema.Sensitivity:
        if any(sensitivity in (*shown[desk], *hidden[desk]) for desk in seen):
            cells = [_cell(shown[desk][sensitivity], hidden[desk].get(sensitivity, "")) for desk in seen]
            table.add_row(coded("Sensitivity", sensitivity), *cells)
    return table


def _cell(shown: int, hidden: str) -> str:
    parts = [plural("{n} shown", "{n} shown", shown)] if shown else []
    return ", ".join([*parts, *([hidden] if hidden else [])])


def _count_shown(one: desk_pb2.StatementView) -> Counter[str]:
    message = message_of(one.content)
    return Counter(field.sensitivity for field in schema.flatten(message)) if message else Counter()


def _name_hidden(one: desk_pb2.StatementView) -> dict[str, str]:
    """Say of each class what is not shown; a desk that may not read a class is not told how much there is."""
    number = {True: _("{n} not for this desk"), False: _("not for this desk")}
    return {
        options_pb2.Sensitivity.Name(count.of_class).removeprefix("SENSITIVITY_"): number[count.exact].format(
            n=count.fields
        )
        for count in one.hidden
    }


def _is_locked(one: desk_pb2.StatementView) -> bool:
    return one.desk_locked and _count_shown(one).keys() <= {"PUBLIC", "ADMINISTRATIVE"}
