# mypy: ignore-errors
from tracepost.wire.buf.validate import validate_pb2 as _validate_pb2
from tracepost.wire.v1 import options_pb2 as _options_pb2
from tracepost.wire.v1 import weapon_pb2 as _weapon_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ArmsLot(_message.Message):
    __slots__ = ("id", "kind", "category", "make", "model", "calibre", "country_of_manufacture", "year_of_manufacture", "quantity", "serial_ranges", "serials", "lot_numbers", "crate_numbers", "headstamp", "description")
    ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    MAKE_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    CALIBRE_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_OF_MANUFACTURE_FIELD_NUMBER: _ClassVar[int]
    YEAR_OF_MANUFACTURE_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    SERIAL_RANGES_FIELD_NUMBER: _ClassVar[int]
    SERIALS_FIELD_NUMBER: _ClassVar[int]
    LOT_NUMBERS_FIELD_NUMBER: _ClassVar[int]
    CRATE_NUMBERS_FIELD_NUMBER: _ClassVar[int]
    HEADSTAMP_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    id: str
    kind: _weapon_pb2.ItemKind
    category: _weapon_pb2.Category
    make: str
    model: str
    calibre: str
    country_of_manufacture: str
    year_of_manufacture: str
    quantity: int
    serial_ranges: _containers.RepeatedCompositeFieldContainer[_weapon_pb2.SerialRange]
    serials: _containers.RepeatedScalarFieldContainer[str]
    lot_numbers: _containers.RepeatedScalarFieldContainer[str]
    crate_numbers: _containers.RepeatedScalarFieldContainer[str]
    headstamp: str
    description: str
    def __init__(self, id: _Optional[str] = ..., kind: _Optional[_Union[_weapon_pb2.ItemKind, str]] = ..., category: _Optional[_Union[_weapon_pb2.Category, str]] = ..., make: _Optional[str] = ..., model: _Optional[str] = ..., calibre: _Optional[str] = ..., country_of_manufacture: _Optional[str] = ..., year_of_manufacture: _Optional[str] = ..., quantity: _Optional[int] = ..., serial_ranges: _Optional[_Iterable[_Union[_weapon_pb2.SerialRange, _Mapping]]] = ..., serials: _Optional[_Iterable[str]] = ..., lot_numbers: _Optional[_Iterable[str]] = ..., crate_numbers: _Optional[_Iterable[str]] = ..., headstamp: _Optional[str] = ..., description: _Optional[str] = ...) -> None: ...
