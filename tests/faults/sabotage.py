"""Daemons with one guarantee broken each, to show that the checker would notice.

Nothing of this is in the product; it is put over its functions before a daemon of a campaign starts.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from fakes.fault_main import receipt_before_commit
from tracepost.node.handlers.sending import repeats, sending
from tracepost.node.handlers.sending.disclosure_log import DisclosureLog
from tracepost.node.post import settlement
from tracepost.node.records.mail import MailState, Settlement
from tracepost.serving.own_head import KeptHead
from tracepost.serving.storage.evidence_store import LogStore


def answer_before_commit() -> None:
    """Sign and answer before COMMIT, and keep no head: the daemon itself would know by it, and not start again."""
    receipt_before_commit()

    def keep_nothing(self: KeptHead, note: str) -> None:
        del self, note

    KeptHead.write = keep_nothing  # type: ignore[method-assign]


def skip_log_entry() -> None:
    """Show statements to officers and leave no entry of it."""

    async def record_nothing(self: DisclosureLog, *_: Any, **__: Any) -> None:
        del self

    DisclosureLog.record = record_nothing  # type: ignore[method-assign]


def clear_outbox_on_custody() -> None:
    """Take the word of a relay for the word of the addressee: the queue's cursor moves on."""
    read = settlement._settlements

    def trust_the_relay(*arguments: Any) -> Iterator[Settlement]:
        for one in read(*arguments):
            known = one.state is MailState.WITH_RELAY
            yield dataclasses.replace(one, state=MailState.DELIVERED) if known else one

    vars(settlement)["_settlements"] = trust_the_relay


def forget_what_was_answered() -> None:
    """Send a draft anew when it comes again: its key is not kept."""
    mark = repeats.mark_draft

    def mark_without_key(*arguments: Any) -> Any:
        return dataclasses.replace(mark(*arguments), key="", name="")

    vars(sending)["mark_draft"] = mark_without_key


def sign_before_commit() -> None:
    """Sign the head of a transaction as soon as it is written, before COMMIT is asked for."""
    flush = LogStore.flush

    def flush_and_sign(self: LogStore, connection: Any) -> None:
        flush(self, connection)
        if self._staged is not None:
            self._key.sign_checkpoint(self._key.origin, self._staged.size, self._staged.root)

    LogStore.flush = flush_and_sign  # type: ignore[method-assign]


BUILDS: Final[Mapping[str, Callable[[], None]]] = MappingProxyType(
    {
        "receipt-before-commit": answer_before_commit,
        "skipped-log-entry": skip_log_entry,
        "cursor-advanced-on-custody": clear_outbox_on_custody,
        "replay-without-dedupe": forget_what_was_answered,
        "head-signed-before-commit": sign_before_commit,
    }
)
"""What can be wrong with a daemon, by name."""
