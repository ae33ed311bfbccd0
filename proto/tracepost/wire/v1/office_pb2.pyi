# mypy: ignore-errors
from tracepost.wire.buf.validate import validate_pb2 as _validate_pb2
from tracepost.wire.v1 import desk_pb2 as _desk_pb2
from tracepost.wire.v1 import options_pb2 as _options_pb2
from tracepost.wire.v1 import terms_pb2 as _terms_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class OfficerStanding(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OFFICER_STANDING_UNSPECIFIED: _ClassVar[OfficerStanding]
    OFFICER_STANDING_ON_DUTY: _ClassVar[OfficerStanding]
    OFFICER_STANDING_LEFT: _ClassVar[OfficerStanding]
    OFFICER_STANDING_CERTIFICATE_REVOKED: _ClassVar[OfficerStanding]
    OFFICER_STANDING_CERTIFICATE_EXPIRED: _ClassVar[OfficerStanding]

class DeputyState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DEPUTY_STATE_UNSPECIFIED: _ClassVar[DeputyState]
    DEPUTY_STATE_PROPOSED: _ClassVar[DeputyState]
    DEPUTY_STATE_TO_COME: _ClassVar[DeputyState]
    DEPUTY_STATE_IN_FORCE: _ClassVar[DeputyState]
    DEPUTY_STATE_OVER: _ClassVar[DeputyState]

class EmergencyState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EMERGENCY_STATE_UNSPECIFIED: _ClassVar[EmergencyState]
    EMERGENCY_STATE_PROPOSED: _ClassVar[EmergencyState]
    EMERGENCY_STATE_GRANTED: _ClassVar[EmergencyState]
    EMERGENCY_STATE_REFUSED: _ClassVar[EmergencyState]
    EMERGENCY_STATE_OVER: _ClassVar[EmergencyState]

class DeletionState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DELETION_STATE_UNSPECIFIED: _ClassVar[DeletionState]
    DELETION_STATE_WAITING: _ClassVar[DeletionState]
    DELETION_STATE_DELAYED: _ClassVar[DeletionState]
    DELETION_STATE_DONE: _ClassVar[DeletionState]
    DELETION_STATE_REFUSED: _ClassVar[DeletionState]
OFFICER_STANDING_UNSPECIFIED: OfficerStanding
OFFICER_STANDING_ON_DUTY: OfficerStanding
OFFICER_STANDING_LEFT: OfficerStanding
OFFICER_STANDING_CERTIFICATE_REVOKED: OfficerStanding
OFFICER_STANDING_CERTIFICATE_EXPIRED: OfficerStanding
DEPUTY_STATE_UNSPECIFIED: DeputyState
DEPUTY_STATE_PROPOSED: DeputyState
DEPUTY_STATE_TO_COME: DeputyState
DEPUTY_STATE_IN_FORCE: DeputyState
DEPUTY_STATE_OVER: DeputyState
EMERGENCY_STATE_UNSPECIFIED: EmergencyState
EMERGENCY_STATE_PROPOSED: EmergencyState
EMERGENCY_STATE_GRANTED: EmergencyState
EMERGENCY_STATE_REFUSED: EmergencyState
EMERGENCY_STATE_OVER: EmergencyState
DELETION_STATE_UNSPECIFIED: DeletionState
DELETION_STATE_WAITING: DeletionState
DELETION_STATE_DELAYED: DeletionState
DELETION_STATE_DONE: DeletionState
DELETION_STATE_REFUSED: DeletionState

class ListOfficersRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListOfficersResponse(_message.Message):
    __slots__ = ("officers",)
    OFFICERS_FIELD_NUMBER: _ClassVar[int]
    officers: _containers.RepeatedCompositeFieldContainer[OfficerLine]
    def __init__(self, officers: _Optional[_Iterable[_Union[OfficerLine, _Mapping]]] = ...) -> None: ...

class OfficerLine(_message.Message):
    __slots__ = ("number", "desks", "standing", "first_seen", "last_seen", "valid_until", "certificate_sha256", "deputises", "cases", "left_at", "successor")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    DESKS_FIELD_NUMBER: _ClassVar[int]
    STANDING_FIELD_NUMBER: _ClassVar[int]
    FIRST_SEEN_FIELD_NUMBER: _ClassVar[int]
    LAST_SEEN_FIELD_NUMBER: _ClassVar[int]
    VALID_UNTIL_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATE_SHA256_FIELD_NUMBER: _ClassVar[int]
    DEPUTISES_FIELD_NUMBER: _ClassVar[int]
    CASES_FIELD_NUMBER: _ClassVar[int]
    LEFT_AT_FIELD_NUMBER: _ClassVar[int]
    SUCCESSOR_FIELD_NUMBER: _ClassVar[int]
    number: str
    desks: _containers.RepeatedScalarFieldContainer[str]
    standing: OfficerStanding
    first_seen: str
    last_seen: str
    valid_until: str
    certificate_sha256: str
    deputises: _containers.RepeatedCompositeFieldContainer[Deputy]
    cases: int
    left_at: str
    successor: str
    def __init__(self, number: _Optional[str] = ..., desks: _Optional[_Iterable[str]] = ..., standing: _Optional[_Union[OfficerStanding, str]] = ..., first_seen: _Optional[str] = ..., last_seen: _Optional[str] = ..., valid_until: _Optional[str] = ..., certificate_sha256: _Optional[str] = ..., deputises: _Optional[_Iterable[_Union[Deputy, _Mapping]]] = ..., cases: _Optional[int] = ..., left_at: _Optional[str] = ..., successor: _Optional[str] = ...) -> None: ...

class AddOfficerRequest(_message.Message):
    __slots__ = ("certificates",)
    CERTIFICATES_FIELD_NUMBER: _ClassVar[int]
    certificates: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, certificates: _Optional[_Iterable[bytes]] = ...) -> None: ...

