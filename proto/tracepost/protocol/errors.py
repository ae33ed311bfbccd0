"""One tree of errors, by whose fault it is.

    TracepostError
    ├── TheirFault            what came in is wrong; the sender must change it
    │   ├── InvalidInputError ├── InvalidMessageError   ├── LimitError   ├── PartialError
    │   ├── VerificationError (StatementError, SealingError, IncompleteError, EnvelopeError,
    │   │                      EvidenceError, IdentityError, TrustError, EnrolmentError,
    │   │                      ApprovalError, PolicyError, CaseFileError, PouchError,
    │   │                      BundleError)
    │   ├── PermissionError_  ├── ConflictError         ├── NotFoundError
    │   ├── WrongPassphraseError  └── InvalidPolicyError
    ├── OurFault              this node, desk or installation must be put right
    │   ├── LockedDeskError   ├── ConfigurationError    ├── StoreError
    │   ├── LogBehindError    ├── NoAnchorError     └── InternalError
    └── TheRoad               may succeed later
        ├── UnreachableError  ├── StaleTrustError       ├── QuotaError
        └── BusyError

Every class has a stable code, the name of a gRPC status, an exit code and words.
The docstring is the default message. `where` names a field path, a row or a step
and never holds a value; `reason` is a finer code of the same refusal.
"""

from __future__ import annotations

from typing import ClassVar


class TracepostError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "error"
    grpc_status: ClassVar[str] = "UNKNOWN"
    exit_code: ClassVar[int] = 1
    remedy: ClassVar[str] = ""

    def __init__(self, message: str = "", *, where: str = "", reason: str = "", remedy: str = "") -> None:
        self.message = message or (type(self).__doc__ or "").strip().splitlines()[0]
        self.where = where
        self.reason = reason or self.code
        self.what_to_do = remedy or type(self).remedy
        super().__init__(f"{self.message} [{where}]" if where else self.message)


class TheirFault(TracepostError):  # noqa: N818 - a branch, never raised itself
    """What came in is wrong."""

    exit_code = 4
    grpc_status = "INVALID_ARGUMENT"


class OurFault(TracepostError):  # noqa: N818 - a branch, never raised itself
    """This installation must be put right."""

    exit_code = 5
    grpc_status = "FAILED_PRECONDITION"


class TheRoad(TracepostError):  # noqa: N818 - a branch, never raised itself
    """The way is closed for now; it may succeed later."""

    exit_code = 6
    grpc_status = "UNAVAILABLE"


class InvalidInputError(TheirFault):
    """The input is not well formed."""

    code = "invalid-input"
    remedy = "Correct the named place and send it again."


class InvalidMessageError(TheirFault):
    """A field of the message breaks its rule."""

    code = "invalid-message"
    remedy = "Correct the named field and send it again."


class LimitError(TheirFault):
    """The input is larger than the protocol allows."""

    code = "limit"
    grpc_status = "RESOURCE_EXHAUSTED"
    remedy = "Split it into smaller parts."


class PartialError(TheirFault):
    """Some of it was not accepted; the rest was."""

    code = "partial"
    exit_code = 8
    remedy = "Correct what is named and send that again; what was accepted is sent."


class VerificationError(TheirFault):
    """What was received does not prove what it claims."""

    code = "verification"
    exit_code = 7
    remedy = "Do not act on it; ask the sender to send it again and tell your operator."


class StatementError(VerificationError):
    """The signed statement does not verify."""

    code = "statement"


class SealingError(VerificationError):
    """The sealed part does not open or is not what was sealed."""

    code = "sealing"


class IncompleteError(VerificationError):
    """A part of the statement that this desk may read is missing."""

    code = "incomplete"
    remedy = "Work with what is there; the author is told and can send the rest."


class EnvelopeError(VerificationError):
    """The envelope is not whole."""

    code = "envelope"


class EvidenceError(VerificationError):
    """The log proof does not hold."""

    code = "evidence"


class IdentityError(VerificationError):
    """The certificate does not show who it must show."""

    code = "identity"
    grpc_status = "UNAUTHENTICATED"


class TrustError(VerificationError):
    """The trust list is not accepted."""

    code = "trust"


