# mypy: ignore-errors
from tracepost.wire.buf.validate import validate_pb2 as _validate_pb2
from tracepost.wire.v1 import options_pb2 as _options_pb2
from tracepost.wire.v1 import post_pb2 as _post_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PouchPartKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    POUCH_PART_KIND_UNSPECIFIED: _ClassVar[PouchPartKind]
    POUCH_PART_KIND_FRAME: _ClassVar[PouchPartKind]
    POUCH_PART_KIND_ATTACHMENT: _ClassVar[PouchPartKind]

class PouchDirection(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    POUCH_DIRECTION_UNSPECIFIED: _ClassVar[PouchDirection]
    POUCH_DIRECTION_WENT: _ClassVar[PouchDirection]
    POUCH_DIRECTION_CAME: _ClassVar[PouchDirection]
POUCH_PART_KIND_UNSPECIFIED: PouchPartKind
POUCH_PART_KIND_FRAME: PouchPartKind
POUCH_PART_KIND_ATTACHMENT: PouchPartKind
POUCH_DIRECTION_UNSPECIFIED: PouchDirection
POUCH_DIRECTION_WENT: PouchDirection
POUCH_DIRECTION_CAME: PouchDirection

class PouchManifest(_message.Message):
    __slots__ = ("from_member", "to_member", "number", "part", "parts", "made_at", "certificates", "envelopes", "sections", "attachments_stored")
    FROM_MEMBER_FIELD_NUMBER: _ClassVar[int]
    TO_MEMBER_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    MADE_AT_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATES_FIELD_NUMBER: _ClassVar[int]
    ENVELOPES_FIELD_NUMBER: _ClassVar[int]
    SECTIONS_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_STORED_FIELD_NUMBER: _ClassVar[int]
    from_member: str
    to_member: str
    number: int
    part: int
    parts: int
    made_at: int
    certificates: _containers.RepeatedScalarFieldContainer[bytes]
    envelopes: _containers.RepeatedCompositeFieldContainer[PouchedEnvelope]
    sections: _containers.RepeatedCompositeFieldContainer[PouchSection]
    attachments_stored: _containers.RepeatedCompositeFieldContainer[_post_pb2.AttachmentRequest]
    def __init__(self, from_member: _Optional[str] = ..., to_member: _Optional[str] = ..., number: _Optional[int] = ..., part: _Optional[int] = ..., parts: _Optional[int] = ..., made_at: _Optional[int] = ..., certificates: _Optional[_Iterable[bytes]] = ..., envelopes: _Optional[_Iterable[_Union[PouchedEnvelope, _Mapping]]] = ..., sections: _Optional[_Iterable[_Union[PouchSection, _Mapping]]] = ..., attachments_stored: _Optional[_Iterable[_Union[_post_pb2.AttachmentRequest, _Mapping]]] = ...) -> None: ...

class PouchedEnvelope(_message.Message):
    __slots__ = ("envelope_id", "part")
    ENVELOPE_ID_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    envelope_id: bytes
    part: int
    def __init__(self, envelope_id: _Optional[bytes] = ..., part: _Optional[int] = ...) -> None: ...

class PouchSection(_message.Message):
    __slots__ = ("kind", "length", "sha256", "envelope_ids")
    KIND_FIELD_NUMBER: _ClassVar[int]
    LENGTH_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_IDS_FIELD_NUMBER: _ClassVar[int]
    kind: PouchPartKind
    length: int
    sha256: bytes
    envelope_ids: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, kind: _Optional[_Union[PouchPartKind, str]] = ..., length: _Optional[int] = ..., sha256: _Optional[bytes] = ..., envelope_ids: _Optional[_Iterable[bytes]] = ...) -> None: ...

class PackPouchRequest(_message.Message):
    __slots__ = ("to", "most_mib", "only_new")
    TO_FIELD_NUMBER: _ClassVar[int]
    MOST_MIB_FIELD_NUMBER: _ClassVar[int]
    ONLY_NEW_FIELD_NUMBER: _ClassVar[int]
    to: str
    most_mib: int
    only_new: bool
    def __init__(self, to: _Optional[str] = ..., most_mib: _Optional[int] = ..., only_new: _Optional[bool] = ...) -> None: ...

class PouchPiece(_message.Message):
    __slots__ = ("file", "data")
    FILE_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    file: PouchFile
    data: bytes
    def __init__(self, file: _Optional[_Union[PouchFile, _Mapping]] = ..., data: _Optional[bytes] = ...) -> None: ...

class PouchFile(_message.Message):
    __slots__ = ("sha256", "total_bytes", "summary")
    SHA256_FIELD_NUMBER: _ClassVar[int]
    TOTAL_BYTES_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    sha256: bytes
    total_bytes: int
    summary: PouchSummary
    def __init__(self, sha256: _Optional[bytes] = ..., total_bytes: _Optional[int] = ..., summary: _Optional[_Union[PouchSummary, _Mapping]] = ...) -> None: ...

