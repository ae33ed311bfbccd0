"""What is sealed is nowhere in clear: canaries in every classed field, and a search in every form.

Three states and a relay, in processes of their own, say everything that can be said: XAA to XAB on
the direct road, XAA to XAC by the relay, and back. Every desk reads everything, exports it, gives up
waiting; the relay is killed and mail runs out of time. Then the relay's store, log and metrics page
are searched, and those of every node, with all other files in their folders but the keys.

The same run with sealing switched off, in the harness only (`fakes.fault_main`), must be caught by the
same search, and so must a node that logs what officers say.
"""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import os
import re
import secrets
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from fakes.canaries import Mint, Place, classed_units, name_of, plant
from fakes.canary_search import Find, Search
from fakes.correspondence import Correspondence, give_up_at_once, read_everything, request
from fakes.town import PANEL, POC, POLICE, Process, Town, found_town, until
from tracepost.protocol import schema
from tracepost.protocol.errors import TracepostError
from tracepost.protocol.schema import INNER_KINDS, KINDS, Sensitivity
from tracepost.protocol.trustlist import MemberType
from tracepost.sdk.drafts import Cover, build_draft
from tracepost.wire.v1 import desk_pb2, terms_pb2, trace_pb2

STATES = ("xaa", "xab", "xac")
EXPERTS = "un-panel-xyz"
MEMBERS = ("hub", *STATES, EXPERTS)
CLEAR = {Sensitivity.PUBLIC, Sensitivity.ADMINISTRATIVE}

NARROW = {
    "ArmsLot.country_of_manufacture": "a code of three letters",
    "ArmsLot.year_of_manufacture": "a year",
    "AuthorisedRecipient.country": "a code of three letters",
    "AuthorisedRecipient.received_on": "a date",
    "Consignee.country": "a code of three letters",
    "Consignee.received_on": "a date",
    "DeliveryNotified.arrives_on": "a date",
    "DeliveryNotified.from_country": "a code of three letters",
    "DeliveryNotified.route_countries": "a code of three letters",
    "BallisticHit.confirmed_on": "a date",
    "BallisticHit.other_country": "a code of three letters",
    "Diversion.illicit_since": "a date",
    "FlowActor.born_on": "a date",
    "FlowActor.country_of_activity": "a code of three letters",
    "FlowActor.nationality": "a code of three letters",
    "FlowArea.countries": "a code of three letters",
    "FlowArea.region_codes": "ISO 3166-2",
    "FlowInformation.period_from": "a date",
    "FlowInformation.period_to": "a date",
    "LaboratoryReference.country": "a code of three letters",
    "LaboratoryReference.dated": "a date",
    "Diversion.lawful_until": "a date",
    "Ammunition.year_of_manufacture": "a year",
    "Circumstances.container_numbers": "ISO 6346: eleven characters",
    "Circumstances.country": "a code of three letters",
    "Circumstances.found_on": "a date",
    "Circumstances.region_code": "ISO 3166-2",
    "Circumstances.route_countries": "a code of three letters",
    "Company.country": "a code of three letters",
    "Contact.languages": "BCP 47: short parts",
    "Item.found_on": "a date",
    "LineageEvent.from_country": "a code of three letters",
    "LineageEvent.on": "a date",
    "LineageEvent.to_country": "a code of three letters",
    "DocumentedItem.country": "a code of three letters",
    "DocumentedItem.documented_on": "a date",
    "DocumentedItem.region_code": "ISO 3166-2",
    "PanelRequest.observed_country": "a code of three letters",
    "PanelRequest.observed_on": "a date",
    "PanelRequest.observed_region_code": "ISO 3166-2",
    "Hit.country": "a code of three letters",
    "Hit.found_on": "a date",
    "Hit.region_code": "ISO 3166-2",
    "LossNotice.country": "a code of three letters",
    "LossNotice.happened_on": "a date",
    "LossNotice.happened_until": "a date",
    "LossNotice.region_code": "ISO 3166-2",
    "Mark.country": "a code of three letters",
    "Mark.year": "a year",
    "MarkReading.read_on": "a date",
    "Object.country_of_manufacture": "a code of three letters",
    "Object.make_code": "ten characters",
    "Object.type_code": "four characters",
    "Object.year_of_manufacture": "a year",
    "ParallelRequest.sent_on": "a date",
    "Person.born_on": "a date",
    "Person.nationality": "a code of three letters",
    "Photograph.media_type": "one of three",
    "PointOfDiversion.country": "a code of three letters",
    "PointOfDiversion.on": "a date",
    "RecordedFate.country": "a code of three letters",
    "RecordedFate.on": "a date",
    "Redirection.event_on": "a date",
    "Restoration.done_on": "a date",
    "ScenePhotograph.media_type": "one of three",
    "SeizureNotice.air_waybill": "eleven digits",
    "SeizureNotice.container_numbers": "ISO 6346: eleven characters",
    "SeizureNotice.declared_hs_codes": "HS: four to ten digits",
    "SeizureNotice.parcel_numbers": "UPU S10: thirteen characters",
    "SeizureNotice.route_countries": "a code of three letters",
    "SeizureNotice.seized_on": "a date",
}
"""Classed fields of text that have no room for a canary, and why. All others hold one."""