class EnrolmentError(VerificationError):
    """The authority does not issue this certificate."""

    code = "enrolment"
    grpc_status = "PERMISSION_DENIED"
    remedy = "Ask the operator of the authority for a new token and enrol again with fresh keys."


class ApprovalError(VerificationError):
    """The approval of another officer does not verify."""

    code = "approval"


class PolicyError(VerificationError):
    """The policy document does not verify."""

    code = "policy"
    remedy = "Do not put it in force; ask the officer who proposed it to propose it again."


class CaseFileError(VerificationError):
    """The case file is damaged or incomplete."""

    code = "case-file"


class PouchError(VerificationError):
    """The pouch is damaged, incomplete or not what it says."""

    code = "pouch"
    remedy = "Nothing of it was taken; ask its maker for the same pouch again."


class BundleError(VerificationError):
    """The bundle is not what the release key signed."""

    code = "bundle"
    remedy = "Do not install it; fetch it again, and compare the key with those who made the release."


class PermissionError_(TheirFault):  # noqa: N801 - the built-in name is taken
    """The gate does not allow this."""

    code = "not-allowed"
    grpc_status = "PERMISSION_DENIED"
    remedy = "Ask a desk with the competence, or ask the owner of the data for consent."

    def __init__(
        self,
        message: str = "",
        *,
        where: str = "",
        reason: str = "",
        remedy: str = "",
        members: tuple[str, ...] = (),
    ) -> None:
        """`members`: whose word is missing, where that is why."""
        super().__init__(message, where=where, reason=reason, remedy=remedy)
        self.members = members


class ConflictError(TheirFault):
    """The same identifier was used for other content."""

    code = "conflict"
    grpc_status = "ALREADY_EXISTS"


class NotFoundError(TheirFault):
    """There is no such thing here."""

    code = "not-found"
    grpc_status = "NOT_FOUND"


class WrongPassphraseError(TheirFault):
    """The passphrase does not open the desk's keys."""

    code = "wrong-passphrase"
    grpc_status = "PERMISSION_DENIED"
    remedy = "Try again; the escrow shares recover the keys of a desk whose passphrase is lost."


class InvalidPolicyError(TheirFault):
    """A policy breaks a rule for a member's own policies."""

    code = "invalid-policy"
    remedy = "Correct the named policy and look again: tracepost policy check FILE."


class LockedDeskError(OurFault):
    """The desk is locked."""

    code = "desk-locked"
    remedy = "An officer of the desk unlocks it: tracepost node unlock DESK."


class ConfigurationError(OurFault):
    """The configuration is wrong."""

    code = "configuration"


class StoreError(OurFault):
    """The store did not keep what it was given."""

    code = "store"
    grpc_status = "INTERNAL"


class LogBehindError(OurFault):
    """The store is not the newest one of this member's log: others hold a head beyond it."""

    code = "log-behind"
    exit_code = 9
    remedy = "Put the newest store back, or begin a new log: tracepost log recover FOLDER."


class NoAnchorError(OurFault):
    """Consistent in itself, nobody's word for who."""

    code = "no-anchor"
    exit_code = 3
    remedy = "Name a trust list (--trust FILE) or its fingerprint (--fingerprint F)."


class InternalError(OurFault):
    """An error of this program."""

    code = "internal"
    grpc_status = "INTERNAL"
    exit_code = 1
    remedy = "Tell the operator the time of the error; the log of the node has the rest."


class UnreachableError(TheRoad):
    """The other side cannot be reached."""

    code = "unreachable"
    remedy = "See that the other side serves and that its address is right, then try again."


class StaleTrustError(TheRoad):
    """Papers needed to judge this are not here yet or too old."""

    code = "stale-trust"


class QuotaError(TheRoad):
    """The quota is used up."""

    code = "quota"
    grpc_status = "RESOURCE_EXHAUSTED"


class BusyError(TheRoad):
    """The node is draining or in maintenance."""

    code = "busy"


def all_errors(root: type[TracepostError] = TracepostError) -> list[type[TracepostError]]:
    """Return every concrete class of the tree, for tables and tests."""
    found = [root] if "code" in vars(root) and root is not TracepostError else []
    for child in root.__subclasses__():
        found.extend(all_errors(child))
    return found
