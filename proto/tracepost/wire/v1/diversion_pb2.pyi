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

class RecommendedCheck(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RECOMMENDED_CHECK_UNSPECIFIED: _ClassVar[RecommendedCheck]
    RECOMMENDED_CHECK_END_USER_CERTIFICATE: _ClassVar[RecommendedCheck]
    RECOMMENDED_CHECK_DELIVERY_VERIFICATION: _ClassVar[RecommendedCheck]
    RECOMMENDED_CHECK_STOCK_OF_RECIPIENT: _ClassVar[RecommendedCheck]
    RECOMMENDED_CHECK_PENDING_LICENCES: _ClassVar[RecommendedCheck]
    RECOMMENDED_CHECK_PAST_LICENCES: _ClassVar[RecommendedCheck]
    RECOMMENDED_CHECK_BROKER: _ClassVar[RecommendedCheck]
    RECOMMENDED_CHECK_CARRIER_AND_ROUTE: _ClassVar[RecommendedCheck]
    RECOMMENDED_CHECK_RETRANSFER_CONSENT: _ClassVar[RecommendedCheck]
    RECOMMENDED_CHECK_OTHER: _ClassVar[RecommendedCheck]

class ToldBecause(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TOLD_BECAUSE_UNSPECIFIED: _ClassVar[ToldBecause]
    TOLD_BECAUSE_EXPORTING_STATE: _ClassVar[ToldBecause]
    TOLD_BECAUSE_LICENSING_AUTHORITY: _ClassVar[ToldBecause]
    TOLD_BECAUSE_STATE_OF_MANUFACTURE: _ClassVar[ToldBecause]
    TOLD_BECAUSE_STATE_OF_RECIPIENT: _ClassVar[ToldBecause]
    TOLD_BECAUSE_TRANSIT_STATE: _ClassVar[ToldBecause]
    TOLD_BECAUSE_STATE_OF_BROKER: _ClassVar[ToldBecause]
RECOMMENDED_CHECK_UNSPECIFIED: RecommendedCheck
RECOMMENDED_CHECK_END_USER_CERTIFICATE: RecommendedCheck
RECOMMENDED_CHECK_DELIVERY_VERIFICATION: RecommendedCheck
RECOMMENDED_CHECK_STOCK_OF_RECIPIENT: RecommendedCheck
RECOMMENDED_CHECK_PENDING_LICENCES: RecommendedCheck
RECOMMENDED_CHECK_PAST_LICENCES: RecommendedCheck
RECOMMENDED_CHECK_BROKER: RecommendedCheck
RECOMMENDED_CHECK_CARRIER_AND_ROUTE: RecommendedCheck
RECOMMENDED_CHECK_RETRANSFER_CONSENT: RecommendedCheck
RECOMMENDED_CHECK_OTHER: RecommendedCheck
TOLD_BECAUSE_UNSPECIFIED: ToldBecause
TOLD_BECAUSE_EXPORTING_STATE: ToldBecause
TOLD_BECAUSE_LICENSING_AUTHORITY: ToldBecause
TOLD_BECAUSE_STATE_OF_MANUFACTURE: ToldBecause
TOLD_BECAUSE_STATE_OF_RECIPIENT: ToldBecause
TOLD_BECAUSE_TRANSIT_STATE: ToldBecause
TOLD_BECAUSE_STATE_OF_BROKER: ToldBecause

class DiversionNotice(_message.Message):
    __slots__ = ("file_number", "from_case", "established_by_digest", "lots", "diversions", "authorised_recipients", "deliveries", "recommended_checks", "told_because", "reply_by", "handling_instructions", "summary", "narrative", "persons", "contacts", "withheld", "named_desks", "readers")
    FILE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    FROM_CASE_FIELD_NUMBER: _ClassVar[int]
    ESTABLISHED_BY_DIGEST_FIELD_NUMBER: _ClassVar[int]
    LOTS_FIELD_NUMBER: _ClassVar[int]
    DIVERSIONS_FIELD_NUMBER: _ClassVar[int]
    AUTHORISED_RECIPIENTS_FIELD_NUMBER: _ClassVar[int]
    DELIVERIES_FIELD_NUMBER: _ClassVar[int]
    RECOMMENDED_CHECKS_FIELD_NUMBER: _ClassVar[int]
    TOLD_BECAUSE_FIELD_NUMBER: _ClassVar[int]
    REPLY_BY_FIELD_NUMBER: _ClassVar[int]
    HANDLING_INSTRUCTIONS_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    NARRATIVE_FIELD_NUMBER: _ClassVar[int]
    PERSONS_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    NAMED_DESKS_FIELD_NUMBER: _ClassVar[int]
    READERS_FIELD_NUMBER: _ClassVar[int]
    file_number: str
    from_case: str
    established_by_digest: str
    lots: _containers.RepeatedCompositeFieldContainer[_lot_pb2.ArmsLot]
    diversions: _containers.RepeatedCompositeFieldContainer[Diversion]
    authorised_recipients: _containers.RepeatedCompositeFieldContainer[AuthorisedRecipient]
    deliveries: _containers.RepeatedCompositeFieldContainer[DivertedDelivery]
    recommended_checks: _containers.RepeatedScalarFieldContainer[RecommendedCheck]
    told_because: _containers.RepeatedScalarFieldContainer[ToldBecause]
    reply_by: str
    handling_instructions: _containers.RepeatedScalarFieldContainer[_terms_pb2.HandlingInstruction]
    summary: str
    narrative: str
    persons: _containers.RepeatedCompositeFieldContainer[_trace_pb2.Person]
    contacts: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Contact]
    withheld: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Withheld]
    named_desks: _containers.RepeatedScalarFieldContainer[str]
    readers: _containers.RepeatedCompositeFieldContainer[_terms_pb2.FieldReaders]
    def __init__(self, file_number: _Optional[str] = ..., from_case: _Optional[str] = ..., established_by_digest: _Optional[str] = ..., lots: _Optional[_Iterable[_Union[_lot_pb2.ArmsLot, _Mapping]]] = ..., diversions: _Optional[_Iterable[_Union[Diversion, _Mapping]]] = ..., authorised_recipients: _Optional[_Iterable[_Union[AuthorisedRecipient, _Mapping]]] = ..., deliveries: _Optional[_Iterable[_Union[DivertedDelivery, _Mapping]]] = ..., recommended_checks: _Optional[_Iterable[_Union[RecommendedCheck, str]]] = ..., told_because: _Optional[_Iterable[_Union[ToldBecause, str]]] = ..., reply_by: _Optional[str] = ..., handling_instructions: _Optional[_Iterable[_Union[_terms_pb2.HandlingInstruction, str]]] = ..., summary: _Optional[str] = ..., narrative: _Optional[str] = ..., persons: _Optional[_Iterable[_Union[_trace_pb2.Person, _Mapping]]] = ..., contacts: _Optional[_Iterable[_Union[_terms_pb2.Contact, _Mapping]]] = ..., withheld: _Optional[_Iterable[_Union[_terms_pb2.Withheld, _Mapping]]] = ..., named_desks: _Optional[_Iterable[str]] = ..., readers: _Optional[_Iterable[_Union[_terms_pb2.FieldReaders, _Mapping]]] = ...) -> None: ...

