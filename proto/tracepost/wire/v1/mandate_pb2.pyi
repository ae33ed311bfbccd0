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

class MandateStep(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MANDATE_STEP_UNSPECIFIED: _ClassVar[MandateStep]
    MANDATE_STEP_GRANTED: _ClassVar[MandateStep]
    MANDATE_STEP_ENDED: _ClassVar[MandateStep]

class MandatedAct(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MANDATED_ACT_UNSPECIFIED: _ClassVar[MandatedAct]
    MANDATED_ACT_REQUEST_TRACES: _ClassVar[MandatedAct]
MANDATE_STEP_UNSPECIFIED: MandateStep
MANDATE_STEP_GRANTED: MandateStep
MANDATE_STEP_ENDED: MandateStep
MANDATED_ACT_UNSPECIFIED: MandatedAct
MANDATED_ACT_REQUEST_TRACES: MandatedAct

class Mandate(_message.Message):
    __slots__ = ("file_number", "step", "operation", "acts", "purposes", "may_address", "valid_from", "valid_until", "ends_digest", "resolution", "agreement", "office", "area", "text", "contacts", "withheld", "named_desks", "readers")
    FILE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    ACTS_FIELD_NUMBER: _ClassVar[int]
    PURPOSES_FIELD_NUMBER: _ClassVar[int]
    MAY_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    VALID_FROM_FIELD_NUMBER: _ClassVar[int]
    VALID_UNTIL_FIELD_NUMBER: _ClassVar[int]
    ENDS_DIGEST_FIELD_NUMBER: _ClassVar[int]
    RESOLUTION_FIELD_NUMBER: _ClassVar[int]
    AGREEMENT_FIELD_NUMBER: _ClassVar[int]
    OFFICE_FIELD_NUMBER: _ClassVar[int]
    AREA_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    NAMED_DESKS_FIELD_NUMBER: _ClassVar[int]
    READERS_FIELD_NUMBER: _ClassVar[int]
    file_number: str
    step: MandateStep
    operation: str
    acts: _containers.RepeatedScalarFieldContainer[MandatedAct]
    purposes: _containers.RepeatedScalarFieldContainer[_terms_pb2.Purpose]
    may_address: _containers.RepeatedScalarFieldContainer[str]
    valid_from: str
    valid_until: str
    ends_digest: str
    resolution: str
    agreement: str
    office: _terms_pb2.Office
    area: str
    text: str
    contacts: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Contact]
    withheld: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Withheld]
    named_desks: _containers.RepeatedScalarFieldContainer[str]
    readers: _containers.RepeatedCompositeFieldContainer[_terms_pb2.FieldReaders]
    def __init__(self, file_number: _Optional[str] = ..., step: _Optional[_Union[MandateStep, str]] = ..., operation: _Optional[str] = ..., acts: _Optional[_Iterable[_Union[MandatedAct, str]]] = ..., purposes: _Optional[_Iterable[_Union[_terms_pb2.Purpose, str]]] = ..., may_address: _Optional[_Iterable[str]] = ..., valid_from: _Optional[str] = ..., valid_until: _Optional[str] = ..., ends_digest: _Optional[str] = ..., resolution: _Optional[str] = ..., agreement: _Optional[str] = ..., office: _Optional[_Union[_terms_pb2.Office, _Mapping]] = ..., area: _Optional[str] = ..., text: _Optional[str] = ..., contacts: _Optional[_Iterable[_Union[_terms_pb2.Contact, _Mapping]]] = ..., withheld: _Optional[_Iterable[_Union[_terms_pb2.Withheld, _Mapping]]] = ..., named_desks: _Optional[_Iterable[str]] = ..., readers: _Optional[_Iterable[_Union[_terms_pb2.FieldReaders, _Mapping]]] = ...) -> None: ...
