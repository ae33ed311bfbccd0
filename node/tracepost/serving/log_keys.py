"""The keys of our log: of the one that is written, of those that ended, of one that was begun.

    log          signs the heads of our log
    log-<epoch>  signed those of a log that ended: for evidence of old times
    log-next     of a log that is being begun (`tracepost log recover`); while it is there no daemon starts

To begin a new log: `make_next_key`, then the first entry (`first_entry`) in the store under that key, then `take_over`.
What was begun and broke off is gone on with when it is asked for again.
"""

from __future__ import annotations

import hashlib
from typing import Final, Protocol

from tracepost.protocol.errors import ConfigurationError
from tracepost.protocol.evidence import EpochBegun, LogKey, Origin, generate_log_key

LOG_KEY: Final = "log"
NEXT_KEY: Final = "log-next"


class LogKeyStore(Protocol):
    """Where a daemon keeps the keys of its log, as text (skey), by name. Durable when it returns."""

    def read(self, name: str) -> str:
        """Return the key of this name, empty if there is none."""

    def keep(self, name: str, skey: str) -> None:
        """Put `skey` in the place of what was there; empty: of nothing any more."""


def read_log_keys(store: LogKeyStore) -> tuple[LogKey, list[LogKey]]:
    """Return the key of our log, and those of our logs that ended.

    Raises:
        ConfigurationError: there is none, or a recovery was begun and is not at its end.
    """
    if read_next_key(store) is not None:
        raise ConfigurationError(
            "a recovery of the log was begun",
            where=f"keys/{NEXT_KEY}",
            reason="recovery-begun",
            remedy="Let it come to its end: tracepost log recover FOLDER.",
        )
    return read_keys_in_use(store)


def read_keys_in_use(store: LogKeyStore) -> tuple[LogKey, list[LogKey]]:
    """Do the same while a recovery is under way."""
    key = _load(store, LOG_KEY)
    earlier = [_load(store, f"{LOG_KEY}-{epoch}") for epoch in range(1, key.origin.epoch)]
    return key, earlier


def read_next_key(store: LogKeyStore) -> LogKey | None:
    """Return the key of the log that was begun, if one was."""
    found = store.read(NEXT_KEY)
    return LogKey.from_skey(found) if found else None


def make_next_key(store: LogKeyStore, old: LogKey) -> LogKey:
    """Make the key of the log that follows that of `old`; a key that was made before is taken."""
    known = read_next_key(store)
    if known is not None:
        return known
    origin = old.origin
    made = generate_log_key(Origin(origin.member, origin.domain, origin.epoch + 1))
    store.keep(NEXT_KEY, made.to_skey())
    return made


def first_entry(old_head: str, now: int) -> EpochBegun:
    """Return the first entry of a new log: it names the last head of the old one (a signed note)."""
    artefact = old_head.encode("utf-8")
    return EpochBegun(sha256=hashlib.sha256(artefact).digest(), artefact=artefact, time=now)


def take_over(store: LogKeyStore, old: LogKey, new: LogKey) -> None:
    """Let `new` sign from now on, and keep `old` for what it has signed."""
    store.keep(f"{LOG_KEY}-{old.origin.epoch}", old.to_skey())
    store.keep(LOG_KEY, new.to_skey())
    store.keep(NEXT_KEY, "")


def _load(store: LogKeyStore, name: str) -> LogKey:
    found = store.read(name)
    if not found:
        raise ConfigurationError("the log key cannot be read", where=f"keys/{name}", reason="no-log-key")
    return LogKey.from_skey(found)
