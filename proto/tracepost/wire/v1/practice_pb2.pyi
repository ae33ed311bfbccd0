# mypy: ignore-errors
from tracepost.wire.buf.validate import validate_pb2 as _validate_pb2
from tracepost.wire.v1 import directory_pb2 as _directory_pb2
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

class YearFormat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    YEAR_FORMAT_UNSPECIFIED: _ClassVar[YearFormat]
    YEAR_FORMAT_FOUR_DIGITS: _ClassVar[YearFormat]
    YEAR_FORMAT_TWO_DIGITS: _ClassVar[YearFormat]
    YEAR_FORMAT_CODE: _ClassVar[YearFormat]
    YEAR_FORMAT_IN_SERIAL: _ClassVar[YearFormat]
    YEAR_FORMAT_NONE: _ClassVar[YearFormat]
YEAR_FORMAT_UNSPECIFIED: YearFormat
YEAR_FORMAT_FOUR_DIGITS: YearFormat
YEAR_FORMAT_TWO_DIGITS: YearFormat
YEAR_FORMAT_CODE: YearFormat
YEAR_FORMAT_IN_SERIAL: YearFormat
YEAR_FORMAT_NONE: YearFormat

class MarkingPractice(_message.Message):
    __slots__ = ("state", "valid_from", "valid_until", "replaces_digest", "country_mark", "manufacture_marks", "import_mark", "year_format", "year_code", "agency_marks", "regional_marks", "stock_transfer_mark", "control_components", "control_component_prefixes", "control_component_rule", "polymer_rule", "law", "published_at", "contact_point", "covert_marks", "withheld", "named_desks", "readers")
    STATE_FIELD_NUMBER: _ClassVar[int]
    VALID_FROM_FIELD_NUMBER: _ClassVar[int]
    VALID_UNTIL_FIELD_NUMBER: _ClassVar[int]
    REPLACES_DIGEST_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_MARK_FIELD_NUMBER: _ClassVar[int]
    MANUFACTURE_MARKS_FIELD_NUMBER: _ClassVar[int]
    IMPORT_MARK_FIELD_NUMBER: _ClassVar[int]
    YEAR_FORMAT_FIELD_NUMBER: _ClassVar[int]
    YEAR_CODE_FIELD_NUMBER: _ClassVar[int]
    AGENCY_MARKS_FIELD_NUMBER: _ClassVar[int]
    REGIONAL_MARKS_FIELD_NUMBER: _ClassVar[int]
    STOCK_TRANSFER_MARK_FIELD_NUMBER: _ClassVar[int]
    CONTROL_COMPONENTS_FIELD_NUMBER: _ClassVar[int]
    CONTROL_COMPONENT_PREFIXES_FIELD_NUMBER: _ClassVar[int]
    CONTROL_COMPONENT_RULE_FIELD_NUMBER: _ClassVar[int]
    POLYMER_RULE_FIELD_NUMBER: _ClassVar[int]
    LAW_FIELD_NUMBER: _ClassVar[int]
    PUBLISHED_AT_FIELD_NUMBER: _ClassVar[int]
    CONTACT_POINT_FIELD_NUMBER: _ClassVar[int]
    COVERT_MARKS_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    NAMED_DESKS_FIELD_NUMBER: _ClassVar[int]
    READERS_FIELD_NUMBER: _ClassVar[int]
    state: str
    valid_from: str
    valid_until: str
    replaces_digest: str
    country_mark: MarkFormat
    manufacture_marks: _containers.RepeatedCompositeFieldContainer[MarkFormat]
    import_mark: MarkFormat
    year_format: YearFormat
    year_code: str
    agency_marks: _containers.RepeatedCompositeFieldContainer[MarkFormat]
    regional_marks: _containers.RepeatedCompositeFieldContainer[MarkFormat]
    stock_transfer_mark: MarkFormat
    control_components: _containers.RepeatedCompositeFieldContainer[ControlComponent]
    control_component_prefixes: bool
    control_component_rule: str
    polymer_rule: str
    law: str
    published_at: str
    contact_point: _directory_pb2.ContactPoint
    covert_marks: _containers.RepeatedCompositeFieldContainer[_weapon_pb2.CovertMark]
    withheld: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Withheld]
    named_desks: _containers.RepeatedScalarFieldContainer[str]
    readers: _containers.RepeatedCompositeFieldContainer[_terms_pb2.FieldReaders]
    def __init__(self, state: _Optional[str] = ..., valid_from: _Optional[str] = ..., valid_until: _Optional[str] = ..., replaces_digest: _Optional[str] = ..., country_mark: _Optional[_Union[MarkFormat, _Mapping]] = ..., manufacture_marks: _Optional[_Iterable[_Union[MarkFormat, _Mapping]]] = ..., import_mark: _Optional[_Union[MarkFormat, _Mapping]] = ..., year_format: _Optional[_Union[YearFormat, str]] = ..., year_code: _Optional[str] = ..., agency_marks: _Optional[_Iterable[_Union[MarkFormat, _Mapping]]] = ..., regional_marks: _Optional[_Iterable[_Union[MarkFormat, _Mapping]]] = ..., stock_transfer_mark: _Optional[_Union[MarkFormat, _Mapping]] = ..., control_components: _Optional[_Iterable[_Union[ControlComponent, _Mapping]]] = ..., control_component_prefixes: _Optional[bool] = ..., control_component_rule: _Optional[str] = ..., polymer_rule: _Optional[str] = ..., law: _Optional[str] = ..., published_at: _Optional[str] = ..., contact_point: _Optional[_Union[_directory_pb2.ContactPoint, _Mapping]] = ..., covert_marks: _Optional[_Iterable[_Union[_weapon_pb2.CovertMark, _Mapping]]] = ..., withheld: _Optional[_Iterable[_Union[_terms_pb2.Withheld, _Mapping]]] = ..., named_desks: _Optional[_Iterable[str]] = ..., readers: _Optional[_Iterable[_Union[_terms_pb2.FieldReaders, _Mapping]]] = ...) -> None: ...

