"""Who consented learns, from what others say and show, that more was passed on than he consented to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import Message

from fakes import messages as m
from fakes.adversary import Forger, exhibit_of
from fakes.house import NO_CONTEXT, House, Street, draft, open_street
from tracepost.node.gate import Action
from tracepost.node.handlers.sealed.opening import load_sealed
from tracepost.protocol.ids import ThreadId, parse_digest
from tracepost.protocol.schema import Sensitivity
from tracepost.protocol.statement import Restriction, Statement
from tracepost.wire.v1 import desk_pb2, onward_pb2, post_pb2, share_pb2, terms_pb2

BOUND = Restriction("RESTRICTION_CODE_NO_ONWARD_RELEASE")
USE = "PURPOSE_CRIMINAL_INVESTIGATION"
GRANTED: dict[str, Any] = {"field_paths": ["items.0.object"], "purpose": USE, "until": "2029-01-01"}
MAKE, GROUND = "items.0.object.make", "ground_text"


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    async with open_street(tmp_path, "xaa", "xab", "xac", "xad") as street:
        yield street


async def ask(street: Street) -> desk_pb2.Submission:
    """XAA asks XAB, and lets nobody else see it without its consent."""
    bound = [terms_pb2.Restriction(code=BOUND.code)]
    [asked] = await street["xaa"].submit(
        draft(m.request("T-1", ground_text="why"), to=["xab"], restrictions=bound)
    )
    await street.carry()
    return asked


async def consent(street: Street, asked: desk_pb2.Submission, **more: Any) -> str:
    """XAA consents that XAB shows XAC something; return the digest."""
    said = draft(m.consent("xac", **(GRANTED | more)), to=["xab"], case=asked.thread)
    [sent] = await street["xaa"].submit(said)
    assert not sent.HasField("problem"), sent.problem
    await street.carry()
    return sent.statement


async def told(street: Street, case: str, sender: str) -> post_pb2.Problem:
    """Return what XAA's officer is told about the last thing that `sender` wrote in a case."""
    shown = desk_pb2.ShowCaseRequest(case=case, desk="poc")
    view = await street["xaa"].as_officer("poc").ShowCase(shown, NO_CONTEXT)
    return next(one.problem for one in reversed(view.statements) if one.from_member == sender)


async def post(street: Street, sender: str, content: Message, **claims: Any) -> Statement:
    forger = Forger(street[sender], street["xaa"])
    signed = forger.sign(content, **claims)
    await street.deliver(street[sender], [await forger.post(forger.pack(signed))], "xaa")
    return signed


async def notice(street: Street, asked: desk_pb2.Submission, *consents: str, **more: Any) -> post_pb2.Problem:
    """XAB tells XAA what it passed on, and XAA looks."""
    claims = {"purpose": more.pop("purpose", USE)}
    release: dict[str, Any] = {
        "statement_digest": asked.statement,
        "to_members": ["xac"],
        "carrier_digest": "A" * 43,
        "consent_digests": consents,
        "field_paths": ["items.0.id", MAKE],
        "released_on": "2026-11-22",
    }
    content = share_pb2.ReleaseNotice(reason="NOTICE_REASON_ONWARD_RELEASE", releases=[release | more])
    await post(street, "xab", content, thread=ThreadId(asked.thread), **claims)
    return await told(street, asked.thread, "xab")


async def test_what_was_consented_to_is_no_problem(street: Street) -> None:
    """Neither as an honest node tells it, nor as any other."""
    asked = await ask(street)
    granted = await consent(street, asked)
    said = draft(
        share_pb2.Share(reason="SHARE_REASON_CASE"),
        to=["xac"],
        case=asked.thread,
        desk="police",
        shared=[onward_pb2.ShareChoice(statement=asked.statement)],
    )
    [sent] = await street["xab"].submit(said)
    assert not sent.HasField("problem"), sent.problem
    await street.carry()
    assert not (await told(street, asked.thread, "xab")).code
    assert not (await notice(street, asked, granted)).code


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"field_paths": [MAKE, GROUND]}, "other fields"),
        ({"to_members": ["xac", "xad"]}, "no consent of yours for that member"),
        ({"purpose": "PURPOSE_LICENSING"}, "another use"),
    ],
    ids=["fields", "receiver", "purpose"],
)
async def test_a_notice_that_tells_of_more_is_told_as_such(
    street: Street, more: dict[str, Any], words: str
) -> None:
    asked = await ask(street)
    problem = await notice(street, asked, await consent(street, asked), **more)
    assert (problem.reason, problem.where) == ("beyond-consent", asked.statement)
    assert words in problem.words
    assert problem.words.startswith("xab passed on to ")


async def test_a_notice_without_any_consent_is_told_where_one_was_needed(street: Street) -> None:
    asked = await ask(street)
    assert (await notice(street, asked)).reason == "beyond-consent"
    [free] = await street["xaa"].submit(draft(m.request("T-2"), to=["xab"]))
    await street.carry()
    assert not (await notice(street, free)).code


async def test_a_consent_that_was_taken_back_before_is_none(street: Street) -> None:
    asked = await ask(street)
    granted = await consent(street, asked)
    await consent(street, asked, step="REVOKED")
    assert (await notice(street, asked, granted)).reason == "beyond-consent"


async def test_what_others_show_of_what_was_shown_to_them_is_compared_too(street: Street) -> None:
    """XAC passes back to XAA what XAB passed to it, by a consent that is for another member and use."""
    asked = await ask(street)
    granted = await consent(street, asked)

    for purpose, reason in ((USE, ""), ("PURPOSE_LICENSING", "beyond-consent")):
        inmost = shown_by(await held(street, asked), street["xaa"])
        inmost.consent_digest = granted
        first = Forger(street["xab"], street["xac"]).sign(share_of(inmost), purpose=purpose)
        outer = await post(street, "xac", share_of(shown_by(first, street["xab"])))
        assert (await told(street, outer.claims.thread, "xac")).reason == reason


def share_of(exhibit: share_pb2.Exhibit) -> share_pb2.Share:
    return share_pb2.Share(reason="SHARE_REASON_CASE", exhibits=[exhibit])


def shown_by(signed: Statement, author: House) -> share_pb2.Exhibit:
    """Return what is shown of a statement to the daemon's desk: all that is in clear."""
    exhibit = exhibit_of(signed, author)
    public = (one.encoded for one in signed.disclosures if one.sensitivity is Sensitivity.PUBLIC)
    exhibit.public_disclosures.extend(public)
    return exhibit


async def held(street: Street, asked: desk_pb2.Submission) -> Statement:
    """Return XAA's request as its own police desk opens it."""
    house = street["xaa"]
    desk = next(one for one in house.office.desks if one.desk == "police")
    [sealed] = await house.store.read(
        lambda tx: load_sealed(
            tx, list(tx.statements.find([parse_digest(asked.statement)]).values()), desk.desk
        )
    )
    return house.opener.open(sealed, desk, Action.OPEN).statement
