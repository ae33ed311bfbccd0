"""What `tracepost doctor --folder` looks at on a relay's own machine, whether the relay runs or not.

Settings, key files, the machine's clock, disks, who listens, the store and its log, the certificate and its
revocation list, the trust list, and what waits for whom: mail that ends soon, members whose quota is nearly used up.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tracepost.cli.findings import DAY_SECONDS, Finding, Level, expiry, failed
from tracepost.cli.machine import (
    look_at_disks,
    look_at_key_files,
    look_at_listener,
    look_at_log,
    look_at_time_service,
    look_at_trust_list,
)
from tracepost.cli.render.fields import when
from tracepost.cli.words import _, plural
from tracepost.protocol.errors import TracepostError
from tracepost.protocol.identity import unix_seconds

_ENDS_SOON_S = 7 * DAY_SECONDS
_NEARLY_FULL = 0.9


def examine_relay(folder: Path) -> Iterator[Finding]:
    """Yield findings in the order in which things depend on each other; stop where no more is seen."""
    from tracepost.relay.from_outside import read_facts
    from tracepost.relay.settings import CONFIG_NAME, load_settings

    try:
        settings = load_settings(folder / CONFIG_NAME)
    except TracepostError as fault:
        yield failed("settings", fault)
        return
    yield Finding("settings", Level.OK, f"{folder / CONFIG_NAME}: {settings.member}.{settings.domain}")
    yield look_at_key_files(settings.keys_path)
    yield look_at_time_service()
    yield from look_at_disks({"store": settings.folder, "attachments": settings.attachments_path})
    yield look_at_listener(settings.post_address)
    try:
        facts = read_facts(settings)
    except TracepostError as fault:
        yield failed("database", fault)
        return
    yield Finding("database", Level.OK, facts.kind)
    yield look_at_log(settings.folder, facts.log_size)
    now = int(time.time())
    yield _look_at_certificate(settings, facts.trust, now)
    if settings.crl_path.exists():
        yield look_at_crl(settings.crl_path.read_bytes(), now)
    yield look_at_trust_list(
        facts.trust, now, _("Call a steward; then tracepost relay install --trust FILE.")
    )
    yield from _look_at_mail(facts.boxes, now)
    yield from _look_at_quotas(settings, facts.usage)


def look_at_crl(crl: bytes, now: int) -> Finding:
    """Say until when an authority's revocation list is good."""
    from cryptography import x509

    at = x509.load_der_x509_crl(crl).next_update_utc
    found = expiry("revocation list expires", unix_seconds(at) if at else 0, now, warn_days=7)
    if found.level is Level.OK:
        return found
    remedy = _("The authority makes a new one: tracepost ca crl.")
    return Finding(found.subject, Level.WARN, found.words, remedy)


def _look_at_certificate(settings: Any, trust: Any, now: int) -> Finding:
    from tracepost.relay.from_outside import check_certificate

    try:
        leaf = check_certificate(settings, trust, now)
    except TracepostError as fault:
        return failed("certificate node", fault)
    return expiry("certificate node expires", unix_seconds(leaf.not_valid_after_utc), now)


def _look_at_mail(boxes: Any, now: int) -> Iterator[Finding]:
    if not boxes:
        yield Finding("mail", Level.OK, _("none waits"))
    for box in boxes:
        words = (
            f"{plural('{n} waits', '{n} wait', box.envelopes)}; {_('the first expires')} {when(box.next_end)}"
        )
        soon = box.next_end - now < _ENDS_SOON_S
        remedy = _("Call its operator: what is not fetched by then goes back to its senders.") if soon else ""
        yield Finding(f"mail for {box.member}", Level.WARN if soon else Level.OK, words, remedy)


def _look_at_quotas(settings: Any, usage: Any) -> Iterator[Finding]:
    from tracepost.relay.usage import Side

    allowed = {Side.SENDER: settings.per_sender, Side.MAILBOX: settings.per_mailbox}
    for (member, side), (envelopes, size) in sorted(usage.items()):
        used = max(envelopes / allowed[side].envelopes, size / allowed[side].size_bytes)
        if used >= _NEARLY_FULL:
            whose = _("mail of") if side is Side.SENDER else _("mail for")
            words = _("{percent} of the quota is used").format(percent=f"{used:.0%}")
            remedy = _("Ask why it waits; raise the quota in relay.toml if it must.")
            yield Finding(f"{whose} {member}", Level.WARN, words, remedy)
