# mypy: ignore-errors
from tracepost.wire.buf.validate import validate_pb2 as _validate_pb2
from tracepost.wire.v1 import attachment_pb2 as _attachment_pb2
from tracepost.wire.v1 import options_pb2 as _options_pb2
from tracepost.wire.v1 import terms_pb2 as _terms_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class BallisticPurpose(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BALLISTIC_PURPOSE_UNSPECIFIED: _ClassVar[BallisticPurpose]
    BALLISTIC_PURPOSE_REFERENCE: _ClassVar[BallisticPurpose]
    BALLISTIC_PURPOSE_COMPARISON_ASKED: _ClassVar[BallisticPurpose]
    BALLISTIC_PURPOSE_HIT: _ClassVar[BallisticPurpose]
    BALLISTIC_PURPOSE_NO_HIT: _ClassVar[BallisticPurpose]

class BallisticExhibitKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BALLISTIC_EXHIBIT_KIND_UNSPECIFIED: _ClassVar[BallisticExhibitKind]
    BALLISTIC_EXHIBIT_KIND_CARTRIDGE_CASE: _ClassVar[BallisticExhibitKind]
    BALLISTIC_EXHIBIT_KIND_BULLET: _ClassVar[BallisticExhibitKind]
    BALLISTIC_EXHIBIT_KIND_TEST_FIRED_CASE: _ClassVar[BallisticExhibitKind]
    BALLISTIC_EXHIBIT_KIND_TEST_FIRED_BULLET: _ClassVar[BallisticExhibitKind]
    BALLISTIC_EXHIBIT_KIND_REPLICA: _ClassVar[BallisticExhibitKind]

class BallisticSystem(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BALLISTIC_SYSTEM_UNSPECIFIED: _ClassVar[BallisticSystem]
    BALLISTIC_SYSTEM_IBIS: _ClassVar[BallisticSystem]
    BALLISTIC_SYSTEM_EVOFINDER: _ClassVar[BallisticSystem]
    BALLISTIC_SYSTEM_ARSENAL: _ClassVar[BallisticSystem]
    BALLISTIC_SYSTEM_BALSCAN: _ClassVar[BallisticSystem]
    BALLISTIC_SYSTEM_X3P: _ClassVar[BallisticSystem]
    BALLISTIC_SYSTEM_COMPARISON_MICROSCOPE: _ClassVar[BallisticSystem]
    BALLISTIC_SYSTEM_OTHER: _ClassVar[BallisticSystem]
BALLISTIC_PURPOSE_UNSPECIFIED: BallisticPurpose
BALLISTIC_PURPOSE_REFERENCE: BallisticPurpose
BALLISTIC_PURPOSE_COMPARISON_ASKED: BallisticPurpose
BALLISTIC_PURPOSE_HIT: BallisticPurpose
BALLISTIC_PURPOSE_NO_HIT: BallisticPurpose
BALLISTIC_EXHIBIT_KIND_UNSPECIFIED: BallisticExhibitKind
BALLISTIC_EXHIBIT_KIND_CARTRIDGE_CASE: BallisticExhibitKind
BALLISTIC_EXHIBIT_KIND_BULLET: BallisticExhibitKind
BALLISTIC_EXHIBIT_KIND_TEST_FIRED_CASE: BallisticExhibitKind
BALLISTIC_EXHIBIT_KIND_TEST_FIRED_BULLET: BallisticExhibitKind
BALLISTIC_EXHIBIT_KIND_REPLICA: BallisticExhibitKind
BALLISTIC_SYSTEM_UNSPECIFIED: BallisticSystem
BALLISTIC_SYSTEM_IBIS: BallisticSystem
BALLISTIC_SYSTEM_EVOFINDER: BallisticSystem
BALLISTIC_SYSTEM_ARSENAL: BallisticSystem
BALLISTIC_SYSTEM_BALSCAN: BallisticSystem
BALLISTIC_SYSTEM_X3P: BallisticSystem
BALLISTIC_SYSTEM_COMPARISON_MICROSCOPE: BallisticSystem
BALLISTIC_SYSTEM_OTHER: BallisticSystem

class BallisticReference(_message.Message):
    __slots__ = ("file_number", "case_number", "item_ids", "about", "references", "reply_by", "handling_instructions", "hit", "text", "contacts", "withheld", "named_desks", "readers")
    FILE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    CASE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    ITEM_IDS_FIELD_NUMBER: _ClassVar[int]
    ABOUT_FIELD_NUMBER: _ClassVar[int]
    REFERENCES_FIELD_NUMBER: _ClassVar[int]
    REPLY_BY_FIELD_NUMBER: _ClassVar[int]
    HANDLING_INSTRUCTIONS_FIELD_NUMBER: _ClassVar[int]
    HIT_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    NAMED_DESKS_FIELD_NUMBER: _ClassVar[int]
    READERS_FIELD_NUMBER: _ClassVar[int]
    file_number: str
    case_number: str
    item_ids: _containers.RepeatedScalarFieldContainer[str]
    about: BallisticPurpose
    references: _containers.RepeatedCompositeFieldContainer[LaboratoryReference]
    reply_by: str
    handling_instructions: _containers.RepeatedScalarFieldContainer[_terms_pb2.HandlingInstruction]
    hit: BallisticHit
    text: str
    contacts: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Contact]
    withheld: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Withheld]
    named_desks: _containers.RepeatedScalarFieldContainer[str]
    readers: _containers.RepeatedCompositeFieldContainer[_terms_pb2.FieldReaders]
    def __init__(self, file_number: _Optional[str] = ..., case_number: _Optional[str] = ..., item_ids: _Optional[_Iterable[str]] = ..., about: _Optional[_Union[BallisticPurpose, str]] = ..., references: _Optional[_Iterable[_Union[LaboratoryReference, _Mapping]]] = ..., reply_by: _Optional[str] = ..., handling_instructions: _Optional[_Iterable[_Union[_terms_pb2.HandlingInstruction, str]]] = ..., hit: _Optional[_Union[BallisticHit, _Mapping]] = ..., text: _Optional[str] = ..., contacts: _Optional[_Iterable[_Union[_terms_pb2.Contact, _Mapping]]] = ..., withheld: _Optional[_Iterable[_Union[_terms_pb2.Withheld, _Mapping]]] = ..., named_desks: _Optional[_Iterable[str]] = ..., readers: _Optional[_Iterable[_Union[_terms_pb2.FieldReaders, _Mapping]]] = ...) -> None: ...

