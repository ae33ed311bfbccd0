# mypy: ignore-errors
from tracepost.wire.buf.validate import validate_pb2 as _validate_pb2
from tracepost.wire.v1 import assistance_pb2 as _assistance_pb2
from tracepost.wire.v1 import attachment_pb2 as _attachment_pb2
from tracepost.wire.v1 import ballistic_pb2 as _ballistic_pb2
from tracepost.wire.v1 import check_pb2 as _check_pb2
from tracepost.wire.v1 import directory_pb2 as _directory_pb2
from tracepost.wire.v1 import diversion_pb2 as _diversion_pb2
from tracepost.wire.v1 import embargo_pb2 as _embargo_pb2
from tracepost.wire.v1 import envelope_pb2 as _envelope_pb2
from tracepost.wire.v1 import flow_pb2 as _flow_pb2
from tracepost.wire.v1 import inquiry_pb2 as _inquiry_pb2
from tracepost.wire.v1 import loss_pb2 as _loss_pb2
from tracepost.wire.v1 import mandate_pb2 as _mandate_pb2
from tracepost.wire.v1 import onward_pb2 as _onward_pb2
from tracepost.wire.v1 import options_pb2 as _options_pb2
from tracepost.wire.v1 import panel_pb2 as _panel_pb2
from tracepost.wire.v1 import post_pb2 as _post_pb2
from tracepost.wire.v1 import practice_pb2 as _practice_pb2
from tracepost.wire.v1 import publish_pb2 as _publish_pb2
from tracepost.wire.v1 import register_pb2 as _register_pb2
from tracepost.wire.v1 import report_pb2 as _report_pb2
from tracepost.wire.v1 import search_pb2 as _search_pb2
from tracepost.wire.v1 import seizure_pb2 as _seizure_pb2
from tracepost.wire.v1 import share_pb2 as _share_pb2
from tracepost.wire.v1 import statistics_pb2 as _statistics_pb2
from tracepost.wire.v1 import terms_pb2 as _terms_pb2
from tracepost.wire.v1 import trace_pb2 as _trace_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ReleaseState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RELEASE_STATE_UNSPECIFIED: _ClassVar[ReleaseState]
    RELEASE_STATE_RELEASED: _ClassVar[ReleaseState]
    RELEASE_STATE_WAITING_FOR_SECOND_OFFICER: _ClassVar[ReleaseState]
    RELEASE_STATE_DELAYED: _ClassVar[ReleaseState]
    RELEASE_STATE_RELEASED_FOR_REVIEW: _ClassVar[ReleaseState]
    RELEASE_STATE_REVIEWED: _ClassVar[ReleaseState]
    RELEASE_STATE_OBJECTED: _ClassVar[ReleaseState]
    RELEASE_STATE_REFUSED: _ClassVar[ReleaseState]
    RELEASE_STATE_VOID: _ClassVar[ReleaseState]
    RELEASE_STATE_ACCOMPANYING: _ClassVar[ReleaseState]
    RELEASE_STATE_RELEASED_WITH_NOTICE: _ClassVar[ReleaseState]

class MailState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MAIL_STATE_UNSPECIFIED: _ClassVar[MailState]
    MAIL_STATE_QUEUED: _ClassVar[MailState]
    MAIL_STATE_WITH_RELAY: _ClassVar[MailState]
    MAIL_STATE_DELIVERED: _ClassVar[MailState]
    MAIL_STATE_HELD: _ClassVar[MailState]
    MAIL_STATE_TAKEN_UP: _ClassVar[MailState]
    MAIL_STATE_REFUSED: _ClassVar[MailState]
    MAIL_STATE_EXPIRED: _ClassVar[MailState]
    MAIL_STATE_SET_ASIDE: _ClassVar[MailState]
    MAIL_STATE_REPLACED: _ClassVar[MailState]

class CaseState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CASE_STATE_UNSPECIFIED: _ClassVar[CaseState]
    CASE_STATE_WAITING_FOR_US: _ClassVar[CaseState]
    CASE_STATE_WAITING_FOR_THEM: _ClassVar[CaseState]
    CASE_STATE_CLOSED: _ClassVar[CaseState]

class ExportFormat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EXPORT_FORMAT_UNSPECIFIED: _ClassVar[ExportFormat]
    EXPORT_FORMAT_TRACEPOST: _ClassVar[ExportFormat]
    EXPORT_FORMAT_SD_JWT: _ClassVar[ExportFormat]

class PolicyState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    POLICY_STATE_UNSPECIFIED: _ClassVar[PolicyState]
    POLICY_STATE_PROPOSED: _ClassVar[PolicyState]
    POLICY_STATE_IN_FORCE: _ClassVar[PolicyState]
    POLICY_STATE_REPLACED: _ClassVar[PolicyState]
    POLICY_STATE_REFUSED: _ClassVar[PolicyState]
    POLICY_STATE_WITHDRAWN: _ClassVar[PolicyState]
RELEASE_STATE_UNSPECIFIED: ReleaseState
RELEASE_STATE_RELEASED: ReleaseState
RELEASE_STATE_WAITING_FOR_SECOND_OFFICER: ReleaseState
RELEASE_STATE_DELAYED: ReleaseState
RELEASE_STATE_RELEASED_FOR_REVIEW: ReleaseState
RELEASE_STATE_REVIEWED: ReleaseState
RELEASE_STATE_OBJECTED: ReleaseState
RELEASE_STATE_REFUSED: ReleaseState
RELEASE_STATE_VOID: ReleaseState
RELEASE_STATE_ACCOMPANYING: ReleaseState
RELEASE_STATE_RELEASED_WITH_NOTICE: ReleaseState
MAIL_STATE_UNSPECIFIED: MailState
MAIL_STATE_QUEUED: MailState
MAIL_STATE_WITH_RELAY: MailState
MAIL_STATE_DELIVERED: MailState
MAIL_STATE_HELD: MailState
MAIL_STATE_TAKEN_UP: MailState
MAIL_STATE_REFUSED: MailState
MAIL_STATE_EXPIRED: MailState
MAIL_STATE_SET_ASIDE: MailState
MAIL_STATE_REPLACED: MailState
CASE_STATE_UNSPECIFIED: CaseState
CASE_STATE_WAITING_FOR_US: CaseState
CASE_STATE_WAITING_FOR_THEM: CaseState
CASE_STATE_CLOSED: CaseState
EXPORT_FORMAT_UNSPECIFIED: ExportFormat
EXPORT_FORMAT_TRACEPOST: ExportFormat
EXPORT_FORMAT_SD_JWT: ExportFormat
POLICY_STATE_UNSPECIFIED: PolicyState
POLICY_STATE_PROPOSED: PolicyState
POLICY_STATE_IN_FORCE: PolicyState
POLICY_STATE_REPLACED: PolicyState
POLICY_STATE_REFUSED: PolicyState
POLICY_STATE_WITHDRAWN: PolicyState

