# mypy: ignore-errors
from tracepost.wire.buf.validate import validate_pb2 as _validate_pb2
from tracepost.wire.v1 import options_pb2 as _options_pb2
from tracepost.wire.v1 import terms_pb2 as _terms_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class MatchGrade(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MATCH_GRADE_UNSPECIFIED: _ClassVar[MatchGrade]
    MATCH_GRADE_EXACT: _ClassVar[MatchGrade]
    MATCH_GRADE_NORMALISED: _ClassVar[MatchGrade]
    MATCH_GRADE_CONFUSABLE: _ClassVar[MatchGrade]
MATCH_GRADE_UNSPECIFIED: MatchGrade
MATCH_GRADE_EXACT: MatchGrade
MATCH_GRADE_NORMALISED: MatchGrade
MATCH_GRADE_CONFUSABLE: MatchGrade

class SearchMarksRequest(_message.Message):
    __slots__ = ("mark", "exact", "desk", "limit", "exercise")
    MARK_FIELD_NUMBER: _ClassVar[int]
    EXACT_FIELD_NUMBER: _ClassVar[int]
    DESK_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    EXERCISE_FIELD_NUMBER: _ClassVar[int]
    mark: str
    exact: bool
    desk: str
    limit: int
    exercise: bool
    def __init__(self, mark: _Optional[str] = ..., exact: _Optional[bool] = ..., desk: _Optional[str] = ..., limit: _Optional[int] = ..., exercise: _Optional[bool] = ...) -> None: ...

class MarkHit(_message.Message):
    __slots__ = ("thread", "statement", "kind", "from_member", "issued_at", "item_id", "path", "grade", "text_as_seen", "handling", "exercise")
    THREAD_FIELD_NUMBER: _ClassVar[int]
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    FROM_MEMBER_FIELD_NUMBER: _ClassVar[int]
    ISSUED_AT_FIELD_NUMBER: _ClassVar[int]
    ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    GRADE_FIELD_NUMBER: _ClassVar[int]
    TEXT_AS_SEEN_FIELD_NUMBER: _ClassVar[int]
    HANDLING_FIELD_NUMBER: _ClassVar[int]
    EXERCISE_FIELD_NUMBER: _ClassVar[int]
    thread: str
    statement: str
    kind: str
    from_member: str
    issued_at: str
    item_id: str
    path: str
    grade: MatchGrade
    text_as_seen: str
    handling: _containers.RepeatedScalarFieldContainer[_terms_pb2.HandlingInstruction]
    exercise: bool
    def __init__(self, thread: _Optional[str] = ..., statement: _Optional[str] = ..., kind: _Optional[str] = ..., from_member: _Optional[str] = ..., issued_at: _Optional[str] = ..., item_id: _Optional[str] = ..., path: _Optional[str] = ..., grade: _Optional[_Union[MatchGrade, str]] = ..., text_as_seen: _Optional[str] = ..., handling: _Optional[_Iterable[_Union[_terms_pb2.HandlingInstruction, str]]] = ..., exercise: _Optional[bool] = ...) -> None: ...

class SearchMarksResponse(_message.Message):
    __slots__ = ("hits", "count", "incomplete")
    HITS_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    INCOMPLETE_FIELD_NUMBER: _ClassVar[int]
    hits: _containers.RepeatedCompositeFieldContainer[MarkHit]
    count: int
    incomplete: bool
    def __init__(self, hits: _Optional[_Iterable[_Union[MarkHit, _Mapping]]] = ..., count: _Optional[int] = ..., incomplete: _Optional[bool] = ...) -> None: ...
