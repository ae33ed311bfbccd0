# mypy: ignore-errors
from tracepost.wire.buf.validate import validate_pb2 as _validate_pb2
from tracepost.wire.v1 import options_pb2 as _options_pb2
from tracepost.wire.v1 import search_pb2 as _search_pb2
from tracepost.wire.v1 import weapon_pb2 as _weapon_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RegisterStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REGISTER_STATUS_UNSPECIFIED: _ClassVar[RegisterStatus]
    REGISTER_STATUS_LOST: _ClassVar[RegisterStatus]
    REGISTER_STATUS_STOLEN: _ClassVar[RegisterStatus]
    REGISTER_STATUS_IN_STOCK: _ClassVar[RegisterStatus]
    REGISTER_STATUS_LICENSED: _ClassVar[RegisterStatus]
    REGISTER_STATUS_EXPORTED: _ClassVar[RegisterStatus]
    REGISTER_STATUS_DESTROYED: _ClassVar[RegisterStatus]

class FeatureAgreement(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FEATURE_AGREEMENT_UNSPECIFIED: _ClassVar[FeatureAgreement]
    FEATURE_AGREEMENT_AGREES: _ClassVar[FeatureAgreement]
    FEATURE_AGREEMENT_DIFFERS: _ClassVar[FeatureAgreement]
    FEATURE_AGREEMENT_UNKNOWN: _ClassVar[FeatureAgreement]
REGISTER_STATUS_UNSPECIFIED: RegisterStatus
REGISTER_STATUS_LOST: RegisterStatus
REGISTER_STATUS_STOLEN: RegisterStatus
REGISTER_STATUS_IN_STOCK: RegisterStatus
REGISTER_STATUS_LICENSED: RegisterStatus
REGISTER_STATUS_EXPORTED: RegisterStatus
REGISTER_STATUS_DESTROYED: RegisterStatus
FEATURE_AGREEMENT_UNSPECIFIED: FeatureAgreement
FEATURE_AGREEMENT_AGREES: FeatureAgreement
FEATURE_AGREEMENT_DIFFERS: FeatureAgreement
FEATURE_AGREEMENT_UNKNOWN: FeatureAgreement

class RegisterRow(_message.Message):
    __slots__ = ("row", "status", "reference", "since", "object")
    ROW_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    OBJECT_FIELD_NUMBER: _ClassVar[int]
    row: int
    status: RegisterStatus
    reference: str
    since: str
    object: _weapon_pb2.Object
    def __init__(self, row: _Optional[int] = ..., status: _Optional[_Union[RegisterStatus, str]] = ..., reference: _Optional[str] = ..., since: _Optional[str] = ..., object: _Optional[_Union[_weapon_pb2.Object, _Mapping]] = ...) -> None: ...

class ImportRegisterRequest(_message.Message):
    __slots__ = ("source", "desk", "rows", "last")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    DESK_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    LAST_FIELD_NUMBER: _ClassVar[int]
    source: str
    desk: str
    rows: _containers.RepeatedCompositeFieldContainer[RegisterRow]
    last: bool
    def __init__(self, source: _Optional[str] = ..., desk: _Optional[str] = ..., rows: _Optional[_Iterable[_Union[RegisterRow, _Mapping]]] = ..., last: _Optional[bool] = ...) -> None: ...

class RowFault(_message.Message):
    __slots__ = ("row", "where", "reason")
    ROW_FIELD_NUMBER: _ClassVar[int]
    WHERE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    row: int
    where: str
    reason: str
    def __init__(self, row: _Optional[int] = ..., where: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class RegisterSource(_message.Message):
    __slots__ = ("source", "desk", "records", "imported_at", "imported_by")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    DESK_FIELD_NUMBER: _ClassVar[int]
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    IMPORTED_AT_FIELD_NUMBER: _ClassVar[int]
    IMPORTED_BY_FIELD_NUMBER: _ClassVar[int]
    source: str
    desk: str
    records: int
    imported_at: str
    imported_by: str
    def __init__(self, source: _Optional[str] = ..., desk: _Optional[str] = ..., records: _Optional[int] = ..., imported_at: _Optional[str] = ..., imported_by: _Optional[str] = ...) -> None: ...

class ImportRegisterResponse(_message.Message):
    __slots__ = ("taken", "faults", "in_force", "unchanged")
    TAKEN_FIELD_NUMBER: _ClassVar[int]
    FAULTS_FIELD_NUMBER: _ClassVar[int]
    IN_FORCE_FIELD_NUMBER: _ClassVar[int]
    UNCHANGED_FIELD_NUMBER: _ClassVar[int]
    taken: int
    faults: _containers.RepeatedCompositeFieldContainer[RowFault]
    in_force: RegisterSource
    unchanged: bool
    def __init__(self, taken: _Optional[int] = ..., faults: _Optional[_Iterable[_Union[RowFault, _Mapping]]] = ..., in_force: _Optional[_Union[RegisterSource, _Mapping]] = ..., unchanged: _Optional[bool] = ...) -> None: ...

class ListRegistersRequest(_message.Message):
    __slots__ = ("desk",)
    DESK_FIELD_NUMBER: _ClassVar[int]
    desk: str
    def __init__(self, desk: _Optional[str] = ...) -> None: ...

class ListRegistersResponse(_message.Message):
    __slots__ = ("sources",)
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    sources: _containers.RepeatedCompositeFieldContainer[RegisterSource]
    def __init__(self, sources: _Optional[_Iterable[_Union[RegisterSource, _Mapping]]] = ...) -> None: ...

class MatchRegisterRequest(_message.Message):
    __slots__ = ("case", "item_ids", "desk", "exact")
    CASE_FIELD_NUMBER: _ClassVar[int]
    ITEM_IDS_FIELD_NUMBER: _ClassVar[int]
    DESK_FIELD_NUMBER: _ClassVar[int]
    EXACT_FIELD_NUMBER: _ClassVar[int]
    case: str
    item_ids: _containers.RepeatedScalarFieldContainer[str]
    desk: str
    exact: bool
    def __init__(self, case: _Optional[str] = ..., item_ids: _Optional[_Iterable[str]] = ..., desk: _Optional[str] = ..., exact: _Optional[bool] = ...) -> None: ...

class RegisterMatch(_message.Message):
    __slots__ = ("item_id", "source", "grade", "make", "model", "calibre", "record")
    ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    GRADE_FIELD_NUMBER: _ClassVar[int]
    MAKE_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    CALIBRE_FIELD_NUMBER: _ClassVar[int]
    RECORD_FIELD_NUMBER: _ClassVar[int]
    item_id: str
    source: str
    grade: _search_pb2.MatchGrade
    make: FeatureAgreement
    model: FeatureAgreement
    calibre: FeatureAgreement
    record: RegisterRow
    def __init__(self, item_id: _Optional[str] = ..., source: _Optional[str] = ..., grade: _Optional[_Union[_search_pb2.MatchGrade, str]] = ..., make: _Optional[_Union[FeatureAgreement, str]] = ..., model: _Optional[_Union[FeatureAgreement, str]] = ..., calibre: _Optional[_Union[FeatureAgreement, str]] = ..., record: _Optional[_Union[RegisterRow, _Mapping]] = ...) -> None: ...

class MatchRegisterResponse(_message.Message):
    __slots__ = ("matches", "not_searched", "sources")
    MATCHES_FIELD_NUMBER: _ClassVar[int]
    NOT_SEARCHED_FIELD_NUMBER: _ClassVar[int]
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    matches: _containers.RepeatedCompositeFieldContainer[RegisterMatch]
    not_searched: _containers.RepeatedScalarFieldContainer[str]
    sources: _containers.RepeatedCompositeFieldContainer[RegisterSource]
    def __init__(self, matches: _Optional[_Iterable[_Union[RegisterMatch, _Mapping]]] = ..., not_searched: _Optional[_Iterable[str]] = ..., sources: _Optional[_Iterable[_Union[RegisterSource, _Mapping]]] = ...) -> None: ...
