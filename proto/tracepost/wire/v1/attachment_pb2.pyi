# mypy: ignore-errors
from tracepost.wire.buf.validate import validate_pb2 as _validate_pb2
from tracepost.wire.v1 import options_pb2 as _options_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

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
ATTACHMENT_SUBJECT_UNSPECIFIED: AttachmentSubject
ATTACHMENT_SUBJECT_PHOTOGRAPH: AttachmentSubject
ATTACHMENT_SUBJECT_VIDEO: AttachmentSubject
ATTACHMENT_SUBJECT_SURFACE_SCAN: AttachmentSubject
ATTACHMENT_SUBJECT_EXPERT_REPORT: AttachmentSubject
ATTACHMENT_SUBJECT_RECORD: AttachmentSubject
ATTACHMENT_SUBJECT_MARKING_GUIDE: AttachmentSubject
ATTACHMENT_SUBJECT_LETTER: AttachmentSubject
ATTACHMENT_SUBJECT_OTHER: AttachmentSubject

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
