"""What is known of a member: its directory entry and the marking practices that it told (ITI 25, 31).

The node verified both before it kept them; here they are only read.
"""

from __future__ import annotations

from dataclasses import dataclass

from tracepost.protocol.practices import KIND, ToldPractice, standing_practices
from tracepost.sdk.client import Client
from tracepost.sdk.directory import read_entry
from tracepost.wire.v1 import directory_pb2


@dataclass(frozen=True, slots=True)
class Known:
    """A member's entry, and its marking practices that stand, the one that began last first."""

    entry: directory_pb2.DirectoryEntry
    practices: tuple[ToldPractice, ...]


async def look_up(client: Client, member: str) -> Known:
    """Return what this node knows of `member`; raise `NotFoundError` where it has no entry of it."""
    entry = read_entry(await client.export_papers(member))
    told = []
    async for case in client.list_cases(holds_kind=KIND):
        if member in case.members and not case.exercise:
            view = await client.show_case(case.thread)
            told += [
                ToldPractice(one.statement, one.issued_at, one.content.marking_practice)
                for one in view.statements
                if one.kind == KIND and one.from_member == member
            ]
    return Known(entry, tuple(standing_practices(told)))
