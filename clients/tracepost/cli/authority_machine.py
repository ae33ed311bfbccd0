"""What `tracepost doctor --folder` looks at in the folder of an authority, without its passphrase.

Settings, the key file, the machine's clock, disks, whether its database is the newest, the root, the published
revocation list, certificates that end soon and have no successor, and issuing that was cut short.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from tracepost.cli.findings import Finding, Level, expiry, failed
from tracepost.cli.machine import look_at_disks, look_at_key_files, look_at_time_service
from tracepost.cli.relay_machine import look_at_crl
from tracepost.cli.words import _, plural
from tracepost.protocol.errors import TracepostError
from tracepost.protocol.identity import unix_seconds


def examine_authority(folder: Path) -> Iterator[Finding]:
    """Yield findings in the order in which things depend on each other; stop where no more is seen."""
    from tracepost import ca
    from tracepost.ca.settings import SETTINGS_FILE, load_settings

    try:
        settings = load_settings(folder)
    except TracepostError as fault:
        yield failed("settings", fault)
        return
    yield Finding("settings", Level.OK, f"{folder / SETTINGS_FILE}: {settings.member}.{settings.domain}")
    yield look_at_key_files(folder)
    yield look_at_time_service()
    yield from look_at_disks({"authority": folder})
    try:
        authority = ca.open_authority(folder, None)
    except TracepostError as fault:
        yield failed("database", fault)
        return
    with closing(authority):
        yield from _look_at_papers(authority, int(time.time()))


def _look_at_papers(authority: Any, now: int) -> Iterator[Finding]:
    issued = authority.certificates()
    yield Finding("database", Level.OK, plural("{n} certificate", "{n} certificates", len(issued)))
    yield expiry("root expires", unix_seconds(authority.root.not_valid_after_utc), now, warn_days=400)
    crl = authority.crl()
    if crl is None:
        remedy = _("The authority makes a new one: tracepost ca crl.")
        yield Finding("revocation list", Level.FAIL, _("there is none"), remedy)
    else:
        yield look_at_crl(crl, now)
    cut_short = sum(one.state == "intended" for one in issued)
    if cut_short:
        words = plural("{n} was not completed", "{n} were not completed", cut_short)
        yield Finding(
            "issuing", Level.WARN, words, _("Open the authority with its passphrase: tracepost ca crl.")
        )
    yield from _look_at_issued(authority, issued, now)


def _look_at_issued(authority: Any, issued: Any, now: int) -> Iterator[Finding]:
    """Tell of the newest certificate of each name that is in use and ends soon; what ended is its holder's business."""
    revoked = {one.serial for one in authority.revocations()}
    newest: dict[str, int] = {}
    for one in issued:
        if one.state == "published" and one.draft.serial not in revoked:
            newest[one.draft.label] = max(one.draft.not_after, newest.get(one.draft.label, 0))
    found = [
        expiry(f"certificate {name} expires", at, now) for name, at in sorted(newest.items()) if at > now
    ]
    yield from (one for one in found if one.level is not Level.OK)
    if found and all(one.level is Level.OK for one in found):
        yield Finding("certificates issued", Level.OK, _("none in use expires soon"))