ENCLOSED = {
    f"{holder}exhibits.*.{sensitivity.lower()}_disclosures"
    for sensitivity in Sensitivity
    if sensitivity not in CLEAR
    for holder in ("", "request.")  # a letter holds the request that it tells of
}
"""Written by the node, from statements that hold canaries themselves."""

ATTACHED = re.compile(r".*\battachments\.\*|.*scene_attachments\.\*")
"""Names of files that were handed in before; tests/acceptance/test_attachments.py looks for what is in them."""

SAID_BY_XAA = {"trace.request/1", "trace.information-supply/1", "trace.amendment/1"}
"""Kinds of the first case that XAA wrote, with all classes in them: what a desk wrote itself it may read."""


# ── the search itself ────────────────────────────────────────────────────────────────

PLACE = Place("trace.request/1", "ground_text", Sensitivity.LAW_ENFORCEMENT)
WORDS = b"nothing to be found in these words. " * 9
DISGUISES: dict[str, Callable[[bytes], bytes]] = {
    "raw": lambda text: text,
    "lower case": bytes.lower,
    "UTF-16 little endian": lambda text: text.decode().encode("utf-16-le"),
    "UTF-16 big endian": lambda text: text.decode().encode("utf-16-be"),
    "hexadecimal": lambda text: text.hex().encode(),
    "hexadecimal in capitals": lambda text: text.hex().upper().encode(),
    "JSON escapes": lambda text: b"".join(b"\\u%04x" % byte for byte in text),
    "per cent": lambda text: b"".join(b"%%%02X" % byte for byte in text),
    "base64": lambda text: base64.b64encode(text + b"!"),
    "base64 one byte on": lambda text: base64.b64encode(b"a" + text + b"!"),
    "base64 two bytes on": lambda text: base64.b64encode(b"ab" + text),
    "base64url": base64.urlsafe_b64encode,
    "base64url one byte on": lambda text: base64.urlsafe_b64encode(b"\xff" + text + b"\xff"),
    "base64url two bytes on": lambda text: base64.urlsafe_b64encode(b"\xff\xfe" + text),
    "base64 of UTF-16": lambda text: base64.b64encode(text.decode().encode("utf-16-le")),
    "base64 of base64": lambda text: base64.b64encode(b"a" + base64.b64encode(b"bc" + text)),
    "zlib": lambda text: zlib.compress(WORDS + text),
    "deflate": lambda text: zlib.compress(WORDS + text, 1, -15),
    "gzip": lambda text: gzip.compress(WORDS + text),
    "base64 in deflate": lambda text: zlib.compress(WORDS + base64.b64encode(text + WORDS), 1, -15),
    "deflate in base64": lambda text: base64.b64encode(zlib.compress(WORDS + text)),
}


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize("before", [0, 1, 1023])
def test_the_search_finds_a_canary_in_this_form(disguise: str, before: int) -> None:
    """In the middle of noise, at any offset."""
    mint = Mint()
    hidden = DISGUISES[disguise](mint.text(PLACE).encode("ascii"))
    finds = Search(mint).data("noise", secrets.token_bytes(before) + hidden + secrets.token_bytes(200))
    assert PLACE in {find.canary for find in finds}
    assert not Search(Mint()).data("noise", hidden)


