"""A command's connection to a relay, as its operator: who has the relay's folder shows the relay's own certificate."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from tracepost.cli.files import read_bytes
from tracepost.cli.progress import progress
from tracepost.cli.words import _
from tracepost.protocol.errors import ConfigurationError
from tracepost.protocol.ids import MemberId
from tracepost.sdk.pouches import PouchCalls

_TIMEOUT_S = 60.0


@asynccontextmanager
async def relay_pouches(folder: Path, waiting: str = "") -> AsyncIterator[PouchCalls]:
    """Give the calls of the relay in `folder`, which serves; while it is open, a person sees `waiting`.

    Raises:
        ConfigurationError: there is no relay there, or it has never served.
    """
    from tracepost.protocol.identity import Role, dns_name
    from tracepost.relay.settings import CONFIG_NAME, load_settings
    from tracepost.serving.credentials import Papers, open_channel
    from tracepost.serving.server import dialled_address

    settings = load_settings(folder / CONFIG_NAME)
    roots = _roots(settings.store_url, settings.member)
    papers = Papers(read_bytes(settings.key_path), read_bytes(settings.chain_path), roots)
    address = dialled_address(settings.post_address)
    channel = open_channel(address, papers, dns_name(Role.NODE, settings.member, settings.domain))
    try:
        with progress(waiting or _("Asking the relay")):
            yield PouchCalls(channel, address, _TIMEOUT_S)
    finally:
        await channel.close()


def _roots(store_url: str, member: MemberId) -> bytes:
    """Return the roots of the relay's own authority, by the newest trust list that it has accepted."""
    from tracepost.relay.ledger import Ledger

    with Ledger.open(store_url) as ledger:
        trust = ledger.trust_list()
    if trust is None:
        raise ConfigurationError(
            _("This relay has accepted no trust list yet."), where="trust", remedy=_("Start it first.")
        )
    return b"".join(root.public_bytes(Encoding.PEM) for root in trust.member(member).root_certificates())