class Content(_message.Message):
    __slots__ = ("trace_request", "acknowledgement", "information_request", "information_supply", "redirect", "referral", "status", "delay", "response", "refusal", "clarification", "amendment", "withdrawal", "closure", "consent", "share", "error", "object_check", "object_check_reply", "diversion_notice", "delivery_notified", "seizure_notice", "enquiry", "finding", "letter", "mandate", "loss_notice", "hit", "release_notice", "flow_information", "ballistic_reference", "marking_practice", "panel_request", "panel_reply", "documented_item", "statistics", "assistance_need", "assistance_offer")
    TRACE_REQUEST_FIELD_NUMBER: _ClassVar[int]
    ACKNOWLEDGEMENT_FIELD_NUMBER: _ClassVar[int]
    INFORMATION_REQUEST_FIELD_NUMBER: _ClassVar[int]
    INFORMATION_SUPPLY_FIELD_NUMBER: _ClassVar[int]
    REDIRECT_FIELD_NUMBER: _ClassVar[int]
    REFERRAL_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    DELAY_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_FIELD_NUMBER: _ClassVar[int]
    CLARIFICATION_FIELD_NUMBER: _ClassVar[int]
    AMENDMENT_FIELD_NUMBER: _ClassVar[int]
    WITHDRAWAL_FIELD_NUMBER: _ClassVar[int]
    CLOSURE_FIELD_NUMBER: _ClassVar[int]
    CONSENT_FIELD_NUMBER: _ClassVar[int]
    SHARE_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    OBJECT_CHECK_FIELD_NUMBER: _ClassVar[int]
    OBJECT_CHECK_REPLY_FIELD_NUMBER: _ClassVar[int]
    DIVERSION_NOTICE_FIELD_NUMBER: _ClassVar[int]
    DELIVERY_NOTIFIED_FIELD_NUMBER: _ClassVar[int]
    SEIZURE_NOTICE_FIELD_NUMBER: _ClassVar[int]
    ENQUIRY_FIELD_NUMBER: _ClassVar[int]
    FINDING_FIELD_NUMBER: _ClassVar[int]
    LETTER_FIELD_NUMBER: _ClassVar[int]
    MANDATE_FIELD_NUMBER: _ClassVar[int]
    LOSS_NOTICE_FIELD_NUMBER: _ClassVar[int]
    HIT_FIELD_NUMBER: _ClassVar[int]
    RELEASE_NOTICE_FIELD_NUMBER: _ClassVar[int]
    FLOW_INFORMATION_FIELD_NUMBER: _ClassVar[int]
    BALLISTIC_REFERENCE_FIELD_NUMBER: _ClassVar[int]
    MARKING_PRACTICE_FIELD_NUMBER: _ClassVar[int]
    PANEL_REQUEST_FIELD_NUMBER: _ClassVar[int]
    PANEL_REPLY_FIELD_NUMBER: _ClassVar[int]
    DOCUMENTED_ITEM_FIELD_NUMBER: _ClassVar[int]
    STATISTICS_FIELD_NUMBER: _ClassVar[int]
    ASSISTANCE_NEED_FIELD_NUMBER: _ClassVar[int]
    ASSISTANCE_OFFER_FIELD_NUMBER: _ClassVar[int]
    trace_request: _trace_pb2.TraceRequest
    acknowledgement: _trace_pb2.Acknowledgement
    information_request: _trace_pb2.InformationRequest
    information_supply: _trace_pb2.InformationSupply
    redirect: _trace_pb2.Redirect
    referral: _trace_pb2.Referral
    status: _trace_pb2.Status
    delay: _trace_pb2.Delay
    response: _trace_pb2.Response
    refusal: _trace_pb2.Refusal
    clarification: _trace_pb2.Clarification
    amendment: _trace_pb2.Amendment
    withdrawal: _trace_pb2.Withdrawal
    closure: _trace_pb2.Closure
    consent: _trace_pb2.Consent
    share: _share_pb2.Share
    error: _trace_pb2.Error
    object_check: _check_pb2.ObjectCheck
    object_check_reply: _check_pb2.ObjectCheckReply
    diversion_notice: _diversion_pb2.DiversionNotice
    delivery_notified: _embargo_pb2.DeliveryNotified
    seizure_notice: _seizure_pb2.SeizureNotice
    enquiry: _inquiry_pb2.Enquiry
    finding: _inquiry_pb2.Finding
    letter: _inquiry_pb2.Letter
    mandate: _mandate_pb2.Mandate
    loss_notice: _loss_pb2.LossNotice
    hit: _loss_pb2.Hit
    release_notice: _share_pb2.ReleaseNotice
    flow_information: _flow_pb2.FlowInformation
    ballistic_reference: _ballistic_pb2.BallisticReference
    marking_practice: _practice_pb2.MarkingPractice
    panel_request: _panel_pb2.PanelRequest
    panel_reply: _panel_pb2.PanelReply
    documented_item: _panel_pb2.DocumentedItem
    statistics: _statistics_pb2.Statistics
    assistance_need: _assistance_pb2.AssistanceNeed
    assistance_offer: _assistance_pb2.AssistanceOffer
    def __init__(self, trace_request: _Optional[_Union[_trace_pb2.TraceRequest, _Mapping]] = ..., acknowledgement: _Optional[_Union[_trace_pb2.Acknowledgement, _Mapping]] = ..., information_request: _Optional[_Union[_trace_pb2.InformationRequest, _Mapping]] = ..., information_supply: _Optional[_Union[_trace_pb2.InformationSupply, _Mapping]] = ..., redirect: _Optional[_Union[_trace_pb2.Redirect, _Mapping]] = ..., referral: _Optional[_Union[_trace_pb2.Referral, _Mapping]] = ..., status: _Optional[_Union[_trace_pb2.Status, _Mapping]] = ..., delay: _Optional[_Union[_trace_pb2.Delay, _Mapping]] = ..., response: _Optional[_Union[_trace_pb2.Response, _Mapping]] = ..., refusal: _Optional[_Union[_trace_pb2.Refusal, _Mapping]] = ..., clarification: _Optional[_Union[_trace_pb2.Clarification, _Mapping]] = ..., amendment: _Optional[_Union[_trace_pb2.Amendment, _Mapping]] = ..., withdrawal: _Optional[_Union[_trace_pb2.Withdrawal, _Mapping]] = ..., closure: _Optional[_Union[_trace_pb2.Closure, _Mapping]] = ..., consent: _Optional[_Union[_trace_pb2.Consent, _Mapping]] = ..., share: _Optional[_Union[_share_pb2.Share, _Mapping]] = ..., error: _Optional[_Union[_trace_pb2.Error, _Mapping]] = ..., object_check: _Optional[_Union[_check_pb2.ObjectCheck, _Mapping]] = ..., object_check_reply: _Optional[_Union[_check_pb2.ObjectCheckReply, _Mapping]] = ..., diversion_notice: _Optional[_Union[_diversion_pb2.DiversionNotice, _Mapping]] = ..., delivery_notified: _Optional[_Union[_embargo_pb2.DeliveryNotified, _Mapping]] = ..., seizure_notice: _Optional[_Union[_seizure_pb2.SeizureNotice, _Mapping]] = ..., enquiry: _Optional[_Union[_inquiry_pb2.Enquiry, _Mapping]] = ..., finding: _Optional[_Union[_inquiry_pb2.Finding, _Mapping]] = ..., letter: _Optional[_Union[_inquiry_pb2.Letter, _Mapping]] = ..., mandate: _Optional[_Union[_mandate_pb2.Mandate, _Mapping]] = ..., loss_notice: _Optional[_Union[_loss_pb2.LossNotice, _Mapping]] = ..., hit: _Optional[_Union[_loss_pb2.Hit, _Mapping]] = ..., release_notice: _Optional[_Union[_share_pb2.ReleaseNotice, _Mapping]] = ..., flow_information: _Optional[_Union[_flow_pb2.FlowInformation, _Mapping]] = ..., ballistic_reference: _Optional[_Union[_ballistic_pb2.BallisticReference, _Mapping]] = ..., marking_practice: _Optional[_Union[_practice_pb2.MarkingPractice, _Mapping]] = ..., panel_request: _Optional[_Union[_panel_pb2.PanelRequest, _Mapping]] = ..., panel_reply: _Optional[_Union[_panel_pb2.PanelReply, _Mapping]] = ..., documented_item: _Optional[_Union[_panel_pb2.DocumentedItem, _Mapping]] = ..., statistics: _Optional[_Union[_statistics_pb2.Statistics, _Mapping]] = ..., assistance_need: _Optional[_Union[_assistance_pb2.AssistanceNeed, _Mapping]] = ..., assistance_offer: _Optional[_Union[_assistance_pb2.AssistanceOffer, _Mapping]] = ...) -> None: ...

class RaisedField(_message.Message):
    __slots__ = ("path", "to_class")
    PATH_FIELD_NUMBER: _ClassVar[int]
    TO_CLASS_FIELD_NUMBER: _ClassVar[int]
    path: str
    to_class: _options_pb2.Sensitivity
    def __init__(self, path: _Optional[str] = ..., to_class: _Optional[_Union[_options_pb2.Sensitivity, str]] = ...) -> None: ...