@pytest.mark.parametrize("disguise", DISGUISES)
def test_the_search_knows_whose_canary_it_is_if_capitals_and_small_letters_begin_alike(disguise: str) -> None:
    """In hexadecimal this mark has no letter, and what follows it has."""
    mark = "Y92WDPSFSS6D"
    known, unknown = f"{mark}JKMNZJKMNZJKMN", f"{mark}NZJKMNJMZKNJKM"
    search = Search(Mint(mark, made={known: PLACE}))
    for canary, place in ((known, PLACE), (unknown, None)):
        finds = search.data("text", DISGUISES[disguise](canary.encode("ascii") + WORDS))
        assert {find.canary for find in finds} == {place}


def test_the_search_finds_a_canary_that_a_database_keeps_in_pieces(tmp_path: Path) -> None:
    """Across the pages of a long cell, also while the cell is only in the WAL; and a photograph's digest."""
    mint = Mint()
    photograph = mint.photograph(PLACE)
    with closing(sqlite3.connect(tmp_path / "store.sqlite")) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE body (content BLOB)")
        for length in range(4000, 4100, 13):
            cell = (
                secrets.token_bytes(length)
                + mint.text(Place("cell", str(length), None)).encode()
                + photograph
            )
            connection.execute("INSERT INTO body VALUES (?)", [cell])
            connection.commit()
        found = {find.canary for find in Search(mint).folder(tmp_path)}
    assert found == set(mint.made.values())
    [digest] = mint.digests
    assert Search(mint).data("digest", b"sha256:" + digest.hex().encode())


# ── the run ──────────────────────────────────────────────────────────────────────────


@dataclass
class Run:
    """One run of the town, and what was seen of it from outside."""

    town: Town
    mint: Mint = field(default_factory=Mint)
    said: list[tuple[str, str, str]] = field(default_factory=list)
    case: str = ""
    pages: dict[str, bytes] = field(default_factory=dict)
    finds: dict[str, list[Find]] = field(default_factory=lambda: {member: [] for member in MEMBERS})
    refusals: dict[str, bytes] = field(default_factory=dict)
    shown: dict[str, Path] = field(default_factory=dict)

    def search(self, search: Search, *members: str) -> None:
        """Search all that these members have written."""
        for member in members:
            self.finds[member] += search.folder(self.town.place(member))

    def search_pages(self, search: Search) -> None:
        """Search the metrics pages of all members."""
        for member in MEMBERS:
            address = f"http://127.0.0.1:{self.town.residents[member].ports.metrics}/metrics"
            with urllib.request.urlopen(address, timeout=60) as page:
                self.pages[member] = page.read()
            self.finds[member] += search.data("metrics", self.pages[member])