class EndorsePasskeyRequest(_message.Message):
    __slots__ = ("endorsement", "certificate")
    ENDORSEMENT_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATE_FIELD_NUMBER: _ClassVar[int]
    endorsement: str
    certificate: bytes
    def __init__(self, endorsement: _Optional[str] = ..., certificate: _Optional[bytes] = ...) -> None: ...

class Passkey(_message.Message):
    __slots__ = ("credential", "rp_id", "origin", "endorsed_at", "until", "endorsement")
    CREDENTIAL_FIELD_NUMBER: _ClassVar[int]
    RP_ID_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    ENDORSED_AT_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    ENDORSEMENT_FIELD_NUMBER: _ClassVar[int]
    credential: str
    rp_id: str
    origin: str
    endorsed_at: str
    until: str
    endorsement: str
    def __init__(self, credential: _Optional[str] = ..., rp_id: _Optional[str] = ..., origin: _Optional[str] = ..., endorsed_at: _Optional[str] = ..., until: _Optional[str] = ..., endorsement: _Optional[str] = ...) -> None: ...

class ListPasskeysRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListPasskeysResponse(_message.Message):
    __slots__ = ("passkeys",)
    PASSKEYS_FIELD_NUMBER: _ClassVar[int]
    passkeys: _containers.RepeatedCompositeFieldContainer[Passkey]
    def __init__(self, passkeys: _Optional[_Iterable[_Union[Passkey, _Mapping]]] = ...) -> None: ...

class EndPasskeyRequest(_message.Message):
    __slots__ = ("credential",)
    CREDENTIAL_FIELD_NUMBER: _ClassVar[int]
    credential: str
    def __init__(self, credential: _Optional[str] = ...) -> None: ...

class EndPasskeyResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListReleasesRequest(_message.Message):
    __slots__ = ("decided",)
    DECIDED_FIELD_NUMBER: _ClassVar[int]
    decided: bool
    def __init__(self, decided: _Optional[bool] = ...) -> None: ...

