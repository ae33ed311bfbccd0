# mypy: ignore-errors
from tracepost.wire.buf.validate import validate_pb2 as _validate_pb2
from tracepost.wire.v1 import options_pb2 as _options_pb2
from tracepost.wire.v1 import terms_pb2 as _terms_pb2
from tracepost.wire.v1 import trace_pb2 as _trace_pb2
from tracepost.wire.v1 import weapon_pb2 as _weapon_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class FlowTopic(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FLOW_TOPIC_UNSPECIFIED: _ClassVar[FlowTopic]
    FLOW_TOPIC_ROUTE: _ClassVar[FlowTopic]
    FLOW_TOPIC_BROKER: _ClassVar[FlowTopic]
    FLOW_TOPIC_SUPPLY_SOURCE: _ClassVar[FlowTopic]
    FLOW_TOPIC_CONCEALMENT: _ClassVar[FlowTopic]
    FLOW_TOPIC_DISPATCH_POINT: _ClassVar[FlowTopic]
    FLOW_TOPIC_DESTINATION_POINT: _ClassVar[FlowTopic]
    FLOW_TOPIC_CRAFT_PRODUCTION: _ClassVar[FlowTopic]
    FLOW_TOPIC_3D_PRINTING: _ClassVar[FlowTopic]
    FLOW_TOPIC_CONVERSION: _ClassVar[FlowTopic]
    FLOW_TOPIC_ONLINE_MARKET: _ClassVar[FlowTopic]
    FLOW_TOPIC_FINANCE: _ClassVar[FlowTopic]
    FLOW_TOPIC_STOCK_LEAKAGE: _ClassVar[FlowTopic]

class SourceGrade(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SOURCE_GRADE_UNSPECIFIED: _ClassVar[SourceGrade]
    SOURCE_GRADE_A: _ClassVar[SourceGrade]
    SOURCE_GRADE_B: _ClassVar[SourceGrade]
    SOURCE_GRADE_C: _ClassVar[SourceGrade]
    SOURCE_GRADE_X: _ClassVar[SourceGrade]

class InformationGrade(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    INFORMATION_GRADE_UNSPECIFIED: _ClassVar[InformationGrade]
    INFORMATION_GRADE_1: _ClassVar[InformationGrade]
    INFORMATION_GRADE_2: _ClassVar[InformationGrade]
    INFORMATION_GRADE_3: _ClassVar[InformationGrade]
    INFORMATION_GRADE_4: _ClassVar[InformationGrade]

class FlowAction(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FLOW_ACTION_UNSPECIFIED: _ClassVar[FlowAction]
    FLOW_ACTION_FOR_INFORMATION: _ClassVar[FlowAction]
    FLOW_ACTION_CHECK_RECORDS: _ClassVar[FlowAction]
    FLOW_ACTION_WATCH_BORDER_POINT: _ClassVar[FlowAction]
    FLOW_ACTION_CONFIRM_OR_DENY: _ClassVar[FlowAction]
    FLOW_ACTION_TELL_WHAT_YOU_KNOW: _ClassVar[FlowAction]
    FLOW_ACTION_TRACE_ORIGIN: _ClassVar[FlowAction]

class FlowRole(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FLOW_ROLE_UNSPECIFIED: _ClassVar[FlowRole]
    FLOW_ROLE_TRAFFICKER: _ClassVar[FlowRole]
    FLOW_ROLE_BROKER: _ClassVar[FlowRole]
    FLOW_ROLE_FINANCIER: _ClassVar[FlowRole]
    FLOW_ROLE_CARRIER: _ClassVar[FlowRole]
    FLOW_ROLE_MAKER: _ClassVar[FlowRole]
    FLOW_ROLE_BUYER: _ClassVar[FlowRole]
    FLOW_ROLE_CORRUPT_OFFICIAL: _ClassVar[FlowRole]
    FLOW_ROLE_GROUP: _ClassVar[FlowRole]
FLOW_TOPIC_UNSPECIFIED: FlowTopic
FLOW_TOPIC_ROUTE: FlowTopic
FLOW_TOPIC_BROKER: FlowTopic
FLOW_TOPIC_SUPPLY_SOURCE: FlowTopic
FLOW_TOPIC_CONCEALMENT: FlowTopic
FLOW_TOPIC_DISPATCH_POINT: FlowTopic
FLOW_TOPIC_DESTINATION_POINT: FlowTopic
FLOW_TOPIC_CRAFT_PRODUCTION: FlowTopic
FLOW_TOPIC_3D_PRINTING: FlowTopic
FLOW_TOPIC_CONVERSION: FlowTopic
FLOW_TOPIC_ONLINE_MARKET: FlowTopic
FLOW_TOPIC_FINANCE: FlowTopic
FLOW_TOPIC_STOCK_LEAKAGE: FlowTopic
SOURCE_GRADE_UNSPECIFIED: SourceGrade
SOURCE_GRADE_A: SourceGrade
SOURCE_GRADE_B: SourceGrade
SOURCE_GRADE_C: SourceGrade
SOURCE_GRADE_X: SourceGrade
INFORMATION_GRADE_UNSPECIFIED: InformationGrade
INFORMATION_GRADE_1: InformationGrade
INFORMATION_GRADE_2: InformationGrade
INFORMATION_GRADE_3: InformationGrade
INFORMATION_GRADE_4: InformationGrade
FLOW_ACTION_UNSPECIFIED: FlowAction
FLOW_ACTION_FOR_INFORMATION: FlowAction
FLOW_ACTION_CHECK_RECORDS: FlowAction
FLOW_ACTION_WATCH_BORDER_POINT: FlowAction
FLOW_ACTION_CONFIRM_OR_DENY: FlowAction
FLOW_ACTION_TELL_WHAT_YOU_KNOW: FlowAction
FLOW_ACTION_TRACE_ORIGIN: FlowAction
FLOW_ROLE_UNSPECIFIED: FlowRole
FLOW_ROLE_TRAFFICKER: FlowRole
FLOW_ROLE_BROKER: FlowRole
FLOW_ROLE_FINANCIER: FlowRole
FLOW_ROLE_CARRIER: FlowRole
FLOW_ROLE_MAKER: FlowRole
FLOW_ROLE_BUYER: FlowRole
FLOW_ROLE_CORRUPT_OFFICIAL: FlowRole
FLOW_ROLE_GROUP: FlowRole

class FlowInformation(_message.Message):
    __slots__ = ("file_number", "topics", "area", "period_from", "period_to", "method", "transport_modes", "concealment", "categories", "makes", "calibres", "ammunition", "quantity_from", "quantity_to", "source_grade", "information_grade", "reliability", "actions_asked", "reply_by", "handling_instructions", "actors", "companies", "narrative", "contacts", "withheld", "named_desks", "readers")
    FILE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    TOPICS_FIELD_NUMBER: _ClassVar[int]
    AREA_FIELD_NUMBER: _ClassVar[int]
    PERIOD_FROM_FIELD_NUMBER: _ClassVar[int]
    PERIOD_TO_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    TRANSPORT_MODES_FIELD_NUMBER: _ClassVar[int]
    CONCEALMENT_FIELD_NUMBER: _ClassVar[int]
    CATEGORIES_FIELD_NUMBER: _ClassVar[int]
    MAKES_FIELD_NUMBER: _ClassVar[int]
    CALIBRES_FIELD_NUMBER: _ClassVar[int]
    AMMUNITION_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FROM_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_TO_FIELD_NUMBER: _ClassVar[int]
    SOURCE_GRADE_FIELD_NUMBER: _ClassVar[int]
    INFORMATION_GRADE_FIELD_NUMBER: _ClassVar[int]
    RELIABILITY_FIELD_NUMBER: _ClassVar[int]
    ACTIONS_ASKED_FIELD_NUMBER: _ClassVar[int]
    REPLY_BY_FIELD_NUMBER: _ClassVar[int]
    HANDLING_INSTRUCTIONS_FIELD_NUMBER: _ClassVar[int]
    ACTORS_FIELD_NUMBER: _ClassVar[int]
    COMPANIES_FIELD_NUMBER: _ClassVar[int]
    NARRATIVE_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    NAMED_DESKS_FIELD_NUMBER: _ClassVar[int]
    READERS_FIELD_NUMBER: _ClassVar[int]
    file_number: str
    topics: _containers.RepeatedScalarFieldContainer[FlowTopic]
    area: FlowArea
    period_from: str
    period_to: str
    method: str
    transport_modes: _containers.RepeatedScalarFieldContainer[_trace_pb2.TransportMode]
    concealment: str
    categories: _containers.RepeatedScalarFieldContainer[_weapon_pb2.Category]
    makes: _containers.RepeatedScalarFieldContainer[str]
    calibres: _containers.RepeatedScalarFieldContainer[str]
    ammunition: bool
    quantity_from: int
    quantity_to: int
    source_grade: SourceGrade
    information_grade: InformationGrade
    reliability: str
    actions_asked: _containers.RepeatedScalarFieldContainer[FlowAction]
    reply_by: str
    handling_instructions: _containers.RepeatedScalarFieldContainer[_terms_pb2.HandlingInstruction]
    actors: _containers.RepeatedCompositeFieldContainer[FlowActor]
    companies: _containers.RepeatedCompositeFieldContainer[_trace_pb2.Company]
    narrative: str
    contacts: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Contact]
    withheld: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Withheld]
    named_desks: _containers.RepeatedScalarFieldContainer[str]
    readers: _containers.RepeatedCompositeFieldContainer[_terms_pb2.FieldReaders]
    def __init__(self, file_number: _Optional[str] = ..., topics: _Optional[_Iterable[_Union[FlowTopic, str]]] = ..., area: _Optional[_Union[FlowArea, _Mapping]] = ..., period_from: _Optional[str] = ..., period_to: _Optional[str] = ..., method: _Optional[str] = ..., transport_modes: _Optional[_Iterable[_Union[_trace_pb2.TransportMode, str]]] = ..., concealment: _Optional[str] = ..., categories: _Optional[_Iterable[_Union[_weapon_pb2.Category, str]]] = ..., makes: _Optional[_Iterable[str]] = ..., calibres: _Optional[_Iterable[str]] = ..., ammunition: _Optional[bool] = ..., quantity_from: _Optional[int] = ..., quantity_to: _Optional[int] = ..., source_grade: _Optional[_Union[SourceGrade, str]] = ..., information_grade: _Optional[_Union[InformationGrade, str]] = ..., reliability: _Optional[str] = ..., actions_asked: _Optional[_Iterable[_Union[FlowAction, str]]] = ..., reply_by: _Optional[str] = ..., handling_instructions: _Optional[_Iterable[_Union[_terms_pb2.HandlingInstruction, str]]] = ..., actors: _Optional[_Iterable[_Union[FlowActor, _Mapping]]] = ..., companies: _Optional[_Iterable[_Union[_trace_pb2.Company, _Mapping]]] = ..., narrative: _Optional[str] = ..., contacts: _Optional[_Iterable[_Union[_terms_pb2.Contact, _Mapping]]] = ..., withheld: _Optional[_Iterable[_Union[_terms_pb2.Withheld, _Mapping]]] = ..., named_desks: _Optional[_Iterable[str]] = ..., readers: _Optional[_Iterable[_Union[_terms_pb2.FieldReaders, _Mapping]]] = ...) -> None: ...

class FlowArea(_message.Message):
    __slots__ = ("countries", "region_codes", "description", "border_points", "exact_places")
    COUNTRIES_FIELD_NUMBER: _ClassVar[int]
    REGION_CODES_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    BORDER_POINTS_FIELD_NUMBER: _ClassVar[int]
    EXACT_PLACES_FIELD_NUMBER: _ClassVar[int]
    countries: _containers.RepeatedScalarFieldContainer[str]
    region_codes: _containers.RepeatedScalarFieldContainer[str]
    description: str
    border_points: _containers.RepeatedScalarFieldContainer[str]
    exact_places: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, countries: _Optional[_Iterable[str]] = ..., region_codes: _Optional[_Iterable[str]] = ..., description: _Optional[str] = ..., border_points: _Optional[_Iterable[str]] = ..., exact_places: _Optional[_Iterable[str]] = ...) -> None: ...

class FlowActor(_message.Message):
    __slots__ = ("role", "name", "other_names", "born_on", "nationality", "group", "country_of_activity", "note")
    ROLE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    OTHER_NAMES_FIELD_NUMBER: _ClassVar[int]
    BORN_ON_FIELD_NUMBER: _ClassVar[int]
    NATIONALITY_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_OF_ACTIVITY_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    role: FlowRole
    name: str
    other_names: _containers.RepeatedScalarFieldContainer[str]
    born_on: str
    nationality: str
    group: str
    country_of_activity: str
    note: str
    def __init__(self, role: _Optional[_Union[FlowRole, str]] = ..., name: _Optional[str] = ..., other_names: _Optional[_Iterable[str]] = ..., born_on: _Optional[str] = ..., nationality: _Optional[str] = ..., group: _Optional[str] = ..., country_of_activity: _Optional[str] = ..., note: _Optional[str] = ...) -> None: ...