def found(folder: Path) -> Run:
    """Make the town of a run."""
    desks = {**dict.fromkeys(STATES, (POC, POLICE)), EXPERTS: (PANEL,)}
    types = {EXPERTS: MemberType.PANEL}
    return Run(found_town(folder / "town", desks, "hub", reachable=("xab",), metrics=True, types=types))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Everything said, read, refused and shown, then searched; alive, and again when all have gone."""
    made = found(tmp_path_factory.mktemp("canaries"))
    processes = {member: made.town.process(member) for member in MEMBERS}
    try:
        search = asyncio.run(live(made, processes))
        made.search(search, *MEMBERS)
        made.search_pages(search)
        asyncio.run(leave(processes))
        made.search(search, *MEMBERS)
    finally:
        for process in processes.values():
            process.abandon()
    return made


async def start(made: Run, processes: Mapping[str, Process], *, broken: str = "") -> None:
    """Start all, let them meet, open all desks."""
    await asyncio.gather(*(process.start(broken=broken) for process in processes.values()))
    await made.town.meet(*STATES, EXPERTS)
    for state in (*STATES, EXPERTS):
        await made.town.unlock(state)


async def live(made: Run, processes: Mapping[str, Process]) -> Search:
    """All that happens in the town; return the search that has begun."""
    await start(made, processes)
    writing = Correspondence(made.town, made.mint)
    made.case = await writing.full_case("xaa", "xab", third="xac")
    await writing.full_case("xab", "xaa", third="xac")
    await writing.full_case("xaa", "xac", third="xab")
    for state in ("xab", "xac"):
        await writing.with_panel(EXPERTS, state)
    await submit_from_files(made)
    made.refusals = await refuse_bad_drafts(made)
    for state in STATES:
        for desk in ("poc", "police"):
            await read_everything(made.town, state, desk)
    await give_up_at_once(made.town, "xab", made.case)
    search = await wait_at_the_relay(made, processes["xac"], writing)
    await run_out_of_time(made, processes["hub"], writing)
    for officer, desk in (("8", "poc"), ("9", "police")):
        made.shown[desk] = await show_on_the_command_line(made, officer, desk)
    made.said = writing.said
    return search


async def wait_at_the_relay(
    made: Run, receiver: Process, writing: Correspondence, *, broken: str = ""
) -> Search:
    """Search the relay while it holds mail; then let it be fetched."""
    await receiver.stop()
    await writing.say("xaa", request("patient"), None, to="xac", arrives=False)
    await until(lambda: made.town.ask("hub", "SELECT envelope_id FROM mail_parts"), "mail to wait")
    search = Search(made.mint)
    made.search(search, "hub")
    await receiver.start(broken=broken)
    await until(lambda: not made.town.ask("hub", "SELECT envelope_id FROM mail_parts"), "mail to be fetched")
    return search


async def run_out_of_time(made: Run, hub: Process, writing: Correspondence) -> None:
    """Kill the relay, write by it, and start it again when the mail is too late."""
    await hub.stop(signal.SIGKILL)
    deliver_by = int(time.time()) + 30  # long enough to be written before
    await writing.say("xaa", request("too-late"), None, to="xac", arrives=False, deliver_by=deliver_by)
    await asyncio.sleep(max(0.0, deliver_by + 0.5 - time.time()))
    await hub.start()
    question = "SELECT state FROM sent_mail WHERE state <> 'DELIVERED'"
    await until(lambda: made.town.ask("xaa", question) == [("EXPIRED",)], "the mail to expire")


async def leave(processes: Mapping[str, Process]) -> None:
    """End all in order."""
    assert await asyncio.gather(*(process.stop() for process in processes.values())) == [0] * len(processes)


# ── the command line ─────────────────────────────────────────────────────────────────


async def submit_from_files(made: Run) -> None:
    """Send a request whose photograph has a telling name, and a comment by the camera."""
    folder = made.town.folder / "desk of an officer"
    folder.mkdir()
    name = f"{made.mint.text(Place('file', 'name', None))}.png"
    (folder / name).write_bytes(make_picture(made.mint.text(Place("file", "comment", None))))
    message = request("by-file")
    plant(message, made.mint)
    document = json_format.MessageToDict(message, preserving_proto_field_name=True)
    replace_photographs(document, {"view": "PHOTOGRAPH_VIEW_SERIAL", "file": name})
    (folder / "request.json").write_text(json.dumps(document))
    profile = write_profile(made, "xaa", "8", "poc")
    cover = ("--to", "xab", "--purpose", "criminal-investigation", "--legal-basis", "iti")
    said = await command(profile, "trace", "submit", str(folder / "request.json"), *cover)
    assert said.returncode == 0, said.stderr


def replace_photographs(value: object, photograph: dict[str, str]) -> None:
    """Let every list of photographs in a document name one file; scenes are left out."""
    if isinstance(value, list):
        for one in value:
            replace_photographs(one, photograph)
    elif isinstance(value, dict):
        value.pop("scene_photographs", None)
        for key, inner in value.items():
            if key == "photograph":
                value[key] = [photograph]
            else:
                replace_photographs(inner, photograph)


def make_picture(comment: str) -> bytes:
    """Return a PNG of one pixel with a comment."""
    chunks = (
        (b"IHDR", bytes.fromhex("00000001000000010800000000")),
        (b"tEXt", b"Comment\x00" + comment.encode("ascii")),
        (b"IDAT", zlib.compress(b"\x00" + secrets.token_bytes(1))),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4) for kind, data in chunks
    )


async def show_on_the_command_line(made: Run, officer: str, desk: str) -> Path:
    """Have an officer of one desk of XAB look at a case in every way; return the folder of what came out."""
    folder = made.town.folder / f"seen by {desk}"
    folder.mkdir()
    profile = write_profile(made, "xab", officer, desk)
    calls = {
        "show": ("show", made.case),
        "show.json": ("show", made.case, "--json"),
        "timeline": ("timeline", made.case),
        "sd-jwt": ("export", made.case, "--format", "sd-jwt", "--out", str(folder / "statements")),
        "tracepost": ("export", made.case, "--format", "tracepost", "--out", str(folder / "case.tracepost")),
        "part": ("part", made.case, "00" * 32, "--out", str(folder / "part")),
    }
    said = await asyncio.gather(*(command(profile, "trace", *call) for call in calls.values()))
    for name, one in zip(calls, said, strict=True):
        assert (one.returncode == 0) == (name != "part"), one.stderr
        (folder / f"{name}.out").write_bytes(one.stdout + one.stderr)
        # A table breaks words: without its lines and spaces they are whole again.
        (folder / f"{name}.joined").write_text(re.sub(r"[\s│┃|]+", "", one.stdout.decode()))
    return folder


def write_profile(made: Run, member: str, officer: str, desk: str) -> Path:
    """Write an officer's profile for the command line."""
    folder = made.town.folder / f"profile {member} {officer}"
    folder.mkdir()
    papers, resident = made.town.papers(member, officer), made.town.residents[member]
    for name, content in (
        ("officer.pem", papers.certificate_chain),
        ("officer.key", papers.key),
        ("root.pem", papers.root),
    ):
        (folder / name).write_bytes(content)
    lines = {
        "address": f"127.0.0.1:{resident.ports.desk}",
        "member": member,
        "domain": resident.authority.domain,
        "certificate": "officer.pem",
        "key": "officer.key",
        "root": "root.pem",
        "desk": desk,
    }
    (folder / "profile.toml").write_text("".join(f'{key} = "{value}"\n' for key, value in lines.items()))
    return folder / "profile.toml"


