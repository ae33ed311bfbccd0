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

class LossStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LOSS_STATUS_UNSPECIFIED: _ClassVar[LossStatus]
    LOSS_STATUS_LOST: _ClassVar[LossStatus]
    LOSS_STATUS_STOLEN: _ClassVar[LossStatus]
    LOSS_STATUS_RECOVERED: _ClassVar[LossStatus]
    LOSS_STATUS_CANCELLED: _ClassVar[LossStatus]

class HitFeature(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    HIT_FEATURE_UNSPECIFIED: _ClassVar[HitFeature]
    HIT_FEATURE_SERIAL: _ClassVar[HitFeature]
    HIT_FEATURE_MAKE: _ClassVar[HitFeature]
    HIT_FEATURE_MODEL: _ClassVar[HitFeature]
    HIT_FEATURE_CALIBRE: _ClassVar[HitFeature]
    HIT_FEATURE_COUNTRY: _ClassVar[HitFeature]
    HIT_FEATURE_PROPERTY_MARK: _ClassVar[HitFeature]
    HIT_FEATURE_IMPORT_MARK: _ClassVar[HitFeature]
    HIT_FEATURE_PROOF_MARK: _ClassVar[HitFeature]
    HIT_FEATURE_LOT_NUMBER: _ClassVar[HitFeature]
    HIT_FEATURE_CRATE_NUMBER: _ClassVar[HitFeature]
    HIT_FEATURE_YEAR: _ClassVar[HitFeature]
    HIT_FEATURE_PHOTOGRAPH: _ClassVar[HitFeature]
    HIT_FEATURE_DESCRIPTION: _ClassVar[HitFeature]
LOSS_STATUS_UNSPECIFIED: LossStatus
LOSS_STATUS_LOST: LossStatus
LOSS_STATUS_STOLEN: LossStatus
LOSS_STATUS_RECOVERED: LossStatus
LOSS_STATUS_CANCELLED: LossStatus
HIT_FEATURE_UNSPECIFIED: HitFeature
HIT_FEATURE_SERIAL: HitFeature
HIT_FEATURE_MAKE: HitFeature
HIT_FEATURE_MODEL: HitFeature
HIT_FEATURE_CALIBRE: HitFeature
HIT_FEATURE_COUNTRY: HitFeature
HIT_FEATURE_PROPERTY_MARK: HitFeature
HIT_FEATURE_IMPORT_MARK: HitFeature
HIT_FEATURE_PROOF_MARK: HitFeature
HIT_FEATURE_LOT_NUMBER: HitFeature
HIT_FEATURE_CRATE_NUMBER: HitFeature
HIT_FEATURE_YEAR: HitFeature
HIT_FEATURE_PHOTOGRAPH: HitFeature
HIT_FEATURE_DESCRIPTION: HitFeature

class LossNotice(_message.Message):
    __slots__ = ("file_number", "status", "changes_digest", "items", "lost_from", "quantity", "happened_on", "happened_until", "country", "region_code", "region", "found_situations", "reporting_unit", "reported_on", "expires_on", "office", "handling_instructions", "summary", "exact_place", "crime_number", "narrative", "companies", "persons", "contacts", "withheld", "named_desks", "readers")
    FILE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    CHANGES_DIGEST_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    LOST_FROM_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    HAPPENED_ON_FIELD_NUMBER: _ClassVar[int]
    HAPPENED_UNTIL_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_FIELD_NUMBER: _ClassVar[int]
    REGION_CODE_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    FOUND_SITUATIONS_FIELD_NUMBER: _ClassVar[int]
    REPORTING_UNIT_FIELD_NUMBER: _ClassVar[int]
    REPORTED_ON_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_ON_FIELD_NUMBER: _ClassVar[int]
    OFFICE_FIELD_NUMBER: _ClassVar[int]
    HANDLING_INSTRUCTIONS_FIELD_NUMBER: _ClassVar[int]
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
    status: LossStatus
    changes_digest: str
    items: _containers.RepeatedCompositeFieldContainer[_weapon_pb2.Item]
    lost_from: _trace_pb2.HolderKind
    quantity: int
    happened_on: str
    happened_until: str
    country: str
    region_code: str
    region: str
    found_situations: _containers.RepeatedScalarFieldContainer[_weapon_pb2.FoundSituation]
    reporting_unit: str
    reported_on: str
    expires_on: str
    office: _terms_pb2.Office
    handling_instructions: _containers.RepeatedScalarFieldContainer[_terms_pb2.HandlingInstruction]
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
    def __init__(self, file_number: _Optional[str] = ..., status: _Optional[_Union[LossStatus, str]] = ..., changes_digest: _Optional[str] = ..., items: _Optional[_Iterable[_Union[_weapon_pb2.Item, _Mapping]]] = ..., lost_from: _Optional[_Union[_trace_pb2.HolderKind, str]] = ..., quantity: _Optional[int] = ..., happened_on: _Optional[str] = ..., happened_until: _Optional[str] = ..., country: _Optional[str] = ..., region_code: _Optional[str] = ..., region: _Optional[str] = ..., found_situations: _Optional[_Iterable[_Union[_weapon_pb2.FoundSituation, str]]] = ..., reporting_unit: _Optional[str] = ..., reported_on: _Optional[str] = ..., expires_on: _Optional[str] = ..., office: _Optional[_Union[_terms_pb2.Office, _Mapping]] = ..., handling_instructions: _Optional[_Iterable[_Union[_terms_pb2.HandlingInstruction, str]]] = ..., summary: _Optional[str] = ..., exact_place: _Optional[str] = ..., crime_number: _Optional[str] = ..., narrative: _Optional[str] = ..., companies: _Optional[_Iterable[_Union[_trace_pb2.Company, _Mapping]]] = ..., persons: _Optional[_Iterable[_Union[_trace_pb2.Person, _Mapping]]] = ..., contacts: _Optional[_Iterable[_Union[_terms_pb2.Contact, _Mapping]]] = ..., withheld: _Optional[_Iterable[_Union[_terms_pb2.Withheld, _Mapping]]] = ..., named_desks: _Optional[_Iterable[str]] = ..., readers: _Optional[_Iterable[_Union[_terms_pb2.FieldReaders, _Mapping]]] = ...) -> None: ...

class Hit(_message.Message):
    __slots__ = ("file_number", "recognised", "items", "agrees_in", "differs_in", "found_situation", "found_on", "country", "region_code", "region", "border_point", "office", "handling_instructions", "summary", "exact_place", "crime_number", "narrative", "companies", "persons", "contacts", "withheld", "named_desks", "readers")
    FILE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    RECOGNISED_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    AGREES_IN_FIELD_NUMBER: _ClassVar[int]
    DIFFERS_IN_FIELD_NUMBER: _ClassVar[int]
    FOUND_SITUATION_FIELD_NUMBER: _ClassVar[int]
    FOUND_ON_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_FIELD_NUMBER: _ClassVar[int]
    REGION_CODE_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    BORDER_POINT_FIELD_NUMBER: _ClassVar[int]
    OFFICE_FIELD_NUMBER: _ClassVar[int]
    HANDLING_INSTRUCTIONS_FIELD_NUMBER: _ClassVar[int]
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
    recognised: _containers.RepeatedCompositeFieldContainer[Recognised]
    items: _containers.RepeatedCompositeFieldContainer[_weapon_pb2.Item]
    agrees_in: _containers.RepeatedScalarFieldContainer[HitFeature]
    differs_in: _containers.RepeatedScalarFieldContainer[HitFeature]
    found_situation: _weapon_pb2.FoundSituation
    found_on: str
    country: str
    region_code: str
    region: str
    border_point: str
    office: _terms_pb2.Office
    handling_instructions: _containers.RepeatedScalarFieldContainer[_terms_pb2.HandlingInstruction]
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
    def __init__(self, file_number: _Optional[str] = ..., recognised: _Optional[_Iterable[_Union[Recognised, _Mapping]]] = ..., items: _Optional[_Iterable[_Union[_weapon_pb2.Item, _Mapping]]] = ..., agrees_in: _Optional[_Iterable[_Union[HitFeature, str]]] = ..., differs_in: _Optional[_Iterable[_Union[HitFeature, str]]] = ..., found_situation: _Optional[_Union[_weapon_pb2.FoundSituation, str]] = ..., found_on: _Optional[str] = ..., country: _Optional[str] = ..., region_code: _Optional[str] = ..., region: _Optional[str] = ..., border_point: _Optional[str] = ..., office: _Optional[_Union[_terms_pb2.Office, _Mapping]] = ..., handling_instructions: _Optional[_Iterable[_Union[_terms_pb2.HandlingInstruction, str]]] = ..., summary: _Optional[str] = ..., exact_place: _Optional[str] = ..., crime_number: _Optional[str] = ..., narrative: _Optional[str] = ..., companies: _Optional[_Iterable[_Union[_trace_pb2.Company, _Mapping]]] = ..., persons: _Optional[_Iterable[_Union[_trace_pb2.Person, _Mapping]]] = ..., contacts: _Optional[_Iterable[_Union[_terms_pb2.Contact, _Mapping]]] = ..., withheld: _Optional[_Iterable[_Union[_terms_pb2.Withheld, _Mapping]]] = ..., named_desks: _Optional[_Iterable[str]] = ..., readers: _Optional[_Iterable[_Union[_terms_pb2.FieldReaders, _Mapping]]] = ...) -> None: ...

class Recognised(_message.Message):
    __slots__ = ("statement_digest", "item_id", "seen_item_id", "confidence")
    STATEMENT_DIGEST_FIELD_NUMBER: _ClassVar[int]
    ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    SEEN_ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    statement_digest: str
    item_id: str
    seen_item_id: str
    confidence: _terms_pb2.Confidence
    def __init__(self, statement_digest: _Optional[str] = ..., item_id: _Optional[str] = ..., seen_item_id: _Optional[str] = ..., confidence: _Optional[_Union[_terms_pb2.Confidence, str]] = ...) -> None: ...
