# mypy: ignore-errors
from tracepost.wire.buf.validate import validate_pb2 as _validate_pb2
from tracepost.wire.v1 import options_pb2 as _options_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CaseFile(_message.Message):
    __slots__ = ("thread", "exported_by", "exported_for_desk", "exported_at", "statements", "certificates", "crls", "trust_list", "deletions")
    THREAD_FIELD_NUMBER: _ClassVar[int]
    EXPORTED_BY_FIELD_NUMBER: _ClassVar[int]
    EXPORTED_FOR_DESK_FIELD_NUMBER: _ClassVar[int]
    EXPORTED_AT_FIELD_NUMBER: _ClassVar[int]
    STATEMENTS_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATES_FIELD_NUMBER: _ClassVar[int]
    CRLS_FIELD_NUMBER: _ClassVar[int]
    TRUST_LIST_FIELD_NUMBER: _ClassVar[int]
    DELETIONS_FIELD_NUMBER: _ClassVar[int]
    thread: str
    exported_by: str
    exported_for_desk: str
    exported_at: int
    statements: _containers.RepeatedCompositeFieldContainer[FiledStatement]
    certificates: _containers.RepeatedScalarFieldContainer[bytes]
    crls: _containers.RepeatedScalarFieldContainer[bytes]
    trust_list: bytes
    deletions: _containers.RepeatedCompositeFieldContainer[FiledDeletion]
    def __init__(self, thread: _Optional[str] = ..., exported_by: _Optional[str] = ..., exported_for_desk: _Optional[str] = ..., exported_at: _Optional[int] = ..., statements: _Optional[_Iterable[_Union[FiledStatement, _Mapping]]] = ..., certificates: _Optional[_Iterable[bytes]] = ..., crls: _Optional[_Iterable[bytes]] = ..., trust_list: _Optional[bytes] = ..., deletions: _Optional[_Iterable[_Union[FiledDeletion, _Mapping]]] = ...) -> None: ...

class FiledDeletion(_message.Message):
    __slots__ = ("statement_digest", "issuer", "jti", "kind", "proof")
    STATEMENT_DIGEST_FIELD_NUMBER: _ClassVar[int]
    ISSUER_FIELD_NUMBER: _ClassVar[int]
    JTI_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    PROOF_FIELD_NUMBER: _ClassVar[int]
    statement_digest: str
    issuer: str
    jti: str
    kind: str
    proof: bytes
    def __init__(self, statement_digest: _Optional[str] = ..., issuer: _Optional[str] = ..., jti: _Optional[str] = ..., kind: _Optional[str] = ..., proof: _Optional[bytes] = ...) -> None: ...

class FiledStatement(_message.Message):
    __slots__ = ("sd_jwt", "parts", "envelopes")
    SD_JWT_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    ENVELOPES_FIELD_NUMBER: _ClassVar[int]
    sd_jwt: str
    parts: _containers.RepeatedScalarFieldContainer[bytes]
    envelopes: _containers.RepeatedCompositeFieldContainer[FiledEnvelope]
    def __init__(self, sd_jwt: _Optional[str] = ..., parts: _Optional[_Iterable[bytes]] = ..., envelopes: _Optional[_Iterable[_Union[FiledEnvelope, _Mapping]]] = ...) -> None: ...

class FiledEnvelope(_message.Message):
    __slots__ = ("header", "sent_proof", "receipts")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    SENT_PROOF_FIELD_NUMBER: _ClassVar[int]
    RECEIPTS_FIELD_NUMBER: _ClassVar[int]
    header: bytes
    sent_proof: bytes
    receipts: _containers.RepeatedCompositeFieldContainer[FiledReceipt]
    def __init__(self, header: _Optional[bytes] = ..., sent_proof: _Optional[bytes] = ..., receipts: _Optional[_Iterable[_Union[FiledReceipt, _Mapping]]] = ...) -> None: ...

class FiledReceipt(_message.Message):
    __slots__ = ("from_member", "proof")
    FROM_MEMBER_FIELD_NUMBER: _ClassVar[int]
    PROOF_FIELD_NUMBER: _ClassVar[int]
    from_member: str
    proof: bytes
    def __init__(self, from_member: _Optional[str] = ..., proof: _Optional[bytes] = ...) -> None: ...