class Draft(_message.Message):
    __slots__ = ("idempotency_key", "to", "thread", "in_reply_to", "desk", "purpose", "legal_basis", "restrictions", "exercise", "lane", "deliver_by", "raised", "content", "parts", "preview", "named_desks", "composed", "readers", "shared")
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    THREAD_FIELD_NUMBER: _ClassVar[int]
    IN_REPLY_TO_FIELD_NUMBER: _ClassVar[int]
    DESK_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    LEGAL_BASIS_FIELD_NUMBER: _ClassVar[int]
    RESTRICTIONS_FIELD_NUMBER: _ClassVar[int]
    EXERCISE_FIELD_NUMBER: _ClassVar[int]
    LANE_FIELD_NUMBER: _ClassVar[int]
    DELIVER_BY_FIELD_NUMBER: _ClassVar[int]
    RAISED_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    PREVIEW_FIELD_NUMBER: _ClassVar[int]
    NAMED_DESKS_FIELD_NUMBER: _ClassVar[int]
    COMPOSED_FIELD_NUMBER: _ClassVar[int]
    READERS_FIELD_NUMBER: _ClassVar[int]
    SHARED_FIELD_NUMBER: _ClassVar[int]
    idempotency_key: str
    to: _containers.RepeatedScalarFieldContainer[str]
    thread: str
    in_reply_to: str
    desk: str
    purpose: _terms_pb2.Purpose
    legal_basis: _terms_pb2.LegalBasis
    restrictions: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Restriction]
    exercise: bool
    lane: _envelope_pb2.Lane
    deliver_by: int
    raised: _containers.RepeatedCompositeFieldContainer[RaisedField]
    content: Content
    parts: _containers.RepeatedScalarFieldContainer[bytes]
    preview: bool
    named_desks: _containers.RepeatedScalarFieldContainer[str]
    composed: _containers.RepeatedCompositeFieldContainer[_inquiry_pb2.Composed]
    readers: _containers.RepeatedCompositeFieldContainer[_terms_pb2.FieldReaders]
    shared: _containers.RepeatedCompositeFieldContainer[_onward_pb2.ShareChoice]
    def __init__(self, idempotency_key: _Optional[str] = ..., to: _Optional[_Iterable[str]] = ..., thread: _Optional[str] = ..., in_reply_to: _Optional[str] = ..., desk: _Optional[str] = ..., purpose: _Optional[_Union[_terms_pb2.Purpose, str]] = ..., legal_basis: _Optional[_Union[_terms_pb2.LegalBasis, str]] = ..., restrictions: _Optional[_Iterable[_Union[_terms_pb2.Restriction, _Mapping]]] = ..., exercise: _Optional[bool] = ..., lane: _Optional[_Union[_envelope_pb2.Lane, str]] = ..., deliver_by: _Optional[int] = ..., raised: _Optional[_Iterable[_Union[RaisedField, _Mapping]]] = ..., content: _Optional[_Union[Content, _Mapping]] = ..., parts: _Optional[_Iterable[bytes]] = ..., preview: _Optional[bool] = ..., named_desks: _Optional[_Iterable[str]] = ..., composed: _Optional[_Iterable[_Union[_inquiry_pb2.Composed, _Mapping]]] = ..., readers: _Optional[_Iterable[_Union[_terms_pb2.FieldReaders, _Mapping]]] = ..., shared: _Optional[_Iterable[_Union[_onward_pb2.ShareChoice, _Mapping]]] = ...) -> None: ...

class Submission(_message.Message):
    __slots__ = ("idempotency_key", "thread", "statement", "jti", "dispatches", "problem", "unsent", "readings", "exhibits", "notices_to", "release_state", "release_until", "exercise")
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    THREAD_FIELD_NUMBER: _ClassVar[int]
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    JTI_FIELD_NUMBER: _ClassVar[int]
    DISPATCHES_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    UNSENT_FIELD_NUMBER: _ClassVar[int]
    READINGS_FIELD_NUMBER: _ClassVar[int]
    EXHIBITS_FIELD_NUMBER: _ClassVar[int]
    NOTICES_TO_FIELD_NUMBER: _ClassVar[int]
    RELEASE_STATE_FIELD_NUMBER: _ClassVar[int]
    RELEASE_UNTIL_FIELD_NUMBER: _ClassVar[int]
    EXERCISE_FIELD_NUMBER: _ClassVar[int]
    idempotency_key: str
    thread: str
    statement: str
    jti: str
    dispatches: _containers.RepeatedCompositeFieldContainer[Dispatch]
    problem: _post_pb2.Problem
    unsent: _containers.RepeatedCompositeFieldContainer[Unsent]
    readings: _containers.RepeatedCompositeFieldContainer[Reading]
    exhibits: _containers.RepeatedCompositeFieldContainer[_onward_pb2.ExhibitPreview]
    notices_to: _containers.RepeatedScalarFieldContainer[str]
    release_state: ReleaseState
    release_until: str
    exercise: bool
    def __init__(self, idempotency_key: _Optional[str] = ..., thread: _Optional[str] = ..., statement: _Optional[str] = ..., jti: _Optional[str] = ..., dispatches: _Optional[_Iterable[_Union[Dispatch, _Mapping]]] = ..., problem: _Optional[_Union[_post_pb2.Problem, _Mapping]] = ..., unsent: _Optional[_Iterable[_Union[Unsent, _Mapping]]] = ..., readings: _Optional[_Iterable[_Union[Reading, _Mapping]]] = ..., exhibits: _Optional[_Iterable[_Union[_onward_pb2.ExhibitPreview, _Mapping]]] = ..., notices_to: _Optional[_Iterable[str]] = ..., release_state: _Optional[_Union[ReleaseState, str]] = ..., release_until: _Optional[str] = ..., exercise: _Optional[bool] = ...) -> None: ...

class Dispatch(_message.Message):
    __slots__ = ("to", "envelope_id", "via", "state")
    TO_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_ID_FIELD_NUMBER: _ClassVar[int]
    VIA_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    to: str
    envelope_id: str
    via: str
    state: MailState
    def __init__(self, to: _Optional[str] = ..., envelope_id: _Optional[str] = ..., via: _Optional[str] = ..., state: _Optional[_Union[MailState, str]] = ...) -> None: ...

class Unsent(_message.Message):
    __slots__ = ("to", "path", "ground")
    TO_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    GROUND_FIELD_NUMBER: _ClassVar[int]
    to: str
    path: str
    ground: _terms_pb2.WithholdingGround
    def __init__(self, to: _Optional[str] = ..., path: _Optional[str] = ..., ground: _Optional[_Union[_terms_pb2.WithholdingGround, str]] = ...) -> None: ...

class Reading(_message.Message):
    __slots__ = ("member", "desk", "paths")
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    DESK_FIELD_NUMBER: _ClassVar[int]
    PATHS_FIELD_NUMBER: _ClassVar[int]
    member: str
    desk: str
    paths: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, member: _Optional[str] = ..., desk: _Optional[str] = ..., paths: _Optional[_Iterable[str]] = ...) -> None: ...

class GetStatusRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class NodeStatus(_message.Message):
    __slots__ = ("member", "version", "desks", "peers", "log_size", "log_checkpoint", "held", "papers", "policy_sha256", "escrow_tried", "clock", "disk_free_bytes", "policy_version", "policy_base_changed", "releases_waiting", "reviews_due", "reviews_overdue", "head_unchecked", "log_witnesses", "quorum_missing", "log_damaged", "unwritable", "release_notices", "deletions_waiting", "dead_letters", "in_pouches", "blocked", "maintenance_since", "exercises_allowed", "reads_every_case", "stands_in_for")
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DESKS_FIELD_NUMBER: _ClassVar[int]
    PEERS_FIELD_NUMBER: _ClassVar[int]
    LOG_SIZE_FIELD_NUMBER: _ClassVar[int]
    LOG_CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    HELD_FIELD_NUMBER: _ClassVar[int]
    PAPERS_FIELD_NUMBER: _ClassVar[int]
    POLICY_SHA256_FIELD_NUMBER: _ClassVar[int]
    ESCROW_TRIED_FIELD_NUMBER: _ClassVar[int]
    CLOCK_FIELD_NUMBER: _ClassVar[int]
    DISK_FREE_BYTES_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    POLICY_BASE_CHANGED_FIELD_NUMBER: _ClassVar[int]
    RELEASES_WAITING_FIELD_NUMBER: _ClassVar[int]
    REVIEWS_DUE_FIELD_NUMBER: _ClassVar[int]
    REVIEWS_OVERDUE_FIELD_NUMBER: _ClassVar[int]
    HEAD_UNCHECKED_FIELD_NUMBER: _ClassVar[int]
    LOG_WITNESSES_FIELD_NUMBER: _ClassVar[int]
    QUORUM_MISSING_FIELD_NUMBER: _ClassVar[int]
    LOG_DAMAGED_FIELD_NUMBER: _ClassVar[int]
    UNWRITABLE_FIELD_NUMBER: _ClassVar[int]
    RELEASE_NOTICES_FIELD_NUMBER: _ClassVar[int]
    DELETIONS_WAITING_FIELD_NUMBER: _ClassVar[int]
    DEAD_LETTERS_FIELD_NUMBER: _ClassVar[int]
    IN_POUCHES_FIELD_NUMBER: _ClassVar[int]
    BLOCKED_FIELD_NUMBER: _ClassVar[int]
    MAINTENANCE_SINCE_FIELD_NUMBER: _ClassVar[int]
    EXERCISES_ALLOWED_FIELD_NUMBER: _ClassVar[int]
    READS_EVERY_CASE_FIELD_NUMBER: _ClassVar[int]
    STANDS_IN_FOR_FIELD_NUMBER: _ClassVar[int]
    member: str
    version: str
    desks: _containers.RepeatedCompositeFieldContainer[DeskStatus]
    peers: _containers.RepeatedCompositeFieldContainer[PeerStatus]
    log_size: int
    log_checkpoint: str
    held: int
    papers: _containers.RepeatedCompositeFieldContainer[ExpiringPaper]
    policy_sha256: str
    escrow_tried: bool
    clock: int
    disk_free_bytes: int
    policy_version: int
    policy_base_changed: bool
    releases_waiting: int
    reviews_due: int
    reviews_overdue: int
    head_unchecked: bool
    log_witnesses: _containers.RepeatedScalarFieldContainer[str]
    quorum_missing: bool
    log_damaged: int
    unwritable: _containers.RepeatedScalarFieldContainer[str]
    release_notices: int
    deletions_waiting: int
    dead_letters: int
    in_pouches: int
    blocked: _containers.RepeatedScalarFieldContainer[str]
    maintenance_since: int
    exercises_allowed: bool
    reads_every_case: bool
    stands_in_for: _containers.RepeatedCompositeFieldContainer[StandIn]
    def __init__(self, member: _Optional[str] = ..., version: _Optional[str] = ..., desks: _Optional[_Iterable[_Union[DeskStatus, _Mapping]]] = ..., peers: _Optional[_Iterable[_Union[PeerStatus, _Mapping]]] = ..., log_size: _Optional[int] = ..., log_checkpoint: _Optional[str] = ..., held: _Optional[int] = ..., papers: _Optional[_Iterable[_Union[ExpiringPaper, _Mapping]]] = ..., policy_sha256: _Optional[str] = ..., escrow_tried: _Optional[bool] = ..., clock: _Optional[int] = ..., disk_free_bytes: _Optional[int] = ..., policy_version: _Optional[int] = ..., policy_base_changed: _Optional[bool] = ..., releases_waiting: _Optional[int] = ..., reviews_due: _Optional[int] = ..., reviews_overdue: _Optional[int] = ..., head_unchecked: _Optional[bool] = ..., log_witnesses: _Optional[_Iterable[str]] = ..., quorum_missing: _Optional[bool] = ..., log_damaged: _Optional[int] = ..., unwritable: _Optional[_Iterable[str]] = ..., release_notices: _Optional[int] = ..., deletions_waiting: _Optional[int] = ..., dead_letters: _Optional[int] = ..., in_pouches: _Optional[int] = ..., blocked: _Optional[_Iterable[str]] = ..., maintenance_since: _Optional[int] = ..., exercises_allowed: _Optional[bool] = ..., reads_every_case: _Optional[bool] = ..., stands_in_for: _Optional[_Iterable[_Union[StandIn, _Mapping]]] = ...) -> None: ...

