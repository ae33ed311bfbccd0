"""The container of a case file.

    11 bytes   "TRACEPOST" 0x00 0x01        name and version
     8 bytes   length of the content, big-endian
    32 bytes   SHA-256 of the content
    content    a serialized CaseFile

Reading checks steps 1 to 4 of the list in `verification`, in that order, so that a damaged file
is called damaged and nothing of it is parsed. The digest is no signature: it proves nobody.
"""

from __future__ import annotations

import hashlib

from google.protobuf.message import DecodeError

from tracepost.protocol.casefile.refusal import refuse
from tracepost.protocol.errors import InvalidInputError, InvalidMessageError, LimitError
from tracepost.protocol.ids import parse_member, parse_thread
from tracepost.protocol.schema import validate
from tracepost.wire.v1.casefile_pb2 import CaseFile

MAGIC = b"TRACEPOST\x00"
VERSION = 1
CONTENT_LIMIT = 1 << 29
STATEMENT_LIMIT = 10_000

_PREFIX = MAGIC + bytes([VERSION])
_LENGTH_AT = len(_PREFIX)
_DIGEST_AT = _LENGTH_AT + 8
_CONTENT_AT = _DIGEST_AT + 32


def write_casefile(case: CaseFile) -> bytes:
    """Return the file of `case`; raise `LimitError` beyond 512 MiB, `CaseFileError` for what is no case."""
    _check(case)
    content = case.SerializeToString(deterministic=True)
    if len(content) > CONTENT_LIMIT:
        raise LimitError("the case file would be larger than 512 MiB", where="case file")
    return _PREFIX + len(content).to_bytes(8) + hashlib.sha256(content).digest() + content


def read_casefile(data: bytes) -> CaseFile:
    """Return the content of a file that is whole; nobody has vouched for it.

    Raises:
        CaseFileError: steps 1 to 4.
    """
    _check_prefix(data)
    content = memoryview(data)[_CONTENT_AT:]
    if len(data) < _CONTENT_AT or len(content) != int.from_bytes(data[_LENGTH_AT:_DIGEST_AT]):
        raise refuse(2, "length", "the file is cut short or something was added to it")
    if hashlib.sha256(content).digest() != data[_DIGEST_AT:_CONTENT_AT]:
        raise refuse(3, "digest", "the file is damaged")
    return _parse(content)


def _check_prefix(data: bytes) -> None:
    if not data.startswith(MAGIC):
        raise refuse(1, "not-a-case-file", "this is not a Tracepost case file")
    if not data.startswith(_PREFIX) and len(data) > len(MAGIC):
        raise refuse(1, "version", "the case file is of a later version; use a newer program")


def _parse(content: memoryview) -> CaseFile:
    try:
        case = CaseFile.FromString(bytes(content) if len(content) <= CONTENT_LIMIT else b"")
    except DecodeError:
        raise refuse(4, "content", "the content is not a case") from None
    _check(case)
    return case


def _check(case: CaseFile) -> None:
    if len(case.statements) > STATEMENT_LIMIT:
        raise refuse(4, "content", "the case has more than 10,000 statements")
    try:
        validate(case)
        parse_thread(case.thread)
        parse_member(case.exported_by)
    except (InvalidMessageError, InvalidInputError) as error:
        raise refuse(4, "content", f"the case is not well formed: {error.where}") from error
