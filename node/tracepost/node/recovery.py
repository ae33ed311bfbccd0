"""A new log after the store was restored from a backup: origin, key and numbers of a new epoch.

In this order; what was begun and broke off is gone on with when it is asked for again:

    1  the key of the new log is made and kept as `log-next`; while it is there no node starts
    2  in one transaction the new log begins: its first entry is the newest head of the old one, and mail of
       ours that was not receipted is entered anew, so that it can be proved by the new key
    3  the old key is kept as `log-<epoch>`, for evidence of old times; the new one takes its place
    4  revocation lists, certificates and trust lists are fetched, before anybody is believed

Numbers of mail begin anew in the new epoch, which stands beside them in every header: none is given twice. Others
believe the new log when the stewards have put its key into the trust list, and ended the old one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from tracepost.node.adapters.keystore import FileKeyStore
from tracepost.node.ports.store import Tx
from tracepost.node.post.entering import enter_again
from tracepost.protocol.errors import ConfigurationError, NotFoundError
from tracepost.protocol.evidence import (
    EpochBegun,
    LogKey,
    Origin,
    generate_log_key,
    prepare_line,
)

NEXT_KEY = "log-next"
_PAGE = 500

Random = Callable[[int], bytes]


def read_log_keys(store: FileKeyStore) -> tuple[LogKey, list[LogKey]]:
    """Return the key of our log, and those of our logs that ended.

    Raises:
        ConfigurationError: a recovery was begun and is not at its end.
    """
    if read_next_key(store) is not None:
        raise ConfigurationError(
            "a recovery of the log was begun",
            where="keys/log-next",
            reason="recovery-begun",
            remedy="Let it come to its end: tracepost log recover FOLDER.",
        )
    return read_keys_in_use(store)


def read_keys_in_use(store: FileKeyStore) -> tuple[LogKey, list[LogKey]]:
    """Do the same while a recovery is under way."""
    key = _load(store, "log")
    earlier = [_load(store, f"log-{epoch}") for epoch in range(1, key.origin.epoch)]
    return key, earlier


def read_next_key(store: FileKeyStore) -> LogKey | None:
    """Return the key of the log that was begun, if one was."""
    try:
        found = store.load_machine_keys(NEXT_KEY)
    except NotFoundError:
        return None
    return LogKey.from_skey(found.decode("ascii")) if found else None


def make_next_key(store: FileKeyStore, old: LogKey) -> LogKey:
    """Step 1; a key that was made before is taken."""
    known = read_next_key(store)
    if known is not None:
        return known
    origin = old.origin
    made = generate_log_key(Origin(origin.member, origin.domain, origin.epoch + 1))
    store.save_machine_keys(NEXT_KEY, made.to_skey().encode("ascii"))
    return made


def begin_log(tx: Tx, old_head: str, now: int, random: Random) -> int:
    """Step 2, a job on the store under the new key; return how many mails of ours were entered anew."""
    digest = hashlib.sha256(old_head.encode("utf-8")).digest()
    first = EpochBegun(sha256=digest, artefact=old_head.encode("utf-8"), time=now)
    tx.log.append([prepare_line(first, random)])
    count, after = 0, 0
    while mails := tx.dispatches.unsettled(after, _PAGE):
        enter_again(tx, {one.id: one.log_number for _, one in mails}, tx.dispatches.enter_again, random)
        count, after = count + len(mails), mails[-1][0]
    return count


def take_over(store: FileKeyStore, old: LogKey, new: LogKey) -> None:
    """Step 3."""
    store.save_machine_keys(f"log-{old.origin.epoch}", old.to_skey().encode("ascii"))
    store.save_machine_keys("log", new.to_skey().encode("ascii"))
    store.save_machine_keys(NEXT_KEY, b"")


def _load(store: FileKeyStore, name: str) -> LogKey:
    return LogKey.from_skey(store.load_machine_keys(name).decode("ascii"))
