"""The evidence log: a Merkle log that nobody can rewrite, in the formats of C2SP.

    merkle      hashes, frontier, roots, paths and their checks (RFC 6962)
    blocks      hashes in blocks of 256, as tlog-tiles has them
    note        signed notes, keys, cosignatures
    checkpoint  heads of logs: origin, size, root
    entry       what a log says, and its bytes
    road        entries about an envelope, by its address
    proof       LogProof: an entry, its path and its head
    witness     a head given to a witness, judged (add-checkpoint)
    contradiction  two signed heads that cannot both be of one log, as a file for anyone

How a member's log grows, in one transaction with what the entries are about:

    lines = [prepare_line(entry, random) for entry in entries]
    first = frontier.size
    for line in lines:
        blocks.add(frontier.append(line.leaf))
    prover = Prover(frontier.size, blocks)
    ...commit lines and blocks.take_changed(), and only when that is durable:
    checkpoint = log_key.sign_checkpoint(log_key.origin, prover.size, prover.root())
    for index, line in enumerate(lines, first):
        make_proof(line, index, prover.inclusion_path(index), checkpoint)
"""

from __future__ import annotations

from tracepost.protocol.evidence.blocks import Block, BlockHashes
from tracepost.protocol.evidence.checkpoint import (
    Head,
    ListedKey,
    LogKey,
    LogVerifier,
    Origin,
    UntrustedHead,
    WitnessKey,
    generate_log_key,
    generate_witness_key,
    parse_origin,
    peek_head,
)
from tracepost.protocol.evidence.contradiction import Contradiction, Verdict, parse_contradiction
from tracepost.protocol.evidence.entry import (
    CertificatePublished,
    ClearEntry,
    ContradictionFound,
    CrlPublished,
    Custody,
    DirectoryEntryPublished,
    Entry,
    EpochBegun,
    LogLine,
    Opened,
    PolicyActivated,
    Received,
    SaltedEntry,
    Sent,
    Signed,
    TrustListAccepted,
    Watermark,
    approvals_digest,
    encode_entry,
    is_clear,
    leaf_data,
    parse_entry,
    prepare_line,
    receipt_commitment,
    sent_commitment,
)
from tracepost.protocol.evidence.merkle import (
    EMPTY_ROOT,
    Frontier,
    HashReader,
    Node,
    Prover,
    consistency_path,
    inclusion_path,
    leaf_hash,
    node_hash,
    root,
    roots_of_path,
    verify_consistency,
    verify_inclusion,
)
from tracepost.protocol.evidence.note import (
    COSIGNS_AT_TIME,
    COSIGNS_POST_QUANTUM,
    SIGNS_TEXT,
    Cosignature,
    NoteSigner,
    NoteVerifier,
    OpenedNote,
    generate_note_key,
    open_note,
    parse_vkey,
)
from tracepost.protocol.evidence.proof import ProvedEntry, make_proof, verify_proof
from tracepost.protocol.evidence.road import custody_on, is_on, received_on, sent_on
from tracepost.protocol.evidence.witness import (
    Submission,
    WitnessReply,
    cosign,
    judge_submission,
    parse_submission,
)

__all__ = [
    "COSIGNS_AT_TIME",
    "COSIGNS_POST_QUANTUM",
    "EMPTY_ROOT",
    "SIGNS_TEXT",
    "Block",
    "BlockHashes",
    "CertificatePublished",
    "ClearEntry",
    "Contradiction",
    "ContradictionFound",
    "Cosignature",
    "CrlPublished",
    "Custody",
    "DirectoryEntryPublished",
    "Entry",
    "EpochBegun",
    "Frontier",
    "HashReader",
    "Head",
    "ListedKey",
    "LogKey",
    "LogLine",
    "LogVerifier",
    "Node",
    "NoteSigner",
    "NoteVerifier",
    "Opened",
    "OpenedNote",
    "Origin",
    "PolicyActivated",
    "ProvedEntry",
    "Prover",
    "Received",
    "SaltedEntry",
    "Sent",
    "Signed",
    "Submission",
    "TrustListAccepted",
    "UntrustedHead",
    "Verdict",
    "Watermark",
    "WitnessKey",
    "WitnessReply",
    "approvals_digest",
    "consistency_path",
    "cosign",
    "custody_on",
    "encode_entry",
    "generate_log_key",
    "generate_note_key",
    "generate_witness_key",
    "inclusion_path",
    "is_clear",
    "is_on",
    "judge_submission",
    "leaf_data",
    "leaf_hash",
    "make_proof",
    "node_hash",
    "open_note",
    "parse_contradiction",
    "parse_entry",
    "parse_origin",
    "parse_submission",
    "parse_vkey",
    "peek_head",
    "prepare_line",
    "receipt_commitment",
    "received_on",
    "root",
    "roots_of_path",
    "sent_commitment",
    "sent_on",
    "verify_consistency",
    "verify_inclusion",
    "verify_proof",
]
