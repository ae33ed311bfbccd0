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

class ShareReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SHARE_REASON_UNSPECIFIED: _ClassVar[ShareReason]
    SHARE_REASON_CASE: _ClassVar[ShareReason]
    SHARE_REASON_SPONTANEOUS: _ClassVar[ShareReason]
    SHARE_REASON_MANDATE: _ClassVar[ShareReason]
    SHARE_REASON_DIVERSION: _ClassVar[ShareReason]

class NoticeReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NOTICE_REASON_UNSPECIFIED: _ClassVar[NoticeReason]
    NOTICE_REASON_ONWARD_RELEASE: _ClassVar[NoticeReason]
    NOTICE_REASON_BREAK_GLASS: _ClassVar[NoticeReason]
    NOTICE_REASON_COMPELLED_DISCLOSURE: _ClassVar[NoticeReason]
    NOTICE_REASON_OPENING: _ClassVar[NoticeReason]
    NOTICE_REASON_PUBLICATION: _ClassVar[NoticeReason]
SHARE_REASON_UNSPECIFIED: ShareReason
SHARE_REASON_CASE: ShareReason
SHARE_REASON_SPONTANEOUS: ShareReason
SHARE_REASON_MANDATE: ShareReason
SHARE_REASON_DIVERSION: ShareReason
NOTICE_REASON_UNSPECIFIED: NoticeReason
NOTICE_REASON_ONWARD_RELEASE: NoticeReason
NOTICE_REASON_BREAK_GLASS: NoticeReason
NOTICE_REASON_COMPELLED_DISCLOSURE: NoticeReason
NOTICE_REASON_OPENING: NoticeReason
NOTICE_REASON_PUBLICATION: NoticeReason

class Exhibit(_message.Message):
    __slots__ = ("jws", "issuer_certificates", "statement_digest", "consent_digest", "dropped", "restrictions", "public_disclosures", "administrative_disclosures", "object_disclosures", "law_enforcement_disclosures", "commercial_disclosures", "contact_disclosures", "criminal_justice_disclosures", "personal_disclosures", "national_security_disclosures", "proofs")
    JWS_FIELD_NUMBER: _ClassVar[int]
    ISSUER_CERTIFICATES_FIELD_NUMBER: _ClassVar[int]
    STATEMENT_DIGEST_FIELD_NUMBER: _ClassVar[int]
    CONSENT_DIGEST_FIELD_NUMBER: _ClassVar[int]
    DROPPED_FIELD_NUMBER: _ClassVar[int]
    RESTRICTIONS_FIELD_NUMBER: _ClassVar[int]
    PUBLIC_DISCLOSURES_FIELD_NUMBER: _ClassVar[int]
    ADMINISTRATIVE_DISCLOSURES_FIELD_NUMBER: _ClassVar[int]
    OBJECT_DISCLOSURES_FIELD_NUMBER: _ClassVar[int]
    LAW_ENFORCEMENT_DISCLOSURES_FIELD_NUMBER: _ClassVar[int]
    COMMERCIAL_DISCLOSURES_FIELD_NUMBER: _ClassVar[int]
    CONTACT_DISCLOSURES_FIELD_NUMBER: _ClassVar[int]
    CRIMINAL_JUSTICE_DISCLOSURES_FIELD_NUMBER: _ClassVar[int]
    PERSONAL_DISCLOSURES_FIELD_NUMBER: _ClassVar[int]
    NATIONAL_SECURITY_DISCLOSURES_FIELD_NUMBER: _ClassVar[int]
    PROOFS_FIELD_NUMBER: _ClassVar[int]
    jws: str
    issuer_certificates: _containers.RepeatedScalarFieldContainer[bytes]
    statement_digest: str
    consent_digest: str
    dropped: _containers.RepeatedScalarFieldContainer[str]
    restrictions: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Restriction]
    public_disclosures: _containers.RepeatedScalarFieldContainer[str]
    administrative_disclosures: _containers.RepeatedScalarFieldContainer[str]
    object_disclosures: _containers.RepeatedScalarFieldContainer[str]
    law_enforcement_disclosures: _containers.RepeatedScalarFieldContainer[str]
    commercial_disclosures: _containers.RepeatedScalarFieldContainer[str]
    contact_disclosures: _containers.RepeatedScalarFieldContainer[str]
    criminal_justice_disclosures: _containers.RepeatedScalarFieldContainer[str]
    personal_disclosures: _containers.RepeatedScalarFieldContainer[str]
    national_security_disclosures: _containers.RepeatedScalarFieldContainer[str]
    proofs: _containers.RepeatedCompositeFieldContainer[EnvelopeProof]
    def __init__(self, jws: _Optional[str] = ..., issuer_certificates: _Optional[_Iterable[bytes]] = ..., statement_digest: _Optional[str] = ..., consent_digest: _Optional[str] = ..., dropped: _Optional[_Iterable[str]] = ..., restrictions: _Optional[_Iterable[_Union[_terms_pb2.Restriction, _Mapping]]] = ..., public_disclosures: _Optional[_Iterable[str]] = ..., administrative_disclosures: _Optional[_Iterable[str]] = ..., object_disclosures: _Optional[_Iterable[str]] = ..., law_enforcement_disclosures: _Optional[_Iterable[str]] = ..., commercial_disclosures: _Optional[_Iterable[str]] = ..., contact_disclosures: _Optional[_Iterable[str]] = ..., criminal_justice_disclosures: _Optional[_Iterable[str]] = ..., personal_disclosures: _Optional[_Iterable[str]] = ..., national_security_disclosures: _Optional[_Iterable[str]] = ..., proofs: _Optional[_Iterable[_Union[EnvelopeProof, _Mapping]]] = ...) -> None: ...