async def command(profile: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run `tracepost` as a person would."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "TRACEPOST_PROFILE": str(profile),
        "COLUMNS": "300",
    }
    call = [sys.executable, "-m", "tracepost.cli", *arguments]
    return await asyncio.to_thread(subprocess.run, call, env=environment, capture_output=True, timeout=400)


# ── drafts that are refused ──────────────────────────────────────────────────────────


async def refuse_bad_drafts(made: Run) -> dict[str, bytes]:
    """Submit requests of which one field of text breaks its rule; return all that was said about each."""
    # The same mark, which is searched for; the thousands of canaries of these drafts need no names.
    drafts = dict(bad_drafts(Mint(made.mint.mark)))
    said: dict[str, bytes] = {}
    async with made.town.client("xaa") as officer:
        answers = [one async for one in officer.submit_many(drafts.values())]
        for (path, draft), answer in zip(drafts.items(), answers, strict=True):
            assert answer.HasField("problem"), path
            with pytest.raises(TracepostError) as refusal:
                await officer.submit(draft)
            said[path] = b"\n".join([answer.SerializeToString(), *told(refusal.value)])
    return said


def told(error: BaseException | None) -> Iterator[bytes]:
    """Yield every word that an error, and what caused it, has for us."""
    while error is not None:
        yield f"{error!s}\n{error!r}\n{getattr(error, 'remedy', '')}".encode()
        if isinstance(error, grpc.aio.AioRpcError):
            yield f"{error.details()}\n{error.debug_error_string()}".encode()
            yield from (
                str(value).encode() if isinstance(value, str) else bytes(value)
                for _, value in error.trailing_metadata()
            )
        error = error.__cause__


