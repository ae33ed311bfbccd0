"""What one member says to another by way of a relay, and what the stores of both tell of it."""

from __future__ import annotations

from collections import Counter

from fakes.messages import amendment, item, request
from fakes.town import Town, until
from tracepost.sdk.drafts import Cover, build_draft
from tracepost.wire.v1 import terms_pb2

SAID = 3


async def speak(town: Town) -> None:
    """Let xaa open a case with xab and say more in it."""
    await town.unlock("xaa")
    cover = Cover(
        to=("xab",),
        purpose=terms_pb2.PURPOSE_CRIMINAL_INVESTIGATION,
        legal_basis=terms_pb2.LEGAL_BASIS_ITI,
    )
    async with town.client("xaa") as client:
        first = await client.submit(build_draft(request(), cover))
        for number in range(2, SAID + 1):
            more = amendment(first.statement, items=[item(str(number))])
            await client.amend(first.thread, more, Cover(to=("xab",)))


def sent(town: Town) -> Counter[str]:
    return Counter(str(state) for (state,) in town.ask("xaa", "SELECT state FROM sent_mail"))


def arrived(town: Town) -> int:
    return int(town.ask("xab", "SELECT count(*) FROM received_mail")[0][0])


async def all_with_relay(town: Town) -> None:
    await until(lambda: sent(town) == {"WITH_RELAY": SAID}, "the relay to keep all")
