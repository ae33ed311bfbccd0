"""No byte of a denied field is in anything that a desk is shown: random mail, desks, restrictions and consents.

Hypothesis draws a script: what is written by whom, what the author raises, keeps to some desks, names and
restricts; what desks the asked member has, which of them are put on the case, ask, find, answer and pass on; what
is consented to; what more happens (`case_play.ACTS`): second officers and break-glass, deputies, referral, panels,
registers, held mail, deletion; how many days go by. Nodes play it, in this process, with a canary in every classed
field. Then each desk of each member calls everything that reads, searches for the marks, prints, exports, takes out
files; and the keys of each desk open all that they can. Every canary that is found must be one that the requirement
gives to that desk, worked out in `fakes.entitled` without the gate. The search is for bytes, in every form, not for
fields; in log lines and in the files of a node as well.

More scripts:    TRACEPOST_SCRIPTS=500 python -m pytest tests/acceptance/test_denied_bytes.py
What the command line and metrics show, and other daemons, is looked at in test_canaries.py, with real processes.
"""

from __future__ import annotations

import asyncio
import io
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from fakes import house as houses
from fakes import mail_acts, office_acts, register_acts  # noqa: F401 - they enter what may happen
from fakes.canaries import Place
from fakes.canary_search import Search
from fakes.case_play import (
    ACTS,
    ASKED,
    AUTHOR,
    CLEAR,
    DOCUMENTED,
    OPENINGS,
    REQUEST,
    THIRD,
    Play,
    Script,
    open_stage,
)
from fakes.entitled import Eyes
from fakes.house import NO_CONTEXT, POC, POLICE
from fakes.onlooker import PAPER, search
from tracepost.node.config import DeskSettings
from tracepost.node.gate import PolicySet, base_policy
from tracepost.node.handlers.sealed.sealing_mail import Sealer
from tracepost.node.handlers.sending.sending import Sending
from tracepost.node.papers import EntryView
from tracepost.node.records.cases import AuditEvent
from tracepost.protocol.ids import NODE_DESK, DeskId
from tracepost.protocol.schema import Sensitivity
from tracepost.protocol.trustlist import MemberType
from tracepost.serving.telemetry import configure_logging
from tracepost.wire.v1 import desk_pb2

SCRIPTS = int(os.environ.get("TRACEPOST_SCRIPTS", "12"))
OF_STATES = (
    "LAW_ENFORCEMENT",
    "CUSTOMS_ENFORCEMENT",
    "RECORDS_CUSTODY",
    "LICENSING",
    "BORDER",
    "FORENSIC",
    "FOREIGN_AFFAIRS",
    "INDUSTRY_LIAISON",
)
RESTRICTIONS = (
    "COMPETENT_AUTHORITIES_ONLY",
    "PURPOSE_LIMITED",
    "NO_ONWARD_RELEASE",
    "NO_USE_IN_COURT",
    "NO_PUBLICATION",
    "DELETE_AFTER",
)
HANDLING = ("DO_NOT_CONTACT_OWNER", "DO_NOT_ALERT", "CONTROLLED_DELIVERY", "CALL_BEFORE_ACTING")
STANDINGS: tuple[dict[str, Any], ...] = (
    {},
    {},
    {"outward": False},
    {"outward": False, "under": "poc"},
    {"under": "poc", "oversight": "notice"},
)
"""What a desk may be to peers, and to the point of contact."""
ABSENT = "ЖQQ7QQ7QQ7QQ7QQ7QQ7QQ7QQ7QQ Ψ"
"""A mark that stands nowhere, as long as those that do."""

S = Sensitivity
NUMBERS = st.integers(0, 10_000)
ANY_ACTS = st.lists(
    st.tuples(st.sampled_from(sorted(ACTS)), st.tuples(NUMBERS, NUMBERS, NUMBERS)), max_size=3
).map(tuple)
SOME = st.lists(NUMBERS, max_size=4).map(tuple)


