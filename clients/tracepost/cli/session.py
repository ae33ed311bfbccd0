"""A command's connection to the node, as the officer of the profile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tracepost.cli.options import NodeOptions
from tracepost.cli.passphrases import PassphraseSource
from tracepost.cli.profile import Profile, read_profile
from tracepost.cli.progress import progress
from tracepost.cli.words import _
from tracepost.sdk import Client, OfficerPapers


@asynccontextmanager
async def connected(node: NodeOptions, waiting: str = "") -> AsyncIterator[Client]:
    """Give a client for the officer of the profile; while it is open, a person sees `waiting`."""
    profile = read_profile(node.profile)
    async with open_client(profile, node.desk) as client:
        with progress(waiting or _("Asking the node")):
            yield client


def open_client(profile: Profile, desk: str | None = None, address: str | None = None) -> Client:
    """Return a client for `profile`, dialled at `address` if that is not the profile's own."""
    papers = read_papers(profile)
    return Client.connect(
        address or profile.address, profile.member, profile.domain, papers, desk=desk or profile.desk
    )


def read_papers(profile: Profile) -> OfficerPapers:
    """Return the papers that `profile` names; asks for a passphrase when the key is encrypted."""
    return OfficerPapers.read(profile.certificate, profile.key, profile.root, _ask_key_passphrase)


def _ask_key_passphrase() -> bytes:
    remedy = _("Call it from a terminal; for a machine, enrol an officer with --no-passphrase.")
    return PassphraseSource(remedy=remedy).read(_("Passphrase of the officer's key"))