class StandIn(_message.Message):
    __slots__ = ("desk", "until_day")
    DESK_FIELD_NUMBER: _ClassVar[int]
    UNTIL_DAY_FIELD_NUMBER: _ClassVar[int]
    desk: str
    until_day: str
    def __init__(self, desk: _Optional[str] = ..., until_day: _Optional[str] = ...) -> None: ...

class DeskStatus(_message.Message):
    __slots__ = ("desk", "unlocked", "competences", "outward", "under", "by_notice")
    DESK_FIELD_NUMBER: _ClassVar[int]
    UNLOCKED_FIELD_NUMBER: _ClassVar[int]
    COMPETENCES_FIELD_NUMBER: _ClassVar[int]
    OUTWARD_FIELD_NUMBER: _ClassVar[int]
    UNDER_FIELD_NUMBER: _ClassVar[int]
    BY_NOTICE_FIELD_NUMBER: _ClassVar[int]
    desk: str
    unlocked: bool
    competences: _containers.RepeatedScalarFieldContainer[_directory_pb2.Competence]
    outward: bool
    under: str
    by_notice: bool
    def __init__(self, desk: _Optional[str] = ..., unlocked: _Optional[bool] = ..., competences: _Optional[_Iterable[_Union[_directory_pb2.Competence, str]]] = ..., outward: _Optional[bool] = ..., under: _Optional[str] = ..., by_notice: _Optional[bool] = ...) -> None: ...

class PeerStatus(_message.Message):
    __slots__ = ("member", "via", "queued", "with_relay", "last_contact", "last_problem", "log_contradicts", "heads_unproved", "unproved_since", "clock_offset_seconds")
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    VIA_FIELD_NUMBER: _ClassVar[int]
    QUEUED_FIELD_NUMBER: _ClassVar[int]
    WITH_RELAY_FIELD_NUMBER: _ClassVar[int]
    LAST_CONTACT_FIELD_NUMBER: _ClassVar[int]
    LAST_PROBLEM_FIELD_NUMBER: _ClassVar[int]
    LOG_CONTRADICTS_FIELD_NUMBER: _ClassVar[int]
    HEADS_UNPROVED_FIELD_NUMBER: _ClassVar[int]
    UNPROVED_SINCE_FIELD_NUMBER: _ClassVar[int]
    CLOCK_OFFSET_SECONDS_FIELD_NUMBER: _ClassVar[int]
    member: str
    via: str
    queued: int
    with_relay: int
    last_contact: int
    last_problem: str
    log_contradicts: bool
    heads_unproved: int
    unproved_since: int
    clock_offset_seconds: int
    def __init__(self, member: _Optional[str] = ..., via: _Optional[str] = ..., queued: _Optional[int] = ..., with_relay: _Optional[int] = ..., last_contact: _Optional[int] = ..., last_problem: _Optional[str] = ..., log_contradicts: _Optional[bool] = ..., heads_unproved: _Optional[int] = ..., unproved_since: _Optional[int] = ..., clock_offset_seconds: _Optional[int] = ...) -> None: ...

class ExpiringPaper(_message.Message):
    __slots__ = ("name", "expires_at")
    NAME_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    name: str
    expires_at: int
    def __init__(self, name: _Optional[str] = ..., expires_at: _Optional[int] = ...) -> None: ...

class UnlockDeskRequest(_message.Message):
    __slots__ = ("desk", "passphrase")
    DESK_FIELD_NUMBER: _ClassVar[int]
    PASSPHRASE_FIELD_NUMBER: _ClassVar[int]
    desk: str
    passphrase: bytes
    def __init__(self, desk: _Optional[str] = ..., passphrase: _Optional[bytes] = ...) -> None: ...

class UnlockDeskResponse(_message.Message):
    __slots__ = ("rewrapped",)
    REWRAPPED_FIELD_NUMBER: _ClassVar[int]
    rewrapped: int
    def __init__(self, rewrapped: _Optional[int] = ...) -> None: ...

class LockDeskRequest(_message.Message):
    __slots__ = ("desk",)
    DESK_FIELD_NUMBER: _ClassVar[int]
    desk: str
    def __init__(self, desk: _Optional[str] = ...) -> None: ...

class LockDeskResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListCasesRequest(_message.Message):
    __slots__ = ("state", "with_member", "file_number", "page_size", "page_token", "holds_kind", "for_file")
    STATE_FIELD_NUMBER: _ClassVar[int]
    WITH_MEMBER_FIELD_NUMBER: _ClassVar[int]
    FILE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    HOLDS_KIND_FIELD_NUMBER: _ClassVar[int]
    FOR_FILE_FIELD_NUMBER: _ClassVar[int]
    state: CaseState
    with_member: str
    file_number: str
    page_size: int
    page_token: str
    holds_kind: str
    for_file: bool
    def __init__(self, state: _Optional[_Union[CaseState, str]] = ..., with_member: _Optional[str] = ..., file_number: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., holds_kind: _Optional[str] = ..., for_file: _Optional[bool] = ...) -> None: ...