# ── scripts ──────────────────────────────────────────────────────────────────────────


@st.composite
def state_desks(draw: st.DrawFn, prefix: str) -> tuple[DeskSettings, ...]:
    """Draw a point of contact, which may be police too, and up to four other desks, outward or inner."""
    contact = DeskSettings(
        DeskId("poc"),
        point_of_contact=True,
        competences=tuple(draw(st.sampled_from([(), (), ("LAW_ENFORCEMENT",), ("LICENSING",)]))),
        copied_on_panel_mail=draw(st.booleans()),
    )
    kinds = draw(
        st.lists(st.lists(st.sampled_from(OF_STATES), max_size=2, unique=True), min_size=1, max_size=4)
    )
    standings = draw(st.lists(st.sampled_from(STANDINGS), min_size=len(kinds), max_size=len(kinds)))
    others = [
        DeskSettings(DeskId(f"{prefix}{number}"), competences=tuple(kind), **standing)
        for number, (kind, standing) in enumerate(zip(kinds, standings, strict=True))
    ]
    return (contact, *others)


def experts(competence: str) -> tuple[DeskSettings, ...]:
    """Return the desks of a member that is no State: its experts, and a desk that is nothing in law."""
    return (
        DeskSettings(DeskId("poc"), point_of_contact=True, competences=(competence,)),
        DeskSettings(DeskId("aides")),
    )


@st.composite
def scripts(draw: st.DrawFn) -> Script:
    """Draw all that happens."""
    opening = draw(st.sampled_from([REQUEST, REQUEST, REQUEST, *sorted(set(OPENINGS) - {REQUEST})]))
    desks = {AUTHOR: (POC, POLICE), ASKED: draw(state_desks("desk")), THIRD: draw(state_desks("desk"))}
    types = {}
    if opening == DOCUMENTED:
        types[AUTHOR], desks[AUTHOR] = MemberType.PANEL, experts("PANEL")
    third = draw(st.sampled_from([MemberType.STATE, MemberType.PANEL, MemberType.PEACE_OPERATION]))
    if third is not MemberType.STATE:
        types[THIRD] = third
        desks[THIRD] = experts("PANEL" if third is MemberType.PANEL else "PEACE_OPERATION")
    return Script(
        opening=opening,
        desks=desks,
        types=types,
        author_desk=draw(NUMBERS),
        restrictions=frozenset(draw(st.lists(st.sampled_from(RESTRICTIONS), max_size=3))),
        handling=frozenset(draw(st.lists(st.sampled_from(HANDLING), max_size=2))),
        raised=draw(st.lists(st.tuples(NUMBERS, NUMBERS), max_size=4).map(tuple)),
        kept=draw(st.lists(st.tuples(NUMBERS, NUMBERS), max_size=3).map(tuple)),
        named=draw(st.none() | NUMBERS),
        restricted=draw(st.just(()) | st.just(()) | SOME),
        refers=draw(st.booleans()),
        tells_both=draw(st.sampled_from([False, False, True])),
        attaches=draw(st.sampled_from([False, False, True])),
        urgent=draw(st.sampled_from([False, False, True])),
        second_officer=draw(st.sampled_from([False, False, True])),
        alone=draw(st.sampled_from([False, False, True])),
        words=draw(SOME),
        put_on=draw(st.frozensets(st.integers(1, 4), max_size=4)),
        before=draw(ANY_ACTS),
        after=draw(ANY_ACTS),
        keeps_house=draw(st.sampled_from([True, True, False])),
        asking_desk=draw(st.sampled_from([0, 0, 0, 1])),
        asked_desk=draw(st.integers(1, 4)),
        finds=draw(st.sampled_from([True, True, False])),
        composes=draw(st.booleans()),
        answers=draw(st.booleans()),
        writes_letters=draw(st.booleans()),
        consent=draw(st.just(()) | st.just(()) | st.none() | SOME),
        shares=draw(st.sampled_from([True, True, False])),
        sharing_desk=draw(st.sampled_from([0, 0, 1, 2, 3])),
        shown=draw(st.just(()) | SOME),
        not_shown=draw(st.just(()) | SOME),
        days_later=draw(st.sampled_from([0, 0, 0, 3])),
    )


