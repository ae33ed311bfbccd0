# mypy: ignore-errors
from tracepost.wire.buf.validate import validate_pb2 as _validate_pb2
from tracepost.wire.v1 import options_pb2 as _options_pb2
from tracepost.wire.v1 import panel_pb2 as _panel_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class UnpublishedBecause(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    UNPUBLISHED_BECAUSE_UNSPECIFIED: _ClassVar[UnpublishedBecause]
    UNPUBLISHED_BECAUSE_UNDECIDED: _ClassVar[UnpublishedBecause]
    UNPUBLISHED_BECAUSE_DENIED: _ClassVar[UnpublishedBecause]
    UNPUBLISHED_BECAUSE_TAKEN_BACK: _ClassVar[UnpublishedBecause]
    UNPUBLISHED_BECAUSE_OF_ITS_CLASS: _ClassVar[UnpublishedBecause]
    UNPUBLISHED_BECAUSE_OF_OTHERS: _ClassVar[UnpublishedBecause]
UNPUBLISHED_BECAUSE_UNSPECIFIED: UnpublishedBecause
UNPUBLISHED_BECAUSE_UNDECIDED: UnpublishedBecause
UNPUBLISHED_BECAUSE_DENIED: UnpublishedBecause
UNPUBLISHED_BECAUSE_TAKEN_BACK: UnpublishedBecause
UNPUBLISHED_BECAUSE_OF_ITS_CLASS: UnpublishedBecause
UNPUBLISHED_BECAUSE_OF_OTHERS: UnpublishedBecause

class PublishCaseRequest(_message.Message):
    __slots__ = ("case", "desk", "text_ids", "fields", "statements", "preview")
    CASE_FIELD_NUMBER: _ClassVar[int]
    DESK_FIELD_NUMBER: _ClassVar[int]
    TEXT_IDS_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    STATEMENTS_FIELD_NUMBER: _ClassVar[int]
    PREVIEW_FIELD_NUMBER: _ClassVar[int]
    case: str
    desk: str
    text_ids: _containers.RepeatedScalarFieldContainer[str]
    fields: _containers.RepeatedScalarFieldContainer[str]
    statements: _containers.RepeatedScalarFieldContainer[str]
    preview: bool
    def __init__(self, case: _Optional[str] = ..., desk: _Optional[str] = ..., text_ids: _Optional[_Iterable[str]] = ..., fields: _Optional[_Iterable[str]] = ..., statements: _Optional[_Iterable[str]] = ..., preview: _Optional[bool] = ...) -> None: ...

class Publication(_message.Message):
    __slots__ = ("texts", "fields", "left_out", "document", "told")
    TEXTS_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    LEFT_OUT_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    TOLD_FIELD_NUMBER: _ClassVar[int]
    texts: _containers.RepeatedCompositeFieldContainer[PublishedText]
    fields: _containers.RepeatedCompositeFieldContainer[PublishedField]
    left_out: _containers.RepeatedCompositeFieldContainer[LeftUnpublished]
    document: bytes
    told: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, texts: _Optional[_Iterable[_Union[PublishedText, _Mapping]]] = ..., fields: _Optional[_Iterable[_Union[PublishedField, _Mapping]]] = ..., left_out: _Optional[_Iterable[_Union[LeftUnpublished, _Mapping]]] = ..., document: _Optional[bytes] = ..., told: _Optional[_Iterable[str]] = ...) -> None: ...

class PublishedText(_message.Message):
    __slots__ = ("text_id", "text", "from_member", "attribution", "decision", "consent_digest")
    TEXT_ID_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    FROM_MEMBER_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTION_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    CONSENT_DIGEST_FIELD_NUMBER: _ClassVar[int]
    text_id: str
    text: str
    from_member: str
    attribution: _panel_pb2.Attribution
    decision: _panel_pb2.PublicationConsent
    consent_digest: str
    def __init__(self, text_id: _Optional[str] = ..., text: _Optional[str] = ..., from_member: _Optional[str] = ..., attribution: _Optional[_Union[_panel_pb2.Attribution, str]] = ..., decision: _Optional[_Union[_panel_pb2.PublicationConsent, str]] = ..., consent_digest: _Optional[str] = ...) -> None: ...

class PublishedField(_message.Message):
    __slots__ = ("statement", "kind", "path", "of_class", "value_json")
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    OF_CLASS_FIELD_NUMBER: _ClassVar[int]
    VALUE_JSON_FIELD_NUMBER: _ClassVar[int]
    statement: str
    kind: str
    path: str
    of_class: _options_pb2.Sensitivity
    value_json: str
    def __init__(self, statement: _Optional[str] = ..., kind: _Optional[str] = ..., path: _Optional[str] = ..., of_class: _Optional[_Union[_options_pb2.Sensitivity, str]] = ..., value_json: _Optional[str] = ...) -> None: ...

class LeftUnpublished(_message.Message):
    __slots__ = ("text_id", "statement", "path", "because")
    TEXT_ID_FIELD_NUMBER: _ClassVar[int]
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    BECAUSE_FIELD_NUMBER: _ClassVar[int]
    text_id: str
    statement: str
    path: str
    because: UnpublishedBecause
    def __init__(self, text_id: _Optional[str] = ..., statement: _Optional[str] = ..., path: _Optional[str] = ..., because: _Optional[_Union[UnpublishedBecause, str]] = ...) -> None: ...