class ListReleasesResponse(_message.Message):
    __slots__ = ("releases", "clock")
    RELEASES_FIELD_NUMBER: _ClassVar[int]
    CLOCK_FIELD_NUMBER: _ClassVar[int]
    releases: _containers.RepeatedCompositeFieldContainer[ReleaseLine]
    clock: int
    def __init__(self, releases: _Optional[_Iterable[_Union[ReleaseLine, _Mapping]]] = ..., clock: _Optional[int] = ...) -> None: ...

class ReleaseLine(_message.Message):
    __slots__ = ("statement", "kind", "thread", "to", "desk", "deciding_desk", "written_by", "written_at", "state", "until", "overdue", "yours_to_decide", "decided_by", "decided_at", "reason", "log_index", "urgent", "handling", "exercise")
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    THREAD_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    DESK_FIELD_NUMBER: _ClassVar[int]
    DECIDING_DESK_FIELD_NUMBER: _ClassVar[int]
    WRITTEN_BY_FIELD_NUMBER: _ClassVar[int]
    WRITTEN_AT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    OVERDUE_FIELD_NUMBER: _ClassVar[int]
    YOURS_TO_DECIDE_FIELD_NUMBER: _ClassVar[int]
    DECIDED_BY_FIELD_NUMBER: _ClassVar[int]
    DECIDED_AT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    LOG_INDEX_FIELD_NUMBER: _ClassVar[int]
    URGENT_FIELD_NUMBER: _ClassVar[int]
    HANDLING_FIELD_NUMBER: _ClassVar[int]
    EXERCISE_FIELD_NUMBER: _ClassVar[int]
    statement: str
    kind: str
    thread: str
    to: _containers.RepeatedScalarFieldContainer[str]
    desk: str
    deciding_desk: str
    written_by: str
    written_at: str
    state: _desk_pb2.ReleaseState
    until: str
    overdue: bool
    yours_to_decide: bool
    decided_by: str
    decided_at: str
    reason: str
    log_index: int
    urgent: bool
    handling: _containers.RepeatedScalarFieldContainer[_terms_pb2.HandlingInstruction]
    exercise: bool
    def __init__(self, statement: _Optional[str] = ..., kind: _Optional[str] = ..., thread: _Optional[str] = ..., to: _Optional[_Iterable[str]] = ..., desk: _Optional[str] = ..., deciding_desk: _Optional[str] = ..., written_by: _Optional[str] = ..., written_at: _Optional[str] = ..., state: _Optional[_Union[_desk_pb2.ReleaseState, str]] = ..., until: _Optional[str] = ..., overdue: _Optional[bool] = ..., yours_to_decide: _Optional[bool] = ..., decided_by: _Optional[str] = ..., decided_at: _Optional[str] = ..., reason: _Optional[str] = ..., log_index: _Optional[int] = ..., urgent: _Optional[bool] = ..., handling: _Optional[_Iterable[_Union[_terms_pb2.HandlingInstruction, str]]] = ..., exercise: _Optional[bool] = ...) -> None: ...

class ShowReleaseRequest(_message.Message):
    __slots__ = ("statement", "desk")
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    DESK_FIELD_NUMBER: _ClassVar[int]
    statement: str
    desk: str
    def __init__(self, statement: _Optional[str] = ..., desk: _Optional[str] = ...) -> None: ...

class ReleaseView(_message.Message):
    __slots__ = ("line", "shown", "clock")
    LINE_FIELD_NUMBER: _ClassVar[int]
    SHOWN_FIELD_NUMBER: _ClassVar[int]
    CLOCK_FIELD_NUMBER: _ClassVar[int]
    line: ReleaseLine
    shown: _desk_pb2.StatementView
    clock: int
    def __init__(self, line: _Optional[_Union[ReleaseLine, _Mapping]] = ..., shown: _Optional[_Union[_desk_pb2.StatementView, _Mapping]] = ..., clock: _Optional[int] = ...) -> None: ...