class ListCasesResponse(_message.Message):
    __slots__ = ("cases", "next_page_token")
    CASES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    cases: _containers.RepeatedCompositeFieldContainer[CaseSummary]
    next_page_token: str
    def __init__(self, cases: _Optional[_Iterable[_Union[CaseSummary, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class CaseSummary(_message.Message):
    __slots__ = ("thread", "state", "members", "opened_by", "opened_at", "last_event_at", "our_file_number", "their_file_number", "items", "urgent", "exercise", "handling", "due_on", "no_reply_recorded", "delivery_not_proved", "enquiries", "opened_with", "external_references", "reminders")
    THREAD_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    OPENED_BY_FIELD_NUMBER: _ClassVar[int]
    OPENED_AT_FIELD_NUMBER: _ClassVar[int]
    LAST_EVENT_AT_FIELD_NUMBER: _ClassVar[int]
    OUR_FILE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    THEIR_FILE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    URGENT_FIELD_NUMBER: _ClassVar[int]
    EXERCISE_FIELD_NUMBER: _ClassVar[int]
    HANDLING_FIELD_NUMBER: _ClassVar[int]
    DUE_ON_FIELD_NUMBER: _ClassVar[int]
    NO_REPLY_RECORDED_FIELD_NUMBER: _ClassVar[int]
    DELIVERY_NOT_PROVED_FIELD_NUMBER: _ClassVar[int]
    ENQUIRIES_FIELD_NUMBER: _ClassVar[int]
    OPENED_WITH_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_REFERENCES_FIELD_NUMBER: _ClassVar[int]
    REMINDERS_FIELD_NUMBER: _ClassVar[int]
    thread: str
    state: CaseState
    members: _containers.RepeatedScalarFieldContainer[str]
    opened_by: str
    opened_at: str
    last_event_at: str
    our_file_number: str
    their_file_number: str
    items: _containers.RepeatedCompositeFieldContainer[ItemSummary]
    urgent: bool
    exercise: bool
    handling: _containers.RepeatedScalarFieldContainer[_terms_pb2.HandlingInstruction]
    due_on: str
    no_reply_recorded: _containers.RepeatedScalarFieldContainer[str]
    delivery_not_proved: _containers.RepeatedCompositeFieldContainer[DeliveryNotProved]
    enquiries: _containers.RepeatedCompositeFieldContainer[_inquiry_pb2.EnquirySummary]
    opened_with: str
    external_references: _containers.RepeatedScalarFieldContainer[str]
    reminders: int
    def __init__(self, thread: _Optional[str] = ..., state: _Optional[_Union[CaseState, str]] = ..., members: _Optional[_Iterable[str]] = ..., opened_by: _Optional[str] = ..., opened_at: _Optional[str] = ..., last_event_at: _Optional[str] = ..., our_file_number: _Optional[str] = ..., their_file_number: _Optional[str] = ..., items: _Optional[_Iterable[_Union[ItemSummary, _Mapping]]] = ..., urgent: _Optional[bool] = ..., exercise: _Optional[bool] = ..., handling: _Optional[_Iterable[_Union[_terms_pb2.HandlingInstruction, str]]] = ..., due_on: _Optional[str] = ..., no_reply_recorded: _Optional[_Iterable[str]] = ..., delivery_not_proved: _Optional[_Iterable[_Union[DeliveryNotProved, _Mapping]]] = ..., enquiries: _Optional[_Iterable[_Union[_inquiry_pb2.EnquirySummary, _Mapping]]] = ..., opened_with: _Optional[str] = ..., external_references: _Optional[_Iterable[str]] = ..., reminders: _Optional[int] = ...) -> None: ...

class DeliveryNotProved(_message.Message):
    __slots__ = ("member", "state")
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    member: str
    state: MailState
    def __init__(self, member: _Optional[str] = ..., state: _Optional[_Union[MailState, str]] = ...) -> None: ...

class ItemSummary(_message.Message):
    __slots__ = ("item_id", "answers", "asked")
    ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    ASKED_FIELD_NUMBER: _ClassVar[int]
    item_id: str
    answers: _containers.RepeatedCompositeFieldContainer[ItemAnswer]
    asked: bool
    def __init__(self, item_id: _Optional[str] = ..., answers: _Optional[_Iterable[_Union[ItemAnswer, _Mapping]]] = ..., asked: _Optional[bool] = ...) -> None: ...

class ItemAnswer(_message.Message):
    __slots__ = ("by_member", "identification", "reach", "stopped_because", "ask_next", "final")
    BY_MEMBER_FIELD_NUMBER: _ClassVar[int]
    IDENTIFICATION_FIELD_NUMBER: _ClassVar[int]
    REACH_FIELD_NUMBER: _ClassVar[int]
    STOPPED_BECAUSE_FIELD_NUMBER: _ClassVar[int]
    ASK_NEXT_FIELD_NUMBER: _ClassVar[int]
    FINAL_FIELD_NUMBER: _ClassVar[int]
    by_member: str
    identification: _trace_pb2.Identification
    reach: _trace_pb2.Reach
    stopped_because: _trace_pb2.StoppedBecause
    ask_next: str
    final: bool
    def __init__(self, by_member: _Optional[str] = ..., identification: _Optional[_Union[_trace_pb2.Identification, str]] = ..., reach: _Optional[_Union[_trace_pb2.Reach, str]] = ..., stopped_because: _Optional[_Union[_trace_pb2.StoppedBecause, str]] = ..., ask_next: _Optional[str] = ..., final: _Optional[bool] = ...) -> None: ...

class ShowCaseRequest(_message.Message):
    __slots__ = ("case", "desk", "for_paper", "statement")
    CASE_FIELD_NUMBER: _ClassVar[int]
    DESK_FIELD_NUMBER: _ClassVar[int]
    FOR_PAPER_FIELD_NUMBER: _ClassVar[int]
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    case: str
    desk: str
    for_paper: bool
    statement: str
    def __init__(self, case: _Optional[str] = ..., desk: _Optional[str] = ..., for_paper: _Optional[bool] = ..., statement: _Optional[str] = ...) -> None: ...

class CaseView(_message.Message):
    __slots__ = ("summary", "statements")
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    STATEMENTS_FIELD_NUMBER: _ClassVar[int]
    summary: CaseSummary
    statements: _containers.RepeatedCompositeFieldContainer[StatementView]
    def __init__(self, summary: _Optional[_Union[CaseSummary, _Mapping]] = ..., statements: _Optional[_Iterable[_Union[StatementView, _Mapping]]] = ...) -> None: ...

class StatementView(_message.Message):
    __slots__ = ("statement", "kind", "from_member", "from_desk", "to", "issued_at", "in_reply_to", "purpose", "legal_basis", "restrictions", "exercise", "content", "hidden", "unknown", "dispatches", "state", "desk_locked", "problem", "attachments")
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    FROM_MEMBER_FIELD_NUMBER: _ClassVar[int]
    FROM_DESK_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    ISSUED_AT_FIELD_NUMBER: _ClassVar[int]
    IN_REPLY_TO_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    LEGAL_BASIS_FIELD_NUMBER: _ClassVar[int]
    RESTRICTIONS_FIELD_NUMBER: _ClassVar[int]
    EXERCISE_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    HIDDEN_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_FIELD_NUMBER: _ClassVar[int]
    DISPATCHES_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    DESK_LOCKED_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    statement: str
    kind: str
    from_member: str
    from_desk: str
    to: _containers.RepeatedScalarFieldContainer[str]
    issued_at: str
    in_reply_to: str
    purpose: _terms_pb2.Purpose
    legal_basis: _terms_pb2.LegalBasis
    restrictions: _containers.RepeatedCompositeFieldContainer[_terms_pb2.Restriction]
    exercise: bool
    content: Content
    hidden: _containers.RepeatedCompositeFieldContainer[ClassCount]
    unknown: _containers.RepeatedCompositeFieldContainer[UnknownField]
    dispatches: _containers.RepeatedCompositeFieldContainer[Dispatch]
    state: MailState
    desk_locked: bool
    problem: _post_pb2.Problem
    attachments: _containers.RepeatedCompositeFieldContainer[_attachment_pb2.AttachmentState]
    def __init__(self, statement: _Optional[str] = ..., kind: _Optional[str] = ..., from_member: _Optional[str] = ..., from_desk: _Optional[str] = ..., to: _Optional[_Iterable[str]] = ..., issued_at: _Optional[str] = ..., in_reply_to: _Optional[str] = ..., purpose: _Optional[_Union[_terms_pb2.Purpose, str]] = ..., legal_basis: _Optional[_Union[_terms_pb2.LegalBasis, str]] = ..., restrictions: _Optional[_Iterable[_Union[_terms_pb2.Restriction, _Mapping]]] = ..., exercise: _Optional[bool] = ..., content: _Optional[_Union[Content, _Mapping]] = ..., hidden: _Optional[_Iterable[_Union[ClassCount, _Mapping]]] = ..., unknown: _Optional[_Iterable[_Union[UnknownField, _Mapping]]] = ..., dispatches: _Optional[_Iterable[_Union[Dispatch, _Mapping]]] = ..., state: _Optional[_Union[MailState, str]] = ..., desk_locked: _Optional[bool] = ..., problem: _Optional[_Union[_post_pb2.Problem, _Mapping]] = ..., attachments: _Optional[_Iterable[_Union[_attachment_pb2.AttachmentState, _Mapping]]] = ...) -> None: ...

class ClassCount(_message.Message):
    __slots__ = ("of_class", "fields", "exact", "class_name")
    OF_CLASS_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    EXACT_FIELD_NUMBER: _ClassVar[int]
    CLASS_NAME_FIELD_NUMBER: _ClassVar[int]
    of_class: _options_pb2.Sensitivity
    fields: int
    exact: bool
    class_name: str
    def __init__(self, of_class: _Optional[_Union[_options_pb2.Sensitivity, str]] = ..., fields: _Optional[int] = ..., exact: _Optional[bool] = ..., class_name: _Optional[str] = ...) -> None: ...

class UnknownField(_message.Message):
    __slots__ = ("path", "of_class", "value_json")
    PATH_FIELD_NUMBER: _ClassVar[int]
    OF_CLASS_FIELD_NUMBER: _ClassVar[int]
    VALUE_JSON_FIELD_NUMBER: _ClassVar[int]
    path: str
    of_class: _options_pb2.Sensitivity
    value_json: str
    def __init__(self, path: _Optional[str] = ..., of_class: _Optional[_Union[_options_pb2.Sensitivity, str]] = ..., value_json: _Optional[str] = ...) -> None: ...

class PrintPaperRequest(_message.Message):
    __slots__ = ("statement", "desk")
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    DESK_FIELD_NUMBER: _ClassVar[int]
    statement: str
    desk: str
    def __init__(self, statement: _Optional[str] = ..., desk: _Optional[str] = ...) -> None: ...

class PrintedPaper(_message.Message):
    __slots__ = ("paper", "to", "our_office", "our_file_number", "handling", "thread")
    PAPER_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    OUR_OFFICE_FIELD_NUMBER: _ClassVar[int]
    OUR_FILE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    HANDLING_FIELD_NUMBER: _ClassVar[int]
    THREAD_FIELD_NUMBER: _ClassVar[int]
    paper: StatementView
    to: _inquiry_pb2.AddressEntry
    our_office: str
    our_file_number: str
    handling: _containers.RepeatedScalarFieldContainer[_terms_pb2.HandlingInstruction]
    thread: str
    def __init__(self, paper: _Optional[_Union[StatementView, _Mapping]] = ..., to: _Optional[_Union[_inquiry_pb2.AddressEntry, _Mapping]] = ..., our_office: _Optional[str] = ..., our_file_number: _Optional[str] = ..., handling: _Optional[_Iterable[_Union[_terms_pb2.HandlingInstruction, str]]] = ..., thread: _Optional[str] = ...) -> None: ...

class ShowTimelineRequest(_message.Message):
    __slots__ = ("case",)
    CASE_FIELD_NUMBER: _ClassVar[int]
    case: str
    def __init__(self, case: _Optional[str] = ...) -> None: ...

class Timeline(_message.Message):
    __slots__ = ("events",)
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[TimelineEvent]
    def __init__(self, events: _Optional[_Iterable[_Union[TimelineEvent, _Mapping]]] = ...) -> None: ...

class TimelineEvent(_message.Message):
    __slots__ = ("at", "event", "actor", "kind", "statement", "log", "log_index", "other_member")
    AT_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    LOG_FIELD_NUMBER: _ClassVar[int]
    LOG_INDEX_FIELD_NUMBER: _ClassVar[int]
    OTHER_MEMBER_FIELD_NUMBER: _ClassVar[int]
    at: str
    event: str
    actor: str
    kind: str
    statement: str
    log: str
    log_index: int
    other_member: str
    def __init__(self, at: _Optional[str] = ..., event: _Optional[str] = ..., actor: _Optional[str] = ..., kind: _Optional[str] = ..., statement: _Optional[str] = ..., log: _Optional[str] = ..., log_index: _Optional[int] = ..., other_member: _Optional[str] = ...) -> None: ...

class FetchPartRequest(_message.Message):
    __slots__ = ("sha256", "case", "desk", "release")
    SHA256_FIELD_NUMBER: _ClassVar[int]
    CASE_FIELD_NUMBER: _ClassVar[int]
    DESK_FIELD_NUMBER: _ClassVar[int]
    RELEASE_FIELD_NUMBER: _ClassVar[int]
    sha256: bytes
    case: str
    desk: str
    release: str
    def __init__(self, sha256: _Optional[bytes] = ..., case: _Optional[str] = ..., desk: _Optional[str] = ..., release: _Optional[str] = ...) -> None: ...

class FetchPartResponse(_message.Message):
    __slots__ = ("content", "media_type")
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    MEDIA_TYPE_FIELD_NUMBER: _ClassVar[int]
    content: bytes
    media_type: str
    def __init__(self, content: _Optional[bytes] = ..., media_type: _Optional[str] = ...) -> None: ...

class ListHeldRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListHeldResponse(_message.Message):
    __slots__ = ("mails",)
    MAILS_FIELD_NUMBER: _ClassVar[int]
    mails: _containers.RepeatedCompositeFieldContainer[HeldMail]
    def __init__(self, mails: _Optional[_Iterable[_Union[HeldMail, _Mapping]]] = ...) -> None: ...

class HeldMail(_message.Message):
    __slots__ = ("envelope_id", "from_member", "kind", "thread", "received_at", "reason", "bytes", "exercise")
    ENVELOPE_ID_FIELD_NUMBER: _ClassVar[int]
    FROM_MEMBER_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    THREAD_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_AT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    EXERCISE_FIELD_NUMBER: _ClassVar[int]
    envelope_id: str
    from_member: str
    kind: str
    thread: str
    received_at: str
    reason: str
    bytes: int
    exercise: bool
    def __init__(self, envelope_id: _Optional[str] = ..., from_member: _Optional[str] = ..., kind: _Optional[str] = ..., thread: _Optional[str] = ..., received_at: _Optional[str] = ..., reason: _Optional[str] = ..., bytes: _Optional[int] = ..., exercise: _Optional[bool] = ...) -> None: ...

class DecideHeldRequest(_message.Message):
    __slots__ = ("envelope_id", "take_up")
    ENVELOPE_ID_FIELD_NUMBER: _ClassVar[int]
    TAKE_UP_FIELD_NUMBER: _ClassVar[int]
    envelope_id: str
    take_up: bool
    def __init__(self, envelope_id: _Optional[str] = ..., take_up: _Optional[bool] = ...) -> None: ...

class DecideHeldResponse(_message.Message):
    __slots__ = ("thread",)
    THREAD_FIELD_NUMBER: _ClassVar[int]
    thread: str
    def __init__(self, thread: _Optional[str] = ...) -> None: ...

class ExportCaseRequest(_message.Message):
    __slots__ = ("case", "desk", "format", "with_inner", "purpose")
    CASE_FIELD_NUMBER: _ClassVar[int]
    DESK_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    WITH_INNER_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    case: str
    desk: str
    format: ExportFormat
    with_inner: bool
    purpose: _terms_pb2.Purpose
    def __init__(self, case: _Optional[str] = ..., desk: _Optional[str] = ..., format: _Optional[_Union[ExportFormat, str]] = ..., with_inner: _Optional[bool] = ..., purpose: _Optional[_Union[_terms_pb2.Purpose, str]] = ...) -> None: ...

class ExportChunk(_message.Message):
    __slots__ = ("data", "total_bytes")
    DATA_FIELD_NUMBER: _ClassVar[int]
    TOTAL_BYTES_FIELD_NUMBER: _ClassVar[int]
    data: bytes
    total_bytes: int
    def __init__(self, data: _Optional[bytes] = ..., total_bytes: _Optional[int] = ...) -> None: ...

class ListDirectoryRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListDirectoryResponse(_message.Message):
    __slots__ = ("lines",)
    LINES_FIELD_NUMBER: _ClassVar[int]
    lines: _containers.RepeatedCompositeFieldContainer[DirectoryLine]
    def __init__(self, lines: _Optional[_Iterable[_Union[DirectoryLine, _Mapping]]] = ...) -> None: ...

class DirectoryLine(_message.Message):
    __slots__ = ("member", "member_type", "name", "desks", "sequence", "expires_at", "via", "known", "languages", "hosted_by", "mandate_until")
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    MEMBER_TYPE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    DESKS_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    VIA_FIELD_NUMBER: _ClassVar[int]
    KNOWN_FIELD_NUMBER: _ClassVar[int]
    LANGUAGES_FIELD_NUMBER: _ClassVar[int]
    HOSTED_BY_FIELD_NUMBER: _ClassVar[int]
    MANDATE_UNTIL_FIELD_NUMBER: _ClassVar[int]
    member: str
    member_type: str
    name: str
    desks: _containers.RepeatedScalarFieldContainer[str]
    sequence: int
    expires_at: str
    via: str
    known: bool
    languages: _containers.RepeatedScalarFieldContainer[str]
    hosted_by: str
    mandate_until: str
    def __init__(self, member: _Optional[str] = ..., member_type: _Optional[str] = ..., name: _Optional[str] = ..., desks: _Optional[_Iterable[str]] = ..., sequence: _Optional[int] = ..., expires_at: _Optional[str] = ..., via: _Optional[str] = ..., known: _Optional[bool] = ..., languages: _Optional[_Iterable[str]] = ..., hosted_by: _Optional[str] = ..., mandate_until: _Optional[str] = ...) -> None: ...

class ImportPapersRequest(_message.Message):
    __slots__ = ("announcement",)
    ANNOUNCEMENT_FIELD_NUMBER: _ClassVar[int]
    announcement: _post_pb2.Announcement
    def __init__(self, announcement: _Optional[_Union[_post_pb2.Announcement, _Mapping]] = ...) -> None: ...

class ImportPapersResponse(_message.Message):
    __slots__ = ("taken",)
    TAKEN_FIELD_NUMBER: _ClassVar[int]
    taken: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, taken: _Optional[_Iterable[str]] = ...) -> None: ...

class ExportPapersRequest(_message.Message):
    __slots__ = ("member",)
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    member: str
    def __init__(self, member: _Optional[str] = ...) -> None: ...

class ExportPapersResponse(_message.Message):
    __slots__ = ("announcement",)
    ANNOUNCEMENT_FIELD_NUMBER: _ClassVar[int]
    announcement: _post_pb2.Announcement
    def __init__(self, announcement: _Optional[_Union[_post_pb2.Announcement, _Mapping]] = ...) -> None: ...

class ShowTrustRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class TrustView(_message.Message):
    __slots__ = ("sequence", "next_update", "stewards", "members", "trust_list")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    NEXT_UPDATE_FIELD_NUMBER: _ClassVar[int]
    STEWARDS_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    TRUST_LIST_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    next_update: str
    stewards: _containers.RepeatedScalarFieldContainer[str]
    members: _containers.RepeatedScalarFieldContainer[str]
    trust_list: bytes
    def __init__(self, sequence: _Optional[int] = ..., next_update: _Optional[str] = ..., stewards: _Optional[_Iterable[str]] = ..., members: _Optional[_Iterable[str]] = ..., trust_list: _Optional[bytes] = ...) -> None: ...

class ListAuditRequest(_message.Message):
    __slots__ = ("after", "page_size", "before")
    AFTER_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    after: int
    page_size: int
    before: int
    def __init__(self, after: _Optional[int] = ..., page_size: _Optional[int] = ..., before: _Optional[int] = ...) -> None: ...

class ListAuditResponse(_message.Message):
    __slots__ = ("events",)
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[AuditEvent]
    def __init__(self, events: _Optional[_Iterable[_Union[AuditEvent, _Mapping]]] = ...) -> None: ...

class AuditEvent(_message.Message):
    __slots__ = ("number", "at", "actor", "action", "subject", "outcome")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    number: int
    at: str
    actor: str
    action: str
    subject: str
    outcome: str
    def __init__(self, number: _Optional[int] = ..., at: _Optional[str] = ..., actor: _Optional[str] = ..., action: _Optional[str] = ..., subject: _Optional[str] = ..., outcome: _Optional[str] = ...) -> None: ...

class PolicyVersion(_message.Message):
    __slots__ = ("version", "state", "base_sha256", "text_sha256", "set_sha256", "proposed_by", "proposed_at", "note", "decided_by", "decided_at", "document", "text", "policies", "log_index")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    BASE_SHA256_FIELD_NUMBER: _ClassVar[int]
    TEXT_SHA256_FIELD_NUMBER: _ClassVar[int]
    SET_SHA256_FIELD_NUMBER: _ClassVar[int]
    PROPOSED_BY_FIELD_NUMBER: _ClassVar[int]
    PROPOSED_AT_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    DECIDED_BY_FIELD_NUMBER: _ClassVar[int]
    DECIDED_AT_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    POLICIES_FIELD_NUMBER: _ClassVar[int]
    LOG_INDEX_FIELD_NUMBER: _ClassVar[int]
    version: int
    state: PolicyState
    base_sha256: str
    text_sha256: str
    set_sha256: str
    proposed_by: str
    proposed_at: str
    note: str
    decided_by: str
    decided_at: str
    document: str
    text: str
    policies: _containers.RepeatedScalarFieldContainer[str]
    log_index: int
    def __init__(self, version: _Optional[int] = ..., state: _Optional[_Union[PolicyState, str]] = ..., base_sha256: _Optional[str] = ..., text_sha256: _Optional[str] = ..., set_sha256: _Optional[str] = ..., proposed_by: _Optional[str] = ..., proposed_at: _Optional[str] = ..., note: _Optional[str] = ..., decided_by: _Optional[str] = ..., decided_at: _Optional[str] = ..., document: _Optional[str] = ..., text: _Optional[str] = ..., policies: _Optional[_Iterable[str]] = ..., log_index: _Optional[int] = ...) -> None: ...

class ShowPoliciesRequest(_message.Message):
    __slots__ = ("with_text",)
    WITH_TEXT_FIELD_NUMBER: _ClassVar[int]
    with_text: bool
    def __init__(self, with_text: _Optional[bool] = ...) -> None: ...

class PolicyView(_message.Message):
    __slots__ = ("member", "set_sha256", "base_sha256", "listed_base_sha256", "base_text", "base_policies", "versions", "clock")
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    SET_SHA256_FIELD_NUMBER: _ClassVar[int]
    BASE_SHA256_FIELD_NUMBER: _ClassVar[int]
    LISTED_BASE_SHA256_FIELD_NUMBER: _ClassVar[int]
    BASE_TEXT_FIELD_NUMBER: _ClassVar[int]
    BASE_POLICIES_FIELD_NUMBER: _ClassVar[int]
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    CLOCK_FIELD_NUMBER: _ClassVar[int]
    member: str
    set_sha256: str
    base_sha256: str
    listed_base_sha256: str
    base_text: str
    base_policies: _containers.RepeatedScalarFieldContainer[str]
    versions: _containers.RepeatedCompositeFieldContainer[PolicyVersion]
    clock: int
    def __init__(self, member: _Optional[str] = ..., set_sha256: _Optional[str] = ..., base_sha256: _Optional[str] = ..., listed_base_sha256: _Optional[str] = ..., base_text: _Optional[str] = ..., base_policies: _Optional[_Iterable[str]] = ..., versions: _Optional[_Iterable[_Union[PolicyVersion, _Mapping]]] = ..., clock: _Optional[int] = ...) -> None: ...

class ProposePolicyRequest(_message.Message):
    __slots__ = ("version", "base_sha256", "text", "time", "note", "approval", "certificates")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    BASE_SHA256_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    APPROVAL_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATES_FIELD_NUMBER: _ClassVar[int]
    version: int
    base_sha256: str
    text: str
    time: int
    note: str
    approval: str
    certificates: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, version: _Optional[int] = ..., base_sha256: _Optional[str] = ..., text: _Optional[str] = ..., time: _Optional[int] = ..., note: _Optional[str] = ..., approval: _Optional[str] = ..., certificates: _Optional[_Iterable[bytes]] = ...) -> None: ...

class DecidePolicyRequest(_message.Message):
    __slots__ = ("version", "approval", "certificates")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    APPROVAL_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATES_FIELD_NUMBER: _ClassVar[int]
    version: int
    approval: str
    certificates: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, version: _Optional[int] = ..., approval: _Optional[str] = ..., certificates: _Optional[_Iterable[bytes]] = ...) -> None: ...

class ExplainPolicyRequest(_message.Message):
    __slots__ = ("what", "desk")
    WHAT_FIELD_NUMBER: _ClassVar[int]
    DESK_FIELD_NUMBER: _ClassVar[int]
    what: str
    desk: str
    def __init__(self, what: _Optional[str] = ..., desk: _Optional[str] = ...) -> None: ...

class PolicyExplanation(_message.Message):
    __slots__ = ("set_sha256", "statements")
    SET_SHA256_FIELD_NUMBER: _ClassVar[int]
    STATEMENTS_FIELD_NUMBER: _ClassVar[int]
    set_sha256: str
    statements: _containers.RepeatedCompositeFieldContainer[ExplainedStatement]
    def __init__(self, set_sha256: _Optional[str] = ..., statements: _Optional[_Iterable[_Union[ExplainedStatement, _Mapping]]] = ...) -> None: ...

class ExplainedStatement(_message.Message):
    __slots__ = ("statement", "kind", "from_member", "to", "thread", "classes", "readers", "desk_locked", "problem")
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    FROM_MEMBER_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    THREAD_FIELD_NUMBER: _ClassVar[int]
    CLASSES_FIELD_NUMBER: _ClassVar[int]
    READERS_FIELD_NUMBER: _ClassVar[int]
    DESK_LOCKED_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    statement: str
    kind: str
    from_member: str
    to: _containers.RepeatedScalarFieldContainer[str]
    thread: str
    classes: _containers.RepeatedCompositeFieldContainer[SignedClass]
    readers: _containers.RepeatedCompositeFieldContainer[ExplainedReader]
    desk_locked: bool
    problem: _post_pb2.Problem
    def __init__(self, statement: _Optional[str] = ..., kind: _Optional[str] = ..., from_member: _Optional[str] = ..., to: _Optional[_Iterable[str]] = ..., thread: _Optional[str] = ..., classes: _Optional[_Iterable[_Union[SignedClass, _Mapping]]] = ..., readers: _Optional[_Iterable[_Union[ExplainedReader, _Mapping]]] = ..., desk_locked: _Optional[bool] = ..., problem: _Optional[_Union[_post_pb2.Problem, _Mapping]] = ...) -> None: ...

class SignedClass(_message.Message):
    __slots__ = ("of_class", "paths", "hidden", "exact")
    OF_CLASS_FIELD_NUMBER: _ClassVar[int]
    PATHS_FIELD_NUMBER: _ClassVar[int]
    HIDDEN_FIELD_NUMBER: _ClassVar[int]
    EXACT_FIELD_NUMBER: _ClassVar[int]
    of_class: _options_pb2.Sensitivity
    paths: _containers.RepeatedScalarFieldContainer[str]
    hidden: int
    exact: bool
    def __init__(self, of_class: _Optional[_Union[_options_pb2.Sensitivity, str]] = ..., paths: _Optional[_Iterable[str]] = ..., hidden: _Optional[int] = ..., exact: _Optional[bool] = ...) -> None: ...

class ExplainedReader(_message.Message):
    __slots__ = ("member", "desk", "standing", "action", "context", "rules", "below")
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    DESK_FIELD_NUMBER: _ClassVar[int]
    STANDING_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    BELOW_FIELD_NUMBER: _ClassVar[int]
    member: str
    desk: str
    standing: str
    action: str
    context: _containers.RepeatedScalarFieldContainer[str]
    rules: _containers.RepeatedCompositeFieldContainer[ClassRule]
    below: str
    def __init__(self, member: _Optional[str] = ..., desk: _Optional[str] = ..., standing: _Optional[str] = ..., action: _Optional[str] = ..., context: _Optional[_Iterable[str]] = ..., rules: _Optional[_Iterable[_Union[ClassRule, _Mapping]]] = ..., below: _Optional[str] = ...) -> None: ...

class ClassRule(_message.Message):
    __slots__ = ("of_class", "allowed", "policies")
    OF_CLASS_FIELD_NUMBER: _ClassVar[int]
    ALLOWED_FIELD_NUMBER: _ClassVar[int]
    POLICIES_FIELD_NUMBER: _ClassVar[int]
    of_class: _options_pb2.Sensitivity
    allowed: bool
    policies: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, of_class: _Optional[_Union[_options_pb2.Sensitivity, str]] = ..., allowed: _Optional[bool] = ..., policies: _Optional[_Iterable[str]] = ...) -> None: ...

