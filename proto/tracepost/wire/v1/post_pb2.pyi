# mypy: ignore-errors
from tracepost.wire.buf.validate import validate_pb2 as _validate_pb2
from tracepost.wire.v1 import envelope_pb2 as _envelope_pb2
from tracepost.wire.v1 import options_pb2 as _options_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RoadPosition(_message.Message):
    __slots__ = ("via", "lane", "epoch", "seq")
    VIA_FIELD_NUMBER: _ClassVar[int]
    LANE_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    via: str
    lane: int
    epoch: int
    seq: int
    def __init__(self, via: _Optional[str] = ..., lane: _Optional[int] = ..., epoch: _Optional[int] = ..., seq: _Optional[int] = ...) -> None: ...

class ResumeRequest(_message.Message):
    __slots__ = ("held", "given", "papers_only")
    HELD_FIELD_NUMBER: _ClassVar[int]
    GIVEN_FIELD_NUMBER: _ClassVar[int]
    PAPERS_ONLY_FIELD_NUMBER: _ClassVar[int]
    held: _containers.RepeatedCompositeFieldContainer[RoadPosition]
    given: _containers.RepeatedCompositeFieldContainer[RoadPosition]
    papers_only: bool
    def __init__(self, held: _Optional[_Iterable[_Union[RoadPosition, _Mapping]]] = ..., given: _Optional[_Iterable[_Union[RoadPosition, _Mapping]]] = ..., papers_only: _Optional[bool] = ...) -> None: ...

class ResumedMail(_message.Message):
    __slots__ = ("papers", "envelope", "receipt", "spine")
    PAPERS_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    SPINE_FIELD_NUMBER: _ClassVar[int]
    papers: Announcement
    envelope: _envelope_pb2.Envelope
    receipt: bytes
    spine: bytes
    def __init__(self, papers: _Optional[_Union[Announcement, _Mapping]] = ..., envelope: _Optional[_Union[_envelope_pb2.Envelope, _Mapping]] = ..., receipt: _Optional[bytes] = ..., spine: _Optional[bytes] = ...) -> None: ...

class Aside(_message.Message):
    __slots__ = ("from_member", "to_member", "sealed")
    FROM_MEMBER_FIELD_NUMBER: _ClassVar[int]
    TO_MEMBER_FIELD_NUMBER: _ClassVar[int]
    SEALED_FIELD_NUMBER: _ClassVar[int]
    from_member: str
    to_member: str
    sealed: bytes
    def __init__(self, from_member: _Optional[str] = ..., to_member: _Optional[str] = ..., sealed: _Optional[bytes] = ...) -> None: ...

class ResumeAside(_message.Message):
    __slots__ = ("question", "part", "request", "mails", "last")
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    MAILS_FIELD_NUMBER: _ClassVar[int]
    LAST_FIELD_NUMBER: _ClassVar[int]
    question: bytes
    part: int
    request: ResumeRequest
    mails: _containers.RepeatedCompositeFieldContainer[ResumedMail]
    last: bool
    def __init__(self, question: _Optional[bytes] = ..., part: _Optional[int] = ..., request: _Optional[_Union[ResumeRequest, _Mapping]] = ..., mails: _Optional[_Iterable[_Union[ResumedMail, _Mapping]]] = ..., last: _Optional[bool] = ...) -> None: ...

class AttachmentPiece(_message.Message):
    __slots__ = ("envelope_id", "address", "total_bytes", "data")
    ENVELOPE_ID_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_BYTES_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    envelope_id: bytes
    address: bytes
    total_bytes: int
    data: bytes
    def __init__(self, envelope_id: _Optional[bytes] = ..., address: _Optional[bytes] = ..., total_bytes: _Optional[int] = ..., data: _Optional[bytes] = ...) -> None: ...

class AttachmentPosition(_message.Message):
    __slots__ = ("offset", "complete")
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    COMPLETE_FIELD_NUMBER: _ClassVar[int]
    offset: int
    complete: bool
    def __init__(self, offset: _Optional[int] = ..., complete: _Optional[bool] = ...) -> None: ...

class AttachmentRequest(_message.Message):
    __slots__ = ("envelope_id", "address", "offset")
    ENVELOPE_ID_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    envelope_id: bytes
    address: bytes
    offset: int
    def __init__(self, envelope_id: _Optional[bytes] = ..., address: _Optional[bytes] = ..., offset: _Optional[int] = ...) -> None: ...

