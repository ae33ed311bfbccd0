"""A new log after the store was restored from a backup: origin, key and numbers of a new epoch.

In this order; what was begun and broke off is gone on with when it is asked for again:

    1  the key of the new log is made and kept as `log-next`; while it is there no node starts
    2  in one transaction the new log begins: its first entry is the newest head of the old one, and mail of
       ours that was not receipted is entered anew, so that it can be proved by the new key
    3  the old key is kept as `log-<epoch>`, for evidence of old times; the new one takes its place
    4  revocation lists, certificates and trust lists are fetched, before anybody is believed

Numbers of mail begin anew in the new epoch, which stands beside them in every header: none is given twice. Others
believe the new log when the stewards have put its key into the trust list, and ended the old one.

Steps 1 and 3 are those of every log (`serving.log_keys`).
"""

from __future__ import annotations

from collections.abc import Callable

from tracepost.node.adapters.keystore import FileKeyStore
from tracepost.node.ports.store import Tx
from tracepost.node.post.entering import enter_again
from tracepost.protocol.errors import NotFoundError
from tracepost.protocol.evidence import prepare_line
from tracepost.serving.log_keys import first_entry

_PAGE = 500

Random = Callable[[int], bytes]


class MachineLogKeys:
    """The keys of our logs among those that the machine opens by itself: a `LogKeyStore`."""

    def __init__(self, store: FileKeyStore) -> None:
        self._store = store

    def read(self, name: str) -> str:
        """See `LogKeyStore`."""
        try:
            return self._store.load_machine_keys(name).decode("ascii")
        except NotFoundError:
            return ""

    def keep(self, name: str, skey: str) -> None:
        """See `LogKeyStore`."""
        self._store.save_machine_keys(name, skey.encode("ascii"))


def begin_log(tx: Tx, old_head: str, now: int, random: Random) -> int:
    """Step 2, a job on the store under the new key; return how many mails of ours were entered anew."""
    tx.log.append([prepare_line(first_entry(old_head, now), random)])
    count, after = 0, 0
    while mails := tx.dispatches.unsettled(after, _PAGE):
        enter_again(tx, {one.id: one.log_number for _, one in mails}, tx.dispatches.enter_again, random)
        count, after = count + len(mails), mails[-1][0]
    return count