class EnvelopeProof(_message.Message):
    __slots__ = ("header", "proofs")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    PROOFS_FIELD_NUMBER: _ClassVar[int]
    header: bytes
    proofs: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, header: _Optional[bytes] = ..., proofs: _Optional[_Iterable[bytes]] = ...) -> None: ...

class Share(_message.Message):
    __slots__ = ("file_number", "reason", "text", "exhibits", "contacts", "withheld", "named_desks", "readers")
    FILE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    EXHIBITS_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    NAMED_DESKS_FIELD_NUMBER: _ClassVar[int]
    READERS_FIELD_NUMBER: _ClassVar[int]
    file_number: str
    reason: ShareReason
    text: str
    exhibits: _containers.RepeatedCompositeFieldContainer[Exhibit]
    contacts: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Contact]
    withheld: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Withheld]
    named_desks: _containers.RepeatedScalarFieldContainer[str]
    readers: _containers.RepeatedCompositeFieldContainer[_terms_pb2.FieldReaders]
    def __init__(self, file_number: _Optional[str] = ..., reason: _Optional[_Union[ShareReason, str]] = ..., text: _Optional[str] = ..., exhibits: _Optional[_Iterable[_Union[Exhibit, _Mapping]]] = ..., contacts: _Optional[_Iterable[_Union[_terms_pb2.Contact, _Mapping]]] = ..., withheld: _Optional[_Iterable[_Union[_terms_pb2.Withheld, _Mapping]]] = ..., named_desks: _Optional[_Iterable[str]] = ..., readers: _Optional[_Iterable[_Union[_terms_pb2.FieldReaders, _Mapping]]] = ...) -> None: ...

class ReleaseNotice(_message.Message):
    __slots__ = ("file_number", "reason", "releases", "text", "contacts", "withheld", "named_desks", "readers")
    FILE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    RELEASES_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    NAMED_DESKS_FIELD_NUMBER: _ClassVar[int]
    READERS_FIELD_NUMBER: _ClassVar[int]
    file_number: str
    reason: NoticeReason
    releases: _containers.RepeatedCompositeFieldContainer[NoticedRelease]
    text: str
    contacts: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Contact]
    withheld: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Withheld]
    named_desks: _containers.RepeatedScalarFieldContainer[str]
    readers: _containers.RepeatedCompositeFieldContainer[_terms_pb2.FieldReaders]
    def __init__(self, file_number: _Optional[str] = ..., reason: _Optional[_Union[NoticeReason, str]] = ..., releases: _Optional[_Iterable[_Union[NoticedRelease, _Mapping]]] = ..., text: _Optional[str] = ..., contacts: _Optional[_Iterable[_Union[_terms_pb2.Contact, _Mapping]]] = ..., withheld: _Optional[_Iterable[_Union[_terms_pb2.Withheld, _Mapping]]] = ..., named_desks: _Optional[_Iterable[str]] = ..., readers: _Optional[_Iterable[_Union[_terms_pb2.FieldReaders, _Mapping]]] = ...) -> None: ...

class NoticedRelease(_message.Message):
    __slots__ = ("statement_digest", "to_members", "carrier_digest", "consent_digests", "classes", "field_paths", "paths_shortened", "released_on")
    STATEMENT_DIGEST_FIELD_NUMBER: _ClassVar[int]
    TO_MEMBERS_FIELD_NUMBER: _ClassVar[int]
    CARRIER_DIGEST_FIELD_NUMBER: _ClassVar[int]
    CONSENT_DIGESTS_FIELD_NUMBER: _ClassVar[int]
    CLASSES_FIELD_NUMBER: _ClassVar[int]
    FIELD_PATHS_FIELD_NUMBER: _ClassVar[int]
    PATHS_SHORTENED_FIELD_NUMBER: _ClassVar[int]
    RELEASED_ON_FIELD_NUMBER: _ClassVar[int]
    statement_digest: str
    to_members: _containers.RepeatedScalarFieldContainer[str]
    carrier_digest: str
    consent_digests: _containers.RepeatedScalarFieldContainer[str]
    classes: _containers.RepeatedScalarFieldContainer[_options_pb2.Sensitivity]
    field_paths: _containers.RepeatedScalarFieldContainer[str]
    paths_shortened: bool
    released_on: str
    def __init__(self, statement_digest: _Optional[str] = ..., to_members: _Optional[_Iterable[str]] = ..., carrier_digest: _Optional[str] = ..., consent_digests: _Optional[_Iterable[str]] = ..., classes: _Optional[_Iterable[_Union[_options_pb2.Sensitivity, str]]] = ..., field_paths: _Optional[_Iterable[str]] = ..., paths_shortened: _Optional[bool] = ..., released_on: _Optional[str] = ...) -> None: ...
