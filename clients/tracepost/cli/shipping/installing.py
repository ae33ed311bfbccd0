"""A release takes the place of another, and gives it back, as ADR 0017 and 0025 say.

    install    the file is checked → files kept → environment made beside the others → pre steps on shared databases
               → link exchanged → daemons restarted; if they do not come up, the link goes back
    rollback   every node's store is asked whether the release before can still work on it → link → restart

Post steps are not done here: until they are, there is a way back. A store in a file does all steps when its process
starts; so a release with a post step is not installed over one without, unless it is said that there is no way back.
"""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tracepost.cli.shipping.building import this_platform, this_python
from tracepost.cli.shipping.bundle import peek_manifest, read_bundle
from tracepost.cli.shipping.environment import run_of
from tracepost.cli.shipping.manifest import Manifest
from tracepost.cli.shipping.versions import Versions
from tracepost.cli.words import _
from tracepost.protocol.errors import ConfigurationError, InvalidInputError, NotFoundError
from tracepost.protocol.evidence import parse_vkey

_NO_WAY_BACK: Final = "no-way-back"


@dataclass(frozen=True, slots=True)
class Order:
    """How a release is to be put in place.

    Args:
        nodes: folders of nodes that are served from here, beside those that are known already.
        restart: command that restarts the daemons; empty: nobody is restarted.
        older: whether it may be older than the one that serves.
        no_way_back: whether it may take away from a store what the release before needs.
    """

    nodes: Sequence[Path] = ()
    restart: str = ""
    older: bool = False
    no_way_back: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done: the release that serves, the one before, steps on tables that are still to be done."""

    manifest: Manifest
    before: Manifest | None
    post_steps: tuple[str, ...]


def install(bundle: Path, key: str, versions: Versions, order: Order) -> Outcome:
    """Put the release of a bundle in place.

    Args:
        bundle: the file.
        key: verifier key of those who release; empty: the one that was believed last.
        versions: where to.
        order: how.

    Raises:
        BundleError: the file is not what the key signed.
        ConfigurationError: it is not for this machine, too old, or what was to be done failed.
    """
    with versions.held():
        key = key or versions.key
        if not key:
            raise InvalidInputError(_("Say whose releases are believed."), where="--key")
        verifiers = [parse_vkey(key)]
        nodes = tuple(dict.fromkeys([*versions.nodes, *(node.resolve() for node in order.nodes)]))
        _require_fit(peek_manifest(bundle, verifiers), versions.current, order, nodes)
        manifest = read_bundle(bundle, verifiers, versions.keep, versions.wheels)
        _require_fit(
            manifest, versions.current, order, nodes
        )  # somebody may have put another file there meanwhile
        place = versions.prepare(manifest)
        for node in nodes:
            _do_pre_steps(place, node)
        versions.remember(key, order.nodes)
        before = versions.current
        _exchange(versions, manifest, order.restart)
        versions.tidy()
        return Outcome(manifest, before, _steps_between(before, manifest))


def rollback(versions: Versions, order: Order) -> Outcome:
    """Let the release before serve again.

    Raises:
        NotFoundError: there is none.
        ConfigurationError: a store was changed so that it cannot work on it, or the restart failed.
    """
    with versions.held():
        target, current = versions.previous, versions.current
        if target is None or target == current:
            raise NotFoundError(_("There is no release before this one here."), where=str(versions.folder))
        for node in dict.fromkeys([*versions.nodes, *(one.resolve() for one in order.nodes)]):
            _require_way_back(node, target)
        _exchange(versions, target, order.restart)
        return Outcome(target, current, ())


def _require_fit(manifest: Manifest, current: Manifest | None, order: Order, nodes: Sequence[Path]) -> None:
    here = (this_python(), this_platform())
    if (manifest.python, manifest.platform) != here:
        raise ConfigurationError(
            _("The release is for another machine."),
            where=f"Python {manifest.python}, {manifest.platform}",
            reason="other-machine",
            remedy=_("Fetch the one for Python {python}, {platform}.").format(
                python=here[0], platform=here[1]
            ),
        )
    if current is None:
        return
    if manifest.made < current.made and not order.older:
        raise ConfigurationError(
            _("The release is older than the one that serves."),
            where=manifest.release,
            reason="older-release",
            remedy=_("tracepost bundle rollback goes back; --older installs it all the same."),
        )
    if order.no_way_back or not _steps_between(current, manifest):
        return
    for node in nodes:
        if _schema(node)[0]:
            raise ConfigurationError(
                _("This release takes away what the one before needs as soon as it starts."),
                where=str(node),
                reason=_NO_WAY_BACK,
                remedy=_("Make a backup, then say --no-way-back: only the backup leads back."),
            )


def _steps_between(before: Manifest | None, manifest: Manifest) -> tuple[str, ...]:
    """Return the steps that take something away which `before` uses."""
    return tuple(one for one in manifest.post_steps if before is not None and one > before.newest_step)


def _do_pre_steps(place: Path, node: Path) -> None:
    is_file, newest, _floor = _schema(node)
    if not is_file and newest:
        run_of(place, "node", "migrate", str(node), "--pre")


def _require_way_back(node: Path, target: Manifest) -> None:
    floor = _schema(node)[2]
    if floor > target.newest_step:
        raise ConfigurationError(
            _("There is no way back: the release before cannot work on this store any more."),
            where=f"{node}: {floor}",
            reason=_NO_WAY_BACK,
            remedy=_("Stay, or put back the backup that was made before the upgrade."),
        )


def _schema(node: Path) -> tuple[bool, str, str]:
    from tracepost.node.installation import store_schema

    return store_schema(node)


def _exchange(versions: Versions, manifest: Manifest, restart: str) -> None:
    """Let a release serve, and restart the daemons; if that fails, let those serve and stand by that did."""
    before, previous = versions.current, versions.previous
    versions.make_current(manifest)
    if not restart or _restarted(restart):
        return
    is_back = before is not None and before != manifest
    if before is not None and is_back:
        versions.put_back(before, previous)
        is_back = _restarted(restart)
    words = (
        _("The daemons did not come up; the release before serves again.")
        if is_back
        else _("The daemons did not come up, and nothing serves now.")
    )
    raise ConfigurationError(
        words,
        where=restart,
        reason="restart-failed",
        remedy=_("Look at the last line of the daemon's log."),
    )


def _restarted(command: str) -> bool:
    words = shlex.split(command)
    try:
        return subprocess.run(words, check=False).returncode == 0  # noqa: S603 - the operator's own command
    except OSError:
        return False
