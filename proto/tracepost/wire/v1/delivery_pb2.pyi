# mypy: ignore-errors
from tracepost.wire.buf.validate import validate_pb2 as _validate_pb2
from tracepost.wire.v1 import desk_pb2 as _desk_pb2
from tracepost.wire.v1 import envelope_pb2 as _envelope_pb2
from tracepost.wire.v1 import options_pb2 as _options_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SentStanding(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SENT_STANDING_UNSPECIFIED: _ClassVar[SentStanding]
    SENT_STANDING_NOT_RECEIVED: _ClassVar[SentStanding]
    SENT_STANDING_NOT_DELIVERED: _ClassVar[SentStanding]

class BlockState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BLOCK_STATE_UNSPECIFIED: _ClassVar[BlockState]
    BLOCK_STATE_PROPOSED: _ClassVar[BlockState]
    BLOCK_STATE_BLOCKED: _ClassVar[BlockState]
    BLOCK_STATE_LIFTED: _ClassVar[BlockState]

class NumberStanding(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NUMBER_STANDING_UNSPECIFIED: _ClassVar[NumberStanding]
    NUMBER_STANDING_NEVER_ASSIGNED: _ClassVar[NumberStanding]
    NUMBER_STANDING_ASSIGNED_NO_CUSTODY: _ClassVar[NumberStanding]
    NUMBER_STANDING_CUSTODY_NOT_DELIVERED: _ClassVar[NumberStanding]
    NUMBER_STANDING_DELIVERED: _ClassVar[NumberStanding]
    NUMBER_STANDING_NOT_ARRIVED: _ClassVar[NumberStanding]
    NUMBER_STANDING_NOT_KNOWN: _ClassVar[NumberStanding]
    NUMBER_STANDING_IN_POUCH: _ClassVar[NumberStanding]
SENT_STANDING_UNSPECIFIED: SentStanding
SENT_STANDING_NOT_RECEIVED: SentStanding
SENT_STANDING_NOT_DELIVERED: SentStanding
BLOCK_STATE_UNSPECIFIED: BlockState
BLOCK_STATE_PROPOSED: BlockState
BLOCK_STATE_BLOCKED: BlockState
BLOCK_STATE_LIFTED: BlockState
NUMBER_STANDING_UNSPECIFIED: NumberStanding
NUMBER_STANDING_NEVER_ASSIGNED: NumberStanding
NUMBER_STANDING_ASSIGNED_NO_CUSTODY: NumberStanding
NUMBER_STANDING_CUSTODY_NOT_DELIVERED: NumberStanding
NUMBER_STANDING_DELIVERED: NumberStanding
NUMBER_STANDING_NOT_ARRIVED: NumberStanding
NUMBER_STANDING_NOT_KNOWN: NumberStanding
NUMBER_STANDING_IN_POUCH: NumberStanding

class ShowPostRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class PostView(_message.Message):
    __slots__ = ("queues", "blocks", "maintenance", "dead_letters")
    QUEUES_FIELD_NUMBER: _ClassVar[int]
    BLOCKS_FIELD_NUMBER: _ClassVar[int]
    MAINTENANCE_FIELD_NUMBER: _ClassVar[int]
    DEAD_LETTERS_FIELD_NUMBER: _ClassVar[int]
    queues: _containers.RepeatedCompositeFieldContainer[QueueLine]
    blocks: _containers.RepeatedCompositeFieldContainer[MemberBlock]
    maintenance: Maintenance
    dead_letters: int
    def __init__(self, queues: _Optional[_Iterable[_Union[QueueLine, _Mapping]]] = ..., blocks: _Optional[_Iterable[_Union[MemberBlock, _Mapping]]] = ..., maintenance: _Optional[_Union[Maintenance, _Mapping]] = ..., dead_letters: _Optional[int] = ...) -> None: ...

class QueueLine(_message.Message):
    __slots__ = ("to", "via", "lane", "queued", "with_relay", "in_pouch")
    TO_FIELD_NUMBER: _ClassVar[int]
    VIA_FIELD_NUMBER: _ClassVar[int]
    LANE_FIELD_NUMBER: _ClassVar[int]
    QUEUED_FIELD_NUMBER: _ClassVar[int]
    WITH_RELAY_FIELD_NUMBER: _ClassVar[int]
    IN_POUCH_FIELD_NUMBER: _ClassVar[int]
    to: str
    via: str
    lane: _envelope_pb2.Lane
    queued: int
    with_relay: int
    in_pouch: int
    def __init__(self, to: _Optional[str] = ..., via: _Optional[str] = ..., lane: _Optional[_Union[_envelope_pb2.Lane, str]] = ..., queued: _Optional[int] = ..., with_relay: _Optional[int] = ..., in_pouch: _Optional[int] = ...) -> None: ...

class ListDeadLettersRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListDeadLettersResponse(_message.Message):
    __slots__ = ("letters",)
    LETTERS_FIELD_NUMBER: _ClassVar[int]
    letters: _containers.RepeatedCompositeFieldContainer[DeadLetter]
    def __init__(self, letters: _Optional[_Iterable[_Union[DeadLetter, _Mapping]]] = ...) -> None: ...

class DeadLetter(_message.Message):
    __slots__ = ("envelope_id", "statement", "kind", "thread", "desk", "to", "via", "state", "reason", "queued_at", "ended_at")
    ENVELOPE_ID_FIELD_NUMBER: _ClassVar[int]
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    THREAD_FIELD_NUMBER: _ClassVar[int]
    DESK_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    VIA_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    QUEUED_AT_FIELD_NUMBER: _ClassVar[int]
    ENDED_AT_FIELD_NUMBER: _ClassVar[int]
    envelope_id: str
    statement: str
    kind: str
    thread: str
    desk: str
    to: str
    via: str
    state: _desk_pb2.MailState
    reason: str
    queued_at: str
    ended_at: str
    def __init__(self, envelope_id: _Optional[str] = ..., statement: _Optional[str] = ..., kind: _Optional[str] = ..., thread: _Optional[str] = ..., desk: _Optional[str] = ..., to: _Optional[str] = ..., via: _Optional[str] = ..., state: _Optional[_Union[_desk_pb2.MailState, str]] = ..., reason: _Optional[str] = ..., queued_at: _Optional[str] = ..., ended_at: _Optional[str] = ...) -> None: ...

class ListSentMailRequest(_message.Message):
    __slots__ = ("desk", "standing", "page_size", "page_token")
    DESK_FIELD_NUMBER: _ClassVar[int]
    STANDING_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    desk: str
    standing: SentStanding
    page_size: int
    page_token: str
    def __init__(self, desk: _Optional[str] = ..., standing: _Optional[_Union[SentStanding, str]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListSentMailResponse(_message.Message):
    __slots__ = ("letters", "next_page_token")
    LETTERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    letters: _containers.RepeatedCompositeFieldContainer[SentLetter]
    next_page_token: str
    def __init__(self, letters: _Optional[_Iterable[_Union[SentLetter, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class SentLetter(_message.Message):
    __slots__ = ("envelope_id", "statement", "kind", "thread", "to", "via", "state", "reason", "queued_at", "changed_at", "deliver_by", "in_pouch", "exercise", "reply_kind", "replied_at", "case")
    ENVELOPE_ID_FIELD_NUMBER: _ClassVar[int]
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    THREAD_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    VIA_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    QUEUED_AT_FIELD_NUMBER: _ClassVar[int]
    CHANGED_AT_FIELD_NUMBER: _ClassVar[int]
    DELIVER_BY_FIELD_NUMBER: _ClassVar[int]
    IN_POUCH_FIELD_NUMBER: _ClassVar[int]
    EXERCISE_FIELD_NUMBER: _ClassVar[int]
    REPLY_KIND_FIELD_NUMBER: _ClassVar[int]
    REPLIED_AT_FIELD_NUMBER: _ClassVar[int]
    CASE_FIELD_NUMBER: _ClassVar[int]
    envelope_id: str
    statement: str
    kind: str
    thread: str
    to: str
    via: str
    state: _desk_pb2.MailState
    reason: str
    queued_at: str
    changed_at: str
    deliver_by: str
    in_pouch: bool
    exercise: bool
    reply_kind: str
    replied_at: str
    case: _desk_pb2.CaseSummary
    def __init__(self, envelope_id: _Optional[str] = ..., statement: _Optional[str] = ..., kind: _Optional[str] = ..., thread: _Optional[str] = ..., to: _Optional[str] = ..., via: _Optional[str] = ..., state: _Optional[_Union[_desk_pb2.MailState, str]] = ..., reason: _Optional[str] = ..., queued_at: _Optional[str] = ..., changed_at: _Optional[str] = ..., deliver_by: _Optional[str] = ..., in_pouch: _Optional[bool] = ..., exercise: _Optional[bool] = ..., reply_kind: _Optional[str] = ..., replied_at: _Optional[str] = ..., case: _Optional[_Union[_desk_pb2.CaseSummary, _Mapping]] = ...) -> None: ...

class ResendMailRequest(_message.Message):
    __slots__ = ("envelope_id", "deliver_by")
    ENVELOPE_ID_FIELD_NUMBER: _ClassVar[int]
    DELIVER_BY_FIELD_NUMBER: _ClassVar[int]
    envelope_id: str
    deliver_by: int
    def __init__(self, envelope_id: _Optional[str] = ..., deliver_by: _Optional[int] = ...) -> None: ...

class ResentMail(_message.Message):
    __slots__ = ("was", "dispatch")
    WAS_FIELD_NUMBER: _ClassVar[int]
    DISPATCH_FIELD_NUMBER: _ClassVar[int]
    was: DeadLetter
    dispatch: _desk_pb2.Dispatch
    def __init__(self, was: _Optional[_Union[DeadLetter, _Mapping]] = ..., dispatch: _Optional[_Union[_desk_pb2.Dispatch, _Mapping]] = ...) -> None: ...

class BlockMemberRequest(_message.Message):
    __slots__ = ("member", "reason")
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    member: str
    reason: str
    def __init__(self, member: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class UnblockMemberRequest(_message.Message):
    __slots__ = ("member", "reason")
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    member: str
    reason: str
    def __init__(self, member: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class MemberBlock(_message.Message):
    __slots__ = ("member", "state", "reason", "proposed_by", "proposed_at", "approved_by")
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    PROPOSED_BY_FIELD_NUMBER: _ClassVar[int]
    PROPOSED_AT_FIELD_NUMBER: _ClassVar[int]
    APPROVED_BY_FIELD_NUMBER: _ClassVar[int]
    member: str
    state: BlockState
    reason: str
    proposed_by: str
    proposed_at: str
    approved_by: str
    def __init__(self, member: _Optional[str] = ..., state: _Optional[_Union[BlockState, str]] = ..., reason: _Optional[str] = ..., proposed_by: _Optional[str] = ..., proposed_at: _Optional[str] = ..., approved_by: _Optional[str] = ...) -> None: ...

class SetMaintenanceRequest(_message.Message):
    __slots__ = ("on", "until")
    ON_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    on: bool
    until: int
    def __init__(self, on: _Optional[bool] = ..., until: _Optional[int] = ...) -> None: ...

class Maintenance(_message.Message):
    __slots__ = ("on", "since", "until", "by")
    ON_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    BY_FIELD_NUMBER: _ClassVar[int]
    on: bool
    since: str
    until: str
    by: str
    def __init__(self, on: _Optional[bool] = ..., since: _Optional[str] = ..., until: _Optional[str] = ..., by: _Optional[str] = ...) -> None: ...

class ListGapsRequest(_message.Message):
    __slots__ = ("member",)
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    member: str
    def __init__(self, member: _Optional[str] = ...) -> None: ...

class ListGapsResponse(_message.Message):
    __slots__ = ("roads", "cut_off")
    ROADS_FIELD_NUMBER: _ClassVar[int]
    CUT_OFF_FIELD_NUMBER: _ClassVar[int]
    roads: _containers.RepeatedCompositeFieldContainer[RoadNumbers]
    cut_off: bool
    def __init__(self, roads: _Optional[_Iterable[_Union[RoadNumbers, _Mapping]]] = ..., cut_off: _Optional[bool] = ...) -> None: ...

class RoadNumbers(_message.Message):
    __slots__ = ("from_member", "to_member", "via", "lane", "epoch", "runs")
    FROM_MEMBER_FIELD_NUMBER: _ClassVar[int]
    TO_MEMBER_FIELD_NUMBER: _ClassVar[int]
    VIA_FIELD_NUMBER: _ClassVar[int]
    LANE_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    RUNS_FIELD_NUMBER: _ClassVar[int]
    from_member: str
    to_member: str
    via: str
    lane: _envelope_pb2.Lane
    epoch: int
    runs: _containers.RepeatedCompositeFieldContainer[NumberRun]
    def __init__(self, from_member: _Optional[str] = ..., to_member: _Optional[str] = ..., via: _Optional[str] = ..., lane: _Optional[_Union[_envelope_pb2.Lane, str]] = ..., epoch: _Optional[int] = ..., runs: _Optional[_Iterable[_Union[NumberRun, _Mapping]]] = ...) -> None: ...

class NumberRun(_message.Message):
    __slots__ = ("first", "last", "standing")
    FIRST_FIELD_NUMBER: _ClassVar[int]
    LAST_FIELD_NUMBER: _ClassVar[int]
    STANDING_FIELD_NUMBER: _ClassVar[int]
    first: int
    last: int
    standing: NumberStanding
    def __init__(self, first: _Optional[int] = ..., last: _Optional[int] = ..., standing: _Optional[_Union[NumberStanding, str]] = ...) -> None: ...
