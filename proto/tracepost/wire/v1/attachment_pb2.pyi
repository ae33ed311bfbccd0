# mypy: ignore-errors
from tracepost.wire.buf.validate import validate_pb2 as _validate_pb2
from tracepost.wire.v1 import options_pb2 as _options_pb2
from tracepost.wire.v1 import post_pb2 as _post_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ScanVerdict(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SCAN_VERDICT_UNSPECIFIED: _ClassVar[ScanVerdict]
    SCAN_VERDICT_NOT_SCANNED: _ClassVar[ScanVerdict]
    SCAN_VERDICT_CLEAN: _ClassVar[ScanVerdict]

class AttachmentPlace(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ATTACHMENT_PLACE_UNSPECIFIED: _ClassVar[AttachmentPlace]
    ATTACHMENT_PLACE_WAITING: _ClassVar[AttachmentPlace]
    ATTACHMENT_PLACE_HERE: _ClassVar[AttachmentPlace]
    ATTACHMENT_PLACE_LEAVING: _ClassVar[AttachmentPlace]
    ATTACHMENT_PLACE_HANDED_OVER: _ClassVar[AttachmentPlace]
    ATTACHMENT_PLACE_FAILED: _ClassVar[AttachmentPlace]

class AttachmentSubject(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ATTACHMENT_SUBJECT_UNSPECIFIED: _ClassVar[AttachmentSubject]
    ATTACHMENT_SUBJECT_PHOTOGRAPH: _ClassVar[AttachmentSubject]
    ATTACHMENT_SUBJECT_VIDEO: _ClassVar[AttachmentSubject]
    ATTACHMENT_SUBJECT_SURFACE_SCAN: _ClassVar[AttachmentSubject]
    ATTACHMENT_SUBJECT_EXPERT_REPORT: _ClassVar[AttachmentSubject]
    ATTACHMENT_SUBJECT_RECORD: _ClassVar[AttachmentSubject]
    ATTACHMENT_SUBJECT_MARKING_GUIDE: _ClassVar[AttachmentSubject]
    ATTACHMENT_SUBJECT_LETTER: _ClassVar[AttachmentSubject]
    ATTACHMENT_SUBJECT_OTHER: _ClassVar[AttachmentSubject]
SCAN_VERDICT_UNSPECIFIED: ScanVerdict
SCAN_VERDICT_NOT_SCANNED: ScanVerdict
SCAN_VERDICT_CLEAN: ScanVerdict
ATTACHMENT_PLACE_UNSPECIFIED: AttachmentPlace
ATTACHMENT_PLACE_WAITING: AttachmentPlace
ATTACHMENT_PLACE_HERE: AttachmentPlace
ATTACHMENT_PLACE_LEAVING: AttachmentPlace
ATTACHMENT_PLACE_HANDED_OVER: AttachmentPlace
ATTACHMENT_PLACE_FAILED: AttachmentPlace
ATTACHMENT_SUBJECT_UNSPECIFIED: AttachmentSubject
ATTACHMENT_SUBJECT_PHOTOGRAPH: AttachmentSubject
ATTACHMENT_SUBJECT_VIDEO: AttachmentSubject
ATTACHMENT_SUBJECT_SURFACE_SCAN: AttachmentSubject
ATTACHMENT_SUBJECT_EXPERT_REPORT: AttachmentSubject
ATTACHMENT_SUBJECT_RECORD: AttachmentSubject
ATTACHMENT_SUBJECT_MARKING_GUIDE: AttachmentSubject
ATTACHMENT_SUBJECT_LETTER: AttachmentSubject
ATTACHMENT_SUBJECT_OTHER: AttachmentSubject

class DownloadRequest(_message.Message):
    __slots__ = ("case", "address", "desk", "offset", "release")
    CASE_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    DESK_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    RELEASE_FIELD_NUMBER: _ClassVar[int]
    case: str
    address: bytes
    desk: str
    offset: int
    release: str
    def __init__(self, case: _Optional[str] = ..., address: _Optional[bytes] = ..., desk: _Optional[str] = ..., offset: _Optional[int] = ..., release: _Optional[str] = ...) -> None: ...

class ContentPiece(_message.Message):
    __slots__ = ("data", "total_bytes", "media_type", "content_sha256", "scan")
    DATA_FIELD_NUMBER: _ClassVar[int]
    TOTAL_BYTES_FIELD_NUMBER: _ClassVar[int]
    MEDIA_TYPE_FIELD_NUMBER: _ClassVar[int]
    CONTENT_SHA256_FIELD_NUMBER: _ClassVar[int]
    SCAN_FIELD_NUMBER: _ClassVar[int]
    data: bytes
    total_bytes: int
    media_type: str
    content_sha256: bytes
    scan: ScanVerdict
    def __init__(self, data: _Optional[bytes] = ..., total_bytes: _Optional[int] = ..., media_type: _Optional[str] = ..., content_sha256: _Optional[bytes] = ..., scan: _Optional[_Union[ScanVerdict, str]] = ...) -> None: ...

class AttachmentState(_message.Message):
    __slots__ = ("address", "place", "bytes_here", "total_bytes", "to", "problem")
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    BYTES_HERE_FIELD_NUMBER: _ClassVar[int]
    TOTAL_BYTES_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    address: bytes
    place: AttachmentPlace
    bytes_here: int
    total_bytes: int
    to: str
    problem: str
    def __init__(self, address: _Optional[bytes] = ..., place: _Optional[_Union[AttachmentPlace, str]] = ..., bytes_here: _Optional[int] = ..., total_bytes: _Optional[int] = ..., to: _Optional[str] = ..., problem: _Optional[str] = ...) -> None: ...

class Attachment(_message.Message):
    __slots__ = ("address", "key", "content_size", "content_sha256", "media_type", "subject", "original_sha256")
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    CONTENT_SIZE_FIELD_NUMBER: _ClassVar[int]
    CONTENT_SHA256_FIELD_NUMBER: _ClassVar[int]
    MEDIA_TYPE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    ORIGINAL_SHA256_FIELD_NUMBER: _ClassVar[int]
    address: bytes
    key: bytes
    content_size: int
    content_sha256: bytes
    media_type: str
    subject: AttachmentSubject
    original_sha256: bytes
    def __init__(self, address: _Optional[bytes] = ..., key: _Optional[bytes] = ..., content_size: _Optional[int] = ..., content_sha256: _Optional[bytes] = ..., media_type: _Optional[str] = ..., subject: _Optional[_Union[AttachmentSubject, str]] = ..., original_sha256: _Optional[bytes] = ...) -> None: ...

class SceneAttachment(_message.Message):
    __slots__ = ("address", "key", "content_size", "content_sha256", "media_type", "subject", "original_sha256")
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    CONTENT_SIZE_FIELD_NUMBER: _ClassVar[int]
    CONTENT_SHA256_FIELD_NUMBER: _ClassVar[int]
    MEDIA_TYPE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    ORIGINAL_SHA256_FIELD_NUMBER: _ClassVar[int]
    address: bytes
    key: bytes
    content_size: int
    content_sha256: bytes
    media_type: str
    subject: AttachmentSubject
    original_sha256: bytes
    def __init__(self, address: _Optional[bytes] = ..., key: _Optional[bytes] = ..., content_size: _Optional[int] = ..., content_sha256: _Optional[bytes] = ..., media_type: _Optional[str] = ..., subject: _Optional[_Union[AttachmentSubject, str]] = ..., original_sha256: _Optional[bytes] = ...) -> None: ...