def bad_drafts(mint: Mint) -> Iterator[tuple[str, desk_pb2.Draft]]:
    """Yield a draft for each text of a request: with a canary where there is no room for one, or too much of it."""
    for path in texts_of(planted(mint)):
        message = planted(mint)
        holder, name = find(message, path)
        canary = mint.text(Place("refused", path, None))
        described: Any = holder.DESCRIPTOR.fields_by_name[name]
        wrong = canary if name_of(described) in NARROW else canary * 400
        if described.is_repeated:
            getattr(holder, name)[:] = [wrong]
        else:
            setattr(holder, name, wrong)
        yield path, draft_of(message)
    unnamed = mint.photograph(Place("refused", "a photograph that no field names", None))
    yield "parts", draft_of(planted(mint), unnamed)


def planted(mint: Mint) -> trace_pb2.TraceRequest:
    """Return a request with canaries; without photographs, which would have to come along."""
    message = request("refused")
    plant(message, mint)
    for thing in (message.items[0].object, message.items[0].ammunition, message.items[0].packaging):
        del thing.photograph[:]
    del message.circumstances.scene_photographs[:]
    return message


def draft_of(message: Message, *parts: bytes) -> desk_pb2.Draft:
    """Return a draft that would open a case."""
    cover = Cover(
        to=("xab",),
        desk="poc",
        purpose=terms_pb2.PURPOSE_CRIMINAL_INVESTIGATION,
        legal_basis=terms_pb2.LEGAL_BASIS_ITI,
        parts=parts,
    )
    return build_draft(message, cover)


def texts_of(message: Message, prefix: str = "") -> Iterator[str]:
    """Yield the paths of all texts in a message."""
    for described, value in message.ListFields():
        path = f"{prefix}{described.name}"
        if described.message_type is None:
            if described.type == FieldDescriptor.TYPE_STRING:
                yield path
        else:
            for index, inner in enumerate(value if described.is_repeated else [value]):
                yield from texts_of(inner, f"{path}.{index}." if described.is_repeated else f"{path}.")


def find(message: Message, path: str) -> tuple[Message, str]:
    """Return the message that holds the field at `path`, and the field's name."""
    *way, name = path.split(".")
    holder: object = message
    for step in way:
        holder = holder[int(step)] if step.isdecimal() else getattr(holder, step)  # type: ignore[index]
    assert isinstance(holder, Message)
    return holder, name


# ── what is found ────────────────────────────────────────────────────────────────────


def test_every_classed_field_that_has_room_holds_a_canary_of_its_own(run: Run) -> None:
    """And those that have none are known by name."""
    assert run.mint.narrow == NARROW.keys()
    assert len(run.mint.made) > 1000
    for kind, message_type in KINDS.items():
        message = message_type()
        plant(message, Mint())
        units = {re.sub(r"\.\d+(?=\.|$)", ".*", unit.path) for unit in schema.flatten(message)}
        missing = {path for path in classed_units(kind) - units if not ATTACHED.fullmatch(path)}
        assert missing <= ENCLOSED, kind


