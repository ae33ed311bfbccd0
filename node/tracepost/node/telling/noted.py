"""For which desks it is noted what waits: those that the settings name, and those that they named not long ago.

A desk that leaves the settings, if only by an editor's slip, is told nothing, and all is noted for it as before. When
it comes back in time it is told what waits still, and of nothing twice. Later it begins anew, as a desk that was never
told.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Final

from tracepost.node.ports.store import Tx
from tracepost.protocol.ids import DeskId

_KEPT: Final = "told.desks"
_AWAY_FOR_S: Final = 30 * 86400


def noted_desks(tx: Tx) -> frozenset[DeskId]:
    """Return the desks for which it is noted what waits."""
    return frozenset(_read(tx))


def named_desks(tx: Tx) -> frozenset[DeskId]:
    """Return the desks that the settings name: those that are told."""
    return frozenset(desk for desk, left_at in _read(tx).items() if not left_at)


def is_followed(tx: Tx, named: Collection[DeskId], now: int) -> bool:
    """Say whether `follow` has nothing to write."""
    left = _read(tx)
    return left == _after(left, named, now)


def follow(tx: Tx, named: Collection[DeskId], now: int) -> None:
    """Note which desks the settings name, and forget what waits at those that left them long ago."""
    left = _after(_read(tx), named, now)
    tx.settings.put(_KEPT, json.dumps(left).encode())
    tx.telling.keep_desks(left)


def _after(left: dict[DeskId, int], named: Collection[DeskId], now: int) -> dict[DeskId, int]:
    """Return when each desk left the settings, 0 for those that they name."""
    away = {desk: at or now for desk, at in left.items() if desk not in named}
    recent = {desk: at for desk, at in away.items() if now - at < _AWAY_FOR_S}
    return {**recent, **dict.fromkeys(sorted(named), 0)}


def _read(tx: Tx) -> dict[DeskId, int]:
    kept = json.loads(tx.settings.get(_KEPT) or b"{}")
    return {DeskId(desk): at for desk, at in kept.items()}
