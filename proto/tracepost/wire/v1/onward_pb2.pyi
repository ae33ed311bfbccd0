# mypy: ignore-errors
from tracepost.wire.buf.validate import validate_pb2 as _validate_pb2
from tracepost.wire.v1 import options_pb2 as _options_pb2
from tracepost.wire.v1 import post_pb2 as _post_pb2
from tracepost.wire.v1 import terms_pb2 as _terms_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class LeftOutBecause(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LEFT_OUT_BECAUSE_UNSPECIFIED: _ClassVar[LeftOutBecause]
    LEFT_OUT_BECAUSE_NOT_CHOSEN: _ClassVar[LeftOutBecause]
    LEFT_OUT_BECAUSE_BEYOND_CONSENT: _ClassVar[LeftOutBecause]
    LEFT_OUT_BECAUSE_NOT_OURS_TO_FORWARD: _ClassVar[LeftOutBecause]

class ConsentState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONSENT_STATE_UNSPECIFIED: _ClassVar[ConsentState]
    CONSENT_STATE_OPEN: _ClassVar[ConsentState]
    CONSENT_STATE_GRANTED: _ClassVar[ConsentState]
    CONSENT_STATE_DENIED: _ClassVar[ConsentState]
    CONSENT_STATE_ENDED: _ClassVar[ConsentState]
    CONSENT_STATE_TAKEN_BACK: _ClassVar[ConsentState]
    CONSENT_STATE_DECIDED: _ClassVar[ConsentState]

class HolderState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    HOLDER_STATE_UNSPECIFIED: _ClassVar[HolderState]
    HOLDER_STATE_HOLDS: _ClassVar[HolderState]
    HOLDER_STATE_ASKED: _ClassVar[HolderState]
    HOLDER_STATE_DELETED: _ClassVar[HolderState]
    HOLDER_STATE_KEPT_BY_LAW: _ClassVar[HolderState]
LEFT_OUT_BECAUSE_UNSPECIFIED: LeftOutBecause
LEFT_OUT_BECAUSE_NOT_CHOSEN: LeftOutBecause
LEFT_OUT_BECAUSE_BEYOND_CONSENT: LeftOutBecause
LEFT_OUT_BECAUSE_NOT_OURS_TO_FORWARD: LeftOutBecause
CONSENT_STATE_UNSPECIFIED: ConsentState
CONSENT_STATE_OPEN: ConsentState
CONSENT_STATE_GRANTED: ConsentState
CONSENT_STATE_DENIED: ConsentState
CONSENT_STATE_ENDED: ConsentState
CONSENT_STATE_TAKEN_BACK: ConsentState
CONSENT_STATE_DECIDED: ConsentState
HOLDER_STATE_UNSPECIFIED: HolderState
HOLDER_STATE_HOLDS: HolderState
HOLDER_STATE_ASKED: HolderState
HOLDER_STATE_DELETED: HolderState
HOLDER_STATE_KEPT_BY_LAW: HolderState

class ShareChoice(_message.Message):
    __slots__ = ("statement", "fields", "without")
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    WITHOUT_FIELD_NUMBER: _ClassVar[int]
    statement: str
    fields: _containers.RepeatedScalarFieldContainer[str]
    without: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, statement: _Optional[str] = ..., fields: _Optional[_Iterable[str]] = ..., without: _Optional[_Iterable[str]] = ...) -> None: ...

class ExhibitPreview(_message.Message):
    __slots__ = ("statement", "kind", "from_member", "fields", "left_out", "withheld", "consents", "restrictions", "added_restrictions", "missing", "proofs")
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    FROM_MEMBER_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    LEFT_OUT_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    CONSENTS_FIELD_NUMBER: _ClassVar[int]
    RESTRICTIONS_FIELD_NUMBER: _ClassVar[int]
    ADDED_RESTRICTIONS_FIELD_NUMBER: _ClassVar[int]
    MISSING_FIELD_NUMBER: _ClassVar[int]
    PROOFS_FIELD_NUMBER: _ClassVar[int]
    statement: str
    kind: str
    from_member: str
    fields: _containers.RepeatedCompositeFieldContainer[PreviewField]
    left_out: _containers.RepeatedCompositeFieldContainer[LeftOut]
    withheld: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Withheld]
    consents: _containers.RepeatedCompositeFieldContainer[ConsentUsed]
    restrictions: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Restriction]
    added_restrictions: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Restriction]
    missing: _containers.RepeatedCompositeFieldContainer[_post_pb2.Problem]
    proofs: int
    def __init__(self, statement: _Optional[str] = ..., kind: _Optional[str] = ..., from_member: _Optional[str] = ..., fields: _Optional[_Iterable[_Union[PreviewField, _Mapping]]] = ..., left_out: _Optional[_Iterable[_Union[LeftOut, _Mapping]]] = ..., withheld: _Optional[_Iterable[_Union[_terms_pb2.Withheld, _Mapping]]] = ..., consents: _Optional[_Iterable[_Union[ConsentUsed, _Mapping]]] = ..., restrictions: _Optional[_Iterable[_Union[_terms_pb2.Restriction, _Mapping]]] = ..., added_restrictions: _Optional[_Iterable[_Union[_terms_pb2.Restriction, _Mapping]]] = ..., missing: _Optional[_Iterable[_Union[_post_pb2.Problem, _Mapping]]] = ..., proofs: _Optional[int] = ...) -> None: ...

