"""The statement: a message signed once, field by field, and redactable for ever.

An SD-JWT (RFC 9901) under ES256. Its clear claims say who, to whom, when and by which
rules; every field of the message is one disclosure in the group of its sensitivity
class. Whoever passes it on may drop disclosures; what is left still verifies.

    statement = sign(claims, schema.flatten(message), signer, random)
    untrusted = parse_compact(to_compact(redact(statement, may_see)))
    proved = verify(untrusted, certificate, issuer=member, reader=me)
    proved.fields(), proved.complete_classes()

Rules: `steps` lists what verification checks, in order. Not done here: finding and
judging the certificate (`identity`), sealing (`sealing`), what values mean (`schema`).
"""

from tracepost.protocol.statement.groups import Classify
from tracepost.protocol.statement.presentation import from_parts, parse_compact, redact, to_compact
from tracepost.protocol.statement.signature import KeySigner, Signer
from tracepost.protocol.statement.signing import Draft, Random, draft, sign, sign_draft, statement_digest
from tracepost.protocol.statement.steps import STEPS, Step
from tracepost.protocol.statement.values import (
    AUDIENCE_LIMIT,
    CLOCK_TOLERANCE_SECONDS,
    COUNTER_PATH,
    DISCLOSURES_LIMIT,
    STATEMENT_LENGTH_LIMIT,
    STATEMENT_TYPE,
    Claims,
    Count,
    Disclosure,
    Restriction,
    Statement,
    UnknownGroup,
    UntrustedStatement,
    UnverifiedHeader,
    VerifiedExhibit,
    VerifiedStatement,
)
from tracepost.protocol.statement.verification import peek, peek_claims, peek_issuer, verify, verify_exhibit

__all__ = [
    "AUDIENCE_LIMIT",
    "CLOCK_TOLERANCE_SECONDS",
    "COUNTER_PATH",
    "DISCLOSURES_LIMIT",
    "STATEMENT_LENGTH_LIMIT",
    "STATEMENT_TYPE",
    "STEPS",
    "Claims",
    "Classify",
    "Count",
    "Disclosure",
    "Draft",
    "KeySigner",
    "Random",
    "Restriction",
    "Signer",
    "Statement",
    "Step",
    "UnknownGroup",
    "UntrustedStatement",
    "UnverifiedHeader",
    "VerifiedExhibit",
    "VerifiedStatement",
    "draft",
    "from_parts",
    "parse_compact",
    "peek",
    "peek_claims",
    "peek_issuer",
    "redact",
    "sign",
    "sign_draft",
    "statement_digest",
    "to_compact",
    "verify",
    "verify_exhibit",
]
