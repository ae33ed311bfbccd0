"""What `tracepost doctor --folder` looks at on a console's own machine, whether the console runs or not.

Settings, key files, the machine's clock, disk, who listens, the certificates of the console and of its pages with the
root that officers' certificates lead to, and whether its node answers.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tracepost.cli.findings import Finding, Level, expiry, failed
from tracepost.cli.machine import look_at_disks, look_at_key_files, look_at_listener, look_at_time_service
from tracepost.cli.words import _
from tracepost.protocol.certificate import load_chain, read_identity
from tracepost.protocol.errors import ConfigurationError, IdentityError, TracepostError
from tracepost.protocol.identity import Role, dns_name, unix_seconds

_ROOT_WARN_DAYS = 400


def examine_console(folder: Path) -> Iterator[Finding]:
    """Yield findings in the order in which things depend on each other; stop where no more is seen."""
    from tracepost.console.settings import CONFIG_NAME, load_settings

    try:
        settings = load_settings(folder / CONFIG_NAME)
    except TracepostError as fault:
        yield failed("settings", fault)
        return
    yield Finding("settings", Level.OK, f"{folder / CONFIG_NAME}: {settings.member}.{settings.domain}")
    yield look_at_key_files(folder)
    yield look_at_time_service()
    yield from look_at_disks({"console": folder})
    host, port = settings.listen
    yield look_at_listener(f"{host}:{port}")
    now = int(time.time())
    yield from _look_at_papers(settings, now)
    yield _look_at_node(settings, now)


def _look_at_papers(settings: Any, now: int) -> Iterator[Finding]:
    from tracepost.console.serving import read_console_papers

    try:
        papers = read_console_papers(settings)
        ends = {"certificate console": papers.certificates()[0], "root": papers.roots()[0]}
    except (TracepostError, ValueError) as fault:
        yield failed("certificate console", _said(fault, settings.certificate))
        return
    if settings.web_certificate != settings.certificate:
        try:
            ends["certificate of the pages"] = load_chain(settings.web_certificate.read_bytes())[0]
        except (TracepostError, OSError) as fault:
            yield failed("certificate of the pages", _said(fault, settings.web_certificate))
    for subject, certificate in ends.items():
        days = {"warn_days": _ROOT_WARN_DAYS} if subject == "root" else {}
        yield expiry(f"{subject} expires", unix_seconds(certificate.not_valid_after_utc), now, **days)


def _said(fault: Exception, path: Path) -> TracepostError:
    if isinstance(fault, TracepostError):
        return fault
    return ConfigurationError("the certificate cannot be read", where=str(path), reason=type(fault).__name__)


def _look_at_node(settings: Any, now: int) -> Finding:
    """Dial the node's desk service, and look at whose certificate is shown there."""
    from tracepost.node.from_outside import dial

    subject, address = f"{_('road to')} {settings.member}", settings.node
    shown = dial(address, dns_name(Role.NODE, settings.member, settings.domain))
    if shown.certificate is None:
        remedy = _("See whether it or your network is down: its operator, the proxy, the firewall.")
        return Finding(subject, Level.FAIL, f"{address}: {shown.problem}", remedy)
    try:
        claimed = read_identity(shown.certificate, settings.domain)
        if (claimed.role, claimed.member) != (Role.NODE, settings.member):
            raise IdentityError("it is not our node that answers there", where=address, reason="other-member")
    except TracepostError as fault:
        return failed(subject, fault)
    ends = unix_seconds(shown.certificate.not_valid_after_utc)
    return Finding(subject, Level.OK, address) if ends > now else expiry(subject, ends, now)
