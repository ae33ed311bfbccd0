"""The rules of what is told unasked: one row per refusal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from google.protobuf.message import Message

from fakes import messages as m
from fakes import notices as n
from fakes.threads import Case
from tracepost.node.handlers.rules import RULES
from tracepost.node.handlers.rules.rule import Saying
from tracepost.protocol import schema
from tracepost.protocol.errors import InvalidMessageError
from tracepost.protocol.ids import MemberId, encode_b64
from tracepost.wire.v1 import terms_pb2

DIGEST = "A" * 43
TODAY = "2026-06-30"


def nothing() -> Case:
    return Case("xaa")


def asking() -> Case:
    """XAA asked XAB; XAA looks."""
    case = Case("xaa")
    case.say("xaa", ["xab"], m.request("T-1", "1"))
    return case


def told() -> Case:
    """XAA told XAB of a diversion; XAB looks."""
    case = Case("xab")
    case.say("xaa", ["xab"], n.diversion())
    return case


def say(message: Message, case: Case, *to: str) -> None:
    saying = Saying(
        message,
        case.thread(),
        [MemberId(one) for one in to],
        terms_pb2.LEGAL_BASIS_ITI,
        TODAY,
        "PURPOSE_LICENSING",
    )
    RULES[schema.kind_of(message)](saying)


# ── what is allowed ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("message", "case"),
    [
        (n.diversion(), nothing),
        (n.diversion(), asking),
        (n.delivery(), nothing),
        (n.mandate("xab"), nothing),
        (n.flow(), nothing),
        (n.flow(reply_by="2026-09-01", actions_asked=["FLOW_ACTION_CHECK_RECORDS"]), asking),
        (n.ballistic(), nothing),
        (n.ballistic(about="BALLISTIC_PURPOSE_COMPARISON_ASKED", reply_by="2026-09-01"), nothing),
        (n.ballistic(about="BALLISTIC_PURPOSE_HIT", hit=n.hit()), nothing),
        (n.marking(), nothing),
        (n.statistics(), nothing),
        (n.need(), nothing),
        (n.offer(valid_until="2026-06-30"), nothing),
        (m.closure(), told),
        (m.acknowledgement(0), told),
        (m.clarification(), told),
    ],
    ids=lambda value: value.DESCRIPTOR.name if isinstance(value, Message) else value.__name__,
)
def test_it_is_said_where_it_makes_sense(message: Message, case: Callable[[], Case]) -> None:
    schema.validate(message)
    say(message, case(), "xab" if case().us != "xab" else "xaa")


def test_a_diversion_names_a_statement_of_the_case_that_it_comes_from() -> None:
    case = asking()
    answer = case.say("xab", ["xaa"], m.response())
    say(n.diversion(established_by_digest=encode_b64(answer.digest)), case, "xab")


def test_a_mandate_is_ended_by_its_author_for_the_operation_that_has_it() -> None:
    case = nothing()
    given = case.say("xaa", ["xab"], n.mandate("xab"))
    say(n.mandate_ended(encode_b64(given.digest), "xab"), case, "xab", "xac")
    for digest, operation in ((given.digest, "xac"), (case.say("xaa", ["xab"], m.status()).digest, "xab")):
        with pytest.raises(InvalidMessageError) as caught:
            say(n.mandate_ended(encode_b64(digest), operation), case, operation)
        assert caught.value.reason == "not-ours"


def test_an_offer_answers_a_need_and_a_need_is_met_by_its_author() -> None:
    case = nothing()
    need = case.say("xab", ["xaa"], n.need())
    say(n.offer(need_digest=encode_b64(need.digest)), case, "xab")
    with pytest.raises(InvalidMessageError):
        say(n.need(status="NEED_STATUS_MET", replaces_digest=encode_b64(need.digest)), case, "xab")
    own = case.say("xaa", ["xab"], n.need())
    say(n.need(status="NEED_STATUS_MET", replaces_digest=encode_b64(own.digest)), case, "xab")


def test_a_notice_goes_to_somebody() -> None:
    with pytest.raises(InvalidMessageError) as caught:
        say(n.diversion(), nothing())
    assert (caught.value.where, caught.value.reason) == ("to", "no-addressee")


def test_where_something_was_asked_only_who_asked_closes() -> None:
    case = Case("xab")
    case.say("xaa", ["xab"], m.request("T-1", "1"))
    case.say("xaa", ["xab"], n.diversion())
    with pytest.raises(InvalidMessageError) as caught:
        say(m.closure(), case, "xaa")
    assert caught.value.reason == "not-our-request"


# ── what is refused ──────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Refused:
    rule: str
    message: Any
    where: str
    reason: str
    case: Callable[[], Case] = nothing

    def __str__(self) -> str:
        return self.rule.replace(" ", "-")


REFUSALS = [
    Refused(
        "a lot says by what it is found",
        n.diversion(n.lot(make="", model="")),
        "lots.0",
        "nothing-to-find",
    ),
    Refused(
        "a diversion is of lots of the notice",
        n.diversion(diversions=[{"lot_ids": ["9"], "point": {"cause": "DIVERSION_CAUSE_LOSS"}}]),
        "diversions.0.lot_ids",
        "unknown-lot",
    ),
    Refused(
        "nothing is illicit before it was last lawful",
        n.diversion(
            diversions=[
                {
                    "point": {"cause": "DIVERSION_CAUSE_LOSS"},
                    "lawful_until": "2020-05",
                    "illicit_since": "2019",
                }
            ]
        ),
        "diversions.0.illicit_since",
        "dates-crossed",
    ),
    Refused(
        "whose delivery is to be verified",
        n.diversion(recommended_checks=["RECOMMENDED_CHECK_DELIVERY_VERIFICATION"]),
        "authorised_recipients",
        "no-recipient",
    ),
    Refused(
        "papers are of a recipient that is named",
        n.diversion(deliveries=[{"recipient_index": 0, "exporter": "X"}]),
        "deliveries.0.recipient_index",
        "unknown-recipient",
    ),
    Refused(
        "another check is told in words",
        n.diversion(recommended_checks=["RECOMMENDED_CHECK_OTHER"]),
        "summary",
        "which-check",
    ),
    Refused(
        "what established it is of this case",
        n.diversion(established_by_digest=DIGEST),
        "established_by_digest",
        "unknown-statement",
        asking,
    ),
    Refused(
        "a consignee receives lots of the notice",
        n.delivery(
            consignees=[{"kind": "HOLDER_KIND_POLICE", "country": "XAD", "body": "Police", "lot_ids": ["9"]}]
        ),
        "consignees.0.lot_ids",
        "unknown-lot",
    ),
    Refused(
        "papers are of lots of the notice",
        n.delivery(papers=[{"lot_ids": ["9"], "exporter": "X"}]),
        "papers.0.lot_ids",
        "unknown-lot",
    ),
    Refused(
        "a storage is of a consignee",
        n.delivery(storages=[{"consignee_index": 4, "place": "depot"}]),
        "storages.0.consignee_index",
        "unknown-consignee",
    ),
    Refused(
        "nothing is approved before it was notified",
        n.delivery(notified_on="2026-02-01", approved_on="2026-01-01"),
        "approved_on",
        "dates-crossed",
    ),
    Refused(
        "what is planned was not received",
        n.delivery(
            consignees=[
                {"kind": "HOLDER_KIND_POLICE", "country": "XAD", "body": "Police", "received_on": "2026-01"}
            ]
        ),
        "consignees.0.received_on",
        "not-delivered",
    ),
    Refused(
        "what was received was received in the past",
        n.delivery(
            stage="DELIVERY_STAGE_DELIVERED",
            consignees=[
                {
                    "kind": "HOLDER_KIND_POLICE",
                    "country": "XAD",
                    "body": "Police",
                    "received_on": "2027-01-01",
                }
            ],
        ),
        "consignees.0.received_on",
        "in-the-future",
    ),
    Refused(
        "only our own notice is replaced",
        n.delivery(replaces_digest=DIGEST),
        "replaces_digest",
        "not-ours",
    ),
    Refused("a period ends after it begins", n.flow(period_to="2024"), "period_to", "dates-crossed"),
    Refused("it is about the past", n.flow(period_from="2026-07-01"), "period_from", "in-the-future"),
    Refused(
        "the most is not fewer",
        n.flow(quantity_from=9, quantity_to=3),
        "quantity_to",
        "fewer-than-least",
    ),
    Refused("something is told", n.flow(area=None), "method", "nothing-told"),
    Refused("a day goes with a question", n.flow(reply_by="2026-09-01"), "actions_asked", "asks-nothing"),
    Refused(
        "persons by an unknown source need a reason",
        n.flow(source_grade="SOURCE_GRADE_X", actors=[{"role": "FLOW_ROLE_BROKER", "name": "N"}]),
        "reliability",
        "persons-unreasoned",
    ),
    Refused("a hit is told", n.ballistic(about="BALLISTIC_PURPOSE_HIT"), "hit", "hit-and-purpose"),
    Refused("no hit has none", n.ballistic(hit=n.hit()), "hit", "hit-and-purpose"),
    Refused(
        "a hit was confirmed",
        n.ballistic(about="BALLISTIC_PURPOSE_HIT", hit=n.hit("2026-07-01")),
        "hit.confirmed_on",
        "in-the-future",
    ),
    Refused(
        "another system is named",
        n.ballistic(system="BALLISTIC_SYSTEM_OTHER"),
        "references.0.system_other",
        "which-system",
    ),
    Refused("a reference asks nothing", n.ballistic(reply_by="2026-09-01"), "reply_by", "asks-nothing"),
    Refused(
        "a practice ends after it begins", n.marking(valid_until="2009-01-01"), "valid_until", "dates-crossed"
    ),
    Refused(
        "a mark looks like something",
        n.marking(agency_marks=[{"role": "MARK_ROLE_PROPERTY", "used_by": "Police"}]),
        "agency_marks.0",
        "looks-like-nothing",
    ),
    Refused(
        "the last year is not before the first",
        n.marking(
            manufacture_marks=[
                {"role": "MARK_ROLE_MAKE", "text": "Z", "from_year": "1999", "to_year": "1998"}
            ]
        ),
        "manufacture_marks.0.to_year",
        "dates-crossed",
    ),
    Refused(
        "an import mark is one",
        n.marking(import_mark={"role": "MARK_ROLE_PROOF", "text": "X"}),
        "import_mark.role",
        "other-role",
    ),
    Refused(
        "letters for years are told", n.marking(year_format="YEAR_FORMAT_CODE"), "year_code", "which-code"
    ),
    Refused(
        "only our own practice is replaced", n.marking(replaces_digest=DIGEST), "replaces_digest", "not-ours"
    ),
    Refused(
        "a period of figures ends after it begins",
        n.statistics(period_to="2024-01-01"),
        "period_to",
        "dates-crossed",
    ),
    Refused("a period of figures is over", n.statistics(period_to=TODAY), "period_to", "not-over"),
    Refused("figures say something", n.statistics(found=[]), "found", "nothing-counted"),
    Refused(
        "a small number is suppressed",
        n.statistics(found=[{"kind": "ITEM_KIND_WEAPON", "items": 4}]),
        "found.0.items",
        "cell-too-small",
    ),
    Refused(
        "only our own figures are replaced",
        n.statistics(replaces_digest=DIGEST),
        "replaces_digest",
        "not-ours",
    ),
    Refused("money has a currency", n.need(budget=5), "currency", "which-currency"),
    Refused("who ends a need says which", n.need(status="NEED_STATUS_MET"), "replaces_digest", "ends-what"),
    Refused("only our own need is replaced", n.need(replaces_digest=DIGEST), "replaces_digest", "not-ours"),
    Refused("an open offer is not over", n.offer(valid_until="2026-06-29"), "valid_until", "over-already"),
    Refused("an offer answers a need of this case", n.offer(need_digest=DIGEST), "need_digest", "no-need"),
    Refused("the operation is told", n.mandate("xad"), "operation", "operation-not-told"),
    Refused("a mandate has acts", n.mandate("xab", acts=[]), "acts", "no-limit"),
    Refused("a mandate has purposes", n.mandate("xab", purposes=[]), "purposes", "no-limit"),
    Refused("a mandate begins", n.mandate("xab", valid_from=None), "valid_from", "no-limit"),
    Refused("a mandate ends", n.mandate("xab", valid_until=None), "valid_until", "no-limit"),
    Refused(
        "a mandate is not over when it is given",
        n.mandate("xab", valid_until="2026-06-29"),
        "valid_until",
        "over-already",
    ),
    Refused(
        "a mandate ends after it begins",
        n.mandate("xab", valid_from="2027-02-01", valid_until="2027-01-31"),
        "valid_until",
        "over-already",
    ),
    Refused("it is given or ended", n.mandate("xab", ends_digest=DIGEST), "ends_digest", "both"),
    Refused("only our own is ended", n.mandate_ended(DIGEST, "xab"), "ends_digest", "not-ours"),
    Refused(
        "who cancels says what",
        n.delivery(stage="DELIVERY_STAGE_CANCELLED"),
        "replaces_digest",
        "cancels-what",
    ),
]


@pytest.mark.parametrize("refused", REFUSALS, ids=str)
def test_it_is_refused_with_the_place(refused: Refused) -> None:
    with pytest.raises(InvalidMessageError) as caught:
        say(refused.message, refused.case(), "xab")
    assert (caught.value.where, caught.value.reason) == (refused.where, refused.reason)


def test_a_notice_to_a_group_is_everybodys_in_it_to_reply_to() -> None:
    """What came first opens the case; what came later brings nobody in."""
    case = Case("xab")
    case.say("xaa", ["xab", "xac"], n.diversion())
    case.say("xac", ["xab", "xad"], m.clarification())
    thread = case.thread()
    assert [member for member in ("xaa", "xac", "xad") if thread.admits(MemberId(member))] == ["xaa", "xac"]
