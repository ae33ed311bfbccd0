# mypy: ignore-errors
from tracepost.wire.buf.validate import validate_pb2 as _validate_pb2
from tracepost.wire.v1 import options_pb2 as _options_pb2
from tracepost.wire.v1 import terms_pb2 as _terms_pb2
from tracepost.wire.v1 import trace_pb2 as _trace_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ReportDirection(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REPORT_DIRECTION_UNSPECIFIED: _ClassVar[ReportDirection]
    REPORT_DIRECTION_SENT: _ClassVar[ReportDirection]
    REPORT_DIRECTION_RECEIVED: _ClassVar[ReportDirection]

class ReportMeasure(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REPORT_MEASURE_UNSPECIFIED: _ClassVar[ReportMeasure]
    REPORT_MEASURE_ASKED: _ClassVar[ReportMeasure]
    REPORT_MEASURE_ACKNOWLEDGED: _ClassVar[ReportMeasure]
    REPORT_MEASURE_ACKNOWLEDGED_AUTOMATICALLY: _ClassVar[ReportMeasure]
    REPORT_MEASURE_NOT_ACKNOWLEDGED: _ClassVar[ReportMeasure]
    REPORT_MEASURE_ANSWERED: _ClassVar[ReportMeasure]
    REPORT_MEASURE_REFUSED: _ClassVar[ReportMeasure]
    REPORT_MEASURE_REDIRECTED: _ClassVar[ReportMeasure]
    REPORT_MEASURE_WITHDRAWN: _ClassVar[ReportMeasure]
    REPORT_MEASURE_UNANSWERED: _ClassVar[ReportMeasure]
    REPORT_MEASURE_DELAYED: _ClassVar[ReportMeasure]
    REPORT_MEASURE_MEDIAN_DAYS_TO_ACKNOWLEDGE: _ClassVar[ReportMeasure]
    REPORT_MEASURE_MEDIAN_DAYS_TO_ANSWER: _ClassVar[ReportMeasure]
    REPORT_MEASURE_ITEMS: _ClassVar[ReportMeasure]
    REPORT_MEASURE_OUTCOME: _ClassVar[ReportMeasure]
    REPORT_MEASURE_TRACED: _ClassVar[ReportMeasure]
    REPORT_MEASURE_NETWORK_SHARE: _ClassVar[ReportMeasure]
    REPORT_MEASURE_INDICATOR_SHARE: _ClassVar[ReportMeasure]
    REPORT_MEASURE_IAFQ: _ClassVar[ReportMeasure]

class ReportUnit(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REPORT_UNIT_UNSPECIFIED: _ClassVar[ReportUnit]
    REPORT_UNIT_ITEMS: _ClassVar[ReportUnit]
    REPORT_UNIT_TENTHS_OF_A_DAY: _ClassVar[ReportUnit]
    REPORT_UNIT_PER_MILLE: _ClassVar[ReportUnit]

class ReportStep(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REPORT_STEP_UNSPECIFIED: _ClassVar[ReportStep]
    REPORT_STEP_MONTH: _ClassVar[ReportStep]
    REPORT_STEP_QUARTER: _ClassVar[ReportStep]
    REPORT_STEP_YEAR: _ClassVar[ReportStep]

class ReportNote(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REPORT_NOTE_UNSPECIFIED: _ClassVar[ReportNote]
    REPORT_NOTE_NETWORK_ONLY: _ClassVar[ReportNote]
    REPORT_NOTE_DOMESTIC_KEYED_IN: _ClassVar[ReportNote]
    REPORT_NOTE_IAFQ_UNVERIFIED: _ClassVar[ReportNote]
    REPORT_NOTE_EXERCISES_LEFT_OUT: _ClassVar[ReportNote]
    REPORT_NOTE_SMALL_NUMBERS_KEPT_BACK: _ClassVar[ReportNote]
    REPORT_NOTE_PRIVATE: _ClassVar[ReportNote]
    REPORT_NOTE_NOTHING_COUNTED: _ClassVar[ReportNote]
REPORT_DIRECTION_UNSPECIFIED: ReportDirection
REPORT_DIRECTION_SENT: ReportDirection
REPORT_DIRECTION_RECEIVED: ReportDirection
REPORT_MEASURE_UNSPECIFIED: ReportMeasure
REPORT_MEASURE_ASKED: ReportMeasure
REPORT_MEASURE_ACKNOWLEDGED: ReportMeasure
REPORT_MEASURE_ACKNOWLEDGED_AUTOMATICALLY: ReportMeasure
REPORT_MEASURE_NOT_ACKNOWLEDGED: ReportMeasure
REPORT_MEASURE_ANSWERED: ReportMeasure
REPORT_MEASURE_REFUSED: ReportMeasure
REPORT_MEASURE_REDIRECTED: ReportMeasure
REPORT_MEASURE_WITHDRAWN: ReportMeasure
REPORT_MEASURE_UNANSWERED: ReportMeasure
REPORT_MEASURE_DELAYED: ReportMeasure
REPORT_MEASURE_MEDIAN_DAYS_TO_ACKNOWLEDGE: ReportMeasure
REPORT_MEASURE_MEDIAN_DAYS_TO_ANSWER: ReportMeasure
REPORT_MEASURE_ITEMS: ReportMeasure
REPORT_MEASURE_OUTCOME: ReportMeasure
REPORT_MEASURE_TRACED: ReportMeasure
REPORT_MEASURE_NETWORK_SHARE: ReportMeasure
REPORT_MEASURE_INDICATOR_SHARE: ReportMeasure
REPORT_MEASURE_IAFQ: ReportMeasure
REPORT_UNIT_UNSPECIFIED: ReportUnit
REPORT_UNIT_ITEMS: ReportUnit
REPORT_UNIT_TENTHS_OF_A_DAY: ReportUnit
REPORT_UNIT_PER_MILLE: ReportUnit
REPORT_STEP_UNSPECIFIED: ReportStep
REPORT_STEP_MONTH: ReportStep
REPORT_STEP_QUARTER: ReportStep
REPORT_STEP_YEAR: ReportStep
REPORT_NOTE_UNSPECIFIED: ReportNote
REPORT_NOTE_NETWORK_ONLY: ReportNote
REPORT_NOTE_DOMESTIC_KEYED_IN: ReportNote
REPORT_NOTE_IAFQ_UNVERIFIED: ReportNote
REPORT_NOTE_EXERCISES_LEFT_OUT: ReportNote
REPORT_NOTE_SMALL_NUMBERS_KEPT_BACK: ReportNote
REPORT_NOTE_PRIVATE: ReportNote
REPORT_NOTE_NOTHING_COUNTED: ReportNote

class MakeReportRequest(_message.Message):
    __slots__ = ("from_day", "to_day", "smallest", "private", "domestic", "desk", "step")
    FROM_DAY_FIELD_NUMBER: _ClassVar[int]
    TO_DAY_FIELD_NUMBER: _ClassVar[int]
    SMALLEST_FIELD_NUMBER: _ClassVar[int]
    PRIVATE_FIELD_NUMBER: _ClassVar[int]
    DOMESTIC_FIELD_NUMBER: _ClassVar[int]
    DESK_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    from_day: str
    to_day: str
    smallest: int
    private: bool
    domestic: DomesticFigures
    desk: str
    step: ReportStep
    def __init__(self, from_day: _Optional[str] = ..., to_day: _Optional[str] = ..., smallest: _Optional[int] = ..., private: _Optional[bool] = ..., domestic: _Optional[_Union[DomesticFigures, _Mapping]] = ..., desk: _Optional[str] = ..., step: _Optional[_Union[ReportStep, str]] = ...) -> None: ...

class DomesticFigures(_message.Message):
    __slots__ = ("found", "traced", "established")
    FOUND_FIELD_NUMBER: _ClassVar[int]
    TRACED_FIELD_NUMBER: _ClassVar[int]
    ESTABLISHED_FIELD_NUMBER: _ClassVar[int]
    found: int
    traced: int
    established: int
    def __init__(self, found: _Optional[int] = ..., traced: _Optional[int] = ..., established: _Optional[int] = ...) -> None: ...

class ReportCell(_message.Message):
    __slots__ = ("direction", "measure", "peer", "identification", "reach", "stopped_because", "ground", "iafq", "unit", "value", "part")
    DIRECTION_FIELD_NUMBER: _ClassVar[int]
    MEASURE_FIELD_NUMBER: _ClassVar[int]
    PEER_FIELD_NUMBER: _ClassVar[int]
    IDENTIFICATION_FIELD_NUMBER: _ClassVar[int]
    REACH_FIELD_NUMBER: _ClassVar[int]
    STOPPED_BECAUSE_FIELD_NUMBER: _ClassVar[int]
    GROUND_FIELD_NUMBER: _ClassVar[int]
    IAFQ_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    direction: ReportDirection
    measure: ReportMeasure
    peer: str
    identification: _trace_pb2.Identification
    reach: _trace_pb2.Reach
    stopped_because: _trace_pb2.StoppedBecause
    ground: _terms_pb2.WithholdingGround
    iafq: str
    unit: ReportUnit
    value: int
    part: str
    def __init__(self, direction: _Optional[_Union[ReportDirection, str]] = ..., measure: _Optional[_Union[ReportMeasure, str]] = ..., peer: _Optional[str] = ..., identification: _Optional[_Union[_trace_pb2.Identification, str]] = ..., reach: _Optional[_Union[_trace_pb2.Reach, str]] = ..., stopped_because: _Optional[_Union[_trace_pb2.StoppedBecause, str]] = ..., ground: _Optional[_Union[_terms_pb2.WithholdingGround, str]] = ..., iafq: _Optional[str] = ..., unit: _Optional[_Union[ReportUnit, str]] = ..., value: _Optional[int] = ..., part: _Optional[str] = ...) -> None: ...

class Report(_message.Message):
    __slots__ = ("member", "from_day", "to_day", "smallest", "iafq_version", "notes", "cells")
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    FROM_DAY_FIELD_NUMBER: _ClassVar[int]
    TO_DAY_FIELD_NUMBER: _ClassVar[int]
    SMALLEST_FIELD_NUMBER: _ClassVar[int]
    IAFQ_VERSION_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    CELLS_FIELD_NUMBER: _ClassVar[int]
    member: str
    from_day: str
    to_day: str
    smallest: int
    iafq_version: str
    notes: _containers.RepeatedScalarFieldContainer[ReportNote]
    cells: _containers.RepeatedCompositeFieldContainer[ReportCell]
    def __init__(self, member: _Optional[str] = ..., from_day: _Optional[str] = ..., to_day: _Optional[str] = ..., smallest: _Optional[int] = ..., iafq_version: _Optional[str] = ..., notes: _Optional[_Iterable[_Union[ReportNote, str]]] = ..., cells: _Optional[_Iterable[_Union[ReportCell, _Mapping]]] = ...) -> None: ...