class PreviewField(_message.Message):
    __slots__ = ("path", "of_class", "desks")
    PATH_FIELD_NUMBER: _ClassVar[int]
    OF_CLASS_FIELD_NUMBER: _ClassVar[int]
    DESKS_FIELD_NUMBER: _ClassVar[int]
    path: str
    of_class: _options_pb2.Sensitivity
    desks: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, path: _Optional[str] = ..., of_class: _Optional[_Union[_options_pb2.Sensitivity, str]] = ..., desks: _Optional[_Iterable[str]] = ...) -> None: ...

class LeftOut(_message.Message):
    __slots__ = ("path", "because", "of_class", "fields")
    PATH_FIELD_NUMBER: _ClassVar[int]
    BECAUSE_FIELD_NUMBER: _ClassVar[int]
    OF_CLASS_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    path: str
    because: LeftOutBecause
    of_class: _options_pb2.Sensitivity
    fields: int
    def __init__(self, path: _Optional[str] = ..., because: _Optional[_Union[LeftOutBecause, str]] = ..., of_class: _Optional[_Union[_options_pb2.Sensitivity, str]] = ..., fields: _Optional[int] = ...) -> None: ...

class ConsentUsed(_message.Message):
    __slots__ = ("statement", "from_member", "third_party", "purpose", "until", "standing")
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    FROM_MEMBER_FIELD_NUMBER: _ClassVar[int]
    THIRD_PARTY_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    STANDING_FIELD_NUMBER: _ClassVar[int]
    statement: str
    from_member: str
    third_party: str
    purpose: str
    until: str
    standing: bool
    def __init__(self, statement: _Optional[str] = ..., from_member: _Optional[str] = ..., third_party: _Optional[str] = ..., purpose: _Optional[str] = ..., until: _Optional[str] = ..., standing: _Optional[bool] = ...) -> None: ...

class ListConsentsRequest(_message.Message):
    __slots__ = ("case", "open")
    CASE_FIELD_NUMBER: _ClassVar[int]
    OPEN_FIELD_NUMBER: _ClassVar[int]
    case: str
    open: bool
    def __init__(self, case: _Optional[str] = ..., open: _Optional[bool] = ...) -> None: ...

class ListConsentsResponse(_message.Message):
    __slots__ = ("consents", "older_left_out")
    CONSENTS_FIELD_NUMBER: _ClassVar[int]
    OLDER_LEFT_OUT_FIELD_NUMBER: _ClassVar[int]
    consents: _containers.RepeatedCompositeFieldContainer[ConsentLine]
    older_left_out: bool
    def __init__(self, consents: _Optional[_Iterable[_Union[ConsentLine, _Mapping]]] = ..., older_left_out: _Optional[bool] = ...) -> None: ...

class ConsentLine(_message.Message):
    __slots__ = ("thread", "by_member", "third_party", "to", "state", "statement", "about", "item_ids", "field_paths", "classes", "purpose", "until", "conditions", "said_at")
    THREAD_FIELD_NUMBER: _ClassVar[int]
    BY_MEMBER_FIELD_NUMBER: _ClassVar[int]
    THIRD_PARTY_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    ABOUT_FIELD_NUMBER: _ClassVar[int]
    ITEM_IDS_FIELD_NUMBER: _ClassVar[int]
    FIELD_PATHS_FIELD_NUMBER: _ClassVar[int]
    CLASSES_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    CONDITIONS_FIELD_NUMBER: _ClassVar[int]
    SAID_AT_FIELD_NUMBER: _ClassVar[int]
    thread: str
    by_member: str
    third_party: str
    to: _containers.RepeatedScalarFieldContainer[str]
    state: ConsentState
    statement: str
    about: str
    item_ids: _containers.RepeatedScalarFieldContainer[str]
    field_paths: _containers.RepeatedScalarFieldContainer[str]
    classes: _containers.RepeatedScalarFieldContainer[str]
    purpose: _terms_pb2.Purpose
    until: str
    conditions: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Restriction]
    said_at: str
    def __init__(self, thread: _Optional[str] = ..., by_member: _Optional[str] = ..., third_party: _Optional[str] = ..., to: _Optional[_Iterable[str]] = ..., state: _Optional[_Union[ConsentState, str]] = ..., statement: _Optional[str] = ..., about: _Optional[str] = ..., item_ids: _Optional[_Iterable[str]] = ..., field_paths: _Optional[_Iterable[str]] = ..., classes: _Optional[_Iterable[str]] = ..., purpose: _Optional[_Union[_terms_pb2.Purpose, str]] = ..., until: _Optional[str] = ..., conditions: _Optional[_Iterable[_Union[_terms_pb2.Restriction, _Mapping]]] = ..., said_at: _Optional[str] = ...) -> None: ...