class Diversion(_message.Message):
    __slots__ = ("lot_ids", "point", "lawful_until", "illicit_since")
    LOT_IDS_FIELD_NUMBER: _ClassVar[int]
    POINT_FIELD_NUMBER: _ClassVar[int]
    LAWFUL_UNTIL_FIELD_NUMBER: _ClassVar[int]
    ILLICIT_SINCE_FIELD_NUMBER: _ClassVar[int]
    lot_ids: _containers.RepeatedScalarFieldContainer[str]
    point: _trace_pb2.PointOfDiversion
    lawful_until: str
    illicit_since: str
    def __init__(self, lot_ids: _Optional[_Iterable[str]] = ..., point: _Optional[_Union[_trace_pb2.PointOfDiversion, _Mapping]] = ..., lawful_until: _Optional[str] = ..., illicit_since: _Optional[str] = ...) -> None: ...

class AuthorisedRecipient(_message.Message):
    __slots__ = ("kind", "country", "body", "received_on", "denies_receipt")
    KIND_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_ON_FIELD_NUMBER: _ClassVar[int]
    DENIES_RECEIPT_FIELD_NUMBER: _ClassVar[int]
    kind: _trace_pb2.HolderKind
    country: str
    body: str
    received_on: str
    denies_receipt: bool
    def __init__(self, kind: _Optional[_Union[_trace_pb2.HolderKind, str]] = ..., country: _Optional[str] = ..., body: _Optional[str] = ..., received_on: _Optional[str] = ..., denies_receipt: _Optional[bool] = ...) -> None: ...

class DivertedDelivery(_message.Message):
    __slots__ = ("recipient_index", "exporter", "broker", "carrier", "consignee", "contract_number", "export_licence_number", "import_licence_number", "end_user_certificate_number")
    RECIPIENT_INDEX_FIELD_NUMBER: _ClassVar[int]
    EXPORTER_FIELD_NUMBER: _ClassVar[int]
    BROKER_FIELD_NUMBER: _ClassVar[int]
    CARRIER_FIELD_NUMBER: _ClassVar[int]
    CONSIGNEE_FIELD_NUMBER: _ClassVar[int]
    CONTRACT_NUMBER_FIELD_NUMBER: _ClassVar[int]
    EXPORT_LICENCE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    IMPORT_LICENCE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    END_USER_CERTIFICATE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    recipient_index: int
    exporter: str
    broker: str
    carrier: str
    consignee: str
    contract_number: str
    export_licence_number: str
    import_licence_number: str
    end_user_certificate_number: str
    def __init__(self, recipient_index: _Optional[int] = ..., exporter: _Optional[str] = ..., broker: _Optional[str] = ..., carrier: _Optional[str] = ..., consignee: _Optional[str] = ..., contract_number: _Optional[str] = ..., export_licence_number: _Optional[str] = ..., import_licence_number: _Optional[str] = ..., end_user_certificate_number: _Optional[str] = ...) -> None: ...
