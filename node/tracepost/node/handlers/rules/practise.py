"""To tell how a State marks arms (ITI 31(b)): public, dated, and corrected by its author alone."""

from __future__ import annotations

from collections.abc import Iterator

from tracepost.node.handlers.rules.rule import Saying, need_addressee, refuse
from tracepost.protocol.ids import parse_digest
from tracepost.wire.v1 import practice_pb2, weapon_pb2

_KIND = "practice.marking/1"


def check_marking(saying: Saying) -> None:
    """A practice says what each mark looks like and when it holds; what it replaces is our own."""
    need_addressee(saying)
    message: practice_pb2.MarkingPractice = saying.message
    if message.valid_until and message.valid_until < message.valid_from:
        raise refuse("valid_until", "dates-crossed", "the practice ends after it begins")
    for where, one in _formats(message):
        _check_format(where, one)
    if message.import_mark.role not in (weapon_pb2.MARK_ROLE_UNSPECIFIED, weapon_pb2.MARK_ROLE_IMPORT):
        raise refuse("import_mark.role", "other-role", "the import mark has the role of one (ITI 8(b))")
    coded = message.year_format == practice_pb2.YEAR_FORMAT_CODE
    if coded and not message.year_code:
        raise refuse("year_code", "which-code", "letters for years say which stands for which")
    if message.replaces_digest:
        before = saying.thread.find(parse_digest(message.replaces_digest, "replaces_digest"))
        if before is None or (before.iss, before.kind) != (saying.thread.us, _KIND):
            raise refuse("replaces_digest", "not-ours", "only a practice of ours in this case is replaced")


def _formats(message: practice_pb2.MarkingPractice) -> Iterator[tuple[str, practice_pb2.MarkFormat]]:
    for name in ("country_mark", "import_mark", "stock_transfer_mark"):
        if message.HasField(name):
            yield name, getattr(message, name)
    for name in ("manufacture_marks", "agency_marks", "regional_marks"):
        yield from ((f"{name}.{index}", one) for index, one in enumerate(getattr(message, name)))


def _check_format(where: str, one: practice_pb2.MarkFormat) -> None:
    if not (one.text or one.format or one.symbol):
        raise refuse(where, "looks-like-nothing", "a mark has a text, a form or a symbol")
    if one.to_year and one.from_year and one.to_year < one.from_year:
        raise refuse(f"{where}.to_year", "dates-crossed", "the last year is not before the first")