class DeleteStatementsRequest(_message.Message):
    __slots__ = ("statements", "case", "reason", "with_copies", "desk")
    STATEMENTS_FIELD_NUMBER: _ClassVar[int]
    CASE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    WITH_COPIES_FIELD_NUMBER: _ClassVar[int]
    DESK_FIELD_NUMBER: _ClassVar[int]
    statements: _containers.RepeatedScalarFieldContainer[str]
    case: str
    reason: str
    with_copies: bool
    desk: str
    def __init__(self, statements: _Optional[_Iterable[str]] = ..., case: _Optional[str] = ..., reason: _Optional[str] = ..., with_copies: _Optional[bool] = ..., desk: _Optional[str] = ...) -> None: ...

class DeleteStatementsResponse(_message.Message):
    __slots__ = ("deleted", "remaining", "scrubbed", "waiting")
    DELETED_FIELD_NUMBER: _ClassVar[int]
    REMAINING_FIELD_NUMBER: _ClassVar[int]
    SCRUBBED_FIELD_NUMBER: _ClassVar[int]
    WAITING_FIELD_NUMBER: _ClassVar[int]
    deleted: _containers.RepeatedScalarFieldContainer[str]
    remaining: _containers.RepeatedCompositeFieldContainer[RemainingCopy]
    scrubbed: bool
    waiting: int
    def __init__(self, deleted: _Optional[_Iterable[str]] = ..., remaining: _Optional[_Iterable[_Union[RemainingCopy, _Mapping]]] = ..., scrubbed: _Optional[bool] = ..., waiting: _Optional[int] = ...) -> None: ...

class RemainingCopy(_message.Message):
    __slots__ = ("statement", "kind", "thread")
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    THREAD_FIELD_NUMBER: _ClassVar[int]
    statement: str
    kind: str
    thread: str
    def __init__(self, statement: _Optional[str] = ..., kind: _Optional[str] = ..., thread: _Optional[str] = ...) -> None: ...

class ListHoldersRequest(_message.Message):
    __slots__ = ("case", "held_by")
    CASE_FIELD_NUMBER: _ClassVar[int]
    HELD_BY_FIELD_NUMBER: _ClassVar[int]
    case: str
    held_by: str
    def __init__(self, case: _Optional[str] = ..., held_by: _Optional[str] = ...) -> None: ...

class ListHoldersResponse(_message.Message):
    __slots__ = ("holders", "to_pass_on")
    HOLDERS_FIELD_NUMBER: _ClassVar[int]
    TO_PASS_ON_FIELD_NUMBER: _ClassVar[int]
    holders: _containers.RepeatedCompositeFieldContainer[HolderLine]
    to_pass_on: _containers.RepeatedCompositeFieldContainer[PassOnTask]
    def __init__(self, holders: _Optional[_Iterable[_Union[HolderLine, _Mapping]]] = ..., to_pass_on: _Optional[_Iterable[_Union[PassOnTask, _Mapping]]] = ...) -> None: ...

class HolderLine(_message.Message):
    __slots__ = ("member", "of_member", "by_member", "statements", "state", "confirmed_at", "kept_under", "kept_until", "thread")
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    OF_MEMBER_FIELD_NUMBER: _ClassVar[int]
    BY_MEMBER_FIELD_NUMBER: _ClassVar[int]
    STATEMENTS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CONFIRMED_AT_FIELD_NUMBER: _ClassVar[int]
    KEPT_UNDER_FIELD_NUMBER: _ClassVar[int]
    KEPT_UNTIL_FIELD_NUMBER: _ClassVar[int]
    THREAD_FIELD_NUMBER: _ClassVar[int]
    member: str
    of_member: str
    by_member: str
    statements: _containers.RepeatedScalarFieldContainer[str]
    state: HolderState
    confirmed_at: str
    kept_under: str
    kept_until: str
    thread: str
    def __init__(self, member: _Optional[str] = ..., of_member: _Optional[str] = ..., by_member: _Optional[str] = ..., statements: _Optional[_Iterable[str]] = ..., state: _Optional[_Union[HolderState, str]] = ..., confirmed_at: _Optional[str] = ..., kept_under: _Optional[str] = ..., kept_until: _Optional[str] = ..., thread: _Optional[str] = ...) -> None: ...

class PassOnTask(_message.Message):
    __slots__ = ("statement", "kind", "from_member", "to_member")
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    FROM_MEMBER_FIELD_NUMBER: _ClassVar[int]
    TO_MEMBER_FIELD_NUMBER: _ClassVar[int]
    statement: str
    kind: str
    from_member: str
    to_member: str
    def __init__(self, statement: _Optional[str] = ..., kind: _Optional[str] = ..., from_member: _Optional[str] = ..., to_member: _Optional[str] = ...) -> None: ...