class PouchSummary(_message.Message):
    __slots__ = ("from_member", "to_member", "number", "part", "parts", "made_at", "envelopes", "urgent", "receipts", "papers", "attachments")
    FROM_MEMBER_FIELD_NUMBER: _ClassVar[int]
    TO_MEMBER_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    MADE_AT_FIELD_NUMBER: _ClassVar[int]
    ENVELOPES_FIELD_NUMBER: _ClassVar[int]
    URGENT_FIELD_NUMBER: _ClassVar[int]
    RECEIPTS_FIELD_NUMBER: _ClassVar[int]
    PAPERS_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    from_member: str
    to_member: str
    number: int
    part: int
    parts: int
    made_at: str
    envelopes: int
    urgent: int
    receipts: int
    papers: int
    attachments: int
    def __init__(self, from_member: _Optional[str] = ..., to_member: _Optional[str] = ..., number: _Optional[int] = ..., part: _Optional[int] = ..., parts: _Optional[int] = ..., made_at: _Optional[str] = ..., envelopes: _Optional[int] = ..., urgent: _Optional[int] = ..., receipts: _Optional[int] = ..., papers: _Optional[int] = ..., attachments: _Optional[int] = ...) -> None: ...

class UnpackedPouch(_message.Message):
    __slots__ = ("offset", "result")
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    offset: int
    result: UnpackingResult
    def __init__(self, offset: _Optional[int] = ..., result: _Optional[_Union[UnpackingResult, _Mapping]] = ...) -> None: ...

class UnpackingResult(_message.Message):
    __slots__ = ("summary", "fresh", "held", "duplicates", "refused", "put_off", "answered", "attachments", "attachments_left", "missing", "missing_pouches")
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    FRESH_FIELD_NUMBER: _ClassVar[int]
    HELD_FIELD_NUMBER: _ClassVar[int]
    DUPLICATES_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    PUT_OFF_FIELD_NUMBER: _ClassVar[int]
    ANSWERED_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_LEFT_FIELD_NUMBER: _ClassVar[int]
    MISSING_FIELD_NUMBER: _ClassVar[int]
    MISSING_POUCHES_FIELD_NUMBER: _ClassVar[int]
    summary: PouchSummary
    fresh: int
    held: int
    duplicates: int
    refused: int
    put_off: _containers.RepeatedCompositeFieldContainer[PutOff]
    answered: int
    attachments: int
    attachments_left: int
    missing: _containers.RepeatedCompositeFieldContainer[PouchedEnvelope]
    missing_pouches: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, summary: _Optional[_Union[PouchSummary, _Mapping]] = ..., fresh: _Optional[int] = ..., held: _Optional[int] = ..., duplicates: _Optional[int] = ..., refused: _Optional[int] = ..., put_off: _Optional[_Iterable[_Union[PutOff, _Mapping]]] = ..., answered: _Optional[int] = ..., attachments: _Optional[int] = ..., attachments_left: _Optional[int] = ..., missing: _Optional[_Iterable[_Union[PouchedEnvelope, _Mapping]]] = ..., missing_pouches: _Optional[_Iterable[int]] = ...) -> None: ...

class PutOff(_message.Message):
    __slots__ = ("envelope_id", "code")
    ENVELOPE_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    envelope_id: bytes
    code: str
    def __init__(self, envelope_id: _Optional[bytes] = ..., code: _Optional[str] = ...) -> None: ...

class ListPouchesRequest(_message.Message):
    __slots__ = ("member",)
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    member: str
    def __init__(self, member: _Optional[str] = ...) -> None: ...

class ListPouchesResponse(_message.Message):
    __slots__ = ("pouches",)
    POUCHES_FIELD_NUMBER: _ClassVar[int]
    pouches: _containers.RepeatedCompositeFieldContainer[PouchLine]
    def __init__(self, pouches: _Optional[_Iterable[_Union[PouchLine, _Mapping]]] = ...) -> None: ...

class PouchLine(_message.Message):
    __slots__ = ("member", "direction", "number", "parts", "parts_here", "envelopes", "unanswered", "made_at", "taken_at")
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    DIRECTION_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    PARTS_HERE_FIELD_NUMBER: _ClassVar[int]
    ENVELOPES_FIELD_NUMBER: _ClassVar[int]
    UNANSWERED_FIELD_NUMBER: _ClassVar[int]
    MADE_AT_FIELD_NUMBER: _ClassVar[int]
    TAKEN_AT_FIELD_NUMBER: _ClassVar[int]
    member: str
    direction: PouchDirection
    number: int
    parts: int
    parts_here: int
    envelopes: int
    unanswered: int
    made_at: str
    taken_at: str
    def __init__(self, member: _Optional[str] = ..., direction: _Optional[_Union[PouchDirection, str]] = ..., number: _Optional[int] = ..., parts: _Optional[int] = ..., parts_here: _Optional[int] = ..., envelopes: _Optional[int] = ..., unanswered: _Optional[int] = ..., made_at: _Optional[str] = ..., taken_at: _Optional[str] = ...) -> None: ...