class ComparePolicyRequest(_message.Message):
    __slots__ = ("text", "stored", "desk")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    STORED_FIELD_NUMBER: _ClassVar[int]
    DESK_FIELD_NUMBER: _ClassVar[int]
    text: str
    stored: bool
    desk: str
    def __init__(self, text: _Optional[str] = ..., stored: _Optional[bool] = ..., desk: _Optional[str] = ...) -> None: ...

class PolicyDifference(_message.Message):
    __slots__ = ("before_sha256", "after_sha256", "changes", "fields", "stored", "statements", "older_left_out")
    BEFORE_SHA256_FIELD_NUMBER: _ClassVar[int]
    AFTER_SHA256_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    STORED_FIELD_NUMBER: _ClassVar[int]
    STATEMENTS_FIELD_NUMBER: _ClassVar[int]
    OLDER_LEFT_OUT_FIELD_NUMBER: _ClassVar[int]
    before_sha256: str
    after_sha256: str
    changes: _containers.RepeatedCompositeFieldContainer[ReaderChange]
    fields: _containers.RepeatedCompositeFieldContainer[ClassFields]
    stored: _containers.RepeatedCompositeFieldContainer[StoredChange]
    statements: int
    older_left_out: bool
    def __init__(self, before_sha256: _Optional[str] = ..., after_sha256: _Optional[str] = ..., changes: _Optional[_Iterable[_Union[ReaderChange, _Mapping]]] = ..., fields: _Optional[_Iterable[_Union[ClassFields, _Mapping]]] = ..., stored: _Optional[_Iterable[_Union[StoredChange, _Mapping]]] = ..., statements: _Optional[int] = ..., older_left_out: _Optional[bool] = ...) -> None: ...

