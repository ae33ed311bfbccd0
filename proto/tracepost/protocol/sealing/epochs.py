"""Epochs: a secret is sealed to a key once and serves many messages for a while.

The sender keeps epochs in a book, the reader in a cache; both live in memory
only, so that a restart begins new ones. The protocol knows no threads and takes
no locks: a thread that seals has a book of its own. A cache may be shared, for
a race in it costs one more opening and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

from tracepost.protocol.errors import SealingError

EPOCH_LIFE_S: Final = 600
EPOCH_USES: Final = 1024


class Epoch:
    """A secret in use until `not_after` (unix seconds); prints nothing of it."""

    __slots__ = ("not_after", "secret", "uses")

    def __init__(self, secret: bytes, not_after: int) -> None:
        self.secret = secret
        self.not_after = not_after
        self.uses = 0

    def serves(self, now: int) -> bool:
        """Say whether one more use at `now` is allowed; a clock that was set back ends the epoch too."""
        return self.uses < EPOCH_USES and 0 < self.not_after - now <= EPOCH_LIFE_S


E = TypeVar("E", bound=Epoch)
T = TypeVar("T")


class Book(Generic[E]):
    """The epochs that one thread seals with, by what they are for."""

    def __init__(self) -> None:
        self._epochs: dict[Hashable, E] = {}

    def take(self, name: Hashable, now: int, begin: Callable[[], E]) -> E:
        """Return the epoch `name` for one more use, or the one that `begin` makes where it is used up."""
        epoch = self._epochs.get(name)
        if epoch is None or not epoch.serves(now):
            self._epochs = {key: kept for key, kept in self._epochs.items() if kept.serves(now)}
            epoch = self._epochs[name] = begin()
        epoch.uses += 1
        return epoch


class EpochCache:
    """The reader's side: secrets of epochs that were opened, the least used forgotten first.

    The name of an epoch holds all that its opening depends on, so a hit says exactly what opening would have
    said, also where that was a refusal: most slots of an envelope are other desks'. What others make up forces
    out refusals only. Holds secrets: locking a desk clears its cache.
    """

    def __init__(self, capacity: int = 1024) -> None:
        self._capacity = capacity
        self._secrets: dict[Hashable, bytes] = {}
        self._refusals: dict[Hashable, tuple[str, str]] = {}

    def secret(self, name: Hashable, open_epoch: Callable[[], bytes]) -> bytes:
        """Return the secret of the epoch `name`, opening it where it is not remembered.

        Raises:
            SealingError: it does not open, as `open_epoch` says now or said before.
        """
        refused = self._refusals.pop(name, None)
        if refused is None:
            try:
                secret = self._secrets.pop(name, None) or open_epoch()
            except SealingError as error:
                self._put(self._refusals, name, (error.where, error.reason))
                raise
            self._put(self._secrets, name, secret)
            return secret
        self._put(self._refusals, name, refused)
        raise SealingError(where=refused[0], reason=refused[1])

    def clear(self) -> None:
        """Forget everything."""
        self._secrets.clear()
        self._refusals.clear()

    def _put(self, remembered: dict[Hashable, T], name: Hashable, value: T) -> None:
        # Put back last: a dict keeps the order of insertion, so the first is the least used.
        remembered[name] = value
        for oldest in list(remembered)[: -self._capacity] if len(remembered) > self._capacity else ():
            remembered.pop(oldest, None)
