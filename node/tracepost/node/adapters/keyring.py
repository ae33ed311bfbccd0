"""The desks that are unlocked: their keys are in memory, and nowhere else in clear.

A node starts with the desk `node` only; an officer of a desk unlocks it, and from then on it is
open for all that the gate allows its officers, until it is locked or the process ends. Locking
drops every reference to the keys and what they opened; Python gives no way to wipe the bytes.
"""

from __future__ import annotations

from tracepost.node.desk_keys import DeskBundle, DeskKeys
from tracepost.node.handlers.sealed.opening import DeskSecrets
from tracepost.protocol.errors import LockedDeskError
from tracepost.protocol.ids import DeskId
from tracepost.protocol.sealing import EpochCache


class KeyRing:
    """The keys of unlocked desks; an `UnlockedDesks`. Safe from any thread."""

    def __init__(self, store: DeskKeys) -> None:
        self._store = store
        self._held: dict[DeskId, tuple[DeskSecrets, bytes]] = {}

    def unlock(self, desk: DeskId, passphrase: bytes) -> None:
        """Take the keys of `desk` into memory; slow by intent, so call it in a thread.

        The passphrase is tried even if the desk is unlocked already.

        Raises:
            WrongPassphraseError: it does not open the desk; a desk that was unlocked stays so.
            NotFoundError: there is no such desk here.
            StoreError: the keys are damaged.

        """
        self.hold(self._store.load(desk, passphrase))

    def hold(self, bundle: DeskBundle) -> None:
        """Take a bundle that is open already: the node's own at start, a recovered or renewed one."""
        secrets = DeskSecrets(bundle.opening, bundle.storage, EpochCache())
        self._held[bundle.desk] = (secrets, bundle.index_key)

    def lock(self, desk: DeskId) -> None:
        """Forget the keys of `desk`; nothing happens if it is locked."""
        held = self._held.pop(desk, None)
        if held is not None:
            held[0].epochs.clear()

    def lock_all(self) -> None:
        """Forget all keys, the node's own too: for the end of the process."""
        for desk in list(self._held):
            self.lock(desk)

    def unlocked(self) -> frozenset[DeskId]:
        """Return the desks that are unlocked."""
        return frozenset(self._held)

    def secrets(self, desk: DeskId) -> DeskSecrets:
        """Return the private keys of `desk` and the epochs that they opened; raise `LockedDeskError`."""
        return self._find(desk)[0]

    def index_key(self, desk: DeskId) -> bytes:
        """Return the 32-byte key of the desk's blind indexes; raise `LockedDeskError`."""
        return self._find(desk)[1]

    def _find(self, desk: DeskId) -> tuple[DeskSecrets, bytes]:
        held = self._held.get(desk)
        if held is None:
            raise LockedDeskError(where=desk)
        return held

    def __repr__(self) -> str:
        return f"KeyRing({', '.join(sorted(self._held))})"