class Frame(_message.Message):
    __slots__ = ("freshness", "envelopes", "receipts", "receipts_stored", "statuses", "announcements", "consistency", "expiries", "expiries_stored", "consistency_wanted", "marks", "asides", "papers_held", "custody_asked")
    FRESHNESS_FIELD_NUMBER: _ClassVar[int]
    ENVELOPES_FIELD_NUMBER: _ClassVar[int]
    RECEIPTS_FIELD_NUMBER: _ClassVar[int]
    RECEIPTS_STORED_FIELD_NUMBER: _ClassVar[int]
    STATUSES_FIELD_NUMBER: _ClassVar[int]
    ANNOUNCEMENTS_FIELD_NUMBER: _ClassVar[int]
    CONSISTENCY_FIELD_NUMBER: _ClassVar[int]
    EXPIRIES_FIELD_NUMBER: _ClassVar[int]
    EXPIRIES_STORED_FIELD_NUMBER: _ClassVar[int]
    CONSISTENCY_WANTED_FIELD_NUMBER: _ClassVar[int]
    MARKS_FIELD_NUMBER: _ClassVar[int]
    ASIDES_FIELD_NUMBER: _ClassVar[int]
    PAPERS_HELD_FIELD_NUMBER: _ClassVar[int]
    CUSTODY_ASKED_FIELD_NUMBER: _ClassVar[int]
    freshness: Freshness
    envelopes: _containers.RepeatedCompositeFieldContainer[_envelope_pb2.Envelope]
    receipts: _containers.RepeatedCompositeFieldContainer[Receipt]
    receipts_stored: _containers.RepeatedScalarFieldContainer[bytes]
    statuses: _containers.RepeatedCompositeFieldContainer[StreamStatus]
    announcements: _containers.RepeatedCompositeFieldContainer[Announcement]
    consistency: _containers.RepeatedCompositeFieldContainer[ConsistencyProof]
    expiries: _containers.RepeatedCompositeFieldContainer[Expiry]
    expiries_stored: _containers.RepeatedScalarFieldContainer[bytes]
    consistency_wanted: _containers.RepeatedCompositeFieldContainer[ConsistencyRequest]
    marks: _containers.RepeatedCompositeFieldContainer[RoadMark]
    asides: _containers.RepeatedCompositeFieldContainer[Aside]
    papers_held: _containers.RepeatedScalarFieldContainer[bytes]
    custody_asked: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, freshness: _Optional[_Union[Freshness, _Mapping]] = ..., envelopes: _Optional[_Iterable[_Union[_envelope_pb2.Envelope, _Mapping]]] = ..., receipts: _Optional[_Iterable[_Union[Receipt, _Mapping]]] = ..., receipts_stored: _Optional[_Iterable[bytes]] = ..., statuses: _Optional[_Iterable[_Union[StreamStatus, _Mapping]]] = ..., announcements: _Optional[_Iterable[_Union[Announcement, _Mapping]]] = ..., consistency: _Optional[_Iterable[_Union[ConsistencyProof, _Mapping]]] = ..., expiries: _Optional[_Iterable[_Union[Expiry, _Mapping]]] = ..., expiries_stored: _Optional[_Iterable[bytes]] = ..., consistency_wanted: _Optional[_Iterable[_Union[ConsistencyRequest, _Mapping]]] = ..., marks: _Optional[_Iterable[_Union[RoadMark, _Mapping]]] = ..., asides: _Optional[_Iterable[_Union[Aside, _Mapping]]] = ..., papers_held: _Optional[_Iterable[bytes]] = ..., custody_asked: _Optional[_Iterable[bytes]] = ...) -> None: ...

class RoadMark(_message.Message):
    __slots__ = ("from_member", "proof")
    FROM_MEMBER_FIELD_NUMBER: _ClassVar[int]
    PROOF_FIELD_NUMBER: _ClassVar[int]
    from_member: str
    proof: bytes
    def __init__(self, from_member: _Optional[str] = ..., proof: _Optional[bytes] = ...) -> None: ...

class Freshness(_message.Message):
    __slots__ = ("trust_list_sequence", "directory_sequence", "crl_number")
    TRUST_LIST_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    DIRECTORY_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    CRL_NUMBER_FIELD_NUMBER: _ClassVar[int]
    trust_list_sequence: int
    directory_sequence: int
    crl_number: int
    def __init__(self, trust_list_sequence: _Optional[int] = ..., directory_sequence: _Optional[int] = ..., crl_number: _Optional[int] = ...) -> None: ...