class LaboratoryReference(_message.Message):
    __slots__ = ("id", "kind", "calibre", "headstamp", "laboratory_reference", "laboratory", "system", "system_other", "network_reference", "dated", "country", "class_characteristics", "attachments")
    ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    CALIBRE_FIELD_NUMBER: _ClassVar[int]
    HEADSTAMP_FIELD_NUMBER: _ClassVar[int]
    LABORATORY_REFERENCE_FIELD_NUMBER: _ClassVar[int]
    LABORATORY_FIELD_NUMBER: _ClassVar[int]
    SYSTEM_FIELD_NUMBER: _ClassVar[int]
    SYSTEM_OTHER_FIELD_NUMBER: _ClassVar[int]
    NETWORK_REFERENCE_FIELD_NUMBER: _ClassVar[int]
    DATED_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_FIELD_NUMBER: _ClassVar[int]
    CLASS_CHARACTERISTICS_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    id: str
    kind: BallisticExhibitKind
    calibre: str
    headstamp: str
    laboratory_reference: str
    laboratory: str
    system: BallisticSystem
    system_other: str
    network_reference: str
    dated: str
    country: str
    class_characteristics: str
    attachments: _containers.RepeatedCompositeFieldContainer[_attachment_pb2.Attachment]
    def __init__(self, id: _Optional[str] = ..., kind: _Optional[_Union[BallisticExhibitKind, str]] = ..., calibre: _Optional[str] = ..., headstamp: _Optional[str] = ..., laboratory_reference: _Optional[str] = ..., laboratory: _Optional[str] = ..., system: _Optional[_Union[BallisticSystem, str]] = ..., system_other: _Optional[str] = ..., network_reference: _Optional[str] = ..., dated: _Optional[str] = ..., country: _Optional[str] = ..., class_characteristics: _Optional[str] = ..., attachments: _Optional[_Iterable[_Union[_attachment_pb2.Attachment, _Mapping]]] = ...) -> None: ...

class BallisticHit(_message.Message):
    __slots__ = ("own_reference", "other_reference", "other_laboratory", "other_country", "confirmed_on", "conclusion")
    OWN_REFERENCE_FIELD_NUMBER: _ClassVar[int]
    OTHER_REFERENCE_FIELD_NUMBER: _ClassVar[int]
    OTHER_LABORATORY_FIELD_NUMBER: _ClassVar[int]
    OTHER_COUNTRY_FIELD_NUMBER: _ClassVar[int]
    CONFIRMED_ON_FIELD_NUMBER: _ClassVar[int]
    CONCLUSION_FIELD_NUMBER: _ClassVar[int]
    own_reference: str
    other_reference: str
    other_laboratory: str
    other_country: str
    confirmed_on: str
    conclusion: str
    def __init__(self, own_reference: _Optional[str] = ..., other_reference: _Optional[str] = ..., other_laboratory: _Optional[str] = ..., other_country: _Optional[str] = ..., confirmed_on: _Optional[str] = ..., conclusion: _Optional[str] = ...) -> None: ...