# ── what is found ────────────────────────────────────────────────────────────────────


async def denied(play: Play) -> list[str]:
    """Return everything that some desk was shown, searched out or can open, and must not."""
    faults = play.faults + [
        f"{who}: the refusal repeats {found}" for who, words in play.refused for found in play.found_in(words)
    ]
    for eyes in play.all_eyes():
        faults += await denied_to(play, eyes)
        faults += await found_out(play, eyes)
        opened = await play.open_with_keys_of(eyes)
        faults += [
            f"{eyes.name}: its keys open {found}"
            for found in play.found_in(opened)
            if not play.may(eyes, found, ever=True)
        ]
    for member in (AUTHOR, ASKED, THIRD):
        opened = await play.unseal(member, NODE_DESK)
        faults += [f"{member}: the node opens {p}" for p in play.found_in(opened) if is_classed(p)]
        finds = Search(play.mint).folder(play.folder / member, deep=False)
        faults += buried_alive(play, member)
        faults += [
            f"{member}: in clear in {f.place}: {f.canary}"
            for f in finds
            if f.canary and (is_classed(f.canary) or not play.is_at(member, f.canary))
        ]
    return faults


def buried_alive(play: Play, member: str) -> list[str]:
    """Return in which files of a member sealed bytes lie that it has deleted."""
    needles = [needle for name, needle in play.dead if name == member]
    files = [one for one in (play.folder / member).rglob("*") if needles and one.is_file()]
    contents = {one.name: one.read_bytes() for one in files}
    return [
        f"{member}: what was deleted lies in {name}"
        for name, content in contents.items()
        if any(n in content for n in needles)
    ]


async def denied_to(play: Play, eyes: Eyes) -> list[str]:
    """Return what one desk was shown and must not be."""
    seen = await play.look(eyes)
    papers = play.papers_of(eyes)
    faults = []
    for verb, answers in seen.items():
        for place in play.found_in(answers):
            if verb == "refused" or not play.may(eyes, place):
                faults.append(f"{eyes.name} {sorted(eyes.competences)}: {verb} shows {place}")
            if verb.startswith(PAPER) and not papers[int(verb.removeprefix(PAPER))].may_show(
                place, play.tolds
            ):
                faults.append(f"{eyes.name}: {place} is on paper")
    return faults


async def found_out(play: Play, eyes: Eyes) -> list[str]:
    """Return the marks of which a search tells a desk that must know nothing of them."""
    hidden = [(text, place) for text, place in play.marks() if not play.may(eyes, place)]
    if not hidden:
        return []
    answers = await search(play.street[eyes.member], eyes.desk.desk, [ABSENT, *(text for text, _ in hidden)])
    return [
        f"{eyes.name}: a search for {place} tells of it"
        for text, place in hidden
        if answers[text] != answers[ABSENT]
    ]


def is_classed(place: Place) -> bool:
    return place.sensitivity is not None and place.sensitivity not in CLEAR


async def play_and_search(script: Script) -> tuple[Play, list[str]]:
    """Play a script in a folder of its own; return the play and every fault."""
    with tempfile.TemporaryDirectory() as folder, logged() as lines:
        async with open_stage(Path(folder), script) as play:
            await play.run()
            faults = await denied(play)
            told = play.found_in([lines.getvalue()])
            return play, [*faults, *(f"a log line tells {place}" for place in told)]


@contextmanager
def logged() -> Iterator[io.BytesIO]:
    """Yield what a program of ours writes as log lines of all levels meanwhile."""
    stream, hook, handlers, level = io.BytesIO(), sys.excepthook, logging.root.handlers[:], logging.root.level
    configure_logging("node", stream, level=logging.DEBUG)
    try:
        yield stream
    finally:
        structlog.reset_defaults()
        logging.captureWarnings(capture=False)
        logging.root.handlers[:], sys.excepthook = handlers, hook
        logging.root.setLevel(level)


