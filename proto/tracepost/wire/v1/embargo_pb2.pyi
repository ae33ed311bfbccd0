# mypy: ignore-errors
from tracepost.wire.buf.validate import validate_pb2 as _validate_pb2
from tracepost.wire.v1 import lot_pb2 as _lot_pb2
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

class DeliveryStage(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DELIVERY_STAGE_UNSPECIFIED: _ClassVar[DeliveryStage]
    DELIVERY_STAGE_PLANNED: _ClassVar[DeliveryStage]
    DELIVERY_STAGE_DELIVERED: _ClassVar[DeliveryStage]
    DELIVERY_STAGE_CANCELLED: _ClassVar[DeliveryStage]
DELIVERY_STAGE_UNSPECIFIED: DeliveryStage
DELIVERY_STAGE_PLANNED: DeliveryStage
DELIVERY_STAGE_DELIVERED: DeliveryStage
DELIVERY_STAGE_CANCELLED: DeliveryStage

class DeliveryNotified(_message.Message):
    __slots__ = ("file_number", "notice_number", "resolution", "exemption_paragraph", "stage", "notified_on", "approved_on", "replaces_digest", "lots", "consignees", "storages", "from_country", "transport_mode", "route_countries", "arrival_point", "arrives_on", "papers", "handling_instructions", "text", "contacts", "withheld", "named_desks", "readers")
    FILE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    NOTICE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    RESOLUTION_FIELD_NUMBER: _ClassVar[int]
    EXEMPTION_PARAGRAPH_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    NOTIFIED_ON_FIELD_NUMBER: _ClassVar[int]
    APPROVED_ON_FIELD_NUMBER: _ClassVar[int]
    REPLACES_DIGEST_FIELD_NUMBER: _ClassVar[int]
    LOTS_FIELD_NUMBER: _ClassVar[int]
    CONSIGNEES_FIELD_NUMBER: _ClassVar[int]
    STORAGES_FIELD_NUMBER: _ClassVar[int]
    FROM_COUNTRY_FIELD_NUMBER: _ClassVar[int]
    TRANSPORT_MODE_FIELD_NUMBER: _ClassVar[int]
    ROUTE_COUNTRIES_FIELD_NUMBER: _ClassVar[int]
    ARRIVAL_POINT_FIELD_NUMBER: _ClassVar[int]
    ARRIVES_ON_FIELD_NUMBER: _ClassVar[int]
    PAPERS_FIELD_NUMBER: _ClassVar[int]
    HANDLING_INSTRUCTIONS_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    NAMED_DESKS_FIELD_NUMBER: _ClassVar[int]
    READERS_FIELD_NUMBER: _ClassVar[int]
    file_number: str
    notice_number: str
    resolution: str
    exemption_paragraph: str
    stage: DeliveryStage
    notified_on: str
    approved_on: str
    replaces_digest: str
    lots: _containers.RepeatedCompositeFieldContainer[_lot_pb2.ArmsLot]
    consignees: _containers.RepeatedCompositeFieldContainer[Consignee]
    storages: _containers.RepeatedCompositeFieldContainer[Storage]
    from_country: str
    transport_mode: _trace_pb2.TransportMode
    route_countries: _containers.RepeatedScalarFieldContainer[str]
    arrival_point: str
    arrives_on: str
    papers: _containers.RepeatedCompositeFieldContainer[DeliveryPapers]
    handling_instructions: _containers.RepeatedScalarFieldContainer[_terms_pb2.HandlingInstruction]
    text: str
    contacts: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Contact]
    withheld: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Withheld]
    named_desks: _containers.RepeatedScalarFieldContainer[str]
    readers: _containers.RepeatedCompositeFieldContainer[_terms_pb2.FieldReaders]
    def __init__(self, file_number: _Optional[str] = ..., notice_number: _Optional[str] = ..., resolution: _Optional[str] = ..., exemption_paragraph: _Optional[str] = ..., stage: _Optional[_Union[DeliveryStage, str]] = ..., notified_on: _Optional[str] = ..., approved_on: _Optional[str] = ..., replaces_digest: _Optional[str] = ..., lots: _Optional[_Iterable[_Union[_lot_pb2.ArmsLot, _Mapping]]] = ..., consignees: _Optional[_Iterable[_Union[Consignee, _Mapping]]] = ..., storages: _Optional[_Iterable[_Union[Storage, _Mapping]]] = ..., from_country: _Optional[str] = ..., transport_mode: _Optional[_Union[_trace_pb2.TransportMode, str]] = ..., route_countries: _Optional[_Iterable[str]] = ..., arrival_point: _Optional[str] = ..., arrives_on: _Optional[str] = ..., papers: _Optional[_Iterable[_Union[DeliveryPapers, _Mapping]]] = ..., handling_instructions: _Optional[_Iterable[_Union[_terms_pb2.HandlingInstruction, str]]] = ..., text: _Optional[str] = ..., contacts: _Optional[_Iterable[_Union[_terms_pb2.Contact, _Mapping]]] = ..., withheld: _Optional[_Iterable[_Union[_terms_pb2.Withheld, _Mapping]]] = ..., named_desks: _Optional[_Iterable[str]] = ..., readers: _Optional[_Iterable[_Union[_terms_pb2.FieldReaders, _Mapping]]] = ...) -> None: ...