class MarkFormat(_message.Message):
    __slots__ = ("role", "text", "format", "symbol", "example", "script", "locations", "methods", "used_by", "from_year", "to_year", "note")
    ROLE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    EXAMPLE_FIELD_NUMBER: _ClassVar[int]
    SCRIPT_FIELD_NUMBER: _ClassVar[int]
    LOCATIONS_FIELD_NUMBER: _ClassVar[int]
    METHODS_FIELD_NUMBER: _ClassVar[int]
    USED_BY_FIELD_NUMBER: _ClassVar[int]
    FROM_YEAR_FIELD_NUMBER: _ClassVar[int]
    TO_YEAR_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    role: _weapon_pb2.MarkRole
    text: str
    format: str
    symbol: str
    example: str
    script: _weapon_pb2.Script
    locations: _containers.RepeatedScalarFieldContainer[_weapon_pb2.MarkLocation]
    methods: _containers.RepeatedScalarFieldContainer[_weapon_pb2.MarkingMethod]
    used_by: str
    from_year: str
    to_year: str
    note: str
    def __init__(self, role: _Optional[_Union[_weapon_pb2.MarkRole, str]] = ..., text: _Optional[str] = ..., format: _Optional[str] = ..., symbol: _Optional[str] = ..., example: _Optional[str] = ..., script: _Optional[_Union[_weapon_pb2.Script, str]] = ..., locations: _Optional[_Iterable[_Union[_weapon_pb2.MarkLocation, str]]] = ..., methods: _Optional[_Iterable[_Union[_weapon_pb2.MarkingMethod, str]]] = ..., used_by: _Optional[str] = ..., from_year: _Optional[str] = ..., to_year: _Optional[str] = ..., note: _Optional[str] = ...) -> None: ...

class ControlComponent(_message.Message):
    __slots__ = ("category", "component")
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    COMPONENT_FIELD_NUMBER: _ClassVar[int]
    category: _weapon_pb2.Category
    component: _weapon_pb2.PartKind
    def __init__(self, category: _Optional[_Union[_weapon_pb2.Category, str]] = ..., component: _Optional[_Union[_weapon_pb2.PartKind, str]] = ...) -> None: ...