class ReaderChange(_message.Message):
    __slots__ = ("desk", "member_type", "member", "competence", "of_class", "gained", "actions", "when", "unless")
    DESK_FIELD_NUMBER: _ClassVar[int]
    MEMBER_TYPE_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    COMPETENCE_FIELD_NUMBER: _ClassVar[int]
    OF_CLASS_FIELD_NUMBER: _ClassVar[int]
    GAINED_FIELD_NUMBER: _ClassVar[int]
    ACTIONS_FIELD_NUMBER: _ClassVar[int]
    WHEN_FIELD_NUMBER: _ClassVar[int]
    UNLESS_FIELD_NUMBER: _ClassVar[int]
    desk: str
    member_type: str
    member: str
    competence: str
    of_class: _options_pb2.Sensitivity
    gained: bool
    actions: _containers.RepeatedScalarFieldContainer[str]
    when: _containers.RepeatedScalarFieldContainer[str]
    unless: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, desk: _Optional[str] = ..., member_type: _Optional[str] = ..., member: _Optional[str] = ..., competence: _Optional[str] = ..., of_class: _Optional[_Union[_options_pb2.Sensitivity, str]] = ..., gained: _Optional[bool] = ..., actions: _Optional[_Iterable[str]] = ..., when: _Optional[_Iterable[str]] = ..., unless: _Optional[_Iterable[str]] = ...) -> None: ...