class Receipt(_message.Message):
    __slots__ = ("envelope_id", "from_member", "to_member", "proof")
    ENVELOPE_ID_FIELD_NUMBER: _ClassVar[int]
    FROM_MEMBER_FIELD_NUMBER: _ClassVar[int]
    TO_MEMBER_FIELD_NUMBER: _ClassVar[int]
    PROOF_FIELD_NUMBER: _ClassVar[int]
    envelope_id: bytes
    from_member: str
    to_member: str
    proof: bytes
    def __init__(self, envelope_id: _Optional[bytes] = ..., from_member: _Optional[str] = ..., to_member: _Optional[str] = ..., proof: _Optional[bytes] = ...) -> None: ...

class StreamStatus(_message.Message):
    __slots__ = ("envelope_id", "code", "retry_after_seconds")
    ENVELOPE_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_SECONDS_FIELD_NUMBER: _ClassVar[int]
    envelope_id: bytes
    code: str
    retry_after_seconds: int
    def __init__(self, envelope_id: _Optional[bytes] = ..., code: _Optional[str] = ..., retry_after_seconds: _Optional[int] = ...) -> None: ...

class Announcement(_message.Message):
    __slots__ = ("member", "directory_entry", "certificates", "crl", "trust_list", "suites")
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    DIRECTORY_ENTRY_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATES_FIELD_NUMBER: _ClassVar[int]
    CRL_FIELD_NUMBER: _ClassVar[int]
    TRUST_LIST_FIELD_NUMBER: _ClassVar[int]
    SUITES_FIELD_NUMBER: _ClassVar[int]
    member: str
    directory_entry: str
    certificates: _containers.RepeatedScalarFieldContainer[bytes]
    crl: bytes
    trust_list: bytes
    suites: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, member: _Optional[str] = ..., directory_entry: _Optional[str] = ..., certificates: _Optional[_Iterable[bytes]] = ..., crl: _Optional[bytes] = ..., trust_list: _Optional[bytes] = ..., suites: _Optional[_Iterable[str]] = ...) -> None: ...

class ConsistencyProof(_message.Message):
    __slots__ = ("old_size", "path", "checkpoint", "member", "for_member")
    OLD_SIZE_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    FOR_MEMBER_FIELD_NUMBER: _ClassVar[int]
    old_size: int
    path: _containers.RepeatedScalarFieldContainer[bytes]
    checkpoint: str
    member: str
    for_member: str
    def __init__(self, old_size: _Optional[int] = ..., path: _Optional[_Iterable[bytes]] = ..., checkpoint: _Optional[str] = ..., member: _Optional[str] = ..., for_member: _Optional[str] = ...) -> None: ...

class ConsistencyRequest(_message.Message):
    __slots__ = ("member", "old_size", "checkpoint", "for_member")
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    OLD_SIZE_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    FOR_MEMBER_FIELD_NUMBER: _ClassVar[int]
    member: str
    old_size: int
    checkpoint: str
    for_member: str
    def __init__(self, member: _Optional[str] = ..., old_size: _Optional[int] = ..., checkpoint: _Optional[str] = ..., for_member: _Optional[str] = ...) -> None: ...

class Expiry(_message.Message):
    __slots__ = ("envelope_id", "expired_at")
    ENVELOPE_ID_FIELD_NUMBER: _ClassVar[int]
    EXPIRED_AT_FIELD_NUMBER: _ClassVar[int]
    envelope_id: bytes
    expired_at: int
    def __init__(self, envelope_id: _Optional[bytes] = ..., expired_at: _Optional[int] = ...) -> None: ...

class Problem(_message.Message):
    __slots__ = ("code", "words", "where", "remedy", "reason", "members")
    CODE_FIELD_NUMBER: _ClassVar[int]
    WORDS_FIELD_NUMBER: _ClassVar[int]
    WHERE_FIELD_NUMBER: _ClassVar[int]
    REMEDY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    code: str
    words: str
    where: str
    remedy: str
    reason: str
    members: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, code: _Optional[str] = ..., words: _Optional[str] = ..., where: _Optional[str] = ..., remedy: _Optional[str] = ..., reason: _Optional[str] = ..., members: _Optional[_Iterable[str]] = ...) -> None: ...