@pytest.mark.parametrize("road", ["direct", "hub"])
def test_every_kind_with_classed_fields_was_said_on_both_roads(run: Run, road: str) -> None:
    """And arrived. The panel is reached by the relay alone."""
    classed = {kind for kind in KINDS if classed_units(kind)} - INNER_KINDS
    classed -= {"panel.reply/1"} if road == "direct" else set()
    assert {kind for kind, _, via in run.said if via == road} == classed
    assert ("trace.request/1", "xab", "direct") in run.said
    assert ("trace.request/1", "xac", "hub") in run.said


def test_what_stays_with_its_member_was_said_as_well(run: Run) -> None:
    """But letters, which are for paper."""
    assert {kind for kind, _, via in run.said if not via} == INNER_KINDS - {"trace.letter/1"}


@pytest.mark.parametrize("member", MEMBERS)
def test_no_canary_is_in_the_files_logs_and_metrics_of(run: Run, member: str) -> None:
    """Store, WAL, log, settings, metrics page: while it runs, and after it has gone."""
    assert b"tracepost_" in run.pages[member]
    assert b'"event"' in run.town.log_path(member).read_bytes()
    assert run.finds[member] == []


def test_no_refusal_repeats_what_the_draft_said(run: Run) -> None:
    """Neither the problem, nor the status, nor the error that the client raises."""
    assert len(run.refusals) > 80
    for path, said in run.refusals.items():
        assert said, path
        assert Search(run.mint).data(path, said) == []


@pytest.mark.parametrize(
    ("desk", "hidden"),
    [
        ("poc", {Sensitivity.CRIMINAL_JUSTICE, Sensitivity.PERSONAL, Sensitivity.NATIONAL_SECURITY}),
        ("police", {Sensitivity.NATIONAL_SECURITY}),
    ],
)
def test_the_command_line_shows_a_desk_the_classes_that_it_may_read(
    run: Run, desk: str, hidden: set[Sensitivity]
) -> None:
    """All of them, and no word of the others: cases, timelines, exports, refusals."""
    found = {find.canary for find in Search(run.mint).folder(run.shown[desk]) if find.canary}
    shown = {place.sensitivity for place in found if place.kind in SAID_BY_XAA}
    assert shown == set(Sensitivity) - CLEAR - hidden


# ── the search would have noticed ────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def careless(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A request and its way by the relay, in a town that seals nothing and logs what officers say."""
    made = found(tmp_path_factory.mktemp("careless"))
    processes = {member: made.town.process(member) for member in MEMBERS}
    try:
        asyncio.run(live_carelessly(made, processes))
        for member in ("xaa", "xac"):
            made.search(Search(made.mint), member)
    finally:
        for process in processes.values():
            process.abandon()
    return made


async def live_carelessly(made: Run, processes: Mapping[str, Process]) -> None:
    """One request is enough."""
    await start(made, processes, broken="careless")
    await wait_at_the_relay(made, processes["xac"], Correspondence(made.town, made.mint), broken="careless")


@pytest.mark.parametrize("member", ["hub", "xaa", "xac"])
def test_the_search_catches_a_town_without_sealing(careless: Run, member: str) -> None:
    """Every canary that was sent is found in the stores of sender, relay and receiver."""
    sent = {
        place for place in careless.mint.made.values() if place.sensitivity != Sensitivity.NATIONAL_SECURITY
    }
    caught = {find.canary for find in careless.finds[member] if find.place.startswith("store.sqlite")}
    assert sent <= caught


def test_the_search_catches_a_node_that_logs_what_officers_say(careless: Run) -> None:
    """In its log file."""
    caught = {find.canary for find in careless.finds["xaa"] if find.place == "daemon.log"}
    texts = {
        place
        for place in careless.mint.made.values()
        if "sha256" not in place.path and "photograph" not in place.path
    }
    assert texts <= caught
