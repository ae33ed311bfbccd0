"""The policies that a node starts with: the base set, and the member's own as they were put in force last.

The newest version that was activated is taken from the store, and believed if

 1. document   our statement certificate signed it, and it is about the text beside it
 2. log        our log says that a set was put in force by just these approvals
 3. additions  the text may still be added to the base set that ships with this program

In doubt the node does not start: without its own policies it would give out what a `forbid` held back.
After an update of the program the base set may be another; then the log says which set is in force now.
"""

from __future__ import annotations

from dataclasses import replace

import structlog

from tracepost.node.gate import PolicySet, base_policy
from tracepost.node.handlers.desks.policing import append_entry, in_force
from tracepost.node.handlers.desks.policy_words import digest_of, read_words
from tracepost.node.papers import Papers
from tracepost.node.policies.own import Additions, check_additions
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.cases import AuditEvent
from tracepost.node.records.papers import PolicyRecord
from tracepost.protocol import policy
from tracepost.protocol.errors import ConfigurationError, InvalidPolicyError, TracepostError
from tracepost.protocol.evidence import PolicyActivated, parse_entry
from tracepost.protocol.ids import MemberId
from tracepost.protocol.policy import PolicyDocument, text_digest
from tracepost.protocol.sealing import Random

_log = structlog.get_logger()

_RESTORE = "Put the newest backup of the store back, or ask your second person; do not start it without its policies."


async def load_policies(store: Store, papers: Papers, us: MemberId, now: int, random: Random) -> PolicySet:
    """Return the set that decides from the first request on.

    Raises:
        ConfigurationError: our own policies are not what was put in force, or do not fit the base set any more.
    """
    current = await store.read(lambda tx: in_force(tx.policies.all()))
    if current is None:
        return PolicySet.parse([base_policy()])
    document = _prove(current, papers, us)
    await store.read(lambda tx: _check_log(tx, current))
    additions = _check_additions(current)
    if document.said.base_sha256 != text_digest(base_policy()):
        _log.warning("policy-base-changed", version=current.version, set=additions.policies.sha256.hex())
    if additions.policies.sha256 != current.set_sha256:
        await store.write(lambda tx: _tell_new_base(tx, current, additions, now, random), label="policy-base")
    return additions.policies


def _prove(record: PolicyRecord, papers: Papers, us: MemberId) -> PolicyDocument:
    """Step 1."""
    try:
        certificate, identity = papers.signer_of_old(policy.peek(record.document), us)
        return policy.verify(record.document, record.text, certificate, identity)
    except TracepostError as error:
        raise _doubt(record, f"its document does not verify: {error.message}") from error


def _check_log(tx: Tx, record: PolicyRecord) -> None:
    """Step 2."""
    number = record.log_number
    lines = tx.log.lines([number]) if number is not None else {}
    try:
        entry = parse_entry(lines[number].preimage) if number in lines else None
    except TracepostError:
        entry = None
    approvals = digest_of(read_words(record.words))
    if (
        not isinstance(entry, PolicyActivated)
        or entry.sha256 != record.set_sha256
        or entry.approvals != approvals
    ):
        raise _doubt(record, "our log does not say that it was put in force")


def _check_additions(record: PolicyRecord) -> Additions:
    """Step 3."""
    try:
        return check_additions(record.text)
    except InvalidPolicyError as error:
        raise ConfigurationError(
            f"version {record.version} of your own policies does not fit the base set of this program:"
            f" {error.message}",
            where=f"policies: {error.where}",
            reason="own-policies",
            remedy=(
                "Start the earlier version of the program; there put a text in force that fits both"
                " (tracepost policy check FILE with this version says what is wrong), then upgrade again."
            ),
        ) from error


def _tell_new_base(tx: Tx, record: PolicyRecord, additions: Additions, now: int, random: Random) -> None:
    sha256 = additions.policies.sha256
    number = append_entry(tx, sha256, read_words(record.words), now, random)
    tx.policies.put(replace(record, set_sha256=sha256, log_number=number))
    tx.audit.append([AuditEvent(now, "node", "policy-new-base", f"policy {record.version}", "ok", number)])


def _doubt(record: PolicyRecord, words: str) -> ConfigurationError:
    return ConfigurationError(
        f"version {record.version} of your own policies is not what was put in force: {words}",
        where="policies",
        reason="policies-damaged",
        remedy=_RESTORE,
    )
