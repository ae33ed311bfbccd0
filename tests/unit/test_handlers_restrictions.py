"""Restrictions (ITI 15) hold when a statement is read, exported, searched and passed on, and say what to do."""

from __future__ import annotations

import io
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from fakes import messages as m
from fakes.house import NO_CONTEXT, POC, POLICE, House, Street, draft, open_street
from fakes.pki import DAY
from tracepost.node.handlers.case.casebook import instant
from tracepost.protocol.errors import PermissionError_
from tracepost.protocol.ids import decode_b64
from tracepost.sdk.exhibits import read_exhibit
from tracepost.wire.v1 import desk_pb2, share_pb2, terms_pb2, trace_pb2, weapon_pb2

PURPOSE = "PURPOSE_LICENSING"


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    """Three states that know one another."""
    states = ("xaa", "xab", "xac")
    async with open_street(tmp_path, *states, desks=dict.fromkeys(states, (POC, POLICE))) as street:
        yield street


def restricted(code: str, until: str | None = None, *paths: str) -> terms_pb2.Restriction:
    return terms_pb2.Restriction(code=f"RESTRICTION_CODE_{code}", until=until, field_paths=paths)


def day(street: Street, days: int) -> str:
    return instant(street["xab"].clock() + days * DAY)[:10]


async def ask(street: Street, *restrictions: terms_pb2.Restriction) -> desk_pb2.Submission:
    content = m.request("T-1", ground_text="the ground")
    [sent] = await street["xaa"].submit(draft(content, to=["xab"], restrictions=restrictions))
    await street.carry()
    return sent


async def share(street: Street, asked: desk_pb2.Submission, **more: Any) -> desk_pb2.Submission:
    content = m.share(asked.statement)
    [sent] = await street["xab"].submit(draft(content, to=["xac"], case=asked.thread, desk="police", **more))
    return sent


async def show(house: House) -> desk_pb2.StatementView:
    asked = desk_pb2.ShowCaseRequest(case="T-1")
    return (await house.as_officer("police").ShowCase(asked, NO_CONTEXT)).statements[0]


async def export(house: House, **more: Any) -> int:
    """Return how many files come out."""
    asked = desk_pb2.ExportCaseRequest(case="T-1", format="EXPORT_FORMAT_SD_JWT", **more)
    data = b"".join([c.data async for c in house.as_officer("police").ExportCase(asked, NO_CONTEXT)])
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return len(tar.getnames())


class TestKeeping:
    """DELETE_AFTER: from the day after, nobody looks at it but who wrote it."""

    async def test_until_its_last_day_it_is_read(self, street: Street) -> None:
        await ask(street, restricted("DELETE_AFTER", day(street, 0)))
        assert (await show(street["xab"])).content.trace_request.ground_text

    async def test_after_its_last_day_nothing_of_it_is_shown(self, street: Street) -> None:
        await ask(street, restricted("DELETE_AFTER", day(street, 0)))
        street["xab"].clock.now += DAY
        shown = await show(street["xab"])
        assert (shown.problem.reason, shown.HasField("content")) == ("keeping-ended", True)
        assert not shown.content.trace_request.ListFields()
        assert "Delete it" in shown.problem.remedy

    async def test_who_wrote_it_reads_it_still(self, street: Street) -> None:
        await ask(street, restricted("DELETE_AFTER", day(street, 0)))
        street["xaa"].clock.now += DAY
        assert (await show(street["xaa"])).content.trace_request.ground_text

    async def test_it_is_not_exported_or_passed_on(self, street: Street) -> None:
        asked = await ask(street, restricted("DELETE_AFTER", day(street, 0)))
        assert await export(street["xab"]) == 3
        street["xab"].clock.now += DAY
        assert await export(street["xab"]) == 0
        assert (await share(street, asked)).problem.reason == "keeping-ended"

    async def test_a_day_that_is_over_and_no_day_are_refused_at_once(self, street: Street) -> None:
        for one, reason in (
            (restricted("DELETE_AFTER", day(street, -1)), "day-over"),
            (restricted("DELETE_AFTER"), "no-day"),
        ):
            assert (await ask(street, one)).problem.reason == reason


class TestPurpose:
    """ITI 15(b): for the purpose alone for which it was given."""

    async def test_it_is_exported_for_its_own_purpose_and_for_no_other(self, street: Street) -> None:
        await ask(street, restricted("PURPOSE_LIMITED"))
        assert await export(street["xab"])
        assert await export(street["xab"], purpose="PURPOSE_CRIMINAL_INVESTIGATION")
        with pytest.raises(PermissionError_) as refused:
            await export(street["xab"], purpose=PURPOSE)
        assert refused.value.reason == "purpose-limited"
        assert await export(street["xaa"], purpose=PURPOSE), "who wrote it may"

    async def test_it_is_passed_on_for_its_own_purpose_and_for_no_other(self, street: Street) -> None:
        asked = await ask(street, restricted("PURPOSE_LIMITED"))
        refused = await share(street, asked, purpose=PURPOSE)
        assert (refused.problem.code, refused.problem.reason) == ("not-allowed", "purpose-limited")
        assert not (await share(street, asked)).HasField("problem")

    async def test_a_consent_for_the_other_purpose_lifts_it(self, street: Street) -> None:
        asked = await ask(street, restricted("PURPOSE_LIMITED"))
        consent = m.consent("xac", purpose=PURPOSE)
        await street["xaa"].submit(draft(consent, to=["xab"], case=asked.thread))
        await street.carry()
        assert not (await share(street, asked, purpose=PURPOSE)).HasField("problem")

    async def test_a_restriction_that_has_ended_binds_no_more(self, street: Street) -> None:
        await ask(street, restricted("PURPOSE_LIMITED", day(street, 0)))
        street["xab"].clock.now += DAY
        assert await export(street["xab"], purpose=PURPOSE)

    async def test_court_is_told_before(self, street: Street) -> None:
        await ask(street, restricted("NO_USE_IN_COURT"))
        assert await export(street["xab"])
        with pytest.raises(PermissionError_) as refused:
            await export(street["xab"], purpose="PURPOSE_PROSECUTION")
        assert refused.value.reason == "no-use-in-court"


