"""Templates of the console without a node: the frame of a page, and a visit that only asks for an address."""

from __future__ import annotations

from typing import Any, Final, cast

from starlette.requests import Request

from tracepost.console.visit import House, Visit
from tracepost.locale.words import words_of

FRAME: Final[dict[str, Any]] = {
    "languages": (),
    "menu": (),
    "path": "/",
    "back": "/",
    "member": "xaa",
    "session": None,
    "thread": "0198",
}


def visit_at(path: str = "/", query: str = "", tag: str = "en") -> Visit:
    """Return the visit of who asks for an address in a language; there is no house and no officer."""
    scope = {
        "type": "http",
        "method": "GET",
        "scheme": "https",
        "server": ("console.xaa.example", 443),
        "path": path,
        "query_string": query.encode(),
        "headers": [],
    }
    return Visit(Request(scope), cast("House", None), words_of(tag), "")
