"""A customs desk recognises a weapon of a loss notice; a state recognises its own in a seizure notice."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakes.channels import hit, loss, seizure
from fakes.town import CUSTOMS, POC, POLICE, Town, found_town, until
from tracepost.sdk import Cover
from tracepost.wire.v1 import desk_pb2, terms_pb2

HUB, XAA, XAB = "hub", "xaa", "xab"
CUSTOMS_OFFICER = "10"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    folder: Path = tmp_path_factory.mktemp("losses") / "town"
    return found_town(folder, {XAA: (POC, POLICE, CUSTOMS), XAB: (POC, POLICE, CUSTOMS)}, HUB)


async def arrive(town: Town, member: str, sent: desk_pb2.Submission, number: int) -> None:
    question = f"SELECT count(*) FROM statement WHERE thread = '{sent.thread}' AND in_effect"
    await until(lambda: town.ask(member, question) == [(number,)], f"mail to arrive at {member}")


async def test_a_hit_goes_back_to_who_wrote_the_notice(town: Town) -> None:
    """Both ways: on a loss that was told, and on a seizure in which a loss is recognised."""
    recovery = Cover(to=(XAB,), purpose=terms_pb2.PURPOSE_RECOVERY, legal_basis=terms_pb2.LEGAL_BASIS_ITI)
    border = Cover(
        to=(XAA,),
        purpose=terms_pb2.PURPOSE_BORDER_CONTROL,
        legal_basis=terms_pb2.LEGAL_BASIS_CUSTOMS_ASSISTANCE,
    )
    async with town.running(HUB, XAA, XAB):
        await town.meet(XAA, XAB)
        await town.unlock(XAA)
        await town.unlock(XAB)
        async with (
            town.client(XAA) as point,
            town.client(XAB, officer=CUSTOMS_OFFICER, desk="customs") as customs,
        ):
            told = await point.notify_loss(loss("1", "2"), recovery)
            await arrive(town, XAB, told, 1)
            (notice,) = (await customs.show_case(told.thread)).statements
            assert [one.object.mark[0].text_as_seen for one in notice.content.loss_notice.items] == [
                "АБ 1234",
                "АБ 2234",
            ]
            await customs.report_hit(told.thread, hit(notice.statement, "2"))
            await arrive(town, XAA, told, 2)
            _, recognised = (await point.show_case(told.thread)).statements
            assert recognised.content.hit.recognised[0].item_id == "2"
            assert recognised.content.hit.found_situation
            ended = loss("2", status="LOSS_STATUS_RECOVERED", changes_digest=notice.statement)
            await point.notify_loss(ended, recovery, told.thread)
            assert [one.item_id for one in (await point.show_case(told.thread)).summary.items] == ["1"]

            seized = await customs.notify_seizure(seizure(), border)
            await arrive(town, XAA, seized, 1)
            await point.report_hit(seized.thread, hit(seized.statement))
            await arrive(town, XAB, seized, 2)
            _, answer = (await customs.show_case(seized.thread)).statements
            assert answer.content.hit.items[0].object.make == "Zastava"