class TestEnclosed:
    """What is enclosed keeps its own restrictions, whoever passes it on."""

    async def test_an_exhibit_is_shown_until_its_own_last_day(self, street: Street) -> None:
        asked = await ask(street, restricted("DELETE_AFTER", day(street, 0)))
        shared = await share(street, asked)
        await street.carry()
        house = street["xac"]
        wanted = desk_pb2.ShowCaseRequest(case=shared.thread)
        [before] = (await house.as_officer("police").ShowCase(wanted, NO_CONTEXT)).statements
        assert before.content.share.exhibits[0].object_disclosures
        house.clock.now += DAY
        [after] = (await house.as_officer("police").ShowCase(wanted, NO_CONTEXT)).statements
        assert not after.content.share.exhibits
        assert after.content.share.reason, "the cover is no part of it"
        assert after.problem.reason == "keeping-ended"


MARKS, MAKE = "items.0.object.mark", "items.0.object.make"


async def shared(street: Street, one: desk_pb2.Submission) -> share_pb2.Exhibit:
    """Return what the third state is shown."""
    assert not one.HasField("problem"), one.problem
    await street.carry()
    asked = desk_pb2.ShowCaseRequest(case=one.thread)
    house = street["xac"].as_officer("police")
    statement = (await house.ShowCase(asked, NO_CONTEXT)).statements[-1]
    return statement.content.share.exhibits[0]


def shown_object(exhibit: share_pb2.Exhibit) -> weapon_pb2.Object:
    message = read_exhibit(exhibit).message
    assert isinstance(message, trace_pb2.TraceRequest)
    return message.items[0].object


async def exported_object(house: House, **more: Any) -> str:
    """Return what the request in an export discloses, as text."""
    asked = desk_pb2.ExportCaseRequest(case="T-1", format="EXPORT_FORMAT_SD_JWT", **more)
    data = b"".join([c.data async for c in house.as_officer("police").ExportCase(asked, NO_CONTEXT)])
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        [name] = [one for one in tar.getnames() if one.endswith(".sd-jwt")]
        compact = tar.extractfile(name)
        assert compact is not None
        disclosures = compact.read().decode().split("~")[1:-1]
    return " ".join(decode_b64(one, "").decode() for one in disclosures)


class TestSomeFields:
    """A restriction that names fields binds these, with all below them, and no others."""

    async def test_it_is_told_with_its_fields_to_whom_it_binds(self, street: Street) -> None:
        await ask(street, restricted("NO_ONWARD_RELEASE", None, MARKS, MAKE))
        [told] = (await show(street["xab"])).restrictions
        assert list(told.field_paths) == [MAKE, MARKS], "in the order in which they are signed"

    async def test_from_the_day_after_these_fields_alone_are_shown_to_nobody(self, street: Street) -> None:
        await ask(street, restricted("DELETE_AFTER", day(street, 0), MARKS))
        before = (await show(street["xab"])).content.trace_request
        street["xab"].clock.now += DAY
        street["xaa"].clock.now += DAY
        shown = await show(street["xab"])
        after = shown.content.trace_request
        assert before.items[0].object.mark
        assert not after.items[0].object.mark
        assert after.ground_text
        assert after.items[0].object.make
        assert shown.problem.reason == "keeping-ended"
        assert (await show(street["xaa"])).content.trace_request.items[0].object.mark, "who wrote it"
        assert await street["xab"].rooms.deleting.delete_overdue() == 0
        assert (await show(street["xab"])).content.trace_request.ground_text, "it is not destroyed"

    async def test_an_export_for_another_purpose_goes_without_them(self, street: Street) -> None:
        await ask(street, restricted("PURPOSE_LIMITED", None, MARKS))
        assert MARKS in await exported_object(street["xab"])
        for_another = await exported_object(street["xab"], purpose=PURPOSE)
        assert MARKS not in for_another
        assert MAKE in for_another

    async def test_it_goes_on_without_them_and_with_them_by_consent(self, street: Street) -> None:
        asked = await ask(street, restricted("NO_ONWARD_RELEASE", None, MARKS))
        without = shown_object(await shared(street, await share(street, asked)))
        assert (without.make, list(without.mark)) == ("Zastava", [])
        await street["xaa"].submit(draft(m.consent("xac"), to=["xab"], case=asked.thread))
        await street.carry()
        assert shown_object(await shared(street, await share(street, asked))).mark

    async def test_a_field_that_the_message_does_not_have_is_bound_by_nothing(self, street: Street) -> None:
        sent = await ask(street, restricted("NO_PUBLICATION", None, "items.7.object"))
        assert (sent.problem.where, sent.problem.reason) == ("restrictions", "unknown-field")