@settings(
    max_examples=SCRIPTS,
    deadline=None,
    derandomize="TRACEPOST_SCRIPTS" not in os.environ,
    database=None,
    phases=(Phase.generate,),  # a script takes seconds: the first that fails tells enough
    suppress_health_check=list(HealthCheck),
)
@given(script=scripts())
def test_no_byte_of_a_denied_field_is_shown_to_any_desk(script: Script) -> None:
    """Whatever is written, to whom, and whoever looks."""
    play, faults = asyncio.run(play_and_search(script))
    for one in sorted(set(play.happened)):
        event(one)
    assert faults == []


# ── the test would have noticed ──────────────────────────────────────────────────────

ARMY = DeskSettings(DeskId("army"), competences=("RECORDS_CUSTODY",))
CLERK = DeskSettings(DeskId("clerk"))
CUSTOMS = DeskSettings(DeskId("customs"), competences=("CUSTOMS_ENFORCEMENT",))
FULL = Script(
    opening=REQUEST,
    desks={AUTHOR: (POC, POLICE), ASKED: (POC, POLICE, CUSTOMS, ARMY, CLERK), THIRD: experts("PANEL")},
    types={THIRD: MemberType.PANEL},
    restrictions=frozenset({"NO_ONWARD_RELEASE"}),
    put_on=frozenset({2}),
    asked_desk=3,
    finds=True,
    composes=True,
    answers=True,
    writes_letters=True,
    consent=(),
    shares=True,
)
"""All that can happen, in one script."""

STEPS = {
    "put on the case",
    "asked on paper",
    "asked a desk",
    "found",
    "composed an answer",
    "wrote a letter",
    "consented",
    "shared",
}


MORE = replace(
    FULL,
    desks={**FULL.desks, THIRD: (POC, POLICE)},
    types={},
    refers=True,
    attaches=True,
    second_officer=True,
    composes=False,
    writes_letters=False,
    words=(0,),
    before=(
        ("look_up", (3, 0, 0)),
        ("ask_and_supply", (1, 0, 0)),
        ("say_ahead_of_time", (1, 0, 0)),
        ("recognise", (1, 0, 0)),
        ("refer", (1, 0, 1)),
        ("break_glass", (0, 1, 0)),
        ("deputise", (3, 2, 4)),
    ),
    after=(
        ("check_objects", (1, 1, 0)),
        ("consent_once_for_all", (0, 0, 0)),
        ("say_more", (5, 1, 0)),
        ("share_more", (0, 3, 1)),
        ("take_off", (0, 0, 0)),
        ("withdraw", (1, 1, 0)),
    ),
    keeps_house=True,
)
"""The rest of it, with a second officer, between three States."""

MORE_STEPS = {
    "put on the case",
    "asked on paper",
    "asked a desk",
    "found",
    "imported a register",
    "looked up",
    "approved",
    "answered",
    "supplied",
    "taken up",
    "recognised",
    "referred",
    "broke the glass: EMERGENCY_STATE_PROPOSED",
    "deputised",
    "left the office",
    "consented",
    "shared",
    "asked to check",
    "consented once for all",
    "said trace.consent/1",
    "taken off the case",
    "withdrew",
    "deleted",
}


