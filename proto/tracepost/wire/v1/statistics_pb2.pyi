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

class StatisticsScope(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STATISTICS_SCOPE_UNSPECIFIED: _ClassVar[StatisticsScope]
    STATISTICS_SCOPE_ITEMS_OF_THIS_NETWORK: _ClassVar[StatisticsScope]
    STATISTICS_SCOPE_ALL_ITEMS_OF_THE_STATE: _ClassVar[StatisticsScope]
STATISTICS_SCOPE_UNSPECIFIED: StatisticsScope
STATISTICS_SCOPE_ITEMS_OF_THIS_NETWORK: StatisticsScope
STATISTICS_SCOPE_ALL_ITEMS_OF_THE_STATE: StatisticsScope

class Statistics(_message.Message):
    __slots__ = ("state", "period_from", "period_to", "smallest_cell", "found", "traced", "scope", "exchanged", "refused", "replaces_digest", "note", "withheld", "named_desks", "readers")
    STATE_FIELD_NUMBER: _ClassVar[int]
    PERIOD_FROM_FIELD_NUMBER: _ClassVar[int]
    PERIOD_TO_FIELD_NUMBER: _ClassVar[int]
    SMALLEST_CELL_FIELD_NUMBER: _ClassVar[int]
    FOUND_FIELD_NUMBER: _ClassVar[int]
    TRACED_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    EXCHANGED_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    REPLACES_DIGEST_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    NAMED_DESKS_FIELD_NUMBER: _ClassVar[int]
    READERS_FIELD_NUMBER: _ClassVar[int]
    state: str
    period_from: str
    period_to: str
    smallest_cell: int
    found: _containers.RepeatedCompositeFieldContainer[ItemCount]
    traced: TraceCount
    scope: StatisticsScope
    exchanged: ExchangeCount
    refused: _containers.RepeatedCompositeFieldContainer[GroundCount]
    replaces_digest: str
    note: str
    withheld: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Withheld]
    named_desks: _containers.RepeatedScalarFieldContainer[str]
    readers: _containers.RepeatedCompositeFieldContainer[_terms_pb2.FieldReaders]
    def __init__(self, state: _Optional[str] = ..., period_from: _Optional[str] = ..., period_to: _Optional[str] = ..., smallest_cell: _Optional[int] = ..., found: _Optional[_Iterable[_Union[ItemCount, _Mapping]]] = ..., traced: _Optional[_Union[TraceCount, _Mapping]] = ..., scope: _Optional[_Union[StatisticsScope, str]] = ..., exchanged: _Optional[_Union[ExchangeCount, _Mapping]] = ..., refused: _Optional[_Iterable[_Union[GroundCount, _Mapping]]] = ..., replaces_digest: _Optional[str] = ..., note: _Optional[str] = ..., withheld: _Optional[_Iterable[_Union[_terms_pb2.Withheld, _Mapping]]] = ..., named_desks: _Optional[_Iterable[str]] = ..., readers: _Optional[_Iterable[_Union[_terms_pb2.FieldReaders, _Mapping]]] = ...) -> None: ...

class ItemCount(_message.Message):
    __slots__ = ("kind", "found_situation", "items", "suppressed")
    KIND_FIELD_NUMBER: _ClassVar[int]
    FOUND_SITUATION_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    SUPPRESSED_FIELD_NUMBER: _ClassVar[int]
    kind: _weapon_pb2.ItemKind
    found_situation: _weapon_pb2.FoundSituation
    items: int
    suppressed: bool
    def __init__(self, kind: _Optional[_Union[_weapon_pb2.ItemKind, str]] = ..., found_situation: _Optional[_Union[_weapon_pb2.FoundSituation, str]] = ..., items: _Optional[int] = ..., suppressed: _Optional[bool] = ...) -> None: ...

class TraceCount(_message.Message):
    __slots__ = ("traceable", "point_of_diversion", "first_recipient", "last_recorded_holder", "not_identified", "suppressed")
    TRACEABLE_FIELD_NUMBER: _ClassVar[int]
    POINT_OF_DIVERSION_FIELD_NUMBER: _ClassVar[int]
    FIRST_RECIPIENT_FIELD_NUMBER: _ClassVar[int]
    LAST_RECORDED_HOLDER_FIELD_NUMBER: _ClassVar[int]
    NOT_IDENTIFIED_FIELD_NUMBER: _ClassVar[int]
    SUPPRESSED_FIELD_NUMBER: _ClassVar[int]
    traceable: int
    point_of_diversion: int
    first_recipient: int
    last_recorded_holder: int
    not_identified: int
    suppressed: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, traceable: _Optional[int] = ..., point_of_diversion: _Optional[int] = ..., first_recipient: _Optional[int] = ..., last_recorded_holder: _Optional[int] = ..., not_identified: _Optional[int] = ..., suppressed: _Optional[_Iterable[str]] = ...) -> None: ...

class ExchangeCount(_message.Message):
    __slots__ = ("requests_sent", "requests_received", "acknowledged", "acknowledged_automatically", "answered", "answered_in_part", "refused", "median_days", "suppressed")
    REQUESTS_SENT_FIELD_NUMBER: _ClassVar[int]
    REQUESTS_RECEIVED_FIELD_NUMBER: _ClassVar[int]
    ACKNOWLEDGED_FIELD_NUMBER: _ClassVar[int]
    ACKNOWLEDGED_AUTOMATICALLY_FIELD_NUMBER: _ClassVar[int]
    ANSWERED_FIELD_NUMBER: _ClassVar[int]
    ANSWERED_IN_PART_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    MEDIAN_DAYS_FIELD_NUMBER: _ClassVar[int]
    SUPPRESSED_FIELD_NUMBER: _ClassVar[int]
    requests_sent: int
    requests_received: int
    acknowledged: int
    acknowledged_automatically: int
    answered: int
    answered_in_part: int
    refused: int
    median_days: int
    suppressed: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, requests_sent: _Optional[int] = ..., requests_received: _Optional[int] = ..., acknowledged: _Optional[int] = ..., acknowledged_automatically: _Optional[int] = ..., answered: _Optional[int] = ..., answered_in_part: _Optional[int] = ..., refused: _Optional[int] = ..., median_days: _Optional[int] = ..., suppressed: _Optional[_Iterable[str]] = ...) -> None: ...

class GroundCount(_message.Message):
    __slots__ = ("ground", "items", "suppressed")
    GROUND_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    SUPPRESSED_FIELD_NUMBER: _ClassVar[int]
    ground: _terms_pb2.WithholdingGround
    items: int
    suppressed: bool
    def __init__(self, ground: _Optional[_Union[_terms_pb2.WithholdingGround, str]] = ..., items: _Optional[int] = ..., suppressed: _Optional[bool] = ...) -> None: ...