class DecideReleaseRequest(_message.Message):
    __slots__ = ("statement", "approval", "certificates", "reason")
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    APPROVAL_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATES_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    statement: str
    approval: str
    certificates: _containers.RepeatedScalarFieldContainer[bytes]
    reason: str
    def __init__(self, statement: _Optional[str] = ..., approval: _Optional[str] = ..., certificates: _Optional[_Iterable[bytes]] = ..., reason: _Optional[str] = ...) -> None: ...

class PutOnCaseRequest(_message.Message):
    __slots__ = ("case", "desk", "as_desk")
    CASE_FIELD_NUMBER: _ClassVar[int]
    DESK_FIELD_NUMBER: _ClassVar[int]
    AS_DESK_FIELD_NUMBER: _ClassVar[int]
    case: str
    desk: str
    as_desk: str
    def __init__(self, case: _Optional[str] = ..., desk: _Optional[str] = ..., as_desk: _Optional[str] = ...) -> None: ...

class TakeOffCaseRequest(_message.Message):
    __slots__ = ("case", "desk")
    CASE_FIELD_NUMBER: _ClassVar[int]
    DESK_FIELD_NUMBER: _ClassVar[int]
    case: str
    desk: str
    def __init__(self, case: _Optional[str] = ..., desk: _Optional[str] = ...) -> None: ...

class ListCaseDesksRequest(_message.Message):
    __slots__ = ("case",)
    CASE_FIELD_NUMBER: _ClassVar[int]
    case: str
    def __init__(self, case: _Optional[str] = ...) -> None: ...

class CaseDesks(_message.Message):
    __slots__ = ("thread", "on_every_case", "put_on_it", "given", "not_given")
    THREAD_FIELD_NUMBER: _ClassVar[int]
    ON_EVERY_CASE_FIELD_NUMBER: _ClassVar[int]
    PUT_ON_IT_FIELD_NUMBER: _ClassVar[int]
    GIVEN_FIELD_NUMBER: _ClassVar[int]
    NOT_GIVEN_FIELD_NUMBER: _ClassVar[int]
    thread: str
    on_every_case: _containers.RepeatedScalarFieldContainer[str]
    put_on_it: _containers.RepeatedScalarFieldContainer[str]
    given: int
    not_given: int
    def __init__(self, thread: _Optional[str] = ..., on_every_case: _Optional[_Iterable[str]] = ..., put_on_it: _Optional[_Iterable[str]] = ..., given: _Optional[int] = ..., not_given: _Optional[int] = ...) -> None: ...

class Deputy(_message.Message):
    __slots__ = ("number", "officer", "desk", "from_day", "until_day", "state", "proposed_by", "approved_by", "ended_by")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    OFFICER_FIELD_NUMBER: _ClassVar[int]
    DESK_FIELD_NUMBER: _ClassVar[int]
    FROM_DAY_FIELD_NUMBER: _ClassVar[int]
    UNTIL_DAY_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PROPOSED_BY_FIELD_NUMBER: _ClassVar[int]
    APPROVED_BY_FIELD_NUMBER: _ClassVar[int]
    ENDED_BY_FIELD_NUMBER: _ClassVar[int]
    number: int
    officer: str
    desk: str
    from_day: str
    until_day: str
    state: DeputyState
    proposed_by: str
    approved_by: str
    ended_by: str
    def __init__(self, number: _Optional[int] = ..., officer: _Optional[str] = ..., desk: _Optional[str] = ..., from_day: _Optional[str] = ..., until_day: _Optional[str] = ..., state: _Optional[_Union[DeputyState, str]] = ..., proposed_by: _Optional[str] = ..., approved_by: _Optional[str] = ..., ended_by: _Optional[str] = ...) -> None: ...

class DeputiseOfficerRequest(_message.Message):
    __slots__ = ("officer", "desk", "from_day", "until_day")
    OFFICER_FIELD_NUMBER: _ClassVar[int]
    DESK_FIELD_NUMBER: _ClassVar[int]
    FROM_DAY_FIELD_NUMBER: _ClassVar[int]
    UNTIL_DAY_FIELD_NUMBER: _ClassVar[int]
    officer: str
    desk: str
    from_day: str
    until_day: str
    def __init__(self, officer: _Optional[str] = ..., desk: _Optional[str] = ..., from_day: _Optional[str] = ..., until_day: _Optional[str] = ...) -> None: ...

