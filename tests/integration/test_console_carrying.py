"""A console asks its node for officers: the node judges each of them as if he had dialled, and nobody else may."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from functools import partial

import pytest
import pytest_asyncio

from fakes.pki import DAY, DOMAIN, Issued, make_root
from fakes.town import PASSPHRASE, POC, POLICE, Town, found_town
from tracepost.protocol.errors import IdentityError, PermissionError_, TracepostError, UnreachableError
from tracepost.protocol.identity import Role
from tracepost.sdk import Client, OfficerPapers
from tracepost.sdk.carrying import ConsoleConnection
from tracepost.wire.v1.desk_pb2 import CaseSummary, ProposePolicyRequest
from tracepost.wire.v1.office_pb2 import EndorsePasskeyRequest
from tracepost.wire.v1.post_pb2 import Announcement

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass(frozen=True)
class Scene:
    """XAA's node, and its console's connection."""

    town: Town
    console: Issued
    node: ConsoleConnection

    def officer(self, number: str) -> Issued:
        return self.town.residents["xaa"].officers[number]

    def connection(self, who: Issued) -> ConsoleConnection:
        """Return a connection that carries officers under the papers of `who`."""
        resident = self.town.residents["xaa"]
        papers = OfficerPapers(who.chain_pem, who.key_pem, resident.authority.pem)
        return ConsoleConnection(f"127.0.0.1:{resident.ports.desk}", "xaa", DOMAIN, papers)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    folder = tmp_path_factory.mktemp("carrying")
    town = found_town(folder / "town", {"xaa": (POC, POLICE), "xab": (POC,)}, "hub")
    console = town.residents["xaa"].authority.issue(Role.CONSOLE)
    async with town.running("hub", "xaa"):
        scene = Scene(town, console, None)  # type: ignore[arg-type] # made with the scene
        async with scene.connection(console) as node:
            yield Scene(town, console, node)


async def cases(client: Client) -> list[CaseSummary]:
    """Return what a client is shown of its cases."""
    return [one async for one in client.list_cases()]


async def refused(client: Client) -> TracepostError:
    """Return why the node does not list cases to a client."""
    with pytest.raises(TracepostError) as caught:
        await cases(client)
    return caught.value


def chain(*issued: Issued) -> Sequence[bytes]:
    return [one.der for one in issued]


async def test_an_officer_is_asked_for_and_the_audit_says_by_which_console(scene: Scene) -> None:
    async with scene.town.client("xaa") as himself:
        by_console = scene.node.client_for(chain(scene.officer("7")), desk="poc")
        assert await cases(by_console) == await cases(himself)
        told = [(one.actor, one.subject, one.outcome) for one in await himself.list_audit(page_size=500)]
    assert ("officer-7.xaa via console", "ListCases", "ok") in told
    assert ("officer-7.xaa", "ListCases", "ok") not in told, "his own look at the list is not in the trail"


async def test_a_console_has_no_right_of_its_own(scene: Scene) -> None:
    status = await scene.node.own_client().get_status()
    assert status.member == "xaa"
    error = await refused(scene.node.own_client())
    assert (type(error), error.reason) == (PermissionError_, "role")


async def test_each_officer_has_his_own_desks_and_no_others(scene: Scene) -> None:
    async with scene.town.client("xaa", officer="9", desk="police") as police:
        await police.unlock_desk("police", PASSPHRASE)
    with pytest.raises(PermissionError_) as caught:
        await scene.node.client_for(chain(scene.officer("8")), desk="police").search_marks("AB 123")
    assert caught.value.reason == "other-desk"
    await scene.node.client_for(chain(scene.officer("9")), desk="police").search_marks("AB 123")


async def test_nobody_but_a_console_asks_for_others(scene: Scene) -> None:
    async with scene.connection(scene.officer("8")) as officer:
        error = await refused(officer.client_for(chain(scene.officer("7")), desk="poc"))
    assert (type(error), error.reason) == (PermissionError_, "no-console")
    node = scene.town.residents["xaa"].authority.issue(Role.NODE)
    async with scene.connection(node) as other:
        error = await refused(other.client_for(chain(scene.officer("7")), desk="poc"))
    assert (type(error), error.reason) == (PermissionError_, "no-console")


async def test_who_may_not_carry_an_officer_does_not_make_him_seen(scene: Scene) -> None:
    absent = scene.town.residents["xaa"].authority.issue(Role.OFFICER, officer="24", desks=["poc"])
    async with scene.connection(scene.officer("8")) as officer:
        error = await refused(officer.client_for(chain(absent), desk="poc"))
    assert error.reason == "no-console"
    async with scene.town.client("xaa") as himself:
        told = {one.number for one in await himself.office.list_officers()}
    assert "8" in told
    assert "24" not in told, "his certificate is no secret; nobody has shown that he holds its key"


async def test_a_console_asks_for_nobody_elses_officers(scene: Scene) -> None:
    foreign = scene.town.residents["xab"].officers["7"]
    error = await refused(scene.node.client_for(chain(foreign), desk="poc"))
    assert (type(error), error.reason) == (PermissionError_, "not-its-officer")
    forged = make_root("xaa").issue(Role.OFFICER, officer="7", desks=["poc"])
    error = await refused(scene.node.client_for(chain(forged), desk="poc"))
    assert (type(error), error.reason) == (IdentityError, "path")


async def test_a_console_asks_for_officers_alone(scene: Scene) -> None:
    authority = scene.town.residents["xaa"].authority
    for other in (authority.issue(Role.NODE), authority.issue(Role.CONSOLE)):
        error = await refused(scene.node.client_for(chain(other), desk="poc"))
        assert (type(error), error.reason) == (PermissionError_, "not-its-officer")


async def test_what_is_carried_is_of_bounded_form(scene: Scene) -> None:
    seven = scene.officer("7")
    error = await refused(scene.node.client_for(chain(seven, seven, seven), desk="poc"))
    assert (type(error), error.reason) == (IdentityError, "chain-too-deep")
    error = await refused(scene.node.client_for([b"no certificate"], desk="poc"))
    assert isinstance(error, IdentityError)


async def test_the_console_of_another_member_is_not_let_in(scene: Scene) -> None:
    other = scene.town.residents["xab"].authority.issue(Role.CONSOLE)
    async with scene.connection(other) as node:
        error = await refused(node.client_for(chain(scene.officer("7")), desk="poc"))
    assert isinstance(error, UnreachableError), "the handshake ends it"


async def test_an_expired_certificate_is_refused(scene: Scene) -> None:
    now = int(time.time())
    expired = scene.town.residents["xaa"].authority.issue(
        Role.OFFICER, officer="21", desks=["poc"], not_before=now - 2 * DAY, not_after=now - DAY
    )
    error = await refused(scene.node.client_for(chain(expired), desk="poc"))
    assert (type(error), error.reason) == (IdentityError, "expired")


async def test_the_key_of_a_desk_is_opened_by_officers_themselves(scene: Scene) -> None:
    client = scene.node.client_for(chain(scene.officer("7")), desk="poc")
    with pytest.raises(PermissionError_) as caught:
        await client.unlock_desk("poc", PASSPHRASE)
    assert caught.value.reason == "not-by-console"


async def test_what_no_page_does_is_not_done_by_a_console(scene: Scene) -> None:
    client = scene.node.client_for(chain(scene.officer("7")), desk="poc")
    for call in (
        client.list_registers,
        client.list_consents,
        partial(client.lock_desk, "poc"),
        partial(client.propose_policy, ProposePolicyRequest()),
        partial(client.office.endorse_passkey, EndorsePasskeyRequest()),
    ):
        with pytest.raises(PermissionError_) as caught:
            await call()
        assert caught.value.reason == "not-by-console"


async def test_who_left_is_refused_at_once(scene: Scene) -> None:
    leaving = scene.town.residents["xaa"].authority.issue(Role.OFFICER, officer="22", desks=["poc"])
    client = scene.node.client_for(chain(leaving), desk="poc")
    assert await cases(client) == []
    async with scene.town.client("xaa") as head:
        await head.office.leave("22", "8")
    error = await refused(client)
    assert (type(error), error.reason) == (IdentityError, "officer-left")


async def test_who_is_revoked_is_refused_at_once_and_so_is_a_revoked_console(scene: Scene) -> None:
    authority = scene.town.residents["xaa"].authority
    doomed = authority.issue(Role.OFFICER, officer="23", desks=["poc"])
    console = authority.issue(Role.CONSOLE)
    client = scene.node.client_for(chain(doomed), desk="poc")
    assert await cases(client) == []
    async with scene.connection(console) as other, scene.town.client("xaa") as himself:
        by_other = other.client_for(chain(scene.officer("7")), desk="poc")
        assert await cases(by_other) == []
        crl = authority.crl([doomed.certificate, console.certificate], number=9)
        await himself.import_papers(Announcement(member="xaa", crl=crl))
        for one in (client, by_other):
            error = await refused(one)
            assert (type(error), error.reason) == (IdentityError, "revoked")
