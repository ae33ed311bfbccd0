"""One document set in a process of its own: it takes long and much memory, and what goes wrong ends with it.

    python -m tracepost.paper.press KIND LANGUAGE < what the node let through > document.pdf

KIND is `case` or `statement` (a `CaseView` comes in), `outgoing` (a `PrintedPaper`), each with its photographs
(`join_input`), or the name of a blank form (nothing comes in). It ends with 0 behind a PDF, with `REFUSED` behind a
`Problem`. Nothing of a case stands among its arguments, and none is left in a core file when a library aborts for want
of memory.
"""

from __future__ import annotations

import os
import resource
import struct
import sys
from collections.abc import Iterable, Iterator
from typing import Final

from tracepost.paper.packages import installed
from tracepost.protocol.errors import LimitError, TracepostError
from tracepost.protocol.problems import encode_problem
from tracepost.wire.v1 import desk_pb2

REFUSED: Final = 4
_MEMORY_BYTES: Final = 3 * 1024**3
_NICENESS: Final = 5
_LENGTH: Final = struct.Struct(">I")


def join_input(printed: bytes, photographs: Iterable[bytes]) -> bytes:
    """Return what the press takes in: a message, and the photographs that it names, as they were sent."""
    return b"".join(_LENGTH.pack(len(one)) + one for one in (printed, *photographs))


def _unpack(packed: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(packed):
        (length,) = _LENGTH.unpack_from(packed, at)
        at += _LENGTH.size
        yield packed[at : at + length]
        at += length


def main() -> int:
    """Set what the arguments and the standard input name; return the exit code."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a library that aborts would leave a case in clear
    os.nice(_NICENESS)  # an officer who reads does not wait for one who prints
    _bound_memory()
    kind, language = sys.argv[1:]
    try:
        made, code = _set(kind, language, sys.stdin.buffer.read()), 0
    except TracepostError as fault:
        made, code = encode_problem(fault), REFUSED
    except MemoryError:
        made, code = encode_problem(LimitError("the document has too many pages", where="paper")), REFUSED
    sys.stdout.buffer.write(made)
    return code


def _bound_memory() -> None:
    _now, most = resource.getrlimit(resource.RLIMIT_AS)
    if most == resource.RLIM_INFINITY or most > _MEMORY_BYTES:
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, most))


def _set(kind: str, language: str, content: bytes) -> bytes:
    with installed():
        from tracepost.paper.printing import print_case, print_form, print_paper
    printed, *photographs = _unpack(content) if content else (b"",)
    if kind == "outgoing":
        return print_paper(desk_pb2.PrintedPaper.FromString(printed), language, photographs).pdf
    if kind in {"case", "statement"}:
        view = desk_pb2.CaseView.FromString(printed)
        return print_case(view, language, photographs, alone=kind == "statement").pdf
    return print_form(kind, language).pdf


if __name__ == "__main__":
    sys.exit(main())