class DecideDeputyRequest(_message.Message):
    __slots__ = ("number", "approve")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    APPROVE_FIELD_NUMBER: _ClassVar[int]
    number: int
    approve: bool
    def __init__(self, number: _Optional[int] = ..., approve: _Optional[bool] = ...) -> None: ...

class LeaveOfficeRequest(_message.Message):
    __slots__ = ("officer", "successor")
    OFFICER_FIELD_NUMBER: _ClassVar[int]
    SUCCESSOR_FIELD_NUMBER: _ClassVar[int]
    officer: str
    successor: str
    def __init__(self, officer: _Optional[str] = ..., successor: _Optional[str] = ...) -> None: ...

class Leaving(_message.Message):
    __slots__ = ("officer", "cases", "deputies_ended", "releases", "certificate_in_force", "desks_to_rekey", "desks_without_officer")
    OFFICER_FIELD_NUMBER: _ClassVar[int]
    CASES_FIELD_NUMBER: _ClassVar[int]
    DEPUTIES_ENDED_FIELD_NUMBER: _ClassVar[int]
    RELEASES_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATE_IN_FORCE_FIELD_NUMBER: _ClassVar[int]
    DESKS_TO_REKEY_FIELD_NUMBER: _ClassVar[int]
    DESKS_WITHOUT_OFFICER_FIELD_NUMBER: _ClassVar[int]
    officer: OfficerLine
    cases: int
    deputies_ended: int
    releases: int
    certificate_in_force: bool
    desks_to_rekey: _containers.RepeatedScalarFieldContainer[str]
    desks_without_officer: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, officer: _Optional[_Union[OfficerLine, _Mapping]] = ..., cases: _Optional[int] = ..., deputies_ended: _Optional[int] = ..., releases: _Optional[int] = ..., certificate_in_force: _Optional[bool] = ..., desks_to_rekey: _Optional[_Iterable[str]] = ..., desks_without_officer: _Optional[_Iterable[str]] = ...) -> None: ...

class AssignCaseRequest(_message.Message):
    __slots__ = ("case", "officer")
    CASE_FIELD_NUMBER: _ClassVar[int]
    OFFICER_FIELD_NUMBER: _ClassVar[int]
    case: str
    officer: str
    def __init__(self, case: _Optional[str] = ..., officer: _Optional[str] = ...) -> None: ...

class Assignment(_message.Message):
    __slots__ = ("thread", "officer", "assigned_by", "assigned_at", "summary")
    THREAD_FIELD_NUMBER: _ClassVar[int]
    OFFICER_FIELD_NUMBER: _ClassVar[int]
    ASSIGNED_BY_FIELD_NUMBER: _ClassVar[int]
    ASSIGNED_AT_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    thread: str
    officer: str
    assigned_by: str
    assigned_at: str
    summary: _desk_pb2.CaseSummary
    def __init__(self, thread: _Optional[str] = ..., officer: _Optional[str] = ..., assigned_by: _Optional[str] = ..., assigned_at: _Optional[str] = ..., summary: _Optional[_Union[_desk_pb2.CaseSummary, _Mapping]] = ...) -> None: ...

class ListAssignmentsRequest(_message.Message):
    __slots__ = ("officer",)
    OFFICER_FIELD_NUMBER: _ClassVar[int]
    officer: str
    def __init__(self, officer: _Optional[str] = ...) -> None: ...

class ListAssignmentsResponse(_message.Message):
    __slots__ = ("assignments",)
    ASSIGNMENTS_FIELD_NUMBER: _ClassVar[int]
    assignments: _containers.RepeatedCompositeFieldContainer[Assignment]
    def __init__(self, assignments: _Optional[_Iterable[_Union[Assignment, _Mapping]]] = ...) -> None: ...

