"""The case file: a case with all that is needed to check it without a network, given an anchor.

container      magic, length, digest, content
papers         who is who: trust list, certificates, revocation lists
examination    one signed statement, and the exhibits in it
deliveries     what the logs say about its envelopes
deletions      what the exporter's log says of statements that it deleted
verification   the steps, in order
report         what was proved, for printing
"""

from __future__ import annotations

from tracepost.protocol.casefile.container import CONTENT_LIMIT, MAGIC, VERSION, read_casefile, write_casefile
from tracepost.protocol.casefile.deletions import DELETE_AFTER
from tracepost.protocol.casefile.deliveries import (
    LogReader,
    earliest_of,
    earliest_proven,
    read_envelope_proofs,
)
from tracepost.protocol.casefile.report import (
    CaseReport,
    ClassCount,
    Deletion,
    DeletionCause,
    Delivery,
    ExhibitReport,
    Proven,
    Receipt,
    Remark,
    Shown,
    Signer,
    StatementReport,
    UnanchoredCaseError,
    WithheldField,
)
from tracepost.protocol.casefile.verification import anchor_of, verify_casefile

__all__ = [
    "CONTENT_LIMIT",
    "DELETE_AFTER",
    "MAGIC",
    "VERSION",
    "CaseReport",
    "ClassCount",
    "Deletion",
    "DeletionCause",
    "Delivery",
    "ExhibitReport",
    "LogReader",
    "Proven",
    "Receipt",
    "Remark",
    "Shown",
    "Signer",
    "StatementReport",
    "UnanchoredCaseError",
    "WithheldField",
    "anchor_of",
    "earliest_of",
    "earliest_proven",
    "read_casefile",
    "read_envelope_proofs",
    "verify_casefile",
    "write_casefile",
]
