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

class Competence(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    COMPETENCE_UNSPECIFIED: _ClassVar[Competence]
    COMPETENCE_LAW_ENFORCEMENT: _ClassVar[Competence]
    COMPETENCE_CUSTOMS_ENFORCEMENT: _ClassVar[Competence]
    COMPETENCE_RECORDS_CUSTODY: _ClassVar[Competence]
    COMPETENCE_LICENSING: _ClassVar[Competence]
    COMPETENCE_BORDER: _ClassVar[Competence]
    COMPETENCE_FORENSIC: _ClassVar[Competence]
    COMPETENCE_FOREIGN_AFFAIRS: _ClassVar[Competence]
    COMPETENCE_PANEL: _ClassVar[Competence]
    COMPETENCE_PEACE_OPERATION: _ClassVar[Competence]
    COMPETENCE_INDUSTRY_LIAISON: _ClassVar[Competence]

class ContactFunction(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONTACT_FUNCTION_UNSPECIFIED: _ClassVar[ContactFunction]
    CONTACT_FUNCTION_ITI: _ClassVar[ContactFunction]
    CONTACT_FUNCTION_PROGRAMME_OF_ACTION: _ClassVar[ContactFunction]
    CONTACT_FUNCTION_FIREARMS_PROTOCOL: _ClassVar[ContactFunction]
    CONTACT_FUNCTION_TECHNICAL: _ClassVar[ContactFunction]
    CONTACT_FUNCTION_DUTY: _ClassVar[ContactFunction]
    CONTACT_FUNCTION_NON_MEMBERS: _ClassVar[ContactFunction]
COMPETENCE_UNSPECIFIED: Competence
COMPETENCE_LAW_ENFORCEMENT: Competence
COMPETENCE_CUSTOMS_ENFORCEMENT: Competence
COMPETENCE_RECORDS_CUSTODY: Competence
COMPETENCE_LICENSING: Competence
COMPETENCE_BORDER: Competence
COMPETENCE_FORENSIC: Competence
COMPETENCE_FOREIGN_AFFAIRS: Competence
COMPETENCE_PANEL: Competence
COMPETENCE_PEACE_OPERATION: Competence
COMPETENCE_INDUSTRY_LIAISON: Competence
CONTACT_FUNCTION_UNSPECIFIED: ContactFunction
CONTACT_FUNCTION_ITI: ContactFunction
CONTACT_FUNCTION_PROGRAMME_OF_ACTION: ContactFunction
CONTACT_FUNCTION_FIREARMS_PROTOCOL: ContactFunction
CONTACT_FUNCTION_TECHNICAL: ContactFunction
CONTACT_FUNCTION_DUTY: ContactFunction
CONTACT_FUNCTION_NON_MEMBERS: ContactFunction

class DirectoryEntry(_message.Message):
    __slots__ = ("member", "name", "name_in_english", "sequence", "expires_at", "desks", "direct_addresses", "relays", "contact_points", "languages", "kinds_read", "suites", "declarations", "opens_bytes")
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    NAME_IN_ENGLISH_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    DESKS_FIELD_NUMBER: _ClassVar[int]
    DIRECT_ADDRESSES_FIELD_NUMBER: _ClassVar[int]
    RELAYS_FIELD_NUMBER: _ClassVar[int]
    CONTACT_POINTS_FIELD_NUMBER: _ClassVar[int]
    LANGUAGES_FIELD_NUMBER: _ClassVar[int]
    KINDS_READ_FIELD_NUMBER: _ClassVar[int]
    SUITES_FIELD_NUMBER: _ClassVar[int]
    DECLARATIONS_FIELD_NUMBER: _ClassVar[int]
    OPENS_BYTES_FIELD_NUMBER: _ClassVar[int]
    member: str
    name: str
    name_in_english: str
    sequence: int
    expires_at: str
    desks: _containers.RepeatedCompositeFieldContainer[DeskEntry]
    direct_addresses: _containers.RepeatedScalarFieldContainer[str]
    relays: _containers.RepeatedScalarFieldContainer[str]
    contact_points: _containers.RepeatedCompositeFieldContainer[ContactPoint]
    languages: _containers.RepeatedScalarFieldContainer[str]
    kinds_read: _containers.RepeatedScalarFieldContainer[str]
    suites: _containers.RepeatedScalarFieldContainer[str]
    declarations: StandingDeclarations
    opens_bytes: bool
    def __init__(self, member: _Optional[str] = ..., name: _Optional[str] = ..., name_in_english: _Optional[str] = ..., sequence: _Optional[int] = ..., expires_at: _Optional[str] = ..., desks: _Optional[_Iterable[_Union[DeskEntry, _Mapping]]] = ..., direct_addresses: _Optional[_Iterable[str]] = ..., relays: _Optional[_Iterable[str]] = ..., contact_points: _Optional[_Iterable[_Union[ContactPoint, _Mapping]]] = ..., languages: _Optional[_Iterable[str]] = ..., kinds_read: _Optional[_Iterable[str]] = ..., suites: _Optional[_Iterable[str]] = ..., declarations: _Optional[_Union[StandingDeclarations, _Mapping]] = ..., opens_bytes: _Optional[bool] = ...) -> None: ...

class DeskEntry(_message.Message):
    __slots__ = ("desk", "name", "competences", "legal_basis", "public_key", "certificate_sha256", "point_of_contact", "on_every_case", "copied_on_panel_mail")
    DESK_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    COMPETENCES_FIELD_NUMBER: _ClassVar[int]
    LEGAL_BASIS_FIELD_NUMBER: _ClassVar[int]
    PUBLIC_KEY_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATE_SHA256_FIELD_NUMBER: _ClassVar[int]
    POINT_OF_CONTACT_FIELD_NUMBER: _ClassVar[int]
    ON_EVERY_CASE_FIELD_NUMBER: _ClassVar[int]
    COPIED_ON_PANEL_MAIL_FIELD_NUMBER: _ClassVar[int]
    desk: str
    name: str
    competences: _containers.RepeatedScalarFieldContainer[Competence]
    legal_basis: str
    public_key: bytes
    certificate_sha256: bytes
    point_of_contact: bool
    on_every_case: bool
    copied_on_panel_mail: bool
    def __init__(self, desk: _Optional[str] = ..., name: _Optional[str] = ..., competences: _Optional[_Iterable[_Union[Competence, str]]] = ..., legal_basis: _Optional[str] = ..., public_key: _Optional[bytes] = ..., certificate_sha256: _Optional[bytes] = ..., point_of_contact: _Optional[bool] = ..., on_every_case: _Optional[bool] = ..., copied_on_panel_mail: _Optional[bool] = ...) -> None: ...

class ContactPoint(_message.Message):
    __slots__ = ("function", "organisation", "unit", "address", "telephone", "mailbox", "duty_hours", "holidays")
    FUNCTION_FIELD_NUMBER: _ClassVar[int]
    ORGANISATION_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    TELEPHONE_FIELD_NUMBER: _ClassVar[int]
    MAILBOX_FIELD_NUMBER: _ClassVar[int]
    DUTY_HOURS_FIELD_NUMBER: _ClassVar[int]
    HOLIDAYS_FIELD_NUMBER: _ClassVar[int]
    function: ContactFunction
    organisation: str
    unit: str
    address: str
    telephone: str
    mailbox: str
    duty_hours: str
    holidays: str
    def __init__(self, function: _Optional[_Union[ContactFunction, str]] = ..., organisation: _Optional[str] = ..., unit: _Optional[str] = ..., address: _Optional[str] = ..., telephone: _Optional[str] = ..., mailbox: _Optional[str] = ..., duty_hours: _Optional[str] = ..., holidays: _Optional[str] = ...) -> None: ...

class StandingDeclarations(_message.Message):
    __slots__ = ("records_since", "manufacturing_records_years", "other_records_years", "custodians", "minimum_data", "owner_data_by_mutual_legal_assistance", "guarantees_restrictions", "confidentiality_statement", "standing_consents", "tells_of_opening", "central_authority")
    RECORDS_SINCE_FIELD_NUMBER: _ClassVar[int]
    MANUFACTURING_RECORDS_YEARS_FIELD_NUMBER: _ClassVar[int]
    OTHER_RECORDS_YEARS_FIELD_NUMBER: _ClassVar[int]
    CUSTODIANS_FIELD_NUMBER: _ClassVar[int]
    MINIMUM_DATA_FIELD_NUMBER: _ClassVar[int]
    OWNER_DATA_BY_MUTUAL_LEGAL_ASSISTANCE_FIELD_NUMBER: _ClassVar[int]
    GUARANTEES_RESTRICTIONS_FIELD_NUMBER: _ClassVar[int]
    CONFIDENTIALITY_STATEMENT_FIELD_NUMBER: _ClassVar[int]
    STANDING_CONSENTS_FIELD_NUMBER: _ClassVar[int]
    TELLS_OF_OPENING_FIELD_NUMBER: _ClassVar[int]
    CENTRAL_AUTHORITY_FIELD_NUMBER: _ClassVar[int]
    records_since: str
    manufacturing_records_years: int
    other_records_years: int
    custodians: _containers.RepeatedCompositeFieldContainer[RecordCustodian]
    minimum_data: _containers.RepeatedScalarFieldContainer[_terms_pb2.InformationCode]
    owner_data_by_mutual_legal_assistance: bool
    guarantees_restrictions: bool
    confidentiality_statement: str
    standing_consents: _containers.RepeatedCompositeFieldContainer[StandingConsent]
    tells_of_opening: bool
    central_authority: str
    def __init__(self, records_since: _Optional[str] = ..., manufacturing_records_years: _Optional[int] = ..., other_records_years: _Optional[int] = ..., custodians: _Optional[_Iterable[_Union[RecordCustodian, _Mapping]]] = ..., minimum_data: _Optional[_Iterable[_Union[_terms_pb2.InformationCode, str]]] = ..., owner_data_by_mutual_legal_assistance: _Optional[bool] = ..., guarantees_restrictions: _Optional[bool] = ..., confidentiality_statement: _Optional[str] = ..., standing_consents: _Optional[_Iterable[_Union[StandingConsent, _Mapping]]] = ..., tells_of_opening: _Optional[bool] = ..., central_authority: _Optional[str] = ...) -> None: ...

class RecordCustodian(_message.Message):
    __slots__ = ("name", "records", "since")
    NAME_FIELD_NUMBER: _ClassVar[int]
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    name: str
    records: str
    since: str
    def __init__(self, name: _Optional[str] = ..., records: _Optional[str] = ..., since: _Optional[str] = ...) -> None: ...

class StandingConsent(_message.Message):
    __slots__ = ("member", "purpose", "until", "classes")
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    CLASSES_FIELD_NUMBER: _ClassVar[int]
    member: str
    purpose: _terms_pb2.Purpose
    until: str
    classes: _containers.RepeatedScalarFieldContainer[_options_pb2.Sensitivity]
    def __init__(self, member: _Optional[str] = ..., purpose: _Optional[_Union[_terms_pb2.Purpose, str]] = ..., until: _Optional[str] = ..., classes: _Optional[_Iterable[_Union[_options_pb2.Sensitivity, str]]] = ...) -> None: ...