class ClassFields(_message.Message):
    __slots__ = ("of_class", "gained", "kinds")
    OF_CLASS_FIELD_NUMBER: _ClassVar[int]
    GAINED_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    of_class: _options_pb2.Sensitivity
    gained: bool
    kinds: _containers.RepeatedCompositeFieldContainer[KindFields]
    def __init__(self, of_class: _Optional[_Union[_options_pb2.Sensitivity, str]] = ..., gained: _Optional[bool] = ..., kinds: _Optional[_Iterable[_Union[KindFields, _Mapping]]] = ...) -> None: ...

class KindFields(_message.Message):
    __slots__ = ("kind", "paths")
    KIND_FIELD_NUMBER: _ClassVar[int]
    PATHS_FIELD_NUMBER: _ClassVar[int]
    kind: str
    paths: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, kind: _Optional[str] = ..., paths: _Optional[_Iterable[str]] = ...) -> None: ...

class StoredChange(_message.Message):
    __slots__ = ("thread", "statement", "kind", "desk", "of_class", "gained", "paths", "hidden", "exact")
    THREAD_FIELD_NUMBER: _ClassVar[int]
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    DESK_FIELD_NUMBER: _ClassVar[int]
    OF_CLASS_FIELD_NUMBER: _ClassVar[int]
    GAINED_FIELD_NUMBER: _ClassVar[int]
    PATHS_FIELD_NUMBER: _ClassVar[int]
    HIDDEN_FIELD_NUMBER: _ClassVar[int]
    EXACT_FIELD_NUMBER: _ClassVar[int]
    thread: str
    statement: str
    kind: str
    desk: str
    of_class: _options_pb2.Sensitivity
    gained: bool
    paths: _containers.RepeatedScalarFieldContainer[str]
    hidden: int
    exact: bool
    def __init__(self, thread: _Optional[str] = ..., statement: _Optional[str] = ..., kind: _Optional[str] = ..., desk: _Optional[str] = ..., of_class: _Optional[_Union[_options_pb2.Sensitivity, str]] = ..., gained: _Optional[bool] = ..., paths: _Optional[_Iterable[str]] = ..., hidden: _Optional[int] = ..., exact: _Optional[bool] = ...) -> None: ...
