"""Whom to tell that a member's node is not seen: the mailbox of its technical contact. Where a node can be dialled.

What the relay's operator wrote down goes first. Else it is the contact with the function TECHNICAL, else DUTY, of
the member's directory entry as the member itself announced it here. An entry is public and carried by relays to
everybody; this reads one field of it as text. It is not verified: only the member itself can announce it on its own
stream, and a member that names a wrong mailbox is not told.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from typing import Any, Final

from tracepost.serving.notices import is_mailbox

_FUNCTIONS: Final = ("CONTACT_FUNCTION_TECHNICAL", "CONTACT_FUNCTION_DUTY")
_FIELD: Final = "contact_points."
_ADDRESSES: Final = "direct_addresses"


def technical_mailbox(entry: str) -> str:
    """Return the mailbox of the technical contact in a directory entry (compact SD-JWT); empty: it names none."""
    found = {one.get("function"): one.get("mailbox") for one in _contacts(entry)}
    mailboxes = (found.get(function) for function in _FUNCTIONS)
    return next((box for box in mailboxes if isinstance(box, str) and is_mailbox(box)), "")


def direct_address(entry: str) -> str:
    """Return where the node of a directory entry can be dialled, host:port; empty: it only dials out.

    It is dialled with its member's own roots, so who names the address of somebody else is not answered.
    """
    for path, value in _disclosed(entry):
        if path == _ADDRESSES and isinstance(value, list) and value and isinstance(value[0], str):
            return value[0] if value[0].rpartition(":")[2].isdigit() else ""
    return ""


def _contacts(entry: str) -> Iterator[dict[str, Any]]:
    for path, value in _disclosed(entry):
        if path.startswith(_FIELD) and isinstance(value, dict):
            yield value


def _disclosed(entry: str) -> Iterator[tuple[str, Any]]:
    for part in entry.split("~")[1:]:
        disclosure = _read(part)
        if isinstance(disclosure, list) and len(disclosure) == 3 and isinstance(disclosure[1], str):
            yield disclosure[1], disclosure[2]


def _read(part: str) -> Any:
    try:
        return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
