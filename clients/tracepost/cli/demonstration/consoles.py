"""A web console for a member of a network on this machine, and its officers' certificates as browsers take them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from tracepost import ca
from tracepost.cli.demonstration.material import item_of, read_request, request_for_one
from tracepost.cli.demonstration.network import Network
from tracepost.cli.demonstration.ports import Ports
from tracepost.cli.demonstration.processes import DaemonProcess
from tracepost.console.installation import init_console, install_papers
from tracepost.protocol.errors import ConfigurationError
from tracepost.sdk import OfficerPapers

BROWSER_PASSPHRASE: Final = "practice"  # noqa: S105 - it keeps nothing from anybody
"""Of the files that officers of a practice network give to their browser; nothing there is real."""


_SECOND_FILE: Final = "XAA-2026-0118"


@dataclass(frozen=True, slots=True)
class ConsoleSite:
    """A console on this machine: what an officer types, its process, and each officer's file for the browser."""

    origin: str
    process: DaemonProcess
    officers: dict[str, Path]


def found_console(network: Network, member: str, ports: Ports) -> ConsoleSite:
    """Make the console of a member; its authority issues the certificate as `tracepost ca issue --console` does."""
    site = network.node(member)
    folder, listen = site.seat.folder / "console", ports.take()
    origin = f"https://localhost:{listen.rpartition(':')[2]}"
    request = init_console(
        folder, member=member, domain=network.domain, node=site.addresses.desk, origin=origin, listen=listen
    )
    secret = ca.Passphrase(site.seat.passphrase("authority").read_bytes().strip())
    authority = ca.open_authority(site.seat.authority, secret)
    try:
        chain = authority.issue_from_csr(ca.console_profile(), request)
    finally:
        authority.close()
    pems = [one.public_bytes(Encoding.PEM) for one in chain]
    install_papers(folder, b"".join(pems[:-1]), pems[-1])
    log = site.seat.folder / "console.log"
    arguments = ("-m", "tracepost.cli", "console", "serve", str(folder))
    process = DaemonProcess(f"console of {member}", arguments, log, "console-serves")
    return ConsoleSite(origin, process, _for_browsers(network, member))


async def write_examples(network: Network) -> None:
    """Have XAA ask XAB about six weapons, and about one: what a second officer is asked about waits for him."""
    if not {"xaa", "xab"} <= set(network.members):
        return
    try:
        draft = read_request()
    except ConfigurationError:  # an installed package has no examples
        return
    one = request_for_one(draft, item_of(draft.content.trace_request, "1").id, "xab")
    one.content.trace_request.file_number = _SECOND_FILE
    async with network.client("xaa") as officer:
        for asked in (draft, one):
            await officer.submit(asked)


def _for_browsers(network: Network, member: str) -> dict[str, Path]:
    """Write each officer's key and certificates as a file that browsers import (PKCS #12)."""
    made = {}
    for desk in network.node(member).plan.desks:
        for number in range(1, desk.officers + 1):
            profile = network.profile(member, desk.desk, number)
            made[profile.parent.name] = path = profile.with_name("officer.p12")
            path.write_bytes(_pkcs12(network.papers(member, desk.desk, number), profile.parent.name))
            path.chmod(0o600)
    return made


def _pkcs12(papers: OfficerPapers, name: str) -> bytes:
    key = serialization.load_pem_private_key(papers.key, None)
    leaf, *above = papers.certificates()
    return pkcs12.serialize_key_and_certificates(
        name.encode(),
        key,  # type: ignore[arg-type] # a P-256 key, as all of ours
        leaf,
        above,
        serialization.BestAvailableEncryption(BROWSER_PASSPHRASE.encode()),
    )
