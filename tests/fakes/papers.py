"""A case to be printed: a request with marks in five scripts, an acknowledgement, an answer, a letter and an enquiry.

Names and places are nobody's. All is really signed; `file` is what an auditor holds, `told` what a desk may print.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from fakes import messages as m
from fakes.casefiles import NOW, World
from tracepost.paper.told import Told, told_by_file
from tracepost.protocol.casefile import read_casefile, verify_casefile, write_casefile
from tracepost.protocol.statement import Restriction
from tracepost.wire.v1 import inquiry_pb2, trace_pb2, weapon_pb2

AT = NOW - 600
"""When the case begins, in unix seconds: within the days for which the papers of its world are good."""

MARKS = (
    ("MARK_ROLE_MANUFACTURER_SERIAL", "АЖ 48213", "SCRIPT_CYRILLIC", "MARK_LOCATION_RECEIVER"),
    ("MARK_ROLE_PROPERTY", "٣٤٧٥١ الجيش", "SCRIPT_ARABIC", "MARK_LOCATION_BARREL"),
    ("MARK_ROLE_MAKE", "国营二九六厂", "SCRIPT_HAN", "MARK_LOCATION_FRAME"),
    ("MARK_ROLE_IMPORT", "XAC 94", "SCRIPT_LATIN", "MARK_LOCATION_SLIDE"),
    ("MARK_ROLE_OTHER", "조선 216", "SCRIPT_HANGUL", "MARK_LOCATION_STOCK"),
)
HANDLING = ("HANDLING_INSTRUCTION_DO_NOT_CONTACT_OWNER", "HANDLING_INSTRUCTION_CALL_BEFORE_ACTING")
RESTRICTIONS = (
    Restriction("RESTRICTION_CODE_NO_ONWARD_RELEASE"),
    Restriction("RESTRICTION_CODE_NO_USE_IN_COURT", until="2031-12-31"),
)
SERIAL = "АЖ 48213"


@dataclass(frozen=True)
class Printable:
    """A case file, its trust list, and its statements in order."""

    data: bytes
    trust: bytes
    told: tuple[Told, ...]

    @property
    def request(self) -> Told:
        """The request of the case."""
        return self.told[0]


def item(number: str) -> weapon_pb2.Item:
    """Return a weapon with marks in many scripts."""
    marks = [
        weapon_pb2.Mark(
            role=role, text_as_seen=text, script=script, location=location, legibility="LEGIBILITY_CLEAR"
        )
        for role, text, script, location in MARKS
    ]
    thing = weapon_pb2.Object(
        category="CATEGORY_ASSAULT_RIFLE", make="Zastava", model="M70 AB2", calibre="7.62 x 39", mark=marks
    )
    thing.part.add(kind="PART_KIND_BOLT", make="Zastava")
    return weapon_pb2.Item(id=number, kind="ITEM_KIND_WEAPON", object=thing, custody="CUSTODY_HELD")


def request() -> trace_pb2.TraceRequest:
    """Return the request."""
    said = m.rich_request("T-2026/417", handling_instructions=HANDLING)
    del said.items[:]
    said.items.append(item("1"))
    said.reply_by, said.urgency = "2027-01-15", trace_pb2.Urgency.URGENCY_URGENT
    said.questions.extend([trace_pb2.Question.QUESTION_FIRST_RECIPIENT])
    said.ground_text = "Held without licence; found in a hidden store below a workshop."
    return said


def letter() -> inquiry_pb2.Letter:
    """Return a letter with a request."""
    to = inquiry_pb2.Correspondent(
        id="letter:xyz-office", name="Office of XYZ", country="XYZ", address="1 Quay\nXYZ"
    )
    return inquiry_pb2.Letter(
        correspondent=to,
        direction="LETTER_DIRECTION_OUTGOING",
        text="Please look in your ledgers.",
        request=request(),
    )


def enquiry() -> inquiry_pb2.Enquiry:
    """Return an enquiry to an archive."""
    to = inquiry_pb2.Custodian(id="paper:archive", name="Archive", address="2 Yard")
    forms = inquiry_pb2.MarkForms(
        item_id="1", text_as_seen=SERIAL, in_latin="AZH 48213", confusable=["АЖ 48Z13", "АЖ 4B213"]
    )
    return inquiry_pb2.Enquiry(
        step="ENQUIRY_STEP_ASKED",
        reference="E7",
        custodian=to,
        item_ids=["1"],
        items=[item("1")],
        mark_forms=[forms],
        questions=["QUESTION_FIRST_RECIPIENT"],
        due_on="2026-12-20",
        handling_instructions=HANDLING,
    )


@cache
def printable() -> Printable:
    """Return the case; made once, since nobody changes it."""
    world = World("xaa", "xab")
    asked = world.sign("xaa", ["xab"], request(), at=AT, restrictions=RESTRICTIONS)
    got = world.sign("xab", ["xaa"], m.acknowledgement(1), at=AT + 60, in_reply_to=asked)
    answers = [m.answer("1", reach="REACH_MAKER", stopped_because="STOPPED_BECAUSE_EXPORTED")]
    answered = world.sign(
        "xab", ["xaa"], m.response(*answers), at=AT + 120, in_reply_to=asked, exercise=False
    )
    wrote = world.sign("xaa", ["xaa"], letter(), at=AT + 180)
    enquired = world.sign("xaa", ["xaa"], enquiry(), at=AT + 240)
    filed = [
        world.file(one, *(world.post(one, to, at=AT + 300) for to in one.claims.aud if to != one.claims.iss))
        for one in (asked, got, answered, wrote, enquired)
    ]
    data = write_casefile(world.case(*filed))
    case = read_casefile(data)
    verify_casefile(case, world.trust, now=AT + 400)
    return Printable(data, world.trust_data, tuple(told_by_file(case)))