class Consignee(_message.Message):
    __slots__ = ("kind", "country", "body", "destination_unit", "region", "received_on", "lot_ids")
    KIND_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_UNIT_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_ON_FIELD_NUMBER: _ClassVar[int]
    LOT_IDS_FIELD_NUMBER: _ClassVar[int]
    kind: _trace_pb2.HolderKind
    country: str
    body: str
    destination_unit: str
    region: str
    received_on: str
    lot_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, kind: _Optional[_Union[_trace_pb2.HolderKind, str]] = ..., country: _Optional[str] = ..., body: _Optional[str] = ..., destination_unit: _Optional[str] = ..., region: _Optional[str] = ..., received_on: _Optional[str] = ..., lot_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class Storage(_message.Message):
    __slots__ = ("consignee_index", "place")
    CONSIGNEE_INDEX_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    consignee_index: int
    place: str
    def __init__(self, consignee_index: _Optional[int] = ..., place: _Optional[str] = ...) -> None: ...

class DeliveryPapers(_message.Message):
    __slots__ = ("lot_ids", "exporter", "broker", "carrier", "contract_number", "export_licence_number", "import_licence_number", "end_user_certificate_number", "waybill_number")
    LOT_IDS_FIELD_NUMBER: _ClassVar[int]
    EXPORTER_FIELD_NUMBER: _ClassVar[int]
    BROKER_FIELD_NUMBER: _ClassVar[int]
    CARRIER_FIELD_NUMBER: _ClassVar[int]
    CONTRACT_NUMBER_FIELD_NUMBER: _ClassVar[int]
    EXPORT_LICENCE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    IMPORT_LICENCE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    END_USER_CERTIFICATE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    WAYBILL_NUMBER_FIELD_NUMBER: _ClassVar[int]
    lot_ids: _containers.RepeatedScalarFieldContainer[str]
    exporter: str
    broker: str
    carrier: str
    contract_number: str
    export_licence_number: str
    import_licence_number: str
    end_user_certificate_number: str
    waybill_number: str
    def __init__(self, lot_ids: _Optional[_Iterable[str]] = ..., exporter: _Optional[str] = ..., broker: _Optional[str] = ..., carrier: _Optional[str] = ..., contract_number: _Optional[str] = ..., export_licence_number: _Optional[str] = ..., import_licence_number: _Optional[str] = ..., end_user_certificate_number: _Optional[str] = ..., waybill_number: _Optional[str] = ...) -> None: ...
