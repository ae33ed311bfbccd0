# mypy: ignore-errors
from tracepost.wire.buf.validate import validate_pb2 as _validate_pb2
from tracepost.wire.v1 import options_pb2 as _options_pb2
from tracepost.wire.v1 import terms_pb2 as _terms_pb2
from tracepost.wire.v1 import weapon_pb2 as _weapon_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CheckResult(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CHECK_RESULT_UNSPECIFIED: _ClassVar[CheckResult]
    CHECK_RESULT_HIT: _ClassVar[CheckResult]
    CHECK_RESULT_NO_HIT: _ClassVar[CheckResult]
    CHECK_RESULT_NOT_SEARCHED: _ClassVar[CheckResult]
CHECK_RESULT_UNSPECIFIED: CheckResult
CHECK_RESULT_HIT: CheckResult
CHECK_RESULT_NO_HIT: CheckResult
CHECK_RESULT_NOT_SEARCHED: CheckResult

class ObjectCheck(_message.Message):
    __slots__ = ("file_number", "items", "handling_instructions", "reply_by", "withheld", "named_desks", "readers")
    FILE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    HANDLING_INSTRUCTIONS_FIELD_NUMBER: _ClassVar[int]
    REPLY_BY_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    NAMED_DESKS_FIELD_NUMBER: _ClassVar[int]
    READERS_FIELD_NUMBER: _ClassVar[int]
    file_number: str
    items: _containers.RepeatedCompositeFieldContainer[CheckedObject]
    handling_instructions: _containers.RepeatedScalarFieldContainer[_terms_pb2.HandlingInstruction]
    reply_by: str
    withheld: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Withheld]
    named_desks: _containers.RepeatedScalarFieldContainer[str]
    readers: _containers.RepeatedCompositeFieldContainer[_terms_pb2.FieldReaders]
    def __init__(self, file_number: _Optional[str] = ..., items: _Optional[_Iterable[_Union[CheckedObject, _Mapping]]] = ..., handling_instructions: _Optional[_Iterable[_Union[_terms_pb2.HandlingInstruction, str]]] = ..., reply_by: _Optional[str] = ..., withheld: _Optional[_Iterable[_Union[_terms_pb2.Withheld, _Mapping]]] = ..., named_desks: _Optional[_Iterable[str]] = ..., readers: _Optional[_Iterable[_Union[_terms_pb2.FieldReaders, _Mapping]]] = ...) -> None: ...

class CheckedObject(_message.Message):
    __slots__ = ("id", "category", "make", "model", "calibre_as_marked", "calibre", "mark")
    ID_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    MAKE_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    CALIBRE_AS_MARKED_FIELD_NUMBER: _ClassVar[int]
    CALIBRE_FIELD_NUMBER: _ClassVar[int]
    MARK_FIELD_NUMBER: _ClassVar[int]
    id: str
    category: _weapon_pb2.Category
    make: str
    model: str
    calibre_as_marked: str
    calibre: str
    mark: _containers.RepeatedCompositeFieldContainer[_weapon_pb2.Mark]
    def __init__(self, id: _Optional[str] = ..., category: _Optional[_Union[_weapon_pb2.Category, str]] = ..., make: _Optional[str] = ..., model: _Optional[str] = ..., calibre_as_marked: _Optional[str] = ..., calibre: _Optional[str] = ..., mark: _Optional[_Iterable[_Union[_weapon_pb2.Mark, _Mapping]]] = ...) -> None: ...

class ObjectCheckReply(_message.Message):
    __slots__ = ("file_number", "outcomes", "automatic", "follow_up", "withheld", "named_desks", "readers")
    FILE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    AUTOMATIC_FIELD_NUMBER: _ClassVar[int]
    FOLLOW_UP_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    NAMED_DESKS_FIELD_NUMBER: _ClassVar[int]
    READERS_FIELD_NUMBER: _ClassVar[int]
    file_number: str
    outcomes: _containers.RepeatedCompositeFieldContainer[CheckOutcome]
    automatic: bool
    follow_up: _terms_pb2.Office
    withheld: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Withheld]
    named_desks: _containers.RepeatedScalarFieldContainer[str]
    readers: _containers.RepeatedCompositeFieldContainer[_terms_pb2.FieldReaders]
    def __init__(self, file_number: _Optional[str] = ..., outcomes: _Optional[_Iterable[_Union[CheckOutcome, _Mapping]]] = ..., automatic: _Optional[bool] = ..., follow_up: _Optional[_Union[_terms_pb2.Office, _Mapping]] = ..., withheld: _Optional[_Iterable[_Union[_terms_pb2.Withheld, _Mapping]]] = ..., named_desks: _Optional[_Iterable[str]] = ..., readers: _Optional[_Iterable[_Union[_terms_pb2.FieldReaders, _Mapping]]] = ...) -> None: ...

class CheckOutcome(_message.Message):
    __slots__ = ("item_id", "result")
    ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    item_id: str
    result: CheckResult
    def __init__(self, item_id: _Optional[str] = ..., result: _Optional[_Union[CheckResult, str]] = ...) -> None: ...