class StatementLine(_message.Message):
    __slots__ = ("statement", "kind", "from_member", "thread", "log_index", "exercise")
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    FROM_MEMBER_FIELD_NUMBER: _ClassVar[int]
    THREAD_FIELD_NUMBER: _ClassVar[int]
    LOG_INDEX_FIELD_NUMBER: _ClassVar[int]
    EXERCISE_FIELD_NUMBER: _ClassVar[int]
    statement: str
    kind: str
    from_member: str
    thread: str
    log_index: int
    exercise: bool
    def __init__(self, statement: _Optional[str] = ..., kind: _Optional[str] = ..., from_member: _Optional[str] = ..., thread: _Optional[str] = ..., log_index: _Optional[int] = ..., exercise: _Optional[bool] = ...) -> None: ...

class Emergency(_message.Message):
    __slots__ = ("number", "desk", "asked_by", "statements", "reason", "state", "asked_at", "decided_by", "decided_at", "until", "lines", "told_members", "yours_to_decide")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    DESK_FIELD_NUMBER: _ClassVar[int]
    ASKED_BY_FIELD_NUMBER: _ClassVar[int]
    STATEMENTS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ASKED_AT_FIELD_NUMBER: _ClassVar[int]
    DECIDED_BY_FIELD_NUMBER: _ClassVar[int]
    DECIDED_AT_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    TOLD_MEMBERS_FIELD_NUMBER: _ClassVar[int]
    YOURS_TO_DECIDE_FIELD_NUMBER: _ClassVar[int]
    number: int
    desk: str
    asked_by: str
    statements: _containers.RepeatedScalarFieldContainer[str]
    reason: str
    state: EmergencyState
    asked_at: str
    decided_by: str
    decided_at: str
    until: str
    lines: _containers.RepeatedCompositeFieldContainer[StatementLine]
    told_members: _containers.RepeatedScalarFieldContainer[str]
    yours_to_decide: bool
    def __init__(self, number: _Optional[int] = ..., desk: _Optional[str] = ..., asked_by: _Optional[str] = ..., statements: _Optional[_Iterable[str]] = ..., reason: _Optional[str] = ..., state: _Optional[_Union[EmergencyState, str]] = ..., asked_at: _Optional[str] = ..., decided_by: _Optional[str] = ..., decided_at: _Optional[str] = ..., until: _Optional[str] = ..., lines: _Optional[_Iterable[_Union[StatementLine, _Mapping]]] = ..., told_members: _Optional[_Iterable[str]] = ..., yours_to_decide: _Optional[bool] = ...) -> None: ...

class AskEmergencyRequest(_message.Message):
    __slots__ = ("desk", "statements", "reason", "approvals", "certificates")
    DESK_FIELD_NUMBER: _ClassVar[int]
    STATEMENTS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    APPROVALS_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATES_FIELD_NUMBER: _ClassVar[int]
    desk: str
    statements: _containers.RepeatedScalarFieldContainer[str]
    reason: str
    approvals: _containers.RepeatedScalarFieldContainer[str]
    certificates: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, desk: _Optional[str] = ..., statements: _Optional[_Iterable[str]] = ..., reason: _Optional[str] = ..., approvals: _Optional[_Iterable[str]] = ..., certificates: _Optional[_Iterable[bytes]] = ...) -> None: ...

class DecideEmergencyRequest(_message.Message):
    __slots__ = ("number", "approvals", "certificates")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    APPROVALS_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATES_FIELD_NUMBER: _ClassVar[int]
    number: int
    approvals: _containers.RepeatedScalarFieldContainer[str]
    certificates: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, number: _Optional[int] = ..., approvals: _Optional[_Iterable[str]] = ..., certificates: _Optional[_Iterable[bytes]] = ...) -> None: ...

class ListEmergenciesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListEmergenciesResponse(_message.Message):
    __slots__ = ("emergencies", "clock")
    EMERGENCIES_FIELD_NUMBER: _ClassVar[int]
    CLOCK_FIELD_NUMBER: _ClassVar[int]
    emergencies: _containers.RepeatedCompositeFieldContainer[Emergency]
    clock: int
    def __init__(self, emergencies: _Optional[_Iterable[_Union[Emergency, _Mapping]]] = ..., clock: _Optional[int] = ...) -> None: ...

class ShowEmergencyRequest(_message.Message):
    __slots__ = ("number", "photograph")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    PHOTOGRAPH_FIELD_NUMBER: _ClassVar[int]
    number: int
    photograph: bytes
    def __init__(self, number: _Optional[int] = ..., photograph: _Optional[bytes] = ...) -> None: ...

class EmergencyView(_message.Message):
    __slots__ = ("emergency", "statements", "photograph", "media_type")
    EMERGENCY_FIELD_NUMBER: _ClassVar[int]
    STATEMENTS_FIELD_NUMBER: _ClassVar[int]
    PHOTOGRAPH_FIELD_NUMBER: _ClassVar[int]
    MEDIA_TYPE_FIELD_NUMBER: _ClassVar[int]
    emergency: Emergency
    statements: _containers.RepeatedCompositeFieldContainer[_desk_pb2.StatementView]
    photograph: bytes
    media_type: str
    def __init__(self, emergency: _Optional[_Union[Emergency, _Mapping]] = ..., statements: _Optional[_Iterable[_Union[_desk_pb2.StatementView, _Mapping]]] = ..., photograph: _Optional[bytes] = ..., media_type: _Optional[str] = ...) -> None: ...

class Deletion(_message.Message):
    __slots__ = ("number", "desk", "asked_by", "statements", "reason", "state", "asked_at", "decided_by", "decided_at", "until", "lines", "yours_to_decide")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    DESK_FIELD_NUMBER: _ClassVar[int]
    ASKED_BY_FIELD_NUMBER: _ClassVar[int]
    STATEMENTS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ASKED_AT_FIELD_NUMBER: _ClassVar[int]
    DECIDED_BY_FIELD_NUMBER: _ClassVar[int]
    DECIDED_AT_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    YOURS_TO_DECIDE_FIELD_NUMBER: _ClassVar[int]
    number: int
    desk: str
    asked_by: str
    statements: _containers.RepeatedScalarFieldContainer[str]
    reason: str
    state: DeletionState
    asked_at: str
    decided_by: str
    decided_at: str
    until: str
    lines: _containers.RepeatedCompositeFieldContainer[StatementLine]
    yours_to_decide: bool
    def __init__(self, number: _Optional[int] = ..., desk: _Optional[str] = ..., asked_by: _Optional[str] = ..., statements: _Optional[_Iterable[str]] = ..., reason: _Optional[str] = ..., state: _Optional[_Union[DeletionState, str]] = ..., asked_at: _Optional[str] = ..., decided_by: _Optional[str] = ..., decided_at: _Optional[str] = ..., until: _Optional[str] = ..., lines: _Optional[_Iterable[_Union[StatementLine, _Mapping]]] = ..., yours_to_decide: _Optional[bool] = ...) -> None: ...

class ListDeletionsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListDeletionsResponse(_message.Message):
    __slots__ = ("deletions", "clock")
    DELETIONS_FIELD_NUMBER: _ClassVar[int]
    CLOCK_FIELD_NUMBER: _ClassVar[int]
    deletions: _containers.RepeatedCompositeFieldContainer[Deletion]
    clock: int
    def __init__(self, deletions: _Optional[_Iterable[_Union[Deletion, _Mapping]]] = ..., clock: _Optional[int] = ...) -> None: ...

class DecideDeletionRequest(_message.Message):
    __slots__ = ("number", "approvals", "certificates")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    APPROVALS_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATES_FIELD_NUMBER: _ClassVar[int]
    number: int
    approvals: _containers.RepeatedScalarFieldContainer[str]
    certificates: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, number: _Optional[int] = ..., approvals: _Optional[_Iterable[str]] = ..., certificates: _Optional[_Iterable[bytes]] = ...) -> None: ...
