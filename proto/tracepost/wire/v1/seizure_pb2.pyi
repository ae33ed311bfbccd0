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

class CustomsProcedure(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CUSTOMS_PROCEDURE_UNSPECIFIED: _ClassVar[CustomsProcedure]
    CUSTOMS_PROCEDURE_RELEASE_FOR_FREE_CIRCULATION: _ClassVar[CustomsProcedure]
    CUSTOMS_PROCEDURE_TEMPORARY_ADMISSION: _ClassVar[CustomsProcedure]
    CUSTOMS_PROCEDURE_WAREHOUSING: _ClassVar[CustomsProcedure]
    CUSTOMS_PROCEDURE_TRANSIT: _ClassVar[CustomsProcedure]
    CUSTOMS_PROCEDURE_TRANSHIPMENT: _ClassVar[CustomsProcedure]
    CUSTOMS_PROCEDURE_EXPORT: _ClassVar[CustomsProcedure]
    CUSTOMS_PROCEDURE_TEMPORARY_EXPORT: _ClassVar[CustomsProcedure]
    CUSTOMS_PROCEDURE_PASSENGER_BAGGAGE: _ClassVar[CustomsProcedure]
    CUSTOMS_PROCEDURE_POSTAL: _ClassVar[CustomsProcedure]
    CUSTOMS_PROCEDURE_NOT_DECLARED: _ClassVar[CustomsProcedure]

class DetectionMethod(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DETECTION_METHOD_UNSPECIFIED: _ClassVar[DetectionMethod]
    DETECTION_METHOD_RISK_PROFILE: _ClassVar[DetectionMethod]
    DETECTION_METHOD_INTELLIGENCE: _ClassVar[DetectionMethod]
    DETECTION_METHOD_X_RAY: _ClassVar[DetectionMethod]
    DETECTION_METHOD_PHYSICAL_SEARCH: _ClassVar[DetectionMethod]
    DETECTION_METHOD_DOG: _ClassVar[DetectionMethod]
    DETECTION_METHOD_DOCUMENT_CHECK: _ClassVar[DetectionMethod]
    DETECTION_METHOD_RANDOM_CHECK: _ClassVar[DetectionMethod]
    DETECTION_METHOD_TIP_OFF: _ClassVar[DetectionMethod]
    DETECTION_METHOD_METAL_DETECTOR: _ClassVar[DetectionMethod]
    DETECTION_METHOD_OTHER: _ClassVar[DetectionMethod]

class ConcealmentMethod(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONCEALMENT_METHOD_UNSPECIFIED: _ClassVar[ConcealmentMethod]
    CONCEALMENT_METHOD_NONE: _ClassVar[ConcealmentMethod]
    CONCEALMENT_METHOD_IN_BAGGAGE: _ClassVar[ConcealmentMethod]
    CONCEALMENT_METHOD_ON_PERSON: _ClassVar[ConcealmentMethod]
    CONCEALMENT_METHOD_IN_VEHICLE: _ClassVar[ConcealmentMethod]
    CONCEALMENT_METHOD_IN_CONTAINER_STRUCTURE: _ClassVar[ConcealmentMethod]
    CONCEALMENT_METHOD_IN_LEGAL_GOODS: _ClassVar[ConcealmentMethod]
    CONCEALMENT_METHOD_IN_POSTAL_PARCEL: _ClassVar[ConcealmentMethod]
    CONCEALMENT_METHOD_DISMANTLED: _ClassVar[ConcealmentMethod]
    CONCEALMENT_METHOD_DISGUISED_AS_OTHER_OBJECT: _ClassVar[ConcealmentMethod]
    CONCEALMENT_METHOD_MISDECLARED: _ClassVar[ConcealmentMethod]
    CONCEALMENT_METHOD_OTHER: _ClassVar[ConcealmentMethod]
CUSTOMS_PROCEDURE_UNSPECIFIED: CustomsProcedure
CUSTOMS_PROCEDURE_RELEASE_FOR_FREE_CIRCULATION: CustomsProcedure
CUSTOMS_PROCEDURE_TEMPORARY_ADMISSION: CustomsProcedure
CUSTOMS_PROCEDURE_WAREHOUSING: CustomsProcedure
CUSTOMS_PROCEDURE_TRANSIT: CustomsProcedure
CUSTOMS_PROCEDURE_TRANSHIPMENT: CustomsProcedure
CUSTOMS_PROCEDURE_EXPORT: CustomsProcedure
CUSTOMS_PROCEDURE_TEMPORARY_EXPORT: CustomsProcedure
CUSTOMS_PROCEDURE_PASSENGER_BAGGAGE: CustomsProcedure
CUSTOMS_PROCEDURE_POSTAL: CustomsProcedure
CUSTOMS_PROCEDURE_NOT_DECLARED: CustomsProcedure
DETECTION_METHOD_UNSPECIFIED: DetectionMethod
DETECTION_METHOD_RISK_PROFILE: DetectionMethod
DETECTION_METHOD_INTELLIGENCE: DetectionMethod
DETECTION_METHOD_X_RAY: DetectionMethod
DETECTION_METHOD_PHYSICAL_SEARCH: DetectionMethod
DETECTION_METHOD_DOG: DetectionMethod
DETECTION_METHOD_DOCUMENT_CHECK: DetectionMethod
DETECTION_METHOD_RANDOM_CHECK: DetectionMethod
DETECTION_METHOD_TIP_OFF: DetectionMethod
DETECTION_METHOD_METAL_DETECTOR: DetectionMethod
DETECTION_METHOD_OTHER: DetectionMethod
CONCEALMENT_METHOD_UNSPECIFIED: ConcealmentMethod
CONCEALMENT_METHOD_NONE: ConcealmentMethod
CONCEALMENT_METHOD_IN_BAGGAGE: ConcealmentMethod
CONCEALMENT_METHOD_ON_PERSON: ConcealmentMethod
CONCEALMENT_METHOD_IN_VEHICLE: ConcealmentMethod
CONCEALMENT_METHOD_IN_CONTAINER_STRUCTURE: ConcealmentMethod
CONCEALMENT_METHOD_IN_LEGAL_GOODS: ConcealmentMethod
CONCEALMENT_METHOD_IN_POSTAL_PARCEL: ConcealmentMethod
CONCEALMENT_METHOD_DISMANTLED: ConcealmentMethod
CONCEALMENT_METHOD_DISGUISED_AS_OTHER_OBJECT: ConcealmentMethod
CONCEALMENT_METHOD_MISDECLARED: ConcealmentMethod
CONCEALMENT_METHOD_OTHER: ConcealmentMethod

class SeizureNotice(_message.Message):
    __slots__ = ("file_number", "agency", "seized_on", "direction", "transport_mode", "route_countries", "border_point", "items", "quantity", "hs_codes", "office", "handling_instructions", "suggests_trace", "conveyance", "container_numbers", "bill_of_lading", "air_waybill", "parcel_numbers", "express_number", "declared_goods", "declared_hs_codes", "customs_procedure", "detection_methods", "concealment_methods", "concealment", "shipping_marks", "summary", "exact_place", "crime_number", "narrative", "companies", "persons", "contacts", "withheld", "named_desks", "readers")
    FILE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    AGENCY_FIELD_NUMBER: _ClassVar[int]
    SEIZED_ON_FIELD_NUMBER: _ClassVar[int]
    DIRECTION_FIELD_NUMBER: _ClassVar[int]
    TRANSPORT_MODE_FIELD_NUMBER: _ClassVar[int]
    ROUTE_COUNTRIES_FIELD_NUMBER: _ClassVar[int]
    BORDER_POINT_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    HS_CODES_FIELD_NUMBER: _ClassVar[int]
    OFFICE_FIELD_NUMBER: _ClassVar[int]
    HANDLING_INSTRUCTIONS_FIELD_NUMBER: _ClassVar[int]
    SUGGESTS_TRACE_FIELD_NUMBER: _ClassVar[int]
    CONVEYANCE_FIELD_NUMBER: _ClassVar[int]
    CONTAINER_NUMBERS_FIELD_NUMBER: _ClassVar[int]
    BILL_OF_LADING_FIELD_NUMBER: _ClassVar[int]
    AIR_WAYBILL_FIELD_NUMBER: _ClassVar[int]
    PARCEL_NUMBERS_FIELD_NUMBER: _ClassVar[int]
    EXPRESS_NUMBER_FIELD_NUMBER: _ClassVar[int]
    DECLARED_GOODS_FIELD_NUMBER: _ClassVar[int]
    DECLARED_HS_CODES_FIELD_NUMBER: _ClassVar[int]
    CUSTOMS_PROCEDURE_FIELD_NUMBER: _ClassVar[int]
    DETECTION_METHODS_FIELD_NUMBER: _ClassVar[int]
    CONCEALMENT_METHODS_FIELD_NUMBER: _ClassVar[int]
    CONCEALMENT_FIELD_NUMBER: _ClassVar[int]
    SHIPPING_MARKS_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    EXACT_PLACE_FIELD_NUMBER: _ClassVar[int]
    CRIME_NUMBER_FIELD_NUMBER: _ClassVar[int]
    NARRATIVE_FIELD_NUMBER: _ClassVar[int]
    COMPANIES_FIELD_NUMBER: _ClassVar[int]
    PERSONS_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    NAMED_DESKS_FIELD_NUMBER: _ClassVar[int]
    READERS_FIELD_NUMBER: _ClassVar[int]
    file_number: str
    agency: str
    seized_on: str
    direction: _trace_pb2.MovementDirection
    transport_mode: _trace_pb2.TransportMode
    route_countries: _containers.RepeatedScalarFieldContainer[str]
    border_point: str
    items: _containers.RepeatedCompositeFieldContainer[_weapon_pb2.Item]
    quantity: int
    hs_codes: _containers.RepeatedScalarFieldContainer[str]
    office: _terms_pb2.Office
    handling_instructions: _containers.RepeatedScalarFieldContainer[_terms_pb2.HandlingInstruction]
    suggests_trace: bool
    conveyance: str
    container_numbers: _containers.RepeatedScalarFieldContainer[str]
    bill_of_lading: str
    air_waybill: str
    parcel_numbers: _containers.RepeatedScalarFieldContainer[str]
    express_number: str
    declared_goods: str
    declared_hs_codes: _containers.RepeatedScalarFieldContainer[str]
    customs_procedure: CustomsProcedure
    detection_methods: _containers.RepeatedScalarFieldContainer[DetectionMethod]
    concealment_methods: _containers.RepeatedScalarFieldContainer[ConcealmentMethod]
    concealment: str
    shipping_marks: str
    summary: str
    exact_place: str
    crime_number: str
    narrative: str
    companies: _containers.RepeatedCompositeFieldContainer[_trace_pb2.Company]
    persons: _containers.RepeatedCompositeFieldContainer[_trace_pb2.Person]
    contacts: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Contact]
    withheld: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Withheld]
    named_desks: _containers.RepeatedScalarFieldContainer[str]
    readers: _containers.RepeatedCompositeFieldContainer[_terms_pb2.FieldReaders]
    def __init__(self, file_number: _Optional[str] = ..., agency: _Optional[str] = ..., seized_on: _Optional[str] = ..., direction: _Optional[_Union[_trace_pb2.MovementDirection, str]] = ..., transport_mode: _Optional[_Union[_trace_pb2.TransportMode, str]] = ..., route_countries: _Optional[_Iterable[str]] = ..., border_point: _Optional[str] = ..., items: _Optional[_Iterable[_Union[_weapon_pb2.Item, _Mapping]]] = ..., quantity: _Optional[int] = ..., hs_codes: _Optional[_Iterable[str]] = ..., office: _Optional[_Union[_terms_pb2.Office, _Mapping]] = ..., handling_instructions: _Optional[_Iterable[_Union[_terms_pb2.HandlingInstruction, str]]] = ..., suggests_trace: _Optional[bool] = ..., conveyance: _Optional[str] = ..., container_numbers: _Optional[_Iterable[str]] = ..., bill_of_lading: _Optional[str] = ..., air_waybill: _Optional[str] = ..., parcel_numbers: _Optional[_Iterable[str]] = ..., express_number: _Optional[str] = ..., declared_goods: _Optional[str] = ..., declared_hs_codes: _Optional[_Iterable[str]] = ..., customs_procedure: _Optional[_Union[CustomsProcedure, str]] = ..., detection_methods: _Optional[_Iterable[_Union[DetectionMethod, str]]] = ..., concealment_methods: _Optional[_Iterable[_Union[ConcealmentMethod, str]]] = ..., concealment: _Optional[str] = ..., shipping_marks: _Optional[str] = ..., summary: _Optional[str] = ..., exact_place: _Optional[str] = ..., crime_number: _Optional[str] = ..., narrative: _Optional[str] = ..., companies: _Optional[_Iterable[_Union[_trace_pb2.Company, _Mapping]]] = ..., persons: _Optional[_Iterable[_Union[_trace_pb2.Person, _Mapping]]] = ..., contacts: _Optional[_Iterable[_Union[_terms_pb2.Contact, _Mapping]]] = ..., withheld: _Optional[_Iterable[_Union[_terms_pb2.Withheld, _Mapping]]] = ..., named_desks: _Optional[_Iterable[str]] = ..., readers: _Optional[_Iterable[_Union[_terms_pb2.FieldReaders, _Mapping]]] = ...) -> None: ...
