"""Mandates that this node holds: given by its member, or given to it by host States (seed 000 §28(h))."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from tracepost.protocol.errors import NotFoundError
from tracepost.protocol.mandates import KIND
from tracepost.sdk.client import Client
from tracepost.wire.v1 import desk_pb2, mandate_pb2


@dataclass(frozen=True, slots=True)
class HeldMandate:
    """A mandate with the case and the statement that say it; `ended`: its author has ended it since."""

    case: str
    statement: str
    host: str
    mandate: mandate_pb2.Mandate
    ended: bool


async def list_mandates(client: Client, host: str | None = None) -> AsyncIterator[HeldMandate]:
    """Yield the mandates of `host`, or of all, the case with the newest event first; none of an exercise."""
    async for case in client.list_cases(with_member=host, holds_kind=KIND):
        if case.exercise:
            continue
        view = await client.show_case(case.thread)
        said = [one for one in view.statements if one.kind == KIND]
        ends = {(one.from_member, one.content.mandate.ends_digest) for one in said}
        for one in reversed(said):
            if _is_grant(one) and host in (None, one.from_member):
                ended = (one.from_member, one.statement) in ends
                yield HeldMandate(case.thread, one.statement, one.from_member, one.content.mandate, ended)


async def find_mandate(client: Client, host: str, operation: str) -> HeldMandate:
    """Return the newest mandate of `host` to `operation` that was not ended; raise `NotFoundError` for none.

    Whether it covers what is asked, the node judges.
    """
    async for one in list_mandates(client, host):
        if one.mandate.operation == operation and not one.ended:
            return one
    raise NotFoundError("This node holds no mandate of that State.", where=host, reason="no-mandate")


def _is_grant(one: desk_pb2.StatementView) -> bool:
    return one.content.mandate.step == mandate_pb2.MANDATE_STEP_GRANTED
