# mypy: ignore-errors
from tracepost.wire.buf.validate import validate_pb2 as _validate_pb2
from tracepost.wire.v1 import options_pb2 as _options_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Lane(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LANE_UNSPECIFIED: _ClassVar[Lane]
    LANE_ROUTINE: _ClassVar[Lane]
    LANE_URGENT: _ClassVar[Lane]
LANE_UNSPECIFIED: Lane
LANE_ROUTINE: Lane
LANE_URGENT: Lane

class Envelope(_message.Message):
    __slots__ = ("header", "slots", "body", "proof")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    SLOTS_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    PROOF_FIELD_NUMBER: _ClassVar[int]
    header: bytes
    slots: bytes
    body: bytes
    proof: bytes
    def __init__(self, header: _Optional[bytes] = ..., slots: _Optional[bytes] = ..., body: _Optional[bytes] = ..., proof: _Optional[bytes] = ...) -> None: ...

class Header(_message.Message):
    __slots__ = ("suite", "from_member", "to_member", "deliver_by", "lane", "road", "exercise", "size_class_kib", "slots_sha256", "body_sha256", "attachments")
    SUITE_FIELD_NUMBER: _ClassVar[int]
    FROM_MEMBER_FIELD_NUMBER: _ClassVar[int]
    TO_MEMBER_FIELD_NUMBER: _ClassVar[int]
    DELIVER_BY_FIELD_NUMBER: _ClassVar[int]
    LANE_FIELD_NUMBER: _ClassVar[int]
    ROAD_FIELD_NUMBER: _ClassVar[int]
    EXERCISE_FIELD_NUMBER: _ClassVar[int]
    SIZE_CLASS_KIB_FIELD_NUMBER: _ClassVar[int]
    SLOTS_SHA256_FIELD_NUMBER: _ClassVar[int]
    BODY_SHA256_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    suite: str
    from_member: str
    to_member: str
    deliver_by: int
    lane: Lane
    road: Road
    exercise: bool
    size_class_kib: int
    slots_sha256: bytes
    body_sha256: bytes
    attachments: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, suite: _Optional[str] = ..., from_member: _Optional[str] = ..., to_member: _Optional[str] = ..., deliver_by: _Optional[int] = ..., lane: _Optional[_Union[Lane, str]] = ..., road: _Optional[_Union[Road, _Mapping]] = ..., exercise: _Optional[bool] = ..., size_class_kib: _Optional[int] = ..., slots_sha256: _Optional[bytes] = ..., body_sha256: _Optional[bytes] = ..., attachments: _Optional[_Iterable[bytes]] = ...) -> None: ...

class Road(_message.Message):
    __slots__ = ("via", "epoch", "seq")
    VIA_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    via: str
    epoch: int
    seq: int
    def __init__(self, via: _Optional[str] = ..., epoch: _Optional[int] = ..., seq: _Optional[int] = ...) -> None: ...

class Compartment(_message.Message):
    __slots__ = ("jws", "disclosures", "parts", "jws_segments", "disclosure_bytes")
    JWS_FIELD_NUMBER: _ClassVar[int]
    DISCLOSURES_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    JWS_SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    DISCLOSURE_BYTES_FIELD_NUMBER: _ClassVar[int]
    jws: str
    disclosures: _containers.RepeatedScalarFieldContainer[str]
    parts: _containers.RepeatedScalarFieldContainer[bytes]
    jws_segments: _containers.RepeatedScalarFieldContainer[bytes]
    disclosure_bytes: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, jws: _Optional[str] = ..., disclosures: _Optional[_Iterable[str]] = ..., parts: _Optional[_Iterable[bytes]] = ..., jws_segments: _Optional[_Iterable[bytes]] = ..., disclosure_bytes: _Optional[_Iterable[bytes]] = ...) -> None: ...

class SlotContent(_message.Message):
    __slots__ = ("statement_digest", "compartments")
    STATEMENT_DIGEST_FIELD_NUMBER: _ClassVar[int]
    COMPARTMENTS_FIELD_NUMBER: _ClassVar[int]
    statement_digest: bytes
    compartments: _containers.RepeatedCompositeFieldContainer[CompartmentKey]
    def __init__(self, statement_digest: _Optional[bytes] = ..., compartments: _Optional[_Iterable[_Union[CompartmentKey, _Mapping]]] = ...) -> None: ...

class CompartmentKey(_message.Message):
    __slots__ = ("index", "key", "offset", "length")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    LENGTH_FIELD_NUMBER: _ClassVar[int]
    index: int
    key: bytes
    offset: int
    length: int
    def __init__(self, index: _Optional[int] = ..., key: _Optional[bytes] = ..., offset: _Optional[int] = ..., length: _Optional[int] = ...) -> None: ...

class LogProof(_message.Message):
    __slots__ = ("salt", "preimage", "index", "path", "checkpoint")
    SALT_FIELD_NUMBER: _ClassVar[int]
    PREIMAGE_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    salt: bytes
    preimage: bytes
    index: int
    path: _containers.RepeatedScalarFieldContainer[bytes]
    checkpoint: str
    def __init__(self, salt: _Optional[bytes] = ..., preimage: _Optional[bytes] = ..., index: _Optional[int] = ..., path: _Optional[_Iterable[bytes]] = ..., checkpoint: _Optional[str] = ...) -> None: ...