async def test_a_script_in_which_everything_happens_shows_nothing_that_is_denied() -> None:
    """And each desk is shown something: nobody looks at empty answers."""
    with tempfile.TemporaryDirectory() as folder:
        async with open_stage(Path(folder), FULL) as play:
            await play.run()
            assert set(play.happened) == STEPS
            assert await denied(play) == []
            shown = {eyes.name: await classes_shown(play, eyes) for eyes in play.all_eyes()}
    assert shown["xab/police"] == {s for s in Sensitivity if s not in (S.PUBLIC, S.NATIONAL_SECURITY)}
    assert shown["xab/poc"] == shown["xab/police"] - {S.CRIMINAL_JUSTICE, S.PERSONAL}
    assert shown["xab/customs"] == {S.ADMINISTRATIVE, S.OBJECT, S.LAW_ENFORCEMENT}
    assert shown["xac/poc"] == {S.ADMINISTRATIVE, S.OBJECT, S.LAW_ENFORCEMENT, S.COMMERCIAL}


async def test_a_script_in_which_all_the_rest_happens_shows_nothing_that_is_denied() -> None:
    """Break-glass, files, registers, deputies, referral, deletion; second officers have their say."""
    play, faults = await play_and_search(MORE)
    assert set(play.happened) == MORE_STEPS
    assert faults == []


async def classes_shown(play: Play, eyes: Eyes) -> set[Sensitivity | None]:
    """Return the classes of all canaries that a desk was shown."""
    seen = await play.look(eyes)
    return {place.sensitivity for answers in seen.values() for place in play.found_in(answers)}


async def test_what_a_comparison_of_policies_says_of_stored_cases_holds_no_byte_of_them() -> None:
    """It asks the gate in every context there is: too slow to be part of every script."""
    who = 'context.author && principal.competences.contains("CUSTOMS_ENFORCEMENT")'
    text = f'@id("more") permit (principal, action, resource) when {{ {who} }};'
    with tempfile.TemporaryDirectory() as folder:
        async with open_stage(Path(folder), FULL) as play:
            await play.run()
            asked = desk_pb2.ComparePolicyRequest(text=text, stored=True, desk="customs")
            told = await play.street[ASKED].as_officer("customs").ComparePolicy(asked, NO_CONTEXT)
            assert told.statements
            assert {p.sensitivity for p in play.found_in([told.SerializeToString()])} <= CLEAR


async def test_a_policy_that_permits_too_much_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """In what is shown, exported, printed, searched, sealed to desks, looked at by exception, and taken out."""
    open_house = '@id("open-house") permit (principal, action, resource);'
    everything = PolicySet.parse([base_policy(), open_house])
    monkeypatch.setattr(houses, "_base_policies", lambda: everything)
    _, faults = await play_and_search(replace(MORE, after=(), writes_letters=True))
    shown = (
        "ShowCase",
        "ExportCase",
        "FetchPart",
        "ShowCase to a deputy",
        "ShowRelease",
        "ShowEmergency",
        "Download",
    )
    for words in (*(f"{one} shows" for one in shown), "is on paper", "keys open", "a search"):
        assert any(words in fault for fault in faults), words


async def test_sealing_to_every_desk_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Though the gate shows nothing of it: what the keys of a desk open is looked at for itself."""
    everything = frozenset(Sensitivity)

    def readings(_: Sealer, entry: EntryView, *_more: object) -> tuple[frozenset[Sensitivity], ...]:
        return tuple(CLEAR if one.desk == NODE_DESK else everything for one in entry.desks)

    monkeypatch.setattr(Sealer, "readings", readings)
    _, faults = await play_and_search(FULL)
    assert any("keys open" in fault for fault in faults)
    assert not any("shows" in fault for fault in faults)


async def test_a_store_in_clear_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A node that keeps what an officer hands in, for whatever reason."""
    kept = Sending.submit

    async def submit(self: Sending, officer: Any, drafts: Any) -> Any:
        answer = await kept(self, officer, drafts)
        event_ = AuditEvent(1, officer.label, "submit", drafts[0].SerializeToString().hex(), "kept", None)
        await self._store.write(lambda tx: tx.audit.append([event_]))
        return answer

    monkeypatch.setattr(Sending, "submit", submit)
    _, faults = await play_and_search(FULL)
    assert any("in clear in store.sqlite" in fault for fault in faults)
    assert any("ListAudit shows" in fault for fault in faults)
