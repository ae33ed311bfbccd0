"""What became of a printout that was compared with a case file, for a person and for a machine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from tracepost.cli.words import WORDS, _, coded, plural
from tracepost.paper.checking import CheckedPage, CheckedPrintout, FoundDocument
from tracepost.paper.codes import Line, write_groups
from tracepost.paper.pen import words_of
from tracepost.paper.saying import name_of
from tracepost.paper.words import Words
from tracepost.protocol.ids import encode_b64


def our_words() -> Words:
    """Return the words of this program's language for what stands on paper."""
    return Words(WORDS.language.tag)


def printout_json(checked: CheckedPrintout) -> dict[str, Any]:
    """Return what became of a printout, for a machine."""
    return {
        "refused": checked.is_refused,
        "missing_pages": list(checked.missing),
        "several_documents": checked.several,
        "pages": [_page_json(one) for one in checked.pages],
    }


def _page_json(page: CheckedPage) -> dict[str, Any]:
    code = page.leaf.code
    told = {"place": page.leaf.number, "verdict": page.verdict.value}
    if code is None:
        return told
    return {
        **told,
        "page": code.page,
        "of": code.pages,
        "case": code.thread,
        "page_code": write_groups(code.digest),
        "document": write_groups(code.document),
        "shows": [_line_json(one) for one in page.lines],
        "differing": [_line_json(one) for one in page.differing],
    }


def _line_json(line: Line) -> dict[str, Any]:
    return {"statement": encode_b64(line.told.digest), "path": line.field.path, "value": line.field.value}


def printout_sheet(checked: CheckedPrintout) -> RenderableType:
    """Return what became of each page, and what must stand on it."""
    lines: list[RenderableType] = []
    for page in checked.pages:
        lines.extend(_page(page))
    if checked.missing:
        numbers = ", ".join(map(str, checked.missing))
        lines.append(Text(f"{_('pages that are not here')}: {numbers}", style="yellow"))
    if checked.several:
        lines.append(Text(_("These pages are not of one document."), style="bold red"))
    return Group(*lines)


def _page(page: CheckedPage) -> Iterator[Text]:
    code = page.leaf.code
    style = "bold red" if page.verdict.is_refusal else "bold green"
    where = (
        _("Page {n} of {m}").format(n=code.page, m=code.pages) if code else f"{_('page')} {page.leaf.number}"
    )
    yield Text(f"{where}: {coded('printout', page.verdict.value)}", style=style)
    differing = set(page.differing)
    for line in page.lines:
        yield _line(line, wrong=line in differing)


def document_sheet(found: FoundDocument) -> RenderableType:
    """Return what must stand on a document that was found by its groups."""
    number = plural("{n} field", "{n} fields", len(found.lines))
    title = f"{found.sheet.title}: {_('this document shows what was signed')} ({number})"
    return Group(Text(title, style="bold green"), *map(_line, found.lines))


def document_json(found: FoundDocument | None) -> dict[str, Any]:
    """Return the document that groups are of, for a machine."""
    if found is None:
        return {"refused": True}
    return {
        "refused": False,
        "form": found.form.name.lower(),
        "case": found.sheet.thread,
        "shows": [_line_json(one) for one in found.lines],
    }


def _line(line: Line, *, wrong: bool = False) -> Text:
    words = our_words()
    said = "; ".join(words_of(words, line)).replace("\n", " ")
    text = f"  {words.field(name_of(line.field.path))}: {said}"
    return Text(
        f"{text}  <- {_('this is not what the page says')}" if wrong else text,
        style="bold red" if wrong else "",
    )
