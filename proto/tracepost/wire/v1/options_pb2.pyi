# mypy: ignore-errors
from google.protobuf import descriptor_pb2 as _descriptor_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor

class Sensitivity(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SENSITIVITY_UNSPECIFIED: _ClassVar[Sensitivity]
    SENSITIVITY_STRUCTURE: _ClassVar[Sensitivity]
    SENSITIVITY_OPAQUE: _ClassVar[Sensitivity]
    SENSITIVITY_PUBLIC: _ClassVar[Sensitivity]
    SENSITIVITY_ADMINISTRATIVE: _ClassVar[Sensitivity]
    SENSITIVITY_OBJECT: _ClassVar[Sensitivity]
    SENSITIVITY_LAW_ENFORCEMENT: _ClassVar[Sensitivity]
    SENSITIVITY_COMMERCIAL: _ClassVar[Sensitivity]
    SENSITIVITY_CONTACT: _ClassVar[Sensitivity]
    SENSITIVITY_CRIMINAL_JUSTICE: _ClassVar[Sensitivity]
    SENSITIVITY_PERSONAL: _ClassVar[Sensitivity]
    SENSITIVITY_NATIONAL_SECURITY: _ClassVar[Sensitivity]
SENSITIVITY_UNSPECIFIED: Sensitivity
SENSITIVITY_STRUCTURE: Sensitivity
SENSITIVITY_OPAQUE: Sensitivity
SENSITIVITY_PUBLIC: Sensitivity
SENSITIVITY_ADMINISTRATIVE: Sensitivity
SENSITIVITY_OBJECT: Sensitivity
SENSITIVITY_LAW_ENFORCEMENT: Sensitivity
SENSITIVITY_COMMERCIAL: Sensitivity
SENSITIVITY_CONTACT: Sensitivity
SENSITIVITY_CRIMINAL_JUSTICE: Sensitivity
SENSITIVITY_PERSONAL: Sensitivity
SENSITIVITY_NATIONAL_SECURITY: Sensitivity
SENSITIVITY_FIELD_NUMBER: _ClassVar[int]
sensitivity: _descriptor.FieldDescriptor
DISCLOSED_AS_ONE_FIELD_NUMBER: _ClassVar[int]
disclosed_as_one: _descriptor.FieldDescriptor
KIND_FIELD_NUMBER: _ClassVar[int]
kind: _descriptor.FieldDescriptor
OPENS_CASE_FIELD_NUMBER: _ClassVar[int]
opens_case: _descriptor.FieldDescriptor
WRITTEN_FOR_FIELD_NUMBER: _ClassVar[int]
written_for: _descriptor.FieldDescriptor
RESERVED_FIELD_NUMBER: _ClassVar[int]
reserved: _descriptor.FieldDescriptor
SAID_BY_FIELD_NUMBER: _ClassVar[int]
said_by: _descriptor.FieldDescriptor
INNER_FIELD_NUMBER: _ClassVar[int]
inner: _descriptor.FieldDescriptor
