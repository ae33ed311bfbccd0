"""What a node let through, printed: a case, a statement of it, a slip or a letter; and blank forms.

view = await client.print_case(case)
printout = print_case(view, "fr", await fetch_photographs(client, case, view.statements))
printout = print_paper(await client.print_paper(statement), "ar")
"""

from __future__ import annotations

from collections.abc import Iterable

from tracepost.paper.drawing import Head, case_sheet, head_of, letter_sheet, slip_sheet, statement_sheet
from tracepost.paper.forms import Blanks, blank_form
from tracepost.paper.pictures import Album
from tracepost.paper.setting import Printout, set_sheet
from tracepost.paper.told import told_by_view
from tracepost.paper.words import Words
from tracepost.protocol.errors import NotFoundError
from tracepost.wire.v1 import desk_pb2, inquiry_pb2, terms_pb2


def print_case(
    view: desk_pb2.CaseView, language: str, photographs: Iterable[bytes] = (), *, alone: bool = False
) -> Printout:
    """Return a case as PDF.

    Args:
        view: what the node let through for paper.
        language: of the reader.
        photographs: what the node gave out of those that the statements name, each as it was sent.
        alone: its one statement as a document of its own.

    Raises:
        NotFoundError: the desk may print nothing of it.
        ConfigurationError, LimitError: as `set_sheet`.
    """
    words, summary = Words(language), view.summary
    told = [told_by_view(one, summary.thread) for one in view.statements]
    if not told:
        raise NotFoundError(
            "this desk may print nothing of the case", where="case", reason="nothing-to-print"
        )
    handling = tuple(terms_pb2.HandlingInstruction.Name(one) for one in summary.handling)
    head = Head("", summary.our_file_number, handling)
    album = Album(photographs)
    sheet = statement_sheet(words, told[0], head, album) if alone else case_sheet(words, told, head, album)
    return set_sheet(sheet, words)


def print_paper(printed: desk_pb2.PrintedPaper, language: str, photographs: Iterable[bytes] = ()) -> Printout:
    """Return a slip or letter as PDF, with what may stand on it for who gets it; raise as `set_sheet`.

    Of the photographs those alone are shown that stand among what he may read.
    """
    words = Words(language)
    told = told_by_view(printed.paper, printed.thread)
    is_slip = isinstance(_message(printed), inquiry_pb2.Enquiry)
    draw = slip_sheet if is_slip else letter_sheet
    return set_sheet(draw(words, told, head_of(printed), Album(photographs)), words)


def _message(printed: desk_pb2.PrintedPaper) -> object:
    content = printed.paper.content
    return content.enquiry if content.HasField("enquiry") else content.letter


def print_form(which: str, language: str) -> Printout:
    """Return a blank form as PDF; raise as `set_sheet`."""
    words = Words(language)
    return set_sheet(blank_form(words, Blanks(which)), words)
