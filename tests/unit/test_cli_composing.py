"""Which finding `--compose` means: by its digest, or by the number of the enquiry that it answers."""

from __future__ import annotations

import pytest

from tracepost.cli.commands.trace.composing import composed_of, is_called
from tracepost.protocol.errors import InvalidInputError
from tracepost.sdk import Client
from tracepost.wire.v1 import desk_pb2, inquiry_pb2, trace_pb2

ASKED, OLDER, NEWER, OTHER = "asked-of-army", "older-finding", "newer-finding", "other-finding"


class OneCase(Client):
    """A client of an officer with one case: an enquiry that was answered in two parts, and another one."""

    def __init__(self) -> None:
        """Talk to no node."""

    async def show_case(self, case: str) -> desk_pb2.CaseView:
        view = desk_pb2.CaseView()
        view.summary.enquiries.add(enquiry=ASKED, reference="01a202e6/E1")
        view.summary.enquiries.add(enquiry="asked-of-dealer", reference="01a202e6/E11")
        for digest, enquiry in ((OLDER, ASKED), (OTHER, "asked-of-dealer"), (NEWER, ASKED)):
            statement = view.statements.add(statement=digest)
            statement.content.finding.enquiry_digest = enquiry
            statement.content.finding.answers.add(item_id="1")
        return view


@pytest.mark.parametrize(
    ("text", "meant"),
    [("E1", NEWER), ("01a202e6/E1", NEWER), ("E11", OTHER), ("older", OLDER), ("other-finding", OTHER)],
)
async def test_a_finding_is_named_by_digest_or_by_its_enquiry(text: str, meant: str) -> None:
    (one,) = await composed_of(OneCase(), "case", trace_pb2.Response(), [text])
    assert (one.finding, one.from_path, one.to_path) == (meant, "answers.0", "answers.0")


async def test_the_number_of_an_enquiry_goes_with_paths_too() -> None:
    (one,) = await composed_of(
        OneCase(), "case", trace_pb2.Response(), ["E1:answers.0.persons=answers.2.persons"]
    )
    assert (one.finding, one.to_path) == (NEWER, "answers.2.persons")


async def test_what_names_no_finding_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        await composed_of(OneCase(), "case", trace_pb2.Response(), ["E2"])


def test_the_number_of_an_enquiry_is_not_its_beginning() -> None:
    asked = inquiry_pb2.EnquirySummary(reference="01a202e6/E11")
    assert is_called(asked, "E11")
    assert not is_called(asked, "E1")
